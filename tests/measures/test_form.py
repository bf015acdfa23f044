"""What the form of a measure lets through: who answers for it, whose goals it serves, and what anyone may read."""

from collections.abc import Callable
from datetime import date
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import GoalLevel
from platssamverkan.measures.models import Measure, MeasureMethod, MeasureStatus, measure_affected_actor
from tests.builders import World
from tests.goals.builders import a_goal
from tests.measures.builders import a_measure
from tests.measures.test_views import LIST, posted

Parse = Callable[..., BeautifulSoup]


def test_a_measure_from_a_source_may_stay_without_responsible_actor_but_a_new_one_may_not(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        measure = a_measure(world)
        measure.source_id, measure.responsible_actor_id = world.source, None
        db.session.commit()
        url = f"{LIST}/{measure.id}"
    page = parse(coordinator.get(f"{url}/andra"))
    field = page.select_one("select[name=responsible_actor_id]")
    assert field.option.text == "Uppgift saknas"
    assert not field.has_attr("required")
    version = page.select_one("input[name=version]")["value"]
    data = posted(world, responsible_actor_id="", version=version)
    assert coordinator.post(f"{url}/andra", data=data).status_code == 303
    page = parse(coordinator.get(url))
    fact = page.find("dt", string="Ansvarig aktör").find_next("dd")
    assert fact.text.strip() == "uppgift saknas"
    refused = coordinator.post(f"{LIST}/ny", data=posted(world, responsible_actor_id=""))
    assert refused.status_code == 422
    assert "Välj vilken aktör som ansvarar." in refused.text


def test_the_form_says_where_goals_of_another_partnership_are_chosen(
    app: Flask, world: World, coordinator: FlaskClient
) -> None:
    with app.app_context():
        a_goal(world.partnerships["sergels"])
        db.session.commit()
    assert "Mål i en annan samverkan väljs där." in coordinator.get(f"{LIST}/ny").text


def test_a_measure_is_not_given_to_a_goal_that_has_ended_but_keeps_those_that_it_served(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    here = world.partnerships["sergels"]
    with app.app_context():
        running = a_goal(here, "Trygg plats", number=2).id
        a_goal(here, "Ett levande torg", level=GoalLevel.VISION, number=None)
        ended = a_goal(here, "Förra avtalets mål", number=1, ended_on=date(2020, 12, 31)).id
        kept = a_measure(world, goal_ids=[ended]).id
        db.session.commit()
    page = parse(coordinator.get(f"{LIST}/ny"))
    labels = [box.find_parent("label") or page.select_one(f"label[for={box['id']}]") for box in _goals(page)]
    assert [label.text.strip() for label in labels] == ["Vision: Ett levande torg", "Mål\xa02: Trygg plats"]
    assert coordinator.post(f"{LIST}/ny", data=posted(world, goal_ids=[str(ended)])).status_code == 422
    ticked = {box["value"]: box.has_attr("checked") for box in _goals(parse(coordinator.get(f"{LIST}/{kept}/andra")))}
    assert ticked[str(ended)]
    assert not ticked[str(running)]
    saved = posted(world, goal_ids=[str(ended)], version="1")
    assert coordinator.post(f"{LIST}/{kept}/andra", data=saved).status_code == 303


def _goals(page: BeautifulSoup) -> list[Any]:
    return page.select("input[name=goal_ids]")


def test_a_measure_is_not_due_before_it_begins(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    response = coordinator.post(f"{LIST}/ny", data=posted(world, starts="2026-12", due_on="2026-11-30"))
    assert response.status_code == 422
    assert "före den dag då åtgärden börjar" in parse(response).select_one("#due_on-error").text
    assert coordinator.post(f"{LIST}/ny", data=posted(world, starts="2026-12", due_on="2026-12-01")).status_code == 303


def test_a_measure_that_was_started_too_late_can_still_be_changed(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        url = f"{LIST}/{a_measure(world, status=MeasureStatus.DECIDED, due_on=date(2020, 11, 7)).id}"
        db.session.commit()
    assert coordinator.post(f"{url}/starta").status_code == 303
    page = parse(coordinator.get(f"{url}/andra"))
    saved = {name: page.select_one(f"[name={name}]")["value"] for name in ("starts", "due_on", "version")}
    assert saved["due_on"] < saved["starts"]
    for late in ({"due_on": "2020-11-08"}, {"starts": "2020-12"}):
        response = coordinator.post(f"{url}/andra", data=posted(world, **{**saved, **late}))
        assert "före den dag då åtgärden börjar" in parse(response).select_one("#due_on-error").text
    assert coordinator.post(f"{url}/andra", data=posted(world, **saved, title="Byt alla")).status_code == 303


def test_the_actor_that_answers_for_a_measure_is_not_among_those_affected(
    app: Flask, world: World, coordinator: FlaskClient
) -> None:
    both = [str(world.actors[name]) for name in ("owner", "police")]
    for url in (f"{LIST}/ny", f"{LIST}/1/andra"):
        data = posted(world, affected_actor_ids=both, version="1")
        assert coordinator.post(url, data=data).status_code == 303
        with app.app_context():
            affected = list(db.session.scalars(select(measure_affected_actor.c.actor_id)))
            assert affected == [world.actors["police"]]


def test_police_work_to_come_is_never_public(app: Flask, world: World, coordinator: FlaskClient, parse: Parse) -> None:
    public = {"visibility": "public", "methods": ["police"], "cpted": []}
    for status in ("proposed", "decided"):
        page = coordinator.post(f"{LIST}/ny", data=posted(world, status=status, **public))
        assert page.status_code == 422
        assert "Planerat polisarbete visas aldrig offentligt" in parse(page).select_one("#visibility-error").get_text()
    assert coordinator.post(f"{LIST}/ny", data=posted(world, status="ongoing", **public)).status_code == 303
    with app.app_context():
        coming = a_measure(world, methods=[MeasureMethod.POLICE], status=MeasureStatus.DECIDED).id
        published = a_measure(world, methods=[MeasureMethod.POLICE], visibility=Visibility.PUBLIC)
        published.status = None
        published_id = published.id
        # Only what a source leaves open may lack its status.
        published.source_id = world.source
        db.session.commit()
    assert coordinator.post(f"{LIST}/{coming}/andra", data=posted(world, version="1", **public)).status_code == 422
    assert coordinator.post(f"{LIST}/{published_id}/besluta").status_code == 409
    with app.app_context():
        assert db.session.get(Measure, coming).visibility is Visibility.PARTNERSHIP
        assert db.session.get(Measure, published_id).status is None


def test_ties_that_were_changed_meanwhile_are_not_saved_over(
    app: Flask, world: World, coordinator: FlaskClient
) -> None:
    with app.app_context():
        goal = str(a_goal(world.partnerships["sergels"]).id)
        measure_id = a_measure(world).id
        db.session.commit()

    def save(version: int, **ties: object) -> int:
        data = posted(world, version=str(version), **ties)
        return coordinator.post(f"{LIST}/{measure_id}/andra", data=data).status_code

    def present() -> int:
        with app.app_context():
            return db.session.get_one(Measure, measure_id).version

    police = str(world.actors["police"])
    tied: list[dict[str, object]] = [
        *({"goal_ids": [goal]}, {"affected_actor_ids": [police]}),
        *({"methods": ["situational", "social"]}, {"cpted": ["surveillance", "image"]}),
    ]
    for ties in tied:
        assert save(present()) == 303
        shown = present()
        assert [save(shown, **ties), save(shown)] == [303, 409]


def test_a_status_off_the_list_is_refused_at_its_field_whatever_the_measure_is(
    world: World, coordinator: FlaskClient
) -> None:
    refused = coordinator.post(f"{LIST}/ny", data=posted(world, status="påhittad", methods="police"))
    assert refused.status_code == 422
    assert "Välj ett av alternativen i listan." in refused.text
