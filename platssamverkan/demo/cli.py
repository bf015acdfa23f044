"""Commands that fill a database: `flask demo load` and `flask bench-data`."""

import time

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from platssamverkan.core import schema
from platssamverkan.core.db import db
from platssamverkan.demo import bench_base, loader
from platssamverkan.demo.accounts import PASSWORD, make_accounts, refuse_outside_demo
from platssamverkan.demo.bench_data import make_bench_data
from platssamverkan.demo.bench_rows import Size
from platssamverkan.demo.examples import make_examples
from platssamverkan.demo.seed import Seed

demo = AppGroup("demo", help="Exempeldata ur källorna.")


@demo.command("load", with_appcontext=False)
@schema.with_database
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


@click.command("bench-data")
@click.option("--years", default=10, show_default=True, type=click.IntRange(1, 50), help="Antal år.")
@click.option("--measures", default=400, show_default=True, type=click.IntRange(0), help="Antal åtgärder.")
@click.option("--meetings", default=120, show_default=True, type=click.IntRange(0), help="Antal möten.")
@click.option("--events", default=1500, show_default=True, type=click.IntRange(0), help="Antal platsaktiveringar.")
@schema.with_database
def bench_data(years: int, measures: int, meetings: int, events: int) -> None:
    """Fyll databasen med syntetiska data i samverkan "bench", för mätningar."""
    if bench_base.exists():
        click.echo("Samverkan bench finns redan. Inget är ändrat.")
        return
    started = time.monotonic()
    total, base = make_bench_data(Size(years=years, measures=measures, meetings=meetings, events=events))
    seconds = max(time.monotonic() - started, 0.001)
    click.echo(f"{total} syntetiska rader på {seconds:.1f} s, {total / seconds:.0f} rader/s.")
    click.echo(f"Konto: {bench_base.EMAIL}, lösenord {base.password or PASSWORD}")


def init_app(app: Flask) -> None:
    """Add the commands, and refuse to start on a demo's database outside a demo."""
    app.cli.add_command(demo)
    app.cli.add_command(bench_data)
    refuse_outside_demo(app)
