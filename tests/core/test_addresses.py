"""Addresses that are remembered are the same as those that are worked out."""

from typing import Any

import pytest
from flask import Flask, g, url_for

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
