"""Who is called to a meeting and who came: the actors, with the function that speaks for each."""

from dataclasses import dataclass

from flask import request
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from platssamverkan.core.db import rows
from platssamverkan.meetings.minutes import Minutes
from platssamverkan.meetings.models import AttendanceStatus
from platssamverkan.partnerships.models import MeetingKind, Membership, RepresentationLevel

STRATEGIC_KINDS = {MeetingKind.STRATEGIC_FORUM, MeetingKind.STEERING_GROUP}
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


def seats(minutes: Minutes) -> list[Seat]:
    """Return who is called and who is noted, by name. Two queries."""
    meeting, on = minutes.meeting, minutes.on
    statement = (
        select(Membership)
        .where(Membership.partnership_id == meeting.partnership_id)
        .where(or_(Membership.left_on.is_(None), Membership.left_on >= on))
        .where(or_(Membership.joined_on.is_(None), Membership.joined_on <= on))
        .options(joinedload(Membership.actor), selectinload(Membership.representatives))
    )
    members = rows(statement)
    strategic = meeting.kind in STRATEGIC_KINDS
    if strategic and any(one.is_strategic for one in members):
        members = [one for one in members if one.is_strategic]
    noted = {row.actor_id: row for row in minutes.attendance}
    found = [Seat(row.actor_id, row.actor.name, row.function, row.status) for row in minutes.attendance]
    found += [
        Seat(one.actor_id, one.actor.name, _function(one, minutes, strategic), None)
        for one in members
        if one.actor_id not in noted
    ]
    return sorted(found, key=lambda seat: seat.name.casefold())


def _function(membership: Membership, minutes: Minutes, strategic: bool) -> str | None:
    level = RepresentationLevel.STRATEGIC if strategic else RepresentationLevel.OPERATIVE
    valid = [
        one
        for one in membership.representatives
        if (one.valid_from is None or one.valid_from <= minutes.on)
        and (one.valid_to is None or one.valid_to >= minutes.on)
    ]
    chosen = next((one for one in valid if one.level is level), valid[0] if valid else None)
    return chosen.function[:FUNCTION_LIMIT] if chosen else None


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
