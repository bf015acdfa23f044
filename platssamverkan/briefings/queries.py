"""What the pages of briefings and other rooms read. Nobody gets a line that visibility keeps from them (R7)."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.actors.models import Actor
from platssamverkan.briefings import counts
from platssamverkan.briefings.models import (
    Briefing,
    BriefingAttendance,
    BriefingItem,
    BriefingState,
    StaffingEntry,
)
from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, prepared, related_or_404, rows, with_related
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.partnerships.models import MeetingKind, MeetingSeries

#: The rows that the sheet is filled in with.
RowT = TypeVar("RowT", BriefingItem, StaffingEntry)
#: A briefing that is to come or goes on.
AHEAD = (BriefingState.PLANNED, BriefingState.OPEN)
#: So long after it began a briefing of the day before, which nobody has ended, is taken to go on.
GOES_ON = timedelta(hours=12)


class BriefingRow(NamedTuple):
    """A briefing as lists, calendars and the overview tell of it."""

    id: int
    partnership_id: int
    starts_at: datetime
    location: str | None
    state: BriefingState
    cancel_reason: str | None
    is_example: bool
    #: The name of the actor that holds it.
    held_by: str | None


@prepared
def briefing_rows() -> Select[*tuple[Any, ...]]:
    """Return the select of a BriefingRow for every briefing, unordered."""
    own = [getattr(Briefing, name) for name in BriefingRow._fields[:-1]]
    return select(*own, Actor.name.label("held_by")).outerjoin(Actor, Actor.id == Briefing.held_by_id)


@prepared
def _briefing() -> Select[*tuple[Any, ...]]:
    return (
        select(Briefing, Actor)
        .outerjoin(Actor, Actor.id == Briefing.held_by_id)
        .where(Briefing.id == bindparam("briefing_id"), Briefing.partnership_id == bindparam("partnership_id"))
    )


@prepared
def _attendance() -> Select[*tuple[Any, ...]]:
    return (
        select(BriefingAttendance, Actor)
        .join(Actor, Actor.id == BriefingAttendance.actor_id)
        .where(BriefingAttendance.briefing_id == bindparam("briefing_id"))
        .order_by(BriefingAttendance.id)
    )


def briefing_here(briefing_id: int, partnership_id: int) -> Briefing:
    """Return the briefing with who holds it and its attendance; 404 when the partnership has no such. Two queries."""
    values = {"briefing_id": briefing_id, "partnership_id": partnership_id}
    briefing: Briefing = related_or_404(_briefing(), "held_by", **values)
    load_attendance(briefing)
    return briefing


def load_attendance(briefing: Briefing) -> None:
    """Give the briefing its attendance as it is saved now. One query."""
    found = db.session.execute(_attendance(), {"briefing_id": briefing.id})
    set_committed_value(briefing, "attendance", [with_related(row, "actor") for row in found])


def row_here(model: type[RowT], row_id: int, partnership_id: int, reader: Reader) -> RowT:
    """Return the line or staffing row with its briefing and actor; 404 when it is not in the partnership or not for the
    reader."""
    statement = (
        select(model)
        .join(model.briefing)
        .where(model.id == row_id, Briefing.partnership_id == partnership_id)
        .where(visible_to(model, reader))
        .options(contains_eager(model.briefing), joinedload(model.actor))
    )
    return one_or_404(statement)


def is_begun(briefing_id: int) -> bool:
    """Say whether anyone has begun to fill in the briefing. One query."""
    parts = (BriefingAttendance, BriefingItem, StaffingEntry)
    return bool(db.session.scalar(select(or_(*(exists().where(part.briefing_id == briefing_id) for part in parts)))))


@prepared
def _ahead() -> Select[*tuple[Any, ...]]:
    return (
        briefing_rows()
        .where(Briefing.partnership_id.in_(bindparam("ids", expanding=True)), Briefing.state.in_(AHEAD))
        .where(Briefing.starts_at >= bindparam("earliest"))
        .where(or_(Briefing.starts_at >= bindparam("start"), Briefing.state == BriefingState.OPEN))
        .order_by(Briefing.starts_at, Briefing.id)
    )


@prepared
def _few_ahead() -> Select[*tuple[Any, ...]]:
    return _ahead().limit(bindparam("most"))


def _days_work(partnership_ids: Collection[int]) -> dict[str, object]:
    # The evening's work goes on past midnight, and so does its briefing until someone ends it.
    start = clock.at_local(clock.today(), time(0))
    return {"ids": sorted(partnership_ids), "start": start, "earliest": min(start, clock.now() - GOES_ON)}


def coming_briefings(partnership_id: int, limit: int) -> list[BriefingRow]:
    """Return the first `limit` briefings that go on or are planned from today on, tonight's first."""
    values = {**_days_work([partnership_id]), "most": limit}
    return [BriefingRow._make(row) for row in db.session.execute(_few_ahead(), values)]


def all_coming(partnership_ids: Collection[int]) -> list[BriefingRow]:
    """Return all briefings of the partnerships that go on or are planned from today on, in time order. One query."""
    return [BriefingRow._make(row) for row in db.session.execute(_ahead(), _days_work(partnership_ids))]


class Progress(NamedTuple):
    """How far the sheet of a briefing that is ahead has come; only lines that the reader may see are counted."""

    #: The functions on the sheet, none before it is opened, and those of them that have come.
    expected: int
    present: int
    #: Lines of the lägesbild, and what earlier briefings have left to follow up.
    situation: int
    handed_over: int


@prepared
def _first_ahead(reader: Reader) -> Select[*tuple[Any, ...]]:
    told = counts.expected(), counts.present(), counts.situation(reader), counts.handed_over(reader)
    return _few_ahead().add_columns(*told)


def next_briefing(partnership_id: int, reader: Reader) -> tuple[BriefingRow, Progress] | None:
    """Return the briefing that goes on since last night, else the first from today on, and its progress; None when none
    is planned. One query."""
    values, width = {**_days_work([partnership_id]), "most": 1}, len(BriefingRow._fields)
    found = db.session.execute(_first_ahead(reader), values).one_or_none()
    return (BriefingRow._make(found[:width]), Progress._make(found[width:])) if found else None


@prepared
def _between() -> Select[*tuple[Any, ...]]:
    return (
        briefing_rows()
        .where(Briefing.partnership_id.in_(bindparam("ids", expanding=True)))
        .where(Briefing.starts_at >= bindparam("start"), Briefing.starts_at < bindparam("end"))
        .order_by(Briefing.starts_at, Briefing.id)
    )


def briefings_between(partnership_ids: Collection[int], first: date, last: date) -> list[BriefingRow]:
    """Return all briefings of the partnerships from local `first` to `last`, in time order, for a calendar."""
    start, end = clock.day_bounds(first, last)
    values = {"ids": sorted(partnership_ids), "start": start, "end": end}
    return [BriefingRow._make(row) for row in db.session.execute(_between(), values)]


@dataclass(frozen=True)
class Statistics:
    """How the briefings of a period went. The planned ones count too (DOMAIN 6.1, 10)."""

    #: All that were to be held by now, whatever became of them.
    planned: int
    held: int
    cancelled: int
    missed: int
    #: Functions present at a held briefing, on average; None when none was held.
    mean_attendance: float | None
    #: Whether made-up briefings are among them.
    is_example: bool


@prepared
def _outcomes() -> Select[*tuple[Any, ...]]:
    present = and_(BriefingAttendance.briefing_id == Briefing.id, BriefingAttendance.is_present)
    return (
        select(
            Briefing.state, Briefing.is_example, func.count(Briefing.id.distinct()), func.count(BriefingAttendance.id)
        )
        .outerjoin(BriefingAttendance, present)
        .where(Briefing.partnership_id == bindparam("partnership_id"))
        .where(Briefing.starts_at >= bindparam("start"), Briefing.starts_at < bindparam("end"))
        .group_by(Briefing.state, Briefing.is_example)
    )


def statistics(partnership_id: int, first: date, last: date) -> Statistics:
    """Return the figures of the briefings from local `first` to `last` that were to begin before now. One query."""
    start, end = clock.day_bounds(first, last)
    values = {"partnership_id": partnership_id, "start": start, "end": min(end, clock.now())}
    counts: Counter[BriefingState] = Counter()
    came, is_example = 0, False
    for state, made_up, briefings, present in db.session.execute(_outcomes(), values):
        counts[state] += briefings
        came += present if state is BriefingState.HELD else 0
        is_example = is_example or made_up
    held = counts[BriefingState.HELD]
    return Statistics(
        planned=counts.total(),
        held=held,
        cancelled=counts[BriefingState.CANCELLED],
        missed=counts[BriefingState.MISSED],
        mean_attendance=came / held if held else None,
        is_example=is_example,
    )


@prepared
def _series() -> Select[MeetingSeries]:
    return (
        select(MeetingSeries)
        .where(MeetingSeries.partnership_id == bindparam("partnership_id"), MeetingSeries.kind == MeetingKind.BRIEFING)
        .order_by(MeetingSeries.id)
        .options(joinedload(MeetingSeries.led_by), joinedload(MeetingSeries.source))
    )


def series_here(partnership_id: int) -> list[MeetingSeries]:
    """Return the rhythms of the partnership's briefings, with who holds them and the source."""
    return rows(_series(), partnership_id=partnership_id)


def series_or_404(series_id: int, partnership_id: int) -> MeetingSeries:
    """Return one rhythm of briefings; 404 when the partnership has no such."""
    statement = select(MeetingSeries).where(
        MeetingSeries.id == series_id,
        MeetingSeries.partnership_id == partnership_id,
        MeetingSeries.kind == MeetingKind.BRIEFING,
    )
    return one_or_404(statement)
