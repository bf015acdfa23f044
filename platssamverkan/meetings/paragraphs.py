"""The § of each item, worked out in one place for page, document and every label."""

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from platssamverkan.core import clock
from platssamverkan.core.db import db, prepared
from platssamverkan.core.formatting import NBSP, day
from platssamverkan.meetings.models import Meeting, MeetingState, MinutesItem
from platssamverkan.partnerships.models import MeetingKind, Numbering, Partnership


@prepared
def _items() -> Select[*tuple[Any, ...]]:
    return (
        select(MinutesItem.id, MinutesItem.meeting_id)
        .where(MinutesItem.meeting_id.in_(bindparam("meeting_ids", expanding=True)))
        .order_by(MinutesItem.meeting_id, MinutesItem.position, MinutesItem.id)
    )


@prepared
def _meetings() -> Select[*tuple[Any, ...]]:
    return select(Meeting.id, Meeting.starts_at, Meeting.first_paragraph, Partnership.numbering).where(
        Partnership.id == Meeting.partnership_id,
        Meeting.partnership_id == bindparam("partnership_id"),
        Meeting.id.in_(bindparam("meeting_ids", expanding=True)),
    )


def paragraph_numbers(partnership_id: int, meeting_ids: Sequence[int]) -> dict[int, int]:
    """Return item id → § for every item of the meetings, whoever may read it. At most three queries.

    Numbers begin at 1 in each meeting or run through the calendar year, meeting by meeting of the same kind.
    """
    if not meeting_ids:
        return {}
    first = _first_numbers(partnership_id, meeting_ids)
    numbers: dict[int, int] = {}
    reached: dict[int, int] = {}
    for item_id, meeting_id in db.session.execute(_items(), {"meeting_ids": meeting_ids}):
        numbers[item_id] = reached.get(meeting_id, first.get(meeting_id, 1))
        reached[meeting_id] = numbers[item_id] + 1
    return numbers


def first_paragraph(meeting: Meeting) -> int:
    """Return the § that the meeting's minutes begin with."""
    return _first_numbers(meeting.partnership_id, [meeting.id]).get(meeting.id, 1)


def item_label(kind: MeetingKind, on: date, number: int) -> str:
    """Return how an item is named elsewhere: "Strategiskt samverkansforum 5 november 2026, § 10"."""
    return f"{kind.label} {day(on)}, §{NBSP}{number}"


def decision_label(kind: MeetingKind, on: date, paragraph: int, number: int) -> str:
    """Return how a decision is named elsewhere: "Strategiskt samverkansforum 5 november 2026, § 10, beslut 1"."""
    return f"{item_label(kind, on, paragraph)}, beslut{NBSP}{number}"


def _first_numbers(partnership_id: int, meeting_ids: Sequence[int]) -> dict[int, int]:
    values = {"partnership_id": partnership_id, "meeting_ids": meeting_ids}
    meetings = db.session.execute(_meetings(), values).all()
    fixed = {row.id: row.first_paragraph for row in meetings if row.first_paragraph}
    if len(fixed) == len(meetings) or meetings[0].numbering is not Numbering.PER_YEAR:
        return {row.id: fixed.get(row.id, 1) for row in meetings}
    years = {clock.to_local(row.starts_at).year for row in meetings}
    running = _through_the_years(partnership_id, min(years), max(years))
    return {row.id: fixed.get(row.id) or running.get(row.id, 1) for row in meetings}


def _through_the_years(partnership_id: int, first_year: int, last_year: int) -> dict[int, int]:
    statement = (
        select(Meeting.id, Meeting.kind, Meeting.starts_at, Meeting.first_paragraph, func.count(MinutesItem.id))
        .outerjoin(MinutesItem, MinutesItem.meeting_id == Meeting.id)
        .where(Meeting.partnership_id == partnership_id, Meeting.state != MeetingState.CANCELLED)
        # A day's margin: the year is the local one.
        .where(Meeting.starts_at >= clock.at_local(date(first_year, 1, 1), time(0)) - timedelta(days=1))
        .where(Meeting.starts_at < clock.at_local(date(last_year + 1, 1, 1), time(0)) + timedelta(days=1))
        .group_by(Meeting.id, Meeting.kind, Meeting.starts_at, Meeting.first_paragraph)
        .order_by(Meeting.starts_at, Meeting.id)
    )
    years: dict[tuple[MeetingKind, int], list[tuple[int, int | None, int]]] = {}
    for meeting_id, kind, starts_at, fixed, items in db.session.execute(statement):
        years.setdefault((kind, clock.to_local(starts_at).year), []).append((meeting_id, fixed, items))
    return {meeting_id: first for meetings in years.values() for meeting_id, first in _through_a_year(meetings)}


def _through_a_year(meetings: Sequence[tuple[int, int | None, int]]) -> Iterator[tuple[int, int]]:
    """Yield (id, its first §) of the meetings, given in order of time as (id, the § it is fixed at, how many it has).

    Minutes may be approved before those of an earlier meeting, which can still grow. No § is given twice: what does
    not fit before approved ones comes after the year's last.
    """
    taken = [range(fixed, fixed + items) for _, fixed, items in meetings if fixed]
    following = 1
    for meeting_id, fixed, items in meetings:
        first = fixed or following
        wanted = range(first, first + items)
        if not fixed:
            if any(wanted.start < other.stop and other.start < wanted.stop for other in taken):
                first = max(other.stop for other in taken)
                wanted = range(first, first + items)
            taken.append(wanted)
        following = wanted.stop
        yield meeting_id, first
