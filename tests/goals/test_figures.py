"""What observations say: trend, target and chart, and that words never become figures."""

from decimal import Decimal

import pytest

from platssamverkan.goals import figures
from platssamverkan.goals.models import (
    DesiredDirection,
    Indicator,
    IndicatorKind,
    Observation,
    QualitativeDirection,
    TargetOperator,
)


def indicator(desired: DesiredDirection, *observations: Observation, **changes: object) -> Indicator:
    values = {"name": "Störs", "kind": IndicatorKind.PERCEPTION_SURVEY, "unit": "procent", **changes}
    return Indicator(id=1, desired_direction=desired, observations=list(observations), **values)


def value(year: int, amount: str, **changes: object) -> Observation:
    starts = {"starts": str(year), "ends": str(year), "sort_key": f"{year}-12-31", "is_approximate": False}
    return Observation(value=Decimal(amount), **{**starts, **changes})


def words(year: int, direction: QualitativeDirection) -> Observation:
    return Observation(direction=direction, starts=str(year), ends=str(year), sort_key=f"{year}-12-31")


@pytest.mark.parametrize(
    ("desired", "before", "after", "expected"),
    [
        (DesiredDirection.UP, "40", "50", "Förbättras"),
        (DesiredDirection.UP, "50", "40", "Försämras"),
        (DesiredDirection.DOWN, "50", "40", "Förbättras"),
        (DesiredDirection.DOWN, "40", "50", "Försämras"),
        (DesiredDirection.UP, "40", "40", "Oförändrat"),
        (DesiredDirection.NONE, "40", "50", "Måste tolkas"),
    ],
)
def test_the_last_two_values_give_the_trend(desired: DesiredDirection, before: str, after: str, expected: str) -> None:
    assert figures.trend_of(indicator(desired, value(2022, "1"), value(2023, before), value(2024, after))) == (
        figures.Trend(next(t for t in figures.Trend if t.label == expected))
    )


@pytest.mark.parametrize(
    ("desired", "said", "expected"),
    [
        (DesiredDirection.DOWN, QualitativeDirection.DECREASED, figures.Trend.IMPROVING),
        (DesiredDirection.DOWN, QualitativeDirection.NEARLY_DOUBLED, figures.Trend.WORSENING),
        (DesiredDirection.UP, QualitativeDirection.INCREASED, figures.Trend.IMPROVING),
        (DesiredDirection.UP, QualitativeDirection.UNCHANGED, figures.Trend.UNCHANGED),
        (DesiredDirection.DOWN, QualitativeDirection.POSITIVE_DEVELOPMENT, figures.Trend.IMPROVING),
        (DesiredDirection.DOWN, QualitativeDirection.PREVIOUSLY_HIGH, figures.Trend.UNKNOWN),
        (DesiredDirection.NONE, QualitativeDirection.DECREASED, figures.Trend.INTERPRET),
    ],
)
def test_words_give_the_trend_where_values_are_lacking(
    desired: DesiredDirection, said: QualitativeDirection, expected: figures.Trend
) -> None:
    assert figures.trend_of(indicator(desired, words(2023, said))) is expected


def test_newer_words_outweigh_older_values() -> None:
    found = indicator(
        DesiredDirection.DOWN, value(2021, "50"), value(2022, "40"), words(2024, QualitativeDirection.INCREASED)
    )
    assert figures.trend_of(found) is figures.Trend.WORSENING


def test_one_value_or_two_of_the_same_year_show_no_trend() -> None:
    assert figures.trend_of(indicator(DesiredDirection.UP, value(2024, "5"))) is figures.Trend.UNKNOWN
    assert figures.trend_of(indicator(DesiredDirection.UP, value(2024, "5"), value(2024, "9"))) is figures.Trend.UNKNOWN
    assert figures.trend_of(indicator(DesiredDirection.UP)) is figures.Trend.UNKNOWN


def test_indicators_that_part_ways_are_not_averaged() -> None:
    better = indicator(DesiredDirection.UP, value(2023, "1"), value(2024, "2"))
    worse = indicator(DesiredDirection.UP, value(2023, "2"), value(2024, "1"))
    still = indicator(DesiredDirection.UP, value(2023, "2"), value(2024, "2"))
    assert figures.trend_of_goal([better, worse]) is figures.Trend.MIXED
    assert figures.trend_of_goal([better, still]) is figures.Trend.IMPROVING
    assert figures.trend_of_goal([still]) is figures.Trend.UNCHANGED
    assert figures.trend_of_goal([]) is figures.Trend.UNKNOWN


def test_an_observation_in_words_is_a_gap_in_the_chart_and_never_a_point() -> None:
    found = indicator(
        DesiredDirection.DOWN,
        value(2021, "50"),
        words(2022, QualitativeDirection.NEARLY_DOUBLED),
        value(2023, "40"),
        value(2024, "30"),
        words(2025, QualitativeDirection.DECREASED),
    )
    chart = figures.indicator_chart(found, "c")
    assert chart.count("<circle") == 3
    assert "Minskar från 50 (2021) till 30\u00a0procent (2024)." in chart
    # Who can't see it hears every value that is drawn where no table beside it holds them.
    assert "Däremellan" not in chart
    assert "(2024). Däremellan: 40 (2023)." in figures.indicator_chart(found, "c", most=figures.CHART_PERIODS)
    only_words = indicator(DesiredDirection.DOWN, value(2021, "50"), words(2022, QualitativeDirection.DECREASED))
    assert figures.indicator_chart(only_words, "c") == ""


def test_a_small_chart_draws_the_latest_periods_and_says_that_there_are_earlier_ones() -> None:
    years = range(1990, 1990 + figures.CHART_PERIODS + 1)
    found = indicator(DesiredDirection.DOWN, *(value(year, str(2030 - year)) for year in years))
    assert figures.has_earlier_values(found)
    assert "Minskar från 39 (1991) till 16" in figures.indicator_chart(found, "c", most=figures.CHART_PERIODS)
    assert "Minskar från 40 (1990) till 16" in figures.indicator_chart(found, "c")
    found.observations.pop()
    assert not figures.has_earlier_values(found)


def test_two_values_of_one_period_are_one_point_of_the_small_line_and_nothing_to_draw() -> None:
    twice = indicator(DesiredDirection.UP, value(2024, "5"), value(2024, "9"))
    drawn = indicator(DesiredDirection.UP, value(2023, "1"), value(2024, "2"))
    twice.id, twice.target_value, twice.target_operator = 2, Decimal(3), TargetOperator.AT_LEAST
    assert figures.spark_values(twice) == [Decimal(9)]
    assert figures.main_indicator([twice, drawn]) is drawn
    assert figures.main_indicator([twice]) is None


def test_the_indicator_to_draw_has_a_target_before_it_has_many_values() -> None:
    long = indicator(DesiredDirection.UP, *(value(year, "1") for year in range(2020, 2025)))
    short = indicator(DesiredDirection.UP, value(2023, "1"), value(2024, "2"))
    short.id = 2
    assert figures.main_indicator([short, long]) is long
    short.target_value = Decimal(3)
    assert figures.main_indicator([short, long]) is short


def test_the_target_decides_what_is_reached() -> None:
    found = indicator(
        DesiredDirection.DOWN,
        value(2024, "30"),
        words(2025, QualitativeDirection.INCREASED),
        target_value=Decimal(30),
        target_operator=TargetOperator.AT_MOST,
    )
    assert figures.reaches_target(found) is True
    for target, is_reached in ((31, True), (29, False)):
        found.target_value = Decimal(target)
        assert figures.reaches_target(found) is is_reached
    found.target_operator = TargetOperator.AT_LEAST
    found.target_value = Decimal(31)
    assert figures.reaches_target(found) is False
    assert figures.reached_and_total([found, indicator(DesiredDirection.UP, value(2024, "5"))]) == (0, 1)
