"""What happens with a meeting: it is called, moved, cancelled, held, its minutes approved, and later corrected."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from sqlalchemy import exists, select
from sqlalchemy.orm import selectinload

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError, Locked, check_version
from platssamverkan.core.formatting import local_day
from platssamverkan.core.visibility import Visibility
from platssamverkan.meetings import mail
from platssamverkan.meetings.agenda import OTHER_HEADING, headings_for
from platssamverkan.meetings.models import (
    HEADING_LENGTH,
    Attendance,
    AttendanceStatus,
    Decision,
    Meeting,
    MeetingState,
    MinutesCorrection,
    MinutesItem,
)
from platssamverkan.meetings.paragraphs import first_paragraph
from platssamverkan.partnerships.models import MeetingKind, MeetingSeries

LOCKED = "Minnesanteckningarna är godkända och kan inte ändras. Skriv en rättelse i stället."
CANCELLED = "Mötet är inställt. Det går inte att skriva i ett inställt möte."


class RaisedItem(Protocol):
    """A line of a briefing that asks to be taken up."""

    @property
    def id(self) -> int: ...

    @property
    def text(self) -> str: ...

    @property
    def visibility(self) -> Visibility: ...


def check_open(meeting: Meeting) -> None:
    """Raise `Locked` when the minutes are approved, `DomainError` when the meeting is cancelled."""
    if meeting.state is MeetingState.APPROVED:
        raise Locked(LOCKED)
    if meeting.state is MeetingState.CANCELLED:
        raise DomainError(CANCELLED)


def check_times(starts_at: datetime, ends_at: datetime | None) -> None:
    """Raise `DomainError` when the end is not after the start."""
    if ends_at is not None and ends_at <= starts_at:
        raise DomainError("Mötet måste sluta efter att det har börjat. Ändra sluttiden.")


def create_meeting(
    *,
    partnership_id: int,
    kind: MeetingKind,
    starts_at: datetime,
    ends_at: datetime | None = None,
    location: str | None = None,
    chair: str | None = None,
    secretary: str | None = None,
    raised: Iterable[RaisedItem] = (),
    owner_actor_id: int | None = None,
    series_id: int | None = None,
    occurrence: datetime | None = None,
) -> Meeting:
    """Return the new meeting with its agenda: the usual headings and the lines of briefings to take up. Flushes.

    :raises DomainError: when the end is not after the start
    """
    check_times(starts_at, ends_at)
    meeting = Meeting(
        partnership_id=partnership_id,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        location=location or None,
        chair=chair or None,
        secretary=secretary or None,
        series_id=series_id,
        occurrence=occurrence,
        state=MeetingState.PLANNED,
    )
    db.session.add(meeting)
    db.session.flush()
    lines = list(raised)
    position = 0
    for heading in headings_for(kind):
        for line in lines if heading == OTHER_HEADING else []:
            position += 1
            db.session.add(item_from_briefing(meeting.id, position, line, owner_actor_id))
        position += 1
        db.session.add(
            MinutesItem(meeting_id=meeting.id, position=position, heading=heading, owner_actor_id=owner_actor_id)
        )
    db.session.flush()
    return meeting


def item_from_briefing(meeting_id: int, position: int, line: RaisedItem, owner_actor_id: int | None) -> MinutesItem:
    """Return the item, not yet added, that takes up a line of a briefing; read by those who may read the line."""
    return MinutesItem(
        meeting_id=meeting_id,
        position=position,
        heading=shortened(line.text),
        briefing_item_id=line.id,
        visibility=line.visibility,
        owner_actor_id=getattr(line, "owner_actor_id", None) or owner_actor_id,
    )


def shortened(text: str) -> str:
    """Return the text as a heading: whole words, with an ellipsis where it was cut."""
    flat = " ".join(text.split())
    return flat if len(flat) <= HEADING_LENGTH else flat[: HEADING_LENGTH - 1].rsplit(" ", 1)[0].rstrip(",.;:") + "…"


def change_meeting(
    meeting: Meeting,
    *,
    version: int | None,
    kind: MeetingKind,
    starts_at: datetime,
    ends_at: datetime | None,
    location: str | None,
    chair: str | None,
    secretary: str | None,
) -> None:
    """Change or move the meeting. Its place in the series stays, so that the series makes no second one. Flushes.

    :raises Locked: approved minutes · EditConflict: someone saved first · DomainError: the end is not after the start
    """
    check_open(meeting)
    check_version(meeting, version)
    check_times(starts_at, ends_at)
    meeting.kind, meeting.starts_at, meeting.ends_at = kind, starts_at, ends_at
    meeting.location, meeting.chair, meeting.secretary = location or None, chair or None, secretary or None
    db.session.flush()


def check_cancellable(meeting: Meeting) -> None:
    """Raise `DomainError` when someone was there or something is decided, when it is cancelled already or approved."""
    check_open(meeting)
    if meeting.state is MeetingState.HELD and _took_place(meeting):
        raise DomainError(
            "Mötet har hållits och kan inte ställas in. Ta bort närvaro och beslut först om det inte stämmer."
        )


def cancel_meeting(meeting: Meeting, *, reason: str) -> None:
    """Cancel a meeting that never took place; it stays in the calendar with its reason. Flushes.

    :raises DomainError: when someone was there or something is decided, when it is cancelled already or approved
    """
    check_cancellable(meeting)
    meeting.state, meeting.cancel_reason = MeetingState.CANCELLED, reason
    db.session.flush()


def reinstate_meeting(meeting: Meeting) -> None:
    """Plan a cancelled meeting again. Flushes. Raises `DomainError` when it is not cancelled."""
    if meeting.state is not MeetingState.CANCELLED:
        raise DomainError("Mötet är inte inställt.")
    meeting.state, meeting.cancel_reason = MeetingState.PLANNED, None
    db.session.flush()


def hold_meeting(meeting: Meeting) -> None:
    """Say that the meeting is held, so that its notes become a draft of minutes. Flushes."""
    check_open(meeting)
    meeting.state = MeetingState.HELD
    db.session.flush()


def _took_place(meeting: Meeting) -> bool:
    # A tick or a press too early says that a meeting is held; this is what a meeting leaves behind.
    left = select(
        exists().where(Attendance.meeting_id == meeting.id, Attendance.status == AttendanceStatus.PRESENT)
        | exists().where(Decision.item_id == MinutesItem.id, MinutesItem.meeting_id == meeting.id)
    )
    return bool(db.session.scalar(left))


def is_untouched(meeting: Meeting) -> bool:
    """Say whether nothing has been written for the meeting: no text, no decision, nobody's answer, no briefing line."""
    touched = select(
        exists().where(
            MinutesItem.meeting_id == meeting.id,
            MinutesItem.text.is_not(None) | MinutesItem.briefing_item_id.is_not(None),
        )
        | exists().where(Decision.item_id == MinutesItem.id, MinutesItem.meeting_id == meeting.id)
        | exists().where(Attendance.meeting_id == meeting.id)
    )
    return not db.session.scalar(touched)


def remove_meeting(meeting: Meeting) -> None:
    """Remove a meeting that was entered by mistake. Flushes.

    :raises DomainError: when it has been held, when something is written for it, or when its series would make it anew;
        it is then cancelled instead
    """
    if meeting.state not in {MeetingState.PLANNED, MeetingState.CANCELLED} or not is_untouched(meeting):
        raise DomainError("Något är redan skrivet för mötet. Ställ in mötet i stället för att ta bort det.")
    if comes_back(meeting):
        raise DomainError("Mötet återkommer och skulle läggas upp igen. Ställ in det i stället.")
    drop_meeting(meeting)


def comes_back(meeting: Meeting) -> bool:
    """Say whether a series would make the meeting anew if it were removed. One query; none for one entered by hand."""
    if meeting.series_id is None or meeting.occurrence is None or local_day(meeting.occurrence) < clock.today():
        return False
    return db.session.scalar(select(MeetingSeries.rule).where(MeetingSeries.id == meeting.series_id)) is not None


def drop_meeting(meeting: Meeting) -> None:
    """Remove the meeting with its agenda; `remove_meeting` and the series say when. Flushes."""
    doomed = db.session.scalar(
        select(Meeting)
        .where(Meeting.id == meeting.id)
        .options(
            selectinload(Meeting.items).selectinload(MinutesItem.decisions),
            selectinload(Meeting.attendance),
            selectinload(Meeting.corrections),
        )
        .execution_options(populate_existing=True)
    )
    for item in doomed.items:
        db.session.delete(item)
    db.session.delete(doomed)
    db.session.flush()


def approve_minutes(meeting: Meeting, *, version: int | None, by_function: str, by_user_id: int | None = None) -> None:
    """Approve and lock the minutes; their §§ stand from now on, and those who want mail are told. Flushes.

    :raises Locked: approved already · EditConflict: changed since · DomainError: not held, or nobody was there
    """
    check_open(meeting)
    check_version(meeting, version)
    if meeting.state is not MeetingState.HELD:
        raise DomainError("Minnesanteckningarna kan godkännas när mötet har hållits.")
    present = select(Attendance.id).where(
        Attendance.meeting_id == meeting.id, Attendance.status == AttendanceStatus.PRESENT
    )
    if db.session.scalar(present.limit(1)) is None:
        raise DomainError("Ingen aktör är antecknad som närvarande. Fyll i närvaron först.")
    meeting.first_paragraph = first_paragraph(meeting)
    meeting.state, meeting.approved_at, meeting.approved_by_function = MeetingState.APPROVED, clock.now(), by_function
    db.session.flush()
    mail.tell_approved(meeting, by_user_id=by_user_id)


def correct_minutes(
    meeting: Meeting, *, item: MinutesItem | None, text: str, reason: str, by_function: str, owner_actor_id: int | None
) -> MinutesCorrection:
    """Return the correction; the approved text stands beside it. It is read by those who read the §. Flushes.

    :raises DomainError: when the minutes are not approved: they can still be changed
    """
    if meeting.state is not MeetingState.APPROVED:
        raise DomainError("Minnesanteckningarna är inte godkända än. Ändra texten direkt.")
    correction = MinutesCorrection(
        meeting_id=meeting.id,
        item_id=item.id if item else None,
        at=clock.now(),
        by_function=by_function,
        text=text,
        reason=reason,
        visibility=item.visibility if item else Visibility.PARTNERSHIP,
        owner_actor_id=item.owner_actor_id if item else owner_actor_id,
    )
    db.session.add(correction)
    db.session.flush()
    return correction
