"""A meeting is planned, moved, held, cancelled or removed."""

from collections.abc import Callable
from datetime import date

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.core.db import db
from platssamverkan.core.registry import Window
from platssamverkan.core.visibility import Reader
from platssamverkan.meetings.connections import held_lately
from platssamverkan.meetings.models import Decision, Meeting, MeetingState
from tests.builders import World
from tests.meetings.builders import NEW, a_meeting
from tests.meetings.conftest import Forum

Parse = Callable[..., BeautifulSoup]
LIST = "/samverkan/sergels/moten"


def counted(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_new_forum_gets_the_twelve_headings(app: Flask, coordinator: FlaskClient, parse: Parse) -> None:
    response = coordinator.post(f"{LIST}/nytt", data=NEW)
    assert response.status_code == 303
    headings = parse(coordinator.get(response.location)).select(".agenda li")
    assert len(headings) == 12
    assert "Mötets öppnande" in headings[0].text
    assert "Nästa möte" in headings[-1].text


def test_an_end_before_the_start_is_refused_and_nothing_saved(
    app: Flask, coordinator: FlaskClient, parse: Parse
) -> None:
    response = coordinator.post(f"{LIST}/nytt", data=NEW | {"to_time": "8.00"})
    assert response.status_code == 422
    assert "Mötet måste sluta efter" in response.get_data(as_text=True)
    assert parse(response).select_one("#location")["value"] == "Samverkanslokalen"
    assert counted(app, Meeting) == 0


def test_a_meeting_may_last_until_midnight(app: Flask, coordinator: FlaskClient, parse: Parse) -> None:
    response = coordinator.post(f"{LIST}/nytt", data=NEW | {"from_time": "22.00", "to_time": "24.00"})
    assert "kl.\u00a022.00–24.00" in coordinator.get(response.location).text
    form = parse(coordinator.get(f"{response.location}/andra")).select_one("form[action$='/andra']")
    fields = [*form.select("input[name]"), *form.select("option[selected]")]
    sent = {field.get("name") or field.find_parent("select")["name"]: field.get("value", "") for field in fields}
    assert coordinator.post(form["action"], data=sent | {"location": "Kulturhuset"}).status_code == 303
    told = coordinator.get(response.location).text
    assert "kl.\u00a022.00–24.00" in told
    assert "Kulturhuset" in told


def test_wrong_choices_and_dates_are_refused(app: Flask, coordinator: FlaskClient) -> None:
    for wrong in (
        {"kind": "party"},
        {"on": "i morgon"},
        {"from_time": "25"},
        {"kind": "briefing"},
        {"chair": "x" * 161},
    ):
        assert coordinator.post(f"{LIST}/nytt", data=NEW | wrong).status_code == 422
    assert counted(app, Meeting) == 0


def test_a_meeting_is_moved(app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse) -> None:
    form = parse(coordinator.get(f"{forum.url}/andra"))
    data = NEW | {"version": form.select_one("#version")["value"], "on": "2026-11-12"}
    assert coordinator.post(f"{forum.url}/andra", data=data).status_code == 303
    assert "12\u00a0november" in parse(coordinator.get(forum.url)).h1.text
    assert coordinator.post(f"{forum.url}/andra", data=data | {"location": "Kulturhuset"}).status_code == 409


def test_a_planned_meeting_is_cancelled_with_a_reason_and_planned_again(
    app: Flask, coordinator: FlaskClient, parse: Parse
) -> None:
    url = coordinator.post(f"{LIST}/nytt", data=NEW).location
    assert coordinator.post(f"{url}/stall-in", data={"reason": ""}).status_code == 422
    assert coordinator.post(f"{url}/stall-in", data={"reason": "För få kunde komma"}).status_code == 303
    page = parse(coordinator.get(url))
    assert "För få kunde komma" in page.text
    assert not page.select("textarea")
    assert coordinator.get(f"{url}/andra").status_code == 409
    assert coordinator.post(f"{url}/planera-igen").status_code == 303
    assert parse(coordinator.get(url)).select("textarea")


def test_a_meeting_that_was_said_to_be_held_too_early_is_cancelled_all_the_same(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    url = coordinator.post(f"{LIST}/nytt", data=NEW).location
    police, reason = world.actors["police"], {"reason": "För få kunde komma"}
    coordinator.post(f"{url}/narvaro", data={f"present-{police}": "1", f"before-{police}": ""})
    assert not parse(coordinator.get(url)).select(f'a[href="{url}/stall-in"]')
    for refused in (coordinator.post(f"{url}/stall-in", data=reason), coordinator.get(f"{url}/stall-in")):
        assert refused.status_code == 409
        assert "kan inte ställas in." in refused.text
    coordinator.post(f"{url}/narvaro", data={f"before-{police}": "present"})
    assert parse(coordinator.get(url)).select(f'a[href="{url}/stall-in"]')
    assert coordinator.post(f"{url}/stall-in", data=reason).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Meeting.state)).all() == [MeetingState.CANCELLED]


def test_a_meeting_that_decided_is_not_cancelled(coordinator: FlaskClient, parse: Parse) -> None:
    url = coordinator.post(f"{LIST}/nytt", data=NEW).location
    item = parse(coordinator.get(url)).select_one(".agenda li a")["href"].split("#")[0]
    decision = {"beslut-text": "Ljuset ses över.", "beslut-visibility": "partnership"}
    assert coordinator.post(f"{item}/beslut", data=decision).status_code == 303
    assert not parse(coordinator.get(url)).select(f'a[href="{url}/stall-in"]')
    assert coordinator.post(f"{url}/stall-in", data={"reason": "Nej"}).status_code == 409


def test_a_meeting_entered_by_mistake_is_removed_but_not_one_with_text(
    app: Flask, coordinator: FlaskClient, forum: Forum
) -> None:
    url = coordinator.post(f"{LIST}/nytt", data=NEW).location
    assert coordinator.get(f"{url}/ta-bort").status_code == 200
    assert coordinator.post(f"{url}/ta-bort").status_code == 303
    assert coordinator.get(url).status_code == 404
    assert coordinator.post(f"{forum.url}/ta-bort").status_code == 409
    assert counted(app, Meeting) == 1


def test_a_meeting_that_decides_is_held(app: Flask, coordinator: FlaskClient) -> None:
    url = coordinator.post(f"{LIST}/nytt", data=NEW).location
    assert coordinator.post(f"{url}/hallet").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Meeting.state)).all() == [MeetingState.HELD]
    assert counted(app, Decision) == 0


def test_what_has_happened_lately_tells_of_held_meetings_only(app: Flask, world: World) -> None:
    with app.test_request_context():
        for number, state in enumerate((MeetingState.PLANNED, MeetingState.HELD, MeetingState.CANCELLED), start=1):
            a_meeting(world, on=date(2026, 11, number)).state = state
        db.session.flush()
        told = held_lately(world.partnerships["sergels"], Reader(), Window(most=9))
        assert [hit.at.day for hit in told] == [2]
