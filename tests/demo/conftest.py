"""A database with the demo data in it, loaded by the command itself."""

from typing import Any

import pytest
import yaml
from flask import Flask

from platssamverkan.demo.seed import SEED_FILE
from tests.conftest import keep, put_back


def _load(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="session")
def is_kept(migrated_app: Flask, database_uri: str) -> bool:
    """Load the demo once for the whole run and keep it as a file. Not on PostgreSQL."""
    if not database_uri.startswith("sqlite"):
        return False
    _load(migrated_app)
    with migrated_app.app_context():
        keep(database_uri, "demo")
        put_back(database_uri, "empty")
    return True


@pytest.fixture
def loaded(app: Flask, database_uri: str, is_kept: bool) -> Flask:
    """The app after `flask demo load`."""
    if is_kept:
        with app.app_context():
            put_back(database_uri, "demo")
    else:
        _load(app)
    return app


@pytest.fixture(scope="session")
def seed_file() -> dict[str, Any]:
    """The seed file as it stands."""
    data: dict[str, Any] = yaml.safe_load(SEED_FILE.read_text(encoding="utf-8"))
    return data
