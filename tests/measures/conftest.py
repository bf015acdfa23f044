"""Rows of the room, made in a transaction of their own."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from platssamverkan.core.db import db
from tests.builders import World
from tests.measures.builders import a_measure

Make = Callable[..., int]


@pytest.fixture
def make_measure(app: Flask, world: World) -> Make:
    """Return the id of a new measure: make_measure(actor="owner", title="Städa")."""

    def make(**changes: Any) -> int:
        with app.app_context():
            measure_id = a_measure(world, **changes).id
            db.session.commit()
            return int(measure_id)

    return make
