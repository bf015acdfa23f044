"""`flask report`: documents from the command line, and its one-line errors."""

from pathlib import Path

import pytest
from flask import Flask

from platssamverkan.briefings.models import BriefingState
from platssamverkan.core.db import db
from tests.briefings.builders import a_briefing
from tests.builders import World
from tests.reports.builders import SECRET, a_forum, a_period
from tests.support.pdf_check import check_pdf, page_count, pdf_text


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
        (["sergels", "--kind", "minutes", "--id", "999"], "finns inte i sergels"),
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
