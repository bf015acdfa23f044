"""Commands that fill a database: `flask demo load` and `flask bench-data`."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from platssamverkan.core.db import db
from platssamverkan.demo import loader
from platssamverkan.demo.accounts import make_accounts, refuse_outside_demo
from platssamverkan.demo.examples import make_examples
from platssamverkan.demo.seed import Seed

demo = AppGroup("demo", help="Exempeldata ur källorna.")


@demo.command("load")
def load() -> None:
    """Lägg in exempeldata en gång; det som redan finns rörs inte."""
    if loader.is_loaded():
        click.echo("Exempeldata finns redan. Det som matats in är kvar.")
    else:
        loader.load_seed(Seed())
        click.echo("Exempeldata är inlagda.")
    if current_app.config["DEMO"]:
        made = make_accounts()
        if made:
            click.echo(f"{made} demokonton är inlagda.")
        if make_examples():
            click.echo("Exempel kring dagens datum är inlagda.")
    db.session.commit()


def init_app(app: Flask) -> None:
    """Add the commands, and refuse to start on a demo's database outside a demo."""
    app.cli.add_command(demo)
    refuse_outside_demo(app)
