"""The survey pages: what the rounds say, and that no sum is forced."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from platssamverkan.core.db import db
from platssamverkan.places.models import SceneState
from platssamverkan.surveys.models import CityProfile, RoundStatus, SceneChange, SymptomAnswer, TimePattern
from tests.builders import World, add
from tests.surveys.builders import a_round, an_answer, an_entry, symptoms

Parse = Callable[..., BeautifulSoup]


def words(page: Tag, selector: str) -> str:
    """Return the text of the first match with plain spaces."""
    found = page.select_one(selector)
    assert found is not None, selector
    return " ".join(found.get_text(" ").split())


@pytest.fixture
def rounds(app: Flask, world: World) -> World:
    """Two rounds that follow on each other, and one planned."""
    with app.app_context():
        first = a_round("lan-2021", 2021, total=64, source_id=world.source)
        second = a_round(
            "lan-2023", 2023, total=63, ended=12, added=11, merged_some=True, previous_id=first.id, note="Uppföljd"
        )
        a_round("lan-2024", 2024, status=RoundStatus.PLANNED)
        an_entry(
            second.id, world.places["klara"], state=SceneState.CLASSIFIED, change=SceneChange.BOUNDARY_CHANGED,
            change_text="Ytan har minskat", source_id=world.source,
        )  # fmt: skip
        an_entry(None, world.places["square"], state=SceneState.FORMERLY_CLASSIFIED)
        db.session.commit()
    return world


def test_the_reconciliation_shows_expected_published_and_difference(
    rounds: World, reader: FlaskClient, parse: Parse
) -> None:
    text = words(parse(reader.get("/kartlaggning/lan-2023")), "section[aria-labelledby=avstamning]")
    assert "64 − 12 upphörda + 11 tillkomna = 63 väntade. Publicerat: 63. Skillnad: 0." in text
    assert "Sammanslagna och delade platser kan också ändra antalet" in text


def test_a_difference_is_shown_and_not_evened_out(app: Flask, rounds: World, reader: FlaskClient, parse: Parse) -> None:
    with app.app_context():
        first = a_round("stad-1", 2023, area="Staden", total=60)
        a_round("stad-2", 2024, area="Staden", total=53, ended=10, added=0, previous_id=first.id)
        db.session.commit()
    text = words(parse(reader.get("/kartlaggning/stad-2")), "section[aria-labelledby=avstamning]")
    assert "60 − 10 upphörda + 0 tillkomna = 50 väntade. Publicerat: 53. Skillnad: 3." in text


def test_merged_places_without_a_number_are_some_and_the_number_is_missing(
    rounds: World, reader: FlaskClient, parse: Parse
) -> None:
    page = parse(reader.get("/kartlaggning/lan-2023"))
    facts = {words(row, "dt"): words(row, "dd") for row in page.select("dl.facts > div")}
    assert facts["Sammanslagna"] == "några, antalet saknas i källan"
    assert facts["Delade"] == "uppgift saknas"
    assert facts["Publicerad"] == "uppgift saknas"
    assert facts["Tillkomna"] == "11"


def test_a_round_without_predecessor_says_so(rounds: World, reader: FlaskClient, parse: Parse) -> None:
    text = words(parse(reader.get("/kartlaggning/lan-2021")), "section[aria-labelledby=avstamning]")
    assert "Ingen föregående kartläggning är angiven." in text


def test_the_round_tells_what_is_said_of_places_and_from_where(
    rounds: World, reader: FlaskClient, parse: Parse
) -> None:
    text = words(parse(reader.get("/kartlaggning/lan-2023")), "section[aria-labelledby=platser]")
    for part in ("Klaraområdet", "Klassad som öppen drogscen", "Ändrad utbredning", "Ytan har minskat", "Källa:"):
        assert part in text
    assert "Källan namnger ingen plats." in parse(reader.get("/kartlaggning/lan-2021")).get_text()


def test_the_list_has_every_round_latest_first_and_places_outside_rounds(
    rounds: World, reader: FlaskClient, parse: Parse
) -> None:
    page = parse(reader.get("/kartlaggning"))
    assert [link.text for link in page.select("section[aria-labelledby=omrade-1] th a")] == ["2024", "2023", "2021"]
    assert "Planerad" in words(page, "section[aria-labelledby=omrade-1]")
    loose = words(page, "section[aria-labelledby=utan-omgang]")
    assert "Sergels torg" in loose
    assert "Tidigare klassad" in loose


def test_two_rounds_of_one_year_are_two(app: Flask, rounds: World, reader: FlaskClient, parse: Parse) -> None:
    with app.app_context():
        a_round("lan-2023-b", 2023, published_on=date(2024, 2, 20), total=53)
        db.session.commit()
    page = parse(reader.get("/kartlaggning"))
    links = page.select("section[aria-labelledby=omrade-1] th a")
    assert [link.text for link in links] == ["2024", "2023", "2023", "2021"]
    # The one whose day is not known comes last of its year, in both databases.
    assert [link["href"] for link in links if link.text == "2023"] == [
        "/kartlaggning/lan-2023-b", "/kartlaggning/lan-2023",
    ]  # fmt: skip
    assert "20 februari 2024" in words(page, "section[aria-labelledby=omrade-1]")


def test_symptoms_say_yes_no_with_reason_or_that_nothing_is_known(
    app: Flask, rounds: World, reader: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        symptoms()
        an_answer("Örebro", 1, SymptomAnswer.YES)
        an_answer("Örebro", 7, SymptomAnswer.NO, "Det tolereras inte")
        an_answer("Åre", 1, SymptomAnswer.UNKNOWN, "Källan tiger")
        an_answer("Ängelholm", 1, SymptomAnswer.NO, "Ingen handel")
        db.session.commit()
    page = parse(reader.get("/kartlaggning"))
    section = page.select_one("section[aria-labelledby=symptom]")
    assert section is not None
    assert [cell.get_text() for cell in section.select("thead th")] == ["Symptom", "Åre", "Ängelholm", "Örebro"]
    rows = [[" ".join(cell.get_text().split()) for cell in row.select("td")] for row in section.select("tbody tr")]
    assert rows[0] == ["Vet inte", "Nej", "Ja"]
    assert rows[1] == ["uppgift saknas", "uppgift saknas", "uppgift saknas"]
    assert rows[6] == ["uppgift saknas", "uppgift saknas", "Nej"]
    assert [reason.text for reason in section.select("ul li")] == [
        "Åre, symptom 1: Källan tiger.",
        "Ängelholm, symptom 1: Ingen handel.",
        "Örebro, symptom 7: Det tolereras inte.",
    ]


def test_answers_that_are_read_out_of_the_source_say_so(
    app: Flask, rounds: World, reader: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        symptoms()
        an_answer("Örebro", 7, SymptomAnswer.NO).basis = {"answer": "read"}
        an_answer("Åre", 1, SymptomAnswer.YES).basis = {"answer": "stated"}
        db.session.commit()
    section = parse(reader.get("/kartlaggning")).select_one("section[aria-labelledby=symptom]")
    assert section is not None
    assert [note.text for note in section.select(".source-note")] == ["Vår läsning: svaren för Örebro."]


def test_hours_and_figures_of_cities_are_shown(app: Flask, rounds: World, reader: FlaskClient, parse: Parse) -> None:
    with app.app_context():
        add(TimePattern(city="Örebro", bands=["morning", "evening"]))
        add(CityProfile(name="Örebro", inhabitants=156381, unemployment_percent=9.6))
        add(CityProfile(name="Åre", inhabitants=12000, unemployment_percent=9, ill_health_number=20))
        db.session.commit()
    page = parse(reader.get("/kartlaggning"))
    assert "förmiddag, kväll" in words(page, "section[aria-labelledby=tider]")
    figures = words(page, "section[aria-labelledby=stader]")
    assert "156 381" in figures
    assert "9,6 procent" in figures
    # As many decimals as the source gives, no more.
    assert "9 procent 20" in figures
    assert "uppgift saknas" in figures


def test_an_empty_page_says_what_will_be_there(world: World, reader: FlaskClient, parse: Parse) -> None:
    assert words(parse(reader.get("/kartlaggning")), ".empty h2") == "Ingen kartläggning är inlagd"


def test_anyone_signed_in_may_read_and_nobody_else(
    rounds: World, stranger: FlaskClient, anonymous: FlaskClient
) -> None:
    for address in ("/kartlaggning", "/kartlaggning/lan-2023"):
        assert stranger.get(address).status_code == 200
        assert anonymous.get(address).status_code == 302
    assert stranger.get("/kartlaggning/finns-inte").status_code == 404
    assert stranger.post("/kartlaggning").status_code == 405


def test_queries_do_not_grow_with_the_rounds(
    app: Flask,
    rounds: World,
    reader: FlaskClient,
    count_queries: Callable[[], AbstractContextManager[list[Any]]],
) -> None:
    def cost() -> int:
        with count_queries() as statements:
            reader.get("/kartlaggning")
        return len(statements)

    before = cost()
    with app.app_context():
        for number in range(20):
            survey_round = a_round(f"fler-{number}", 2000 + number, source_id=rounds.source)
            an_entry(survey_round.id, rounds.places["klara"], state=SceneState.CLASSIFIED)
            an_entry(None, rounds.places["klara"], state=SceneState.CLASSIFIED)
        db.session.commit()
    assert cost() == before


def test_mergers_and_splits_are_reckoned_when_they_are_counted(
    app: Flask, rounds: World, reader: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        first = a_round("stad-1", 2023, area="Staden", total=60)
        a_round(
            "stad-2", 2024, area="Staden", total=59, ended=2, added=1, merged_some=True, merged_count=2,
            split_some=True, split_count=1, previous_id=first.id,
        )  # fmt: skip
        db.session.commit()
    text = words(parse(reader.get("/kartlaggning/stad-2")), "section[aria-labelledby=avstamning]")
    assert (
        "60 − 2 upphörda + 1 tillkomna − 2 genom sammanslagning + 1 genom delning = 58 väntade. "
        "Publicerat: 59. Skillnad: 1."
    ) in text
    assert "räknas inte in" not in text


def test_one_area_has_one_round_on_a_day_but_several_in_a_year(app: Flask, world: World) -> None:
    with app.app_context():
        a_round("lan-a", 2023, published_on=date(2023, 11, 16))
        a_round("lan-b", 2023, published_on=date(2024, 2, 20))
        db.session.commit()
        with pytest.raises(IntegrityError):
            a_round("lan-c", 2023, published_on=date(2023, 11, 16))
