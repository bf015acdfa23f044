"""Who is called to a meeting and who came: the actors, with the function that speaks for each."""

from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import Select, and_, bindparam, select

from platssamverkan.actors.models import Actor
from platssamverkan.core.db import db, prepared
from platssamverkan.core.formatting import swedish_sort_key
from platssamverkan.meetings.minutes import Minutes
from platssamverkan.meetings.models import AttendanceStatus
from platssamverkan.meetings.queries import STRATEGIC_KINDS
from platssamverkan.partnerships.models import Membership, RepresentationLevel, Representative

FUNCTION_LIMIT = 120
#: The value of the boxes in the list; another is no answer.
TICKED = "1"


@dataclass(frozen=True)
class Seat:
    """An actor's place at the meeting."""

    actor_id: int
    name: str
    function: str | None
    status: AttendanceStatus | None

    @property
    def is_present(self) -> bool:
        return self.status is AttendanceStatus.PRESENT

    @property
    def is_excused(self) -> bool:
        return self.status is AttendanceStatus.EXCUSED

    @property
    def value(self) -> str:
        return self.status.value if self.status else ""


@prepared
def _called() -> Select[*tuple[Any, ...]]:
    """Return a row for each function that speaks for an actor that takes part, or one for an actor without any."""
    on: Any = bindparam("on")
    valid = and_(Representative.membership_id == Membership.id, Representative.speaks_on(on))
    return (
        select(Actor.id, Actor.name, Membership.is_strategic, Representative.level, Representative.function)
        .join(Membership, Membership.actor_id == Actor.id)
        .outerjoin(Representative, valid)
        .where(Membership.partnership_id == bindparam("partnership_id"))
        .where(Membership.takes_part_on(on))
        .order_by(Membership.id, Representative.id)
    )


def seats(minutes: Minutes) -> list[Seat]:
    """Return who is called and who is noted, by name. One query."""
    meeting = minutes.meeting
    strategic = meeting.kind in STRATEGIC_KINDS
    level = RepresentationLevel.STRATEGIC if strategic else RepresentationLevel.OPERATIVE
    values = {"partnership_id": meeting.partnership_id, "on": minutes.on}
    called = list(db.session.execute(_called(), values))
    if strategic and any(row.is_strategic for row in called):
        called = [row for row in called if row.is_strategic]
    by_actor: dict[int, list[Any]] = {}
    for row in called:
        by_actor.setdefault(row.id, []).append(row)
    noted = {row.actor_id for row in minutes.attendance}
    found = [Seat(row.actor_id, row.actor.name, row.function, row.status) for row in minutes.attendance]
    found += [
        Seat(actor_id, own[0].name, _function(own, level), None)
        for actor_id, own in by_actor.items()
        if actor_id not in noted
    ]
    return sorted(found, key=lambda seat: swedish_sort_key(seat.name))


def _function(rows: list[Any], level: RepresentationLevel) -> str | None:
    """Return the first function of this level, else the first of any; None when none speaks for the actor."""
    chosen = next((row for row in rows if row.level is level), rows[0])
    return chosen.function[:FUNCTION_LIMIT] if chosen.function else None


def posted_answers(called: list[Seat]) -> dict[int, AttendanceStatus | None]:
    """Return what the posted form changes, by actor. What the writer did not touch is left to whoever did."""
    answers: dict[int, AttendanceStatus | None] = {}
    for seat in called:
        before = request.form.get(f"before-{seat.actor_id}", "")
        if request.form.get(f"present-{seat.actor_id}") == TICKED:
            status: AttendanceStatus | None = AttendanceStatus.PRESENT
        elif request.form.get(f"excused-{seat.actor_id}") == TICKED:
            status = AttendanceStatus.EXCUSED
        else:
            status = AttendanceStatus.ABSENT if before else None
        if (status.value if status else "") != before:
            answers[seat.actor_id] = status
    return answers
