"""Fixtures of the room."""

import pytest
from sqlalchemy import select

from platssamverkan.briefings.models import Briefing
from platssamverkan.core import clock
from platssamverkan.core.db import db
from tests.briefings.builders import a_briefing


@pytest.fixture
def saved(app, world):
    """Return a function that makes a briefing at the square and gives its id."""

    def save(**changes):
        with app.app_context():
            briefing_id = a_briefing(world, "sergels", **{"starts_at": clock.now(), **changes}).id
            db.session.commit()
            return briefing_id

    return save


@pytest.fixture
def made(app, world):
    """Return a function that makes a row of a briefing with a builder and gives its id."""

    def make(builder, briefing_id, *args, **changes):
        with app.app_context():
            row_id = builder(world, db.session.get_one(Briefing, briefing_id), *args, **changes).id
            db.session.commit()
            return row_id

    return make


@pytest.fixture
def read(app):
    """Return a function that reads one column of all rows, in the order they were made."""

    def values(column):
        with app.app_context():
            return list(db.session.scalars(select(column).order_by(column.class_.id)))

    return values
