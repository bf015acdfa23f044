"""Between the form of an event and the event: who may change it and what the form holds."""

from datetime import timedelta
from typing import Any

from flask import abort, request

from platssamverkan.activations import queries, services
from platssamverkan.activations.forms import EventEditForm, EventForm, ends_at_night
from platssamverkan.activations.models import ActivationEvent, EventStatus
from platssamverkan.core import clock
from platssamverkan.core.fields import named
from platssamverkan.core.formatting import moment
from platssamverkan.core.registry import Mention, registry
from platssamverkan.goals.queries import goal_choices
from platssamverkan.partnerships.queries import actor_choices, place_choices
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace


def may_change(event: ActivationEvent) -> bool:
    """Say whether the user may change the event: the own actor's, or any for the coordinator."""
    return current_workspace().may_change(
        event.organiser_id, everything=Permission.MANAGE_PARTNERSHIP, own=Permission.LOG_ACTIVATION
    )


def own_event(event_id: int) -> ActivationEvent:
    """Return the event to be changed; 404 when it is not to be seen, 403 when it is another's or logged elsewhere."""
    workspace = current_workspace()
    event = queries.event_with_goals(event_id, workspace.partnership.id, workspace.reader)
    if event.partnership_id != workspace.partnership.id or not may_change(event):
        abort(403)
    return event


def mentions(event_id: int) -> list[Mention]:
    """Return where the event is spoken of, as far as the user may see."""
    workspace = current_workspace()
    found = registry.mentions_of("activation_event", workspace.partnership.id, [event_id], workspace.reader)
    return found[event_id]


def organiser_choices() -> list[tuple[int, str]]:
    """Return the actors that the user may log for."""
    workspace = current_workspace()
    if workspace.allows(Permission.MANAGE_PARTNERSHIP):
        return actor_choices(workspace.partnership.id)
    return workspace.actors_with(Permission.LOG_ACTIVATION)


def offer_choices(form: EventForm, event: ActivationEvent | None = None) -> None:
    """Set what can be chosen in the form, the organiser aside."""
    workspace = current_workspace()
    form.now = clock.now()
    places = place_choices(workspace.partnership.id)
    form.place_id.offer(places, kept=named(event.place) if event else ())
    if len(places) == 1 and not form.is_submitted() and form.place_id.data is None:
        form.place_id.data = places[0][0]
    # Cancelling asks for a reason and has a page of its own.
    form.status.choices = [choice for choice in form.status.choices if choice.value != EventStatus.CANCELLED]
    kept = [goal.id for goal in event.goals] if event else []
    goals = goal_choices(workspace.partnership.id, queries.GOAL_LEVELS, reader=workspace.reader, include=kept)
    if goals:
        form.goal_ids.offer(goals)
    else:
        del form.goal_ids
    form.visibility.offer(workspace.visibilities(event.owner_actor_id if event else None))


def new_form(values: dict[str, Any]) -> EventForm:
    """Return the form for a new event with `values` filled in; a participant logs for the own actor only."""
    form = EventForm(data=values)
    offer_choices(form)
    form.organiser_id.offer(organiser_choices())
    _keep_organiser(form, current_workspace().actor.id)
    return form


def _keep_organiser(form: EventForm, actor_id: int) -> None:
    # With one actor to choose from the field is not shown.
    if form.is_submitted() and "organiser_id" not in request.form:
        form.organiser_id.data = actor_id


def saved_words(event: ActivationEvent, form: EventForm) -> str:
    """Return what is said when the event is saved: also when it ends, where the form did not name that day."""
    night = f" Den slutar natten efter, {moment(event.ends_at)}." if form.goes_on_at_night() else ""
    return f"{event.title} är sparad.{night}"


def edit_form(event: ActivationEvent, values: dict[str, Any]) -> EventEditForm:
    """Return the form for an event as it stands; a cancelled one keeps its status."""
    form = EventEditForm(data={"version": event.version, **values})
    offer_choices(form, event)
    form.organiser_id.offer(organiser_choices(), kept=named(event.organiser))
    _keep_organiser(form, event.organiser_id)
    if event.status is EventStatus.CANCELLED:
        del form.status
    return form


def values_of(event: ActivationEvent) -> dict[str, Any]:
    """Return what the form's fields hold for the event."""
    starts, ends = clock.to_local(event.starts_at), clock.to_local(event.ends_at)
    details = services.Details.__dataclass_fields__
    values: dict[str, Any] = {name: getattr(event, name) for name in details if hasattr(event, name)}
    # Midnight ends the day before it, as the form reads it.
    last_day = (ends - timedelta(microseconds=1)).date()
    days = (last_day - starts.date()).days
    needs_no_day = days == 0 or (days == 1 and ends_at_night(starts.time(), ends.time()))
    return {
        **values,
        "status": None if event.status is EventStatus.CANCELLED else event.status,
        "day": starts.date(),
        "starts": starts.time(),
        "ends": ends.time(),
        "last_day": None if needs_no_day else last_day,
        "goal_ids": [goal.id for goal in event.goals],
        "version": event.version,
    }


def details_of(form: EventForm, event: ActivationEvent | None = None) -> services.Details:
    """Return what a form that holds says of the event; goals that the user was not offered stay on it."""
    offered = {choice.value for choice in form.goal_ids.choices} if "goal_ids" in form else set()
    kept = [goal.id for goal in event.goals if goal.id not in offered] if event else []
    chosen = form.goal_ids.data or [] if "goal_ids" in form else []
    return services.Details(
        title=form.title.data,
        type=form.type.data,
        place_id=form.place_id.data,
        spot=form.spot.data or None,
        starts_at=form.begins(),
        ends_at=form.finishes(),
        organiser_id=form.organiser_id.data,
        goal_ids=[*chosen, *kept],
        visitor_count=form.visitor_count.data,
        count_method=form.count_method.data or None,
        note=form.note.data or None,
        visibility=form.visibility.data,
    )
