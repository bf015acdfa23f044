"""What comes back: the occurrences of an RRULE in Stockholm time, the rule in words, and Swedish holidays."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import lru_cache
from typing import Literal

import holidays
from dateutil import rrule

from platssamverkan.core import clock
from platssamverkan.core.columns import LabelledEnum
from platssamverkan.core.formatting import NBSP, WEEKDAYS
from platssamverkan.core.partial_date import MONTHS

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES: dict[str, Literal[0, 1, 2, 3]] = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
    "YEARLY": rrule.YEARLY,
}
#: What each frequency may be narrowed by. The last day of a series is a column of its own, not part of the rule.
_NARROWED_BY = {
    "DAILY": {"BYDAY"},
    "WEEKLY": {"BYDAY"},
    "MONTHLY": {"BYDAY", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"BYDAY", "BYMONTHDAY", "BYSETPOS", "BYMONTH"},
}
_DAY = re.compile(r"(-1|[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_ORDINALS = {1: "första", 2: "andra", 3: "tredje", 4: "fjärde", 5: "femte", -1: "sista"}
_FOUR_WEEKS = 28
_TIMES = {2: "två", 3: "tre", 4: "fyra", 5: "fem", 6: "sex"}


class Recurrence(LabelledEnum):
    """How often something comes back, as agreements and plans say it."""

    TWICE_WEEKLY = "twice_weekly", "Två gånger i veckan"
    WEEKLY = "weekly", "Varje vecka"
    BIWEEKLY = "biweekly", "Varannan vecka"
    MONTHLY = "monthly", "Varje månad"
    QUARTERLY = "quarterly", "Varje kvartal"
    TERTIAL = "tertial", "Varje tertial"
    YEARLY = "yearly", "Varje år"
    BIENNIAL = "biennial", "Vartannat år"
    AD_HOC = "ad_hoc", "Vid behov"


#: The rhythms of a series. `rule_for` works out the rest from its first day. Two days a week are Tuesday and Thursday
#: until someone says otherwise.
RULES: dict[Recurrence, str] = {
    Recurrence.TWICE_WEEKLY: "FREQ=WEEKLY;BYDAY=TU,TH",
    Recurrence.WEEKLY: "FREQ=WEEKLY",
    Recurrence.BIWEEKLY: "FREQ=WEEKLY;INTERVAL=2",
    Recurrence.MONTHLY: "FREQ=MONTHLY",
    Recurrence.QUARTERLY: "FREQ=MONTHLY;INTERVAL=3",
    Recurrence.TERTIAL: "FREQ=MONTHLY;INTERVAL=4",
    Recurrence.YEARLY: "FREQ=YEARLY",
    Recurrence.BIENNIAL: "FREQ=YEARLY;INTERVAL=2",
}


def rule_for(recurrence: Recurrence, start: date, weekdays: list[int] | None = None) -> str:
    """Return the rule for a series that begins on `start`.

    Weekly rhythms fall on `weekdays` (0 is Monday), else on the weekday of `start` or the two of the rule. Monthly
    and yearly ones fall on the same weekday of the month as `start` ("första torsdagen"), so that no month is skipped.
    """
    rule = RULES[recurrence]
    if rule.startswith("FREQ=WEEKLY"):
        if recurrence is Recurrence.TWICE_WEEKLY and not weekdays:
            return rule
        chosen = sorted(set(weekdays)) if weekdays else [start.weekday()]
        return f"{rule.partition(';BYDAY')[0]};BYDAY={','.join(DAYS[day] for day in chosen)}"
    position = (start.day - 1) // 7 + 1
    # A fifth Thursday exists in few months: the last one is what people mean.
    day = f"{position if start.day <= _FOUR_WEEKS else -1}{DAYS[start.weekday()]}"
    month = f";BYMONTH={start.month}" if rule.startswith("FREQ=YEARLY") else ""
    return f"{rule}{month};BYDAY={day}"


def validate(rule: str) -> str:
    """Return `rule` in one tidy form.

    :raises ValueError: with a Swedish sentence, when the rule isn't one that the program can follow
    """
    parts = _parse(rule)
    return ";".join(f"{name}={value}" for name, value in parts.items())


def occurrences(rule: str, *, start: date, at: time, until: date) -> Iterator[datetime]:
    """Yield the moments (aware, UTC) from `start` to `until`, both included, when clocks in Stockholm show `at`.

    Intervals count from `start`. The hour stays the same over the shift to and from summer time.
    :raises ValueError: with a Swedish sentence, when the rule isn't one that the program can follow
    """
    parts = _parse(rule)
    days = [_DAY.fullmatch(day) for day in _list(parts, "BYDAY")]
    found = rrule.rrule(
        _FREQUENCIES[parts["FREQ"]],
        # Days are worked out at midnight with no zone; the hour is put on afterwards.
        dtstart=datetime(start.year, start.month, start.day),  # noqa: DTZ001
        until=datetime(until.year, until.month, until.day),  # noqa: DTZ001
        interval=int(parts.get("INTERVAL", "1")),
        byweekday=[rrule.weekday(DAYS.index(day[2]), int(day[1]) if day[1] else None) for day in days if day] or None,
        bymonthday=_numbers(parts, "BYMONTHDAY") or None,
        bymonth=_numbers(parts, "BYMONTH") or None,
        bysetpos=_numbers(parts, "BYSETPOS") or None,
    )
    return (clock.at_local(day.date(), at) for day in found)


def describe(rule: str) -> str:
    """Return the rule in words: "två gånger i veckan, tisdag och torsdag" or "varje månad, första torsdagen"."""
    parts = _parse(rule)
    every = int(parts.get("INTERVAL", "1"))
    days = _list(parts, "BYDAY")
    if parts["FREQ"] in {"DAILY", "WEEKLY"}:
        return _describe_weeks(parts["FREQ"], every, days)
    rhythm = _describe_months(every) if parts["FREQ"] == "MONTHLY" else _describe_years(every)
    months = " och ".join(MONTHS[month - 1] for month in _numbers(parts, "BYMONTH"))
    if days:
        position = _numbers(parts, "BYSETPOS")
        when = _join([_nth_day(day, position) for day in days])
        if parts["FREQ"] == "YEARLY":
            when += f" i {months}" if months else " på året"
    elif dates := _numbers(parts, "BYMONTHDAY"):
        last = "sista dagen i månaden" if not months else f"sista dagen i {months}"
        when = _join([last if day == -1 else f"den{NBSP}{day}" for day in dates])
        if months and dates != [-1]:
            when += f"{NBSP}{months}"
    else:
        when = f"i {months}" if months else ""
    return f"{rhythm}, {when}" if when else rhythm


@lru_cache(maxsize=64)
def _holidays(year: int) -> dict[date, str]:
    found = holidays.country_holidays(
        "SE",
        years=year,
        expand=False,
        language="sv",
        categories=("public", "de_facto"),
        include_sundays=False,
    )
    return dict(found.items())


def holiday_name(day: date) -> str | None:
    """Return "Långfredagen" and so on, also for Midsummer, Christmas and New Year's Eve; None on other days.

    Sundays aren't counted as holidays.
    """
    return _holidays(day.year).get(day)


def _parse(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise ValueError("Regeln för upprepning går inte att läsa. Välj en rytm i listan.")
        parts[name] = value
    narrowed_by = _NARROWED_BY.get(parts.get("FREQ", ""))
    if narrowed_by is None:
        raise ValueError("Upprepning kan ske varje dag, vecka, månad eller år. Välj en av dem.")
    if parts.keys() & {"UNTIL", "COUNT"}:
        raise ValueError("Ange seriens sista dag i ett eget fält, inte i regeln för upprepning.")
    if parts.pop("WKST", "MO") != "MO" or parts.keys() - narrowed_by - {"FREQ", "INTERVAL"}:
        raise ValueError("Regeln för upprepning har delar som inte kan användas här. Välj en rytm i listan.")
    if not re.fullmatch(r"0*[1-9][0-9]?", parts.get("INTERVAL", "1")):
        raise ValueError("Avståndet mellan tillfällena ska vara ett heltal från 1 till 99.")
    _check_days(parts)
    return parts


def _check_days(parts: dict[str, str]) -> None:
    for day in _list(parts, "BYDAY"):
        match = _DAY.fullmatch(day)
        if match is None:
            raise ValueError("Regeln för upprepning har en veckodag som inte finns.")
        if match[1] and (parts["FREQ"] in {"DAILY", "WEEKLY"} or "BYSETPOS" in parts):
            raise ValueError("Första eller sista veckodagen kan bara väljas för månader och år.")
    allowed = {"BYMONTHDAY": {-1, *range(1, 32)}, "BYMONTH": set(range(1, 13)), "BYSETPOS": set(_ORDINALS)}
    for name, values in allowed.items():
        if name in parts and (
            not re.fullmatch(r"-?[0-9]{1,2}(,-?[0-9]{1,2})*", parts[name]) or set(_numbers(parts, name)) - values
        ):
            raise ValueError("Regeln för upprepning har en dag eller månad som inte finns.")
    if "BYDAY" in parts and "BYMONTHDAY" in parts:
        raise ValueError("Välj antingen en veckodag eller ett datum i månaden.")
    if "BYSETPOS" in parts and len(_list(parts, "BYDAY")) != 1:
        raise ValueError("Välj vilken veckodag det gäller.")
    if parts["FREQ"] == "YEARLY" and "BYMONTHDAY" in parts and "BYMONTH" not in parts:
        raise ValueError("Välj vilken månad det gäller.")


def _list(parts: dict[str, str], name: str) -> list[str]:
    return parts[name].split(",") if name in parts else []


def _numbers(parts: dict[str, str], name: str) -> list[int]:
    return [int(value) for value in _list(parts, name)]


def _join(words: list[str]) -> str:
    return " och ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _nth_day(day: str, position: list[int]) -> str:
    number, name = day[:-2], WEEKDAYS[DAYS.index(day[-2:])]
    places = [int(number)] if number else position
    return f"{_join([_ORDINALS[place] for place in places])} {name}en" if places else f"varje {name}"


def _describe_weeks(frequency: str, every: int, days: list[str]) -> str:
    numbers = sorted({DAYS.index(day) for day in days})
    names = _join([WEEKDAYS[number] for number in numbers]) if numbers else ""
    if frequency == "DAILY":
        rhythm = {1: "varje dag", 2: "varannan dag"}.get(every) or f"var {_ordinal(every)} dag"
        return rhythm if len(numbers) in {0, len(DAYS)} else f"{rhythm}, {names}"
    if every == 1 and len(numbers) == len(DAYS):
        return "varje dag"
    if every == 1 and numbers == [0, 1, 2, 3, 4]:
        return "måndag till fredag varje vecka"
    if every == 1:
        rhythm = f"{_TIMES[len(numbers)]} gånger i veckan" if len(numbers) > 1 else "varje vecka"
    else:
        rhythm = {2: "varannan vecka"}.get(every) or f"var {_ordinal(every)} vecka"
    return f"{rhythm}, {names}" if names else rhythm


def _describe_months(every: int) -> str:
    named = {1: "varje månad", 2: "varannan månad", 3: "varje kvartal", 4: "varje tertial", 6: "varje halvår"}
    return (named | {12: "varje år"}).get(every) or f"var {_ordinal(every)} månad"


def _describe_years(every: int) -> str:
    return {1: "varje år", 2: "vartannat år"}.get(every) or f"vart {_ordinal(every)} år"


def _ordinal(number: int) -> str:
    named = {3: "tredje", 4: "fjärde", 5: "femte", 6: "sjätte", 7: "sjunde", 8: "åttonde", 9: "nionde", 10: "tionde"}
    return named.get(number) or f"{number}:{'a' if number % 10 in {1, 2} and number not in {11, 12} else 'e'}"
