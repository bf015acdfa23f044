"""Nobody who changes who may read a row loses it from sight, and none is left that nobody may read."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.goals.models import GoalVersion
from tests.builders import World
from tests.goals.builders import a_goal, an_assessment, an_indicator, an_observation

HERE = "/samverkan/sergels/mal"
#: (address of the form with what else it asks for, address of the row) of a goal, an indicator, one of its
#: observations and an assessment; the first of each kind.
ROWS = {
    "goal": (f"{HERE}/1/andra", {"level": "direction"}, f"{HERE}/1"),
    "indicator": (
        f"{HERE}/indikatorer/1/andra",
        {"name": "Städat", "kind": "cleanliness", "desired_direction": "up"},
        f"{HERE}/indikatorer/1",
    ),
    "observation": (
        f"{HERE}/indikatorer/1/matvarden/1/andra",
        {"starts": "2025", "value": "3", "origin": "Enkät"},
        f"{HERE}/indikatorer/1/matvarden/1/andra",
    ),
    "assessment": (
        f"{HERE}/1/bedomning/2025/vb/andra",
        {"grade": "partial", "motivation": "Färre störs.", "lacks_evidence": "y"},
        f"{HERE}/1/bedomning/2025/vb",
    ),
}


@pytest.fixture
def given(app: Flask, world: World) -> Callable[[str | None], None]:
    """Make one row of each kind that the actor owns: given("police"), or given(None) as from a source."""

    def make(owner: str | None) -> None:
        with app.app_context():
            here, own = world.partnerships["sergels"], {"owner_actor_id": world.actors[owner] if owner else None}
            a_goal(here, **own)
            an_observation(an_indicator(here, **own), "2025", "3", **own)
            an_assessment(db.session.scalars(select(GoalVersion)).one(), **own)
            db.session.commit()

    return make


@pytest.mark.parametrize("kind", ROWS)
def test_the_text_of_another_actor_is_not_made_internal_to_it(
    coordinator: FlaskClient, given: Callable[[str | None], None], kind: str, parse
) -> None:
    given("police")
    form, data, row = ROWS[kind]
    assert parse(coordinator.get(form)).select("#visibility option[value=actor_internal]") == []
    refused = coordinator.post(form, data={**data, "visibility": "actor_internal", "version": "1"})
    assert refused.status_code == 422
    assert coordinator.get(row).status_code == 200


@pytest.mark.parametrize("kind", ROWS)
def test_what_no_actor_owns_becomes_that_of_the_one_who_changes_it(
    coordinator: FlaskClient, police: FlaskClient, given: Callable[[str | None], None], kind: str
) -> None:
    given(None)
    form, data, row = ROWS[kind]
    saved = coordinator.post(form, data={**data, "visibility": "actor_internal", "version": "1"})
    assert saved.status_code == 303
    assert coordinator.get(row).status_code == 200
    assert police.get(row).status_code in {403, 404}
