"""Other rooms are told nothing of measures, follow-ups and problems that the reader may not read."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from platssamverkan.core.db import db
from platssamverkan.core.registry import Window, registry
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.measures import services
from tests.builders import World
from tests.goals.builders import a_goal, an_indicator
from tests.measures.builders import a_follow_up, a_measure, a_problem

CLOSED = Visibility.AUTHORITIES_ONLY
YEAR = date(2026, 1, 1), date(2026, 12, 31)


def everything(world: World, visibility: Visibility) -> tuple[int, int]:
    """Save what is told of, all of the same class; return the ids of a goal and an indicator that they serve."""
    here = world.partnerships["sergels"]
    goal, indicator = a_goal(here), an_indicator(here)
    begun = a_measure(world, title="Belysning", starts="2026-05-12", goal_ids=[goal.id], visibility=visibility)
    a_follow_up(begun, indicator_id=indicator.id)
    done = a_measure(world, title="Belysning på trappan", visibility=visibility)
    services.close(done, on=date(2026, 6, 1), is_needed=False, reason="Klart")
    open_one = a_measure(world, title="Städning", goal_ids=[])
    a_follow_up(open_one, indicator_id=indicator.id, text="Dold iakttagelse", visibility=visibility)
    a_problem(world, text="Belysning saknas", visibility=visibility)
    return int(goal.id), int(indicator.id)


def told(world: World, reader: Reader, goal_id: int, indicator_id: int) -> dict[str, int]:
    here = world.partnerships["sergels"]
    found: dict[str, Any] = {
        "goal": registry.mentions_of("goal", here, [goal_id], reader)[goal_id],
        "indicator": [
            one
            for one in registry.mentions_of("indicator", here, [indicator_id], reader)[indicator_id]
            if one.label.startswith("Uppföljning")
        ],
        "evidence": registry.linkables["measure"](here, reader, *YEAR),
        "by id": registry.linkables["measure"](here, reader, *YEAR, ids=[1, 2, 3]),
        **{name: registry.searches[name]({here: reader}, ["belysning"], 9) for name in ("measures", "problems")},
        **{
            name: registry.feeds[name](here, reader, Window(9))
            for name in ("measures_closed", "measures_started", "measures_followed_up")
        },
    }
    return {name: len(rows) for name, rows in found.items()}


@pytest.mark.parametrize("sees", [False, True], ids=["others", "authorities"])
def test_what_is_closed_to_the_reader_is_told_of_nowhere(app: Flask, world: World, sees: bool) -> None:
    with app.app_context(), app.test_request_context():
        ids = everything(world, CLOSED)
        counts = told(world, Reader(sees_authorities=sees), *ids)
        db.session.rollback()
    open_measures = {"evidence": 1, "by id": 1}
    expected = {
        "goal": 1, "indicator": 2, "evidence": 3, "by id": 3, "measures": 2, "problems": 1, "measures_closed": 1,
        "measures_started": 1, "measures_followed_up": 2,
    }  # fmt: skip
    assert counts == (expected if sees else {name: open_measures.get(name, 0) for name in expected})
