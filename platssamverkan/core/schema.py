"""Whether the database answers and has the tables that this version of the program knows: asked by every command and
by a web server that starts, so that what is wrong is said in one line and not by each page."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import FlaskGroup, with_appcontext
from sqlalchemy.exc import IntegrityError, OperationalError

from platssamverkan.core.db import AWAY, Away, db

P = ParamSpec("P")
R = TypeVar("R")

TWIN = "Något annat sparade samma sak samtidigt, så inget är sparat här. Se efter vad som finns och kör kommandot igen."
UNREADABLE = "Det som skrevs efter kommandot innehåller tecken som inte går att läsa. Skriv det på nytt."
OLD = "Databasens tabeller hör inte till den här versionen. Kör först: flask --app wsgi db upgrade"


def silence(error: Away) -> str:
    """Return in one line that the database does not answer, with its own first words."""
    told = str(error.orig).strip().splitlines() or ["inget svar"]
    return f"Databasen svarar inte: {told[0]}"


def is_current() -> bool:
    """Return whether every migration has been run and none that is not known here. Raises OperationalError when the
    database is out of reach."""
    known = ScriptDirectory(str(current_app.config["MIGRATIONS"])).get_heads()
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == set(known)


def with_database(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command run in the application's context, on a database that is in order; else it ends with one line."""

    @with_appcontext
    @wraps(command)
    def checked(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            if not is_current():
                raise click.ClickException(OLD)
            return command(*arguments, **options)
        except AWAY as error:
            raise click.ClickException(silence(error)) from error
        except IntegrityError as error:
            # Commands look for what is there before they save; this is what meets two at once.
            raise click.ClickException(TWIN) from error
        except UnicodeEncodeError as error:
            # Bytes of the command line that are no letters.
            raise click.ClickException(UNREADABLE) from error

    return checked


def is_command() -> bool:
    """Return whether the application is made for a command of its own and serves nobody."""
    # Flask's group looks for such a command; `flask run` and web servers start the application otherwise.
    command = click.get_current_context(silent=True)
    return command is not None and isinstance(command.command, FlaskGroup)


def refuse_old(app: Flask) -> None:
    """Stop a web server from starting on a database whose tables are older or newer than the program. One that does
    not answer yet is waited for: until then every page says so.

    :raises SystemExit: with one line that says what to do
    """
    if is_command():
        return
    with app.app_context():
        try:
            current = is_current()
        except OperationalError as error:
            app.logger.error(silence(error))
            return
        finally:
            # The server's processes are copies of this one and must not share its connections.
            db.engine.dispose()
    if not current:
        raise SystemExit(OLD)
