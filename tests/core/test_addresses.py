"""Addresses that are remembered are the same as those that are worked out; made-up ones end in no error."""

from typing import Any

import pytest
from flask import Flask, g, url_for
from flask.testing import FlaskClient

from platssamverkan.core import addresses

ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("overview.home", {}),
    ("measures.index", {}),
    ("measures.index", {"slug": "sergels"}),
    ("measures.show", {"measure_id": 7}),
    ("measures.show", {"measure_id": 7, "slug": "sergels"}),
    ("measures.show", {"measure_id": 7, "_anchor": "uppfoljning-3"}),
    ("measures.show", {"measure_id": 7, "_anchor": None}),
    ("reports.goal_fulfilment", {"year": 2025, "period": "vb"}),
    ("overview.search", {"q": "å & ä"}),
    ("overview.search", {"q": None}),
    ("overview.search", {"q": ["a", "b"]}),
    ("overview.home", {"_external": True}),
    ("static", {"filename": "css/platssamverkan.css"}),
)


@pytest.mark.parametrize("root", ["", "/samverkan-i-staden"])
def test_a_remembered_address_is_what_flask_would_say(app: Flask, root: str) -> None:
    with app.test_request_context("/samverkan/klara/atgarder", base_url=f"http://localhost{root}"):
        for slug in ("klara", "odenplan", "klara"):
            g.slug = slug
            for endpoint, values in ASKED:
                expected = Flask.url_for(app, endpoint, **values)
                assert [url_for(endpoint, **values), app.url_for(endpoint, **values)] == [expected] * 2


def test_only_so_many_are_remembered(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "MOST_REMEMBERED", 10)
    with app.test_request_context("/"):
        for number in range(50):
            assert url_for("overview.search", q=f"ord{number}") == f"/sok?q=ord{number}"
    assert len(app._addresses) <= 10  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/samverkan/sergels", "/samverkan/sergels/"),
        ("/samverkan/sergels?a=1", "/samverkan/sergels/?a=1"),
        ("/samverkan/sergels//atgarder", "/samverkan/sergels/atgarder"),
    ],
)
def test_an_address_that_is_put_right_stays_where_the_browser_is(
    coordinator: FlaskClient, asked: str, led_to: str
) -> None:
    response = coordinator.get(asked, base_url="http://127.0.0.1:8000")
    assert (response.status_code, response.location) == (308, led_to)


SERGEL = "/samverkan/sergels"


@pytest.mark.parametrize("number", ["9" * 40, "2147483648", "-1", "-" + "9" * 40, "tre", "²"])
@pytest.mark.parametrize("page", ["platsaktivering/ny?likadan=", "atgarder/ny?orsak="])
def test_a_question_for_a_row_that_no_table_can_hold_shows_the_page_without_it(
    coordinator: FlaskClient, page: str, number: str
) -> None:
    response = coordinator.get(f"{SERGEL}/{page}{number}")
    assert response.status_code == 200
    assert f'action="{SERGEL}/{page.partition("/ny")[0]}' in response.text


@pytest.mark.parametrize("address", ["/samverkan/a%00b/", "/kartlaggning/a%00b", "/plats/a%00b", "/%00"])
def test_a_name_that_no_text_of_the_database_holds_is_a_404(coordinator: FlaskClient, address: str) -> None:
    assert coordinator.get(address).status_code == 404


@pytest.mark.parametrize("key", ["a\x00b", "x" * 500])
def test_a_draft_under_a_made_up_key_is_not_kept(coordinator: FlaskClient, key: str) -> None:
    for _ in range(2):
        response = coordinator.post("/utkast", data={"key": key, "text": "Mörkt vid trappan"})
        assert response.status_code == 200
        assert "sparas inte" in response.text
