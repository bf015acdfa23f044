"""What the pages of errors say to do next."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.core.pdf import PdfTimedOut


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
