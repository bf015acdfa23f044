from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from platssamverkan.core import clock


@time_machine.travel(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), tick=False)
def test_today_is_the_day_in_stockholm():
    assert clock.now() == datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    assert clock.today() == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        (date(2026, 1, 15), time(18), datetime(2026, 1, 15, 17, tzinfo=UTC)),
        (date(2026, 7, 15), time(18), datetime(2026, 7, 15, 16, tzinfo=UTC)),
        # Skipped in spring: 2.30 becomes 3.30.
        (date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # Twice in autumn: the first.
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30, fold=1), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_local_time_becomes_a_moment(day, at, expected):
    assert clock.at_local(day, at) == expected


def test_values_with_an_unknown_or_foreign_zone_are_refused():
    with pytest.raises(ValueError, match="without time zone"):
        clock.to_local(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="with a time zone"):
        clock.at_local(date(2026, 1, 1), time(18, tzinfo=timezone(timedelta(hours=2))))


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.times())
def test_outside_the_skipped_hour_clocks_show_what_was_asked_for(day, at):
    shown = clock.to_local(clock.at_local(day, at))
    if not (day.month == 3 and day.weekday() == 6 and at.hour == 2):
        assert (shown.date(), shown.time()) == (day, at)


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        (date(2026, 11, 21), date(2026, 11, 21), 24),
        (date(2026, 3, 29), date(2026, 3, 29), 23),
        (date(2026, 10, 25), date(2026, 10, 26), 49),
    ],
)
def test_days_are_as_long_as_clocks_make_them(first, last, hours):
    start, end = clock.day_bounds(first, last)
    assert clock.to_local(start).date() == first
    assert end - start == timedelta(hours=hours)
