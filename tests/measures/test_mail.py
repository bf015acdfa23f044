"""The reminder of measures whose day has passed: to the actor that answers for them, once a week."""

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.outbox import MailState, OutboxMail
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures import mail
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.partnerships.models import Partnership
from tests.builders import World
from tests.measures.builders import a_measure

MORNING = "2026-11-10 06:00:00+00:00"


def told(world: World) -> list[str]:
    names = {user_id: name for name, user_id in world.users.items()}
    return [names[user_id] for user_id in db.session.scalars(select(OutboxMail.user_id).order_by(OutboxMail.id))]


@pytest.fixture
def late(app: Flask, world: World) -> int:
    """The id of a measure of the property owner's whose day passed on 7 November."""
    with app.app_context(), time_machine.travel(MORNING, tick=False):
        measure_id = a_measure(world, actor="owner", title="Byt hemliga armaturer").id
        db.session.commit()
        return measure_id


def test_the_responsible_actors_users_get_one_reminder_a_week(app: Flask, world: World, late: int) -> None:
    with app.app_context(), time_machine.travel(MORNING, tick=False) as clock_now:
        assert mail.remind() == 1
        db.session.commit()
        assert told(world) == ["owner"]
        row = db.session.scalars(select(OutboxMail)).one()
        row.state, row.sent_at = MailState.SENT, clock.now()
        db.session.commit()
        for _ in range(6):
            clock_now.shift(timedelta(days=1))
            assert mail.remind() == 0
        clock_now.shift(timedelta(days=1))
        assert mail.remind() == 1
        assert told(world) == ["owner", "owner"]


def test_the_reminder_says_which_and_where_but_not_what(app: Flask, world: World, late: int) -> None:
    with app.app_context(), time_machine.travel(MORNING, tick=False):
        text = mail.compose(world.partnerships["sergels"], world.users["owner"])
        number = db.session.get(Measure, late).number
    assert text.subject == "Sergels torg: en åtgärd skulle ha varit klar"
    assert text.lines[0].startswith("En åtgärd som din aktör ansvarar för i Sergels torg skulle ha varit klar.")
    label, path = text.links[0]
    assert label == f"Åtgärd {number}, klart senast 7\xa0november\xa02026:"
    assert path == f"/samverkan/sergels/atgarder/{late}"
    assert "hemliga" not in str(text)


def test_many_late_measures_are_one_reminder(app: Flask, world: World, late: int) -> None:
    with app.app_context(), time_machine.travel(MORNING, tick=False):
        for _ in range(11):
            a_measure(world, actor="owner")
        assert mail.remind() == 1
        text = mail.compose(world.partnerships["sergels"], world.users["owner"])
    assert text.subject == "Sergels torg: 12 åtgärder skulle ha varit klara"
    assert len(text.links) == 11
    assert text.links[-1] == ("Ytterligare 2 finns bland åtgärderna:", "/samverkan/sergels/atgarder")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": MeasureStatus.CANCELLED},
        {"due_on": date(2026, 11, 10)},
        {"due_on": None},
        {"visibility": Visibility.AUTHORITIES_ONLY},
        {"responsible_actor_id": None, "actor": "traffic"},
    ],
)
def test_nobody_is_reminded_of_what_is_not_late_or_not_theirs_to_read(
    app: Flask, world: World, late: int, changes: dict[str, object]
) -> None:
    with app.app_context(), time_machine.travel(MORNING, tick=False):
        measure = db.session.get(Measure, late)
        actor = changes.pop("actor", None) if "actor" in changes else None
        values = {**changes, **({"responsible_actor_id": world.actors[str(actor)]} if actor else {})}
        for name, value in values.items():
            setattr(measure, name, value)
        db.session.flush()
        mail.remind()
        assert "owner" not in told(world)
        assert mail.compose(world.partnerships["sergels"], world.users["owner"]) is None


def test_a_closed_measure_is_told_to_those_who_may_read_it(app: Flask, world: World) -> None:
    with app.app_context(), time_machine.travel(MORNING, tick=False):
        a_measure(world, actor="police", visibility=Visibility.AUTHORITIES_ONLY)
        assert mail.remind() == 1
        assert told(world) == ["police"]
        assert mail.compose(world.partnerships["sergels"], world.users["police"]) is not None
        assert mail.compose(world.partnerships["sergels"], world.users["owner"]) is None


def test_an_ended_partnership_reminds_nobody(app: Flask, world: World, late: int) -> None:
    with app.app_context(), time_machine.travel(MORNING, tick=False):
        db.session.get(Partnership, world.partnerships["sergels"]).is_active = False
        db.session.flush()
        assert mail.remind() == 0
        assert mail.compose(world.partnerships["sergels"], world.users["owner"]) is None
