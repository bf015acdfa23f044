"""`flask report`: documents from the command line, and its one-line errors."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from platssamverkan.briefings.models import BriefingState
from platssamverkan.core.db import db
from platssamverkan.core.pdf import PdfWithoutRoom, end_engines
from tests.briefings.builders import a_briefing
from tests.builders import World
from tests.reports.builders import SECRET, a_forum, a_period
from tests.support.pdf_check import check_pdf, page_count, pdf_text

#: Larger than what the database needs to be read.
SMALLER_THAN_A_REPORT = 33_000


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow larger, as when the disk is full. A process that makes PDFs keeps what it started with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["report", *arguments])
    return result.exit_code, result.output


def test_all_three_documents_are_written_and_pass_pdf_a_and_pdf_ua(app: Flask, world: World, tmp_path: Path) -> None:
    with app.app_context():
        made = a_period(world)
        meeting_id = made["meeting"]
        briefing_id = a_briefing(world, "sergels", state=BriefingState.HELD).id
        db.session.commit()
    files = [tmp_path / name for name in ("rapport.pdf", "anteckningar.pdf", "blad.pdf")]
    runs = [
        run(app, "sergels", "--period", "2026-vb", "--out", str(files[0])),
        run(app, "sergels", "--kind", "minutes", "--id", str(meeting_id), "--out", str(files[1])),
        run(app, "sergels", "--kind", "briefing", "--id", str(briefing_id), "--out", str(files[2])),
    ]
    for (code, said), file in zip(runs, files, strict=True):
        assert (code, str(file) in said) == (0, True)
        assert SECRET not in pdf_text(file.read_bytes())
    assert "utkast" in runs[0][1].lower()
    assert page_count(files[2].read_bytes()) == 1
    assert check_pdf(files) == []


def test_the_version_for_authorities_is_asked_for_by_name(app: Flask, world: World, tmp_path: Path) -> None:
    with app.app_context():
        meeting_id, _ = a_forum(world)
        db.session.commit()
    file = tmp_path / "anteckningar.pdf"
    code, _ = run(
        app, "sergels", "--kind", "minutes", "--id", str(meeting_id), "--for", "authorities", "--out", str(file)
    )
    assert code == 0
    assert SECRET in pdf_text(file.read_bytes())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["okand", "--period", "2026-vb"], "Det finns ingen samverkan"),
        (["sergels"], "Ange period med --period"),
        (["sergels", "--period", "2026-t9"], "går inte att läsa"),
        (["sergels", "--kind", "minutes"], "Ange vilket möte"),
        (["sergels", "--kind", "minutes", "--id", ""], "Ange vilket möte"),
        (["sergels", "--kind", "minutes", "--id", "999"], "finns inte i sergels"),
        (["sergels", "--kind", "minutes", "--id", "ett"], "finns inte i sergels"),
        (["\udcff", "--period", "2026-vb"], "tecken som inte går att läsa"),
        (["sergels", "--kind", "brev"], "Det finns inget dokument"),
        (["sergels", "--kind", "briefing", "--id", "1", "--for", "public"], "görs inte för"),
        (["sergels", "--period", "2026-vb", "--for", "alla"], "görs inte för"),
    ],
)
def test_mistakes_give_one_line_and_exit_code_1(
    app: Flask, world: World, tmp_path: Path, arguments: list[str], message: str
) -> None:
    code, said = run(app, *arguments, "--out", str(tmp_path / "x.pdf"))
    assert code == 1
    assert message in said
    assert len(said.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(app: Flask, world: World, tmp_path: Path) -> None:
    code, said = run(app, "sergels", "--period", "2026-vb", "--out", str(tmp_path / "ingen" / "x.pdf"))
    assert (code, "finns inte" in said) == (1, True)


def test_a_folder_is_no_file_and_neither_is_nothing(app: Flask, world: World, tmp_path: Path) -> None:
    for given in ([], ["--out", str(tmp_path)], ["--out", "/dev/null"]):
        code, said = run(app, "sergels", "--period", "2026-vb", *given)
        assert (code, "med --out, till exempel rapport.pdf." in said, said.count("\n")) == (1, True, 1)


def test_a_full_disk_leaves_the_file_that_was_there(app: Flask, world: World, tmp_path: Path) -> None:
    file = tmp_path / "rapport.pdf"
    assert run(app, "sergels", "--period", "2026-vb", "--out", str(file))[0] == 0
    before = file.read_bytes()
    with room_for(SMALLER_THAN_A_REPORT):
        code, said = run(app, "sergels", "--period", "2026-vb", "--out", str(file))
    assert (code, f"Det gick inte att skriva {file}" in said) == (1, True)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("rapport.pdf", before)]


def test_a_document_that_there_is_no_room_to_make_is_said(app: Flask, world: World, tmp_path: Path) -> None:
    end_engines()
    with room_for(SMALLER_THAN_A_REPORT):
        code, said = run(app, "sergels", "--period", "2026-vb", "--out", str(tmp_path / "rapport.pdf"))
    end_engines()
    assert (code, said) == (1, f"Error: {PdfWithoutRoom().message}\n")
    assert list(tmp_path.iterdir()) == []
