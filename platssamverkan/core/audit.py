"""The log of who changed what, written in the same transaction as the change, and of who read what only authorities
may read (DOMAIN 9, R11). It can only grow: triggers in the database refuse updates and deletes."""

import enum
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from flask import Flask, g, has_request_context
from flask_login import current_user
from sqlalchemy import JSON, ForeignKey, Index, String, event, inspect, select
from sqlalchemy.orm import Mapped, RelationshipDirection, Session, mapped_column
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE

from platssamverkan.core import clock
from platssamverkan.core.columns import UTCDateTime, Visible, enum_type
from platssamverkan.core.db import Model, db
from platssamverkan.core.visibility import Visibility


class AuditAction(enum.StrEnum):
    """What was done to the row."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    READ = "read"

    @property
    def label(self) -> str:
        return {"insert": "Skapad", "update": "Ändrad", "delete": "Borttagen", "read": "Läst"}[self.value]


class AuditEntry(Model):
    """One change, or one reading of authorities-only text. Holds ids and values, never authorities-only text."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_row", "table_name", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    action: Mapped[AuditAction] = mapped_column(enum_type(AuditAction))
    table_name: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int | None]
    partnership_id: Mapped[int | None] = mapped_column(index=True)
    #: field → [old, new]; for reads {"ids": [...]}.
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)


#: Not worth a line of their own, or never to be written down: whoever fails to sign in may have written anything.
SILENT_TABLES = {
    "audit_entry", "draft", "ended_session", "mail_choice", "outbox_mail", "sent_form", "sign_in_attempt", "task_lease",
}  # fmt: skip
SILENT_FIELDS = {"id", "version", "session_token"}
#: Told that they were changed, never what they hold: whoever sets another's password could sign in as that user.
SECRET_FIELDS = {"password_hash"}
HIDDEN = "(text som inte loggas)"


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"({len(value)} byte)"
    if isinstance(value, str | int | float | bool | dict | list) or value is None:
        return value
    return str(value)


def _stored(session: Session, row: Any, keys: list[str]) -> dict[str, Any]:
    """Return what the database holds for attributes that were changed without having been loaded."""
    mapper = inspect(row).mapper
    columns = [mapper.columns[key].label(key) for key in keys]
    where = [column == value for column, value in zip(mapper.primary_key, inspect(row).identity, strict=True)]
    found = session.connection().execute(select(*columns).where(*where)).mappings().one_or_none()
    return dict(found) if found else {}


@cache
def _keys(mapper: Any) -> list[str]:
    """Return the columns whose changes are told."""
    return [attribute.key for attribute in mapper.column_attrs if attribute.key not in SILENT_FIELDS]


def _changed(session: Session, row: Any, action: AuditAction) -> dict[str, tuple[Any, Any]]:
    """Return field → (old, new) for what the flush is about to write."""
    state = inspect(row)
    keys = _keys(state.mapper)
    if action is AuditAction.INSERT:
        return {key: (None, state.dict[key]) for key in keys if key in state.dict}
    if action is AuditAction.DELETE:
        return {key: (getattr(row, key), None) for key in keys}
    histories = {key: state.attrs[key].history for key in keys}
    touched = [key for key in keys if histories[key].has_changes()]
    unloaded = [key for key in touched if not histories[key].deleted]
    stored = _stored(session, row, unloaded) if unloaded else {}
    return {
        key: (histories[key].deleted[0] if histories[key].deleted else stored.get(key), getattr(row, key))
        for key in touched
    }


@cache
def ways_up(model: Any) -> list[tuple[str, str, type]]:
    """Return (relationship, key, class) of what carries a visibility and has rows of `model` as its parts."""
    mapper: Any = inspect(model)
    return [
        (relation.key, mapper.get_property_by_column(column).key, relation.mapper.class_)
        for relation in mapper.relationships
        if relation.direction is RelationshipDirection.MANYTOONE and issubclass(relation.mapper.class_, Visible)
        for column in relation.local_columns
    ]


def _classes_above(session: Session, row: Any) -> set[Visibility]:
    """Return the classes of the rows that `row` is a part of: a commitment in a closed agreement is closed too."""
    found: set[Visibility] = set()
    for relation, key, model in ways_up(row.__class__):
        identity = getattr(row, key)
        above = inspect(row).dict.get(relation) or (session.get(model, identity) if identity is not None else None)
        if above is not None:
            found.add(above.visibility)
    return found


def _changes(session: Session, row: Any, action: AuditAction) -> dict[str, Any]:
    """Return field → [old, new] as the log keeps it: what is secret, and what is or was closed text, is replaced by a
    mark."""
    changed = _changed(session, row, action)
    classes = {row.visibility, *changed.get("visibility", ())} if isinstance(row, Visible) else set()
    classes |= _classes_above(session, row)
    closed = bool(classes & {Visibility.AUTHORITIES_ONLY, Visibility.ACTOR_INTERNAL})
    found: dict[str, Any] = {}
    for key, (old, new) in changed.items():
        pair = [_plain(old), _plain(new)]
        if pair == [None, None]:
            continue
        if (closed and key != "visibility") or key in SECRET_FIELDS:
            pair = [HIDDEN if isinstance(value, str | list | dict) and value else value for value in pair]
        found[key] = pair
    return found


def _linked(row: Any) -> dict[str, tuple[list[Any], list[Any]]]:
    """Return relationship → (rows before, rows now) for what the flush is about to tie to the row or let go, where the
    tie is a row of a link table and thus no object of its own."""
    found: dict[str, tuple[list[Any], list[Any]]] = {}
    for relation in inspect(row).mapper.relationships:
        if relation.direction is not RelationshipDirection.MANYTOMANY or relation.viewonly:
            continue
        history = get_history(row, relation.key, PASSIVE_NO_INITIALIZE)
        if history.added or history.deleted:
            kept = list(history.unchanged or ())
            found[relation.key] = ([*kept, *history.deleted], [*kept, *history.added])
    return found


def _actor() -> int | None:
    if has_request_context() and current_user and current_user.is_authenticated:
        return int(current_user.id)
    return None


def _partnership_of(row: Any) -> int | None:
    """Return the partnership in whose log the row stands: its own, the one that the user stands in, or that of what it
    is a part of, as far as that is loaded."""
    own = getattr(row, "partnership_id", None)
    if own is not None:
        return int(own)
    if has_request_context() and g.get("workspace"):
        return int(g.workspace.partnership.id)
    state = inspect(row)
    wholes = (
        state.dict.get(r.key) for r in state.mapper.relationships if r.direction is RelationshipDirection.MANYTOONE
    )
    return next((whole.partnership_id for whole in wholes if getattr(whole, "partnership_id", None)), None)


def _log(session: Session, told: Iterable[tuple[Any, AuditAction, dict[str, Any]]]) -> None:
    """Write an entry of each row, what was done to it and its changes, in one statement."""
    at, user_id = clock.now(), _actor()
    entries = []
    for row, action, changes in told:
        identity = getattr(row, "id", None)
        entries.append({
            "at": at,
            "user_id": user_id,
            "action": action,
            "table_name": row.__tablename__,
            "row_id": identity if isinstance(identity, int) else None,
            "partnership_id": _partnership_of(row),
            "changes": changes,
        })  # fmt: skip
    if entries:
        session.execute(AuditEntry.__table__.insert(), entries)  # type: ignore[attr-defined]


#: A row that is about to be written, what is done to it, its changed fields and its changed ties.
Pending = tuple[object, AuditAction, dict[str, Any], dict[str, tuple[list[Any], list[Any]]]]


def _note_changes(session: Session, _context: Any, _instances: Any = None) -> None:
    """Remember what a flush is about to write, while old values are still known."""
    # Begun anew: of a flush that the database refused, nothing has happened that could be told.
    pending: list[Pending] = []
    session.info["audit"] = pending
    for group, action in (
        (session.new, AuditAction.INSERT),
        (session.dirty, AuditAction.UPDATE),
        (session.deleted, AuditAction.DELETE),
    ):
        for row in group:
            if row.__tablename__ in SILENT_TABLES:
                continue
            if action is AuditAction.UPDATE and not session.is_modified(row):
                continue
            changes, linked = _changes(session, row, action), _linked(row)
            # A row whose parts alone have changed has nothing of its own to tell.
            if changes or linked or action is not AuditAction.UPDATE:
                pending.append((row, action, changes, linked))


def _write_changes(session: Session, _context: Any) -> None:
    """Write the entries in the flush's own transaction, when new rows have their ids."""
    pending: list[Pending] = session.info.pop("audit", [])
    _log(
        session,
        [
            (row, action, changes | {name: [_ids(old), _ids(new)] for name, (old, new) in linked.items()})
            for row, action, changes, linked in pending
        ],
    )


def _ids(rows: list[Any]) -> list[int]:
    return sorted(row.id for row in rows)


#: A row, the name of what it is tied to, and the ids that it was tied to and is tied to now.
Tied = tuple[Any, str, Iterable[int], Iterable[int]]


def note_links(tied: Iterable[Tied]) -> None:
    """Log what rows are tied to, for link tables that are written without objects. Nothing is logged of a row that is
    tied to the same as before."""
    changed = [(row, name, sorted(old), sorted(new)) for row, name, old, new in tied]
    _log(
        db.session,
        [(row, AuditAction.UPDATE, {name: [old, new]}) for row, name, old, new in changed if old != new],
    )


def values_before(model: Any, ids: Iterable[int], moment: datetime) -> dict[int, dict[str, Any] | None]:
    """Return row id → field → the value that stood at `moment`, as the log keeps it, of the fields changed since; None
    for a row entered since. Rows that nothing has happened to are not there. One query."""
    statement = (
        select(AuditEntry.row_id, AuditEntry.action, AuditEntry.changes)
        .where(AuditEntry.table_name == model.__tablename__, AuditEntry.row_id.in_(sorted(ids)))
        .where(AuditEntry.at >= moment, AuditEntry.action != AuditAction.READ)
        .order_by(AuditEntry.id)
    )
    found: dict[int, dict[str, Any] | None] = {}
    for row_id, action, changes in db.session.execute(statement):
        if action is AuditAction.INSERT:
            found[row_id] = None
        elif (values := found.setdefault(row_id, {})) is not None:
            values.update({name: old for name, (old, _new) in changes.items() if name not in values})
    return found


def write_reads(read: Mapping[str, Iterable[int]]) -> None:
    """Log that the rows with these ids were read, by table; one entry a table. Does not commit."""
    workspace = g.get("workspace")
    entries = [
        {
            "at": clock.now(),
            "user_id": _actor(),
            "action": AuditAction.READ,
            "table_name": table,
            "row_id": None,
            "partnership_id": workspace.partnership.id if workspace else None,
            "changes": {"ids": sorted(ids)},
        }
        for table, ids in sorted(read.items())
    ]
    db.session.execute(AuditEntry.__table__.insert(), entries)  # type: ignore[attr-defined]


def init_app(_app: Flask) -> None:
    """Listen to every flush."""
    if not event.contains(Session, "before_flush", _note_changes):
        event.listen(Session, "before_flush", _note_changes)
        event.listen(Session, "after_flush", _write_changes)
