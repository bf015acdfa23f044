"""HTML to PDF: one file that is both PDF/A-3a (for the archive) and PDF/UA-1 (for every reader).

A page that is printed needs `<html lang>`, a `<title>`, `alt` on images, a `<title>` in each inline svg, and
`img { image-rendering: crisp-edges }`, since PDF/A forbids interpolated images.

The file is made in a process of its own (core/pdf_engine.py): a long report takes some 200 MB, of which Python gives
little back, and it would hold up the worker's other requests.
"""

import atexit
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from platssamverkan.core import pdf_engine
from platssamverkan.core.errors import DomainError

Relationship = Literal["Source", "Data", "Alternative", "Supplement", "Unspecified"]

#: Where links lead when no site address is known; `.invalid` never resolves.
NO_SITE = "https://platssamverkan.invalid"
#: The longest that a file may take, the wait for a free process included.
SECONDS = 180
#: So many files are made at once by one worker: a sheet does not wait for a long report.
AT_ONCE = 2
#: A process that holds more than this after a file is replaced; so is one that has waited long, when it is needed.
MOST_MEGABYTES = 130
IDLE_SECONDS = 60


class ResourceRefused(Exception):
    """The page asked for something that is not in static/."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url[:200]}: {reason}")
        self.url = url


class PdfFailed(Exception):
    """The file could not be made: a fault of ours, told with where it happened."""


class PdfTimedOut(DomainError):
    """The file took longer than anyone waits."""

    status = 503

    def __init__(self) -> None:
        super().__init__("Det tog för lång tid att göra filen. Försök igen om en stund.")


class PdfWithoutRoom(DomainError):
    """The disk is full: fonts are unpacked while a file is made."""

    status = 503

    def __init__(self) -> None:
        super().__init__("Det finns inget utrymme kvar på servern att göra filen. Säg till den som sköter programmet.")


@dataclass(frozen=True, slots=True)
class PdfAttachment:
    """A file embedded in the PDF, such as the figures behind a report as CSV."""

    name: str
    content: bytes
    description: str
    created_at: datetime
    relationship: Relationship = "Data"


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    """The bytes of a PDF and how many pages it has."""

    content: bytes
    page_count: int


def render_document(
    html: str,
    *,
    base_url_static: Path,
    attachments: Sequence[PdfAttachment] = (),
    site_url: str = NO_SITE,
) -> RenderedPdf:
    """Return `html` as PDF/A-3a and PDF/UA-1, with its number of pages. The same input gives the same bytes.

    :param base_url_static: the folder that `/static/…` is read from
    :param site_url: the address of the site, so that links in the file lead back to it
    :raises ResourceRefused: if the page asks for anything else; nothing is ever fetched from a network
    :raises PdfTimedOut: if it takes too long
    :raises PdfWithoutRoom: if the disk is full
    :raises PdfFailed: if it can't be made
    """
    answer = _engines.ask(
        {
            "html": html,
            "static": str(base_url_static.resolve()),
            "site": site_url.rstrip("/"),
            "attachments": [
                {
                    "name": attachment.name,
                    "content": pdf_engine.packed(attachment.content),
                    "description": attachment.description,
                    "relationship": attachment.relationship,
                    "created_at": attachment.created_at.astimezone(UTC).isoformat(),
                }
                for attachment in attachments
            ],
        }
    )
    if "refused" in answer:
        raise ResourceRefused(*answer["refused"])
    if "full" in answer:
        raise PdfWithoutRoom
    if "failed" in answer:
        raise PdfFailed(answer["failed"])
    return RenderedPdf(content=pdf_engine.unpacked(answer["content"]), page_count=answer["pages"])


class _Engine:
    """One process that makes PDFs."""

    def __init__(self) -> None:
        # -P: the folder of the script is not where modules are looked for; its neighbours are called like libraries.
        script = str(Path(pdf_engine.__file__).resolve())
        command = [sys.executable, "-P", script, str(MOST_MEGABYTES), str(IDLE_SECONDS)]
        self.process = subprocess.Popen(  # noqa: S603  (our own file)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, job: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        """Return the answer to `job`, or None when the process has ended. Raises PdfTimedOut after `seconds`."""
        assert self.process.stdin is not None  # noqa: S101  (both are pipes)
        assert self.process.stdout is not None  # noqa: S101
        timed_out = threading.Event()

        def stop() -> None:
            timed_out.set()
            self.process.kill()

        timer = threading.Timer(max(seconds, 0.1), stop)
        timer.daemon = True
        timer.start()
        answer = None
        try:
            with suppress(BrokenPipeError):
                pdf_engine.write(self.process.stdin, job)
                answer = pdf_engine.read(self.process.stdout)
        finally:
            timer.cancel()
        if answer is None and timed_out.is_set():
            self.end()
            raise PdfTimedOut
        return answer

    def end(self) -> None:
        """Let the process end, and wait for it."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=1)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class _Engines:
    """The processes of this worker: at most `AT_ONCE` that work, and those that wait for work."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._idle: list[_Engine] = []

    def ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to `job`. Raises PdfTimedOut or PdfFailed."""
        until = time.monotonic() + SECONDS
        if not self._free.acquire(timeout=SECONDS):
            raise PdfTimedOut
        try:
            return self._ask(job, until)
        finally:
            self._free.release()

    def _ask(self, job: Mapping[str, Any], until: float) -> dict[str, Any]:
        while True:
            engine, is_new = self._take()
            answer = engine.ask(job, until - time.monotonic())
            if answer is not None:
                break
            engine.end()
            # One that had waited may have ended just then; one that was started for this did not get through.
            if is_new:
                raise PdfFailed(f"the process ended with {engine.process.returncode}")
        if answer["last"]:
            engine.end()
            engine = _Engine()
        with self._lock:
            self._idle.append(engine)
        return answer

    def _take(self) -> tuple[_Engine, bool]:
        """Return a process to ask, and whether it was started for this."""
        with self._lock:
            while self._idle:
                engine = self._idle.pop()
                if engine.process.poll() is None:
                    return engine, False
                engine.end()
        return _Engine(), True

    def end(self) -> None:
        """End the processes that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for engine in idle:
            engine.end()


_engines = _Engines()


def _forget() -> None:
    """Leave the parent's processes to the parent."""
    global _engines  # noqa: PLW0603
    _engines = _Engines()


def end_engines() -> None:
    """End the processes that wait for work; the next file starts one anew."""
    _engines.end()


os.register_at_fork(after_in_child=_forget)
atexit.register(end_engines)
