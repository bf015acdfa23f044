"""Words whose time has passed go on to hold until others do; every page that shows them says so."""

from collections.abc import Callable
from datetime import date, time

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import Goal, GoalVersion
from platssamverkan.places.models import Place
from tests.builders import World, add
from tests.conftest import SignIn
from tests.goals.builders import a_goal

HERE, TITLE = "/samverkan/sergels", "Torget är rent"


@pytest.fixture
def goal_id(app: Flask, world: World) -> int:
    """Return the id of a goal whose words are for 2023–2025."""
    with app.app_context():
        goal_id: int = a_goal(world.partnerships["sergels"], TITLE, visibility=Visibility.PUBLIC).id
        db.session.scalars(select(GoalVersion)).one().ends = "2025"
        db.session.get_one(Place, world.places["square"]).source_id = world.source
        db.session.commit()
    return goal_id


@pytest.fixture
def told(sign_in: SignIn, parse: Callable[..., BeautifulSoup], goal_id: int) -> Callable[[date], list[str]]:
    """Return what is said beside the goal on a day: overview, tree, its section, its page, the public page."""

    def texts(page: str, selector: str) -> str:
        client: FlaskClient = sign_in("coordinator")
        found = parse(client.get(page)).select(selector)
        return " ".join(one.get_text(" ", strip=True) for one in found if "ut" in one.text)

    def on(day: date) -> list[str]:
        with time_machine.travel(clock.at_local(day, time(12)), tick=False):
            return [
                texts(f"{HERE}/", "section[aria-labelledby=goals] th .detail"),
                texts(f"{HERE}/mal", "section[aria-labelledby=summary] th .detail"),
                texts(f"{HERE}/mal", ".goal-figures > .detail"),
                texts(f"{HERE}/mal/{goal_id}", ".notice-neutral"),
                texts("/plats/torget", "section[aria-labelledby=goals] .detail").partition(". ")[2],
            ]

    return on


PASSED = "Giltighetstiden gick ut 2025"
ON_ITS_PAGE = "Målets giltighetstid gick ut 2025"
IN_PUBLIC = "Tiden har gått ut och ingen nyare lydelse gäller."


def test_it_is_said_from_the_day_after_its_last(app: Flask, told: Callable[[date], list[str]], goal_id: int) -> None:
    assert told(date(2025, 12, 31)) == [""] * 5
    entered = "Ingen nyare lydelse är inlagd, och målet är inte avslutat."
    assert told(date(2026, 1, 1)) == [PASSED] * 3 + [f"{ON_ITS_PAGE} {entered}", IN_PUBLIC]
    with app.app_context():
        add(GoalVersion(goal_id=goal_id, number=2, text="Torget är renare", starts="2027"))
        db.session.commit()
    assert told(date(2026, 12, 31)) == [PASSED] * 3 + [f"{ON_ITS_PAGE} Ingen nyare lydelse gäller än.", IN_PUBLIC]
    assert told(date(2027, 1, 1)) == [""] * 5


def test_a_goal_that_has_ended_says_that_alone(
    app: Flask, sign_in: SignIn, goal_id: int, parse: Callable[..., BeautifulSoup]
) -> None:
    with app.app_context():
        db.session.get_one(Goal, goal_id).ended_on = date(2026, 1, 31)
        db.session.commit()
    with time_machine.travel(clock.at_local(date(2026, 3, 1), time(12)), tick=False):
        notices = parse(sign_in("coordinator").get(f"{HERE}/mal/{goal_id}")).select(".notice-neutral h2")
    assert [one.text.split()[:3] for one in notices] == [["Målet", "är", "avslutat"]]


def test_the_latest_words_are_not_said_to_hold_now_when_their_time_has_passed(
    app: Flask, sign_in: SignIn, goal_id: int, parse: Callable[..., BeautifulSoup]
) -> None:
    with app.app_context():
        add(GoalVersion(goal_id=goal_id, number=2, text="Torget är renare", starts="2190"))
        db.session.commit()
    client = sign_in("coordinator")
    spans = parse(client.get(f"{HERE}/mal/{goal_id}")).select("section[aria-labelledby=versions] p.detail")
    assert [one.text for one in spans] == ["från 2190", "2023–2025"]
    row = parse(client.get(f"{HERE}/mal/alla")).select_one("tbody td[data-label='Lydelsen gäller från']")
    assert row.get_text(" ", strip=True) == "2023 till 2025"
