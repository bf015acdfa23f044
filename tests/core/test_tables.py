"""Lists as their addresses ask for them, also when the address makes no sense."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.core.db import db
from tests.briefings.builders import a_briefing
from tests.builders import World

LISTS = (
    "aktorer", "avtal", "avtal/ataganden", "atgarder", "atgarder/problem", "mal/alla", "mal/indikatorer", "moten",
    "utstallningar", "lagesbild", "platsaktivering", "rapporter", "logg", "behorigheter",
)  # fmt: skip


@pytest.mark.parametrize("page", LISTS)
@pytest.mark.parametrize(
    "question",
    [
        "sida=-1&antal=999&sortera=nonsens",
        "sida=99999999999999999999&antal=x&sortera=--",
        "sida=²&antal=٣&format=exe&q=%00%ff&text=%00%ff",
        "fran=0001-01-01&till=9999-12-31",
        "fran=9999-12-31&till=2026-13-45",
    ],
)
def test_an_address_that_makes_no_sense_shows_the_list_all_the_same(
    coordinator: FlaskClient, page: str, question: str
) -> None:
    assert coordinator.get(f"/samverkan/sergels/{page}?{question}").status_code == 200


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("2026-13-45", "Skriv datumet som år-månad-dag"),
        ("i går", "Skriv datumet som år-månad-dag"),
        ("0001-01-01", "Året måste vara mellan 1900 och 2199."),
    ],
)
def test_a_date_that_cannot_be_read_is_kept_and_told(
    app: Flask, world: World, coordinator: FlaskClient, parse: Callable[..., BeautifulSoup], written: str, message: str
) -> None:
    with app.app_context():
        a_briefing(world, "sergels")
        db.session.commit()
    page = parse(
        coordinator.get("/samverkan/sergels/utstallningar", query_string={"till": written, "fran": "2020-01-01"})
    )
    field = page.find("input", {"name": "till"})
    assert (field["value"], field["type"], field["aria-invalid"]) == (written, "text", "true")
    assert message in page.find(id=field["aria-describedby"]).text
    assert page.find("input", {"name": "fran"})["type"] == "date"
    assert page.select_one("details.filter-fold").has_attr("open")
    assert len(page.select("tbody tr")) == 1
