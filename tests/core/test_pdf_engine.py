"""PDFs are made in processes of their own, which are reused, replaced and end with their parent."""

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from platssamverkan.core import pdf, pdf_engine
from platssamverkan.core.errors import DomainError
from platssamverkan.core.pdf import PdfFailed, PdfTimedOut, PdfWithoutRoom, render_document

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
PAGE = '<!DOCTYPE html><html lang="sv"><head><meta charset="utf-8"><title>Blad</title></head><body>{}</body></html>'
SMALL = PAGE.format("<h1>Blad</h1><p>Text</p>")


@pytest.fixture(autouse=True)
def _no_process_from_before():
    pdf.end_engines()
    yield
    pdf.end_engines()


def made(html: str = SMALL) -> bytes:
    return render_document(html, base_url_static=STATIC).content


def waiting() -> list[int]:
    """Return the processes of this one that wait for work."""
    return [engine.process.pid for engine in pdf._engines._idle]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_this_process_never_loads_the_typesetter():
    program = f"""
import sys
from pathlib import Path
from platssamverkan.core.pdf import render_document
assert render_document({SMALL!r}, base_url_static=Path({str(STATIC)!r})).content[:4] == b"%PDF"
assert "weasyprint" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=120)


def test_one_process_makes_file_after_file():
    first = made()
    (pid,) = waiting()
    assert made() == first
    assert waiting() == [pid]


def test_a_job_that_took_much_memory_is_the_last_of_its_process(monkeypatch):
    monkeypatch.setattr(pdf, "MOST_MEGABYTES", 1)
    first = made()
    (spare,) = waiting()
    assert made() == first
    (next_spare,) = waiting()
    assert spare != next_spare
    assert not is_alive(spare)


def test_a_process_that_waits_long_ends_and_the_next_file_starts_another(monkeypatch):
    monkeypatch.setattr(pdf, "IDLE_SECONDS", 0.3)
    first = made()
    (pid,) = waiting()
    until = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(pid)
    assert made() == first


def test_a_process_that_ended_while_it_waited_is_replaced():
    made()
    (pid,) = waiting()
    os.kill(pid, signal.SIGKILL)
    assert made()
    assert waiting() != [pid]


def test_many_threads_share_few_processes():
    with ThreadPoolExecutor(6) as pool:
        files = set(pool.map(lambda _number: made(), range(12)))
    assert len(files) == 1
    assert 1 <= len(waiting()) <= pdf.AT_ONCE


def test_a_fault_says_where_it_happened_and_the_process_goes_on():
    made()
    before = waiting()
    with pytest.raises(PdfFailed, match="UnicodeEncodeError"):
        made("\ud800")
    assert waiting() == before
    assert made()


def test_a_full_disk_is_told_of_and_the_process_goes_on():
    style = '<link rel="stylesheet" href="/static/css/document.css"></head>'
    with_fonts = SMALL.replace("</head>", style)
    made(with_fonts)
    (pid,) = waiting()
    room = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, room[1]))
    with pytest.raises(PdfWithoutRoom, match="inget utrymme"):
        made(with_fonts)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, room)
    assert made(with_fonts)
    assert waiting() == [pid]


@pytest.mark.parametrize(
    ("raised", "is_full"),
    [
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"), True),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/usr/lib/html5_ua.css"), False),
    ],
)
def test_only_a_missing_folder_is_taken_for_a_full_disk(raised, is_full):
    assert pdf_engine._is_without_room(raised) is is_full


def test_what_takes_too_long_is_stopped_with_a_sentence(monkeypatch):
    monkeypatch.setattr(pdf, "SECONDS", 0.2)
    with pytest.raises(PdfTimedOut, match="för lång tid") as told:
        made()
    assert isinstance(told.value, DomainError)
    assert told.value.status == 503
    monkeypatch.undo()
    assert made()


def test_a_process_that_is_killed_at_work_is_a_fault():
    def kill_the_child() -> None:
        while not (found := _children()):
            time.sleep(0.01)
        for pid in found:
            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_the_child)
    killer.start()
    with pytest.raises(PdfFailed, match="ended"):
        made()
    killer.join()


def _children() -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
            line = stat.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and b"pdf_engine" in line:
            found.append(int(stat.parent.name))
    return found


@pytest.mark.parametrize("end", ["os._exit(1)", "os.kill(os.getpid(), 9)", "pass"])
def test_the_process_ends_with_its_parent(end):
    program = f"""
import os
from pathlib import Path
from platssamverkan.core import pdf, pdf_engine
pdf.render_document({SMALL!r}, base_url_static=Path({str(STATIC)!r}))
print(pdf._engines._idle[0].process.pid, flush=True)
{end}
"""
    parent = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    pid = int(parent.stdout)
    until = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(pid)


def test_a_forked_process_has_its_own():
    made()
    (pid,) = waiting()
    child = os.fork()
    if child == 0:
        os._exit(0 if not waiting() and made() and waiting() != [pid] else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert waiting() == [pid]
    assert made()
