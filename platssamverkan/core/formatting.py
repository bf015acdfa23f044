"""Swedish typography, written once. Every function in `FILTERS` is a Jinja filter of the same name.

Moments come in aware and are shown in Stockholm time. Nothing (None) becomes an empty text.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, overload

from markupsafe import Markup, escape

from platssamverkan.core.clock import to_local
from platssamverkan.core.partial_date import MONTHS, Precision, earliest, precision

#: No-break space, en dash for spans, minus sign.
NBSP, DASH, MINUS = "\N{NO-BREAK SPACE}", "\N{EN DASH}", "\N{MINUS SIGN}"
#: Counts of people below this, but for none at all, are not told (DOMAIN 9, R3).
SMALLEST_SHOWN = 5
WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")

SortKey = tuple[tuple[tuple[int, int, str], ...], str]


def _day_of(value: date) -> date:
    """Return the local date of a moment, or the date itself."""
    return to_local(value).date() if isinstance(value, datetime) else value


@overload
def local_day(value: date) -> date: ...
@overload
def local_day(value: None) -> str: ...
def local_day(value: date | None) -> date | str:
    """Return the local date of a moment, for a template that asks for its parts."""
    return "" if value is None else _day_of(value)


def _day_month(value: date) -> str:
    return f"{value.day}{NBSP}{MONTHS[value.month - 1]}"


def moment(value: datetime | None) -> str:
    """Return "2 mars 2026 kl. 18.00"."""
    return "" if value is None else f"{day(value)} kl.{NBSP}{clock(value)}"


def day(value: date | None) -> str:
    """Return "2 mars 2026", for a date or a moment."""
    if value is None:
        return ""
    local = _day_of(value)
    return f"{_day_month(local)}{NBSP}{local.year}"


def short_day(value: date | None) -> str:
    """Return "2 mar", for tables."""
    if value is None:
        return ""
    local = _day_of(value)
    return f"{local.day}{NBSP}{MONTHS[local.month - 1][:3]}"


def weekday_day(value: date | None) -> str:
    """Return "Lördag 21 november"."""
    if value is None:
        return ""
    local = _day_of(value)
    return f"{WEEKDAYS[local.weekday()].capitalize()} {_day_month(local)}"


def clock(value: datetime | None) -> str:
    """Return "18.00" or "9.00"."""
    if value is None:
        return ""
    local = to_local(value)
    return f"{local.hour}.{local.minute:02}"


def _end_of(end: datetime) -> tuple[date, str]:
    """Return the local day and hour of an end: midnight is 24.00 of the day that it ends."""
    local = to_local(end)
    if local.time() == time(0):
        return local.date() - timedelta(days=1), "24.00"
    return local.date(), clock(end)


def is_one_evening(start: datetime, end: datetime) -> bool:
    """Say whether the hours alone tell when it ends: the same day, or in the night after it."""
    nights = (_end_of(end)[0] - to_local(start).date()).days
    return nights < 1 or (nights == 1 and (end - start).total_seconds() < 24 * 60 * 60)


def last_day(start: datetime, end: datetime) -> date:
    """Return the last day of what lasts for days; of one evening, past midnight too, the day that it began."""
    return _day_of(start) if is_one_evening(start, end) else _end_of(end)[0]


def span(start: datetime | None, end: datetime | None = None) -> str:
    """Return "kl. 18.00–20.00", also over midnight, and to it "kl. 18.00–24.00"; over several days, "21 november
    kl. 18.00–23 november kl. 24.00".

    The year stands only where the years differ: the day is shown beside a span of hours.
    """
    if start is None:
        return ""
    first = to_local(start)
    if end is None or end == start:
        return f"kl.{NBSP}{clock(start)}"
    last, hour = _end_of(end)
    if is_one_evening(start, end):
        return f"kl.{NBSP}{clock(start)}{DASH}{hour}"
    if first.year != last.year:
        return f"{moment(start)}{DASH}{day(last)} kl.{NBSP}{hour}"
    return f"{_day_month(first)} kl.{NBSP}{clock(start)}{DASH}{_day_month(last)} kl.{NBSP}{hour}"


def hours(start: time | None, end: time | None = None) -> str:
    """Return the hours of a shift: "16.00–02.00", "från 16.00", "till 24.00"; midnight as an end is 24.00."""
    begins = f"{start:%H.%M}" if start is not None else ""
    ends = ("24.00" if end == time(0) else f"{end:%H.%M}") if end is not None else ""
    if start is not None and end is not None:
        return f"{begins}{DASH}{ends}"
    return f"från {begins}" if start is not None else f"till {ends}" if end is not None else ""


def day_span(start: date | None, end: date | None = None) -> str:
    """Return "2 mars 2026", "2–5 mars 2026", "30 mars–2 april 2026" or both days in full when the years differ."""
    if start is None or end is None:
        return day(end if start is None else start)
    first, last = _day_of(start), _day_of(end)
    if first == last:
        return day(first)
    if first.year != last.year:
        return f"{day(first)}{DASH}{day(last)}"
    if first.month != last.month:
        return f"{_day_month(first)}{DASH}{day(last)}"
    return f"{first.day}{DASH}{day(last)}"


def iso(value: date | None) -> str:
    """Return what stands in `<time datetime>`: "2026-03-02T18:00+01:00" for a moment, "2026-03-02" for a date."""
    if isinstance(value, datetime):
        return to_local(value).isoformat(timespec="minutes")
    return "" if value is None else value.isoformat()


def number(value: float | Decimal | None, decimals: int | None = None) -> str:
    """Return "1 250", "−0,5" or "12,50". Without `decimals`, as many as the value has. Halves round away from zero."""
    if value is None:
        return ""
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError("not a finite number")
    if decimals is None:
        text = f"{exact:,f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    else:
        text = f"{round_half_up(exact, decimals):,f}"
    negative, digits = text.startswith("-"), text.lstrip("-")
    sign = MINUS if negative and digits.strip("0.,") else ""
    return sign + digits.replace(",", NBSP).replace(".", ",")


def round_half_up(value: Decimal, decimals: int) -> Decimal:
    """Return `value` with `decimals` decimals, halves rounded away from zero as people do."""
    # Scaled with its exponent rather than quantized, so that long numbers aren't cut by the context's precision.
    digits = f"{abs(value):f}"
    whole, _, fraction = digits.partition(".")
    scaled = int(whole + fraction[:decimals].ljust(decimals, "0"))
    if fraction[decimals : decimals + 1] >= "5":
        scaled += 1
    return Decimal((int(value.is_signed()), tuple(int(digit) for digit in str(scaled)), -decimals))


def count(value: int, one: str, many: str) -> str:
    """Return "1 åtgärd" or "24 åtgärder"."""
    return f"{number(value)}{NBSP}{one if value == 1 else many}"


def small_count(value: int | None) -> str:
    """Return "färre än 5" for 1–4, else the number: a handful of people can be singled out (DOMAIN 9, R3)."""
    if value is None:
        return ""
    return f"färre än{NBSP}{SMALLEST_SHOWN}" if 0 < value < SMALLEST_SHOWN else number(value)


def ago(value: date | None, today: date) -> str:
    """Return "14 dagar sen", "i går", "i dag", "i morgon" or "om 3 dagar", for a date or a moment."""
    if value is None:
        return ""
    days = (_day_of(value) - today).days
    near = {-1: "i går", 0: "i dag", 1: "i morgon"}
    if days in near:
        return near[days].replace(" ", NBSP)
    return f"om{NBSP}{number(days)}{NBSP}dagar" if days > 0 else f"{number(-days)}{NBSP}dagar sen"


_MONTH_NAMES = "|".join(MONTHS)
_UNITS = "procent|MB|kr|kronor|öre|st|stycken|ha|hektar|meter|km|timmar|minuter|dagar|veckor|månader|år|§"
#: A look behind has one length, so each month has its own.
_AFTER_MONTH = "(?:" + "|".join(rf"(?<=\b{name})" for name in MONTHS) + ")"
_BEFORE_NUMBER = "mål|delmål|inriktningsmål|åtgärd|åtagande|vecka|punkt|sida|bilaga|fråga|steg|version|kap\\.|nr|§§?"
_TOGETHER = re.compile(
    rf"(?<=\bkl\.) (?=\d)|(?<=\d) (?=(?:{_MONTH_NAMES})\b)|{_AFTER_MONTH} (?=\d{{4}}\b)|(?<=\d) av (?=\d)"
    rf"|(?<=\d) (?=(?:{_UNITS})(?!\w))|(?:(?<=\W)|^)(?:{_BEFORE_NUMBER}) (?=\d)"
    r"|(?<=\b\d) (?=\d{3}\b)|(?<=\b\d\d) (?=\d{3}\b)|(?<=\b\d{3}) (?=\d{3}\b)",
    re.IGNORECASE,
)


def nb(text: str | None) -> str:
    """Return `text` with no-break spaces in "kl. 18.00", "21 november", "3 av 4", "mål 2", "§ 5", "5 procent", "1 250".

    Markup stays Markup.
    """
    if text is None:
        return ""
    joined = _TOGETHER.sub(lambda match: match.group().replace(" ", NBSP), str(text))
    return Markup(joined) if isinstance(text, Markup) else joined  # noqa: S704


#: Letters after z in the order of the alphabet, as signs that sort after "z".
_LAST_LETTERS = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "ü": "y", "ð": "d", "þ": "t"})
_RUNS = re.compile(r"([0-9]+)|([^0-9]+)")


def swedish_sort_key(text: str) -> SortKey:
    """Return a key that sorts å ä ö last, capitals with small letters, é as e, and "mål 2" before "mål 10"."""
    letters = unicodedata.normalize("NFC", text).casefold().translate(_LAST_LETTERS)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(sign))
    runs: list[tuple[int, int, str]] = []
    for digits, other in _RUNS.findall(plain):
        value = digits.lstrip("0")
        runs.append((0, len(value), value) if digits else (1, 0, other))
    return tuple(runs), text


def sentence(text: str | None) -> str:
    """Return `text` with a full stop, unless it ends a sentence already."""
    ended = (text or "").rstrip()
    return f"{ended}." if ended and ended[-1] not in ".!?…" else ended


def paragraphs(text: str | None) -> Markup:
    """Return escaped `<p>` elements: an empty line parts paragraphs, a line break becomes `<br>`."""
    lines = "\n".join(line.strip() for line in (text or "").strip().splitlines())
    parts = [part for part in re.split(r"\n{2,}", lines) if part]
    return Markup("\n").join(
        Markup("<p>{}</p>").format(Markup("<br>\n").join(escape(line) for line in part.split("\n"))) for part in parts
    )


@lru_cache(maxsize=4096)
def partial(text: str | None) -> str:
    """Return "2016", "maj 2016" or "12 maj 2016" for a partial date in stored form."""
    if not text:
        return ""
    first = earliest(text)
    known = precision(text)
    if known is Precision.YEAR:
        return str(first.year)
    return f"{MONTHS[first.month - 1]}{NBSP}{first.year}" if known is Precision.MONTH else day(first)


def partial_span(start: str | None, end: str | None = None) -> str:
    """Return "2023–2025", "från 2016", "till 2020", one date when both are the same, and "" for nothing."""
    first, last = partial(start), partial(end)
    if first and last:
        return first if first == last else f"{first}{DASH}{last}"
    return f"från {first}" if first else f"till {last}" if last else ""


#: `count` takes the place of Jinja's alias of `length`: write `|length` for lengths.
FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(moment, local_day, day, short_day, weekday_day, clock, hours, span, day_span, iso),
        *(number, count, small_count, ago, nb, sentence, paragraphs, partial, partial_span),
    )
}
