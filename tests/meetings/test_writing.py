"""Writing side by side: no text is lost, decisions become measures, approved minutes stand."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.drafts import Draft
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Audience, Reader
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.meetings import queries, series
from platssamverkan.meetings.models import Decision, Meeting, MeetingState, MinutesItem
from platssamverkan.meetings.paragraphs import paragraph_numbers
from platssamverkan.partnerships.models import MeetingKind, MeetingSeries, Numbering, Partnership
from tests.builders import World
from tests.meetings.builders import a_meeting, approve, attend, item_at
from tests.meetings.conftest import Forum, MakeForum

Parse = Callable[..., BeautifulSoup]
NBSP = "\u00a0"


def posted_from(page: BeautifulSoup, url: str) -> dict[str, str]:
    """Return the hidden fields and text of the notes form, as a browser would send them."""
    form = page.select_one(f'form[action="{url}"]')
    found = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    return found | {"text": form.select_one("textarea").text.strip("\n")}


def test_two_people_save_the_same_item_and_neither_text_is_lost(
    app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.opening)
    first, second = (posted_from(parse(coordinator.get(url)), url) for _ in range(2))
    assert coordinator.post(url, data=first | {"text": "Ordföranden öppnar."}).status_code == 303
    late = coordinator.post(url, data=second | {"text": "Mötet öppnas kl. 9."})
    assert late.status_code == 409
    page = parse(late)
    assert "Ordföranden öppnar." in page.select_one(".conflict-saved").text
    assert page.select_one("textarea").text.strip() == "Mötet öppnas kl. 9."
    with app.app_context():
        assert db.session.get(MinutesItem, forum.opening).text == "Ordföranden öppnar."
    merged = {"version": page.select_one('input[name="version"]')["value"], "text": "Ordföranden öppnar kl. 9."}
    assert coordinator.post(url, data=merged).status_code == 303
    with app.app_context():
        assert db.session.get(MinutesItem, forum.opening).text == "Ordföranden öppnar kl. 9."


def test_a_moved_item_is_no_conflict_for_the_one_who_writes_in_it(
    app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.opening)
    data = posted_from(parse(coordinator.get(url)), url)
    coordinator.post(f"{url}/flytta", data={"riktning": "ner"})
    assert coordinator.post(url, data=data | {"text": "Mötet öppnas."}).status_code == 303
    with app.app_context():
        assert db.session.get(MinutesItem, forum.opening).text == "Mötet öppnas."


def test_two_people_write_in_different_items_at_once(
    app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    urls = [forum.item_url(item_id) for item_id in (forum.opening, forum.decided)]
    forms = [posted_from(parse(coordinator.get(url)), url) for url in urls]
    for url, data in zip(urls, forms, strict=True):
        assert coordinator.post(url, data=data | {"text": "Skrivet"}).status_code == 303


def test_a_personnummer_is_refused_beside_the_field_and_the_text_kept(
    app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.opening)
    data = posted_from(parse(coordinator.get(url)), url)
    response = coordinator.post(url, data=data | {"text": "Polisen nämner 19121212-1212."})
    page = parse(response)
    assert response.status_code == 422
    assert page.select(".field-error textarea#text")
    assert "nämner" in page.select_one("textarea#text").text
    too_long = coordinator.post(url, data=data | {"text": "x" * 6001})
    assert too_long.status_code == 422
    with app.app_context():
        assert db.session.get(MinutesItem, forum.opening).text is None


def test_a_draft_is_offered_and_goes_when_the_text_is_saved(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.opening)
    coordinator.post("/utkast", data={"key": f"minutes_item:{forum.opening}:text", "text": "Halvfärdigt"})
    page = parse(coordinator.get(url))
    assert "inte är sparad" in page.text
    assert parse(coordinator.get(f"{url}?utkast=1")).select_one("textarea#text").text.strip() == "Halvfärdigt"
    coordinator.post(url, data=posted_from(page, url) | {"text": "Färdigt"})
    with app.app_context():
        assert db.session.scalar(select(func.count(Draft.id))) == 0


def decision_data(world: World, **changes: str) -> dict[str, str]:
    """Return a decision with one measure, as the form sends it."""
    return {
        "beslut-text": "Aktörerna gör en mörkervandring före jul.",
        "beslut-visibility": "partnership",
        "rader": "1",
        "atgard0-title": "Genomför mörkervandring",
        "atgard0-responsible_actor_id": str(world.actors["district"]),
        "atgard0-due_on": "2026-12-15",
        "atgard0-goal_id": "",
    } | changes


def test_a_decision_becomes_a_measure(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.decided)
    response = coordinator.post(f"{url}/beslut", data=decision_data(world))
    assert response.status_code == 303
    with app.app_context():
        measure = db.session.scalars(select(Measure).where(Measure.title == "Genomför mörkervandring")).one()
        assert measure.due_on == date(2026, 12, 15)
        assert measure.status is MeasureStatus.DECIDED
        measure_id = measure.id
    assert parse(coordinator.get(url)).select(f'a[href="/samverkan/sergels/atgarder/{measure_id}"]')
    behind = parse(coordinator.get(f"/samverkan/sergels/atgarder/{measure_id}"))
    link = behind.select_one(f'a[href^="{url}#beslut-"]')
    assert link.text.replace(NBSP, " ") == "Strategiskt samverkansforum 5 november 2026, § 10, beslut 2"


def test_one_more_measure_can_be_asked_for_without_script(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = f"{forum.item_url(forum.decided)}/beslut"
    page = parse(coordinator.post(url, data=decision_data(world, fler="1")))
    assert page.select_one("#atgard0-title")["value"] == "Genomför mörkervandring"
    assert page.select_one("#atgard1-title")
    two = {"rader": "2", "atgard1-title": "Byt lampor", "atgard1-responsible_actor_id": str(world.actors["traffic"])}
    assert coordinator.post(url, data=decision_data(world, **two)).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count(Measure.id))) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"beslut-text": ""},
        {"atgard0-responsible_actor_id": ""},
        {"atgard0-responsible_actor_id": "99999"},
        {"atgard0-title": ""},
        {"atgard0-due_on": "2026-02-30"},
        {"atgard0-goal_id": "99999"},
        {"atgard0-title": "Ring 19121212-1212"},
        {"beslut-visibility": "alla"},
    ],
)
def test_a_wrong_decision_is_refused_and_neither_it_nor_a_measure_is_saved(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Parse, wrong: dict[str, str]
) -> None:
    response = coordinator.post(f"{forum.item_url(forum.decided)}/beslut", data=decision_data(world, **wrong))
    page = parse(response)
    assert response.status_code == 422
    assert page.select(".field-error")
    assert page.title.text.startswith("Fel: ")
    with app.app_context():
        assert db.session.scalar(select(func.count(Decision.id))) == 1
        assert db.session.scalar(select(func.count(Measure.id))) == 1


def test_a_decision_is_changed_and_removed_and_its_measure_remains(
    app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = f"{forum.item_url(forum.decided)}/beslut/{forum.decision}"
    version = parse(coordinator.get(f"{url}/andra")).select_one("#version")["value"]
    data = {"text": "Armaturerna byts.", "visibility": "partnership", "version": version, "keep_ids": forum.measure}
    assert coordinator.post(f"{url}/andra", data=data | {"text": ""}).status_code == 422
    assert coordinator.post(f"{url}/andra", data=data).status_code == 303
    assert coordinator.post(f"{url}/andra", data=data | {"text": "Sent"}).status_code == 409
    assert coordinator.post(f"{url}/ta-bort").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count(Decision.id))) == 0
        assert db.session.get(Measure, forum.measure) is not None


def approval(parse: Parse, client: FlaskClient, forum: Forum) -> dict[str, str]:
    page = parse(client.get(f"{forum.url}/godkann"))
    return {name: page.select_one(f'[name="{name}"]')["value"] for name in ("version", "mark", "by_function")}


def test_approval_locks_the_minutes(app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse) -> None:
    data = approval(parse, coordinator, forum)
    assert coordinator.post(f"{forum.url}/godkann", data=data | {"by_function": ""}).status_code == 422
    assert coordinator.post(f"{forum.url}/godkann", data=data).status_code == 303
    page = parse(coordinator.get(forum.url))
    assert "Texten är låst" in page.text
    assert not page.select("textarea, .attendance input")
    refused = coordinator.post(forum.item_url(forum.opening), data={"text": "Sent tillägg", "version": "1"})
    assert refused.status_code == 409
    assert "Skriv en rättelse i stället" in refused.get_data(as_text=True)
    assert "Sent tillägg" in refused.get_data(as_text=True)
    for path in ("andra", "stall-in", "godkann", "punkt/ny", f"punkt/{forum.opening}/andra"):
        assert coordinator.get(f"{forum.url}/{path}").status_code == 409
    for path in ("narvaro", "hallet", "ta-bort", f"punkt/{forum.opening}/flytta", f"punkt/{forum.decided}/beslut"):
        assert coordinator.post(f"{forum.url}/{path}", data={"beslut-text": "X"}).status_code == 409


def test_what_was_not_read_is_not_approved(app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse) -> None:
    data = approval(parse, coordinator, forum)
    url = forum.item_url(forum.opening)
    coordinator.post(url, data=posted_from(parse(coordinator.get(url)), url) | {"text": "Nytt"})
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
    assert "närvaro" in response.get_data(as_text=True)


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


def test_paragraphs_run_through_the_year_and_approved_ones_stand(app: Flask, world: World) -> None:
    with app.app_context():
        where = world.partnerships["sergels"]
        db.session.get(Partnership, where).numbering = Numbering.PER_YEAR
        december = a_meeting(world, on=date(2025, 12, 31))
        january = a_meeting(world, on=date(2026, 1, 15))
        february = a_meeting(world, on=date(2026, 2, 15))
        other = a_meeting(world, on=date(2026, 1, 20), kind=MeetingKind.EST)
        meetings = [december, january, february, other]
        numbers = paragraph_numbers(where, [meeting.id for meeting in meetings])
        assert [numbers[item_at(meeting, 1).id] for meeting in meetings] == [1, 1, 13, 1]
        attend(world, february, "police")
        approve(february)
        a_meeting(world, on=date(2026, 1, 1))
        numbers = paragraph_numbers(where, [january.id, february.id])
        assert numbers[item_at(january, 1).id] == 13
        assert numbers[item_at(february, 1).id] == 13
        db.session.get(Partnership, where).numbering = Numbering.PER_MEETING
        numbers = paragraph_numbers(where, [january.id, february.id])
        assert [numbers[item_at(meeting, 1).id] for meeting in (january, february)] == [1, 13]


def test_the_registry_tells_of_decisions_only_to_those_who_may_read_them(
    app: Flask, world: World, forum: Forum
) -> None:
    member, public = Reader(is_member=True), Reader(is_member=False)
    where = world.partnerships["sergels"]
    with app.test_request_context():
        mention = registry.mentions_of("measure", where, [forum.measure], member)[forum.measure][0]
        assert mention.kind == "Beslut"
        assert mention.on == date(2026, 11, 5)
        assert registry.mentions_of("measure", where, [forum.measure], public)[forum.measure] == []
        linkable = registry.linkables["decision"]
        assert len(linkable(where, member, date(2026, 11, 1), date(2026, 11, 30))) == 1
        assert linkable(where, member, date(2026, 12, 1), date(2026, 12, 31)) == []
        assert linkable(where, public, date(2026, 11, 1), date(2026, 11, 30)) == []
        assert registry.searches["decisions"](where, member, ["armaturer"], 5)
        assert registry.searches["minutes_items"](where, member, ["belysningen"], 5)
        assert registry.searches["minutes_items"](where, member, ["hemlig"], 5) == []
        assert registry.feeds["meetings"](where, member, 5)


def test_the_next_meeting_is_the_first_that_is_not_over(app: Flask, world: World) -> None:
    today = clock.today()
    with app.app_context():
        where = world.partnerships["sergels"]
        a_meeting(world, on=today - timedelta(days=3))
        coming = a_meeting(world, on=today + timedelta(days=3))
        a_meeting(world, on=today + timedelta(days=9))
        following = queries.next_meeting(where)
        assert following is not None
        assert following.id == coming.id
        assert queries.next_meetings([where])[where] == following
        found = queries.meetings_between([where], today, today + timedelta(days=3))
        assert found == [following]


def a_series(world: World) -> MeetingSeries:
    first = clock.today() + timedelta(days=7)
    return series.save_series(
        None,
        partnership_id=world.partnerships["sergels"],
        version=None,
        kind=MeetingKind.STRATEGIC_FORUM,
        preset=series.recurrence.Preset.WEEKLY,
        starts_on=first,
        starts_at=time(9),
        minutes_long=120,
        location="Samverkanslokalen",
    )


def test_occurrences_are_made_once_and_a_moved_one_breaks_nothing(app: Flask, world: World) -> None:
    until = clock.today() + timedelta(days=29)
    with app.app_context():
        where = world.partnerships["sergels"]
        a_series(world)
        made = series.make_occurrences(where, until)
        assert len(made) == 4
        made[0].starts_at += timedelta(days=1)
        made[0].ends_at += timedelta(days=1)
        db.session.flush()
        assert series.make_occurrences(where, until) == []


def test_a_changed_rhythm_takes_along_meetings_that_nobody_has_touched(app: Flask, world: World) -> None:
    until = clock.today() + timedelta(days=29)
    with app.app_context():
        where = world.partnerships["sergels"]
        rhythm = a_series(world)
        made = series.make_occurrences(where, until)
        item_at(made[1], 1).text = "Förberett"
        db.session.flush()
        kept = made[1].id
        series.save_series(
            rhythm,
            partnership_id=where,
            version=rhythm.version,
            kind=rhythm.kind,
            preset=series.recurrence.Preset.WEEKLY,
            starts_on=rhythm.starts_on,
            starts_at=time(13),
            minutes_long=60,
            location=None,
        )
        series.make_occurrences(where, until)
        starts = {row.id: clock.to_local(row.starts_at).hour for row in db.session.scalars(select(Meeting))}
        assert len(starts) == 4
        assert starts.pop(kept) == 9
        assert set(starts.values()) == {13}


def test_the_coordinator_makes_the_coming_meetings(
    app: Flask, world: World, coordinator: FlaskClient, reader: FlaskClient, parse: Parse
) -> None:
    first = clock.today() + timedelta(days=7)
    data = {"kind": "strategic_forum", "preset": "monthly", "starts_on": first.isoformat(), "starts_at": "9.00"}
    url = "/samverkan/sergels/moten/serie/ny"
    assert reader.post(url, data=data).status_code == 403
    assert coordinator.post(url, data=data | {"starts_at": "25.00"}).status_code == 422
    assert coordinator.post(url, data=data).status_code == 303
    with app.app_context():
        made = db.session.scalar(select(func.count(Meeting.id)))
        row = db.session.scalars(select(MeetingSeries)).one()
        series_url = f"/samverkan/sergels/moten/serie/{row.id}"
    assert made >= 5
    assert coordinator.post("/samverkan/sergels/moten/kommande").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count(Meeting.id))) == made
    version = parse(coordinator.get(series_url)).select_one("#version")["value"]
    assert coordinator.post(series_url, data=data | {"version": version, "starts_at": "13.00"}).status_code == 303
    assert coordinator.post(series_url, data=data | {"version": version}).status_code == 409
    assert coordinator.get(series_url.replace("sergels", "klara")).status_code == 404


def test_the_command_makes_the_coming_meetings(app: Flask, world: World) -> None:
    with app.app_context():
        a_series(world)
        db.session.commit()
    runner = app.test_cli_runner()
    assert re.match(r"2\d möten är upplagda", runner.invoke(args=["meetings", "ahead"]).output)
    assert "0 möten är upplagda" in runner.invoke(args=["meetings", "ahead"]).output


def test_earlier_forums_are_not_followed_up_in_another_kind_of_meeting(
    app: Flask, world: World, make_forum: MakeForum
) -> None:
    make_forum(on=date(2026, 10, 1))
    with app.app_context():
        meeting = a_meeting(world, kind=MeetingKind.EST)
        assert queries.earlier_decisions(meeting, Reader(is_member=True)) == []
