"""What the observations of an indicator say: the latest value, the trend in words and the chart.

An observation in words is never drawn and never turned into a figure (DOMAIN 6.1, invariant 8), and an indicator
without a desired direction is never judged. The indicators given have their observations, in their order.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from markupsafe import Markup

from platssamverkan.core.charts import Point, Target, bar_chart, line_chart
from platssamverkan.core.columns import LabelledEnum
from platssamverkan.goals.models import DesiredDirection, IndicatorKind, QualitativeDirection, TargetOperator
from platssamverkan.goals.observed import Measured, Observed
from platssamverkan.goals.wording import is_lower_better, observed_period, short_period, target_text, value_text

M = TypeVar("M", bound=Measured)

#: How many periods a chart beside other charts draws: two years of months. The indicator's own page draws them all.
CHART_PERIODS = 24

#: Counted per period, where the heights are compared one by one.
COUNTED = {
    IndicatorKind.EVENT_COUNT,
    IndicatorKind.PRESENCE_COUNT,
    IndicatorKind.VISITOR_DWELL,
    IndicatorKind.MAINTENANCE_FAULT,
}


class Trend(LabelledEnum):
    """Where it is going, in words; the words carry the meaning, not the arrow."""

    IMPROVING = "improving", "Förbättras"
    UNCHANGED = "unchanged", "Oförändrat"
    WORSENING = "worsening", "Försämras"
    #: Indicators of one goal that go different ways.
    MIXED = "mixed", "Åt olika håll"
    INTERPRET = "interpret", "Måste tolkas"
    UNKNOWN = "unknown", "Uppgift saknas"

    @property
    def glyph(self) -> str:
        """Return the direction that `ui.trend` draws."""
        glyphs = {"improving": "up", "unchanged": "same", "worsening": "down"}
        return glyphs.get(self.value, "none")


#: Which way the words go: +1 more, -1 less, 0 as before. What says nothing of change is not here.
COURSE = {
    QualitativeDirection.INCREASED: 1,
    QualitativeDirection.NEARLY_DOUBLED: 1,
    QualitativeDirection.DECREASED: -1,
    QualitativeDirection.UNCHANGED: 0,
}


def latest_observation(indicator: Measured) -> Observed | None:
    """Return the latest observation, in figures or words, or None."""
    return indicator.observations[-1] if indicator.observations else None


def latest_value(indicator: Measured) -> Observed | None:
    """Return the latest observation that has a value, or None."""
    observations: Sequence[Observed] = indicator.observations
    return next((one for one in reversed(observations) if one.value is not None), None)


def reaches_target(indicator: Measured) -> bool | None:
    """Return whether the latest value reaches the target; None when there is no target or no value."""
    latest = latest_value(indicator)
    if latest is None or latest.value is None or indicator.target_value is None:
        return None
    if indicator.target_operator is TargetOperator.AT_LEAST:
        return bool(latest.value >= indicator.target_value)
    return bool(latest.value <= indicator.target_value)


def trend_of(indicator: Measured) -> Trend:
    """Return the trend of the last two values, or of the latest words when they are newer or there are no two values.

    Two values of the same period are two sources, not a course in time: the later entered one is read.
    """
    if not indicator.observations:
        return Trend.UNKNOWN
    if indicator.desired_direction is DesiredDirection.NONE:
        return Trend.INTERPRET
    values = _by_period(indicator)[-2:]
    words = _latest_words(indicator)
    if words and (len(values) < 2 or words.sort_key > values[-1].sort_key):
        return _trend_of_words(words, indicator.desired_direction)
    if len(values) < 2:
        return Trend.UNKNOWN
    before, after = (observation.value or Decimal(0) for observation in values)
    return _judged((after > before) - (after < before), indicator.desired_direction)


def _by_period(indicator: Measured) -> list[Observed]:
    """Return one observation with a value for each period, oldest first: of two, the later entered."""
    observations: Sequence[Observed] = indicator.observations
    return list({one.sort_key: one for one in observations if one.value is not None and one.sort_key}.values())


def _latest_words(indicator: Measured) -> Observed | None:
    observations: Sequence[Observed] = indicator.observations
    for observation in reversed(observations):
        said = observation.direction
        if said is not None and (said in COURSE or said is QualitativeDirection.POSITIVE_DEVELOPMENT):
            return observation
    return None


def _trend_of_words(observation: Observed, desired: DesiredDirection) -> Trend:
    if observation.direction is None or observation.direction not in COURSE:
        # The source itself calls the development positive.
        return Trend.IMPROVING
    return _judged(COURSE[observation.direction], desired)


def _judged(course: int, desired: DesiredDirection) -> Trend:
    if course == 0:
        return Trend.UNCHANGED
    better = course > 0 if desired is DesiredDirection.UP else course < 0
    return Trend.IMPROVING if better else Trend.WORSENING


def trend_of_goal(indicators: Sequence[Measured]) -> Trend:
    """Return the trend that the goal's indicators share, leaving those aside that stand still or can't be judged."""
    trends = {trend_of(indicator) for indicator in indicators}
    moving = trends & {Trend.IMPROVING, Trend.WORSENING}
    if len(moving) == 2:
        return Trend.MIXED
    if moving:
        return moving.pop()
    for trend in (Trend.UNCHANGED, Trend.INTERPRET):
        if trend in trends:
            return trend
    return Trend.UNKNOWN


def reached_and_total(indicators: Sequence[Measured]) -> tuple[int, int]:
    """Return how many indicators reach their target, of how many that have one."""
    with_target = [indicator for indicator in indicators if indicator.target_value is not None]
    return sum(reaches_target(indicator) is True for indicator in with_target), len(with_target)


def spark_values(indicator: Measured) -> list[Decimal]:
    """Return the values for the small line of a table, oldest first, at most the last eight periods."""
    return [one.value for one in _by_period(indicator)[-8:] if one.value is not None]


def main_indicator(indicators: Sequence[M]) -> M | None:
    """Return the indicator to draw for a goal: the one with most values, first one with a target; None without two."""
    lengths = {one.id: len(spark_values(one)) for one in indicators}
    drawable = [one for one in indicators if lengths[one.id] > 1]
    return max(drawable, key=lambda one: (one.target_value is not None, lengths[one.id], -one.id), default=None)


def has_earlier_values(indicator: Measured) -> bool:
    """Say whether a chart of the latest `CHART_PERIODS` leaves any value out."""
    return len(indicator.observations) > CHART_PERIODS and len(_by_period(indicator)) > CHART_PERIODS


def indicator_chart(indicator: Measured, chart_id: str, *, most: int | None = None) -> Markup:
    """Return the chart of the indicator's values, or empty markup when fewer than two periods have one.

    A period that was only described in words leaves a gap. `most` draws no more than so many periods with a value,
    the latest, and says them all in its description: beside other charts no table does.
    """
    by_period: dict[str, Observed] = {}
    for observation in indicator.observations:
        known = by_period.get(observation.sort_key)
        if observation.sort_key and (observation.value is not None or known is None or known.value is None):
            by_period[observation.sort_key] = observation
    shown = [by_period[key] for key in sorted(by_period)]
    places = [place for place, observation in enumerate(shown) if observation.value is not None][-(most or 0) :]
    if len(places) < 2:
        return Markup("")
    shown = shown[places[0] : places[-1] + 1]
    points = [Point(short_period(one), one.value, approximate=one.is_approximate) for one in shown]
    target = None
    if indicator.target_value is not None:
        target = Target(indicator.target_value, f"Målnivå: {target_text(indicator)}", is_lower_better(indicator))
    description = chart_description(indicator, shown[0], shown[-1])
    between = [f"{value_text(one)} ({short_period(one)})" for one in shown[1:-1] if one.value is not None]
    if most and between:
        description += f" Däremellan: {', '.join(between)}."
    drawing = bar_chart if indicator.kind in COUNTED else line_chart
    return drawing(chart_id, indicator.name, description, points, target=target)


def chart_description(indicator: Measured, first: Observed, last: Observed) -> str:
    """Return the chart in one or two sentences: from which value to which, and the target."""
    before, after = first.value or Decimal(0), last.value or Decimal(0)
    verb = "Ökar" if after > before else "Minskar" if after < before else "Är oförändrat"
    text = f"{verb} från {value_text(first)} ({observed_period(first)}) till {value_text(last, indicator.unit)} "
    text += f"({observed_period(last)})."
    return f"{text} Målnivån är {target_text(indicator)}." if indicator.target_value is not None else text
