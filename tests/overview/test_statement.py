"""What is said of how accessible the site is (lagen 2018:1937, 13 §): what the program knows, and what is missing."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

Parse = Callable[..., BeautifulSoup]
THEIRS = "https://staden.example/tillganglighet"
#: What the authority that answers for the site has to say, and no one else can.
THEIR_WORDS = ("Ansvarig offentlig aktör", "Förenlig med lagens krav", "Dag för bedömningen")


def facts_of(page: BeautifulSoup) -> dict[str, str]:
    return {fact.dt.text: fact.dd.get_text(" ", strip=True) for fact in page.select(".facts > div")}


def test_what_no_one_has_said_is_missing(anonymous: FlaskClient, parse: Parse) -> None:
    page = parse(anonymous.get("/tillganglighet"))
    facts = facts_of(page)
    assert facts["Digital service"] == "Platssamverkan, http://localhost/"
    assert all(facts[name].startswith("uppgift saknas") for name in THEIR_WORDS)
    assert "Hur du når den: uppgift saknas." in " ".join(page.get_text().split())
    assert page.select_one('a[href="https://www.digg.se/tdosanmalan"]')


def test_the_statement_of_the_authority_is_led_to(
    app: Flask, anonymous: FlaskClient, parse: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "ACCESSIBILITY_STATEMENT", THEIRS)
    page = parse(anonymous.get("/tillganglighet"))
    assert page.select_one(f'a[href="{THEIRS}"]')
    assert all("egen redogörelse" in facts_of(page)[name] for name in THEIR_WORDS)
    assert "uppgift saknas" not in page.get_text()
