"""The list of platsaktiveringar as a file, and such a file brought in again."""

from collections.abc import Sequence
from datetime import time
from functools import partial
from typing import Any

from sqlalchemy import select

from platssamverkan.activations import editing, queries, services
from platssamverkan.activations.forms import EventImportForm
from platssamverkan.activations.models import ActivationEvent, EventStatus, EventType
from platssamverkan.core import clock, formatting
from platssamverkan.core.cells import choice_names
from platssamverkan.core.db import db
from platssamverkan.core.importing import ImportColumn, Importer
from platssamverkan.core.tables import Column
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals.queries import goal_choices
from platssamverkan.partnerships.services import lock_partnership
from platssamverkan.partnerships.workspace import current_workspace

#: Field of the form → head of its column, in the order of the file.
HEADS = {
    "title": "Vad",
    "type": "Typ",
    "day": "Datum",
    "starts": "Från kl.",
    "ends": "Till kl.",
    "last_day": "Sista dag",
    "place_id": "Plats",
    "spot": "Var på platsen",
    "organiser_id": "Arrangör",
    "goal_ids": "Mål",
    "status": "Läge",
    "cancel_reason": "Varför den ställdes in",
    "visitor_count": "Räknade besök",
    "count_method": "Hur de räknades",
    "note": "Anteckning",
    "visibility": "Vem får läsa",
}
_CANCELLED = EventStatus.CANCELLED
NEEDED = {"title", "type", "day", "starts", "ends"}


def file_columns(partnership_id: int, reader: Reader) -> list[Column]:
    """Return the columns of the file of the list; the events must have their goals."""
    goals = dict(goal_choices(partnership_id, queries.GOAL_LEVELS, reader=reader))

    def cell(name: str, event: ActivationEvent) -> Any:
        if name == "place_id":
            return event.place.name
        if name == "organiser_id":
            return event.organiser.name
        if name == "goal_ids":
            return "; ".join(goals[goal.id] for goal in event.goals if goal.id in goals)
        if name == "visitor_count" and 0 < (event.visitor_count or 0) < formatting.SMALLEST_SHOWN:
            return formatting.small_count(event.visitor_count)
        if name in {"type", "status", "visibility"}:
            return getattr(event, name).label
        values = editing.values_of(event)
        return values[name] if name in values else getattr(event, name)

    return [Column(name, head, value=partial(cell, name)) for name, head in HEADS.items()]


def importer() -> Importer:
    """Return how rows are brought in by the user: for the own actor, or for any by the coordinator."""
    workspace = current_workspace()
    form = EventImportForm(formdata=None, meta={"csrf": False})
    statuses = form.status.choices
    editing.offer_choices(form)
    form.status.choices = statuses
    form.organiser_id.offer(editing.organiser_choices())
    places = [choice.value for choice in form.place_id.choices]
    start: dict[str, Any] = {"organiser_id": workspace.actor.id}
    if len(places) == 1:
        start["place_id"] = places[0]
    needed = NEEDED if len(places) == 1 else NEEDED | {"place_id"}
    return Importer(
        noun="platsaktivering",
        nouns="platsaktiveringar",
        columns=[ImportColumn(head, name, name in needed) for name, head in HEADS.items()],
        form=form,
        start=start,
        read=lambda row: (editing.details_of(row), row.status.data, row.cancel_reason.data),
        key=lambda row: (row.title.data.casefold(), row.begins(), row.place_id.data),
        known=lambda: _known(workspace.partnership.id, workspace.reader),
        lock=lambda: lock_partnership(workspace.partnership.id),
        save=_save,
        same="Två rader är lika när de har samma namn, plats och starttid.",
        note="Antal som i listan står som färre än 5 läses in som tomma.",
        rules=(
            "Lämnas Läge tomt blir det Planerad eller Genomförd efter tiden.",
            "Räknade besök kräver Hur de räknades, och att platsaktiveringen är genomförd.",
            "Läget Inställd kräver Varför den ställdes in.",
        ),
        examples=(
            _example("Exempel: kvällsdans vid trappan", EventType.CO_CREATED, form),
            _example("Exempel: vårstädning", EventType.CLEANING, form),
        ),
    )


def _example(title: str, kind: EventType, form: EventImportForm) -> dict[str, Any]:
    place = choice_names(form.place_id)[:1]
    hours = {"day": clock.today(), "starts": time(18), "ends": time(21)}
    return {"title": title, "type": kind.label, "place_id": "".join(place), **hours}


def _known(partnership_id: int, reader: Reader) -> frozenset[Any]:
    statement = select(ActivationEvent.title, ActivationEvent.starts_at, ActivationEvent.place_id).where(
        queries.in_reach(), visible_to(ActivationEvent, reader)
    )
    found = db.session.execute(statement, {"partnership_id": partnership_id})
    return frozenset((title.casefold(), at, place_id) for title, at, place_id in found)


def _save(rows: Sequence[tuple[services.Details, EventStatus | None, str | None]]) -> None:
    """Add the events, and let those that were cancelled be so by the usual way."""
    workspace = current_workspace()
    events = services.log_events(
        [(details, EventStatus.PLANNED if status is _CANCELLED else status) for details, status, _ in rows],
        partnership_id=workspace.partnership.id,
        owner_actor_id=workspace.actor.id,
        now=clock.now(),
    )
    for event, (_, status, reason) in zip(events, rows, strict=True):
        if status is _CANCELLED:
            services.cancel_event(event, version=event.version, reason=reason or "")
