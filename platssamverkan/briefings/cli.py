"""Commands of the room."""

import click
from flask import Flask
from flask.cli import AppGroup

from platssamverkan.briefings import planning
from platssamverkan.core import schema
from platssamverkan.core.db import db

briefings = AppGroup("briefings", help="Utställningar.")


@briefings.command("ahead", with_appcontext=False)
@schema.with_database
def ahead() -> None:
    """Lägg in de utställningar som serierna ger, så långt fram som BRIEFING_HORIZON_DAYS säger."""
    made = planning.ahead_of_today()
    db.session.commit()
    click.echo(f"{made} utställningar inlagda.")


def init_app(app: Flask) -> None:
    """Add the room's commands."""
    app.cli.add_command(briefings)
