"""The memory of one production worker after many requests of all kinds."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from bench.database import settings

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
#: Until a process that is replaced after a long file has its libraries loaded.
SETTLE_SECONDS = 5


def worker_megabytes(
    folder: Path, cookie: str, paths: Sequence[str], pdf_path: str, requests: int
) -> tuple[float, float]:
    """Return the memory of one gunicorn worker after `requests` requests in turn of `paths`, and after a PDF.

    In megabytes, with the worker's own processes, in which PDFs are made. :raises RuntimeError: when the worker doesn't
    start
    """
    port = _free_port()
    command = [
        sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4",
        "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings(folder)}) as process:  # noqa: S603
        try:
            _wait_for(port)
            for number in range(requests):
                _get(port, paths[number % len(paths)], cookie)
            pages_only = _worker(process.pid)
            _get(port, pdf_path, cookie)
            time.sleep(SETTLE_SECONDS)
            return pages_only, _worker(process.pid)
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(START_SECONDS * 10):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the worker did not start")


def _get(port: int, path: str, cookie: str) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": cookie})
    try:
        with urllib.request.urlopen(request, timeout=300) as response:  # noqa: S310  (our own worker)
            response.read()
    except urllib.error.HTTPError as error:
        # The table has told of it already; a failing page costs memory too.
        error.close()


def _worker(master: int) -> float:
    """Return the memory of the one worker that the gunicorn process has started, with that of its own processes."""
    return max(_resident(worker) + sum(map(_resident, _children(worker))) for worker in _children(master))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0
