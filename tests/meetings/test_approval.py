"""Approved minutes stand: they are locked in the program and in the database, and corrected beside their text."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Audience
from platssamverkan.meetings import queries, services
from platssamverkan.meetings.models import Meeting, MeetingState
from platssamverkan.meetings.paragraphs import paragraph_numbers
from platssamverkan.partnerships.models import MeetingKind, Numbering, Partnership
from tests.builders import World
from tests.meetings.builders import a_meeting, approve, attend, item_at
from tests.meetings.conftest import Forum
from tests.support.visitor import fields_of

Parse = Callable[..., BeautifulSoup]


def approval(parse: Parse, client: FlaskClient, forum: Forum) -> dict[str, str]:
    page = parse(client.get(f"{forum.url}/godkann"))
    return {name: page.select_one(f'[name="{name}"]')["value"] for name in ("version", "mark", "by_function")}


def test_approval_locks_the_minutes(app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse) -> None:
    data = approval(parse, coordinator, forum)
    assert coordinator.post(f"{forum.url}/godkann", data=data | {"by_function": ""}).status_code == 422
    assert coordinator.post(f"{forum.url}/godkann", data=data).status_code == 303
    page = parse(coordinator.get(forum.url))
    assert "Texten är låst" in page.text
    assert "Åtgärderna visas som de är nu: rubrik, ansvarig, dag och läge kan ha ändrats" in page.text
    assert not page.select("textarea, .attendance input")
    refused = coordinator.post(forum.item_url(forum.opening), data={"text": "Sent tillägg", "version": "1"})
    assert refused.status_code == 409
    assert "Skriv en rättelse i stället" in refused.get_data(as_text=True)
    assert "Sent tillägg" in refused.get_data(as_text=True)
    for path in ("andra", "stall-in", "godkann", "punkt/ny", f"punkt/{forum.opening}/andra"):
        assert coordinator.get(f"{forum.url}/{path}").status_code == 409
    for path in ("narvaro", "hallet", "ta-bort", f"punkt/{forum.opening}/flytta", f"punkt/{forum.decided}/beslut"):
        assert coordinator.post(f"{forum.url}/{path}", data={"beslut-text": "X"}).status_code == 409


def test_the_page_that_asks_counts_those_who_came(coordinator: FlaskClient, forum: Forum, parse: Parse) -> None:
    page = parse(coordinator.get(f"{forum.url}/godkann"))
    facts = {row.select_one("dt").text: row.select_one("dd").text.strip() for row in page.select(".facts > div")}
    assert facts["Närvarande"] == "1\u00a0aktör"
    assert facts["Anmält förhinder"] == "0\u00a0aktörer"


def test_what_was_not_read_is_not_approved(app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse) -> None:
    data = approval(parse, coordinator, forum)
    url = forum.item_url(forum.opening)
    form = parse(coordinator.get(url)).select_one(f'form[action="{url}"]')
    coordinator.post(url, data=fields_of(form).to_dict() | {"text": "Nytt"})
    response = coordinator.post(f"{forum.url}/godkann", data=data)
    assert response.status_code == 409
    assert "har ändrats sedan du öppnade sidan" in response.get_data(as_text=True)
    with app.app_context():
        assert db.session.get(Meeting, forum.id).state is MeetingState.HELD


def test_minutes_without_anyone_present_are_not_approved(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        meeting = a_meeting(world)
        meeting.state = MeetingState.HELD
        db.session.commit()
        url = f"/samverkan/sergels/moten/{meeting.id}"
    page = parse(coordinator.get(f"{url}/godkann"))
    data = {name: page.select_one(f'[name="{name}"]')["value"] for name in ("version", "mark", "by_function")}
    response = coordinator.post(f"{url}/godkann", data=data)
    assert response.status_code == 409
    page = parse(response)
    assert "Fyll i närvaron först." in page.select_one("[data-error-summary]").text
    # The function of the one who approves is not what is wrong.
    assert not page.select("[aria-invalid], .error-text")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE minutes_item SET text = 'ändrad' WHERE id = :opening",
        "DELETE FROM minutes_item WHERE id = :opening",
        "INSERT INTO minutes_item (meeting_id, position, heading, version, visibility) VALUES (:id, 9, 'N', 1, 'x')",
        "UPDATE decision SET text = 'ändrat' WHERE id = :decision",
        "DELETE FROM decision_measure WHERE decision_id = :decision",
        "UPDATE attendance SET status = 'absent' WHERE meeting_id = :id",
        "DELETE FROM attendance WHERE meeting_id = :id",
        "UPDATE meeting SET location = 'annan' WHERE id = :id",
        "DELETE FROM meeting WHERE id = :id",
    ],
)
def test_the_database_itself_refuses_to_change_approved_minutes(
    app: Flask, approved_forum: Forum, statement: str
) -> None:
    values = {"id": approved_forum.id, "opening": approved_forum.opening, "decision": approved_forum.decision}
    with app.app_context():
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        with pytest.raises(DBAPIError, match="minutes are approved"):
            db.session.execute(text(statement), used)
        db.session.rollback()


def test_a_correction_stands_beside_the_approved_text_and_cannot_be_removed(
    app: Flask, coordinator: FlaskClient, reader: FlaskClient, approved_forum: Forum, parse: Parse
) -> None:
    url = f"{approved_forum.url}/ratta"
    data = {
        "item_id": str(approved_forum.decided),
        "text": "Fem armaturer, inte fyra.",
        "reason": "Fel antal",
        "by_function": "Samordnare",
    }
    assert coordinator.post(url, data=data | {"reason": ""}).status_code == 422
    assert coordinator.post(url, data=data).status_code == 303
    page = parse(reader.get(approved_forum.url))
    assert "Fem armaturer, inte fyra." in page.text
    assert "Belysningen är trasig." in page.text
    with app.app_context(), pytest.raises(DBAPIError, match="only grows"):
        db.session.execute(text("DELETE FROM minutes_correction"))


def test_a_correction_of_a_closed_item_is_closed_too(
    app: Flask, police: FlaskClient, coordinator: FlaskClient, owner: FlaskClient, approved_forum: Forum
) -> None:
    data = {"item_id": str(approved_forum.police), "text": "Rättat läge", "reason": "Fel", "by_function": "Samordnare"}
    assert coordinator.post(f"{approved_forum.url}/ratta", data=data).status_code == 303
    assert "Rättat läge" in police.get(approved_forum.url).get_data(as_text=True)
    assert "Rättat läge" not in owner.get(approved_forum.url).get_data(as_text=True)


def test_minutes_that_are_no_draft_yet_take_no_correction(coordinator: FlaskClient, forum: Forum) -> None:
    assert coordinator.get(f"{forum.url}/ratta").status_code == 409
    with_text = {"text": "X", "reason": "Y", "by_function": "Z"}
    assert coordinator.post(f"{forum.url}/ratta", data=with_text).status_code == 409


def test_a_cancelled_meeting_takes_no_paragraphs_and_the_year_is_the_local_one(app: Flask, world: World) -> None:
    with app.app_context():
        where = world.partnerships["sergels"]
        db.session.get(Partnership, where).numbering = Numbering.PER_YEAR
        december = a_meeting(world, on=date(2025, 12, 31))
        # Half past midnight in Stockholm is still the old year elsewhere.
        night = clock.at_local(date(2026, 1, 1), time(0, 30))
        new_year = a_meeting(world, starts_at=night, ends_at=night + timedelta(hours=1))
        cancelled = a_meeting(world, on=date(2026, 1, 10))
        services.cancel_meeting(cancelled, reason="Snö")
        later = a_meeting(world, on=date(2026, 2, 15))
        numbers = paragraph_numbers([december.id, new_year.id, later.id])
        assert [numbers[item_at(meeting, 1).id] for meeting in (december, new_year, later)] == [1, 1, 13]


def test_the_document_holds_what_its_audience_may_see(app: Flask, world: World, approved_forum: Forum) -> None:
    with app.app_context():
        where = world.partnerships["sergels"]
        open_version = queries.minutes_document(approved_forum.id, where, Audience.PARTNERSHIP.reader)
        closed_version = queries.minutes_document(approved_forum.id, where, Audience.AUTHORITIES.reader)
        assert [one.number for one in open_version.paragraphs] == [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12]
        assert open_version.left_out == 1
        assert closed_version.left_out == 0
        assert [action.what for action in open_version.action_list] == ["Byt fyra armaturer"]
        assert open_version.action_list[0].responsible == "Trafikkontoret"
        assert [row.actor.name for row in open_version.present] == ["Polisen"]
        public = queries.minutes_document(approved_forum.id, where, Audience.PUBLIC.reader)
        assert not public.paragraphs


def test_actors_stand_in_swedish_order(app: Flask, world: World, coordinator: FlaskClient, parse: Parse) -> None:
    names = {"district": "Ängsbo", "police": "zoo AB", "traffic": "Åhus", "owner": "Östergård"}
    with app.app_context():
        for name, called in names.items():
            db.session.get(Actor, world.actors[name]).name = called
        meeting = a_meeting(world)
        for name in names:
            attend(world, meeting, name)
        url, meeting_id = f"/samverkan/sergels/moten/{meeting.id}", meeting.id
        db.session.commit()
    ordered = ["zoo AB", "Åhus", "Ängsbo", "Östergård"]
    seats = parse(coordinator.get(url)).select("#attendance .attendance label:not(.excused) > span")
    assert [next(seat.stripped_strings) for seat in seats] == ordered
    with app.app_context():
        minutes = queries.minutes_document(meeting_id, world.partnerships["sergels"], Audience.PARTNERSHIP.reader)
        assert [row.actor.name for row in minutes.present] == ordered


def test_paragraphs_run_through_the_year_and_approved_ones_stand(app: Flask, world: World) -> None:
    with app.app_context():
        where = world.partnerships["sergels"]
        db.session.get(Partnership, where).numbering = Numbering.PER_YEAR
        december = a_meeting(world, on=date(2025, 12, 31))
        january = a_meeting(world, on=date(2026, 1, 15))
        february = a_meeting(world, on=date(2026, 2, 15))
        other = a_meeting(world, on=date(2026, 1, 20), kind=MeetingKind.EST)
        meetings = [december, january, february, other]
        numbers = paragraph_numbers([meeting.id for meeting in meetings])
        assert [numbers[item_at(meeting, 1).id] for meeting in meetings] == [1, 1, 13, 1]
        attend(world, february, "police")
        approve(february)
        a_meeting(world, on=date(2026, 1, 1))
        # No § stands twice: what no longer fits before approved minutes comes after the year's last.
        numbers = paragraph_numbers([january.id, february.id])
        assert numbers[item_at(january, 1).id] == 25
        assert numbers[item_at(february, 1).id] == 13
        march = a_meeting(world, on=date(2026, 3, 15))
        numbers = paragraph_numbers([january.id, february.id, march.id])
        assert len(set(numbers.values())) == 36
        db.session.get(Partnership, where).numbering = Numbering.PER_MEETING
        numbers = paragraph_numbers([january.id, february.id])
        assert [numbers[item_at(meeting, 1).id] for meeting in (january, february)] == [1, 13]
