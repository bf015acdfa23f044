"""Synthetic data: marked, enough of it, locked where it is old, and out of the way of what people enter after it."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from bench.database import session_cookie
from bench.floor import add_empty_page, empty_page_path, floor_app, signed_in_floor_app
from bench.pages import pages
from bench.timing import counted_queries, get
from config import Testing
from platssamverkan import create_app
from platssamverkan.accounts.models import User
from platssamverkan.accounts.services import authenticate
from platssamverkan.activations.models import ActivationEvent
from platssamverkan.briefings.models import Briefing, StaffingEntry
from platssamverkan.core.db import db
from platssamverkan.demo.accounts import PASSWORD
from platssamverkan.goals.models import GoalAssessment, Observation
from platssamverkan.measures.models import Measure, MeasureMethod
from platssamverkan.measures.services import create_measure
from platssamverkan.meetings.models import Meeting, MeetingState
from platssamverkan.partnerships.models import Partnership

COMMAND = ["bench-data", "--years", "2", "--measures", "30", "--meetings", "24", "--events", "40"]


@pytest.fixture
def filled(app: Flask) -> Flask:
    """The app after a small `flask bench-data`."""
    result = app.test_cli_runner().invoke(args=COMMAND)
    assert result.exit_code == 0, result.output
    return app


def count(model: type) -> int:
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def test_it_makes_what_was_asked_for_and_the_pace_of_a_partnership(filled: Flask) -> None:
    with filled.app_context():
        assert (count(Measure), count(Meeting), count(ActivationEvent)) == (30, 24, 40)
        assert (count(Briefing), count(StaffingEntry)) == (208, 2080)
        assert (count(Observation), count(GoalAssessment)) == (360, 36)


def test_every_row_is_marked_as_synthetic(filled: Flask) -> None:
    with filled.app_context():
        for model in (Measure, Meeting, Briefing, ActivationEvent, Observation):
            rows = db.session.scalars(select(model).options(joinedload(model.source)))
            assert all(row.is_example and row.source.key == "bench" for row in rows)
        assert all(row.title.startswith("Syntetisk") for row in db.session.scalars(select(Measure)))


def test_old_minutes_are_approved_and_old_assessments_locked(filled: Flask) -> None:
    with filled.app_context():
        states = {row.state for row in db.session.scalars(select(Meeting))}
        assert states == {MeetingState.APPROVED, MeetingState.HELD, MeetingState.PLANNED}
        assert any(row.locked_at for row in db.session.scalars(select(GoalAssessment)))


def test_each_page_that_is_measured_answers_and_its_floor_has_as_many_bytes(filled: Flask, tmp_path: Path) -> None:
    # An app of its own, on the same database: the one that the tests share has answered already.
    program = create_app(Testing(filled.config["SQLALCHEMY_DATABASE_URI"], tmp_path))
    add_empty_page(program)
    cookie = session_cookie(program)
    floors = floor_app(), signed_in_floor_app(program)
    for page in pages(program):
        answer = get(program, page.path, cookie)
        assert answer.status == 200, page
        for floor in floors:
            assert get(floor, f"/{answer.size}", cookie) == answer
        with counted_queries(program) as statements:
            empty = get(program, empty_page_path(answer.size), cookie)
        assert (empty.status, len(statements)) == (200, 3), page
        assert abs(empty.size - answer.size) < 10, page
    assert get(floors[1], "/5000").status == 401
    for app in (program, floors[1]):
        with app.app_context():
            db.engine.dispose()


def test_people_go_on_from_there(filled: Flask) -> None:
    with filled.app_context():
        partnership = db.session.scalars(select(Partnership).where(Partnership.slug == "bench")).one()
        measure = create_measure(
            partnership_id=partnership.id,
            title="Ny",
            responsible_actor_id=partnership.lead_actor_id or 0,
            methods=[MeasureMethod.SOCIAL],
        )
        db.session.commit()
        assert measure.number == 31


def test_a_second_run_changes_nothing(filled: Flask) -> None:
    result = filled.test_cli_runner().invoke(args=COMMAND)
    assert result.exit_code == 0
    assert "finns redan" in result.output
    with filled.app_context():
        assert count(Measure) == 30


def test_outside_a_demo_the_account_has_a_password_of_its_own(app: Flask) -> None:
    app.config["DEMO"] = False
    try:
        result = app.test_cli_runner().invoke(args=COMMAND)
    finally:
        app.config["DEMO"] = True
    password = result.output.strip().rpartition(" ")[2]
    with app.app_context():
        assert authenticate("bench@demo.example", password) is not None
        assert authenticate("bench@demo.example", PASSWORD) is None
        assert not db.session.scalars(select(User)).one().is_demo
