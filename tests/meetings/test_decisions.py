"""Decisions: one becomes a measure, is changed and removed, and is told of where it is read."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.registry import Window, registry
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.meetings.models import Decision
from tests.builders import World
from tests.conftest import SignIn
from tests.measures.test_views import posted
from tests.meetings.conftest import Forum, MakeForum

Parse = Callable[..., BeautifulSoup]
NBSP = "\u00a0"
MEASURE = ("atgard0-responsible_actor_id", "atgard0-due_on", "atgard0-method")


def decision_data(world: World, **changes: str) -> dict[str, str]:
    """Return a decision with one measure, as the form sends it."""
    return {
        "beslut-text": "Aktörerna gör en mörkervandring före jul.",
        "beslut-visibility": "partnership",
        "rader": "1",
        "atgard0-title": "Genomför mörkervandring",
        "atgard0-responsible_actor_id": str(world.actors["district"]),
        "atgard0-due_on": "2026-12-15",
        "atgard0-method": "social",
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


def test_a_decision_without_a_measure_leads_to_where_one_is_added(
    world: World, coordinator: FlaskClient, owner: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.decided)
    coordinator.post(f"{url}/beslut", data=decision_data(world) | {"atgard0-title": ""} | dict.fromkeys(MEASURE, ""))
    cards = parse(coordinator.get(url)).select(".decision:not(.decision-new)")
    assert [bool(card.select('a[href$="#ny-atgard"]')) for card in cards] == [False, True]
    form = parse(coordinator.get(cards[1].select_one('a[href$="#ny-atgard"]')["href"]))
    assert form.select_one("#ny-atgard")
    assert not parse(owner.get(forum.url)).select('a[href$="#ny-atgard"]')


def test_what_a_new_measure_of_a_changed_decision_lacks_is_told_first_on_the_page(
    world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = f"{forum.item_url(forum.decided)}/beslut/{forum.decision}/andra"
    data = {"text": "Trafikkontoret byter armaturerna.", "visibility": "partnership", "version": "1"}
    response = coordinator.post(url, data=data | {"atgard0-title": "Byt fler armaturer"})
    assert response.status_code == 422
    page = parse(response)
    wrong = [link["href"] for link in page.select("[data-error-summary] a")]
    assert wrong == ["#atgard0-responsible_actor_id", "#atgard0-method"]
    assert page.title.text.startswith("Fel: Ändra beslut")
    assert page.h1.text.startswith("Ändra beslut")


def test_a_measure_is_read_by_those_who_read_the_decision(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum
) -> None:
    closed = {"beslut-visibility": "authorities_only"}
    url = f"{forum.item_url(forum.decided)}/beslut"
    assert coordinator.post(url, data=decision_data(world, **closed)).status_code == 303
    with app.app_context():
        read_by = db.session.scalars(select(Measure.visibility).where(Measure.title == "Genomför mörkervandring"))
        assert read_by.one() is Visibility.AUTHORITIES_ONLY


def test_one_more_measure_can_be_asked_for_without_script(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = f"{forum.item_url(forum.decided)}/beslut"
    page = parse(coordinator.post(url, data=decision_data(world, fler="1")))
    assert page.select_one("#atgard0-title")["value"] == "Genomför mörkervandring"
    assert page.select_one("#atgard1-title")
    two = {
        "rader": "2",
        "atgard1-title": "Byt lampor",
        "atgard1-responsible_actor_id": str(world.actors["traffic"]),
        "atgard1-method": "situational",
    }
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
        {"atgard0-method": ""},
        {"atgard0-method": "trolleri"},
        # Nobody may read of police work to come.
        {"atgard0-method": "police", "beslut-visibility": "public"},
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


def test_a_measure_written_beside_a_decision_is_still_there_when_someone_saved_first(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = f"{forum.item_url(forum.decided)}/beslut/{forum.decision}/andra"
    version = parse(coordinator.get(url)).select_one("#version")["value"]
    data = {"text": "Armaturerna byts.", "visibility": "partnership", "version": version, "keep_ids": forum.measure}
    assert coordinator.post(url, data=data).status_code == 303
    new = {
        "atgard0-title": "Mät ljuset",
        "atgard0-responsible_actor_id": str(world.actors["traffic"]),
        "atgard0-method": "knowledge",
    }
    late = coordinator.post(url, data=data | new | {"text": "Armaturerna byts i maj."})
    page = parse(late)
    assert late.status_code == 409
    assert [tag.text for tag in page.select("#conflict h3")] == ["Vad beslutade mötet: sparat nu"]
    assert page.select_one("#conflict-heading[tabindex='-1']")
    sent = {tag["name"]: tag.get("value", tag.text.strip()) for tag in page.select("#conflict [name]")}
    assert coordinator.post(url, data=sent).status_code == 303
    with app.app_context():
        assert db.session.get(Decision, forum.decision).text == "Armaturerna byts i maj."
        assert sorted(db.session.scalars(select(Measure.title))) == ["Byt fyra armaturer", "Mät ljuset"]


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
        assert registry.searches["decisions"]({where: member}, ["armaturer"], 5)
        assert registry.searches["minutes_items"]({where: member}, ["belysningen"], 5)
        assert registry.searches["minutes_items"]({where: member}, ["hemlig"], 5) == []
        assert registry.feeds["meetings"](where, member, Window(5))


def test_headings_keep_their_order_when_a_decision_has_errors(
    coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    page = parse(coordinator.post(f"{forum.item_url(forum.decided)}/beslut", data={"beslut-text": ""}))
    levels = [int(heading.name[1]) for heading in page.select("main :is(h1, h2, h3, h4, h5)")]
    assert page.select_one("[data-error-summary] h4")
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_saving_removes_the_draft_of_the_decision(
    world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.decided)
    key = parse(coordinator.get(url)).select_one("#beslut-text")["data-draft"]
    assert coordinator.post(f"{url}/beslut", data=decision_data(world)).status_code == 303
    assert key in parse(coordinator.get(url)).select_one("[data-saved-drafts]")["data-saved-drafts"].split()


def test_a_measure_is_not_due_before_the_meeting_that_decides_it(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = f"{forum.item_url(forum.decided)}/beslut"
    response = coordinator.post(url, data=decision_data(world, **{"atgard0-due_on": "2026-11-04"}))
    assert response.status_code == 422
    message = parse(response).select_one("#atgard0-due_on-error").text.replace(NBSP, " ")
    assert "Åtgärden beslutades den 5 november 2026 och kan inte vara klar före det." in message
    data = {"text": "Byt.", "visibility": "partnership", "version": "1", "keep_ids": str(forum.measure)}
    added = {name: value for name, value in decision_data(world).items() if name.startswith("atgard0")}
    change = coordinator.post(f"{url}/{forum.decision}/andra", data={**data, **added, "atgard0-due_on": "2026-11-04"})
    assert change.status_code == 422
    with app.app_context():
        assert db.session.scalar(select(func.count(Measure.id))) == 1


@pytest.mark.parametrize(("due", "is_told"), [("2026-11-05", True), ("2026-11-22", False)])
def test_a_decision_written_down_later_may_be_due_already_and_says_so(
    world: World, sign_in: SignIn, forum: Forum, parse: Parse, due: str, is_told: bool
) -> None:
    url = f"{forum.item_url(forum.decided)}/beslut"
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        coordinator = sign_in("coordinator")
        response = coordinator.post(url, data=decision_data(world, **{"atgard0-due_on": due}))
        told = parse(coordinator.get(response.location)).select_one("#messages").text.replace(NBSP, " ")
    assert "Beslut 2 och åtgärden är sparade." in told
    assert ("Observera att dagen för ”Klart senast”, 5 november 2026, redan har varit." in told) is is_told


def test_a_meeting_to_come_does_not_hold_up_the_day_of_a_measure(
    make_forum: MakeForum, coordinator: FlaskClient
) -> None:
    forum = make_forum(on=clock.today() + timedelta(days=30))
    sooner = {"due_on": (clock.today() + timedelta(days=10)).isoformat(), "version": "1"}
    assert coordinator.post(f"/samverkan/sergels/atgarder/{forum.measure}/forsenad", data=sooner).status_code == 303


def test_the_day_of_the_measure_itself_keeps_to_the_same_rule(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = f"/samverkan/sergels/atgarder/{forum.measure}"
    early = posted(world, responsible_actor_id=str(world.actors["traffic"]), due_on="2026-11-04", version="1")
    for step, data in (("andra", early), ("forsenad", {"due_on": "2026-11-04"})):
        refused = coordinator.post(f"{url}/{step}", data=data)
        assert refused.status_code == 422
        assert "kan inte vara klar före det" in parse(refused).select_one("#due_on-error").text
    with app.app_context():
        measure = db.session.get_one(Measure, forum.measure)
        measure.due_on = date(2026, 11, 1)
        db.session.commit()
        version = str(measure.version)
    # A day that was there before, as of a measure that a later decision was linked to, stands in no one's way.
    assert (
        coordinator.post(f"{url}/andra", data={**early, "due_on": "2026-11-01", "version": version}).status_code == 303
    )
