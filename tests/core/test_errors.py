"""What the pages of errors say to do next, and what of it reaches the log."""

import logging
from collections.abc import Callable, Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, literal, literal_column, select
from sqlalchemy.exc import DBAPIError

from platssamverkan.accounts.models import User
from platssamverkan.core import access
from platssamverkan.core.db import db
from platssamverkan.core.pdf import PdfTimedOut

WRITTEN = "Mörkt vid trappan"
URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def log(app: Flask) -> Iterator[list[str]]:
    """What the app says to its log, with what it tells of errors."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    app.logger.addHandler(handler)
    yield lines
    app.logger.removeHandler(handler)


def test_what_the_database_refuses_is_logged_without_what_was_written(
    app: Flask, anonymous: FlaskClient, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @access.public
    def save() -> str:
        # PostgreSQL quotes the whole row that it refuses.
        db.session.execute(insert(User).values(email="ny@exempel.se", function=WRITTEN))
        return ""

    monkeypatch.setitem(app.view_functions, "overview.health", save)
    response = anonymous.get("/halsa")
    assert response.status_code == 409
    assert "refused a save at overview.health" in log[0]
    assert "password_hash" in log[0]
    assert WRITTEN not in "".join(log) + response.text


def test_errors_of_the_database_hold_nothing_of_what_was_written(app: Flask) -> None:
    with app.app_context(), pytest.raises(DBAPIError) as raised:
        db.session.execute(select(literal(WRITTEN), literal_column("missing")))
    assert WRITTEN not in str(raised.value)


def test_a_body_that_is_too_large_tells_the_limit_and_the_way_back(coordinator: FlaskClient) -> None:
    response = coordinator.post("/samverkan/sergels/atgarder/ny", data={"title": "x" * 17 * 1024 * 1024})
    assert response.status_code == 413
    for words in ("Inget är sparat", "16 MB", "2 MB", "bakåtknapp"):
        assert words in response.text


def test_a_file_that_takes_too_long_is_not_said_to_be_a_save(
    app: Flask, coordinator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow() -> None:
        raise PdfTimedOut

    too_slow.access = app.view_functions["overview.home"].access  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "overview.home", too_slow)
    response = coordinator.get("/")
    assert response.status_code == 503
    assert "Det tog för lång tid att göra filen." in response.text
    assert "spara" not in response.text


def test_what_was_written_stands_on_the_page_when_the_row_or_the_right_is_gone(
    coordinator: FlaskClient, reader: FlaskClient, parse: Callable[..., BeautifulSoup]
) -> None:
    written = {"title": "Byt armaturer", "description": "Mörkt vid trappan", "version": "1"}
    for client, address, status in (
        (coordinator, "/samverkan/sergels/atgarder/999/andra", 404),
        (reader, "/samverkan/sergels/atgarder/ny", 403),
    ):
        response = client.post(address, data=written)
        assert response.status_code == status
        said = [tag.get_text() for tag in parse(response).select("section p.preserve")]
        assert any("Mörkt vid trappan" in text for text in said)


def test_a_page_that_is_not_there_speaks_of_nothing_written(coordinator: FlaskClient) -> None:
    assert "Det du skrev" not in coordinator.get("/finns-inte").text
    assert coordinator.post("/finns-inte", data={"title": "x" * 17 * 1024 * 1024}).status_code in {404, 413}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_host_that_there_cannot_be_is_told_so(coordinator: FlaskClient, method: str) -> None:
    response = coordinator.open("/", method=method, environ_overrides={"HTTP_HOST": "a" * 300}, data={"text": WRITTEN})
    assert response.status_code == 400
    assert response.text.startswith("Sidan kunde inte läsas.")


def test_an_address_used_in_a_way_it_does_not_take_tells_which_ways_it_does(coordinator: FlaskClient) -> None:
    response = coordinator.delete("/samverkan/sergels/atgarder")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert "använd knapparna på sidan" in response.text


@pytest.mark.parametrize("path", ["/utkast", "/logga-in"])
def test_a_form_of_fields_without_end_is_refused_before_it_is_read(anonymous: FlaskClient, path: str) -> None:
    few, many = ("a&" * number for number in (4_999, 5_000))
    answers = [anonymous.post(path, data=form, content_type=URLENCODED).status_code for form in (few, many)]
    assert answers == [{"/utkast": 400, "/logga-in": 422}[path], 413]
