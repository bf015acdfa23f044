"""Writing side by side: no text is lost, and what may not be written is refused."""

import re
from collections.abc import Callable

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.core.db import db
from platssamverkan.core.drafts import Draft
from platssamverkan.meetings.models import MinutesItem
from tests.builders import World
from tests.meetings.conftest import Forum

Parse = Callable[..., BeautifulSoup]


def posted_from(page: BeautifulSoup, url: str) -> dict[str, str]:
    """Return the hidden fields and text of the notes form, as a browser would send them."""
    form = page.select_one(f'form[action="{url}"]')
    found = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    return found | {"text": form.select_one("textarea").text.strip("\n")}


def test_two_people_save_the_same_item_and_neither_text_is_lost(
    app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.opening)
    first, second = (posted_from(parse(coordinator.get(url)), url) for _ in range(2))
    assert coordinator.post(url, data=first | {"text": "Ordföranden öppnar."}).status_code == 303
    late = coordinator.post(url, data=second | {"text": "Mötet öppnas kl. 9."})
    assert late.status_code == 409
    page = parse(late)
    assert "Ordföranden öppnar." in page.select_one(".conflict-saved").text
    assert page.select_one("textarea").text.strip() == "Mötet öppnas kl. 9."
    with app.app_context():
        assert db.session.get(MinutesItem, forum.opening).text == "Ordföranden öppnar."
    merged = {"version": page.select_one('input[name="version"]')["value"], "text": "Ordföranden öppnar kl. 9."}
    assert coordinator.post(url, data=merged).status_code == 303
    with app.app_context():
        assert db.session.get(MinutesItem, forum.opening).text == "Ordföranden öppnar kl. 9."


def test_a_moved_item_is_no_conflict_for_the_one_who_writes_in_it(
    app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.opening)
    data = posted_from(parse(coordinator.get(url)), url)
    coordinator.post(f"{url}/flytta", data={"riktning": "ner"})
    assert coordinator.post(url, data=data | {"text": "Mötet öppnas."}).status_code == 303
    with app.app_context():
        assert db.session.get(MinutesItem, forum.opening).text == "Mötet öppnas."


def test_two_people_write_in_different_items_at_once(
    app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    urls = [forum.item_url(item_id) for item_id in (forum.opening, forum.decided)]
    forms = [posted_from(parse(coordinator.get(url)), url) for url in urls]
    for url, data in zip(urls, forms, strict=True):
        assert coordinator.post(url, data=data | {"text": "Skrivet"}).status_code == 303


def test_a_personnummer_is_refused_beside_the_field_and_the_text_kept(
    app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.opening)
    data = posted_from(parse(coordinator.get(url)), url)
    response = coordinator.post(url, data=data | {"text": "Polisen nämner 19121212-1212."})
    page = parse(response)
    assert response.status_code == 422
    assert page.select(".field-error textarea#text")
    assert "nämner" in page.select_one("textarea#text").text
    too_long = coordinator.post(url, data=data | {"text": "x" * 6001})
    assert too_long.status_code == 422
    with app.app_context():
        assert db.session.get(MinutesItem, forum.opening).text is None


def test_a_draft_is_offered_and_goes_when_the_text_is_saved(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.opening)
    coordinator.post("/utkast", data={"key": f"minutes_item:{forum.opening}:text", "text": "Halvfärdigt"})
    page = parse(coordinator.get(url))
    offer = page.select_one("[data-kept]")
    assert "inte är sparad" in offer.text
    assert offer.a["href"] == f"{url}?utkast=1"
    assert parse(coordinator.get(offer.a["href"])).select_one("textarea#text").text.strip() == "Halvfärdigt"
    coordinator.post(url, data=posted_from(page, url) | {"text": "Färdigt"})
    with app.app_context():
        assert db.session.scalar(select(func.count(Draft.id))) == 0


def test_the_page_of_a_paragraph_says_which_it_is(coordinator: FlaskClient, forum: Forum, parse: Parse) -> None:
    titles = [parse(coordinator.get(url)).title.text for url in (forum.url, forum.item_url(forum.decided))]
    assert [re.findall("§\xa0[0-9]+", title) for title in titles] == [[], ["§\xa010"]]
