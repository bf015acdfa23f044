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
from platssamverkan.meetings.models import MeetingState
from platssamverkan.partnerships.models import MeetingKind
from tests.activations.builders import an_event
from tests.builders import World
from tests.goals.builders import a_goal, an_indicator, an_observation
from tests.measures.builders import a_measure
from tests.meetings.builders import a_decision, a_meeting, item_at
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
        "platsaktiveringar-genomforda-10": 2, "platsaktiveringar-planerade-10": 1, "platsaktiveringar-installda-10": 1,
    }  # fmt: skip


@pytest.mark.parametrize("who", ["coordinator", "owner"])
def test_each_month_leads_to_what_began_in_it_in_stockholm(
    year: None, app: Flask, world: World, request: pytest.FixtureRequest, parse: Any, who: str
) -> None:
    client: FlaskClient = request.getfixturevalue(who)
    # It is the first of November when it is midnight; the clocks were put back on 25 October, and the last lasts a day.
    moments = {"Natt": (10, 31, 23, 30), "Vintertid": (10, 25, 0, 30), "Allhelgona": (10, 31, 22, 30)}
    with app.app_context():
        for title, at in moments.items():
            begins = datetime(2026, *at, tzinfo=UTC)
            hours = 24 if title == "Allhelgona" else 1
            an_event(world, title=title, starts_at=begins, ends_at=begins + timedelta(hours=hours))
        an_event(
            world,
            title="Dold",
            visibility=Visibility.AUTHORITIES_ONLY,
            starts_at=begins,
            ends_at=begins + timedelta(hours=1),
        )
        db.session.commit()
    page = parse(client.get(f"{URL}?for=partnership"))
    table = page.select_one("[aria-label='Platsaktiveringar per månad']")
    months = {row.th.text.split()[0]: row.select_one("[data-label='Genomförda'] a") for row in table.select("tbody tr")}
    assert {month: link.text for month, link in months.items()} == {"oktober": "4", "november": "1"}
    assert "utelämn" in page.select_one(".left-out").text
    listed = parse(client.get(months["november"]["href"]))
    assert listed.h1.text == "Genomförda platsaktiveringar, november"
    assert [row.th.text for row in listed.select("#counted tbody tr")] == ["Natt"]
    assert len(parse(client.get(months["oktober"]["href"])).select("#counted tbody tr")) == 4


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


def test_decisions_of_every_kind_of_meeting_are_counted_and_called_so(
    year: None, app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        group = a_meeting(world, kind=MeetingKind.WORKING_GROUP)
        a_decision(world, item_at(group, 1))
        group.state = MeetingState.HELD
        db.session.commit()
    told = parse(coordinator.get(URL)).find("a", string=lambda text: bool(text) and text.endswith("\xa0beslut"))
    assert told.text == "2\xa0beslut"
    assert "fattades på möten" in told.find_parent("li").text
    assert parse(coordinator.get(told["href"])).h1.text.startswith("Beslut på möten")
