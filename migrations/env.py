"""Runs the migrations against the app's database, and compares the models with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, TypeDecorator, text
from sqlalchemy.exc import OperationalError

from platssamverkan.core import schema

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write the program's own types as what the database holds, so that a migration stays as it was when made."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def compare_type(
    _context: Any, _inspected: Any, _metadata: Any, inspected_type: Any, metadata_type: Any
) -> bool | None:
    """Leave enumerations to their check constraints: SQLite reports them as plain text."""
    if getattr(metadata_type, "enums", None) is not None:
        return False
    return None


@contextmanager
def keys_at_rest(connection: Connection) -> Iterator[None]:
    """Let SQLite look at foreign keys when all is done: where a table is dropped or made anew, it would take away what
    refers to its rows, or refuse. Raises SystemExit when a row then refers to nothing."""
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.commit()
    try:
        yield
        lost = {row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        if lost:
            raise SystemExit(f"Rows refer to what is not there: {', '.join(sorted(lost))}")
    finally:
        connection.rollback()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def run() -> None:
    """Upgrade or downgrade within one transaction."""
    settings = current_app.extensions["migrate"].configure_args
    try:
        connection = database.engine.connect()
    except OperationalError as error:
        raise SystemExit(schema.silence(error)) from error
    with connection, keys_at_rest(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            **{**settings, "compare_type": compare_type},
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # Several machines that start at once migrate one at a time; the later ones find nothing left to do.
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('alembic_version'))"))
            context.run_migrations()


run()
