"""What happens to platsaktiveringar: logged, changed, held, cancelled, taken away. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from platssamverkan.activations.models import ActivationEvent, EventStatus, EventType
from platssamverkan.core import clock
from platssamverkan.core.columns import touch
from platssamverkan.core.db import db, rows
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.assessment_queries import is_evidence
from platssamverkan.goals.models import Goal
from platssamverkan.partnerships.queries import covering


@dataclass(frozen=True)
class Details:
    """What is said of an event."""

    title: str
    type: EventType
    place_id: int
    spot: str | None
    starts_at: datetime
    ends_at: datetime
    organiser_id: int
    goal_ids: Sequence[int]
    visitor_count: int | None
    count_method: str | None
    note: str | None
    visibility: Visibility


def status_by_time(starts_at: datetime, now: datetime) -> EventStatus:
    """Return planned for what is to come and held for what has begun, until someone says otherwise."""
    return EventStatus.PLANNED if starts_at > now else EventStatus.HELD


def _write(event: ActivationEvent, details: Details) -> None:
    for name in (
        "title", "type", "place_id", "spot", "starts_at", "ends_at", "organiser_id", "visitor_count", "count_method",
        "note", "visibility",
    ):  # fmt: skip
        setattr(event, name, getattr(details, name))
    wanted = select(Goal).where(Goal.id.in_(details.goal_ids), Goal.partnership_id == event.partnership_id)
    event.goals = rows(wanted.order_by(Goal.id)) if details.goal_ids else []


def log_event(
    *, partnership_id: int, owner_actor_id: int, details: Details, status: EventStatus | None, now: datetime
) -> ActivationEvent:
    """Return the new event, flushed. Without a `status` the time decides whether it is planned or held."""
    new = [(details, status)]
    return log_events(new, partnership_id=partnership_id, owner_actor_id=owner_actor_id, now=now)[0]


def log_events(
    new: Sequence[tuple[Details, EventStatus | None]], *, partnership_id: int, owner_actor_id: int, now: datetime
) -> list[ActivationEvent]:
    """Return the new events, in as few statements as one. Else as `log_event`."""
    events = []
    for details, status in new:
        event = ActivationEvent(
            partnership_id=partnership_id,
            owner_actor_id=owner_actor_id,
            status=status or status_by_time(details.starts_at, now),
        )
        _write(event, details)
        events.append(event)
    db.session.add_all(events)
    db.session.flush()
    return events


def change_event(
    event: ActivationEvent, *, version: int | None, details: Details, status: EventStatus | None, now: datetime
) -> None:
    """Write the details; the goals of `event` must be loaded.

    :raises EditConflict: when someone saved after the form was made
    """
    check_version(event, version)
    if event.status is not EventStatus.CANCELLED:
        event.status = status or status_by_time(details.starts_at, now)
    before = set(event.goals)
    _write(event, details)
    if set(event.goals) != before:
        touch(event)


def check_planned(event: ActivationEvent) -> None:
    """Raise `DomainError` unless the event is planned: nothing else can be cancelled."""
    if event.status is not EventStatus.PLANNED:
        raise DomainError("Bara en planerad platsaktivering kan ställas in.")


def cancel_event(event: ActivationEvent, *, version: int | None, reason: str) -> None:
    """Cancel what was planned, with the reason.

    :raises DomainError: when the event was held or is cancelled already
    """
    check_version(event, version)
    check_planned(event)
    event.status = EventStatus.CANCELLED
    event.cancel_reason = reason


def reinstate_event(event: ActivationEvent) -> None:
    """Plan again what was cancelled.

    :raises DomainError: when it is not cancelled
    """
    if event.status is not EventStatus.CANCELLED:
        raise DomainError("Platsaktiveringen är inte inställd.")
    event.status = EventStatus.PLANNED
    event.cancel_reason = None


def check_begun(event: ActivationEvent, now: datetime) -> None:
    """Raise `DomainError` before the event has begun, or when it is cancelled: it cannot have taken place."""
    if event.status is EventStatus.CANCELLED:
        raise DomainError("Platsaktiveringen är inställd. Ångra inställningen först.")
    if event.starts_at > now:
        raise DomainError("Platsaktiveringen har inte börjat än.")


def hold_event(
    event: ActivationEvent, *, version: int | None, visitor_count: int | None, count_method: str | None, now: datetime
) -> None:
    """Note that the event took place, with the count if someone counted.

    :raises DomainError: before it has begun, or when it is cancelled
    """
    check_version(event, version)
    check_begun(event, now)
    event.status = EventStatus.HELD
    event.visitor_count = visitor_count
    event.count_method = count_method


def is_removable(event: ActivationEvent) -> bool:
    """Say whether the event may be taken away: planned, and no assessment rests on it and no issued report tells of its
    day, here or in a partnership that it reaches, whoever may read it. Four queries."""
    if event.status is not EventStatus.PLANNED or is_evidence("activation_event", event.id):
        return False
    reached = covering(event.place_id) | {event.partnership_id}
    return not registry.ask("has_issued_report", reached, clock.to_local(event.starts_at).date())


def remove_event(event: ActivationEvent) -> None:
    """Take away an event that was planned by mistake; the goals of `event` must be loaded.

    :raises DomainError: when it was held or cancelled, or when an assessment or an issued report rests on it
    """
    if event.status is not EventStatus.PLANNED:
        raise DomainError("Bara en planerad platsaktivering kan tas bort. Det som har hänt står kvar.")
    if not is_removable(event):
        raise DomainError("En bedömning eller utfärdad rapport vilar på platsaktiveringen. Ställ in den i stället.")
    db.session.delete(event)
