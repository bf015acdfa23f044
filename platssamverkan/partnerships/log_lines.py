"""The change log as people read it: who did what to what, in Swedish, without text that the reader may not see."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from sqlalchemy import Date, Enum, Numeric, Time

from platssamverkan.core.audit import HIDDEN, AuditAction, AuditEntry
from platssamverkan.core.columns import UTCDateTime
from platssamverkan.core.db import Base
from platssamverkan.core.formatting import day, moment, number, partial
from platssamverkan.core.partial_date import PartialDateText
from platssamverkan.core.recurrence import describe
from platssamverkan.core.registry import Mention, registry
from platssamverkan.core.visibility import Reader
from platssamverkan.partnerships import labels
from platssamverkan.partnerships.log_queries import EVERYONE, closed_rows, numbered
from platssamverkan.places.models import PlaceType

#: So much of a text stands in a list.
LONGEST = 200
#: Of no use to a reader of the log; `is_current` marked a goal's latest words before the day told which hold.
UNSHOWN = {"basis", "seed_key", "partnership_id", "is_current"}
#: Who did what nobody who signed in did.
PROGRAM = "Programmet"


def _clock(text: str) -> str:
    at = time.fromisoformat(text)
    return f"{at.hour}.{at.minute:02}"


#: Type of column → how what the log keeps of it is written.
WRITTEN: dict[type, Callable[[str], str]] = {
    Date: lambda text: day(date.fromisoformat(text)),
    Numeric: lambda text: number(Decimal(text)),
    PartialDateText: partial,
    Time: _clock,
    UTCDateTime: lambda text: moment(datetime.fromisoformat(text)),
}
#: What the columns hold as keys, though their types know no words for them.
KEYS: dict[tuple[str, str], Callable[[str], str]] = {
    ("meeting_series", "rule"): describe,
    ("place", "types"): lambda kind: PlaceType(kind).label,
}

#: Table → row id → what the row is called, of those that all in the partnership may read.
Names = dict[str, dict[int, Mention]]


@dataclass(frozen=True)
class Change:
    """One field: what it held and what it holds."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    """One entry of the log."""

    at: datetime
    function: str
    action: str
    #: What kind of row it is; with its number where `name` is empty.
    what: str
    #: What the row is called now, and its page.
    name: str
    url: str
    changes: list[Change]

    @property
    def is_long(self) -> bool:
        """Whether a list has no room for all that is told."""
        return any(len(text) > LONGEST for change in self.changes for text in (change.old, change.new))


def lines_of(partnership_id: int, entries: Sequence[AuditEntry], reader: Reader) -> dict[int, Line]:
    """Return entry id → what is printed.

    One query for each kind of row that is named, one for each kind that not all may read and for each that it is a part
    of, and one for what is gone; none for each entry.
    """
    names = _names(partnership_id, entries)
    closed = closed_rows(entries, reader)
    return {
        entry.id: _line(entry, names, is_closed=(entry.table_name, entry.row_id or 0) in closed) for entry in entries
    }


def _line(entry: AuditEntry, names: Names, *, is_closed: bool) -> Line:
    user = names["user"].get(entry.user_id or 0)
    function, action = user.label if user else PROGRAM, entry.action.label
    if entry.action is AuditAction.READ:
        count = labels.count_of(entry.table_name, len(entry.changes.get("ids", [])))
        return Line(entry.at, function, action, f"{count}, endast för myndigheter", "", "", [])
    own = names[entry.table_name].get(entry.row_id or 0)
    what = labels.one(entry.table_name) if own else numbered(entry.table_name, entry.row_id)
    changes = [
        _change(entry.table_name, name, pair, names, is_closed=is_closed)
        for name, pair in entry.changes.items()
        if name not in UNSHOWN
    ]
    return Line(entry.at, function, action, what, own.label if own else "", own.url if own else "", changes)


def _names(partnership_id: int, entries: Sequence[AuditEntry]) -> Names:
    """Return what the rows are called that the entries are about or point at, and who wrote them. What not all in the
    partnership may read has no name here, whoever reads: to show it would be one more reading to log."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        wanted["user"] |= {entry.user_id} if entry.user_id else set()
        if entry.action is AuditAction.READ:
            continue
        wanted[entry.table_name] |= {entry.row_id} if entry.row_id else set()
        for name, pair in entry.changes.items():
            if name not in UNSHOWN and (table := _pointed_at(entry.table_name, name)):
                wanted[table].update(_ids(pair))
    found = {table: registry.names_of(table, partnership_id, ids, EVERYONE) for table, ids in wanted.items()}
    return defaultdict(dict, found)


def _ids(value: Any) -> Iterator[int]:
    """Yield the ids in a logged pair of ids, or of lists of ids."""
    if isinstance(value, list):
        for one in value:
            yield from _ids(one)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


@cache
def _pointed_at(table: str, name: str) -> str | None:
    """Return the table whose ids the field holds, be it a column or what the row is tied to by a table of links."""
    known = Base.metadata.tables.get(table)
    if known is not None and name in known.c:
        return next((key.column.table.name for key in known.c[name].foreign_keys), None)
    # Rooms that may not import each other tie their rows without a relationship; the ties are called the same in all.
    ties = (mapper.relationships.get(name) for mapper in Base.registry.mappers)
    return next(
        (tie.mapper.class_.__tablename__ for tie in ties if tie is not None and tie.secondary is not None), None
    )


def _change(table: str, name: str, pair: Any, names: Names, *, is_closed: bool) -> Change:
    old, new = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
    pointed_at = _pointed_at(table, name)
    if is_closed:
        old, new = (
            HIDDEN if value and (pointed_at or isinstance(value, str | list | dict)) else value for value in (old, new)
        )
    elif pointed_at:
        old, new = (_called(pointed_at, value, names[pointed_at]) for value in (old, new))
    return Change(labels.field(table, name), _value(table, name, old), _value(table, name, new))


def _called(table: str, value: Any, names: dict[int, Mention]) -> str:
    """Return what the rows with the ids in `value` are called; those without a name by their numbers."""
    called = (names[one].label if one in names else numbered(table, one) for one in _ids(value))
    return "; ".join(called)


def _value(table: str, name: str, value: Any) -> str:
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, dict):
        return ", ".join(
            f"{labels.field(table, key).lower()}: {_value(table, name, entry)}" for key, entry in value.items()
        )
    if isinstance(value, list):
        return "; ".join(_value(table, name, entry) for entry in value)
    if isinstance(value, str):
        value = _in_words(table, name, value)
    return str(value)


def _in_words(table: str, name: str, value: str) -> str:
    """Return a choice by its label and a day, a time or a number as it is written; other text as it stands."""
    known = Base.metadata.tables.get(table)
    kind = known.c[name].type if known is not None and name in known.c else None
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return next((str(getattr(m, "label", m)) for m in kind.enum_class if m.value == value), value)
    write = KEYS.get((table, name)) or WRITTEN.get(type(kind), str)
    try:
        return write(value)
    except (ValueError, InvalidOperation):
        # Written in another form, as what is closed.
        return value
