"""What the goal-fulfilment report must say beside a record: corrected, example, without cause, not yet approved."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.goals.models import AssessmentCorrection
from tests.activations.builders import an_event
from tests.builders import World, add
from tests.measures.builders import a_cause, a_measure, a_problem
from tests.reports.builders import a_forum, a_period

URL = "/samverkan/sergels/rapporter/maluppfyllelse/2026/vb"


@pytest.fixture(autouse=True)
def _a_day_in_november() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        yield


def row_of(page: BeautifulSoup, title: str) -> str:
    """Return the row of the table where the record with the title stands."""
    (row,) = [row for row in page.select("main tbody tr") if row.th and title in row.th.text]
    return row.get_text(" ")


def test_a_correction_stands_with_its_assessment(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        made = a_period(world, locked=True)
        values = {"text": "Det var 48 ronder.", "reason": "Räknefel", "by_function": "Samordnare", "at": clock.now()}
        add(AssessmentCorrection(assessment_id=made["assessment"], **values))
        db.session.commit()
    note = parse(coordinator.get(URL)).select_one("h4 + p + .note").text
    assert "Det var 48 ronder." in note
    assert "Skäl: Räknefel" in note


def test_a_measure_without_cause_and_an_example_are_told_apart(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        a_measure(world, title="Utan").is_example = True
        a_measure(world, title="Med orsak", cause_id=a_cause(world, a_problem(world)).id)
        an_event(world, title="Dans", is_example=True)
        an_event(world, title="Exempel: konsert", is_example=True)
        db.session.commit()
    page = parse(coordinator.get(URL))
    assert "Utan orsaksanalys" in row_of(page, "Utan")
    assert "Utan orsaksanalys" not in row_of(page, "Med orsak")
    told = [row_of(page, title).count("Exempel") for title in ("Utan", "Med orsak", "Dans", "konsert")]
    assert told == [1, 0, 1, 1]


@pytest.mark.parametrize("approved", [True, False])
def test_a_decision_says_when_its_minutes_are_not_approved(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any, approved: bool
) -> None:
    with app.app_context():
        a_forum(world, approved=approved)
        db.session.commit()
    row = row_of(parse(coordinator.get(URL)), "Ny belysning")
    assert ("minnesanteckningarna är inte godkända" in row) is not approved
