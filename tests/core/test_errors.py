"""What the pages of errors say to do next."""

from flask.testing import FlaskClient


def test_a_body_that_is_too_large_tells_the_limit_and_the_way_back(coordinator: FlaskClient) -> None:
    response = coordinator.post("/samverkan/sergels/atgarder/ny", data={"title": "x" * 17 * 1024 * 1024})
    assert response.status_code == 413
    for words in ("Inget är sparat", "16 MB", "2 MB", "bakåtknapp"):
        assert words in response.text
