"""Commands of the room: `flask meetings ahead`."""

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from platssamverkan.core.db import db, rows
from platssamverkan.meetings import series
from platssamverkan.partnerships.models import Partnership

meetings = AppGroup("meetings", help="Möten.")


@meetings.command("ahead")
@with_appcontext
def ahead() -> None:
    """Lägg upp de möten som återkommer, ett halvår framåt. Kan köras hur ofta som helst."""
    made = 0
    for partnership in rows(select(Partnership).where(Partnership.is_active).order_by(Partnership.id)):
        made += len(series.make_occurrences(partnership.id, series.horizon()))
    db.session.commit()
    click.echo(f"{made} möten är upplagda.")


def init_app(app: Flask) -> None:
    """Add the commands to the app."""
    app.cli.add_command(meetings)
