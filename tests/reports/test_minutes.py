"""Minutes as a document: headings, decisions with measures, corrections, audiences."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import delete, select

from platssamverkan.briefings.models import BriefingState
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.formatting import day
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.models import Measure
from platssamverkan.meetings.models import Attendance, Decision, Meeting, MeetingState, MinutesItem
from platssamverkan.meetings.services import correct_minutes
from platssamverkan.partnerships.models import MeetingKind
from tests.briefings.builders import a_briefing, a_line
from tests.builders import World, add
from tests.meetings.builders import approve, item_at
from tests.reports.builders import CLOSED, HEADINGS, SECRET, a_forum
from tests.support.pdf_check import pdf_text


@pytest.fixture
def meeting_id(app: Flask, world: World) -> int:
    with app.app_context():
        meeting_id, _ = a_forum(world)
        db.session.commit()
        return meeting_id


def url(meeting_id: int, rest: str = "") -> str:
    return f"/samverkan/sergels/rapporter/minnesanteckningar/{meeting_id}{rest}"


def test_paragraphs_stand_in_order_with_head_and_list_of_measures(
    coordinator: FlaskClient, meeting_id: int, parse: Any
) -> None:
    page = parse(coordinator.get(url(meeting_id, "?for=authorities")))
    headings = [heading.text.replace("\xa0", " ") for heading in page.select("main h2")]
    assert headings == [*(f"§ {n} {heading}" for n, heading in enumerate(HEADINGS, start=1)), "Åtgärdslista"]
    names = [term.text for term in page.select(".facts dt")]
    assert names[:7] == [
        "Samverkansforum", "Datum och tid", "Plats", "Ordförande", "Sekreterare", "Närvarande", "Anmält förhinder",
    ]  # fmt: skip
    assert "Ny belysning i gången" in page.select_one(".decision").text
    cells = [cell.text for cell in page.select("table.table tbody td")]
    assert cells[:2] == ["Polisen", "7\xa0november\xa02026"]
    assert "Det gäller norra gången." in page.text
    assert "Utkast" not in page.text


def test_who_came_and_who_did_not_is_missing_where_nobody_noted_it(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        meeting_id, _ = a_forum(world, approved=False)
        db.session.execute(delete(Attendance))
        db.session.commit()
    facts = parse(coordinator.get(url(meeting_id))).select_one(".facts")
    for name in ("Närvarande", "Anmält förhinder"):
        assert facts.find("dt", string=name).find_next("dd").text.strip() == "uppgift saknas"


def test_minutes_that_are_not_approved_are_a_draft(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        meeting_id, _ = a_forum(world, approved=False)
        db.session.commit()
    assert parse(coordinator.get(url(meeting_id))).select_one(".draft-mark").text == "Utkast"


def test_a_property_owners_copy_lacks_the_closed_item_and_says_so(owner: FlaskClient, meeting_id: int) -> None:
    for rest in ("", ".pdf"):
        response = owner.get(url(meeting_id, rest))
        if rest:
            named = f"minnesanteckningar-sergels-{meeting_id}.pdf"
            assert response.headers["Content-Disposition"] == f'inline; filename="{named}"'
        text = " ".join((pdf_text(response.data) if rest else response.text).replace("&nbsp;", " ").split()).replace(
            "\xa0", " "
        )
        assert SECRET not in text
        assert "Aktuell lägesbild" not in text
        assert "1 punkt är utelämnad i den här versionen, som är gjord för: Alla aktörer i samverkan." in text
        assert "Utelämnat i den här versionen: § 4." in text
        assert "§ 5 Uppföljning av åtgärder" in text
    assert owner.get(url(meeting_id, "?for=authorities")).status_code == 403


def test_each_audience_has_its_own_name_of_the_file_and_its_name_on_every_page(
    app: Flask, world: World, coordinator: FlaskClient
) -> None:
    with app.app_context():
        meeting_id, _ = a_forum(world, approved=False)
        item_at(db.session.get_one(Meeting, meeting_id), 5).text = "Ronderna gås igenom.\n" * 200
        db.session.commit()
    names = {"": "", "?for=authorities": "-myndigheter", "?for=public": "-allmanheten"}
    labels = {"": "Alla aktörer", "?for=authorities": "Myndigheter", "?for=public": "Allmänheten"}
    for query, mark in names.items():
        response = coordinator.get(url(meeting_id, f".pdf{query}"))
        named = f"minnesanteckningar-sergels-{meeting_id}{mark}.pdf"
        assert response.headers["Content-Disposition"] == f'inline; filename="{named}"'
        for page in PdfReader(BytesIO(response.data)).pages:
            assert f"Gjord för: {labels[query]}" in " ".join(page.extract_text().split())


def test_a_closed_item_is_one_that_is_left_out_whatever_stands_under_it(
    app: Flask, world: World, owner: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        meeting_id, _ = a_forum(world, approved=False)
        meeting = db.session.get_one(Meeting, meeting_id)
        item = item_at(meeting, 4)
        for number in (1, 2):
            add(Decision(item_id=item.id, number=number, text=SECRET))
        approve(meeting)
        correction = {"text": SECRET, "reason": "Fel", "by_function": "Samordnare", "owner_actor_id": None}
        correct_minutes(meeting, item=item, **correction)
        db.session.commit()
    page = parse(owner.get(url(meeting_id)))
    assert page.select_one(".left-out").text.startswith("1 punkt är utelämnad")
    assert SECRET not in page.text


def test_approved_minutes_say_from_which_day_their_measures_are(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        today, _ = a_forum(world)
        draft, _ = a_forum(world, approved=False)
        with time_machine.travel(clock.now() - timedelta(days=40)):
            approved, measure_id = a_forum(world, due_on=date(2026, 12, 1))
        db.session.get_one(Measure, measure_id).due_on = date(2027, 3, 1)
        db.session.commit()
    texts = [parse(coordinator.get(url(which))).select_one("main").text for which in (approved, today, draft)]
    line = f"samt nästa möte är som de var den {day(clock.today())} och kan ha ändrats sedan anteckningarna godkändes."
    assert [line in text for text in texts] == [True, False, False]
    assert "1\xa0mars\xa02027" in texts[0]


def test_a_measure_that_is_closed_is_not_printed_under_its_decision(
    app: Flask, world: World, owner: FlaskClient, coordinator: FlaskClient
) -> None:
    with app.app_context():
        meeting_id, _ = a_forum(world, visibility=CLOSED)
        db.session.commit()
    page = owner.get(url(meeting_id)).text
    assert "Ny belysning" not in page
    assert "2 punkter är utelämnade" in page
    assert "Ny belysning" in coordinator.get(url(meeting_id, "?for=authorities")).text


def test_an_item_tells_which_briefing_it_came_from_to_those_who_may_read_the_line(
    app: Flask, world: World, coordinator: FlaskClient, owner: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        meeting_id, _ = a_forum(world, approved=False)
        briefing = a_briefing(world, "sergels", state=BriefingState.HELD)
        items = db.session.scalars(
            select(MinutesItem).where(MinutesItem.meeting_id == meeting_id).order_by(MinutesItem.position)
        ).all()
        lines = {
            "open": a_line(world, briefing, text="Mörkt vid trappan"),
            "closed": a_line(world, briefing, text=SECRET, visibility=Visibility.AUTHORITIES_ONLY),
        }
        items[6].briefing_item_id, items[8].briefing_item_id = lines["open"].id, lines["closed"].id
        db.session.commit()
        address = f"/samverkan/sergels/utstallningar/{briefing.id}#rad-"
        links = {name: f"{address}{line.id}" for name, line in lines.items()}
    origin = "Punkten kommer från utställningen 6 oktober 2026."

    def told(client: FlaskClient, audience: str) -> tuple[set[str], int, int]:
        query = f"?for={audience}"
        page = parse(client.get(url(meeting_id, query)))
        printed = " ".join(pdf_text(client.get(url(meeting_id, f".pdf{query}")).data).split())
        led_to = {link["href"] for link in page.select('main a[href*="#rad-"]')}
        return led_to, " ".join(page.text.split()).count(origin), printed.count(origin)

    assert told(coordinator, "authorities") == (set(links.values()), 2, 2)
    for person in (coordinator, owner):
        assert told(person, "partnership") == ({links["open"]}, 1, 1)
    assert told(coordinator, "public") == (set(), 0, 0)


def test_approved_minutes_are_no_working_copy(
    app: Flask, world: World, coordinator: FlaskClient, meeting_id: int
) -> None:
    with app.app_context():
        draft_id, _ = a_forum(world, approved=False)
        db.session.commit()
    assert "Arbetsexemplar, ej utfärdat" in coordinator.get(url(draft_id)).text
    approved = coordinator.get(url(meeting_id)).text
    assert "Ej utfärdat" in approved
    assert "Arbetsexemplar" not in approved


def test_a_version_that_leaves_decisions_out_does_not_say_that_there_were_none(
    app: Flask, world: World, coordinator: FlaskClient, meeting_id: int
) -> None:
    left_out = coordinator.get(url(meeting_id, "?for=public")).text
    assert "Inga åtgärder beslutades" not in left_out
    assert "Inget i den här versionen." in left_out
    with app.app_context():
        empty = add(
            Meeting(
                partnership_id=world.partnerships["sergels"],
                kind=MeetingKind.STRATEGIC_FORUM,
                starts_at=datetime(2026, 6, 4, 12, 0, tzinfo=UTC),
                state=MeetingState.HELD,
            )
        ).id
        db.session.commit()
    assert "Inga åtgärder beslutades" in coordinator.get(url(empty, "?for=public")).text


def test_another_partnerships_minutes_are_not_found(coordinator: FlaskClient, meeting_id: int) -> None:
    assert coordinator.get(f"/samverkan/klara/rapporter/minnesanteckningar/{meeting_id}").status_code == 404
    assert coordinator.get(url(meeting_id + 100)).status_code == 404
