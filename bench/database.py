"""A fresh SQLite database with ten years of one partnership (DOMAIN 12), and the app on it."""

import logging
import os
from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import select

from config import Config
from platssamverkan import create_app
from platssamverkan.accounts.models import User
from platssamverkan.core.db import db
from platssamverkan.demo.bench_base import EMAIL
from platssamverkan.demo.bench_data import make_bench_data
from platssamverkan.demo.bench_rows import Size

TEN_YEARS = Size(years=10, measures=400, meetings=120, events=1500)


def settings(folder: Path) -> dict[str, str]:
    """Return the environment of a start on a database in `folder`."""
    return {
        "INSTANCE_PATH": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "PLATSSAMVERKAN_DEMO": "1",
        "SECRET_KEY": "only for measurements",
    }


def filled_app(folder: Path) -> Flask:
    """Return the app on a migrated and filled database in `folder`."""
    os.environ.update(settings(folder))
    app = create_app(Config())
    with app.app_context():
        logging.getLogger("alembic").setLevel(logging.WARNING)
        flask_migrate.upgrade()
        make_bench_data(TEN_YEARS)
    return app


def session_cookie(app: Flask) -> str:
    """Return the Cookie header of the coordinator, signed in."""
    with app.app_context():
        token = db.session.scalars(select(User.session_token).where(User.email == EMAIL)).one()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    if cookie is None:
        raise RuntimeError("the app set no session cookie")
    return f"{cookie.key}={cookie.value}"
