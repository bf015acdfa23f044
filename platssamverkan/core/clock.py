"""The only clocks. Moments are UTC; days and hours of the day are those of Europe/Stockholm."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present date in Stockholm."""
    return now().astimezone(STOCKHOLM).date()


def to_local(moment: datetime) -> datetime:
    """Return the same moment in Stockholm time. Raises ValueError on a naive value, whose zone nobody knows."""
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone")
    return moment.astimezone(STOCKHOLM)


def at_local(day: date, at: time) -> datetime:
    """Return the moment, in UTC, when clocks in Stockholm show `at` on `day`.

    An hour that is skipped in spring moves one hour ahead (2.30 becomes 3.30); of an hour that comes twice in autumn
    the first is meant. Raises ValueError when `at` carries a time zone of its own.
    """
    if at.tzinfo is not None:
        raise ValueError("a local time with a time zone")
    return datetime.combine(day, at.replace(fold=0), tzinfo=STOCKHOLM).astimezone(UTC)


def at_local_end(day: date, at: time) -> datetime:
    """Return the moment, in UTC, when what lasts until `at` on `day` is over: midnight is the one that ends the day."""
    return at_local(day + timedelta(days=1) if at == time(0) else day, at)


def is_skipped(day: date, at: time) -> bool:
    """Return whether clocks in Stockholm never show `at` on `day`, as they are put forward."""
    return to_local(at_local(day, at)).time() != at


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the moments, in UTC, when local `first` begins and local `last` has ended."""
    return at_local(first, time(0)), at_local(last + timedelta(days=1), time(0))
