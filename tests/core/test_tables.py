"""Lists as their addresses ask for them, also when the address makes no sense."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.activations.models import EventType
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Audience
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.reports.models import IssuedDocument
from tests.activations.builders import an_event
from tests.briefings.builders import a_briefing
from tests.builders import World, add

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
    response = coordinator.get(f"/samverkan/sergels/{page}?{question}")
    assert response.status_code == 200
    assert 'class="list"' in response.text


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


def test_choices_are_sorted_as_they_are_listed(
    app: Flask, world: World, coordinator: FlaskClient, parse: Callable[..., BeautifulSoup]
) -> None:
    with app.app_context():
        for kind in (EventType.CLEANING, EventType.ART, EventType.EVENT):
            an_event(world, type=kind, title=kind.label)
        for kind in ("minutes", "goal-fulfilment", "briefing"):
            document = {"kind": kind, "subject": kind, "title": kind, "audience": Audience.PARTNERSHIP, "version": 1}
            bytes_of = {"sha256": "0" * 64, "size": 1, "content": b"%"}
            issued = {"issued_at": clock.now(), "issued_by_function": "Samordnare"}
            add(IssuedDocument(partnership_id=world.partnerships["sergels"], **document, **bytes_of, **issued))
        db.session.commit()

    def column(page: str, label: str) -> list[str]:
        cells = parse(coordinator.get(f"/samverkan/sergels/{page}")).select(f"td[data-label='{label}']")
        return [cell.text.strip() for cell in cells]

    assert column("platsaktivering?sortera=typ", "Typ") == ["Konst/gestaltning", "Evenemang", "Extra städning"]
    assert column("platsaktivering?sortera=-typ", "Typ") == ["Extra städning", "Evenemang", "Konst/gestaltning"]
    kinds = ["Minnesanteckningar", "Måluppfyllelserapport", "Samverkansutställning"]
    assert column("rapporter?sortera=kind", "Slag") == kinds


def a_measure(world: World, number: int) -> Measure:
    return Measure(
        partnership_id=world.partnerships["sergels"],
        number=number,
        title="Byt armaturer",
        responsible_actor_id=world.actors["district"],
        status=MeasureStatus.ONGOING,
    )


@pytest.mark.parametrize(
    ("page", "name", "value"),
    [
        ("atgarder", "lage", "finns-inte"),
        ("atgarder", "ansvarig", "99999"),
        ("atgarder", "forsenad", "kanske"),
        ("utstallningar", "tillstand", "\ufffd"),
    ],
)
def test_a_choice_that_is_not_on_the_list_is_told_and_the_list_shown_without_it(
    app: Flask,
    world: World,
    coordinator: FlaskClient,
    parse: Callable[..., BeautifulSoup],
    page: str,
    name: str,
    value: str,
) -> None:
    with app.app_context():
        db.session.add(a_measure(world, 1))
        a_briefing(world, "sergels")
        db.session.commit()
    shown = parse(coordinator.get(f"/samverkan/sergels/{page}", query_string={name: value}))
    field = shown.select_one("form.filter").find(attrs={"name": name})
    assert field["aria-invalid"] == "true"
    assert shown.find(id=field["aria-describedby"]).text == "Valet i adressen finns inte, så listan visas utan det."
    assert not field.select("option[selected]")
    assert not field.has_attr("checked")
    assert shown.select_one("details.filter-fold").has_attr("open")
    assert shown.find("a", string="Rensa filter")
    assert len(shown.select("tbody tr")) == 1
    assert value not in {tag.get("href", "").rpartition("=")[2] for tag in shown.select(".table a")}


def test_an_empty_list_with_a_made_up_choice_does_not_blame_the_filter(coordinator: FlaskClient) -> None:
    page = coordinator.get("/samverkan/sergels/atgarder?lage=finns-inte").text
    assert "passar filtret" not in page
    assert "Valet i adressen finns inte" in page


def test_a_made_up_page_or_size_means_the_nearest_one(
    app: Flask, world: World, coordinator: FlaskClient, parse: Callable[..., BeautifulSoup]
) -> None:
    with app.app_context():
        db.session.add_all([a_measure(world, number) for number in range(1, 61)])
        db.session.commit()
    for question, result in (
        ("sida=9", "51–60 av 60 åtgärder"),
        ("sida=99999999999999999999", "51–60 av 60 åtgärder"),
        ("sida=abc", "1–25 av 60 åtgärder"),
        ("sida=2&antal=40", "51–60 av 60 åtgärder"),
        ("antal=1000", "60 åtgärder"),
        ("antal=-1", "1–25 av 60 åtgärder"),
    ):
        shown = parse(coordinator.get(f"/samverkan/sergels/atgarder?{question}"))
        told = shown.select_one(".filter-result [data-announce]").text
        assert told.replace("\xa0", " ") == result, question


def test_a_personnummer_is_not_searched_for_and_is_in_no_link(
    coordinator: FlaskClient, parse: Callable[..., BeautifulSoup]
) -> None:
    shown = parse(coordinator.get("/samverkan/sergels/behorigheter", query_string={"q": "19900101-0017"}))
    field = shown.find("input", {"name": "q"})
    told = shown.find(id=field["aria-describedby"]).text
    assert told.startswith("Sökningen innehåller ett personnummer. Ta bort det.")
    assert shown.select("tbody tr")
    assert not [link for link in shown.select("a[href]") if "0017" in link["href"]]
