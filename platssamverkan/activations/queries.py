"""What the room's pages and other rooms read of platsaktivering. An event reaches every partnership that covers its
place or what the place is part of, as far as its visibility allows (DOMAIN 9, R7)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import ColumnElement, Row, Select, bindparam, case, exists, func, select, true
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.activations.models import ActivationEvent, EventStatus, EventType, OrganisationRole, activation_goal
from platssamverkan.actors.models import Actor
from platssamverkan.core import clock, formatting
from platssamverkan.core.db import db, prepared, related_or_404, rows, swedish
from platssamverkan.core.sources import Source
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, Visibility, visible_to
from platssamverkan.goals.models import Goal, GoalLevel
from platssamverkan.goals.queries import goal_choices
from platssamverkan.partnerships.models import Membership, Partnership, RoleGrant
from platssamverkan.partnerships.queries import covered_places
from platssamverkan.places.models import Place

#: What took place or is to; what was cancelled is asked for by name.
GOING_AHEAD = (EventStatus.PLANNED, EventStatus.HELD)
#: Goals that an event may be said to serve.
GOAL_LEVELS = (GoalLevel.OVERALL, GoalLevel.DIRECTION)
_LOADED = (
    joinedload(ActivationEvent.place),
    joinedload(ActivationEvent.organiser),
)


class EventRow(NamedTuple):
    """An event as lists, calendars and the overview tell of it."""

    id: int
    partnership_id: int
    title: str
    type: EventType
    starts_at: datetime
    ends_at: datetime
    spot: str | None
    status: EventStatus
    visitor_count: int | None
    visibility: Visibility
    is_example: bool
    #: The names of the place and of the actor behind it.
    place: str
    organiser: str


def standing(event: ActivationEvent | EventRow | Row[Any], at: datetime) -> str:
    """Return where the event stands at the moment `at`: its status, "now" while it goes on, and "unanswered" when it is
    over and nobody has said whether it took place."""
    if event.status is not EventStatus.CANCELLED and event.starts_at <= at < event.ends_at:
        return "now"
    if event.status is EventStatus.PLANNED and event.ends_at <= at:
        return "unanswered"
    return event.status.value


@prepared
def event_rows() -> "Select[*tuple[Any, ...]]":
    """Return the select of an EventRow for every event, whoever may know of it, unordered."""
    own = [getattr(ActivationEvent, name) for name in EventRow._fields[:-2]]
    return (
        select(*own, Place.name.label("place"), Actor.name.label("organiser"))
        .join(Place, Place.id == ActivationEvent.place_id)
        .join(Actor, Actor.id == ActivationEvent.organiser_id)
    )


def in_reach() -> ColumnElement[bool]:
    """Return the condition that an event was logged in a partnership or happens at a place it covers.

    It takes `partnership_id`.
    """
    # A choice, not "or": databases then walk the events in the order of time and stop when they have enough, where
    # they would else gather all of the partnership's by two indexes and sort them.
    at_its_places = ActivationEvent.place_id.in_(covered_places())
    return case((ActivationEvent.partnership_id == bindparam("partnership_id"), true()), else_=at_its_places)


@prepared
def event_rows_here(reader: Reader) -> "Select[*tuple[Any, ...]]":
    """Return the select of an EventRow for every event that reaches a partnership and that the reader may know of
    there, unordered; takes `partnership_id`."""
    return event_rows().where(visible_to(ActivationEvent, reader), in_reach())


def events(statement: "Select[*tuple[Any, ...]]", **values: object) -> list[EventRow]:
    """Return the rows of a select made on `event_rows`, with `values` as its bound parameters."""
    return [EventRow._make(row) for row in db.session.execute(statement, values)]


@prepared
def _event(reader: Reader) -> "Select[*tuple[Any, ...]]":
    return (
        select(ActivationEvent, Place, Actor, Source)
        .join(Place, Place.id == ActivationEvent.place_id)
        .join(Actor, Actor.id == ActivationEvent.organiser_id)
        .outerjoin(Source, Source.id == ActivationEvent.source_id)
        .where(ActivationEvent.id == bindparam("event_id"), in_reach(), visible_to(ActivationEvent, reader))
    )


def event_page(event_id: int, partnership_id: int, reader: Reader) -> ActivationEvent:
    """Return the event with place, organiser and source; 404 when it does not reach the partnership or the reader.

    One query.
    """
    values = {"partnership_id": partnership_id, "event_id": event_id}
    event: ActivationEvent = related_or_404(_event(reader), "place", "organiser", "source", **values)
    return event


def event_with_goals(event_id: int, partnership_id: int, reader: Reader) -> ActivationEvent:
    """Return the event as `event_page` does, with all the goals that it serves. Two queries."""
    event = event_page(event_id, partnership_id, reader)
    goals = select(Goal).join(activation_goal).where(activation_goal.c.activation_event_id == event_id)
    set_committed_value(event, "goals", rows(goals.order_by(Goal.number)))
    return event


@prepared
def _goal_ids() -> "Select[int]":
    return select(activation_goal.c.goal_id).where(activation_goal.c.activation_event_id == bindparam("event_id"))


def goal_ids(event_id: int) -> list[int]:
    """Return the ids of all the goals that the event serves, whoever may read them. One query."""
    return rows(_goal_ids(), event_id=event_id)


@prepared
def _ahead(reader: Reader) -> "Select[*tuple[Any, ...]]":
    return (
        event_rows_here(reader)
        .where(ActivationEvent.starts_at < bindparam("end"), ActivationEvent.ends_at > bindparam("start"))
        .where(ActivationEvent.status.in_(GOING_AHEAD))
        .order_by(ActivationEvent.starts_at, ActivationEvent.id)
    )


def events_ahead(partnership_id: int, reader: Reader, start: datetime, end: datetime) -> list[EventRow]:
    """Return what goes ahead at any time from `start` up to `end` at all places that the partnership covers, in the
    order it begins. One query."""
    return events(_ahead(reader), partnership_id=partnership_id, start=start, end=end)


def events_in_period(
    partnership_id: int, reader: Reader, first: date, last: date, statuses: Sequence[EventStatus] = tuple(EventStatus)
) -> list[ActivationEvent]:
    """Return the events that begin from local `first` to `last`, for the report; in time order, with goals."""
    start, end = clock.day_bounds(first, last)
    statement = (
        select(ActivationEvent)
        .where(in_reach(), visible_to(ActivationEvent, reader))
        .where(ActivationEvent.starts_at >= start, ActivationEvent.starts_at < end)
        .where(ActivationEvent.status.in_(statuses))
        .order_by(ActivationEvent.starts_at, ActivationEvent.id)
        .options(*_LOADED, selectinload(ActivationEvent.goals))
    )
    return rows(statement, partnership_id=partnership_id)


@prepared
def _not_over(reader: Reader) -> "Select[*tuple[Any, ...]]":
    return (
        event_rows_here(reader)
        .where(ActivationEvent.ends_at > bindparam("at"), ActivationEvent.status.in_(GOING_AHEAD))
        .order_by(ActivationEvent.starts_at, ActivationEvent.id)
        .limit(2)
    )


def now_and_next(partnership_id: int, reader: Reader, at: datetime) -> list[EventRow]:
    """Return what goes on at the moment `at`, else what begins next, and what comes after it; fewer than two when
    nothing more is planned. One query."""
    return events(_not_over(reader), partnership_id=partnership_id, at=at)


@prepared
def _roles() -> "Select[OrganisationRole]":
    return (
        select(OrganisationRole)
        .where(OrganisationRole.partnership_id == bindparam("partnership_id"))
        .order_by(OrganisationRole.id)
        .options(joinedload(OrganisationRole.source))
    )


def organisation_roles(partnership_id: int) -> list[OrganisationRole]:
    """Return the roles of the organisation behind the events, in the order they were entered, with their sources."""
    return rows(_roles(), partnership_id=partnership_id)


@dataclass(frozen=True)
class Home:
    """The partnership in which an event was logged; `slug` only when the user is a member there."""

    name: str
    slug: str | None


def homes(partnership_ids: Collection[int], user_id: int | None) -> dict[int, Home]:
    """Return partnership id → its name, and its slug for those that the user takes part in. One query."""
    if not partnership_ids:
        return {}
    member = (
        exists()
        .where(RoleGrant.membership_id == Membership.id, RoleGrant.user_id == user_id)
        .where(Membership.partnership_id == Partnership.id)
        .where(Membership.takes_part_on(clock.today()))
    )
    statement = select(Partnership.id, Partnership.name, Partnership.slug, member).where(
        Partnership.id.in_(sorted(partnership_ids))
    )
    return {
        row_id: Home(name, slug if is_member else None)
        for row_id, name, slug, is_member in db.session.execute(statement)
    }


@prepared
def _organisers(reader: Reader) -> "Select[*tuple[Any, ...]]":
    has_event = exists().where(
        ActivationEvent.organiser_id == Actor.id, in_reach(), visible_to(ActivationEvent, reader)
    )
    return select(Actor.id, Actor.name).where(has_event).order_by(swedish(Actor.name))


def _filters(partnership_id: int, reader: Reader) -> list[Filter]:
    organisers = db.session.execute(_organisers(reader), {"partnership_id": partnership_id})
    choices = goal_choices(partnership_id, GOAL_LEVELS, reader=reader)
    goals = [(str(goal_id), label) for goal_id, label in choices]
    return [
        Filter("text", "Sök i texten", _words, kind="text"),
        Filter("typ", "Typ", lambda value: ActivationEvent.type == EventType(value), choices=EventType.choices()),
        Filter(
            "status", "Läge", lambda value: ActivationEvent.status == EventStatus(value),
            choices=EventStatus.choices(),
        ),
        Filter(
            "arrangor", "Arrangör", lambda value: ActivationEvent.organiser_id == int(value),
            choices=[(str(actor_id), name) for actor_id, name in organisers],
        ),
        Filter("mal", "Mål", lambda value: ActivationEvent.goals.any(Goal.id == int(value)), choices=goals),
        Filter("fran", "Från och med", lambda on: ActivationEvent.ends_at > clock.day_bounds(on, on)[0], kind="date"),
        Filter("till", "Till och med", lambda on: ActivationEvent.starts_at < clock.day_bounds(on, on)[1], kind="date"),
    ]  # fmt: skip


def _words(text: str) -> ColumnElement[bool]:
    return contains(text, ActivationEvent.title, ActivationEvent.spot, ActivationEvent.note)


@prepared
def _whole_events(reader: Reader) -> "Select[Any]":
    return (
        select(ActivationEvent)
        .join(ActivationEvent.place)
        .join(ActivationEvent.organiser)
        .where(in_reach(), visible_to(ActivationEvent, reader))
        .options(
            contains_eager(ActivationEvent.place),
            contains_eager(ActivationEvent.organiser),
            selectinload(ActivationEvent.goals),
        )
    )


def event_list(partnership_id: int, reader: Reader, *, whole: bool = False) -> tuple["Select[Any]", ListSpec]:
    """Return the statement and the shape of the list of all events that reach the partnership and the reader, as
    EventRows; with `whole`, as events with place, organiser and goals, for the file. The
    statement takes `partnership_id`."""
    statement = _whole_events(reader) if whole else event_rows_here(reader)
    spec = ListSpec(
        id="events",
        noun_singular="platsaktivering",
        noun_plural="platsaktiveringar",
        columns=[
            Column("titel", "Vad", func.lower(ActivationEvent.title), value=lambda row: row.title),
            Column("typ", "Typ", ActivationEvent.type, value=lambda row: row.type.label),
            Column("dag", "När", ActivationEvent.starts_at, value=_when),
            Column("plats", "Plats", func.lower(Place.name), value=_where),
            Column("arrangor", "Arrangör", func.lower(Actor.name), value=lambda row: row.organiser),
            Column("status", "Läge", ActivationEvent.status, value=lambda row: row.status.label),
            Column(
                "antal", "Räknade besök", ActivationEvent.visitor_count, numeric=True,
                value=lambda row: formatting.small_count(row.visitor_count),
            ),
        ],
        filters=_filters(partnership_id, reader),
        default_sort="dag",
        default_descending=True,
        tie=ActivationEvent.id,
    )  # fmt: skip
    return statement, spec


def _when(event: EventRow) -> str:
    return f"{clock.to_local(event.starts_at).date().isoformat()} {formatting.span(event.starts_at, event.ends_at)}"


def _where(event: EventRow) -> str:
    return f"{event.place}, {event.spot}" if event.spot else event.place


def event_url(event_id: int, slug: str) -> str:
    """Return the address of the event's page in the partnership with this slug."""
    return url_for("activations.show", slug=slug, event_id=event_id)
