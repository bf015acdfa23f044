"""How goals, periods and values are written out: once for the pages, the lists and the documents."""

from datetime import date
from functools import lru_cache

from platssamverkan.core.formatting import DASH, NBSP, number, partial, partial_span
from platssamverkan.core.partial_date import MONTHS, earliest, latest
from platssamverkan.goals.models import Goal, GoalLevel, GoalVersion, ReportingPeriod, TargetOperator
from platssamverkan.goals.observed import Columns, Measured, Observed

#: What a numbered goal of each level is called before its number.
SHORT_LEVEL = {
    GoalLevel.VISION: "Vision",
    GoalLevel.OVERALL: "Övergripande mål",
    GoalLevel.DIRECTION: "Mål",
    GoalLevel.SUBGOAL: "Delmål",
}


def goal_name(goal: Goal | Columns) -> str:
    """Return "Mål 2", "Delmål 3" or, where the source numbers none, the level's name."""
    level: GoalLevel = goal.level
    return level.label if goal.number is None else f"{SHORT_LEVEL[level]}{NBSP}{goal.number}"


def goal_label(goal: Goal | Columns, text: str) -> str:
    """Return "Mål 2: Sergels torg är en trygg plats"."""
    return f"{goal_name(goal)}: {text}"


def version_at(goal: Goal, day: date) -> GoalVersion:
    """Return the words that held on `day` of a goal whose versions are loaded: the latest that had begun, else the
    first."""
    begun = [version for version in goal.versions if version.has_begun(day)]
    return begun[-1] if begun else goal.versions[0]


def period_text(year: int, period: ReportingPeriod) -> str:
    """Return "Tertialrapport 2 2026"."""
    return f"{period.label} {year}"


def forecast_text(year: int, period: ReportingPeriod) -> str:
    """Return what a grade of the period says: a forecast for the year in T1 and T2, the outcome in VB (DOMAIN 6)."""
    if period is ReportingPeriod.VB:
        return f"Bedömningen gäller utfallet för helåret {year}."
    last = period.days(year)[1]
    return f"Bedömningen är en prognos för helåret {year}, gjord per den {last.day}{NBSP}{MONTHS[last.month - 1]}."


def observed_period(observation: Observed) -> str:
    """Return the period of an observation: "2023", "juli–september 2026", in the source's words "sedan 2014", or ""."""
    start, end = observation.starts, observation.ends
    if not observation.period_text and start and end and start != end and len(start) == len(end) == len("2026-07"):
        first, last = earliest(start), earliest(end)
        if first.year == last.year:
            return f"{MONTHS[first.month - 1]}{DASH}{MONTHS[last.month - 1]}{NBSP}{last.year}"
    return observation.period_text or partial_span(start, end)


def short_period(observation: Observed) -> str:
    """Return the period as it stands below a chart: "2023", "K1 2025", "maj 2016"."""
    return _short_span(observation.starts, observation.ends)


@lru_cache(maxsize=1024)
def _short_span(start: str | None, end: str | None) -> str:
    # Kept, since the charts of a page share their months.
    if start and end and start != end:
        first, last = earliest(start), latest(end)
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        if months == 3 and first.month % 3 == 1 and len(start) <= 7:
            return f"K{(first.month + 2) // 3} {first.year}"
        if months == 12 and first.month == 1:
            return str(first.year)
        return partial_span(str(first.year), str(last.year)) if months > 12 else partial(end)
    return partial(end or start)


def value_text(observation: Observed, unit: str | None = None) -> str:
    """Return the value with its unit ("omkring 46 procent"), or the words where there is no value."""
    if observation.value is None:
        return observation.direction.label if observation.direction else observation.statement or ""
    shown = number(observation.value) + (f"{NBSP}{unit}" if unit else "")
    return f"omkring{NBSP}{shown}" if observation.is_approximate else shown


def rate_text(observation: Observed) -> str:
    """Return what a rate was made of: "187 på 4,2 hektar"; "" when it is no rate."""
    if observation.numerator is None or observation.area_hectares is None:
        return ""
    return f"{number(observation.numerator)} på {number(observation.area_hectares)}{NBSP}hektar"


def target_text(indicator: Measured) -> str:
    """Return "högst 30" or "" when no target is set."""
    if indicator.target_value is None or indicator.target_operator is None:
        return ""
    return f"{indicator.target_operator.label}{NBSP}{number(indicator.target_value)}"


def is_lower_better(indicator: Measured) -> bool:
    """Say on which side of the target's line the good side is."""
    return indicator.target_operator is TargetOperator.AT_MOST
