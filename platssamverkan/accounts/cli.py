"""Commands: the first administrator of a new installation."""

import click
from flask import Flask, current_app
from werkzeug.datastructures import MultiDict

from platssamverkan.accounts import services
from platssamverkan.accounts.forms import NewAccountForm
from platssamverkan.core import schema
from platssamverkan.core.db import db


def init_app(app: Flask) -> None:
    """Add the room's commands."""
    app.cli.add_command(new_admin)


@click.command("new-admin")
@click.argument("email")
@click.option("--function", default="Administratör", show_default=True, help="Funktion som andra ser, aldrig ett namn.")
@click.password_option(
    "--password",
    prompt="Lösenord",
    confirmation_prompt="Samma lösenord en gång till",
    help="Utelämna det, så frågar programmet utan att visa vad du skriver.",
)
@schema.with_database
def new_admin(email: str, function: str, password: str) -> None:
    """Skapa ett konto som administrerar användare och samverkan."""
    given = {"email": email, "function": function, "new_password": password, "new_password_again": password}
    with current_app.test_request_context():
        form = NewAccountForm(MultiDict(given), meta={"csrf": False})
        if not form.validate():
            raise click.ClickException(" ".join(str(said) for told in form.errors.values() for said in told))
    address = str(form.email.data)
    try:
        services.create_account(email=address, function=str(form.function.data), password=password, is_admin=True)
    except services.AddressTaken as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    click.echo(f"Kontot {address} är skapat.")
