"""Who has read what only authorities may read (DOMAIN 9, R11). Nothing has to be remembered for it: rows that are
loaded whole note themselves, and a statement that picks texts out of rows is asked for their ids and classes too. One
that picks them so that this can't be asked is refused."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, Response, current_app, g, has_request_context
from sqlalchemy import (
    ColumnClause,
    CompoundSelect,
    Enum,
    Result,
    ScalarSelect,
    Select,
    String,
    Table,
    event,
    inspect,
    select,
)
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.orm import ORMExecuteState, Session, aliased
from sqlalchemy.types import NullType

from platssamverkan.core.audit import ways_up, write_reads
from platssamverkan.core.columns import Visible
from platssamverkan.core.db import AWAY, Base, db
from platssamverkan.core.visibility import Visibility


def note_reads(model: Any, rows: Iterable[tuple[int | None, Visibility | None]]) -> None:
    """Note which of the rows of `model`, each an id and a class, only authorities may read."""
    if has_request_context():
        closed = {row_id for row_id, visibility in rows if visibility is Visibility.AUTHORITIES_ONLY}
        if closed:
            g.setdefault("authorities_read", defaultdict(set))[model.__tablename__] |= closed


def _note_loaded(target: Any, _context: Any) -> None:
    note_reads(type(target), [(target.id, target.visibility)])


@dataclass(frozen=True)
class _Watched:
    """A statement that picks texts, with the id and the class of each row they come from as its last columns."""

    statement: Any
    width: int
    models: Sequence[Any]


#: What was found out about a statement, for as long as the statement is kept.
_known: WeakKeyDictionary[Any, _Watched | None] = WeakKeyDictionary()


class UnseenText(Exception):
    """A statement picks texts without their rows: grouped, made distinct, or out of a subquery. Pick ids there, and the
    texts by them."""


def _is_text(kind: Any) -> bool:
    # What the database makes of a text, as lower() does, is text though its type is not said.
    return isinstance(kind, String | NullType) and not isinstance(kind, Enum)


@cache
def _tables() -> set[Any]:
    """Return the tables whose rows say who may read them, or are parts of such."""
    classes: set[Any] = {mapper.class_ for mapper in Base.registry.mappers}
    return {one.__table__ for one in classes if issubclass(one, Visible) or ways_up(one)}


def _columns_behind(element: Any) -> Iterator[Any]:
    """Return the tables' columns whose text the expression gives."""
    inner: Iterable[Any]
    if isinstance(element, ScalarSelect):
        inner = element.element.selected_columns
    elif isinstance(element, ColumnClause):
        inner = element.base_columns - {element}
        if isinstance(element.table, Table):
            yield element
    else:
        inner = element.get_children()
    for one in inner:
        if _is_text(getattr(one, "type", NullType())):
            yield from _columns_behind(one)


def _refuse_unseen(picked: Iterable[Any]) -> None:
    for one in picked:
        if _is_text(one.type) and any(
            column.table in _tables() and _is_text(column.type) for column in _columns_behind(one)
        ):
            raise UnseenText(str(one))


def _watched(statement: Any) -> _Watched | None:
    """Return the statement to run instead of one that picks texts out of rows that say who may read them.

    :raises UnseenText: when it picks them in a way that does not tell which rows they come from
    """
    if isinstance(statement, CompoundSelect):
        _refuse_unseen([column for part in statement.selects for column in part.selected_columns])
    if not isinstance(statement, Select):
        return None
    described = statement.column_descriptions
    _refuse_unseen([one["expr"] for one in described if one.get("entity") is None])
    picked = dict.fromkeys(
        one["entity"] for one in described if one.get("entity") is not None and _is_text(one["type"])
    )
    sources = [source for entity in picked for source in _sources(entity)]
    if not sources:
        return None
    if statement._distinct or statement._group_by_clauses:
        raise UnseenText(str(statement))
    added = [
        column.label(f"read_{name}_{place}")
        for place, (_, row_id, visibility) in enumerate(sources)
        for name, column in (("id", row_id), ("visibility", visibility))
    ]
    return _Watched(statement.add_columns(*added), len(described), [model for model, _, _ in sources])


def _sources(entity: Any) -> list[tuple[Any, Any, Any]]:
    """Return (model, id, class) of what says who may read the text of the entity: itself, or what it is a part of."""
    model = inspect(entity).mapper.class_
    if issubclass(model, Visible):
        return [(model, entity.id, entity.visibility)]
    found = []
    for _, key, whole in ways_up(model):
        above: Any = aliased(whole)
        row_id = getattr(entity, key)
        found.append((whole, row_id, select(above.visibility).where(above.id == row_id).scalar_subquery()))
    return found


def _note_picked(state: ORMExecuteState) -> Result[Any] | None:
    if not has_request_context() or not state.is_select or state.is_column_load or state.is_relationship_load:
        return None
    if state.statement not in _known:
        _known[state.statement] = _watched(state.statement)
    watched = _known[state.statement]
    if watched is None:
        return None
    found = state.invoke_statement(statement=watched.statement)
    keys, rows = list(found.keys()), found.all()
    for place, model in enumerate(watched.models):
        at = watched.width + 2 * place
        note_reads(model, [(row[at], row[at + 1]) for row in rows])
    shown = SimpleResultMetaData(keys[: watched.width])
    return IteratorResult(shown, iter([row[: watched.width] for row in rows]))


def _write(response: Response) -> Response:
    """Log which authorities-only rows the request read; one entry a table, whatever their number. What can't be logged
    is not shown."""
    read: dict[str, set[int]] = g.pop("authorities_read", {})
    try:
        if read:
            db.session.rollback()
            write_reads(read)
            db.session.commit()
    except AWAY as error:
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def init_app(app: Flask) -> None:
    """Watch every load of rows and every statement that picks columns."""
    if not event.contains(Session, "do_orm_execute", _note_picked):
        event.listen(Session, "do_orm_execute", _note_picked)
        event.listen(Visible, "load", _note_loaded, propagate=True)
    app.after_request(_write)
