"""What the room tells the registry: its tab, the decisions behind measures, and how minutes are found."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from platssamverkan.core.db import db, first_of_each, prepared, rows
from platssamverkan.core.formatting import count, day, local_day
from platssamverkan.core.registry import Hit, Mention, Registry, Window, in_window
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, Readers, in_each, visible_to
from platssamverkan.measures.models import Measure, measure_goal
from platssamverkan.meetings import mail, queries, series
from platssamverkan.meetings.models import Decision, Meeting, MeetingState, MinutesItem, decision_measure
from platssamverkan.meetings.paragraphs import decision_label, item_label, paragraph_numbers
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.queries import slug_by_id


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
    numbers = paragraph_numbers({item.meeting_id for item in items})
    slug = slug_by_id(partnership_id) if items else ""
    found: dict[int, list[Mention]] = {}
    for item in items:
        on = local_day(item.starts_at)
        mention = Mention(item_label(item.kind, on, numbers[item.id]), item_url(slug, item), on, kind="Mötespunkt")
        found.setdefault(item.briefing_item_id, []).append(mention)
    return found


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


def find_items(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the items whose heading or text holds every word, the latest meeting first."""
    statement = (
        select(MinutesItem.id, MinutesItem.meeting_id, MinutesItem.heading, MinutesItem.text)
        .add_columns(Meeting.partnership_id, Meeting.kind, Meeting.starts_at, Partnership.slug)
        .join(MinutesItem.meeting)
        .join(Meeting.partnership)
        .where(Meeting.state != MeetingState.CANCELLED)
        .where(in_each(readers, Meeting.partnership_id, lambda reader: visible_to(MinutesItem, reader)))
        .where(contains(" ".join(words), MinutesItem.heading, MinutesItem.text))
    )
    order = Meeting.starts_at.desc(), MinutesItem.position
    latest = first_of_each(statement, MinutesItem.id, Meeting.partnership_id, *order, most=limit)
    items = db.session.execute(latest).all()
    numbers = paragraph_numbers({item.meeting_id for item in items})
    return [
        Hit(
            kind="Mötespunkt",
            title=f"{item_label(item.kind, local_day(item.starts_at), numbers[item.id])}: {item.heading}",
            url=item_url(item.slug, item),
            text=item.text or "",
            at=item.starts_at,
            partnership_id=item.partnership_id,
        )
        for item in items
    ]


def find_decisions(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the decisions whose text holds every word, the latest meeting first."""
    # A decision may be read in more partnerships than the one that made it.
    read_in = aliased(Partnership)
    statement = (
        select(Decision.id, Decision.number, Decision.text, Decision.item_id, MinutesItem.meeting_id)
        .add_columns(Meeting.kind, Meeting.starts_at, Meeting.partnership_id, Partnership.name.label("made_in"))
        .add_columns(read_in.id.label("read_in_id"), read_in.slug)
        .join(Decision.item)
        .join(MinutesItem.meeting)
        .join(Meeting.partnership)
        .join(read_in, read_in.id.in_(readers))
        .where(in_each(readers, read_in.id, lambda reader: queries.in_sight(read_in.id, reader)))
        .where(contains(" ".join(words), Decision.text))
    )
    order = Meeting.starts_at.desc(), MinutesItem.position, Decision.number
    decisions = db.session.execute(first_of_each(statement, Decision.id, read_in.id, *order, most=limit)).all()
    numbers = paragraph_numbers({row.meeting_id for row in decisions})
    hits = []
    for row in decisions:
        elsewhere = row.read_in_id != row.partnership_id
        named = numbers[row.item_id], row.number, row.made_in if elsewhere else None
        hit = Hit(
            kind="Beslut",
            title=decision_label(row.kind, local_day(row.starts_at), *named),
            url=queries.decision_url(row.slug, row.id, row.item_id, row.meeting_id, elsewhere=elsewhere),
            text=row.text,
            at=row.starts_at,
            partnership_id=row.read_in_id,
        )
        hits.append(hit)
    return hits


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
    if not reader.is_member:
        return []
    slug = slug_by_id(partnership_id)
    hits = []
    for meeting in db.session.execute(_held(reader), window.values(partnership_id)):
        held = Hit(
            kind="Möte",
            title=meeting_title(meeting),
            url=url_for("meetings.show", slug=slug, meeting_id=meeting.id),
            text=_came_to(meeting),
            at=meeting.starts_at,
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
