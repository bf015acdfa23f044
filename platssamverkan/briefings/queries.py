"""What the pages of briefings and other rooms read. Nobody gets a line that visibility keeps from them (R7)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from platssamverkan.actors.models import Actor
from platssamverkan.briefings import limits
from platssamverkan.briefings.models import (
    Briefing,
    BriefingAttendance,
    BriefingItem,
    BriefingSection,
    BriefingState,
    StaffingEntry,
)
from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, rows
from platssamverkan.core.registry import registry
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, Visibility, visible_to
from platssamverkan.partnerships.models import (
    MeetingKind,
    MeetingSeries,
    Membership,
    Partnership,
    RepresentationLevel,
    Representative,
)

#: A briefing that is to come or goes on.
AHEAD = (BriefingState.PLANNED, BriefingState.OPEN)


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the moments when local `first` begins and local `last` has ended."""
    return clock.at_local(first, time(0)), clock.at_local(last + timedelta(days=1), time(0))


def briefing_here(briefing_id: int, partnership_id: int) -> Briefing:
    """Return the briefing with who holds it and its attendance; 404 when the partnership has no such."""
    statement = (
        select(Briefing)
        .where(Briefing.id == briefing_id, Briefing.partnership_id == partnership_id)
        .options(joinedload(Briefing.held_by), selectinload(Briefing.attendance).joinedload(BriefingAttendance.actor))
    )
    return one_or_404(statement)


def item_here(item_id: int, partnership_id: int, reader: Reader) -> BriefingItem:
    """Return the line with its briefing; 404 when it is not in the partnership or not for the reader."""
    statement = (
        select(BriefingItem)
        .join(BriefingItem.briefing)
        .where(BriefingItem.id == item_id, Briefing.partnership_id == partnership_id)
        .where(visible_to(BriefingItem, reader))
        .options(contains_eager(BriefingItem.briefing), joinedload(BriefingItem.actor))
    )
    return one_or_404(statement)


def staffing_here(entry_id: int, partnership_id: int, reader: Reader) -> StaffingEntry:
    """Return the staffing row with its briefing; 404 when it is not in the partnership or not for the reader."""
    statement = (
        select(StaffingEntry)
        .join(StaffingEntry.briefing)
        .where(StaffingEntry.id == entry_id, Briefing.partnership_id == partnership_id)
        .where(visible_to(StaffingEntry, reader))
        .options(contains_eager(StaffingEntry.briefing), joinedload(StaffingEntry.actor))
    )
    return one_or_404(statement)


@dataclass(frozen=True)
class Expected:
    """An actor's function that is expected, and whether it has come."""

    actor_id: int
    actor: str
    function: str
    is_present: bool

    @property
    def key(self) -> str:
        """Name the row in a form: the pair is unique on the sheet."""
        return f"{self.actor_id}:{self.function}"


def expected_functions(partnership_id: int, on: date) -> list[Expected]:
    """Return whom a briefing on the local day `on` expects: the operative functions, and operative actors that have
    stated none. One query, by actor."""
    valid = and_(
        Representative.membership_id == Membership.id,
        Representative.level == RepresentationLevel.OPERATIVE,
        or_(Representative.valid_from.is_(None), Representative.valid_from <= on),
        or_(Representative.valid_to.is_(None), Representative.valid_to >= on),
    )
    statement = (
        select(Actor.id, Actor.name, Representative.function)
        .join(Membership, Membership.actor_id == Actor.id)
        .outerjoin(Representative, valid)
        .where(Membership.partnership_id == partnership_id)
        .where(or_(Membership.is_operative, Representative.id.is_not(None)))
        .where(or_(Membership.joined_on.is_(None), Membership.joined_on <= on))
        .where(or_(Membership.left_on.is_(None), Membership.left_on >= on))
        .order_by(Actor.name, Representative.id)
    )
    found = {
        (actor_id, (function or "")[:80]): Expected(actor_id, name, (function or "")[:80], is_present=False)
        for actor_id, name, function in db.session.execute(statement)
    }
    return list(found.values())[: limits.ATTENDANCE_ROWS]


@dataclass(frozen=True)
class Sheet:
    """All that one briefing's page and document show to one reader (DOMAIN 7.3)."""

    briefing: Briefing
    partnership: str
    #: The moment of the last briefing that was held before this one.
    since: datetime | None
    attendance: Sequence[Expected]
    situation: Sequence[BriefingItem]
    staffing: Sequence[StaffingEntry]
    cooperation: Sequence[BriefingItem]
    #: ActivationEvents of the coming days, listed by themselves; with .place and .organiser.
    events: Sequence[Any]
    coming: Sequence[BriefingItem]
    condition: Sequence[BriefingItem]
    handover: Sequence[BriefingItem]
    #: What earlier briefings handed over: still open, or settled at this one; with .briefing.
    received: Sequence[BriefingItem]
    #: How many lines and staffing rows of this briefing are kept from the reader.
    left_out: int

    @property
    def present(self) -> Sequence[Expected]:
        return [row for row in self.attendance if row.is_present]

    @property
    def headcount(self) -> int:
        return sum(row.headcount for row in self.staffing)

    @property
    def events_printed(self) -> Sequence[Any]:
        """The events that the printed page has room for."""
        return self.events[: limits.EVENTS_PRINTED]

    @property
    def events_more(self) -> int:
        return max(0, len(self.events) - limits.EVENTS_PRINTED)

    def lines(self, section: BriefingSection) -> Sequence[BriefingItem]:
        """Return the lines of one section."""
        return {
            BriefingSection.SITUATION: self.situation,
            BriefingSection.COOPERATION: self.cooperation,
            BriefingSection.COMING_DAYS: self.coming,
            BriefingSection.CONDITION: self.condition,
            BriefingSection.HANDOVER: self.handover,
        }[section]


def sheet(briefing_id: int, partnership_id: int, reader: Reader) -> Sheet:
    """Return the whole sheet for `reader`; 404 when the partnership has no such briefing. A fixed number of queries."""
    briefing = briefing_here(briefing_id, partnership_id)
    lines = rows(
        select(BriefingItem)
        .where(BriefingItem.briefing_id == briefing.id, visible_to(BriefingItem, reader))
        .order_by(BriefingItem.id)
        .options(joinedload(BriefingItem.actor))
    )
    staffing = rows(
        select(StaffingEntry)
        .where(StaffingEntry.briefing_id == briefing.id, visible_to(StaffingEntry, reader))
        .order_by(StaffingEntry.id)
        .options(joinedload(StaffingEntry.actor))
    )
    by_section = {section: [line for line in lines if line.section is section] for section in BriefingSection}
    start = clock.at_local(clock.to_local(briefing.starts_at).date(), time(0))
    end = day_bounds(clock.to_local(briefing.starts_at).date(), _day(briefing) + timedelta(days=limits.DAYS_AHEAD))[1]
    partnership: Partnership = db.session.get_one(Partnership, partnership_id)
    return Sheet(
        briefing=briefing,
        partnership=partnership.name,
        since=last_held_before(briefing),
        attendance=attendance_of(briefing),
        situation=by_section[BriefingSection.SITUATION],
        staffing=staffing,
        cooperation=by_section[BriefingSection.COOPERATION],
        events=registry.ask("events_ahead", partnership_id, reader, start, end),
        coming=by_section[BriefingSection.COMING_DAYS],
        condition=by_section[BriefingSection.CONDITION],
        handover=by_section[BriefingSection.HANDOVER],
        received=received_handover(briefing, reader),
        left_out=_left_out(briefing.id, reader),
    )


def _day(briefing: Briefing) -> date:
    return clock.to_local(briefing.starts_at).date()


def attendance_of(briefing: Briefing) -> list[Expected]:
    """Return who is expected and who came; before the first save the functions that take part now."""
    if briefing.state is BriefingState.PLANNED:
        return expected_functions(briefing.partnership_id, _day(briefing))
    return [
        Expected(row.actor_id, row.actor.name, row.function, row.is_present)
        for row in sorted(briefing.attendance, key=lambda row: row.id)
    ]


def last_held_before(briefing: Briefing) -> datetime | None:
    """Return when the last briefing that was held before this one began."""
    found: datetime | None = db.session.scalar(
        select(func.max(Briefing.starts_at)).where(
            Briefing.partnership_id == briefing.partnership_id,
            Briefing.state == BriefingState.HELD,
            Briefing.starts_at < briefing.starts_at,
        )
    )
    return found


def received_handover(briefing: Briefing, reader: Reader) -> list[BriefingItem]:
    """Return what earlier briefings handed over and is not settled, and what was settled at this one. One query."""
    statement = (
        select(BriefingItem)
        .join(BriefingItem.briefing)
        .where(Briefing.partnership_id == briefing.partnership_id, Briefing.starts_at < briefing.starts_at)
        .where(Briefing.state.in_((BriefingState.HELD, BriefingState.OPEN)))
        .where(BriefingItem.section == BriefingSection.HANDOVER, visible_to(BriefingItem, reader))
        .where(or_(BriefingItem.settled_in_id.is_(None), BriefingItem.settled_in_id == briefing.id))
        .order_by(Briefing.starts_at.desc(), BriefingItem.id)
        .options(contains_eager(BriefingItem.briefing), joinedload(BriefingItem.actor))
    )
    return rows(statement)


def _left_out(briefing_id: int, reader: Reader) -> int:
    if reader.sees_authorities:
        return 0
    counts = [
        select(func.count())
        .select_from(model)
        .where(model.briefing_id == briefing_id, model.visibility == Visibility.AUTHORITIES_ONLY)
        .scalar_subquery()
        for model in (BriefingItem, StaffingEntry)
    ]
    return int(db.session.scalar(select(counts[0] + counts[1])) or 0)


def next_briefing(partnership_id: int) -> Briefing | None:
    """Return the first briefing from today on that is planned or goes on, with who holds it; None when none is."""
    statement = (
        select(Briefing)
        .where(Briefing.partnership_id == partnership_id, Briefing.state.in_(AHEAD))
        .where(Briefing.starts_at >= clock.at_local(clock.today(), time(0)))
        .order_by(Briefing.starts_at, Briefing.id)
        .limit(1)
        .options(joinedload(Briefing.held_by))
    )
    found: Briefing | None = db.session.scalar(statement)
    return found


def coming_briefings(partnership_id: int, limit: int) -> list[Briefing]:
    """Return the first `limit` briefings from today on that are planned or go on, tonight's first."""
    statement = (
        select(Briefing)
        .where(Briefing.partnership_id == partnership_id, Briefing.state.in_(AHEAD))
        .where(Briefing.starts_at >= clock.at_local(clock.today(), time(0)))
        .order_by(Briefing.starts_at, Briefing.id)
        .limit(limit)
        .options(joinedload(Briefing.held_by))
    )
    return rows(statement)


def briefings_between(partnership_ids: Collection[int], first: date, last: date) -> list[Briefing]:
    """Return all briefings of the partnerships from local `first` to `last`, in time order, for a calendar."""
    start, end = day_bounds(first, last)
    statement = (
        select(Briefing)
        .where(Briefing.partnership_id.in_(sorted(partnership_ids)))
        .where(Briefing.starts_at >= start, Briefing.starts_at < end)
        .order_by(Briefing.starts_at, Briefing.id)
    )
    return rows(statement)


@dataclass(frozen=True)
class Statistics:
    """How the briefings of a period went. The planned ones count too (DOMAIN 6.1, 10)."""

    #: All that were to be held, whatever became of them.
    planned: int
    held: int
    cancelled: int
    missed: int
    #: Functions present at a held briefing, on average; None when none was held.
    mean_attendance: float | None


def statistics(partnership_id: int, first: date, last: date) -> Statistics:
    """Return the figures of the briefings from local `first` to `last`; two queries."""
    start, end = day_bounds(first, last)
    here = (
        Briefing.partnership_id == partnership_id,
        Briefing.starts_at >= start,
        Briefing.starts_at < end,
    )
    states = (BriefingState.HELD, BriefingState.CANCELLED, BriefingState.MISSED)
    sums = [func.sum(case((Briefing.state == state, 1), else_=0)) for state in states]
    total, held, cancelled, missed = db.session.execute(select(func.count(), *sums).where(*here)).one()
    present = db.session.scalar(
        select(func.count())
        .select_from(BriefingAttendance)
        .join(BriefingAttendance.briefing)
        .where(*here, Briefing.state == BriefingState.HELD, BriefingAttendance.is_present)
    )
    mean = (present or 0) / held if held else None
    return Statistics(total, held or 0, cancelled or 0, missed or 0, mean)


def attendance_counts(briefing_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return briefing id → (present, expected); one query."""
    if not briefing_ids:
        return {}
    statement = (
        select(
            BriefingAttendance.briefing_id,
            func.sum(case((BriefingAttendance.is_present, 1), else_=0)),
            func.count(),
        )
        .where(BriefingAttendance.briefing_id.in_(briefing_ids))
        .group_by(BriefingAttendance.briefing_id)
    )
    return {row_id: (int(present), expected) for row_id, present, expected in db.session.execute(statement)}


def briefing_list(partnership_id: int, reader: Reader, *, with_later: bool) -> tuple["Select[Any]", ListSpec]:
    """Return the statement and shape of the list. What is later than today stands apart, unless `with_later`."""
    statement = (
        select(Briefing)
        .where(Briefing.partnership_id == partnership_id)
        .outerjoin(Briefing.held_by)
        .options(contains_eager(Briefing.held_by))
    )
    if not with_later:
        statement = statement.where(Briefing.starts_at < day_bounds(clock.today(), clock.today())[1])

    def words(text: str) -> Any:
        lines = select(BriefingItem.briefing_id).where(
            visible_to(BriefingItem, reader), contains(text, BriefingItem.text, BriefingItem.spot)
        )
        return or_(Briefing.id.in_(lines), contains(text, Briefing.location, Briefing.cancel_reason))

    spec = ListSpec(
        id="briefings",
        noun_singular="utställning",
        noun_plural="utställningar",
        columns=[
            Column("dag", "När", Briefing.starts_at, value=_local_minute),
            Column("halls", "Hålls av", func.lower(Actor.name), value=lambda row: row.held_by and row.held_by.name),
            Column("plats", "Plats", func.lower(Briefing.location), value=lambda row: row.location),
            Column("tillstand", "Tillstånd", Briefing.state, value=lambda row: row.state.label),
            Column("narvaro", "Närvaro"),
        ],
        filters=[
            Filter("text", "Sök i texten", words, kind="text"),
            Filter(
                "tillstand", "Tillstånd", lambda value: Briefing.state == BriefingState(value),
                choices=BriefingState.choices(),
            ),
            Filter("fran", "Från och med", lambda day: Briefing.starts_at >= day_bounds(day, day)[0], kind="date"),
            Filter("till", "Till och med", lambda day: Briefing.starts_at < day_bounds(day, day)[1], kind="date"),
        ],
        default_sort="dag",
        default_descending=True,
        tie=Briefing.id,
    )  # fmt: skip
    return statement, spec


def _local_minute(briefing: Briefing) -> str:
    return clock.to_local(briefing.starts_at).isoformat(" ", "minutes")[:16]


def series_here(partnership_id: int) -> list[MeetingSeries]:
    """Return the rhythms of the partnership's briefings, with who holds them."""
    statement = (
        select(MeetingSeries)
        .where(MeetingSeries.partnership_id == partnership_id, MeetingSeries.kind == MeetingKind.BRIEFING)
        .order_by(MeetingSeries.id)
        .options(joinedload(MeetingSeries.led_by))
    )
    return rows(statement)


def series_or_404(series_id: int, partnership_id: int) -> MeetingSeries:
    """Return one rhythm of briefings; 404 when the partnership has no such."""
    statement = select(MeetingSeries).where(
        MeetingSeries.id == series_id,
        MeetingSeries.partnership_id == partnership_id,
        MeetingSeries.kind == MeetingKind.BRIEFING,
    )
    return one_or_404(statement)


def slug_of(partnership_id: int) -> str:
    """Return the partnership's slug; no query when the partnership is loaded already."""
    found: Partnership = db.session.get_one(Partnership, partnership_id)
    return found.slug
