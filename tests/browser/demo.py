"""The demo as a new user meets it: migrated, loaded, served, with everything switched on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from config import Testing
from platssamverkan import create_app
from platssamverkan.core.db import db
from tests.support.browser import live_server

PASSWORD = "platssamverkan-demo"


@contextmanager
def demo_app(folder: Path) -> Iterator[Flask]:
    """Give the app on a fresh database that holds the demo; forms are checked for their token as in real life."""
    app = create_app(Testing(f"sqlite:///{folder / 'demo.sqlite3'}", folder))
    with app.app_context():
        flask_migrate.upgrade()
    result = app.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 0, result.output
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@contextmanager
def demo_site(folder: Path) -> Iterator[tuple[Flask, str]]:
    """Give the demo app and the address it is served at."""
    with demo_app(folder) as app, live_server(app) as address:
        yield app, address


def signed_in(context: BrowserContext, address: str, account: str) -> Page:
    """Return a page where the demo account has signed in by the form, standing on its start page."""
    page = context.new_page()
    page.goto(f"{address}/logga-in")
    page.get_by_label("E-postadress").fill(f"{account}@demo.example")
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url(f"{address}/")
    return page
