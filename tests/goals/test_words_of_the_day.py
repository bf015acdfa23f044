"""Every page speaks of a goal in the words that hold on the day, not in those that are still to come."""

from collections.abc import Callable
from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.goals import goal_queries, wording
from platssamverkan.goals.models import ActionPlan, ActionPlanKind, Goal, GoalLevel, GoalVersion
from platssamverkan.places.models import Place
from tests.activations.builders import an_event
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment, an_indicator
from tests.measures.builders import a_measure

Parse = Callable[..., BeautifulSoup]
HERE = "/samverkan/sergels"
HOLDING, COMING, AHEAD = "Torget är en trygg plats", "Torget är tryggt dygnet runt", "Torget är fritt från klotter"


@pytest.fixture
def goal_id(app: Flask, world: World) -> int:
    """Return the id of a goal that gets new words in 2190, and that much serves; one beside it begins that year."""
    with app.app_context():
        here = world.partnerships["sergels"]
        plan = add(ActionPlan(partnership_id=here, title="Plan", kind=ActionPlanKind.ACTION_PLAN))
        goal = a_goal(here, HOLDING, visibility=Visibility.PUBLIC, plan_id=plan.id)
        add(GoalVersion(goal_id=goal.id, number=2, text=COMING, starts="2190"))
        a_goal(here, AHEAD, number=3, visibility=Visibility.PUBLIC, starts="2190")
        a_goal(here, "Färre störs", number=1, level=GoalLevel.SUBGOAL, parent_id=goal.id)
        an_indicator(here, goals=[goal])
        a_measure(world, goal_ids=[goal.id])
        an_event(world, goals=[goal])
        an_assessment(db.session.scalars(select(GoalVersion).where(GoalVersion.text == HOLDING)).one())
        db.session.get_one(Place, world.places["square"]).source_id = world.source
        found: int = goal.id
        db.session.commit()
        return found


@pytest.mark.parametrize(
    "address",
    [
        f"{HERE}/",
        *(f"{HERE}/mal{rest}" for rest in ("", "/alla", "/alla?format=csv", "/alla?lage=galler", "/nytt", "/studier")),
        *(f"{HERE}/mal/{rest}" for rest in ("2/andra", "1/avsluta", "1/ta-bort", "1/andra", "3")),
        *(f"{HERE}/mal/indikatorer{rest}" for rest in ("", "/1", "/ny", "/1/andra")),
        *(f"{HERE}/mal/bedomning?ar={year}&period=vb" for year in (2025, 2026)),
        *(
            f"{HERE}/mal/1/bedomning/{rest}"
            for rest in ("2025/vb", "2025/vb/andra", "2026/vb/andra", "2025/vb/ta-bort")
        ),
        *(f"{HERE}/atgarder{rest}" for rest in ("", "?format=csv", "/1", "/ny", "/1/andra")),
        *(f"{HERE}/platsaktivering{rest}" for rest in ("", "?format=csv", "/1", "/ny", "/1/andra")),
        f"{HERE}/rapporter/maluppfyllelse/2026/vb",
        "/plats/torget",
    ],
)
def test_no_page_tells_what_is_still_to_come_as_holding(goal_id: int, coordinator: FlaskClient, address: str) -> None:
    response = coordinator.get(address)
    assert response.status_code == 200
    assert COMING not in response.text
    assert HOLDING in response.text or "/mal/2/andra" in address


@pytest.mark.parametrize("address", [f"{HERE}/", "/plats/torget", f"{HERE}/mal/alla?lage=galler"])
def test_a_goal_that_has_not_begun_is_not_among_those_that_hold(
    goal_id: int, coordinator: FlaskClient, address: str
) -> None:
    text = coordinator.get(address).text
    assert HOLDING in text
    assert AHEAD not in text


def test_the_tree_and_the_list_say_which_goals_are_still_to_come(
    goal_id: int, coordinator: FlaskClient, parse: Parse
) -> None:
    rows = parse(coordinator.get(f"{HERE}/mal")).select("section[aria-labelledby=summary] tbody th")
    assert [row.get_text(" ", strip=True) for row in rows] == [HOLDING, f"{AHEAD} Börjar gälla 2190"]
    listed = parse(coordinator.get(f"{HERE}/mal/alla?lage=kommande")).select("tbody th a")
    assert [row.text for row in listed] == [AHEAD]


def test_the_coming_words_stand_on_the_goals_own_page(goal_id: int, coordinator: FlaskClient) -> None:
    for address in (f"{HERE}/mal/{goal_id}", f"{HERE}/mal/{goal_id}/lydelse", f"/sok?q={COMING}"):
        assert COMING in coordinator.get(address).text


@pytest.mark.parametrize(
    "starts", [("2023", "2026-06", "2026-06-15"), (None, "2025", "2027"), ("2026-06", None, "2028")]
)
@pytest.mark.parametrize(
    "day", [date(2022, 1, 1), date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 15), date(2030, 1, 1)]
)
def test_the_database_and_the_program_agree_on_which_words_hold(
    app: Flask, world: World, starts: tuple[str | None, ...], day: date
) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        goal: Goal = a_goal(here, "Ord 1", starts=starts[0])
        for number in (2, 3):
            add(GoalVersion(goal_id=goal.id, number=number, text=f"Ord {number}", starts=starts[number - 1]))
        (found,) = goal_queries.goals_with_current(here, Reader(), on=day)
        goal_queries.load_versions([goal])
        assert found.version is wording.version_at(goal, day)
