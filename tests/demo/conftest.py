"""A database with the demo data in it, loaded by the command itself."""

from typing import Any

import pytest
import yaml
from flask import Flask

from platssamverkan.demo.seed import SEED_FILE


@pytest.fixture
def loaded(app: Flask) -> Flask:
    """The app after `flask demo load`."""
    result = app.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 0, result.output
    return app


@pytest.fixture(scope="session")
def seed_file() -> dict[str, Any]:
    """The seed file as it stands."""
    data: dict[str, Any] = yaml.safe_load(SEED_FILE.read_text(encoding="utf-8"))
    return data
