"""What every answer says to the browser about itself."""

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from platssamverkan.core import static_files
from platssamverkan.core.headers import POLICY


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
    # Safari's reader of PDF has styles of its own, which the policy of a page would shut out.
    policy = "frame-ancestors 'none'" if path.endswith(".pdf") else POLICY
    assert response.headers["Content-Security-Policy"] == policy
    assert "default-src 'none'; script-src 'self';" in POLICY
    assert "Strict-Transport-Security" not in response.headers


def test_the_programs_own_files_stay_with_the_browser_until_they_change(
    anonymous: FlaskClient, owner: FlaskClient
) -> None:
    page = BeautifulSoup(anonymous.get("/logga-in").text, "lxml")
    addresses = [tag.get("href") or tag["src"] for tag in page.select("link, script")]
    assert len(addresses) == 4
    for address in addresses:
        kept = anonymous.get(address)
        assert (kept.status_code, kept.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        again = anonymous.get(address, headers={"If-None-Match": kept.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, "public, max-age=31536000, immutable")
        # Every page renews the cookie: a file that varied with it would be asked for with every page.
        for one in (kept, again, owner.get(address)):
            assert (one.headers.get("Vary"), one.headers.get("Set-Cookie")) == (None, None)
        for other in (address.partition("?")[0], f"{address}0"):
            assert anonymous.get(other).headers["Cache-Control"] == "no-cache"


def test_only_so_many_spellings_of_a_file_are_remembered(anonymous: FlaskClient) -> None:
    for count in range(300):
        assert anonymous.get(f"/static/{'css/../' * count}css/document.css").status_code == 200
    assert static_files._digest.cache_info().currsize <= 256


def test_the_fonts_that_the_style_sheet_names_stay_for_a_month(anonymous: FlaskClient) -> None:
    style = anonymous.get("/static/css/platssamverkan.css").text
    fonts = set(re.findall(r'url\("\.\.(/fonts/[^"]+)"\)', style))
    assert fonts
    for font in fonts:
        assert anonymous.get(f"/static{font}").headers["Cache-Control"] == "public, max-age=2592000"


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
