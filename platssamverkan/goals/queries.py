"""What other rooms ask of goals. The pages of this room read the three query modules beside this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from platssamverkan.core.visibility import Reader
from platssamverkan.goals import figures
from platssamverkan.goals.assessment_queries import AssessedGoal, Evidence, assessments_for
from platssamverkan.goals.goal_queries import GoalNow, goal_choices, goal_labels, goals_with_current
from platssamverkan.goals.indicator_queries import (
    indicator_choices,
    indicators_with_observations,
    studies_of,
)
from platssamverkan.goals.models import GoalAssessment, GoalLevel, Indicator
from platssamverkan.goals.wording import period_text

__all__ = [
    "AssessedGoal",
    "Evidence",
    "GoalNow",
    "OverviewRow",
    "assessments_for",
    "goal_choices",
    "goal_labels",
    "goals_with_current",
    "indicator_choices",
    "indicators_with_observations",
    "overview_rows",
    "studies_of",
]


@dataclass(frozen=True)
class OverviewRow:
    """One goal as the overview shows it."""

    goal_id: int
    number: int | None
    text: str
    #: How many indicators reach their target, of how many that have one.
    reached: int
    total: int
    trend: figures.Trend
    #: Values of the indicator that is drawn, oldest first, and its target; empty without two values.
    spark_values: Sequence[Decimal | None]
    spark_target: Decimal | None
    assessment: GoalAssessment | None

    @property
    def assessed_period(self) -> str:
        """Return "Tertialrapport 2, 2026", or "" when the goal has never been assessed."""
        return period_text(self.assessment.year, self.assessment.period) if self.assessment else ""


def overview_rows(partnership_id: int, reader: Reader) -> list[OverviewRow]:
    """Return the overall goals and inriktningsmål that hold today, in their order. A constant number of queries."""
    shown = {GoalLevel.OVERALL, GoalLevel.DIRECTION}
    return [_row(one) for one in goals_with_current(partnership_id, reader) if one.goal.level in shown]


def _row(one: GoalNow) -> OverviewRow:
    drawn: Indicator | None = figures.main_indicator(one.indicators)
    return OverviewRow(
        goal_id=one.id,
        number=one.goal.number,
        text=one.text,
        reached=one.reached,
        total=one.total,
        trend=one.trend,
        spark_values=figures.spark_values(drawn) if drawn else (),
        spark_target=drawn.target_value if drawn else None,
        assessment=one.assessment,
    )
