"""Fixtures of the room."""

import pytest
from flask import Flask

from platssamverkan.core.db import db
from tests.builders import World
from tests.goals.builders import a_goal, an_indicator, an_observation


@pytest.fixture
def goal_id(app: Flask, world: World) -> int:
    with app.app_context():
        found: int = a_goal(world.partnerships["sergels"]).id
        db.session.commit()
        return found


@pytest.fixture
def indicator_id(app: Flask, world: World) -> int:
    with app.app_context():
        indicator = an_indicator(world.partnerships["sergels"])
        an_observation(indicator, "2025", "37")
        db.session.commit()
        return indicator.id
