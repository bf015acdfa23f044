"""Meetings, made in a transaction of their own; tests get ids."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from platssamverkan.core.db import db
from tests.builders import World
from tests.meetings.builders import a_decision, a_meeting, approve, attend, hide, item_at


@dataclass(frozen=True)
class Forum:
    """Ids of a forum at Sergels torg, 5 November 2026."""

    id: int
    #: § 1, where nothing is written, § 4, which only authorities read, and § 10 with a decision and its measure.
    opening: int
    police: int
    decided: int
    decision: int
    measure: int

    @property
    def url(self) -> str:
        return f"/samverkan/sergels/moten/{self.id}"

    def item_url(self, item_id: int) -> str:
        return f"{self.url}/punkt/{item_id}"


MakeForum = Callable[..., Forum]


@pytest.fixture
def make_forum(app: Flask, world: World) -> MakeForum:
    """Make a forum: make_forum(approved=True, on=date(2026, 3, 2))."""

    def make(*, approved: bool = False, **changes: object) -> Forum:
        with app.app_context():
            meeting = a_meeting(world, **changes)
            opening, police, decided = (item_at(meeting, position) for position in (1, 4, 10))
            hide(police, world.actors["police"]).text = "Hemlig lägesbild"
            decided.text = "Belysningen är trasig."
            db.session.flush()
            decision = a_decision(world, decided, measure="Byt fyra armaturer")
            attend(world, meeting, "police")
            forum = Forum(meeting.id, opening.id, police.id, decided.id, decision.id, decision.measures[0].id)
            if approved:
                approve(meeting)
            db.session.commit()
            return forum

    return make


@pytest.fixture
def forum(make_forum: MakeForum) -> Forum:
    """A held forum whose minutes are a draft."""
    return make_forum()


@pytest.fixture
def approved_forum(make_forum: MakeForum) -> Forum:
    """A forum whose minutes are approved and locked."""
    return make_forum(approved=True)
