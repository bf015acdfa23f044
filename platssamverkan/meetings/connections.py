"""What the room tells the registry: its tab, the decisions behind measures, and how minutes are found."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager

from platssamverkan.core.db import db, prepared, rows
from platssamverkan.core.formatting import count, day, local_day
from platssamverkan.core.registry import Hit, Mention, Registry, Window, in_window
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.measures.models import Measure, measure_goal
from platssamverkan.meetings import mail, queries, series
from platssamverkan.meetings.models import Decision, Meeting, MeetingState, MinutesItem, decision_measure
from platssamverkan.meetings.paragraphs import item_label, paragraph_numbers
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.queries import slug_by_id


def _partnership(partnership_id: int) -> Partnership | None:
    found: Partnership | None = db.session.get(Partnership, partnership_id)
    return found


def item_url(slug: str, item: MinutesItem | Row[Any]) -> str:
    """Return the address of the § in its minutes."""
    anchor = f"punkt-{item.id}"
    return url_for("meetings.show_item", slug=slug, meeting_id=item.meeting_id, item_id=item.id, _anchor=anchor)


def measure_mentions(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    """Return measure id → the decisions behind it. A fixed number of queries."""
    links = db.session.execute(
        select(decision_measure.c.measure_id, decision_measure.c.decision_id).where(
            decision_measure.c.measure_id.in_(ids)
        )
    ).all()
    mentions = _decision_mentions(partnership_id, [row.decision_id for row in links], reader)
    found: dict[int, list[Mention]] = {}
    for measure_id, decision_id in links:
        if decision_id in mentions:
            found.setdefault(measure_id, []).append(mentions[decision_id])
    return found


def _decision_mentions(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    if not ids:
        return {}
    decisions = rows(queries.visible_decisions(partnership_id, reader).where(Decision.id.in_(ids)))
    slug = slug_by_id(partnership_id)
    return {
        one.text.decision.id: Mention(one.text.label, one.url(slug), one.on, kind="Beslut")
        for one in queries.labelled(partnership_id, reader, decisions)
    }


@prepared
def _items_of_lines(reader: Reader) -> Select[*tuple[Any, ...]]:
    return (
        select(MinutesItem.id, MinutesItem.meeting_id, MinutesItem.briefing_item_id, Meeting.kind, Meeting.starts_at)
        .join(MinutesItem.meeting)
        .where(Meeting.partnership_id == bindparam("partnership_id"), Meeting.state != MeetingState.CANCELLED)
        .where(MinutesItem.briefing_item_id.in_(bindparam("ids", expanding=True)), visible_to(MinutesItem, reader))
        .order_by(Meeting.starts_at)
    )


def briefing_item_mentions(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    """Return briefing item id → the agenda items that took it up. A fixed number of queries."""
    items = db.session.execute(_items_of_lines(reader), {"partnership_id": partnership_id, "ids": ids}).all()
    numbers = paragraph_numbers(partnership_id, sorted({item.meeting_id for item in items}))
    slug = slug_by_id(partnership_id) if items else ""
    found: dict[int, list[Mention]] = {}
    for item in items:
        on = local_day(item.starts_at)
        mention = Mention(item_label(item.kind, on, numbers[item.id]), item_url(slug, item), on, kind="Mötespunkt")
        found.setdefault(item.briefing_item_id, []).append(mention)
    return found


def _item_label(item: MinutesItem, number: int) -> str:
    return item_label(item.meeting.kind, local_day(item.meeting.starts_at), number)


def _visible_items(partnership_id: int, reader: Reader) -> Select[MinutesItem]:
    return (
        select(MinutesItem)
        .join(MinutesItem.meeting)
        .where(Meeting.partnership_id == partnership_id, Meeting.state != MeetingState.CANCELLED)
        .where(visible_to(MinutesItem, reader))
        .options(contains_eager(MinutesItem.meeting))
    )


def linkable_decisions(
    partnership_id: int, reader: Reader, first: date, last: date, ids: Sequence[int] | None = None
) -> list[tuple[int, str, str]]:
    """Return the decisions of the period that an assessment may rest on."""
    slug = slug_by_id(partnership_id)
    return [
        (one.text.decision.id, f"{one.text.label}: {one.text.text}", one.url(slug))
        for one in queries.decisions_in_period(partnership_id, reader, first, last, ids)
    ]


def meeting_names(partnership_id: int, ids: Sequence[int], _reader: Reader) -> dict[int, Mention]:
    """Return meeting id → its kind and day, and its page."""
    slug = slug_by_id(partnership_id)
    statement = select(Meeting.id, Meeting.kind, Meeting.starts_at).where(
        Meeting.partnership_id == partnership_id, Meeting.id.in_(ids)
    )
    return {
        row.id: Mention(meeting_title(row), url_for("meetings.show", slug=slug, meeting_id=row.id))
        for row in db.session.execute(statement)
    }


def item_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Return item id → its heading and meeting, and where it stands in the minutes."""
    slug = slug_by_id(partnership_id)
    statement = (
        select(MinutesItem.id, MinutesItem.meeting_id, MinutesItem.heading, Meeting.kind, Meeting.starts_at)
        .join(MinutesItem.meeting)
        .where(Meeting.partnership_id == partnership_id, MinutesItem.id.in_(ids), visible_to(MinutesItem, reader))
    )
    return {
        row.id: Mention(f"{meeting_title(row)}: {row.heading}", item_url(slug, row))
        for row in db.session.execute(statement)
    }


def meeting_title(meeting: Row[Any]) -> str:
    """Return "Strategiskt samverkansforum 21 oktober 2026"."""
    return f"{meeting.kind.label} {day(meeting.starts_at)}"


def decisions_of_goal(goal_id: int) -> set[int]:
    """Return the ids of the decisions that led to a measure that serves the goal. One query."""
    link = decision_measure.c
    serving = select(link.decision_id).join(measure_goal, measure_goal.c.measure_id == link.measure_id)
    return set(db.session.scalars(serving.where(measure_goal.c.goal_id == goal_id)))


def find_items(partnership_id: int, reader: Reader, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the items whose heading or text holds every word, the latest meeting first."""
    items = rows(
        _visible_items(partnership_id, reader)
        .where(contains(" ".join(words), MinutesItem.heading, MinutesItem.text))
        .order_by(Meeting.starts_at.desc(), MinutesItem.position)
        .limit(limit)
    )
    numbers = paragraph_numbers(partnership_id, sorted({item.meeting_id for item in items}))
    partnership = _partnership(partnership_id)
    if partnership is None:
        return []
    return [
        Hit(
            kind="Mötespunkt",
            title=f"{_item_label(item, numbers[item.id])}: {item.heading}",
            url=item_url(partnership.slug, item),
            text=item.text or "",
            at=item.meeting.starts_at,
            partnership=partnership.name,
        )
        for item in items
    ]


def find_decisions(partnership_id: int, reader: Reader, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the decisions whose text holds every word, the latest meeting first."""
    decisions = rows(
        queries.visible_decisions(partnership_id, reader)
        .where(contains(" ".join(words), Decision.text))
        .order_by(Meeting.starts_at.desc(), MinutesItem.position, Decision.number)
        .limit(limit)
    )
    partnership = _partnership(partnership_id)
    if partnership is None:
        return []
    return [
        Hit(
            kind="Beslut",
            title=one.text.label,
            url=one.url(partnership.slug),
            text=one.text.text,
            at=one.meeting.starts_at,
            partnership=partnership.name,
        )
        for one in queries.labelled(partnership_id, reader, decisions)
    ]


@prepared
def _held(reader: Reader) -> Select[*tuple[Any, ...]]:
    made = (
        select(func.count(Decision.id.distinct()))
        .join(Decision.item)
        .where(MinutesItem.meeting_id == Meeting.id, visible_to(MinutesItem, reader), visible_to(Decision, reader))
    )
    laid = (
        made.with_only_columns(func.count(Measure.id.distinct()))
        .join(decision_measure, decision_measure.c.decision_id == Decision.id)
        .join(Measure, Measure.id == decision_measure.c.measure_id)
        .where(visible_to(Measure, reader))
    )
    return (
        select(Meeting.id, Meeting.kind, Meeting.starts_at, Meeting.approved_at, Meeting.approved_by_function)
        .add_columns(Meeting.is_example)
        .add_columns(made.scalar_subquery().label("decisions"), laid.scalar_subquery().label("measures"))
        .where(Meeting.partnership_id == bindparam("partnership_id"), Meeting.state.in_(queries.HELD))
        .where(or_(in_window(Meeting.starts_at), in_window(Meeting.approved_at)))
        .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
        .limit(bindparam("most"))
    )


def _came_to(meeting: Row[Any]) -> str:
    """Return what a held meeting came to: "har hållits, 4 beslut och 5 åtgärder"."""
    if not meeting.decisions:
        return "har hållits"
    measures = f" och {count(meeting.measures, 'åtgärd', 'åtgärder')}" if meeting.measures else ""
    return f"har hållits, {meeting.decisions} beslut{measures}"


def held_lately(partnership_id: int, reader: Reader, window: Window) -> list[Hit]:
    """Return the meetings held last and those whose minutes were approved last, the latest first."""
    partnership = _partnership(partnership_id)
    if partnership is None or not reader.is_member:
        return []
    slug, name = partnership.slug, partnership.name
    hits = []
    for meeting in db.session.execute(_held(reader), window.values(partnership_id)):
        held = Hit(
            kind="Möte",
            title=meeting_title(meeting),
            url=url_for("meetings.show", slug=slug, meeting_id=meeting.id),
            text=_came_to(meeting),
            at=meeting.starts_at,
            partnership=name,
            is_example=meeting.is_example,
        )
        hits.append(held)
        if meeting.approved_at:
            text, by = "minnesanteckningarna är godkända", meeting.approved_by_function or ""
            hits.append(replace(held, text=text, at=meeting.approved_at, by=by, minor=True))
    hits.sort(key=lambda hit: hit.at, reverse=True)  # type: ignore[arg-type, return-value]
    return hits[: window.most]


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(20, "Möten", "meetings.index")
    registry.add_mentions("measure", measure_mentions)
    registry.add_mentions("briefing_item", briefing_item_mentions)
    registry.linkables["decision"] = linkable_decisions
    registry.names["meeting"] = meeting_names
    registry.names["minutes_item"] = item_names
    registry.tied_to_goal["decision"] = decisions_of_goal
    registry.searches["minutes_items"] = find_items
    registry.searches["decisions"] = find_decisions
    registry.feeds["meetings"] = held_lately
    registry.questions["lines_taken_up"] = queries.taken_up
    registry.mail_topics[mail.TOPIC] = mail.TOPIC_OF_MINUTES
    registry.daily_tasks["meetings_ahead"] = series.all_ahead
