"""Each figure that the report counts leads to a list of exactly the records counted, in every version."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.activations.models import EventStatus
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from tests.activations.builders import an_event
from tests.builders import World
from tests.goals.builders import a_goal, an_indicator, an_observation
from tests.measures.builders import a_measure
from tests.reports.builders import SECRET, a_period
from tests.support.pdf_check import pdf_text

URL = "/samverkan/sergels/rapporter/maluppfyllelse/2026/vb"


@pytest.fixture(autouse=True)
def _a_day_in_november() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        yield


@pytest.fixture
def year(app: Flask, world: World) -> None:
    """A year with records inside and outside it, open and closed ones."""
    with app.app_context():
        a_period(world)
        where = world.partnerships["sergels"]
        a_goal(where, "Fler trivs", number=3, starts="2024")
        indicator = an_indicator(where, "Trivs", target_value=60, target_operator="at_least")
        an_observation(indicator, "2026", "70")
        for status in (EventStatus.PLANNED, EventStatus.CANCELLED, EventStatus.HELD):
            an_event(world, status=status, cancel_reason="Regn" if status is EventStatus.CANCELLED else None)
        an_event(world, visibility=Visibility.AUTHORITIES_ONLY, title=SECRET)
        new_year = datetime(2025, 12, 31, 21, 0, tzinfo=UTC)
        an_event(world, title="Nyår", starts_at=new_year, ends_at=new_year + timedelta(hours=4))
        a_measure(world, title="Ej begynt", starts="2027")
        db.session.commit()


def lists(client: FlaskClient, parse: Any, audience: str) -> dict[str, int]:
    """Return address → the number on the report, of every figure that leads to such a list."""
    page = parse(client.get(f"{URL}?for={audience}"))
    links = [a for a in page.select("main a[href*='/underlag/']") if a.find_parent("ol", class_="sources") is None]
    return {a["href"]: int(a.text.replace("\xa0", " ").split(" ")[0]) for a in links}


@pytest.mark.parametrize("audience", ["partnership", "authorities", "public"])
def test_the_number_on_the_page_is_the_number_of_rows_in_its_list(
    year: None, coordinator: FlaskClient, parse: Any, audience: str
) -> None:
    figures = lists(coordinator, parse, audience)
    assert len(figures) >= (11 if audience != "public" else 3)
    for address, number in figures.items():
        assert f"for={audience}" in address
        page = parse(coordinator.get(address))
        assert len(page.select("#counted tbody tr")) == number, address
        assert f"{number} post" in page.text.replace("\xa0", " ")
        for row in page.select("#counted tbody th a"):
            assert coordinator.get(row["href"]).status_code == 200


def test_it_counts_what_is_expected(year: None, coordinator: FlaskClient, parse: Any) -> None:
    found = {address.split("/underlag/")[1].split("?")[0]: number for address, number in
             lists(coordinator, parse, "partnership").items()}  # fmt: skip
    assert found == {
        "mal": 2, "mal-uppfylls-delvis": 1, "mal-ej-bedomt": 1, "indikatorer-pa-malniva": 1,
        "indikatorer-med-malniva": 2,
        "atgarder-genomforda": 0, "atgarder-pagar": 2, "beslut": 1, "platsaktiveringar-genomforda": 2,
        "platsaktiveringar-planerade": 1, "platsaktiveringar-installda": 1, "platsaktiveringar-for-mal-1": 1,
    }  # fmt: skip


def test_the_list_keeps_to_the_version(year: None, coordinator: FlaskClient, owner: FlaskClient) -> None:
    address = f"{URL}/underlag/platsaktiveringar-genomforda"
    assert SECRET in coordinator.get(f"{address}?for=authorities").text
    assert SECRET not in coordinator.get(f"{address}?for=partnership").text
    assert owner.get(f"{address}?for=authorities").status_code == 403
    assert owner.get(f"{URL}/underlag/annat").status_code == 404
    assert owner.get(f"{URL}/underlag/platsaktiveringar-for-mal-99").status_code == 404
    assert owner.get(f"{URL.replace('sergels', 'klara')}/underlag/mal").status_code == 404


def test_who_comes_from_a_report_of_another_day_is_told_that_the_list_is_of_today(
    year: None, app: Flask, world: World, coordinator: FlaskClient
) -> None:
    address = f"{URL}/underlag/platsaktiveringar-genomforda"
    issued = " ".join(pdf_text(coordinator.get(f"{URL}.pdf").data).split())
    assert "2 platsaktiveringar" in issued
    with app.app_context():
        an_event(world, status=EventStatus.HELD, title="Antecknad efteråt")
        db.session.commit()
    page = coordinator.get(address).text.replace("\xa0", " ")
    assert "3 poster i dag. En utfärdad rapport räknade det som fanns när den utfärdades." in page


def test_in_the_file_the_figure_keeps_its_numbered_source(year: None, coordinator: FlaskClient) -> None:
    words = " ".join(pdf_text(coordinator.get(f"{URL}.pdf").data).split())
    assert "Genomförda åtgärder, Verksamhetsberättelse 2026" in words
    assert "/underlag/atgarder-genomforda?for=partnership" in words.replace(" ", "")
