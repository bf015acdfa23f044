"""Measures brought in from files and pasted rows."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.test import TestResponse

from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures import services
from platssamverkan.measures.models import CptedCategory, Measure, MeasureMethod, MeasureStatus
from platssamverkan.measures.queries import goal_ids_of
from tests.builders import World, add
from tests.goals.builders import a_goal
from tests.measures.builders import a_measure

LIST = "/samverkan/sergels/atgarder"
HEADS = "Åtgärd;Ansvarig aktör;Metod;Läge"
Parse = Callable[..., BeautifulSoup]


def send(client: FlaskClient, text: str = "", **more: Any) -> TestResponse:
    data = {"text": text, "step": "save", **more}
    return client.post(f"{LIST}/importera", data=data, content_type="multipart/form-data")


def told(page: BeautifulSoup) -> list[str]:
    return [item.text for item in page.select("[data-error-summary] li")]


def everything(app: Flask) -> dict[str, dict[str, Any]]:
    """Return what is said of each measure, by its title."""
    own = (*(services.EDITABLE - {"owner_actor_id"}), "number", "status", "closed_on", "cancel_reason")
    kept = ("is_needed", "reason", "what", "actor_id", "until_on", "funding", "relapse_signal", "review_on")
    loaded = (selectinload(Measure.methods), selectinload(Measure.cpted), selectinload(Measure.affected))
    with app.app_context():
        rows = db.session.scalars(select(Measure).options(*loaded, joinedload(Measure.maintenance))).all()
        goals = goal_ids_of([row.id for row in rows])
        return {
            row.title: {name: getattr(row, name) or None for name in own}
            | {"methods": {link.method for link in row.methods}, "cpted": {link.category for link in row.cpted}}
            | {"affected": {actor.id for actor in row.affected}, "goals": goals[row.id]}
            | {name: row.maintenance and getattr(row.maintenance, name) for name in kept}
            for row in rows
        }


def measures_of_every_sort(app: Flask, world: World) -> None:
    with app.app_context():
        goal_id = a_goal(world.partnerships["sergels"], "Torget är tryggt").id
        a_measure(
            world, title="=Belysning", goal_ids=[goal_id], cpted=[CptedCategory.IMAGE, CptedCategory.SURVEILLANCE],
            methods=[MeasureMethod.SITUATIONAL, MeasureMethod.POLICE], affected_actor_ids=[world.actors["owner"]],
            place_id=world.places["square"], place_text="Trappan", starts="2026-05", ends="2027", planned_count=8,
            description="Byt\nalla; \"armaturer\"", resources="2 mkr", follow_up_on=date(2026, 12, 1),
            outcome_text="Ljusare", is_especially_valuable=True, visibility=Visibility.AUTHORITIES_ONLY,
        )  # fmt: skip
        a_measure(world, title="Föreslagen", status=MeasureStatus.PROPOSED, due_on=None)
        services.move(a_measure(world, title="Försenad"), MeasureStatus.DELAYED, on=date(2026, 10, 1))
        services.move(a_measure(world, title="Pausad"), MeasureStatus.PAUSED, on=date(2026, 10, 1))
        services.cancel(a_measure(world, title="Avbruten"), reason="Saknar pengar", on=date(2026, 10, 1))
        never_begun = a_measure(world, title="Aldrig börjad", starts="2027", due_on=date(2027, 6, 1))
        services.cancel(never_begun, reason="Ersatt", on=date(2026, 10, 1))
        a_measure(world, title="Började för sent", starts="2026-11-09")
        past = a_goal(world.partnerships["sergels"], "Förra avtalets mål", number=9, ended_on=date(2020, 12, 31)).id
        old = a_measure(world, title="Förra avtalets", goal_ids=[past], due_on=date(2020, 6, 1))
        services.close(old, on=date(2020, 6, 1), is_needed=False, reason="Engångsinsats")
        services.close(a_measure(world, title="Klar"), on=date(2026, 10, 2), is_needed=False, reason="Engångsinsats")
        services.close(
            a_measure(world, title="Vidmakthålls"), on=date(2026, 10, 3), is_needed=True, what="Rondering",
            actor_id=world.actors["owner"], until_on=date(2027, 10, 3), funding="Driftbudget",
            relapse_signal="Fler anmälningar", review_on=date(2027, 5, 1),
        )  # fmt: skip
        db.session.commit()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_the_list_exports_can_be_brought_in_in_an_empty_partnership(app, coordinator, world, parse, kind):
    measures_of_every_sort(app, world)
    before = everything(app)
    assert len(before) == 10
    content = coordinator.get(f"{LIST}?format={kind}&sortera=nummer").get_data()
    with app.app_context():
        for table in ("measure_goal", "measure_affected_actor", "measure_cpted_link", "measure_method_link"):
            if table in db.metadata.tables:
                db.session.execute(delete(db.metadata.tables[table]))
        db.session.execute(delete(Measure))
        db.session.commit()
    page = parse(send(coordinator, file=(io.BytesIO(content), f"plan.{kind}")))
    assert told(page) == []
    assert "2 kolumner läses inte in: Nr, Orsaksanalys." in page.text
    text = page.select_one("#text").text
    assert send(coordinator, text).status_code == 303
    assert everything(app) == before
    page = parse(send(coordinator, text))
    assert "10 rader finns redan och sparas inte igen" in page.text.replace("\xa0", " ")


def test_what_was_done_had_begun_and_what_was_cancelled_may_not_have(coordinator, parse):
    head = f"{HEADS};Börjar;Avslutad;Varför inget behöver vidmakthållas;Varför den avbröts"
    rows = [
        f"Städa;Polisen;Social;{status};2026-10-02;2026-10-01;{why}"
        for status, why in (("Genomförd", "Klart;"), ("Avbruten", ";Ersatt"))
    ]
    faults = told(parse(send(coordinator, "\n".join([head, *rows]))))
    assert faults == ["Rad 2, Avslutad: Åtgärden hade inte börjat den dagen. Ändra dagen, eller när den började."]


def test_a_row_obeys_what_the_forms_ask(app, coordinator, parse):
    rows = [
        "Städa;Polisen;;Pågår",
        "Städa;Okänd;Social;Pågår",
        "Städa;Polisen;Social, Polisiär;Genomförd",
        "Städa;Polisen;Social;Vidmakthålls",
        "Städa;Polisen;Social;Avbruten",
        "Städa;Polisen;Magisk;Klar",
    ]
    page = parse(send(coordinator, "\n".join([HEADS, *rows])))
    faults = told(page)
    assert faults[0] == "Rad 2, Metod: Välj minst en metod."
    assert faults[1].startswith("Rad 3, Ansvarig aktör: Skriv Fastighetsbolaget, Polisen,")
    assert faults[2:7] == [
        "Rad 4, Avslutad: Skriv vilken dag åtgärden avslutades.",
        "Rad 4, Varför inget behöver vidmakthållas: Skriv varför inget behöver vidmakthållas.",
        "Rad 5, Avslutad: Skriv vilken dag åtgärden avslutades.",
        "Rad 5, Vad som vidmakthålls: Skriv vad som ska vidmakthållas.",
        "Rad 5, Vem som vidmakthåller: Skriv vilken aktör som gör det.",
    ]
    assert faults[7] == "Rad 6, Varför den avbröts: Skriv varför åtgärden avbröts."
    assert {fault.split(":")[0] for fault in faults[8:]} == {"Rad 7, Metod", "Rad 7, Läge"}
    assert everything(app) == {}


def test_a_row_that_is_saved_already_is_not_asked_for_more(app, coordinator, world, parse):
    """What a source left open is missing from the list's file too, and may stay so."""
    with app.app_context():
        row = {"number": 90, "title": "Ur källan", "source_id": world.source, "seed_key": "ur-kallan"}
        add(Measure(partnership_id=world.partnerships["sergels"], **row))
        db.session.commit()
    text = coordinator.get(f"{LIST}?format=csv").get_data().decode("utf-8-sig")
    page = parse(send(coordinator, text))
    assert told(page) == []
    assert "1 rad finns redan och sparas inte igen" in page.text.replace("\xa0", " ")


def test_one_bad_row_keeps_all_from_being_saved(app, coordinator):
    assert send(coordinator, f"{HEADS}\nStäda;Polisen;Social;Pågår\nMåla;Polisen;;").status_code == 422
    assert everything(app) == {}
    assert send(coordinator, f"{HEADS}\nStäda;Polisen;Social;Pågår\nMåla;Polisen;Social;").status_code == 303
    saved = everything(app)
    assert {title: row["number"] for title, row in saved.items()} == {"Städa": 1, "Måla": 2}
    assert saved["Måla"]["status"] is MeasureStatus.DECIDED


def test_a_personnummer_stops_the_import(app, coordinator, parse):
    page = parse(send(coordinator, f"{HEADS}\nTala med 811218-9876;Polisen;Social;", privacy_reason="Behövs"))
    assert page.select_one("#text-error").text.startswith("Rad 2, Åtgärd: Texten innehåller ett personnummer.")
    assert everything(app) == {}


def test_only_those_who_manage_measures_may_import(
    anonymous, reader, police, owner, stranger, officer, coordinator, parse
):
    address = f"{LIST}/importera"
    for client, status in ((reader, 403), (police, 403), (owner, 403), (officer, 403), (stranger, 404)):
        assert client.get(address).status_code == status
        assert send(client, f"{HEADS}\nStäda;Polisen;Social;").status_code == status
    assert anonymous.get(address).status_code == 302
    assert coordinator.get(address).status_code == 200
    assert "Importera" in {link.text for link in parse(coordinator.get(LIST)).select("main a")}
    assert "Importera" not in {link.text for link in parse(police.get(LIST)).select("main a")}


def test_the_file_hides_what_the_reader_may_not_read(app, world, owner):
    measures_of_every_sort(app, world)
    text = owner.get(f"{LIST}?format=csv").text
    assert "Belysning" not in text
    assert "Klar;" in text


def test_a_row_costs_no_more_than_a_statement(
    coordinator: FlaskClient, world: World, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    """Nobody else can save meanwhile, so it may not take long."""

    def cost(first: int, rows: int) -> int:
        each = "Polisen;Situationell, Social;Image;Fastighetsbolaget"
        lines = [f"Åtgärd {number};{each}" for number in range(first, first + rows)]
        with count_queries() as statements:
            answer = send(coordinator, "\n".join(["Åtgärd;Ansvarig aktör;Metod;CPTED;Berörda aktörer", *lines]))
        assert answer.status_code == 303
        return len(statements)

    assert cost(2, 50) - cost(1, 1) <= 49


def test_the_page_tells_what_a_file_holds_and_its_example_can_be_brought_in(coordinator, parse):
    page = parse(coordinator.get(f"{LIST}/importera"))
    guide = {head.text: text.text for head, text in zip(page.select("form dt"), page.select("form dd"), strict=True)}
    assert list(guide)[:3] == ["Åtgärd", "Ansvarig aktör", "Metod"]
    assert "Polisen" in guide["Ansvarig aktör"]
    assert "Social; Situationell; Polisiär" in guide["Metod"]
    assert "Läget Avbruten kräver Varför den avbröts." in page.text
    example = coordinator.get(page.select_one("a[href*=exempel]")["href"])
    found = parse(send(coordinator, step="check", file=(io.BytesIO(example.data), "exempel.xlsx")))
    assert "2 åtgärder kan sparas" in found.text.replace("\xa0", " ")
