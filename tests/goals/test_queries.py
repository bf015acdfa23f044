"""What other rooms are told of goals."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
import time_machine
from flask import Flask

from platssamverkan.core.db import db
from platssamverkan.core.visibility import Audience, Reader, Visibility
from platssamverkan.goals import assessment_queries, goal_queries, queries
from platssamverkan.goals.models import GoalLevel, GoalVersion, ReportingPeriod, TargetOperator
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment, an_indicator, an_observation

MEMBER = Reader(sees_authorities=False)


def test_a_goal_tells_its_words_indicators_trend_and_latest_grade(app: Flask, world: World) -> None:
    with app.app_context():
        klara = world.partnerships["klara"]
        goal = a_goal(klara)
        indicator = an_indicator(klara, goals=[goal], target_value=Decimal(40), target_operator=TargetOperator.AT_MOST)
        an_observation(indicator, "2024", "44")
        an_observation(indicator, "2025", "37")
        an_indicator(klara, "Utan målnivå", goals=[goal])
        version = db.session.query(GoalVersion).one()
        an_assessment(version)
        an_assessment(version, period=ReportingPeriod.T2)
        db.session.commit()
        db.session.expire_all()
        (row,) = queries.overview_rows(klara, MEMBER)
        assert (row.number, row.text, row.reached, row.total) == (2, "Torget är en trygg plats", 1, 1)
        assert row.trend.label == "Förbättras"
        assert list(row.spark_values) == [Decimal(44), Decimal(37)]
        assert row.assessed_period == "Verksamhetsberättelse 2025"
        assert queries.goal_choices(klara, reader=MEMBER) == [(goal.id, "Mål\u00a02: Torget är en trygg plats")]
        assert queries.goal_choices(klara, [GoalLevel.SUBGOAL], reader=MEMBER) == []


def test_ended_and_hidden_goals_are_left_out(app: Flask, world: World) -> None:
    with app.app_context():
        klara = world.partnerships["klara"]
        a_goal(klara, "Avslutat", ended_on=date(2020, 1, 1))
        a_goal(klara, "Bara myndigheter", visibility=Visibility.AUTHORITIES_ONLY)
        a_goal(world.partnerships["sergels"], "Annan samverkan")
        shown = a_goal(klara, "Syns")
        an_indicator(klara, goals=[shown], visibility=Visibility.AUTHORITIES_ONLY)
        open_one = an_indicator(klara, "Öppen", goals=[shown])
        an_observation(open_one, "2024", "5", visibility=Visibility.AUTHORITIES_ONLY)
        db.session.commit()
        db.session.expire_all()
        found = goal_queries.goals_with_current(klara, MEMBER)
        assert [one.text for one in found] == ["Syns"]
        assert [(one.name, one.observations) for one in found[0].indicators] == [("Öppen", [])]
        assert len(goal_queries.goals_with_current(klara, MEMBER, include_ended=True)) == 2
        assert goal_queries.goals_with_current(klara, Audience.PUBLIC.reader) == []


def test_the_number_of_queries_is_the_same_for_one_goal_and_ten(app: Flask, world: World, count_queries) -> None:
    def cost(goals: int) -> int:
        with app.app_context():
            klara = world.partnerships["klara"]
            for number in range(goals):
                goal = a_goal(klara, number=number)
                indicator = an_indicator(klara, goals=[goal])
                an_observation(indicator, "2024", "5")
                an_assessment(add(GoalVersion(goal_id=goal.id, number=2, text="Nu")))
            db.session.commit()
        with app.app_context(), count_queries() as statements:
            queries.overview_rows(klara, MEMBER)
            queries.assessments_for(klara, 2025, ReportingPeriod.VB, MEMBER)
        return len(statements)

    assert cost(1) == cost(10)


def test_a_period_has_the_words_that_held_then(app: Flask, world: World) -> None:
    with app.app_context():
        klara = world.partnerships["klara"]
        goal = a_goal(klara, "Gamla ord", starts="2023")
        add(GoalVersion(goal_id=goal.id, number=2, text="Nya ord", starts="2026-01"))
        a_goal(klara, "Började senare", starts="2026-06", number=3)
        a_goal(klara, "Slutade före", ended_on=date(2024, 12, 31), number=4)
        a_goal(klara, "Delmål", level=GoalLevel.SUBGOAL)
        db.session.commit()
        db.session.expire_all()
        then = queries.assessments_for(klara, 2025, ReportingPeriod.VB, MEMBER)
        assert [item.version.text for item in then] == ["Gamla ord"]
        now = queries.assessments_for(klara, 2026, ReportingPeriod.VB, MEMBER)
        assert [item.version.text for item in now] == ["Nya ord", "Började senare"]


def test_what_was_assessed_stands_in_its_period_whatever_the_goal_has_become(app: Flask, world: World) -> None:
    with app.app_context():
        klara = world.partnerships["klara"]
        a_goal(klara, "Nu ett delmål", level=GoalLevel.SUBGOAL, ended_on=date(2020, 1, 1))
        an_assessment(db.session.query(GoalVersion).one())
        a_goal(klara, "Ett annat delmål", level=GoalLevel.SUBGOAL)
        db.session.commit()
        db.session.expire_all()
        found = queries.assessments_for(klara, 2025, ReportingPeriod.VB, MEMBER)
        assert [item.version.text for item in found] == ["Nu ett delmål"]
        assert queries.assessments_for(klara, 2024, ReportingPeriod.VB, MEMBER) == []


def test_a_period_has_the_figures_that_were_known_when_it_ended(app: Flask, world: World) -> None:
    with app.app_context():
        klara = world.partnerships["klara"]
        goal = a_goal(klara)
        target = {"target_value": Decimal(40), "target_operator": TargetOperator.AT_MOST}
        indicator = an_indicator(klara, goals=[goal], **target)
        for year, value in enumerate(("50", "45", "38", "60", "61", "62", "63", "64", "65", "66"), start=2013):
            an_observation(indicator, str(year), value)
        an_indicator(klara, "Avslutad", goals=[goal], ended_on=date(2016, 12, 31), **target)
        an_assessment(db.session.query(GoalVersion).one(), year=2015)
        an_assessment(db.session.query(GoalVersion).one(), year=2022)
        db.session.commit()
        db.session.expire_all()
        (then,) = queries.assessments_for(klara, 2015, ReportingPeriod.VB, MEMBER)
        assert (then.now.reached, then.now.total, then.now.trend.label) == (1, 2, "Förbättras")
        (later,) = queries.assessments_for(klara, 2022, ReportingPeriod.VB, MEMBER)
        assert (later.now.reached, later.now.total, later.now.trend.label) == (0, 1, "Försämras")


@pytest.mark.parametrize(
    ("today", "year", "period"),
    [
        (date(2026, 3, 31), 2025, ReportingPeriod.VB),
        (date(2026, 4, 1), 2026, ReportingPeriod.T1),
        (date(2026, 8, 31), 2026, ReportingPeriod.T1),
        (date(2026, 9, 1), 2026, ReportingPeriod.T2),
        (date(2026, 10, 31), 2026, ReportingPeriod.T2),
        (date(2026, 11, 1), 2026, ReportingPeriod.VB),
    ],
)
def test_the_period_that_is_assessed_follows_the_calendar(today: date, year: int, period: ReportingPeriod) -> None:
    with time_machine.travel(datetime.combine(today, time(12), tzinfo=UTC)):
        assert assessment_queries.current_period() == (year, period)


def test_goals_on_a_day_are_those_that_had_begun_in_the_words_of_the_day(app: Flask, world: World) -> None:
    with app.app_context():
        klara = world.partnerships["klara"]
        goal = a_goal(klara, "Gamla ord", starts="2023")
        add(GoalVersion(goal_id=goal.id, number=2, text="Nya ord", starts="2026-06"))
        a_goal(klara, "Började senare", starts="2026-06", number=3)
        a_goal(klara, "Slutade före", ended_on=date(2026, 5, 30), number=4)
        db.session.commit()
        db.session.expire_all()
        assert [one.text for one in queries.goals_on(klara, MEMBER, date(2026, 5, 31))] == ["Gamla ord"]
        later = queries.goals_on(klara, MEMBER, date(2026, 6, 1))
        assert [one.text for one in later] == ["Nya ord", "Började senare"]
