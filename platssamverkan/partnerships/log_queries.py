"""The change log: its list, and which of its rows a reader may not see. `log_lines.py` puts them into words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, inspect, select
from sqlalchemy.orm import RelationshipDirection

from platssamverkan.core import clock
from platssamverkan.core.audit import HIDDEN, AuditAction, AuditEntry
from platssamverkan.core.columns import Visible
from platssamverkan.core.db import Base, db
from platssamverkan.core.formatting import swedish_sort_key
from platssamverkan.core.registry import registry
from platssamverkan.core.tables import Column, Filter, ListSpec
from platssamverkan.core.visibility import Reader
from platssamverkan.partnerships import labels
from platssamverkan.partnerships.models import partnership_place

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


#: A row by the name of its table and its id.
Row = tuple[str, int]

#: Whoever takes part and is nobody else: what all in a partnership may read.
EVERYONE = Reader(is_member=True)


def numbered(table: str, row_id: int | None) -> str:
    """Return "åtgärd 34": what a row without a name is called."""
    return f"{labels.one(table)} {row_id}" if row_id else labels.one(table)


def _only(partnership_id: int, table: str, row_id: int) -> Sequence[Filter]:
    """Return the filter that holds the list to one row, which its pages lead to. A row that the log says nothing of is
    not named: users and actors are known in all partnerships, and made-up addresses would tell who they are."""
    is_row = and_(AuditEntry.table_name == table, AuditEntry.row_id == row_id)
    is_told_of = db.session.scalar(log_entries(partnership_id).where(is_row).exists().select())
    named = registry.names_of(table, partnership_id, [row_id] if is_told_of else [], EVERYONE).get(row_id)
    name = named.label if named else numbered(table, row_id)
    return [Filter("post", "Post", lambda _: is_row, choices=[(str(row_id), name)])]


def _day_start(day: date) -> datetime:
    return clock.at_local(day, time(0))


def log_entries(partnership_id: int) -> "Select[AuditEntry]":
    """Return the select of the partnership's entries."""
    return select(AuditEntry).where(AuditEntry.partnership_id == partnership_id)


def log(partnership_id: int, row: Row | None = None) -> tuple["Select[AuditEntry]", ListSpec]:
    """Return the partnership's entries, latest first. `row` is one that the list can be held to; two queries more."""

    def since(day: date) -> "ColumnElement[bool]":
        return AuditEntry.at >= _day_start(day)

    def until(day: date) -> "ColumnElement[bool]":
        return AuditEntry.at < _day_start(day + timedelta(days=1))

    # Links between rows stand in the log as changes of the rows that they tie, but for the places of a partnership.
    logged = {mapper.class_.__tablename__ for mapper in Base.registry.mappers} | {partnership_place.name}
    if row:
        # The id of a row means another in another table.
        logged = {row[0]}
    tables = [(table, words[0].capitalize()) for table, words in labels.TABLES.items() if table in logged]
    tables.sort(key=lambda pair: swedish_sort_key(pair[1]))
    only = _only(partnership_id, *row) if row else ()
    spec = ListSpec(
        id="log",
        noun_singular="händelse",
        noun_plural="händelser",
        columns=[
            Column("at", "När", AuditEntry.at),
            Column("who", "Vem"),
            Column("what", "Vad", AuditEntry.table_name),
            Column("changes", "Ändring"),
        ],
        filters=[
            Filter("tabell", "Vad", lambda value: AuditEntry.table_name == value, choices=tables),
            *only,
            Filter(
                "handling", "Händelse", lambda value: AuditEntry.action == AuditAction(value),
                choices=[(action.value, action.label) for action in AuditAction],
            ),
            Filter("fran", "Från och med", since, "date"),
            Filter("till", "Till och med", until, "date"),
        ],
        default_sort="at",
        default_descending=True,
        tie=AuditEntry.id.desc(),
        export=False,
    )  # fmt: skip
    return log_entries(partnership_id), spec


@cache
def _wholes(model: Any) -> list[tuple[str, Any]]:
    """Return (key, class) of what each row of `model` is a part of, where that or what it is itself a part of says who
    may read it: a follow-up of its measure, an assessment of the words of a goal."""
    mapper: Any = inspect(model)
    return [
        (mapper.get_property_by_column(column).key, relation.mapper.class_)
        for relation in mapper.relationships
        if relation.direction is RelationshipDirection.MANYTOONE
        for column in relation.local_columns
        if not column.nullable and (issubclass(relation.mapper.class_, Visible) or _wholes(relation.mapper.class_))
    ]


def _sorted_out(model: Any, ids: Iterable[int], reader: Reader) -> tuple[set[int], set[int]]:
    """Return the ids of the rows of `model` that there are, and of those among them that the reader may not read: they
    are closed themselves, or parts of what is."""
    who = (model.visibility, model.owner_actor_id) if issubclass(model, Visible) else ()
    wholes = _wholes(model)
    statement = select(model.id, *who, *(getattr(model, key) for key, _ in wholes)).where(model.id.in_(sorted(ids)))
    found = db.session.execute(statement).all()
    closed = {row.id for row in found if who and not reader.may_read(row.visibility, row.owner_actor_id)}
    for key, whole in wholes:
        above = {row.id: getattr(row, key) for row in found}
        _, hidden = _sorted_out(whole, set(above.values()), reader)
        closed |= {row_id for row_id, whole_id in above.items() if whole_id in hidden}
    return {row.id for row in found}, closed


def closed_rows(entries: Sequence[AuditEntry], reader: Reader) -> set[Row]:
    """Return the rows among `entries` that the reader may not read now, be it as parts of others; of what is gone,
    those that were closed when they were removed."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        if entry.row_id is not None:
            wanted[entry.table_name].add(entry.row_id)
    closed: set[Row] = set()
    gone: set[Row] = set()
    for mapper in Base.registry.mappers:
        model: Any = mapper.class_
        table = model.__tablename__
        if wanted.get(table) and (issubclass(model, Visible) or _wholes(model)):
            found, hidden = _sorted_out(model, wanted[table], reader)
            closed |= {(table, row_id) for row_id in hidden}
            gone |= {(table, row_id) for row_id in wanted[table] - found}
    return closed | _closed_when_removed(gone)


def _closed_when_removed(rows: set[Row]) -> set[Row]:
    removed = select(AuditEntry).where(
        AuditEntry.action == AuditAction.DELETE,
        AuditEntry.table_name.in_({table for table, _ in rows}),
        AuditEntry.row_id.in_({row_id for _, row_id in rows}),
    )
    found: Sequence[AuditEntry] = list(db.session.scalars(removed)) if rows else ()
    # The log itself kept the words of what was closed to itself.
    closed = {
        (entry.table_name, entry.row_id or 0)
        for entry in found
        if any(HIDDEN in pair for pair in entry.changes.values())
    }
    return closed & rows
