"""A month as weeks of days, with what is planned on each day."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from platssamverkan.core.formatting import last_day, local_day
from platssamverkan.core.partial_date import MONTHS
from platssamverkan.core.recurrence import holiday_name


@dataclass(frozen=True)
class Entry:
    """One thing on a day, or on all days from that of `at` to that of `ends`."""

    at: datetime
    title: str
    url: str
    #: "briefing", "meeting" or "event"; the calendar marks them by shape, not by colour alone.
    kind: str
    partnership: str = ""
    ends: datetime | None = None


@dataclass
class Day:
    """A day of the grid; `outside` when it belongs to the neighbouring month."""

    on: date
    outside: bool
    today: bool
    holiday: str | None = None
    entries: list[Entry] = field(default_factory=list)


@dataclass
class Month:
    """A month by its first day, and its weeks where they are shown: (ISO week number, seven days)."""

    first: date
    weeks: list[tuple[int, list[Day]]] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{MONTHS[self.first.month - 1].capitalize()} {self.first.year}"

    @property
    def last(self) -> date:
        return date(self.first.year, self.first.month, calendar.monthrange(self.first.year, self.first.month)[1])

    @property
    def previous(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def following(self) -> str:
        return f"{self.last + timedelta(days=1):%Y-%m}"


def month_of(text: str) -> date | None:
    """Return the first day of the month that `text` ("2026-11") names; None when it names none."""
    try:
        year, month = text.split("-")
        found = date(int(year), int(month), 1)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _days(entry: Entry, first: date, last: date) -> list[date]:
    """Return the days from `first` to `last` that the entry is on."""
    began = local_day(entry.at)
    begins, ends = max(began, first), min(last_day(entry.at, entry.ends) if entry.ends else began, last)
    return [begins + timedelta(days=number) for number in range((ends - begins).days + 1)]


def build_month(first: date, today: date, entries: Iterable[Entry]) -> Month:
    """Return the grid of the month that begins on `first`, whole weeks from Monday, with `entries` on their days, the
    earliest first."""
    by_day: dict[date, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: (one.at, one.title)):
        for on in _days(entry, first, Month(first).last):
            by_day.setdefault(on, []).append(entry)
    weeks = []
    for week in calendar.Calendar().monthdatescalendar(first.year, first.month):
        days = [
            Day(
                on=on,
                outside=on.month != first.month,
                today=on == today,
                holiday=holiday_name(on),
                entries=by_day.get(on, []) if on.month == first.month else [],
            )
            for on in week
        ]
        weeks.append((week[0].isocalendar().week, days))
    return Month(first=first, weeks=weeks)
