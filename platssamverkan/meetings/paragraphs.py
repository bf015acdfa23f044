"""The § of each item, worked out in one place for page, document and every label."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select

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
    columns = Meeting.id, Meeting.partnership_id, Meeting.starts_at, Meeting.first_paragraph, Partnership.numbering
    return select(*columns).where(
        Partnership.id == Meeting.partnership_id, Meeting.id.in_(bindparam("meeting_ids", expanding=True))
    )


def paragraph_numbers(meeting_ids: Collection[int]) -> dict[int, int]:
    """Return item id → § for every item of the meetings, whoever may read it. At most three queries.

    Numbers begin at 1 in each meeting or run through the calendar year, meeting by meeting of the same kind.
    """
    if not meeting_ids:
        return {}
    first = _first_numbers(meeting_ids)
    numbers: dict[int, int] = {}
    reached: dict[int, int] = {}
    for item_id, meeting_id in db.session.execute(_items(), {"meeting_ids": list(meeting_ids)}):
        numbers[item_id] = reached.get(meeting_id, first.get(meeting_id, 1))
        reached[meeting_id] = numbers[item_id] + 1
    return numbers


def first_paragraph(meeting: Meeting) -> int:
    """Return the § that the meeting's minutes begin with."""
    return _first_numbers([meeting.id]).get(meeting.id, 1)


def item_label(kind: MeetingKind, on: date, number: int) -> str:
    """Return how an item is named elsewhere: "Strategiskt samverkansforum 5 november 2026, § 10"."""
    return f"{kind.label} {day(on)}, §{NBSP}{number}"


def decision_label(kind: MeetingKind, on: date, paragraph: int, number: int, made_in: str | None = None) -> str:
    """Return how a decision is named elsewhere: "Strategiskt samverkansforum 5 november 2026, § 10, beslut 1"; with
    `made_in` first, the partnership that made it, where another one reads it."""
    label = f"{item_label(kind, on, paragraph)}, beslut{NBSP}{number}"
    return f"{made_in}, {label}" if made_in else label


def _first_numbers(meeting_ids: Collection[int]) -> dict[int, int]:
    meetings = db.session.execute(_meetings(), {"meeting_ids": list(meeting_ids)}).all()
    following = [row for row in meetings if row.numbering is Numbering.PER_YEAR and not row.first_paragraph]
    running = _through_the_years(following) if following else {}
    return {row.id: row.first_paragraph or running.get(row.id, 1) for row in meetings}


def _through_the_years(meetings: Sequence[Row[Any]]) -> dict[int, int]:
    """Return the first § of the meetings and of all others of their partnerships in the same years."""
    asked = {clock.to_local(row.starts_at).year for row in meetings}
    own = Meeting.id, Meeting.partnership_id, Meeting.kind, Meeting.starts_at, Meeting.first_paragraph
    statement = (
        select(*own, func.count(MinutesItem.id))
        .outerjoin(MinutesItem, MinutesItem.meeting_id == Meeting.id)
        .where(Meeting.partnership_id.in_({row.partnership_id for row in meetings}))
        .where(Meeting.state != MeetingState.CANCELLED)
        # A day's margin: the year is the local one.
        .where(Meeting.starts_at >= clock.at_local(date(min(asked), 1, 1), time(0)) - timedelta(days=1))
        .where(Meeting.starts_at < clock.at_local(date(max(asked) + 1, 1, 1), time(0)) + timedelta(days=1))
        .group_by(*own)
        .order_by(Meeting.starts_at, Meeting.id)
    )
    years: dict[tuple[int, MeetingKind, int], list[tuple[int, int | None, int]]] = {}
    for meeting_id, where, kind, starts_at, fixed, items in db.session.execute(statement):
        years.setdefault((where, kind, clock.to_local(starts_at).year), []).append((meeting_id, fixed, items))
    return {meeting_id: first for year in years.values() for meeting_id, first in _through_a_year(year)}


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
