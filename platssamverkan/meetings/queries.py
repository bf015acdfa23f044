"""What pages and other rooms ask about meetings. Text is always chosen through `visible_to`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager

from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, prepared, rows
from platssamverkan.core.formatting import day, local_day
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Reader, Visibility, visible_to
from platssamverkan.measures.models import Measure
from platssamverkan.measures.queries import is_open
from platssamverkan.meetings.minutes import DecisionText, measures_of, minutes_document
from platssamverkan.meetings.models import Decision, Meeting, MeetingState, MinutesItem, decision_measure
from platssamverkan.meetings.paragraphs import decision_label, paragraph_numbers
from platssamverkan.partnerships.models import MeetingKind, Partnership

__all__ = [
    "DecisionText",
    "decisions_in_period",
    "meetings_between",
    "minutes_document",
    "next_meeting",
]

#: A meeting without a stated end is thought to last so long.
USUAL_LENGTH = timedelta(hours=2)
HELD = (MeetingState.HELD, MeetingState.APPROVED)
#: Briefings have rows and pages of their own.
KINDS = tuple(kind for kind in MeetingKind if kind is not MeetingKind.BRIEFING)
#: Where the strategic representatives meet, and lines of briefings ask to be taken up.
STRATEGIC_KINDS = {MeetingKind.STRATEGIC_FORUM, MeetingKind.STEERING_GROUP}


def meeting_or_404(meeting_id: int, partnership_id: int) -> Meeting:
    """Return the partnership's meeting; 404 when there is none."""
    return one_or_404(select(Meeting).where(Meeting.id == meeting_id, Meeting.partnership_id == partnership_id))


def item_or_404(item_id: int, meeting_id: int, reader: Reader) -> MinutesItem:
    """Return the item of the meeting; 404 when there is none that `reader` may read."""
    return one_or_404(
        select(MinutesItem).where(
            MinutesItem.id == item_id, MinutesItem.meeting_id == meeting_id, visible_to(MinutesItem, reader)
        )
    )


def decision_or_404(decision_id: int, item_id: int, reader: Reader) -> Decision:
    """Return the decision under the item; 404 when there is none that `reader` may read."""
    return one_or_404(
        select(Decision).where(Decision.id == decision_id, Decision.item_id == item_id, visible_to(Decision, reader))
    )


class MeetingRow(NamedTuple):
    """A meeting as lists, calendars and the overview tell of it."""

    id: int
    partnership_id: int
    kind: MeetingKind
    state: MeetingState
    starts_at: datetime
    ends_at: datetime | None
    location: str | None
    is_example: bool


#: What a MeetingRow is made of.
ROW = tuple(getattr(Meeting, name) for name in MeetingRow._fields)


@prepared
def _not_over() -> Select[*tuple[Any, ...]]:
    return (
        select(*ROW)
        .where(
            Meeting.partnership_id.in_(bindparam("ids", expanding=True)),
            Meeting.state.in_((MeetingState.PLANNED, MeetingState.HELD)),
            or_(
                Meeting.ends_at > bindparam("now"),
                and_(Meeting.ends_at.is_(None), Meeting.starts_at > bindparam("begun_after")),
            ),
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )


@prepared
def _first_not_over() -> Select[*tuple[Any, ...]]:
    return _not_over().limit(1)


def _meetings(statement: Select[*tuple[Any, ...]], **values: object) -> list[MeetingRow]:
    return [MeetingRow._make(row) for row in db.session.execute(statement, values)]


def next_meeting(partnership_id: int) -> MeetingRow | None:
    """Return the meeting that goes on or comes next; None when none is planned. One query."""
    now = clock.now()
    found = _meetings(_first_not_over(), ids=[partnership_id], now=now, begun_after=now - USUAL_LENGTH)
    return found[0] if found else None


class Agenda(NamedTuple):
    """How many items stand on an agenda that the reader may see, and how many of them come from lines of briefings that
    the reader may see too."""

    items: int
    raised: int


@prepared
def _first_with_agenda(reader: Reader, lines: Select[int]) -> Select[*tuple[Any, ...]]:
    items = select(func.count()).where(MinutesItem.meeting_id == Meeting.id, visible_to(MinutesItem, reader))
    # Asked of each item: "in" would gather the lines of years first.
    (line_id,) = lines.selected_columns
    raised = items.where(lines.where(line_id == MinutesItem.briefing_item_id).correlate(MinutesItem).exists())
    return _first_not_over().add_columns(items.scalar_subquery(), raised.scalar_subquery())


def next_agenda(partnership_id: int, reader: Reader, lines: Select[int]) -> tuple[MeetingRow, Agenda] | None:
    """Return the meeting that goes on or comes next, and its agenda in figures; None when none is planned. One query.

    `lines` selects the ids of the lines of briefings that the reader may see; the same select each time for a reader.
    """
    now, width = clock.now(), len(MeetingRow._fields)
    values = {"ids": [partnership_id], "now": now, "begun_after": now - USUAL_LENGTH}
    found = db.session.execute(_first_with_agenda(reader, lines), values).one_or_none()
    return (MeetingRow._make(found[:width]), Agenda._make(found[width:])) if found else None


def all_coming(partnership_ids: Sequence[int]) -> list[MeetingRow]:
    """Return all meetings of the partnerships that go on or are planned, in time order. One query."""
    now = clock.now()
    return _meetings(_not_over(), ids=partnership_ids, now=now, begun_after=now - USUAL_LENGTH)


@prepared
def _between() -> Select[*tuple[Any, ...]]:
    return (
        select(*ROW)
        .where(Meeting.partnership_id.in_(bindparam("ids", expanding=True)))
        .where(Meeting.starts_at >= bindparam("start"), Meeting.starts_at < bindparam("end"))
        .order_by(Meeting.starts_at, Meeting.id)
    )


def meetings_between(partnership_ids: Sequence[int], first: date, last: date) -> list[MeetingRow]:
    """Return the meetings that begin from `first` to `last`, local days, both included; also cancelled ones."""
    start, end = clock.day_bounds(first, last)
    return _meetings(_between(), ids=partnership_ids, start=start, end=end)


@prepared
def _unapproved() -> Select[*tuple[Any, ...]]:
    return (
        select(*ROW)
        .where(Meeting.partnership_id.in_(bindparam("ids", expanding=True)), Meeting.state == MeetingState.HELD)
        .order_by(Meeting.starts_at, Meeting.id)
    )


def unapproved(partnership_ids: Sequence[int]) -> list[MeetingRow]:
    """Return the meetings whose minutes wait to be approved, oldest first. One query."""
    return _meetings(_unapproved(), ids=partnership_ids)


def decided_for(partnership_id: Any, reader: Reader | None = None) -> ColumnElement[bool]:
    """Return the condition that a decision was made in the partnership, or led to a measure that was laid there: the
    forum of Vision Klara decides on Sergels torg, which has a partnership and goals of its own. With `reader`, only by
    a measure that the reader may see: who may not know of it is not told of it by the decision.

    `partnership_id` is a number, or the column of partnerships that are asked about at once.
    """
    laid_here = (
        select(decision_measure.c.decision_id)
        .join(Measure, Measure.id == decision_measure.c.measure_id)
        .where(Measure.partnership_id == partnership_id)
    )
    if reader is not None:
        laid_here = laid_here.where(visible_to(Measure, reader))
    return or_(Meeting.partnership_id == partnership_id, Decision.id.in_(laid_here))


def in_sight(partnership_id: Any, reader: Reader) -> ColumnElement[bool]:
    """Return the condition that a decision is one of the partnership's (`decided_for`) and that the reader may see it;
    those of cancelled meetings are left out."""
    may_see = visible_to(Decision, reader), visible_to(MinutesItem, reader)
    return and_(decided_for(partnership_id, reader), Meeting.state != MeetingState.CANCELLED, *may_see)


def visible_decisions(partnership_id: int, reader: Reader) -> Select[Decision]:
    """Return the select of the partnership's decisions in sight, with item, meeting and who met loaded."""
    return (
        select(Decision)
        .join(Decision.item)
        .join(MinutesItem.meeting)
        .join(Meeting.partnership)
        .where(in_sight(partnership_id, reader))
        .options(contains_eager(Decision.item).contains_eager(MinutesItem.meeting).contains_eager(Meeting.partnership))
    )


@dataclass(frozen=True)
class Decided:
    """When a measure was decided, and where that is told."""

    on: date
    url: str


@prepared
def _behind(reader: Reader) -> Select[*tuple[Any, ...]]:
    link = decision_measure.c
    return (
        select(link.measure_id, Decision.id, MinutesItem.id, Meeting.id, Meeting.partnership_id, Meeting.starts_at)
        .join_from(decision_measure, Decision, Decision.id == link.decision_id)
        .join(Decision.item)
        .join(MinutesItem.meeting)
        .where(link.measure_id.in_(bindparam("ids", expanding=True)), Meeting.state.in_(HELD))
        .where(visible_to(Decision, reader), visible_to(MinutesItem, reader))
        .order_by(Meeting.starts_at.desc(), Decision.id.desc())
    )


def decided(partnership_id: int, slug: str, measure_ids: Sequence[int], reader: Reader) -> dict[int, Decided]:
    """Return measure id → the first decision behind it, for measures of the partnership. One query; none without ids.

    Decisions that wait for their meeting to be held have decided nothing yet.
    """
    if not measure_ids:
        return {}
    found: dict[int, Decided] = {}
    for measure_id, *ids, met_in, starts_at in db.session.execute(_behind(reader), {"ids": measure_ids}):
        url = decision_url(slug, *ids, elsewhere=met_in != partnership_id)
        found[measure_id] = Decided(local_day(starts_at), url)
    return found


def decision_url(slug: str, decision_id: int, item_id: int, meeting_id: int, *, elsewhere: bool) -> str:
    """Return the address of a decision: in the minutes, or for one made elsewhere its own page."""
    if elsewhere:
        return url_for("meetings.show_decision", slug=slug, decision_id=decision_id)
    anchor = f"beslut-{decision_id}"
    return url_for("meetings.show_item", slug=slug, meeting_id=meeting_id, item_id=item_id, _anchor=anchor)


@dataclass(frozen=True)
class BriefingLine:
    """A line of a briefing that is or may be taken up."""

    id: int
    text: str
    visibility: Visibility
    owner_actor_id: int | None
    briefing_id: int
    starts_at: datetime

    @property
    def label(self) -> str:
        """Return the briefing in words: "utställningen 21 november 2026"."""
        return f"utställningen {day(self.starts_at)}"

    @property
    def url(self) -> str:
        """Return the address of the line, inside a workspace."""
        return url_for("briefings.show", briefing_id=self.briefing_id, _anchor=f"rad-{self.id}")


@dataclass(frozen=True)
class PastDecision:
    """A decision with its label, day and measures, as other pages print it."""

    text: DecisionText
    meeting: Meeting
    item: MinutesItem
    on: date
    #: Its measures that lie in the partnership that reads it.
    measures: list[Measure]
    #: The partnership that decided, where it is another than the one that reads it.
    made_in: Partnership | None

    @property
    def id(self) -> int:
        return self.text.decision.id

    def url(self, slug: str) -> str:
        """Return the address of the decision in the partnership that reads it: in the minutes, or its own page."""
        ids = self.text.decision.id, self.item.id, self.meeting.id
        return decision_url(slug, *ids, elsewhere=self.made_in is not None)

    def source(self, slug: str) -> tuple[str, str]:
        """Return the address and the name of what a document cites for the decision."""
        if self.made_in:
            return self.url(slug), f"Beslut i {self.made_in.name} {day(self.on)}"
        return url_for("meetings.show", slug=slug, meeting_id=self.meeting.id), f"Minnesanteckningar {day(self.on)}"


def labelled(partnership_id: int, reader: Reader, decisions: Sequence[Decision]) -> list[PastDecision]:
    """Return the decisions that `visible_decisions` loaded, with label and measures. A fixed number of queries."""
    numbers = paragraph_numbers({row.item.meeting_id for row in decisions})
    measures = measures_of([row.id for row in decisions], reader)
    found = []
    for row in decisions:
        meeting = row.item.meeting
        on = local_day(meeting.starts_at)
        made_in = meeting.partnership if meeting.partnership_id != partnership_id else None
        named = numbers[row.item_id], row.number, made_in.name if made_in else None
        text = DecisionText(row, measures.get(row.id, []), decision_label(meeting.kind, on, *named))
        here = [measure for measure in text.measures if measure.partnership_id == partnership_id]
        found.append(PastDecision(text, meeting, row.item, on, here, made_in))
    return found


def decision_page(decision_id: int, partnership_id: int, reader: Reader) -> PastDecision:
    """Return the decision as the partnership reads it; 404 when it was not made for it, or is not in sight."""
    decision = one_or_404(visible_decisions(partnership_id, reader).where(Decision.id == decision_id))
    return labelled(partnership_id, reader, [decision])[0]


def decisions_in_period(
    partnership_id: int, reader: Reader, first: date, last: date, ids: Sequence[int] | None = None
) -> list[PastDecision]:
    """Return the decisions of held meetings from `first` to `last`, local days, with label and measures; of those with
    one of `ids`, where they are given."""
    start, end = clock.day_bounds(first, last)
    statement = (
        visible_decisions(partnership_id, reader)
        .where(Meeting.state.in_(HELD))
        .where(Meeting.starts_at >= start, Meeting.starts_at < end)
        .order_by(Meeting.starts_at, MinutesItem.position, MinutesItem.id, Decision.number)
    )
    if ids is not None:
        statement = statement.where(Decision.id.in_(ids))
    return labelled(partnership_id, reader, rows(statement))


def earlier_decisions(meeting: Meeting, reader: Reader) -> list[PastDecision]:
    """Return the decisions of the latest held meeting of the same kind before this one, to be followed up."""
    previous = db.session.scalar(
        select(Meeting.id)
        .where(Meeting.partnership_id == meeting.partnership_id, Meeting.kind == meeting.kind)
        .where(Meeting.state.in_(HELD), Meeting.starts_at < meeting.starts_at)
        .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
        .limit(1)
    )
    statement = (
        visible_decisions(meeting.partnership_id, reader)
        .where(Meeting.id == previous)
        .order_by(MinutesItem.position, MinutesItem.id, Decision.number)
    )
    return labelled(meeting.partnership_id, reader, rows(statement))


def raised_items(partnership_id: int, reader: Reader) -> list[BriefingLine]:
    """Return the lines of briefings that ask to be taken up and stand on no agenda yet, as far as visible."""
    taken = taken_up(partnership_id)
    asked = registry.ask("raised_briefing_items", partnership_id, reader)
    return [BriefingLine(*row) for row in asked if row.id not in taken]


def briefing_lines(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, BriefingLine]:
    """Return briefing item id → the line, as far as `reader` may see it. One query; none without ids."""
    if not ids:
        return {}
    return {row.id: BriefingLine(*row) for row in registry.ask("briefing_lines", partnership_id, ids, reader)}


def on_agendas() -> Select[int | None]:
    """Return the select of the ids of the lines of briefings that stand on an agenda, whoever may read it: of any
    meeting that is not cancelled."""
    return (
        select(MinutesItem.briefing_item_id)
        .join(MinutesItem.meeting)
        .where(MinutesItem.briefing_item_id.is_not(None), Meeting.state != MeetingState.CANCELLED)
    )


def taken_up(partnership_id: int) -> set[int]:
    """Return the ids of the lines of the partnership's briefings that stand on an agenda. One query."""
    return set(db.session.scalars(on_agendas().where(Meeting.partnership_id == partnership_id)))


def measure_choices(partnership_id: int, reader: Reader, *, without: Sequence[int]) -> list[tuple[int, str]]:
    """Return (id, "Åtgärd 12: rubrik") of the open measures that `reader` may read, for a form field. One query."""
    statement = (
        select(Measure.id, Measure.number, Measure.title)
        .where(Measure.partnership_id == partnership_id, visible_to(Measure, reader), is_open())
        .where(Measure.id.not_in(without))
        .order_by(Measure.number)
    )
    return [(row_id, f"Åtgärd {number}: {title}") for row_id, number, title in db.session.execute(statement)]
