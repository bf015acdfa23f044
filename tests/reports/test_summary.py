"""The summing up of a period in words: written, kept for its readers, locked with the report, then only corrected."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from platssamverkan.actors.models import Actor
from platssamverkan.core import clock, locks
from platssamverkan.core.audit import AuditEntry
from platssamverkan.core.db import db
from platssamverkan.core.drafts import Draft
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import ReportingPeriod
from platssamverkan.reports import summaries
from platssamverkan.reports.models import IssuedDocument, PeriodSummary, SummaryCorrection
from tests.builders import World, add
from tests.reports.builders import SECRET, a_period
from tests.support.pdf_check import pdf_text

BASE = "/samverkan/sergels/rapporter"
REPORT = f"{BASE}/maluppfyllelse/2026/vb"
URL = f"{REPORT}/sammanfattning"
WORDS = "Torget har blivit ljusare.\n\nHandeln syns mindre, men målnivån är inte nådd."
MADE = {"text": WORDS, "visibility": "partnership", "version": "0"}
ISSUE = {"kind": "goal-fulfilment", "subject": "2026-vb", "for": "partnership", "function": "Rapportansvarig"}


@pytest.fixture
def approved(app: Flask, world: World) -> dict[str, int]:
    with app.app_context():
        made = a_period(world, locked=True)
        db.session.commit()
        return made


def saved(app: Flask) -> list[PeriodSummary]:
    with app.app_context():
        return list(db.session.scalars(select(PeriodSummary).order_by(PeriodSummary.id)))


def a_summary(world: World, **changes: Any) -> PeriodSummary:
    values: dict[str, Any] = {
        "year": 2026, "period": ReportingPeriod.VB, "text": WORDS, "visibility": Visibility.PARTNERSHIP,
        "on": clock.today(), "by_function": "Samordnare", "owner_actor_id": world.actors["district"],
    }  # fmt: skip
    return summaries.write(world.partnerships["sergels"], **(values | changes))


def test_the_report_says_plainly_that_none_is_written_and_leads_writers_to_it(
    world: World, officer: FlaskClient, owner: FlaskClient, parse: Any
) -> None:
    page = parse(officer.get(REPORT))
    assert "Ingen sammanfattande bedömning är skriven." in page.text
    assert page.select_one(f"a[href='{URL}']").text == "Skriv den sammanfattande bedömningen"
    assert parse(owner.get(REPORT)).select(f"a[href='{URL}']") == []
    assert "Skriv den sammanfattande" not in pdf_text(officer.get(f"{REPORT}.pdf").data)


def test_it_is_written_in_paragraphs_above_the_figures(
    app: Flask, world: World, officer: FlaskClient, owner: FlaskClient, parse: Any
) -> None:
    response = officer.post(URL, data=MADE)
    assert (response.status_code, response.location) == (303, f"{REPORT}?for=partnership")
    told = parse(officer.get(response.location)).select_one(".preview-bar [autofocus]")
    assert told.text == "Den sammanfattande bedömningen är sparad."
    page = parse(owner.get(REPORT))
    first, second = page.select_one("#summary").find_next_siblings("p")[:2]
    assert (first.text, second.text) == tuple(WORDS.split("\n\n"))
    text_, figures = page.text.index("Torget har blivit ljusare"), page.text.index("Perioden i siffror")
    assert text_ < figures
    assert "Ingen sammanfattande bedömning" not in page.text
    in_file = " ".join(pdf_text(owner.get(f"{REPORT}.pdf").data).split())
    assert "Handeln syns mindre, men målnivån är inte nådd. Skriven av Officer" in in_file
    with app.app_context():
        logged = select(AuditEntry).where(AuditEntry.table_name == "period_summary")
        (entry,) = db.session.scalars(logged).all()
        assert entry.changes["text"] == [None, WORDS]
        assert entry.partnership_id == world.partnerships["sergels"]


@pytest.mark.parametrize("who", ["police", "owner", "reader", "auditor"])
def test_only_those_who_assess_goals_write_it(app: Flask, world: World, sign_in: Any, who: str) -> None:
    client = sign_in(who)
    for address in (URL, f"{URL}/rattelse", f"{URL}/ta-bort"):
        assert client.get(address).status_code == 403
        assert client.post(address, data=MADE).status_code == 403
    assert saved(app) == []


@pytest.mark.parametrize(
    "wrong",
    [{"text": " "}, {"text": "x" * 6001}, {"text": "Sedan kom 19800101-0019"}, {"visibility": "actor_internal"}],
)
def test_what_may_not_stand_there_is_refused_and_kept_in_the_form(
    app: Flask, world: World, officer: FlaskClient, parse: Any, wrong: dict[str, str]
) -> None:
    response = officer.post(URL, data=MADE | wrong)
    assert response.status_code == 422
    assert parse(response).select_one("textarea#text").text.strip() == (MADE | wrong)["text"].strip()
    assert saved(app) == []


def test_a_late_save_shows_both_texts(
    app: Flask, world: World, officer: FlaskClient, coordinator: FlaskClient, parse: Any
) -> None:
    officer.post(URL, data=MADE)
    assert coordinator.post(URL, data=MADE | {"text": "Första ändringen", "version": "1"}).status_code == 303
    response = officer.post(URL, data=MADE | {"text": "Andra ändringen", "version": "1"})
    assert response.status_code == 409
    page = parse(response)
    assert "Första ändringen" in page.select_one(".conflict-saved").text
    assert page.select_one("textarea[name=text]").text.strip() == "Andra ändringen"
    assert [row.text for row in saved(app)] == ["Första ändringen"]


def test_two_who_write_at_once_become_one_text(app: Flask, world: World, officer: FlaskClient) -> None:
    officer.post(URL, data=MADE)
    assert officer.post(URL, data=MADE | {"text": "Jag trodde att det var tomt"}).status_code == 409
    assert [row.text for row in saved(app)] == [WORDS]


def test_a_draft_is_offered_and_leaves_when_the_text_is_saved(
    app: Flask, world: World, officer: FlaskClient, parse: Any
) -> None:
    area = parse(officer.get(URL)).select_one("textarea#text")
    officer.post(area["data-draft-url"], data={"key": area["data-draft"], "text": "Halvskrivet"})
    page = parse(officer.get(URL))
    assert "är inte sparad" in page.text.replace("som inte är sparad", "är inte sparad")
    assert page.select_one("textarea#text").text.strip() == ""
    assert parse(officer.get(f"{URL}?utkast=1")).select_one("textarea#text").text.strip() == "Halvskrivet"
    officer.post(URL, data=MADE)
    with app.app_context():
        assert db.session.scalar(select(Draft.id)) is None


def test_text_for_authorities_is_in_no_other_version(
    app: Flask, world: World, officer: FlaskClient, owner: FlaskClient, parse: Any
) -> None:
    response = officer.post(URL, data=MADE | {"text": SECRET, "visibility": "authorities_only"})
    assert response.location == f"{REPORT}?for=authorities"
    for address in (REPORT, f"{REPORT}?for=public", f"{REPORT}.pdf"):
        answer = owner.get(address)
        shown = pdf_text(answer.data) if address.endswith("pdf") else answer.text
        assert SECRET not in shown
        assert "Den sammanfattande bedömningen är utelämnad i den här versionen" in " ".join(shown.split())
        assert "1 punkt är utelämnad" in " ".join(shown.split()).replace("\xa0", " ")
    assert SECRET in officer.get(f"{REPORT}?for=authorities").text


def test_who_may_not_read_it_does_not_write_over_it(app: Flask, world: World, officer: FlaskClient) -> None:
    with app.app_context():
        a_summary(world, text=SECRET, visibility=Visibility.AUTHORITIES_ONLY)
        db.session.get_one(Actor, world.actors["district"]).subject_to_osl = False
        db.session.commit()
    assert officer.get(URL).status_code == 409
    assert SECRET not in officer.get(URL).text
    assert officer.post(URL, data=MADE).status_code == 409
    assert "sammanfattning" not in officer.get(REPORT).text
    assert [row.text for row in saved(app)] == [SECRET]


def test_issuing_locks_it_and_then_it_is_only_corrected(
    app: Flask, approved: dict[str, int], officer: FlaskClient, parse: Any
) -> None:
    officer.post(URL, data=MADE)
    assert "Låses när rapporten utfärdas" in parse(officer.get(f"{BASE}/utfarda", query_string=ISSUE)).text
    assert officer.post(f"{URL}/rattelse", data={"text": "Fel", "reason": "Fel"}).status_code == 409
    assert officer.post(f"{BASE}/utfarda", data=ISSUE).status_code == 303
    (row,) = saved(app)
    assert row.locked_by_function == "Rapportansvarig"
    assert officer.post(URL, data=MADE | {"text": "Nytt", "version": str(row.version)}).status_code == 409
    assert officer.post(f"{URL}/ta-bort").status_code == 409
    assert officer.get(URL).location == f"{URL}/rattelse"
    assert officer.post(f"{URL}/rattelse", data={"text": "Det gäller 2026.", "reason": ""}).status_code == 422
    assert officer.post(f"{URL}/rattelse", data={"text": "Det gäller 2026.", "reason": "Fel år."}).status_code == 303
    page = parse(officer.get(REPORT))
    assert page.select_one(f"a[href='{URL}/rattelse']").text == "Rätta den sammanfattande bedömningen"
    note = " ".join(page.select_one(".note").text.split())
    assert note.startswith("Rättelse ")
    assert note.endswith("Officer Det gäller 2026. Skäl: Fel år.")
    assert "Torget har blivit ljusare" in page.text
    assert officer.post(f"{BASE}/utfarda", data=ISSUE).status_code == 303
    with app.app_context():
        issued = db.session.scalars(select(IssuedDocument).order_by(IssuedDocument.version)).all()
        first, second = (pdf_text(document.content) for document in issued)
    assert "Fel år" not in first
    assert "Fel år" in second


def test_a_report_without_the_text_leaves_it_open(app: Flask, approved: dict[str, int], officer: FlaskClient) -> None:
    officer.post(URL, data=MADE)
    assert officer.post(f"{BASE}/utfarda", data=ISSUE | {"for": "public"}).status_code == 303
    assert saved(app)[0].locked_at is None
    assert "Utelämnas" in officer.get(f"{BASE}/utfarda", query_string=ISSUE | {"for": "public"}).text


def test_an_open_text_is_removed_after_a_question(app: Flask, world: World, officer: FlaskClient) -> None:
    assert officer.get(f"{URL}/ta-bort").status_code == 404
    officer.post(URL, data=MADE)
    assert "tas bort" in officer.get(f"{URL}/ta-bort").text
    assert officer.post(f"{URL}/ta-bort").status_code == 303
    assert saved(app) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE period_summary SET text = 'Annat'",
        "UPDATE period_summary SET locked_at = NULL, locked_by_function = NULL",
        "DELETE FROM period_summary",
        "UPDATE summary_correction SET text = 'Annat'",
        "DELETE FROM summary_correction",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_issued(app: Flask, world: World, statement: str) -> None:
    with app.app_context():
        summary = a_summary(world)
        locks.lock([summary], by_function="Rapportansvarig")
        correction = SummaryCorrection(summary_id=summary.id)
        locks.correct(summary, correction, text="Rättat", reason="Fel", by_function="Samordnare")
        db.session.commit()
        with pytest.raises(DatabaseError):
            db.session.execute(text(statement))
        db.session.rollback()


def test_the_database_refuses_corrections_of_an_open_text_and_reports_that_print_it(app: Flask, world: World) -> None:
    with app.app_context():
        summary = a_summary(world)
        db.session.commit()
        row: dict[str, Any] = {"at": clock.now(), "by_function": "S", "text": "Rättat", "reason": "Fel"}
        with pytest.raises(DatabaseError):
            add(SummaryCorrection(summary_id=summary.id, **row))
        db.session.rollback()
        with pytest.raises(DatabaseError):
            issued(world, "partnership")
        db.session.rollback()
        issued(world, "public")


def issued(world: World, audience: str) -> IssuedDocument:
    return add(
        IssuedDocument(
            partnership_id=world.partnerships["sergels"], kind="goal-fulfilment", subject="2026-vb", title="Rapport",
            audience=audience, version=1, issued_at=clock.now(), issued_by_function="S", sha256="0" * 64, size=1,
            content=b"%", visibility=Visibility.PUBLIC,
        )
    )  # fmt: skip
