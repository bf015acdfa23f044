"""Problems, their causes, and the way from a cause to a measure."""

from collections.abc import Callable
from datetime import date
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.measures.models import CauseAnalysis, CauseKind, Measure, Problem, TimeBand
from tests.builders import World
from tests.measures.builders import a_cause, a_measure, a_problem

ROOM = "/samverkan/sergels/atgarder"
LIST = f"{ROOM}/problem"
Parse = Callable[..., BeautifulSoup]


def problem_data(world: World, **changes: Any) -> dict[str, Any]:
    """Return a filled-in form of a problem."""
    values = {
        "text": "Öppen försäljning vid trappan",
        "place_id": str(world.places["square"]),
        "time_band": "evening",
        "priority": "1",
        "noted_on": "2026-03-02",
        "visibility": "partnership",
    }
    return {**values, **changes}


def test_problems_are_filtered_by_place_time_state_and_text(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        a_problem(world, text="Försäljning vid trappan")
        a_problem(world, number=2, text="Klotter", place_id=None, time_band=TimeBand.MORNING)
        a_problem(world, number=3, text="Nedskräpning", time_band=None, resolved_on=date(2026, 9, 1))
        db.session.commit()
    expected = {
        "": ["Försäljning vid trappan", "Klotter", "Nedskräpning"],
        "plats=" + str(world.places["square"]): ["Försäljning vid trappan", "Nedskräpning"],
        "tid=morning": ["Klotter"],
        "lage=lost": ["Nedskräpning"],
        "lage=kvar": ["Försäljning vid trappan", "Klotter"],
        "text=klot": ["Klotter"],
        "sortera=-problem": ["Nedskräpning", "Klotter", "Försäljning vid trappan"],
    }

    def texts(query: str) -> list[str]:
        return [link.get_text() for link in parse(coordinator.get(f"{LIST}?{query}")).select("tbody th a")]

    assert {query: texts(query) for query in expected} == expected
    assert "Klotter;2;" in coordinator.get(f"{LIST}?format=csv").get_data(as_text=True)


def test_a_problem_is_written_changed_and_marked_as_solved(app: Flask, world: World, police: FlaskClient) -> None:
    response = police.post(f"{LIST}/nytt", data=problem_data(world))
    assert response.status_code == 303
    url = response.location
    changed = problem_data(world, text="Försäljning vid hissen", version="1")
    assert police.post(f"{url}/andra", data=changed).status_code == 303
    conflict = police.post(f"{url}/andra", data=problem_data(world, text="Sist", version="1"))
    assert conflict.status_code == 409
    assert "Försäljning vid hissen" in conflict.get_data(as_text=True)
    assert police.post(f"{url}/lost").status_code == 303
    assert police.post(f"{url}/lost").status_code == 409
    assert "Löst" in police.get(url).get_data(as_text=True)
    assert police.post(f"{url}/kvarstar").status_code == 303
    with app.app_context():
        problem = db.session.scalar(select(Problem))
        assert (problem.text, problem.resolved_on, problem.number) == ("Försäljning vid hissen", None, 1)


def test_wrong_input_saves_no_problem_and_no_cause(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        problem_id = a_problem(world).id
        db.session.commit()
    wrong = {"text": "", "place_id": "99999", "time_band": "noon", "priority": "0", "noted_on": "2190-01-01"}
    for name, value in wrong.items():
        response = coordinator.post(f"{LIST}/nytt", data=problem_data(world, **{name: value}))
        assert response.status_code == 422, name
        assert parse(response).select(f"#{name}-error"), name
    for data in ({"kind": "social"}, {"text": "Mörkt"}, {"text": "Mörkt", "kind": "moon"}):
        assert coordinator.post(f"{LIST}/{problem_id}/orsak/ny", data=data).status_code == 422
    with app.app_context():
        assert len(list(db.session.scalars(select(Problem)))) == 1
        assert db.session.scalar(select(CauseAnalysis)) is None


def test_from_a_cause_to_a_measure_against_it(app: Flask, world: World, coordinator: FlaskClient, parse: Parse) -> None:
    with app.app_context():
        problem_id = a_problem(world).id
        db.session.commit()
    cause = {"text": "Gången är mörk", "kind": "physical", "mandate_actor_id": str(world.actors["traffic"])}
    assert coordinator.post(f"{LIST}/{problem_id}/orsak/ny", data=cause).status_code == 303
    page = parse(coordinator.get(f"{LIST}/{problem_id}"))
    assert "Ingen åtgärd svarar mot orsaken" in page.get_text()
    form = parse(coordinator.get(page.find("a", string="Ny åtgärd mot orsaken")["href"]))
    chosen = {name: form.select_one(f"#{name} option[selected]").get_text() for name in ("cause_id", "place_id")}
    assert chosen == {"cause_id": "Problem 1, orsak 1: Gången är mörk", "place_id": "Sergels torg"}
    assert form.select_one("#responsible_actor_id option[selected]").get_text() == "Trafikkontoret"


def test_a_cause_is_changed_by_its_own_actor(
    app: Flask, world: World, police: FlaskClient, owner: FlaskClient, reader: FlaskClient
) -> None:
    with app.app_context():
        cause_id = a_cause(world, a_problem(world)).id
        db.session.commit()
    url = f"{ROOM}/orsak/{cause_id}/andra"
    data = {"text": "Armaturerna är trasiga", "kind": "organisational", "version": "1"}
    assert [client.post(url, data=data).status_code for client in (owner, reader)] == [403, 403]
    assert police.post(url, data=data).status_code == 303
    assert police.post(url, data={**data, "text": "Sist"}).status_code == 409
    assert police.post(url, data={**data, "version": "2", "text": ""}).status_code == 422
    with app.app_context():
        cause = db.session.get(CauseAnalysis, cause_id)
        assert (cause.text, cause.kind) == ("Armaturerna är trasiga", CauseKind.ORGANISATIONAL)


def test_problems_and_causes_are_removed_only_when_nothing_hangs_on_them(
    app: Flask, world: World, coordinator: FlaskClient
) -> None:
    with app.app_context():
        problem = a_problem(world)
        cause = a_cause(world, problem)
        measure_id = a_measure(world, cause_id=cause.id).id
        problem_url, cause_url = f"{LIST}/{problem.id}/ta-bort", f"{ROOM}/orsak/{cause.id}/ta-bort"
        db.session.commit()
    for url in (problem_url, cause_url):
        assert "kan inte tas bort" in coordinator.get(url).get_data(as_text=True)
        refused = coordinator.post(url)
        assert refused.status_code == 409
        assert "kan inte tas bort" in refused.text
    with app.app_context():
        db.session.get(Measure, measure_id).cause_id = None
        db.session.commit()
    for url in (cause_url, problem_url):
        assert coordinator.get(url).status_code == 200
        assert coordinator.post(url).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(Problem)) is None


def test_readers_read_and_strangers_see_nothing(
    app: Flask, world: World, reader: FlaskClient, stranger: FlaskClient, coordinator: FlaskClient
) -> None:
    with app.app_context():
        problem_id = a_problem(world).id
        db.session.commit()
    assert reader.get(f"{LIST}/{problem_id}").status_code == 200
    for path in ("nytt", f"{problem_id}/andra", f"{problem_id}/ta-bort", f"{problem_id}/orsak/ny"):
        assert reader.get(f"{LIST}/{path}").status_code == 403
        assert stranger.get(f"{LIST}/{path}").status_code == 404
    assert reader.post(f"{LIST}/{problem_id}/lost").status_code == 403
    assert coordinator.get(f"/samverkan/klara/atgarder/problem/{problem_id}").status_code == 404
