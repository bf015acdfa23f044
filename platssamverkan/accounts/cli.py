"""Commands: the first administrator of a new installation."""

import click
from flask import Flask
from flask.cli import with_appcontext

from platssamverkan.accounts import services
from platssamverkan.accounts.forms import SHORTEST_PASSWORD
from platssamverkan.core.db import db


def init_app(app: Flask) -> None:
    """Add the room's commands."""
    app.cli.add_command(new_admin)


@click.command("new-admin")
@click.argument("email")
@click.option("--function", default="Administratör", show_default=True, help="Funktion som andra ser, aldrig ett namn.")
@click.password_option("--password", prompt="Lösenord", confirmation_prompt="Samma lösenord en gång till")
@with_appcontext
def new_admin(email: str, function: str, password: str) -> None:
    """Skapa ett konto som administrerar användare och samverkan."""
    if "@" not in email:
        raise click.ClickException("Skriv en hel e-postadress.")
    if len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"Lösenordet är för kort. Skriv minst {SHORTEST_PASSWORD} tecken.")
    try:
        services.create_account(email=email, function=function, password=password, is_admin=True)
    except services.AddressTaken as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    click.echo(f"Kontot {email} är skapat.")
