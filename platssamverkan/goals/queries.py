"""What other rooms ask of goals. The pages of this room read the three query modules beside this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from platssamverkan.core import clock
from platssamverkan.core.db import db, prepared
from platssamverkan.core.partial_date import latest
from platssamverkan.core.visibility import Reader, Readers, in_each, visible_to
from platssamverkan.goals import figures
from platssamverkan.goals.assessment_queries import AssessedGoal, Evidence, assessments_for, goals_on
from platssamverkan.goals.goal_queries import (
    GoalNow,
    goal_choices,
    goal_labels,
    has_begun_on,
    in_order,
    with_latest_assessment,
    with_words,
)
from platssamverkan.goals.indicator_queries import indicators_by_goal, indicators_with_observations, running
from platssamverkan.goals.models import Goal, GoalAssessment, GoalLevel, GoalVersion, Grade, ReportingPeriod
from platssamverkan.goals.wording import period_text

__all__ = [
    "AssessedGoal",
    "Evidence",
    "GoalNow",
    "OpenPeriod",
    "OverviewRow",
    "assessments_for",
    "goal_choices",
    "goal_labels",
    "goals_on",
    "indicators_with_observations",
    "open_periods",
    "overview_rows",
    "running",
]


@dataclass(frozen=True)
class OverviewRow:
    """One goal as the overview shows it."""

    goal_id: int
    number: int | None
    text: str
    #: When the time of the words was to end; None while it lasts.
    ran_out: str | None
    #: How many indicators reach their target, of how many that have one.
    reached: int
    total: int
    trend: figures.Trend
    #: Values of the indicator that is drawn, oldest first, and its target; empty without two values.
    spark_values: Sequence[Decimal | None]
    spark_target: Decimal | None
    #: Of the latest assessment, and "Tertialrapport 2, 2026"; None and "" when the goal has never been assessed.
    grade: Grade | None
    assessed_period: str


@prepared
def _shown(reader: Reader) -> Any:
    graded = GoalAssessment.grade, GoalAssessment.year, GoalAssessment.period
    statement = (
        with_words(Goal.id, Goal.number, GoalVersion.text, GoalVersion.ends, *graded)
        .where(Goal.partnership_id == bindparam("partnership_id"), visible_to(Goal, reader))
        .where(Goal.level.in_([GoalLevel.OVERALL, GoalLevel.DIRECTION]))
        .where(running(Goal, bindparam("today")), has_begun_on(bindparam("day")))
    )
    return with_latest_assessment(in_order(statement), reader)


def overview_rows(partnership_id: int, reader: Reader) -> list[OverviewRow]:
    """Return the overall goals and inriktningsmål that hold today, in their order. Three queries."""
    today = clock.today()
    values = {"partnership_id": partnership_id, "today": today, "day": today.isoformat()}
    goals = db.session.execute(_shown(reader), values).all()
    indicators = indicators_by_goal([goal.id for goal in goals], reader)
    found = []
    for goal in goals:
        reached, total = figures.reached_and_total(indicators[goal.id])
        drawn = figures.main_indicator(indicators[goal.id])
        found.append(
            OverviewRow(
                goal_id=goal.id,
                number=goal.number,
                text=goal.text,
                ran_out=goal.ends if goal.ends and latest(goal.ends) < today else None,
                reached=reached,
                total=total,
                trend=figures.trend_of_goal(indicators[goal.id]),
                spark_values=figures.spark_values(drawn) if drawn else (),
                spark_target=drawn.target_value if drawn else None,
                grade=goal.grade,
                assessed_period=period_text(goal.year, goal.period) if goal.grade else "",
            )
        )
    return found


@dataclass(frozen=True)
class OpenPeriod:
    """A period with assessments that are made and not yet approved."""

    partnership_id: int
    year: int
    period: ReportingPeriod
    count: int

    @property
    def text(self) -> str:
        """Return "verksamhetsberättelse 2026"."""
        return period_text(self.year, self.period).lower()


def open_periods(readers: Readers) -> list[OpenPeriod]:
    """Return the periods with assessments to approve, the oldest first. One query, none without readers."""
    if not readers:
        return []

    def may_see(reader: Reader) -> ColumnElement[bool]:
        return and_(visible_to(Goal, reader), visible_to(GoalAssessment, reader))

    what = Goal.partnership_id, GoalAssessment.year, GoalAssessment.period
    statement = (
        select(*what, func.count(GoalAssessment.id))
        .join(GoalVersion, GoalVersion.id == GoalAssessment.goal_version_id)
        .join(Goal, Goal.id == GoalVersion.goal_id)
        .where(in_each(readers, Goal.partnership_id, may_see), GoalAssessment.locked_at.is_(None))
        .group_by(*what)
        .order_by(GoalAssessment.year, GoalAssessment.period, Goal.partnership_id)
    )
    return [OpenPeriod(*row) for row in db.session.execute(statement)]
