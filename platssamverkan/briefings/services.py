"""Filling in a briefing: attendance, lines, staffing, handover, closing. Nothing here commits.

Adding never meets another's adding: each line is a row of its own. The first save opens the briefing."""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select

from platssamverkan.briefings import limits, mail, queries
from platssamverkan.briefings.models import (
    BEGUN,
    SIGNATURE_LENGTH,
    Briefing,
    BriefingAttendance,
    BriefingItem,
    BriefingSection,
    BriefingState,
    StaffingEntry,
)
from platssamverkan.briefings.sheet import Expected, expected_functions
from platssamverkan.core import clock
from platssamverkan.core.db import db, lock_row
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Visibility

#: So long before it begins a briefing can be filled in.
OPENS_BEFORE = timedelta(hours=24)
#: What is said of a briefing that is not to be filled in.
WHY_CLOSED = {
    BriefingState.PLANNED: "Utställningen kan fyllas i från och med ett dygn innan den börjar.",
    BriefingState.HELD: "Utställningen är avslutad. Be samordnaren öppna den igen om något ska ändras.",
    BriefingState.CANCELLED: "Utställningen är inställd. Be samordnaren planera den igen om den ska hållas.",
    BriefingState.MISSED: "Utställningen blev inte av. Be samordnaren planera den igen om det inte stämmer.",
}


class Full(DomainError):
    """The printed page has no room for one more."""


class Closed(DomainError):
    """The briefing is not to be filled in now."""


def is_near(briefing: Briefing, now: datetime) -> bool:
    """Say whether the briefing begins so soon after `now`, or began so long before, that it can be filled in."""
    return briefing.starts_at - OPENS_BEFORE <= now


def may_fill(briefing: Briefing, now: datetime) -> bool:
    """Say whether the briefing can be filled in at `now`: open, or planned and about to begin."""
    if briefing.state is BriefingState.PLANNED:
        return is_near(briefing, now)
    return briefing.state is BriefingState.OPEN


def note_expected(briefing: Briefing) -> None:
    """Put the functions that the briefing expects on its sheet, where none stand yet. Its attendance must be loaded."""
    if not briefing.attendance:
        day = clock.to_local(briefing.starts_at).date()
        for row in expected_functions(briefing.partnership_id, day):
            briefing.attendance.append(BriefingAttendance(actor_id=row.actor_id, function=row.function))


def open_briefing(briefing: Briefing, *, now: datetime) -> None:
    """Open a planned briefing and note whom it expects; an open one is left as it is. Loads its attendance.

    Of several who begin at the same moment one opens it, and the others wait and find it open.

    :raises Closed: when it was closed, cancelled or missed, or is more than a day away
    """
    lock_row(Briefing, briefing.id)
    db.session.refresh(briefing, ["state", "starts_at", "version"])
    queries.load_attendance(briefing)
    if briefing.state is BriefingState.OPEN:
        return
    if not may_fill(briefing, now):
        raise Closed(WHY_CLOSED[briefing.state])
    note_expected(briefing)
    briefing.state = BriefingState.OPEN
    db.session.flush()


def mark_attendance(briefing: Briefing, *, ticked: Collection[str], shown: Collection[str], now: datetime) -> None:
    """Note who came: what is `ticked` now but was not when the page was `shown`, and the other way round; both hold
    keys of `Expected`.

    Rows that another phone changed meanwhile stay as they are.

    :raises Closed: when the briefing is not to be filled in
    """
    open_briefing(briefing, now=now)
    came, left = set(ticked) - set(shown), set(shown) - set(ticked)
    for row in briefing.attendance:
        key = f"{row.actor_id}:{row.function}"
        if key in came or key in left:
            row.is_present = key in came


def add_attendance(briefing: Briefing, *, actor_id: int, function: str, now: datetime) -> None:
    """Note that someone came who was not expected; a function that stands there is ticked.

    :raises Full: when the page has no room for one more
    """
    open_briefing(briefing, now=now)
    for row in briefing.attendance:
        if (row.actor_id, row.function) == (actor_id, function):
            row.is_present = True
            return
    if len(briefing.attendance) >= limits.ATTENDANCE_ROWS:
        raise Full(f"Högst {limits.ATTENDANCE_ROWS} deltagare får plats på sidan.")
    briefing.attendance.append(BriefingAttendance(actor_id=actor_id, function=function, is_present=True))


def _taken(
    model: type[BriefingItem] | type[StaffingEntry], briefing: Briefing, *conditions: "ColumnElement[bool]"
) -> int:
    # An actor's internal notes are in no document and take no room there.
    statement = select(func.count()).select_from(model).where(model.briefing_id == briefing.id)
    statement = statement.where(model.visibility != Visibility.ACTOR_INTERNAL)
    return int(db.session.scalar(statement.where(*conditions)) or 0)


def check_room(briefing: Briefing, section: BriefingSection) -> None:
    """Raise `Full` when the section holds as many lines as the page has room for."""
    most = limits.SECTIONS[section].lines
    if _taken(BriefingItem, briefing, BriefingItem.section == section) >= most:
        raise Full(f"Här får högst {most} rader plats på sidan. Ändra eller ta bort en rad först.")


def check_length(section: BriefingSection, text: str, spot: str | None) -> None:
    """Raise `Full` when the text is longer than the section's lines may be; forms say the same at their fields."""
    most = limits.SECTIONS[section].characters
    if limits.units(text) > most or limits.units(spot or "") > limits.SPOT:
        raise Full(
            f"En rad får ha högst {most} tecken och platsen högst {limits.SPOT}. Stora bokstäver räknas dubbelt."
        )


def add_line(
    briefing: Briefing,
    *,
    section: BriefingSection,
    text: str,
    spot: str | None,
    actor_id: int | None,
    raise_to_forum: bool,
    visibility: Visibility,
    owner_actor_id: int,
    now: datetime,
) -> BriefingItem:
    """Return the new line, flushed.

    :raises Full: when the section is full
    :raises Closed: when the briefing is not to be filled in
    """
    open_briefing(briefing, now=now)
    check_length(section, text, spot)
    if visibility is not Visibility.ACTOR_INTERNAL:
        check_room(briefing, section)
    line = BriefingItem(
        briefing_id=briefing.id,
        section=section,
        text=text,
        spot=spot,
        actor_id=actor_id,
        raise_to_forum=raise_to_forum,
        visibility=visibility,
        owner_actor_id=owner_actor_id,
    )
    db.session.add(line)
    db.session.flush()
    return line


def change_line(
    line: BriefingItem,
    *,
    version: int | None,
    text: str,
    spot: str | None,
    actor_id: int | None,
    raise_to_forum: bool,
    visibility: Visibility,
    now: datetime,
) -> None:
    """Write the line anew; its briefing must be loaded.

    :raises EditConflict: when someone saved after the form was made
    :raises Closed: when the briefing is not to be filled in
    """
    open_briefing(line.briefing, now=now)
    check_version(line, version)
    check_length(line.section, text, spot)
    if line.visibility is Visibility.ACTOR_INTERNAL and visibility is not Visibility.ACTOR_INTERNAL:
        check_room(line.briefing, line.section)
    line.text, line.spot, line.actor_id = text, spot, actor_id
    line.raise_to_forum, line.visibility = raise_to_forum, visibility


def raise_line(line: BriefingItem, *, raised: bool) -> None:
    """Note whether the line, whose briefing must be loaded, is to be taken up at a strategic meeting; also after the
    briefing is closed.

    :raises Closed: when the briefing has not begun, was cancelled or missed
    """
    if line.briefing.state not in BEGUN:
        raise Closed(WHY_CLOSED[line.briefing.state])
    line.raise_to_forum = raised


def is_taken_up(line: BriefingItem) -> bool:
    """Say whether the line, whose briefing must be loaded, stands on the agenda of a meeting, whoever may read that.

    One query."""
    return line.id in registry.ask("lines_taken_up", line.briefing.partnership_id)


def remove_line(line: BriefingItem, *, now: datetime) -> None:
    """Take the line away; its briefing must be loaded.

    :raises DomainError: when minutes speak of it
    :raises Closed: when the briefing is not to be filled in
    """
    open_briefing(line.briefing, now=now)
    if is_taken_up(line):
        raise DomainError("Raden finns i minnesanteckningar och kan inte tas bort. Ändra texten i stället.")
    db.session.delete(line)


def add_staffing(
    briefing: Briefing,
    *,
    actor_id: int,
    function: str,
    headcount: int,
    from_time: time | None,
    until_time: time | None,
    contact: str | None,
    visibility: Visibility,
    owner_actor_id: int,
    now: datetime,
) -> StaffingEntry:
    """Return the new row of who works tonight, flushed.

    :raises Full: when the table is full
    :raises DomainError: for public staffing, which there is none of (R7)
    """
    open_briefing(briefing, now=now)
    _check_staffing(visibility)
    if visibility is not Visibility.ACTOR_INTERNAL:
        _check_staffing_room(briefing)
    entry = StaffingEntry(
        briefing_id=briefing.id,
        actor_id=actor_id,
        function=function,
        headcount=headcount,
        from_time=from_time,
        until_time=until_time,
        contact=contact,
        visibility=visibility,
        owner_actor_id=owner_actor_id,
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def _check_staffing_room(briefing: Briefing) -> None:
    if _taken(StaffingEntry, briefing) >= limits.STAFFING_ROWS:
        raise Full(f"Högst {limits.STAFFING_ROWS} rader får plats på sidan. Ändra eller ta bort en rad först.")


def _check_staffing(visibility: Visibility) -> None:
    if visibility is Visibility.PUBLIC:
        raise DomainError("Vilka som arbetar visas aldrig offentligt.")


def change_staffing(
    entry: StaffingEntry,
    *,
    version: int | None,
    actor_id: int,
    function: str,
    headcount: int,
    from_time: time | None,
    until_time: time | None,
    contact: str | None,
    visibility: Visibility,
    now: datetime,
) -> None:
    """Write the row anew; its briefing must be loaded.

    :raises EditConflict: when someone saved after the form was made
    :raises Closed: when the briefing is not to be filled in
    """
    open_briefing(entry.briefing, now=now)
    check_version(entry, version)
    _check_staffing(visibility)
    if entry.visibility is Visibility.ACTOR_INTERNAL and visibility is not Visibility.ACTOR_INTERNAL:
        _check_staffing_room(entry.briefing)
    entry.actor_id, entry.function, entry.headcount = actor_id, function, headcount
    entry.from_time, entry.until_time, entry.contact, entry.visibility = from_time, until_time, contact, visibility


def remove_staffing(entry: StaffingEntry, *, now: datetime) -> None:
    """Take the row away; its briefing must be loaded.

    :raises Closed: when the briefing is not to be filled in
    """
    open_briefing(entry.briefing, now=now)
    db.session.delete(entry)


def may_settle(briefing: Briefing, now: datetime) -> bool:
    """Say whether what was handed over to the briefing can be ticked off at `now`: while it is filled in, and after."""
    return briefing.state is BriefingState.HELD or may_fill(briefing, now)


def settle_handover(line: BriefingItem, *, at: Briefing, done: bool, now: datetime) -> None:
    """Tick off, or take up again, what an earlier briefing handed over. Also when `at` is closed.

    :raises Closed: when `at` was cancelled or missed, or is more than a day away
    :raises DomainError: when the line is no handover, or of this or a later briefing, or ticked off at another
    """
    if not may_settle(at, now):
        raise Closed(WHY_CLOSED[at.state])
    if line.settled_in_id not in {None, at.id}:
        raise DomainError("Det är redan bockat av vid en annan utställning. Ladda om sidan.")
    earlier = line.briefing.state in BEGUN and line.briefing.starts_at < at.starts_at
    if line.section is not BriefingSection.HANDOVER or not earlier:
        raise DomainError("Bara det som en tidigare utställning lämnade över kan bockas av här.")
    line.settled_in_id = at.id if done else None


def missing_parts(attendance: Collection[Expected], *, situation: int, staffing: int, handover: int) -> list[str]:
    """Return what has been left empty, in words, for the question before closing."""
    gaps = [
        ("Ingen är markerad som närvarande", any(row.is_present for row in attendance)),
        ("Lägesbilden är tom", situation),
        ("Ingen bemanning är ifylld", staffing),
        ("Inget är överlämnat till nästa gång", handover),
    ]
    return [text for text, filled in gaps if not filled]


def close_briefing(briefing: Briefing, *, by_function: str, now: datetime, by_user_id: int | None = None) -> None:
    """End the briefing. What it holds can then only be read; those who want mail are told that the sheet is ready.

    :raises Closed: when it is closed already, cancelled or missed
    """
    open_briefing(briefing, now=now)
    briefing.state = BriefingState.HELD
    briefing.closed_at = now
    briefing.closed_by_function = by_function[:SIGNATURE_LENGTH]
    mail.tell_closed(briefing, by_user_id=by_user_id)


def reopen_briefing(briefing: Briefing) -> None:
    """Open a held briefing again, so that it can be corrected; the log keeps that it was.

    :raises DomainError: when it was not held
    """
    if briefing.state is not BriefingState.HELD:
        raise DomainError("Bara en avslutad utställning kan öppnas igen.")
    briefing.state = BriefingState.OPEN
    briefing.closed_at = None
    briefing.closed_by_function = None
    mail.take_back(briefing)
