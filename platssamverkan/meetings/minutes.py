"""The minutes as one reader may see them: what the page shows and the document prints (DOMAIN 7.1)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.actors.models import Actor
from platssamverkan.core.db import db, prepared, related_or_404, rows, swedish, with_related
from platssamverkan.core.formatting import local_day
from platssamverkan.core.sources import Source
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.measures.models import Measure
from platssamverkan.meetings.models import (
    Attendance,
    AttendanceStatus,
    Decision,
    Meeting,
    MinutesCorrection,
    MinutesItem,
    decision_measure,
)
from platssamverkan.meetings.paragraphs import decision_label, item_label, paragraph_numbers
from platssamverkan.partnerships.models import Partnership


@dataclass(frozen=True)
class DecisionText:
    """A decision and those of its measures that the reader may see."""

    decision: Decision
    measures: list[Measure]
    label: str

    @property
    def number(self) -> int:
        return self.decision.number

    @property
    def text(self) -> str:
        return self.decision.text


@dataclass(frozen=True)
class Paragraph:
    """One § with what was said, decided and later corrected."""

    number: int
    item: MinutesItem
    decisions: list[DecisionText]
    corrections: list[MinutesCorrection]
    label: str

    @property
    def heading(self) -> str:
        return self.item.heading

    @property
    def text(self) -> str | None:
        return self.item.text

    @property
    def is_written(self) -> bool:
        return bool(self.item.text or self.decisions)


@dataclass(frozen=True)
class Action:
    """A line of the action list: what, who answers for it, ready by."""

    measure: Measure
    decided: str

    @property
    def what(self) -> str:
        return self.measure.title

    @property
    def responsible(self) -> str | None:
        return self.measure.responsible.name if self.measure.responsible else None

    @property
    def due_on(self) -> date | None:
        return self.measure.due_on


@dataclass(frozen=True)
class Minutes:
    """All that the minutes of one meeting hold for one reader."""

    meeting: Meeting
    attendance: list[Attendance]
    paragraphs: list[Paragraph]
    #: Corrections of the minutes as a whole; those of a § stand with it.
    corrections: list[MinutesCorrection]
    #: How many items there are, and how many items, decisions and corrections this reader may not see. What stands
    #: under an item out of sight goes with it.
    item_count: int
    left_out_items: int
    left_out_decisions: int
    left_out_corrections: int

    @property
    def left_out(self) -> int:
        return self.left_out_items + self.left_out_decisions + self.left_out_corrections

    @property
    def on(self) -> date:
        """Return the local day of the meeting."""
        return local_day(self.meeting.starts_at)

    def with_status(self, status: AttendanceStatus) -> list[Attendance]:
        """Return the actors that answered so."""
        return [row for row in self.attendance if row.status is status]

    @property
    def present(self) -> list[Attendance]:
        return self.with_status(AttendanceStatus.PRESENT)

    @property
    def excused(self) -> list[Attendance]:
        return self.with_status(AttendanceStatus.EXCUSED)

    @property
    def absent(self) -> list[Attendance]:
        return self.with_status(AttendanceStatus.ABSENT)

    @property
    def decisions(self) -> list[DecisionText]:
        return [decision for paragraph in self.paragraphs for decision in paragraph.decisions]

    @property
    def action_list(self) -> list[Action]:
        """Return each measure that the decisions lead to, once, in their order."""
        found: dict[int, Action] = {}
        for decision in self.decisions:
            for measure in decision.measures:
                found.setdefault(measure.id, Action(measure, decision.label))
        return list(found.values())

    @property
    def mark(self) -> str:
        """Return what changes when any text of the minutes does; an approval holds for the text that was read."""
        parts = [f"{self.meeting.version}"]
        parts += [f"i{one.item.id}:{one.item.version}:{one.number}" for one in self.paragraphs]
        parts += [f"d{one.decision.id}:{one.decision.version}" for one in self.decisions]
        parts += [f"a{row.actor_id}:{row.status.value}" for row in self.attendance]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


@prepared
def _meeting() -> Select[*tuple[Any, ...]]:
    return (
        select(Meeting, Source)
        .outerjoin(Source, Source.id == Meeting.source_id)
        .where(Meeting.id == bindparam("meeting_id"), Meeting.partnership_id == bindparam("partnership_id"))
    )


@prepared
def _attendance() -> Select[*tuple[Any, ...]]:
    return (
        select(Attendance, Actor)
        .join(Actor, Actor.id == Attendance.actor_id)
        .where(Attendance.meeting_id == bindparam("meeting_id"))
        .order_by(swedish(Actor.name), Attendance.id)
    )


@prepared
def _items(reader: Reader) -> Select[MinutesItem]:
    return (
        select(MinutesItem)
        .where(MinutesItem.meeting_id == bindparam("meeting_id"), visible_to(MinutesItem, reader))
        .order_by(MinutesItem.position, MinutesItem.id)
    )


@prepared
def _corrections(reader: Reader) -> Select[MinutesCorrection]:
    return (
        select(MinutesCorrection)
        .where(MinutesCorrection.meeting_id == bindparam("meeting_id"), visible_to(MinutesCorrection, reader))
        .order_by(MinutesCorrection.at, MinutesCorrection.id)
    )


def _attendance_of(meeting_id: int) -> list[Attendance]:
    """Return who answered or came, with the actor, by name. One query."""
    found = db.session.execute(_attendance(), {"meeting_id": meeting_id})
    return [with_related(row, "actor") for row in found]


def minutes_document(meeting_id: int, partnership_id: int, reader: Reader) -> Minutes:
    """Return the minutes as `reader` may see them; 404 when the partnership has no such meeting.

    A fixed number of queries. What the reader may not see is only counted.
    """
    meeting: Meeting = related_or_404(_meeting(), "source", meeting_id=meeting_id, partnership_id=partnership_id)
    attendance = _attendance_of(meeting_id)
    items = rows(_items(reader), meeting_id=meeting_id)
    ids = [item.id for item in items]
    numbers = paragraph_numbers([meeting.id])
    decisions = decisions_of(ids, reader)
    measures = measures_of([row.id for row in decisions], reader)
    corrections = rows(_corrections(reader), meeting_id=meeting_id)
    shown = [row for row in corrections if row.item_id is None or row.item_id in ids]
    on = local_day(meeting.starts_at)
    paragraphs = [
        Paragraph(
            number=numbers[item.id],
            item=item,
            decisions=[
                DecisionText(
                    row, measures.get(row.id, []), decision_label(meeting.kind, on, numbers[item.id], row.number)
                )
                for row in decisions
                if row.item_id == item.id
            ],
            corrections=[row for row in shown if row.item_id == item.id],
            label=item_label(meeting.kind, on, numbers[item.id]),
        )
        for item in items
    ]
    all_decisions, all_corrections = _counts(meeting.id, ids)
    return Minutes(
        meeting=meeting,
        attendance=attendance,
        paragraphs=paragraphs,
        corrections=[row for row in shown if row.item_id is None],
        item_count=len(numbers),
        left_out_items=len(numbers) - len(items),
        left_out_decisions=all_decisions - len(decisions),
        left_out_corrections=all_corrections - len(shown),
    )


@prepared
def _all_counted() -> Select[*tuple[int, int]]:
    ids: Any = bindparam("item_ids", expanding=True)
    decisions = select(func.count(Decision.id)).where(Decision.item_id.in_(ids)).scalar_subquery()
    corrections = (
        select(func.count(MinutesCorrection.id))
        .where(MinutesCorrection.meeting_id == bindparam("meeting_id"))
        .where(MinutesCorrection.item_id.is_(None) | MinutesCorrection.item_id.in_(ids))
        .scalar_subquery()
    )
    return select(decisions, corrections)


def _counts(meeting_id: int, item_ids: Sequence[int]) -> tuple[int, int]:
    """Return how many decisions and corrections stand under the items in sight; corrections of the whole with them."""
    values = {"meeting_id": meeting_id, "item_ids": item_ids}
    counted: tuple[int, int] = db.session.execute(_all_counted(), values).one()
    return counted[0], counted[1]


@prepared
def _decisions(reader: Reader) -> Select[Decision]:
    return (
        select(Decision)
        .where(Decision.item_id.in_(bindparam("item_ids", expanding=True)), visible_to(Decision, reader))
        .order_by(Decision.item_id, Decision.number)
    )


def decisions_of(item_ids: Sequence[int], reader: Reader) -> list[Decision]:
    """Return the decisions under the items that `reader` may see, in their order. One query."""
    return rows(_decisions(reader), item_ids=item_ids)


@prepared
def _measures(reader: Reader) -> Select[*tuple[Any, ...]]:
    return (
        select(decision_measure.c.decision_id, Measure, Actor, Partnership)
        .join(Measure, Measure.id == decision_measure.c.measure_id)
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .outerjoin(Actor, Actor.id == Measure.responsible_actor_id)
        .where(decision_measure.c.decision_id.in_(bindparam("decision_ids", expanding=True)))
        .where(visible_to(Measure, reader))
        .order_by(Measure.partnership_id, Measure.number)
    )


def measures_of(decision_ids: Sequence[int], reader: Reader) -> dict[int, list[Measure]]:
    """Return decision id → its measures that `reader` may see, with who answers for them and the partnership where
    they are done, by number. One query."""
    found: dict[int, list[Measure]] = {}
    if decision_ids:
        loaded = db.session.execute(_measures(reader), {"decision_ids": decision_ids})
        for decision_id, measure, responsible, partnership in loaded:
            set_committed_value(measure, "responsible", responsible)
            set_committed_value(measure, "partnership", partnership)
            found.setdefault(decision_id, []).append(measure)
    return found
