"""Several who fill in the same sheet at the same moment."""

import threading
from collections.abc import Callable
from datetime import time, timedelta
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.briefings import limits, planning, queries, services
from platssamverkan.briefings.models import Briefing, BriefingAttendance, BriefingItem, BriefingSection, BriefingState
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.recurrence import Recurrence
from platssamverkan.core.visibility import Visibility
from tests.briefings.builders import a_briefing, a_line
from tests.builders import World
from tests.support.at_once import overlapping

Act = Callable[[Briefing, int], object]
AtOnce = Callable[[Act], list[BaseException]]
MANY = 4
URL = "/samverkan/sergels/utstallningar"


@pytest.fixture(params=[BriefingState.PLANNED, BriefingState.OPEN])
def briefing_id(request: pytest.FixtureRequest, app: Flask, world: World) -> int:
    """A briefing of tonight, with four functions expected."""
    with app.app_context():
        found: int = a_briefing(world, "sergels", starts_at=clock.now(), state=request.param).id
        db.session.commit()
        return found


@pytest.fixture
def at_once(app: Flask, world: World, briefing_id: int) -> AtOnce:
    """Let several act on the briefing, each having read it before any of them has saved; return what was raised."""

    def run(act: Act) -> list[BaseException]:
        raised: list[BaseException] = []
        all_have_read = threading.Barrier(MANY, timeout=30)

        def one(number: int) -> None:
            with app.app_context():
                try:
                    briefing = queries.briefing_here(briefing_id, world.partnerships["sergels"])
                    all_have_read.wait()
                    act(briefing, number)
                    db.session.commit()
                except BaseException as error:
                    raised.append(error)
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=one, args=(number,)) for number in range(MANY)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return raised

    return run


def a_line_by(world: World, section: BriefingSection) -> Act:
    """Return what adds a line to the section."""
    police = world.actors["police"]
    facts = {"spot": None, "actor_id": police, "owner_actor_id": police, "raise_to_forum": False}

    def add(briefing: Briefing, number: int) -> None:
        services.add_line(
            briefing, section=section, text=f"Rad {number}", visibility=Visibility.PARTNERSHIP, now=clock.now(), **facts
        )

    return add


def test_nobodys_first_line_is_refused(app: Flask, world: World, briefing_id: int, at_once: AtOnce) -> None:
    assert at_once(a_line_by(world, BriefingSection.SITUATION)) == []
    with app.app_context():
        briefing = db.session.get_one(Briefing, briefing_id)
        assert briefing.state is BriefingState.OPEN
        assert sorted(db.session.scalars(select(BriefingItem.text))) == [f"Rad {number}" for number in range(MANY)]


def test_a_section_is_not_filled_beyond_the_page(app: Flask, world: World, at_once: AtOnce) -> None:
    raised = at_once(a_line_by(world, BriefingSection.HANDOVER))
    assert [type(one) for one in raised] == [services.Full]
    with app.app_context():
        kept = db.session.scalar(select(func.count(BriefingItem.id)))
        assert kept == limits.SECTIONS[BriefingSection.HANDOVER].lines == MANY - 1


def test_the_same_function_is_noted_once(app: Flask, world: World, at_once: AtOnce) -> None:
    def come(briefing: Briefing, _number: int) -> None:
        services.add_attendance(briefing, actor_id=world.actors["owner"], function="Väktare", now=clock.now())

    assert at_once(come) == []
    with app.app_context():
        came = select(BriefingAttendance.function).where(BriefingAttendance.is_present)
        assert list(db.session.scalars(came)) == ["Väktare"]


def a_line_of(app: Flask, world: World, briefing_id: int) -> int:
    """Return the id of a line in the briefing, which is begun by that."""
    with app.app_context():
        briefing = db.session.get_one(Briefing, briefing_id)
        briefing.state = BriefingState.OPEN
        line_id: int = a_line(world, briefing, text="Lugnt.").id
        db.session.commit()
        return line_id


@pytest.mark.parametrize("step", ["andra", "ta-bort"])
def test_no_line_changes_in_a_briefing_that_is_just_being_ended(
    app: Flask, world: World, briefing_id: int, coordinator: FlaskClient, police: FlaskClient, step: str
) -> None:
    line_id = a_line_of(app, world, briefing_id)
    change = {"text": "Oroligt.", "visibility": "partnership", "version": "1"}
    ended, changed = overlapping(
        partial(coordinator.post, f"{URL}/{briefing_id}/avsluta"),
        partial(police.post, f"{URL}/rader/{line_id}/{step}", data=change),
    )
    assert (ended.status_code, changed.status_code) == (303, 409)
    with app.app_context():
        assert list(db.session.scalars(select(BriefingItem.text))) == ["Lugnt."]


def test_a_briefing_ends_with_the_line_that_is_just_being_changed(
    app: Flask, world: World, briefing_id: int, coordinator: FlaskClient, police: FlaskClient
) -> None:
    line_id = a_line_of(app, world, briefing_id)
    change = {"text": "Oroligt.", "visibility": "partnership", "version": "1"}
    changed, ended = overlapping(
        partial(police.post, f"{URL}/rader/{line_id}/andra", data=change),
        partial(coordinator.post, f"{URL}/{briefing_id}/avsluta"),
    )
    assert (changed.status_code, ended.status_code) == (303, 303)
    with app.app_context():
        assert db.session.get_one(Briefing, briefing_id).state is BriefingState.HELD
        assert list(db.session.scalars(select(BriefingItem.text))) == ["Oroligt."]


def test_nobody_fills_a_rhythm_that_is_just_being_ended(app: Flask, world: World, coordinator: FlaskClient) -> None:
    with app.app_context():
        series = planning.start_series(
            partnership_id=world.partnerships["sergels"],
            recurrence=Recurrence.WEEKLY,
            weekdays=[],
            starts_on=clock.today() + timedelta(days=1),
            starts_at=time(16),
            location=None,
            led_by_id=None,
        ).id
        db.session.commit()

    def work() -> None:
        with app.app_context():
            planning.ahead_of_today()
            db.session.commit()

    overlapping(partial(coordinator.post, f"{URL}/serie/{series}/avsluta"), work)
    with app.app_context():
        made = select(func.count(Briefing.id)).where(Briefing.series_id == series)
        assert db.session.scalar(made) == 0
