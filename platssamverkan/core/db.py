"""The database: engine settings, the base class of all models, and the few helpers that every query uses."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from flask import Flask, abort
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnElement, MetaData, Select, event, false, func, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.attributes import set_committed_value

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")

#: Names for every constraint, so that a migration can drop what an earlier one made.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every model."""

    metadata = MetaData(naming_convention=NAMING)


# Flask-SQLAlchemy builds its Model class while running; mypy is shown the declarative base that it is.
db: Any = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate(render_as_batch=True, compare_type=True)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


#: A database that is out of reach, out of space or, as a spare one of PostgreSQL, only to be read.
Away = OperationalError | InterfaceError | InternalError
AWAY = (OperationalError, InterfaceError, InternalError)
#: So long, in milliseconds, a save waits for another.
LOCK_TIMEOUT = 10_000

#: What sorts as what: å ä ö after z, the letters of neighbours where Swedish has them. The migration
#: "order_names_as_swedish_does" says the same to PostgreSQL.
_SWEDISH = str.maketrans("åäöæøéèêëáàâüñç", "{|}|}eeeeaaaync")


def swedish_key(text: str | None) -> str | None:
    """Return what `text` is ordered by: "mål 2" before "mål 10", å ä ö last, capitals with small letters."""
    if text is None:
        return None
    return re.sub("[0-9]+", lambda found: found[0].zfill(10), str(text).lower().translate(_SWEDISH))


def swedish(text: Any) -> "ColumnElement[str]":
    """Return the expression that orders `text` as Swedish does. The databases have it by the same name."""
    return func.swedish_key(text)


@event.listens_for(Engine, "connect")
def _sqlite_settings(connection: Any, _record: Any) -> None:
    """Make SQLite keep foreign keys, wait for other writers, let readers read while someone writes, and ask the guards
    of locked rows before REPLACE too."""
    if isinstance(connection, sqlite3.Connection):
        cursor = connection.cursor()
        for pragma in (
            "foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={LOCK_TIMEOUT}",
            "recursive_triggers=ON",
        ):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        # SQLite's own lower() knows only a to z; searches must find Åhléns by åhléns.
        connection.create_function("swedish_key", 1, swedish_key, deterministic=True)
        connection.create_function("lower", 1, lambda value: value.lower() if value else value, deterministic=True)


def init_app(app: Flask) -> None:
    """Connect the database and the migrations to the app."""
    db.init_app(app)
    migrate.init_app(app, db, directory=str(app.config["MIGRATIONS"]))

    @app.teardown_appcontext
    def _close(_error: BaseException | None) -> None:
        # Before Flask-SQLAlchemy does, which would fail after the answer is made, and the answer would be lost.
        with _letting_go():
            db.session.close()


@contextmanager
def _letting_go() -> Iterator[None]:
    """Let a connection go that has broken: the database itself undoes what came over it."""
    try:
        yield
    except DBAPIError:
        db.session().invalidate()


def undo() -> None:
    """Undo what was begun, also over a connection that has broken."""
    with _letting_go():
        db.session.rollback()


def prepared(make: Callable[P, R]) -> Callable[P, R]:
    """Keep what `make` returns for each set of arguments: a statement costs more to put together than to run.

    The arguments are the few things that change the statement's shape (a Reader, an export or not) and must be
    hashable; what changes with every request is a `bindparam`, given when the statement runs.
    """
    return cast("Callable[P, R]", lru_cache(maxsize=256)(make))


def first_of_each(
    statement: "Select[*tuple[Any, ...]]", row_id: Any, group: Any, *order: Any, most: int
) -> "Select[*tuple[Any, ...]]":
    """Return `statement` narrowed to the first `most` rows of each `group` in `order`, and ordered so; `row_id` and
    `group` are columns that together tell its rows apart.

    What it picks is still picked from the rows themselves, as the log of readings needs to see.
    """
    place = func.row_number().over(partition_by=group, order_by=order).label("place")
    picked = row_id.label("row_id"), group.label("group_id"), place
    ranked = statement.with_only_columns(*picked).subquery()
    first = statement.where(ranked.c.row_id == row_id, ranked.c.group_id == group, ranked.c.place <= most)
    return first.order_by(ranked.c.place)


def one_or_404(statement: "Select[T]", **values: object) -> T:
    """Return the one row of `statement` with `values` as its bound parameters; 404 when there is none."""
    row: T | None = db.session.scalar(statement, values)
    if row is None:
        abort(404)
    return row


def rows(statement: "Select[T]", **values: object) -> list[T]:
    """Return all rows of a one-entity `statement` with `values` as its bound parameters, in its order."""
    return list(db.session.scalars(statement, values))


def with_related(row: Any, *names: str) -> Any:
    """Return the first entity of a joined row, with the entities after it as its relationships `names`.

    For pages that are read often: a join costs less than the options that load relationships.
    """
    for name, related in zip(names, row[1:], strict=True):
        set_committed_value(row[0], name, related)
    return row[0]


def related_or_404(statement: "Select[Any]", *names: str, **values: object) -> Any:
    """Return the one row of `statement` as `with_related` does; 404 when there is none."""
    return with_related(db.session.execute(statement, values).one_or_none() or abort(404), *names)


def next_number(column: Any, *where: Any) -> int:
    """Return the number after the highest of `column` among the rows that `where` names; 1 when there is none."""
    return int(db.session.scalar(select(func.max(column)).where(*where)) or 0) + 1


def lock_row(model: Any, row_id: int) -> None:
    """Let others who would lock or change the same row wait until this transaction ends. What is read after this is as
    they left it."""
    table = model.__table__
    if db.session.get_bind().dialect.name == "sqlite":
        # SQLite locks no rows. A change that changes nothing locks the file, and wakes no trigger.
        db.session.execute(update(table).where(false()).values(id=table.c.id))
    else:
        # As SQLite does, PostgreSQL gives up after a while; `core.errors` says so.
        db.session.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT}"))
        db.session.execute(select(table.c.id).where(table.c.id == row_id).with_for_update(key_share=True))
