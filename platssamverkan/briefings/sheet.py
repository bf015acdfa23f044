"""One evening's sheet as one reader may see it: what the page shows and the document prints (DOMAIN 7.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.actors.models import Actor
from platssamverkan.briefings import limits
from platssamverkan.briefings.counts import from_earlier
from platssamverkan.briefings.models import (
    Briefing,
    BriefingAttendance,
    BriefingItem,
    BriefingSection,
    BriefingState,
    StaffingEntry,
)
from platssamverkan.core import clock
from platssamverkan.core.db import db, prepared, swedish
from platssamverkan.core.registry import registry
from platssamverkan.core.sources import Source
from platssamverkan.core.visibility import Reader, Visibility, visible_to
from platssamverkan.partnerships.models import Membership, Partnership, RepresentationLevel, Representative


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
        Representative.speaks_on(on),
    )
    statement = (
        select(Actor.id, Actor.name, Representative.function)
        .join(Membership, Membership.actor_id == Actor.id)
        .outerjoin(Representative, valid)
        .where(Membership.partnership_id == partnership_id)
        .where(or_(Membership.is_operative, Representative.id.is_not(None)))
        .where(Membership.takes_part_on(on))
        .order_by(swedish(Actor.name), Representative.id)
    )
    found = {
        (actor_id, (function or "")[:80]): Expected(actor_id, name, (function or "")[:80], is_present=False)
        for actor_id, name, function in db.session.execute(statement)
    }
    return list(found.values())[: limits.ATTENDANCE_ROWS]


class Line(NamedTuple):
    """A line of a sheet, told by `actor`; `starts_at` is when its briefing began."""

    id: int
    briefing_id: int
    section: BriefingSection
    spot: str | None
    text: str
    actor_id: int | None
    owner_actor_id: int | None
    visibility: Visibility
    raise_to_forum: bool
    settled_in_id: int | None
    starts_at: datetime
    actor: str | None


class Staffing(NamedTuple):
    """Who works tonight: so many of a function of `actor`."""

    id: int
    actor_id: int
    owner_actor_id: int | None
    visibility: Visibility
    function: str
    headcount: int
    from_time: time | None
    until_time: time | None
    contact: str | None
    actor: str


@dataclass(frozen=True)
class Sheet:
    """All that one briefing's page and document show to one reader (DOMAIN 7.3)."""

    briefing: Briefing
    partnership: str
    #: The moment of the last briefing that was held before this one.
    since: datetime | None
    attendance: Sequence[Expected]
    situation: Sequence[Line]
    staffing: Sequence[Staffing]
    cooperation: Sequence[Line]
    #: The EventRows of the coming days, listed by themselves.
    events: Sequence[Any]
    coming: Sequence[Line]
    condition: Sequence[Line]
    handover: Sequence[Line]
    #: What earlier briefings handed over: still open, or settled at this one.
    received: Sequence[Line]
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

    def lines(self, section: BriefingSection) -> Sequence[Line]:
        """Return the lines of one section."""
        return {
            BriefingSection.SITUATION: self.situation,
            BriefingSection.COOPERATION: self.cooperation,
            BriefingSection.COMING_DAYS: self.coming,
            BriefingSection.CONDITION: self.condition,
            BriefingSection.HANDOVER: self.handover,
        }[section]


@prepared
def _briefing() -> Select[*tuple[Any, ...]]:
    before = aliased(Briefing)
    since = (
        select(func.max(before.starts_at))
        .where(before.partnership_id == Briefing.partnership_id, before.state == BriefingState.HELD)
        .where(before.starts_at < Briefing.starts_at)
        .scalar_subquery()
    )
    return (
        select(Briefing, Actor, Source, since)
        .outerjoin(Actor, Actor.id == Briefing.held_by_id)
        .outerjoin(Source, Source.id == Briefing.source_id)
        .where(Briefing.id == bindparam("briefing_id"), Briefing.partnership_id == bindparam("partnership_id"))
    )


@prepared
def _lines(reader: Reader) -> Select[*tuple[Any, ...]]:
    own = [getattr(BriefingItem, name) for name in Line._fields[:-2]]
    return (
        select(*own, Briefing.starts_at, Actor.name)
        .join(Briefing, Briefing.id == BriefingItem.briefing_id)
        .outerjoin(Actor, Actor.id == BriefingItem.actor_id)
        .where(visible_to(BriefingItem, reader))
    )


@prepared
def _lines_of_one(reader: Reader) -> Select[*tuple[Any, ...]]:
    return _lines(reader).where(BriefingItem.briefing_id == bindparam("briefing_id")).order_by(BriefingItem.id)


_settled_at = aliased(Briefing)


def handed_over(partnership_id: Any, starts_at: Any) -> ColumnElement[bool]:
    """Return the condition of a line that a briefing that starts then begins with: what earlier briefings of the
    partnership handed over and none before it had settled. `Briefing` is that of the line.

    What was settled at a later one still stood at this one; its sheet is not emptied afterwards.
    """
    settled_in = BriefingItem.settled_in_id
    at_it_or_later = select(_settled_at.id).where(_settled_at.id == settled_in, _settled_at.starts_at >= starts_at)
    return and_(
        from_earlier(Briefing, partnership_id, starts_at),
        or_(settled_in.is_(None), at_it_or_later.exists()),
    )


@prepared
def _received(reader: Reader) -> Select[*tuple[Any, ...]]:
    this = handed_over(bindparam("partnership_id"), bindparam("starts_at"))
    return _lines(reader).where(this).order_by(Briefing.starts_at.desc(), BriefingItem.id)


@prepared
def _staffing(reader: Reader) -> Select[*tuple[Any, ...]]:
    own = [getattr(StaffingEntry, name) for name in Staffing._fields[:-1]]
    return (
        select(*own, Actor.name)
        .join(Actor, Actor.id == StaffingEntry.actor_id)
        .where(StaffingEntry.briefing_id == bindparam("briefing_id"), visible_to(StaffingEntry, reader))
        .order_by(StaffingEntry.id)
    )


@prepared
def _attendance() -> Select[*tuple[Any, ...]]:
    row = BriefingAttendance
    return (
        select(row.actor_id, Actor.name, row.function, row.is_present)
        .join(Actor, Actor.id == row.actor_id)
        .where(row.briefing_id == bindparam("briefing_id"))
        .order_by(row.id)
    )


@prepared
def _closed_rows() -> Select[int]:
    counts = [
        select(func.count())
        .select_from(model)
        .where(model.briefing_id == bindparam("briefing_id"), model.visibility == Visibility.AUTHORITIES_ONLY)
        .scalar_subquery()
        for model in (BriefingItem, StaffingEntry)
    ]
    return select(counts[0] + counts[1])


def sheet_of(briefing_id: int, partnership_id: int, reader: Reader) -> Sheet:
    """Return the whole sheet for `reader`; 404 when the partnership has no such briefing. A fixed number of queries."""
    here: dict[str, Any] = {"briefing_id": briefing_id, "partnership_id": partnership_id}
    found = db.session.execute(_briefing(), here).one_or_none() or abort(404)
    briefing, held_by, source, since = found
    set_committed_value(briefing, "held_by", held_by)
    set_committed_value(briefing, "source", source)
    lines = [Line._make(row) for row in db.session.execute(_lines_of_one(reader), here)]
    by_section = {section: [line for line in lines if line.section is section] for section in BriefingSection}
    day = clock.to_local(briefing.starts_at).date()
    start, end = clock.day_bounds(day, day + timedelta(days=limits.DAYS_AHEAD))
    received = db.session.execute(_received(reader), {**here, "starts_at": briefing.starts_at})
    partnership: Partnership = db.session.get_one(Partnership, partnership_id)
    return Sheet(
        briefing=briefing,
        partnership=partnership.name,
        since=since,
        attendance=_attendance_of(briefing, day),
        situation=by_section[BriefingSection.SITUATION],
        staffing=[Staffing._make(row) for row in db.session.execute(_staffing(reader), here)],
        cooperation=by_section[BriefingSection.COOPERATION],
        events=registry.ask("events_ahead", partnership_id, reader, start, end),
        coming=by_section[BriefingSection.COMING_DAYS],
        condition=by_section[BriefingSection.CONDITION],
        handover=by_section[BriefingSection.HANDOVER],
        received=[Line._make(row) for row in received],
        left_out=0 if reader.sees_authorities else db.session.scalar(_closed_rows(), here) or 0,
    )


def _attendance_of(briefing: Briefing, day: date) -> list[Expected]:
    """Return who is expected and who came; before the first save the functions that take part now."""
    if briefing.state is BriefingState.PLANNED:
        return expected_functions(briefing.partnership_id, day)
    return [Expected(*row) for row in db.session.execute(_attendance(), {"briefing_id": briefing.id})]
