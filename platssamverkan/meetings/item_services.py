"""What happens inside the minutes: items are written one by one, decisions lead to measures, actors are ticked off."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from platssamverkan.core.columns import touch
from platssamverkan.core.db import db, next_number, rows
from platssamverkan.core.errors import DomainError, EditConflict, check_version
from platssamverkan.core.formatting import local_day
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.goals.assessment_queries import is_evidence
from platssamverkan.measures.models import Measure, MeasureMethod
from platssamverkan.measures.services import check_due, create_measure
from platssamverkan.meetings.agenda import OTHER_HEADING
from platssamverkan.meetings.models import (
    Attendance,
    AttendanceStatus,
    Decision,
    Meeting,
    MeetingState,
    MinutesItem,
)
from platssamverkan.meetings.services import RaisedItem, check_open, item_from_briefing


def fingerprint(text: str | None) -> str:
    """Return a short mark of a text: two saves meet only when the text itself was changed in between."""
    return hashlib.sha256((text or "").encode()).hexdigest()[:16]


def _items(meeting: Meeting) -> list[MinutesItem]:
    return rows(
        select(MinutesItem).where(MinutesItem.meeting_id == meeting.id).order_by(MinutesItem.position, MinutesItem.id)
    )


def _number(items: Iterable[MinutesItem]) -> None:
    for position, item in enumerate(items, start=1):
        if item.position != position:
            item.position = position


def add_item(
    meeting: Meeting,
    *,
    heading: str,
    minutes_planned: int | None = None,
    visibility: Visibility = Visibility.PARTNERSHIP,
    owner_actor_id: int | None = None,
    after: MinutesItem | None = None,
) -> MinutesItem:
    """Return the new item, after `after` or last. Flushes. Raises `Locked` when the minutes are approved."""
    check_open(meeting)
    item = MinutesItem(
        meeting_id=meeting.id,
        position=0,
        heading=heading,
        minutes_planned=minutes_planned,
        visibility=visibility,
        owner_actor_id=owner_actor_id,
    )
    items = _items(meeting)
    place = next((n for n, one in enumerate(items, start=1) if after and one.id == after.id), len(items))
    return _insert(items, place, item)


def take_up(meeting: Meeting, line: RaisedItem, *, owner_actor_id: int | None) -> MinutesItem:
    """Return the new item that takes up a line of a briefing: before "Övriga frågor", as when a meeting is made, or
    last where the agenda has no such item. Flushes. Raises `Locked` for approved minutes."""
    check_open(meeting)
    items = _items(meeting)
    place = next((n for n, one in enumerate(items) if one.heading == OTHER_HEADING), len(items))
    return _insert(items, place, item_from_briefing(meeting.id, 0, line, owner_actor_id))


def _insert(items: list[MinutesItem], place: int, item: MinutesItem) -> MinutesItem:
    items.insert(place, item)
    _number(items)
    db.session.add(item)
    db.session.flush()
    return item


def change_item(
    meeting: Meeting,
    item: MinutesItem,
    *,
    version: int | None,
    heading: str,
    minutes_planned: int | None,
    visibility: Visibility,
    owner_actor_id: int | None,
) -> None:
    """Change what the item is called and who may read it. Its decisions are read by those who may read both. Flushes.

    :raises Locked: approved minutes · EditConflict: someone saved first
    """
    check_open(meeting)
    check_version(item, version)
    item.heading, item.minutes_planned = heading, minutes_planned
    item.visibility, item.owner_actor_id = visibility, item.owner_actor_id or owner_actor_id
    db.session.flush()


def write_item(
    meeting: Meeting, item: MinutesItem, *, text: str | None, version: int | None, base: str | None = None
) -> None:
    """Save what was said. A renamed or moved item is no conflict: only a text changed in between is. Flushes.

    :param base: `fingerprint` of the text that the writer started from
    :raises Locked: approved minutes · EditConflict: someone has changed the text
    """
    check_open(meeting)
    if version != item.version and base != fingerprint(item.text):
        raise EditConflict
    item.text = text or None
    db.session.flush()


def move_item(meeting: Meeting, item: MinutesItem, *, up: bool, reader: Reader) -> None:
    """Move the item past its neighbour in sight of `reader`. Flushes. Raises `Locked` when the minutes are approved."""
    check_open(meeting)
    items = _items(meeting)
    here = next(n for n, one in enumerate(items) if one.id == item.id)
    steps = range(here - 1, -1, -1) if up else range(here + 1, len(items))
    for there in steps:
        if reader.may_read(items[there].visibility, items[there].owner_actor_id):
            items.insert(there, items.pop(here))
            break
    _number(items)
    db.session.flush()


def remove_item(meeting: Meeting, item: MinutesItem) -> None:
    """Remove the item. Flushes.

    :raises Locked: approved minutes · DomainError: something is decided under it
    """
    check_open(meeting)
    decided = db.session.scalar(select(func.count(Decision.id)).where(Decision.item_id == item.id))
    if decided:
        raise DomainError("Under punkten finns beslut. Ta bort besluten först.")
    # Its decisions are loaded as the none they are, so that nothing is fetched behind the back of the unit of work.
    doomed = db.session.scalar(
        select(MinutesItem)
        .where(MinutesItem.id == item.id)
        .options(selectinload(MinutesItem.decisions))
        .execution_options(populate_existing=True)
    )
    db.session.delete(doomed)
    db.session.flush()
    _number(_items(meeting))
    db.session.flush()


@dataclass(frozen=True)
class NewMeasure:
    """A measure that a decision leads to."""

    title: str
    responsible_actor_id: int
    method: MeasureMethod
    due_on: date | None = None
    goal_ids: Sequence[int] = ()
    #: Where it is laid: the partnership that has the goal, else the one that meets.
    partnership_id: int | None = None


def add_decision(
    meeting: Meeting,
    item: MinutesItem,
    *,
    text: str,
    measures: Iterable[NewMeasure] = (),
    visibility: Visibility,
    owner_actor_id: int | None,
) -> Decision:
    """Return the decision, and make the measures that follow from it; they are read by those who read the decision.

    A meeting that decides is held. Flushes. Raises `Locked` when the minutes are approved.
    """
    check_open(meeting)
    decision = Decision(
        item_id=item.id,
        number=next_number(Decision.number, Decision.item_id == item.id),
        text=text,
        visibility=visibility,
        owner_actor_id=owner_actor_id,
        measures=[],
    )
    db.session.add(decision)
    _add_measures(meeting, decision, measures)
    meeting.state = MeetingState.HELD
    db.session.flush()
    return decision


def _add_measures(meeting: Meeting, decision: Decision, measures: Iterable[NewMeasure]) -> None:
    for new in measures:
        check_due(new.due_on, local_day(meeting.starts_at))
        decision.measures.append(
            create_measure(
                partnership_id=new.partnership_id or meeting.partnership_id,
                title=new.title,
                responsible_actor_id=new.responsible_actor_id,
                methods=[new.method],
                due_on=new.due_on,
                goal_ids=new.goal_ids,
                visibility=decision.visibility,
                owner_actor_id=decision.owner_actor_id,
            )
        )


def change_decision(
    meeting: Meeting,
    decision: Decision,
    *,
    version: int | None,
    text: str,
    visibility: Visibility,
    add: Iterable[NewMeasure] = (),
    link: Measure | None = None,
    unlink_ids: Iterable[int] = (),
) -> None:
    """Change the decision and the measures that belong to it; a measure that is unlinked remains. Flushes.

    :raises Locked: approved minutes · EditConflict: someone saved first · DomainError: an assessment where an unlinked
        measure is laid rests on the decision, and would no longer reach it
    """
    check_open(meeting)
    check_version(decision, version)
    decision = _with_measures(decision)
    decision.text, decision.visibility = text, visibility
    gone = set(unlink_ids)
    kept = [measure for measure in decision.measures if measure.id not in gone]
    left = {one.partnership_id for one in decision.measures} - {one.partnership_id for one in kept}
    left -= {meeting.partnership_id}
    if left and is_evidence("decision", decision.id, partnership_ids=left):
        raise DomainError("En bedömning i den samverkan där åtgärden ligger vilar på beslutet. Låt åtgärden vara kvar.")
    before = set(decision.measures)
    decision.measures[:] = kept
    if link is not None and link not in decision.measures:
        decision.measures.append(link)
    _add_measures(meeting, decision, add)
    if set(decision.measures) != before:
        touch(decision)
    db.session.flush()


def remove_decision(meeting: Meeting, decision: Decision) -> None:
    """Remove the decision; the measures it led to remain. Flushes.

    :raises Locked: approved minutes · DomainError: an assessment rests on it
    """
    check_open(meeting)
    if is_evidence("decision", decision.id):
        raise DomainError("En bedömning vilar på beslutet. Ta bort det som underlag där först.")
    item_id = decision.item_id
    decision = _with_measures(decision)
    decision.measures.clear()
    db.session.flush()
    db.session.delete(decision)
    db.session.flush()
    left = rows(select(Decision).where(Decision.item_id == item_id).order_by(Decision.number))
    for number, one in enumerate(left, start=1):
        if one.number != number:
            one.number = number
            # One by one, upwards: two decisions never bear the same number.
            db.session.flush()


def _with_measures(decision: Decision) -> Decision:
    loaded: Decision = db.session.scalars(
        select(Decision)
        .where(Decision.id == decision.id)
        .options(selectinload(Decision.measures))
        .execution_options(populate_existing=True)
    ).one()
    return loaded


def save_attendance(
    meeting: Meeting, answers: Mapping[int, AttendanceStatus | None], functions: Mapping[int, str | None]
) -> None:
    """Set who was there, by actor; None takes the answer back. Actors that are not named keep theirs. Flushes.

    A meeting where someone is present is held. Raises `Locked` when the minutes are approved.
    """
    check_open(meeting)
    known = {row.actor_id: row for row in rows(select(Attendance).where(Attendance.meeting_id == meeting.id))}
    for actor_id, status in answers.items():
        row = known.get(actor_id)
        if status is None:
            if row is not None:
                db.session.delete(row)
        elif row is None:
            db.session.add(
                Attendance(
                    meeting_id=meeting.id, actor_id=actor_id, function=functions.get(actor_id) or None, status=status
                )
            )
        else:
            row.status = status
    if AttendanceStatus.PRESENT in answers.values():
        meeting.state = MeetingState.HELD
    db.session.flush()
