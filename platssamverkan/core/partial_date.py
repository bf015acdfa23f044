"""A date known to the year, the month or the day: kept as the text "2016", "2016-05" or "2016-05-12".

The texts sort as the dates do, the less precise first.
"""

import enum
import re
from calendar import monthrange
from datetime import date
from functools import lru_cache

from sqlalchemy import String, TypeDecorator
from sqlalchemy.engine import Dialect

MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)
FIRST_YEAR, LAST_YEAR = 1800, 2199

_STORED = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_WRITTEN = re.compile(r"(?:(?:den )?([0-9]{1,2}) )?([a-z]{3,9})\.? ([0-9]{4})")
_HOW = "Skriv ett år, en månad eller en dag, till exempel 2016, maj 2016 eller 12 maj 2016."


class Precision(enum.StrEnum):
    """How much of the date is known."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


def parse(text: str) -> str:
    """Return the stored form of "2016", "2016-05", "2016-05-12", "maj 2016" or "12 maj 2016".

    :raises ValueError: with a Swedish sentence for the person who wrote it, when it is no such date
    """
    words = " ".join(text.casefold().split())
    if match := _STORED.fullmatch(words):
        year, month, day = match.groups()
    elif match := _WRITTEN.fullmatch(words):
        day, name, year = match.groups()
        month = _month_number(name)
    else:
        raise ValueError(_HOW)
    return _checked(int(year), int(month) if month else None, int(day) if day else None)


def precision(text: str) -> Precision:
    """Return how precise the stored `text` is. Raises ValueError when it isn't in stored form."""
    _, month, day = _parts(text)
    if month is None:
        return Precision.YEAR
    return Precision.MONTH if day is None else Precision.DAY


def earliest(text: str) -> date:
    """Return the first day that the stored `text` can mean. Raises ValueError when it isn't in stored form."""
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1)


def latest(text: str) -> date:
    """Return the last day that the stored `text` can mean. Raises ValueError when it isn't in stored form."""
    year, month, day = _parts(text)
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _month_number(name: str) -> str:
    for number, month in enumerate(MONTHS, start=1):
        if name in {month, month[:3], month[:4]}:
            return str(number)
    raise ValueError(_HOW)


def _checked(year: int, month: int | None, day: int | None) -> str:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"Året ska ligga mellan {FIRST_YEAR} och {LAST_YEAR}.")
    if month is None:
        return f"{year}"
    if not 1 <= month <= len(MONTHS):
        raise ValueError("Månaden ska ligga mellan 1 och 12.")
    if day is None:
        return f"{year}-{month:02}"
    if not 1 <= day <= monthrange(year, month)[1]:
        raise ValueError(f"Den dagen finns inte i {MONTHS[month - 1]} {year}.")
    return f"{year}-{month:02}-{day:02}"


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[int, int | None, int | None]:
    match = _STORED.fullmatch(text)
    if match is None:
        raise ValueError(_HOW)
    year = int(match[1])
    month = int(match[2]) if match[2] else None
    day = int(match[3]) if match[3] else None
    _checked(year, month, day)
    return year, month, day


class PartialDateText(TypeDecorator[str]):
    """A column of partial dates in stored form. Raises ValueError on any other text; null stays null."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None:
            precision(value)
        return value
