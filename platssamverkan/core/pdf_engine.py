"""The process that makes PDFs, one job after another, and holds the memory that takes: the web worker holds none of it.

Started by core/pdf.py as a script of its own, so that it loads WeasyPrint and nothing of the program. A job and its
answer are JSON behind their length; bytes are base64. It ends when its parent does, when nothing has been asked of it
for a while, after many jobs, and after a job that needed much memory, which Python would keep.
"""

import base64
import errno
import hashlib
import json
import mimetypes
import os
import re
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

MOST_JOBS = 200
LENGTH_BYTES = 8
#: The disk is full or may not be written to.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}

#: The PDF/UA mark, and the extension schema without which PDF/A does not allow it.
PDF_UA_METADATA = b"""\
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


class Refused(Exception):
    """The page asked for something that is neither in static/ nor handed in with it."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(reason)
        self.url, self.reason = url, reason


def write(pipe: IO[bytes], message: Mapping[str, Any]) -> None:
    """Send one message."""
    data = json.dumps(message).encode()
    pipe.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)
    pipe.flush()


def read(pipe: IO[bytes]) -> dict[str, Any] | None:
    """Return the next message, or None when the other side has gone."""
    head = pipe.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    data = pipe.read(int.from_bytes(head, "big"))
    if len(data) < int.from_bytes(head, "big"):
        return None
    message: dict[str, Any] = json.loads(data)
    return message


def packed(content: bytes) -> str:
    """Return bytes as they travel."""
    return base64.b64encode(content).decode()


def unpacked(text: str) -> bytes:
    """Return bytes that have travelled."""
    return base64.b64decode(text)


def render(job: Mapping[str, Any]) -> tuple[bytes, int]:
    """Return the bytes of the PDF that `job` asks for, and how many pages it has.

    :raises Refused: if the page asks for what it may not have
    """
    import weasyprint  # noqa: PLC0415  (the parent reads this module too, and never loads Pango)
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415

    site: str = job["site"]
    fetch = _fetcher(site, Path(job["static"]))
    options: dict[str, Any] = {
        "pdf_variant": "pdf/a-3a",
        "pdf_tags": True,
        "pdf_identifier": _identifier(job),
        "attachments": [_embedded(attachment) for attachment in job["attachments"]],
    }
    try:
        document = weasyprint.HTML(string=job["html"], base_url=f"{site}/", url_fetcher=fetch).render(**options)
        _mark_as_pdf_ua(document.metadata)
        content: bytes = document.write_pdf(**options)
    except FatalURLFetchingError as error:
        raise error.__cause__ or Refused(site, str(error)) from None
    if fetch.refused:
        # WeasyPrint goes on without a picture that an inline svg asks for.
        raise fetch.refused[0]
    return content, len(document.pages)


def _identifier(job: Mapping[str, Any]) -> bytes:
    digest = hashlib.sha256(job["html"].encode())
    for attachment in job["attachments"]:
        digest.update(attachment["name"].encode() + b"\0" + unpacked(attachment["content"]))
    return digest.hexdigest()[:32].encode()


def _embedded(attachment: Mapping[str, str]) -> Any:
    import weasyprint  # noqa: PLC0415  (see render)

    created_at = datetime.fromisoformat(attachment["created_at"])
    return weasyprint.Attachment(
        file_obj=BytesIO(unpacked(attachment["content"])),
        name=attachment["name"],
        description=attachment["description"],
        relationship=attachment["relationship"],
        created=created_at,
        modified=created_at,
    )


def _mark_as_pdf_ua(metadata: Any) -> None:
    """Add the PDF/UA mark to the metadata of a PDF/A. WeasyPrint writes one or the other, never both.

    `generate_rdf_metadata` is not a documented hook; the veraPDF test shows whether it still works.
    """
    plain = metadata.generate_rdf_metadata

    def with_pdf_ua(*arguments: Any) -> bytes:
        rdf: bytes = plain(*arguments)
        end = rdf.rindex(b"</rdf:RDF>")
        return rdf[:end] + PDF_UA_METADATA + rdf[end:]

    metadata.generate_rdf_metadata = with_pdf_ua


def _fetcher(site_url: str, static: Path) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415  (see render)

    folder = static.resolve()

    class OwnFilesOnly(URLFetcher):
        """Serves static/. Knows no other protocol, so a page can't reach out."""

        def __init__(self) -> None:
            super().__init__(fail_on_errors=True)
            self.refused: list[Refused] = []

        def fetch(self, url: str, headers: object = None) -> Any:
            if url.startswith("data:image/svg+xml,"):
                return URLFetcherResponse(url, unquote(url.partition(",")[2]), {"Content-Type": "image/svg+xml"})
            try:
                path = _path_on_site(url, site_url)
                content = _static_file(url, path, folder)
            except Refused as refused:
                self.refused.append(refused)
                raise
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return OwnFilesOnly()


def _path_on_site(url: str, site_url: str) -> str:
    asked, site = urlsplit(url), urlsplit(site_url)
    if (asked.scheme, asked.netloc) != (site.scheme, site.netloc):
        raise Refused(url, "en PDF hämtar inget utanför programmet")
    return unquote(asked.path)


def _static_file(url: str, path: str, folder: Path) -> bytes:
    if not path.startswith("/static/"):
        raise Refused(url, "en PDF visar bara filer ur static/")
    file = (folder / path.removeprefix("/static/")).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        raise Refused(url, "filen finns inte i static/")
    return file.read_bytes()


def _answer(job: Mapping[str, Any]) -> dict[str, Any]:
    try:
        content, pages = render(job)
    except Refused as refused:
        return {"refused": [refused.url, refused.reason]}
    except Exception as error:
        return {"full": True} if _is_without_room(error) else {"failed": traceback.format_exc()}
    return {"content": packed(content), "pages": pages}


def _is_without_room(error: Exception) -> bool:
    # That no folder is fit for what is unpacked is said of no file; a file that is missing is a fault of ours.
    return isinstance(error, OSError) and (
        error.errno in NO_ROOM or (error.errno == errno.ENOENT and error.filename is None)
    )


def _resident_megabytes() -> float:
    """Return the memory held now; 0 where the system does not say."""
    try:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return 0
    return int(found[1]) / 1024 if found else 0


def _end_with(parent: int) -> None:
    """End at once when the parent is gone, also in the middle of a job."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def main(most_megabytes: float, idle_seconds: float) -> None:
    """Do jobs until there is a reason to end: one that left more than `most_megabytes`, or none in `idle_seconds`."""
    # Ctrl+C in a terminal reaches this process too; its parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not mix with the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    import weasyprint  # noqa: F401, PLC0415  (loaded ahead of the first job)

    for number in range(1, MOST_JOBS + 1):
        if not select.select([jobs], [], [], idle_seconds)[0]:
            return
        job = read(jobs)
        if job is None:
            return
        answer = _answer(job)
        is_last = number == MOST_JOBS or _resident_megabytes() > most_megabytes
        write(answers, answer | {"last": is_last})
        if is_last:
            # Without the tidying of all that memory, which takes its time.
            os._exit(0)


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]))
