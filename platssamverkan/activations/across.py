"""Events of several partnerships at once, each as far as its own reader may know of it."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, or_, true, tuple_

from platssamverkan.activations.models import ActivationEvent, EventStatus
from platssamverkan.activations.queries import EventRow, event_rows, events
from platssamverkan.core import clock
from platssamverkan.core.db import db, swedish
from platssamverkan.core.visibility import Readers, in_each, visible_to
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.queries import covered_by_each
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import Workspace


def reaching(readers: Readers) -> "Select[*tuple[Any, ...]]":
    """Return the select of the events that reach any of the partnerships and that its reader may know of there,
    unordered. One row for each partnership reached: an EventRow with its id, name and slug (`reached_id`, `reached`,
    `slug`)."""
    at_its_places = tuple_(Partnership.id, ActivationEvent.place_id).in_(covered_by_each(readers))
    return (
        event_rows()
        .add_columns(Partnership.id.label("reached_id"), Partnership.name.label("reached"), Partnership.slug)
        .join(Partnership, or_(Partnership.id == ActivationEvent.partnership_id, at_its_places))
        .where(in_each(readers, Partnership.id, lambda reader: visible_to(ActivationEvent, reader)))
    )


def events_between(readers: Readers, first: date, last: date) -> list[Row[Any]]:
    """Return all events that last at any time from local `first` to `last`, the cancelled too, as `reaching` gives
    them, by the partnership's name and in the order they begin, for a calendar. One query."""
    start, end = clock.day_bounds(first, last)
    in_time = ActivationEvent.starts_at < end, ActivationEvent.ends_at > start
    order = swedish(Partnership.name), Partnership.id, ActivationEvent.starts_at, ActivationEvent.id
    return list(db.session.execute(reaching(readers).where(*in_time).order_by(*order)))


def unanswered(workspaces: Collection[Workspace], at: datetime, limit: int = 10) -> list[EventRow]:
    """Return the planned events that were over at the moment `at`, the latest first, of those that the user of the
    workspaces may say the outcome of: the own actors', and all where the user runs the partnership. One query."""
    allowed = []
    for workspace in workspaces:
        own = [actor_id for actor_id, _ in workspace.actors_with(Permission.LOG_ACTIVATION)]
        runs_it = workspace.allows(Permission.MANAGE_PARTNERSHIP)
        if runs_it or own:
            whose = true() if runs_it else ActivationEvent.organiser_id.in_(own)
            here = ActivationEvent.partnership_id == workspace.partnership.id
            allowed.append(and_(here, visible_to(ActivationEvent, workspace.reader), whose))
    if not allowed:
        return []
    is_over = ActivationEvent.status == EventStatus.PLANNED, ActivationEvent.ends_at <= at
    newest = ActivationEvent.ends_at.desc(), ActivationEvent.id
    return events(event_rows().where(or_(*allowed), *is_over).order_by(*newest).limit(limit))
