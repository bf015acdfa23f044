"""What every answer says of itself to browsers and to what stands between."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/samverkan/sergels/aktorer", "/samverkan/sergels/aktorer?format=csv", "/logga-in"])
def test_nothing_of_a_partnership_stays_on_a_shared_computer(reader: FlaskClient, path: str) -> None:
    headers = reader.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in headers["Content-Security-Policy"]


def test_what_all_pages_share_is_kept_by_the_browser(reader: FlaskClient) -> None:
    assert reader.get("/static/js/app.js").headers["Cache-Control"] != "no-store"
