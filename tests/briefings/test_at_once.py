"""Several who fill in the same sheet at the same moment."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from platssamverkan.briefings import limits, queries, services
from platssamverkan.briefings.models import Briefing, BriefingAttendance, BriefingItem, BriefingSection, BriefingState
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from tests.briefings.builders import a_briefing
from tests.builders import World

Act = Callable[[Briefing, int], object]
AtOnce = Callable[[Act], list[BaseException]]
MANY = 4


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
