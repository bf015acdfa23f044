"""A database that does not answer, or has other tables than the program: said once and plainly, and no word lost."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import click
import flask_migrate
import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError

from config import ROOT, Testing
from platssamverkan import create_app
from platssamverkan.accounts.models import User
from platssamverkan.core import access, schema, worker
from platssamverkan.core.db import db
from tests.builders import a_user

COMMANDS = (
    ["worker"],
    ["new-admin", "chef@staden.example", "--password", "ett långt lösenord"],
    ["report", "vision-klara", "--period", "2026-vb", "--out", "rapport.pdf"],
    ["briefings", "ahead"],
    ["meetings", "ahead"],
    ["demo", "load"],
    ["bench-data"],
)
COMMAND_NAMES = [" ".join(command[:2]) for command in COMMANDS]


@pytest.fixture
def away(tmp_path: Path) -> Flask:
    """The app on a database that can't be reached."""
    config = Testing(f"sqlite:///{tmp_path / 'gone' / 'file.sqlite3'}", tmp_path)
    config.WTF_CSRF_ENABLED = False  # type: ignore[attr-defined]
    return create_app(config)


@pytest.fixture
def without_database(away: Flask) -> FlaskClient:
    """Someone who was signed in when the database went away."""
    client = away.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "someone who was signed in"
    return client


@pytest.fixture
def empty(tmp_path: Path) -> Flask:
    """The app on a database without tables."""
    return create_app(Testing(f"sqlite:///{tmp_path / 'file.sqlite3'}", tmp_path))


@pytest.mark.parametrize("address", ["/", "/plats", "/samverkan/vision-klara/", "/logga-in"])
def test_every_page_says_that_the_database_is_away(without_database: FlaskClient, address: str) -> None:
    response = without_database.get(address)
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert "<h1>Databasen svarar inte</h1>" in response.text


def test_what_was_written_stands_on_the_page(without_database: FlaskClient) -> None:
    response = without_database.post("/samverkan/vision-klara/atgarder/ny", data={"title": "Bättre ljus vid trappan"})
    assert response.status_code == 503
    assert "Bättre ljus vid trappan" in response.text
    assert "ladda" in response.text


def test_a_page_of_errors_that_cannot_be_made_says_that_the_database_is_away(
    away: Flask, without_database: FlaskClient
) -> None:
    away.config["PROPAGATE_EXCEPTIONS"] = False
    response = without_database.post("/finns-inte", data={"title": "Bättre ljus vid trappan"})
    assert response.status_code == 503
    assert "<h1>Databasen svarar inte</h1>" in response.text
    assert "Bättre ljus vid trappan" in response.text


@pytest.mark.parametrize("status", [200, 404])
def test_a_connection_that_breaks_when_all_is_read_spoils_no_answer(
    app: Flask, anonymous: FlaskClient, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    @access.public
    def read() -> str:
        db.session.connection().connection.driver_connection.close()
        if status != 200:
            abort(status)
        return "Allt är läst."

    monkeypatch.setitem(app.view_functions, "overview.health", read)
    assert anonymous.get("/halsa").status_code == status
    monkeypatch.undo()
    assert anonymous.get("/halsa").status_code == 200


def test_a_database_that_may_only_be_read_is_said_to_be_away(
    app: Flask, anonymous: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    @access.public
    def save() -> str:
        only_read = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET TRANSACTION READ ONLY"}
        db.session.execute(text(only_read[db.engine.dialect.name]))
        try:
            db.session.execute(delete(User))
        finally:
            if db.engine.dialect.name == "sqlite":
                db.session.execute(text("PRAGMA query_only = OFF"))
        return ""

    monkeypatch.setitem(app.view_functions, "overview.health", save)
    response = anonymous.get("/halsa")
    assert response.status_code == 503
    assert "<h1>Databasen svarar inte</h1>" in response.text


def test_a_fault_of_the_program_is_not_said_to_be_the_database(
    app: Flask, anonymous: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @access.public
    def read() -> str:
        with suppress(DBAPIError):
            db.session.execute(text("SELECT nothing FROM nowhere"))
        # PostgreSQL takes nothing more in a transaction that has failed.
        db.session.connection().execute(text("SELECT 1"))
        return "Allt är läst."

    monkeypatch.setitem(app.view_functions, "overview.health", read)
    response = anonymous.get("/halsa")
    is_refused = app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql")
    assert response.status_code == (500 if is_refused else 200)
    assert bool([record for record in caplog.records if record.exc_info]) == is_refused


def test_health_tells_of_the_database(away: Flask) -> None:
    response = away.test_client().get("/halsa")
    assert (response.status_code, response.get_json()) == (503, {"status": "database"})


def test_the_worker_notes_in_one_line_that_the_database_is_away(away: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with away.app_context():
        assert not worker.run_alone(worker.MAIL, lambda _lease: None)
    assert [record.exc_info for record in caplog.records] == [None]
    assert "Databasen svarar inte: unable to open database file" in caplog.text


@pytest.mark.parametrize("command", COMMANDS, ids=COMMAND_NAMES)
def test_a_command_says_what_is_wrong_in_one_line(away: Flask, empty: Flask, command: list[str]) -> None:
    for app, told in ((away, "Error: Databasen svarar inte: unable to open"), (empty, f"Error: {schema.OLD}")):
        result = app.test_cli_runner().invoke(args=command)
        assert result.exit_code == 1
        assert result.output.startswith(told)
        assert result.output.count("\n") == 1


def test_a_command_that_saves_what_another_has_just_saved_says_so(app: Flask) -> None:
    @click.command()
    @schema.with_database
    def make_twice() -> None:
        for _ in range(2):
            a_user("chef")

    result = app.test_cli_runner().invoke(make_twice)
    assert (result.exit_code, result.output) == (1, f"Error: {schema.TWIN}\n")
    with app.app_context():
        assert db.session.scalar(select(func.count(User.id))) == 0


def test_migrating_a_database_that_is_away_says_so(away: Flask) -> None:
    with away.app_context(), pytest.raises(SystemExit, match="Databasen svarar inte"):
        flask_migrate.upgrade()


def test_a_web_server_does_not_start_on_a_database_without_tables(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", "127.0.0.1:0", "--no-control-socket"]
    setting = {"INSTANCE_PATH": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}"}
    ended = subprocess.run(
        command, cwd=ROOT, env=os.environ | setting, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert ended.stderr.count(schema.OLD) == 1


def test_errors_are_told_without_the_values_that_were_sent(app: Flask) -> None:
    statement = text("SELECT nothing FROM nowhere WHERE words = :words")
    with app.app_context(), pytest.raises(DBAPIError) as raised:
        db.session.execute(statement, {"words": "bara för myndigheter"})
    assert "bara för myndigheter" not in str(raised.value)


def test_a_connection_that_the_server_closed_is_opened_anew(tmp_path: Path) -> None:
    assert Testing("postgresql+psycopg://server/db", tmp_path).SQLALCHEMY_ENGINE_OPTIONS["pool_pre_ping"]
    assert "pool_pre_ping" not in Testing("sqlite:///file", tmp_path).SQLALCHEMY_ENGINE_OPTIONS
