"""What the room tells the registry."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, or_, select

from platssamverkan.activations import across, queries
from platssamverkan.activations.models import ActivationEvent, EventStatus, activation_goal
from platssamverkan.core import clock, formatting
from platssamverkan.core.db import db, first_of_each, prepared
from platssamverkan.core.registry import Hit, Mention, Registry, Window, in_window
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, Readers, visible_to
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.queries import slug_by_id

#: How many of a goal's events its page tells of; the list has them all.
EVENTS_OF_A_GOAL = 10


@prepared
def _offered(reader: Reader, *, by_id: bool) -> Select[*tuple[Any, ...]]:
    statement = (
        queries.event_rows_here(reader)
        .where(ActivationEvent.starts_at < bindparam("end"), ActivationEvent.ends_at > bindparam("start"))
        .order_by(ActivationEvent.starts_at, ActivationEvent.id)
    )
    if by_id:
        # What an assessment rests on is told of also when it was cancelled later.
        return statement.where(ActivationEvent.id.in_(bindparam("ids", expanding=True)))
    return statement.where(ActivationEvent.status.in_(queries.GOING_AHEAD))


def _linkable(
    partnership_id: int, reader: Reader, first: date, last: date, ids: Sequence[int] | None = None
) -> list[tuple[int, str, str]]:
    slug = slug_by_id(partnership_id)
    start, end = clock.day_bounds(first, last)
    values = {"partnership_id": partnership_id, "start": start, "end": end} | ({} if ids is None else {"ids": ids})
    return [
        (event.id, _label(event), queries.event_url(event.id, slug))
        for event in queries.events(_offered(reader, by_id=ids is not None), **values)
    ]


def _label(event: queries.EventRow) -> str:
    """Return "Kvällsdans, 2 oktober 2026", with the status of what has not been held: an assessment may rest on it."""
    status = "" if event.status is EventStatus.HELD else f", {event.status.label.lower()}"
    return f"{event.title}, {formatting.day(event.starts_at)}{status}"


def _tied_to_goal(goal_id: int) -> set[int]:
    serving = select(activation_goal.c.activation_event_id).where(activation_goal.c.goal_id == goal_id)
    return set(db.session.scalars(serving))


@prepared
def _latest_of_goals(reader: Reader, *, only_one: bool) -> Select[*tuple[Any, ...]]:
    newest = ActivationEvent.starts_at.desc(), ActivationEvent.id.desc()
    goal_id = activation_goal.c.goal_id
    columns = ActivationEvent.id, ActivationEvent.title, ActivationEvent.starts_at
    serving = (
        select(goal_id, *columns)
        .join(ActivationEvent, ActivationEvent.id == activation_goal.c.activation_event_id)
        .where(goal_id.in_(bindparam("goal_ids", expanding=True)), visible_to(ActivationEvent, reader))
        .where(ActivationEvent.partnership_id == bindparam("partnership_id"))
        .where(ActivationEvent.status.in_(queries.GOING_AHEAD))
    )
    if only_one:
        # Walks the partnership's events from the latest and stops at the last wanted, where ranking reads them all.
        return serving.order_by(*newest).limit(EVENTS_OF_A_GOAL)
    place = func.row_number().over(partition_by=goal_id, order_by=newest)
    ranked = serving.with_only_columns(goal_id, ActivationEvent.id, place.label("place")).subquery()
    return (
        select(ranked.c.goal_id, *columns)
        .join(ranked, ActivationEvent.id == ranked.c.id)
        .where(ranked.c.place <= EVENTS_OF_A_GOAL)
    )


def _of_goals(partnership_id: int, goal_ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    slug = slug_by_id(partnership_id)
    found: dict[int, list[Mention]] = {}
    values = {"partnership_id": partnership_id, "goal_ids": list(goal_ids)}
    for event in db.session.execute(_latest_of_goals(reader, only_one=len(goal_ids) == 1), values):
        on = clock.to_local(event.starts_at).date()
        mention = Mention(event.title, queries.event_url(event.id, slug), on, "Platsaktivering")
        found.setdefault(event.goal_id, []).append(mention)
    return found


def _hit(event: queries.EventRow | Row[Any], slug: str) -> Hit:
    visits = event.visitor_count if event.status is EventStatus.HELD else None
    told = f", {formatting.count(visits, 'räknat besök', 'räknade besök')}" if visits is not None else ""
    is_unanswered = queries.standing(event, clock.now()) == "unanswered"
    if is_unanswered:
        told = ", besked saknas om den blev av"
    return Hit(
        kind="Platsaktivering",
        title=event.title,
        url=queries.event_url(event.id, slug),
        text=f"{event.place}, {event.status.label.lower()}{told}",
        at=event.starts_at,
        by=event.organiser,
        minor=is_unanswered or event.status is EventStatus.CANCELLED,
    )


def _search(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    held = contains(" ".join(words), ActivationEvent.title, ActivationEvent.spot, ActivationEvent.note)
    order = ActivationEvent.starts_at.desc(), ActivationEvent.id
    latest = first_of_each(across.reaching(readers).where(held), ActivationEvent.id, Partnership.id, *order, most=limit)
    return [replace(_hit(event, event.slug), partnership_id=event.reached_id) for event in db.session.execute(latest)]


@prepared
def _happened(reader: Reader) -> Select[*tuple[Any, ...]]:
    return (
        queries.event_rows_here(reader)
        .where(ActivationEvent.starts_at <= bindparam("now"))
        .where(or_(ActivationEvent.status != EventStatus.PLANNED, ActivationEvent.ends_at <= bindparam("now")))
        .where(in_window(ActivationEvent.starts_at))
        .order_by(ActivationEvent.starts_at.desc(), ActivationEvent.id)
        .limit(bindparam("most"))
    )


def _feed(partnership_id: int, reader: Reader, window: Window) -> list[Hit]:
    slug = slug_by_id(partnership_id)
    happened = queries.events(_happened(reader), now=clock.now(), **window.values(partnership_id))
    return [_hit(event, slug) for event in happened]


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(40, "Platsaktivering", "activations.index")
    registry.linkables["activation_event"] = _linkable
    registry.tied_to_goal["activation_event"] = _tied_to_goal
    registry.add_mentions("goal", _of_goals)
    registry.searches["Platsaktiveringar"] = _search
    registry.feeds["Platsaktiveringar"] = _feed
    registry.questions["events_ahead"] = queries.events_ahead
