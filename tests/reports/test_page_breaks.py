"""What is long goes on on the next page, and what is short stays together: no page is left half empty."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from platssamverkan.core.db import db
from platssamverkan.meetings.services import correct_minutes
from tests.builders import World
from tests.goals.builders import a_goal, an_indicator, an_observation
from tests.measures.builders import a_follow_up
from tests.meetings.builders import a_decision, a_meeting, approve, attend, item_at

SENTENCE = "Ordningsvakterna rör sig mellan gångstråken och vattentrappan medan belysningen mäts upp. "


@pytest.fixture(autouse=True)
def _a_day_in_november() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        yield


def a_text(length: int) -> str:
    return (SENTENCE * (length // len(SENTENCE) + 1))[:length]


def filled(pdf: bytes) -> list[float]:
    """Return how much of each page but the last is printed on, its margins left out: 1 for all of it."""
    shares = []
    for page in PdfReader(BytesIO(pdf)).pages[:-1]:
        lines: list[float] = []

        def note(text: str, cm: list[float], tm: list[float], *_: object, lines: list[float] = lines) -> None:
            if text.strip():
                lines.append(cm[3] * tm[5] + cm[5])

        page.extract_text(visitor_text=note)
        top, foot = max(lines), min(lines)
        body = min(line for line in lines if line > foot + 30)
        shares.append((top - body) / (top - foot))
    return shares


@pytest.fixture
def long_forum(app: Flask, world: World) -> int:
    """A forum with five of the longest decisions, each with a measure that was followed up in as many words."""
    with app.app_context():
        meeting = a_meeting(world)
        for number in range(5):
            decision = a_decision(world, item_at(meeting, 7), text=a_text(1000), measure=f"Åtgärd {number}")
            a_follow_up(decision.measures[0], text=a_text(1000), on=date(2026, 11, 20))
        a_decision(world, item_at(meeting, 7), text="Viadukten målas.")
        attend(world, meeting, "police")
        approve(meeting)
        correct_minutes(
            meeting, item=None, text=a_text(2000), reason="Fel", by_function="Samordnare", owner_actor_id=None
        )
        db.session.commit()
        return meeting.id


def test_the_longest_decisions_leave_no_page_half_empty(coordinator: FlaskClient, long_forum: int, parse: Any) -> None:
    url = f"/samverkan/sergels/rapporter/minnesanteckningar/{long_forum}"
    assert min(filled(coordinator.get(f"{url}.pdf").data)) > 0.85
    blocks = [" ".join(block["class"]) for block in parse(coordinator.get(url)).select(".decision, .note")]
    assert blocks == ["decision long"] * 5 + ["decision keep", "note long"]


def test_the_longest_rows_of_the_report_leave_no_page_half_empty(
    app: Flask, world: World, coordinator: FlaskClient, long_forum: int
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"], "Torget är en trygg plats", starts="2024")
        indicator = an_indicator(world.partnerships["sergels"], goals=[goal])
        for year in range(2015, 2027):
            an_observation(indicator, str(year), str(year - 1980), statement=a_text(500))
        db.session.commit()
    shares = filled(coordinator.get("/samverkan/sergels/rapporter/maluppfyllelse/2026/vb.pdf").data)
    assert len(shares) > 4
    assert min(shares) > 0.7
