"""Commands of the room: `flask meetings ahead`."""

import click
from flask import Flask
from flask.cli import AppGroup

from platssamverkan.core import schema
from platssamverkan.core.db import db
from platssamverkan.meetings import series

meetings = AppGroup("meetings", help="Möten.")


@meetings.command("ahead", with_appcontext=False)
@schema.with_database
def ahead() -> None:
    """Lägg upp de möten som återkommer, ett halvår framåt. Kan köras hur ofta som helst."""
    made = series.all_ahead()
    db.session.commit()
    click.echo(f"{made} möten är upplagda.")


def init_app(app: Flask) -> None:
    """Add the commands to the app."""
    app.cli.add_command(meetings)
