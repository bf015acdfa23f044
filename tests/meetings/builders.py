"""Builders of meetings, items, decisions and attendance; each returns a saved row and flushes."""

from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import select

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.formatting import local_day
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.models import MeasureMethod
from platssamverkan.meetings import item_services, services
from platssamverkan.meetings.item_services import NewMeasure
from platssamverkan.meetings.models import Attendance, AttendanceStatus, Decision, Meeting, MinutesItem
from platssamverkan.partnerships.models import MeetingKind
from tests.builders import World, add

#: What the form of a new meeting sends.
NEW = {
    "kind": "strategic_forum",
    "on": "2026-12-03",
    "from_time": "9.00",
    "to_time": "11.00",
    "location": "Samverkanslokalen",
}


def a_meeting(world: World, *, where: str = "sergels", on: date = date(2026, 11, 5), **changes: Any) -> Meeting:
    """Return a planned strategic forum with its usual agenda."""
    values = {
        "partnership_id": world.partnerships[where],
        "kind": MeetingKind.STRATEGIC_FORUM,
        "starts_at": clock.at_local(on, time(9)),
        "ends_at": clock.at_local(on, time(11)),
        "location": "Samverkanslokalen",
        "chair": "Samordnare",
        "owner_actor_id": world.actors["district"],
    }
    return services.create_meeting(**{**values, **changes})


def item_at(meeting: Meeting, position: int) -> MinutesItem:
    """Return the item at the position of the agenda."""
    statement = select(MinutesItem).where(MinutesItem.meeting_id == meeting.id, MinutesItem.position == position)
    return db.session.scalars(statement).one()


def a_decision(world: World, item: MinutesItem, *, measure: str | None = None, **changes: Any) -> Decision:
    """Return a decision under the item; `measure` is the title of one that follows from it."""
    meeting = db.session.get_one(Meeting, item.meeting_id)
    due = local_day(meeting.starts_at) + timedelta(days=8)
    values = {
        "text": "Samtliga trasiga armaturer byts.",
        "visibility": Visibility.PARTNERSHIP,
        "owner_actor_id": world.actors["district"],
        "measures": [NewMeasure(measure, world.actors["traffic"], MeasureMethod.SITUATIONAL, due)] if measure else [],
    }
    return item_services.add_decision(meeting, item, **{**values, **changes})


def attend(
    world: World, meeting: Meeting, actor: str, status: AttendanceStatus = AttendanceStatus.PRESENT
) -> Attendance:
    """Return that the actor was there, by a function."""
    return add(Attendance(meeting_id=meeting.id, actor_id=world.actors[actor], function="Kommunpolis", status=status))


def hide(item: MinutesItem, actor_id: int) -> MinutesItem:
    """Let only authorities read the item."""
    item.visibility, item.owner_actor_id = Visibility.AUTHORITIES_ONLY, actor_id
    db.session.flush()
    return item


def approve(meeting: Meeting) -> None:
    """Approve the minutes, which locks them."""
    services.hold_meeting(meeting)
    services.approve_minutes(meeting, version=meeting.version, by_function="Samordnare")
