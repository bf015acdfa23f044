"""What the pages of errors say to do next."""

import pytest
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
