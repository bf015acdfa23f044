"""What was observed, brought in from files and pasted rows."""

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import Indicator, IndicatorKind, Observation, QualitativeDirection
from tests.builders import World
from tests.goals.builders import an_indicator, an_observation

HERE = "/samverkan/sergels/mal/indikatorer"
Parse = Callable[..., BeautifulSoup]
TOLD = "[data-error-summary] li"


@pytest.fixture
def indicator_id(app: Flask, world: World) -> int:
    with app.app_context():
        made = an_indicator(world.partnerships["sergels"], owner_id=world.actors["owner"]).id
        db.session.commit()
        return made


def send(client: FlaskClient, indicator_id: int, text: str = "", **more: Any) -> TestResponse:
    data = {"text": text, "step": "save", **more}
    return client.post(f"{HERE}/{indicator_id}/matvarden/importera", data=data, content_type="multipart/form-data")


def everything(app: Flask) -> set[tuple[Any, ...]]:
    names = (
        "starts", "ends", "period_text", "value", "numerator", "area_hectares", "is_approximate", "direction",
        "statement", "origin", "visibility", "sort_key",
    )  # fmt: skip
    with app.app_context():
        return {tuple(getattr(row, name) for name in names) for row in db.session.scalars(select(Observation))}


def test_observations_are_brought_in_with_decimal_commas_and_partial_dates(app, officer, world, indicator_id):
    text = "Från\tVärde\tVarifrån\n2024\t34,5\tAttitydundersökning\nmaj 2025\t31\tAttitydundersökning"
    response = send(officer, indicator_id, text)
    assert (response.status_code, response.location) == (303, f"{HERE}/{indicator_id}#matvarden")
    with app.app_context():
        rows = db.session.scalars(select(Observation).order_by(Observation.sort_key)).all()
        assert [(row.starts, row.value) for row in rows] == [("2024", Decimal("34.5")), ("2025-05", Decimal(31))]
        assert {row.owner_actor_id for row in rows} == {world.actors["district"]}


def test_a_row_must_say_when_and_what(app, officer, parse, indicator_id):
    text = "Från;Värde;Varifrån\n2024;;Enkät\n;5;Enkät\n2024;många;Enkät\n2025;4;"
    page = parse(send(officer, indicator_id, text))
    assert [item.text for item in page.select(TOLD)] == [
        "Rad 2, Värde: Skriv ett värde, välj en riktning eller beskriv vad som iakttagits.",
        "Rad 3, Från: Skriv när det gäller: ett år, en månad eller en dag.",
        "Rad 4, Värde: Skriv ett tal med siffror, till exempel 4,6.",
        "Rad 5, Varifrån: Skriv var uppgiften kommer ifrån, till exempel Attitydundersökning våren 2026.",
    ]
    assert everything(app) == set()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_the_page_exports_can_be_brought_in_again(app, coordinator, world, parse, kind):
    with app.app_context():
        rate = an_indicator(world.partnerships["sergels"], kind=IndicatorKind.RATE_PER_AREA)
        empty = an_indicator(world.partnerships["sergels"], "Tom", kind=IndicatorKind.RATE_PER_AREA).id
        an_observation(rate, "2024", "2.5", numerator=Decimal(5), area_hectares=Decimal(2), origin="BRÅ")
        an_observation(
            rate, "2025-05", direction=QualitativeDirection.DECREASED, statement="=Mycket", origin="Enkät",
            visibility=Visibility.AUTHORITIES_ONLY, period_text="sedan maj",
        )  # fmt: skip
        an_observation(rate, "2026", "3", numerator=Decimal("4.5"), area_hectares=Decimal("1.5"), origin="BRÅ")
        db.session.commit()
        rate_id = rate.id
    before = everything(app)
    content = coordinator.get(f"{HERE}/{rate_id}?format={kind}").get_data()
    page = parse(send(coordinator, empty, file=(io.BytesIO(content), f"lista.{kind}")))
    # A value is told with its caveat in files, too; both belong to the indicator and are not brought in.
    assert IndicatorKind.RATE_PER_AREA.default_caveat.encode() in content or kind == "xlsx"
    assert "2 kolumner läses inte in: Värde, Att tänka på." in page.text
    assert send(coordinator, empty, page.select_one("#text").text).status_code == 303
    with app.app_context():
        for row in db.session.scalars(select(Observation).where(Observation.indicator_id == rate_id)):
            db.session.delete(row)
        db.session.commit()
    assert everything(app) == before
    page = parse(send(coordinator, empty, page.select_one("#text").text))
    assert "3 rader finns redan och sparas inte igen" in page.text.replace("\xa0", " ")


def test_the_file_holds_what_the_reader_may_read(app, owner, police, world, indicator_id):
    with app.app_context():
        indicator = db.session.get_one(Indicator, indicator_id)
        an_observation(indicator, "2024", "2", statement="Hemligt", visibility=Visibility.AUTHORITIES_ONLY)
        db.session.commit()
    assert "Hemligt" not in owner.get(f"{HERE}/{indicator_id}?format=csv").text
    assert "Hemligt" in police.get(f"{HERE}/{indicator_id}?format=csv").text


def test_only_those_who_record_may_import(
    anonymous, reader, police, stranger, owner, officer, coordinator, parse, indicator_id
):
    address = f"{HERE}/{indicator_id}/matvarden/importera"
    for client, status in ((reader, 403), (police, 403), (stranger, 404), (anonymous, 302)):
        assert client.get(address).status_code == status
    for client, status in ((reader, 403), (police, 403), (stranger, 404), (anonymous, 400)):
        assert send(client, indicator_id, "Från;Värde;Varifrån\n2024;1;Enkät").status_code == status
    for client in (owner, officer, coordinator):
        assert client.get(address).status_code == 200
    links = {link.text for link in parse(reader.get(f"{HERE}/{indicator_id}")).select("main a")}
    assert "Importera mätvärden" not in links


def test_a_personnummer_stops_the_import(app, officer, parse, indicator_id):
    text = "Från;Beskrivning;Varifrån\n2024;Ring 811218-9876;Enkät"
    page = parse(send(officer, indicator_id, text, privacy_reason="Behövs"))
    assert page.select_one("#text-error").text.startswith("Rad 2, Beskrivning: Texten innehåller ett personnummer.")
    assert everything(app) == set()


@pytest.mark.parametrize(
    ("kind", "said"), [(IndicatorKind.CLEANLINESS, "Värde"), (IndicatorKind.RATE_PER_AREA, "Antal och Yta i hektar")]
)
def test_the_page_tells_what_a_row_needs_and_its_example_can_be_brought_in(app, officer, world, parse, kind, said):
    with app.app_context():
        made = an_indicator(world.partnerships["sergels"], kind=kind).id
        db.session.commit()
    page = parse(officer.get(f"{HERE}/{made}/matvarden/importera"))
    assert f"fyll i {said}, Riktning i ord eller Beskrivning" in page.text
    assert "fyll i Från, Till eller Tiden med källans ord" in page.text
    guide = {head.text: text.text for head, text in zip(page.select("form dt"), page.select("form dd"), strict=True)}
    assert "Ökat; Minskat; Oförändrat" in guide["Riktning i ord"]
    example = officer.get(page.select_one("a[href*=exempel]")["href"])
    found = parse(send(officer, made, step="check", file=(io.BytesIO(example.data), "exempel.xlsx")))
    assert "2 mätvärden kan sparas" in found.text.replace("\xa0", " ")
