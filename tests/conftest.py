"""A real database for every test, people to sign in as, and a counter of queries."""

import copy
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import flask_migrate
import hypothesis
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text

from config import Testing
from platssamverkan import create_app
from platssamverkan.core.db import db
from tests.builders import World, build_world
from tests.support.demo import demo_file, own_site, site  # noqa: F401  (fixtures)
from tests.support.postgresql import as_sqlalchemy, fresh_database, server_url

# How long one example takes says how busy the machine is, nothing of the program.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def database_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the test database: SQLite, or PostgreSQL when TEST_DATABASE says so."""
    if os.environ.get("TEST_DATABASE") == "postgresql":
        with server_url() as server, fresh_database(server, "platssamverkan_test") as url:
            yield as_sqlalchemy(url)
    else:
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite3'}"


@pytest.fixture(scope="session")
def migrated_app(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app on a database that the migrations made, triggers and all."""
    config = Testing(database_uri, tmp_path_factory.mktemp("instance"))
    config.WTF_CSRF_ENABLED = False
    app = create_app(config)
    with app.app_context():
        flask_migrate.upgrade()
        if database_uri.startswith("sqlite"):
            keep(database_uri, "empty")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def keep(database_uri: str, name: str) -> None:
    """Keep the SQLite database as it is now, to `put_back` by that name."""
    db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    db.session.commit()
    db.engine.dispose()
    path = Path(database_uri.removeprefix("sqlite:///"))
    shutil.copy(path, path.with_suffix(f".{name}"))


def put_back(database_uri: str, name: str) -> None:
    """Make the SQLite database what it was when it was kept by that name."""
    db.engine.dispose()
    path = Path(database_uri.removeprefix("sqlite:///"))
    for leftover in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        leftover.unlink(missing_ok=True)
    shutil.copy(path.with_suffix(f".{name}"), path)


@pytest.fixture
def app(migrated_app: Flask, database_uri: str) -> Iterator[Flask]:
    """The app on an empty database."""
    yield migrated_app
    with migrated_app.app_context():
        db.session.remove()
        if database_uri.startswith("sqlite"):
            put_back(database_uri, "empty")
        else:
            tables = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
            db.session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
            db.session.commit()


@pytest.fixture(scope="session")
def kept_world(migrated_app: Flask, database_uri: str) -> World | None:
    """The world, built once for the whole run and kept as a file. None on PostgreSQL."""
    if not database_uri.startswith("sqlite"):
        return None
    with migrated_app.app_context():
        built = build_world()
        db.session.commit()
        keep(database_uri, "world")
        put_back(database_uri, "empty")
    return built


@pytest.fixture
def world(app: Flask, database_uri: str, kept_world: World | None) -> World:
    """Two partnerships, their actors, places and users; ids only, so that no row is shared with a request."""
    with app.app_context():
        if kept_world:
            put_back(database_uri, "world")
            return copy.deepcopy(kept_world)
        built = build_world()
        db.session.commit()
        return built


SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def sign_in(app: Flask, world: World) -> SignIn:
    """Return a client signed in as one of the world's people: sign_in("coordinator")."""

    def as_person(name: str) -> FlaskClient:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = world.tokens[name]
            session["_fresh"] = True
        return client

    return as_person


@pytest.fixture
def coordinator(sign_in: SignIn) -> FlaskClient:
    """Samordnare in both partnerships, for the stadsdelsförvaltning."""
    return sign_in("coordinator")


@pytest.fixture
def police(sign_in: SignIn) -> FlaskClient:
    """Deltagare in both, for the police (bound by OSL)."""
    return sign_in("police")


@pytest.fixture
def owner(sign_in: SignIn) -> FlaskClient:
    """Deltagare at Sergels torg only, for a property owner (not bound by OSL)."""
    return sign_in("owner")


@pytest.fixture
def officer(sign_in: SignIn) -> FlaskClient:
    """Rapportansvarig in both."""
    return sign_in("officer")


@pytest.fixture
def reader(sign_in: SignIn) -> FlaskClient:
    """Läsare at Sergels torg only."""
    return sign_in("reader")


@pytest.fixture
def stranger(sign_in: SignIn) -> FlaskClient:
    """Signed in, member of nothing."""
    return sign_in("stranger")


@pytest.fixture
def anonymous(app: Flask, world: World) -> FlaskClient:
    """Nobody signed in."""
    return app.test_client()


@pytest.fixture
def parse() -> Callable[..., BeautifulSoup]:
    """Return the parsed page of a response."""
    return lambda response: BeautifulSoup(response.get_data(as_text=True), "lxml")


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collect the SQL statements that run inside the block."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting
