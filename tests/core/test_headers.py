"""What every answer says to the browser about itself."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Config


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/finns-inte",
        "/samverkan/sergels/",
        "/samverkan/sergels/aktorer",
        "/logga-in",
        "/samverkan/sergels/aktorer?format=csv",
        "/samverkan/sergels/aktorer?format=xlsx",
        "/samverkan/sergels/rapporter/maluppfyllelse/2026/vb.pdf",
        "/static/finns-inte.css",
        "/plats",
        "/halsa",
    ],
)
def test_nothing_but_the_programs_own_files_stays_on_a_shared_computer(owner: FlaskClient, path: str) -> None:
    response = owner.get(path)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'; script-src 'self';" in response.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in response.headers


def test_the_programs_own_files_may_be_kept(anonymous: FlaskClient) -> None:
    assert "no-store" not in anonymous.get("/static/js/app.js").headers["Cache-Control"]


@pytest.fixture
def over_https(app: Flask) -> Iterator[Flask]:
    """The app as it is told that its pages are reached over https."""
    app.config["SESSION_COOKIE_SECURE"] = True
    yield app
    app.config["SESSION_COOKIE_SECURE"] = False


def test_over_https_the_browser_is_told_to_stay_there(over_https: Flask, anonymous: FlaskClient) -> None:
    response = anonymous.get("/logga-in")
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = response.headers["Set-Cookie"]
    for flag in ("Secure", "HttpOnly", "SameSite=Lax"):
        assert flag in cookie


@pytest.mark.parametrize(
    ("site", "said", "secure"),
    [
        ("https://plats.example", None, True),
        ("http://127.0.0.1:5000", None, False),
        ("", None, False),
        ("https://plats.example", "0", False),
        ("", "1", True),
    ],
)
def test_a_site_reached_over_https_sends_its_cookie_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object, site: str, said: str | None, secure: bool
) -> None:
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
    monkeypatch.setenv("SITE_URL", site)
    monkeypatch.delenv("SESSION_COOKIE_SECURE", raising=False)
    if said is not None:
        monkeypatch.setenv("SESSION_COOKIE_SECURE", said)
    assert Config().SESSION_COOKIE_SECURE is secure
