"""Builders of goals, indicators, observations and assessments for tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from platssamverkan.core.partial_date import latest
from platssamverkan.goals.models import (
    DesiredDirection,
    Goal,
    GoalAssessment,
    GoalLevel,
    GoalVersion,
    Grade,
    Indicator,
    IndicatorKind,
    Observation,
    ReportingPeriod,
)
from tests.builders import add


def a_goal(partnership_id: int, text: str = "Torget är en trygg plats", **changes: Any) -> Goal:
    """Return a saved inriktningsmål with its first words, which hold from `starts`."""
    starts = changes.pop("starts", "2023")
    values = {"partnership_id": partnership_id, "level": GoalLevel.DIRECTION, "number": 2}
    goal: Goal = add(Goal(**{**values, **changes}))
    add(GoalVersion(goal_id=goal.id, text=text, starts=starts))
    return goal


def an_indicator(partnership_id: int, name: str = "Störs av narkotikahandel", **changes: Any) -> Indicator:
    """Return a saved indicator in procent where less is better."""
    values = {
        "partnership_id": partnership_id,
        "name": name,
        "kind": IndicatorKind.PERCEPTION_SURVEY,
        "unit": "procent",
        "desired_direction": DesiredDirection.DOWN,
    }
    indicator: Indicator = add(Indicator(**{**values, **changes}))
    return indicator


def an_observation(indicator: Indicator, period: str, value: str | None = None, **changes: Any) -> Observation:
    """Return a saved observation of the period (a partial date)."""
    values = {
        "indicator_id": indicator.id,
        "starts": period,
        "ends": period,
        "sort_key": latest(period).isoformat(),
        "value": None if value is None else Decimal(value),
    }
    observation: Observation = add(Observation(**{**values, **changes}))
    return observation


def an_assessment(version: GoalVersion, **changes: Any) -> GoalAssessment:
    """Return a saved assessment that is not yet approved."""
    values = {
        "goal_version_id": version.id,
        "year": 2025,
        "period": ReportingPeriod.VB,
        "grade": Grade.PARTIAL,
        "motivation": "Färre störs, men målnivån är inte nådd.",
        "lacks_evidence": True,
        "assessed_on": date(2026, 1, 20),
        "assessed_by_function": "Rapportansvarig",
    }
    assessment: GoalAssessment = add(GoalAssessment(**{**values, **changes}))
    return assessment
