"""The report tells its audience how much of the period's records it lacks: no more and no less."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.agreements.models import AgreementStatus
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import GoalLevel, GoalVersion
from platssamverkan.measures import services
from platssamverkan.measures.models import FollowUpEffect, Measure, MeasureStatus
from tests.agreements.builders import a_commitment, an_agreement
from tests.builders import World
from tests.goals.builders import a_goal, an_assessment, an_indicator
from tests.measures.builders import a_follow_up, a_measure
from tests.reports.builders import a_forum

URL = "/samverkan/sergels/rapporter/maluppfyllelse/2026/vb"
CLOSED = Visibility.AUTHORITIES_ONLY


@pytest.fixture(autouse=True)
def _a_day_in_november() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        yield


def told(client: FlaskClient, parse: Any, url: str = URL) -> str | None:
    line = parse(client.get(url)).select_one(".left-out")
    return line.text.split(" i den här")[0] if line else None


def test_what_the_period_would_not_tell_of_is_not_said_to_be_left_out(
    app: Flask, world: World, owner: FlaskClient, parse: Any
) -> None:
    here = world.partnerships["sergels"]
    with app.app_context():
        a_goal(here, visibility=CLOSED, ended_on=date(2025, 12, 31))
        an_indicator(here, visibility=CLOSED, ended_on=date(2025, 12, 31))
        a_commitment(an_agreement(world, starts="2020", ends="2025", visibility=CLOSED))
        a_commitment(an_agreement(world, starts="2026", status=AgreementStatus.DRAFT, visibility=CLOSED))
        an_agreement(world, starts="2026", visibility=CLOSED)
        earlier = a_measure(world, visibility=CLOSED)
        services.close(earlier, on=date(2025, 4, 1), is_needed=False, reason="Klart")
        a_goal(here, visibility=CLOSED, level=GoalLevel.SUBGOAL)
        a_goal(here, visibility=CLOSED, starts="2027")
        a_measure(world, visibility=CLOSED, starts="2027", due_on=date(2026, 11, 1), status=MeasureStatus.DECIDED)
        followed = a_measure(world)
        a_follow_up(followed, on=date(2025, 3, 1), visibility=CLOSED)
        a_follow_up(followed, on=date(2025, 9, 1))
        db.session.commit()
    assert told(owner, parse) is None
    with app.app_context():
        a_commitment(an_agreement(world, starts="2026", visibility=CLOSED))
        db.session.commit()
    assert told(owner, parse) == "1 punkt är utelämnad"


def test_the_summary_says_of_what_it_has_nothing_to_show(
    app: Flask, world: World, owner: FlaskClient, police: FlaskClient
) -> None:
    with app.app_context():
        a_goal(world.partnerships["sergels"], visibility=CLOSED)
        db.session.commit()
    assert "<li>Inga mål i den här versionen.</li>" in owner.get(URL).text
    assert "Inga mål" not in police.get(f"{URL}?for=authorities").text


@pytest.mark.parametrize("kind", ["follow-up", "decided", "late", "cancelled"])
def test_all_that_the_report_tells_of_measures_is_counted(
    app: Flask, world: World, owner: FlaskClient, parse: Any, kind: str
) -> None:
    closed: dict[str, Any] = {"visibility": CLOSED, "due_on": None}
    with app.app_context():
        if kind == "follow-up":
            a_follow_up(a_measure(world), text="Bara för myndigheter", visibility=CLOSED)
        elif kind == "decided":
            a_forum(world, status=MeasureStatus.DECIDED, **closed)
        elif kind == "late":
            a_measure(world, **closed | {"due_on": date(2026, 11, 1)}, status=MeasureStatus.DECIDED)
        else:
            services.cancel(a_measure(world, **closed), reason="Pengarna är slut", on=date(2026, 5, 1))
        db.session.commit()
    assert told(owner, parse) == "1 punkt är utelämnad"


def test_a_measure_that_was_late_when_the_period_ended_is_counted(
    app: Flask, world: World, owner: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        late = a_measure(world, visibility=CLOSED, due_on=date(2026, 3, 1), status=MeasureStatus.DECIDED)
        services.close(late, on=date(2026, 6, 1), is_needed=False, reason="Klart")
        db.session.commit()
    assert told(owner, parse, URL.replace("vb", "t1")) == "1 punkt är utelämnad"


def test_the_follow_up_that_would_stand_beside_a_measure_is_counted_however_old(
    app: Flask, world: World, owner: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        a_follow_up(a_measure(world), on=date(2025, 9, 1), visibility=CLOSED)
        db.session.commit()
    assert told(owner, parse) == "1 punkt är utelämnad"


def test_a_goal_that_ended_is_counted_when_the_period_assessed_it(
    app: Flask, world: World, owner: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"], visibility=CLOSED, ended_on=date(2025, 12, 31))
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal.id)).one()
        an_assessment(version, year=2026)
        db.session.commit()
    assert told(owner, parse) == "1 punkt är utelämnad"


def test_a_follow_up_that_is_kept_from_the_audience_brings_no_measure_into_its_report(
    app: Flask, world: World, owner: FlaskClient, police: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        measure = a_measure(world, title="Ommålad tunnel")
        services.close(measure, on=date(2025, 4, 1), is_needed=False, reason="Klart")
        a_follow_up(measure, on=date(2026, 5, 1), visibility=CLOSED)
        db.session.commit()
    assert "Ommålad tunnel" in police.get(f"{URL}?for=authorities").text
    assert "Ommålad tunnel" not in owner.get(URL).text
    assert told(owner, parse) == "1 punkt är utelämnad"


def test_commitments_of_a_draft_are_not_said_to_hold(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        agreement = an_agreement(world, status=AgreementStatus.DRAFT, starts="2018", ends="2020")
        a_commitment(agreement, text="Städa varje morgon")
        db.session.commit()
        address = f"/samverkan/sergels/avtal/{agreement.id}"
    page = parse(coordinator.get(URL))
    assert "Städa varje morgon" not in page.text
    figure = page.select_one("a[href*='underlag/ataganden-i-andra-avtal']")
    assert figure.text == "1\xa0åtagande"
    assert figure.parent.text.endswith(" i avtal som inte gällde under perioden är inte med.")
    row = parse(coordinator.get(figure["href"])).select_one("#counted tbody tr")
    assert row.a["href"] == address
    assert [cell.text for cell in row.select("th, td")] == [
        "Städa varje morgon",
        "Platssamverkan på torget",
        "2018–2020",
    ]


@pytest.mark.parametrize("has_directions", [True, False])
def test_an_overall_goal_that_ended_in_the_period_is_missed_only_where_overall_goals_are_assessed(
    app: Flask, world: World, owner: FlaskClient, police: FlaskClient, parse: Any, has_directions: bool
) -> None:
    here = world.partnerships["sergels"]
    with app.app_context():
        a_goal(here, "Det dolda", level=GoalLevel.OVERALL, number=None, visibility=CLOSED, ended_on=date(2026, 5, 1))
        a_goal(here, level=GoalLevel.DIRECTION if has_directions else GoalLevel.OVERALL)
        db.session.commit()
    assert ("Det dolda" in police.get(f"{URL}?for=authorities").text) is not has_directions
    assert told(owner, parse) == (None if has_directions else "1 punkt är utelämnad")


def test_an_overall_goal_that_ended_is_not_missed_where_inriktningsmal_are_out_of_sight_too(
    app: Flask, world: World, owner: FlaskClient, parse: Any
) -> None:
    here = world.partnerships["sergels"]
    with app.app_context():
        a_goal(here, level=GoalLevel.OVERALL, number=None, visibility=CLOSED, ended_on=date(2026, 5, 1))
        a_goal(here, level=GoalLevel.OVERALL, number=None)
        a_goal(here, visibility=CLOSED)
        db.session.commit()
    assert told(owner, parse) == "1 punkt är utelämnad"
    text = parse(owner.get(URL)).select_one("#fulfilment").find_next_sibling("p").text
    assert text == "Inga inriktningsmål i den här versionen. Här bedöms de övergripande målen."


def test_a_follow_up_that_a_later_one_stands_before_is_missed_only_when_it_is_told_of_by_itself(
    app: Flask, world: World, owner: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        measure = a_measure(world)
        a_follow_up(measure, on=date(2026, 3, 1), visibility=CLOSED)
        a_follow_up(measure, on=date(2026, 9, 1))
        db.session.commit()
    assert told(owner, parse) is None
    with app.app_context():
        a_follow_up(db.session.scalars(select(Measure)).one(), on=date(2026, 4, 1), visibility=CLOSED,
                    effect=FollowUpEffect.WORSENED)  # fmt: skip
        db.session.commit()
    assert told(owner, parse) == "1 punkt är utelämnad"
