"""Platsaktivering at Sergels torg: past, now and coming."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from platssamverkan.activations.models import ActivationEvent, EventStatus, EventType
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.demo.example_ids import NOTE, SERGELS, Ids, Moment


@dataclass(frozen=True)
class Event:
    """An example; `day` counts from today."""

    day: int
    starts: time
    hours: int
    title: str
    type: EventType
    organiser: str
    goals: tuple[int, ...]
    spot: str = "Nedre plan"
    visitors: int | None = None
    cancelled: str | None = None


STAGE = "kulturhuset-stadsteatern"
EVENTS = (
    Event(-26, time(12), 4, "Dansverkstad", EventType.CO_CREATED, STAGE, (3, 4), visitors=140),
    Event(-19, time(7), 3, "Extra städning av trapporna", EventType.CLEANING, "vasakronan", (1,), "Trapporna"),
    Event(-12, time(16), 3, "Torgkonsert", EventType.PERFORMING_ARTS, STAGE, (4,), visitors=310),
    Event(-9, time(11), 5, "Bokbord och läshörna", EventType.CULTURE, "city-i-samverkan", (3,), visitors=85),
    Event(-5, time(15), 2, "Öppen scen", EventType.PERFORMING_ARTS, STAGE, (4,), cancelled="Hård vind."),
    Event(-2, time(12), 3, "Målarverkstad för unga", EventType.CO_CREATED, "galostiftelsen", (2, 3), visitors=62),
    Event(3, time(16), 3, "Ljusvandring", EventType.ART, STAGE, (2, 4)),
    Event(6, time(7), 3, "Extra städning inför program", EventType.CLEANING, "axfast", (1,), "Trapporna"),
    Event(13, time(13), 4, "Körsång på Plattan", EventType.PERFORMING_ARTS, STAGE, (4,)),
)
NOW = Event(0, time(0), 12, "Tillfälliga sittplatser", EventType.TEMPORARY_ENVIRONMENT, "vasakronan", (2, 3))


def make_events(moment: Moment, ids: Ids) -> None:
    """Make the events, one of them going on now."""
    for event in EVENTS:
        _save(ids, event, clock.at_local(moment.today + timedelta(days=event.day), event.starts))
    hour = moment.now.replace(minute=0, second=0, microsecond=0)
    _save(ids, NOW, hour - timedelta(hours=2))


def _save(ids: Ids, event: Event, start: datetime) -> None:
    row = ActivationEvent(
        partnership_id=ids.partnerships[SERGELS],
        place_id=ids.places["sergels-torg"],
        spot=event.spot,
        title=f"Exempel: {event.title}",
        type=event.type,
        starts_at=start,
        ends_at=start + timedelta(hours=event.hours),
        organiser_id=ids.actors[event.organiser],
        owner_actor_id=ids.actors[event.organiser],
        visibility=Visibility.PUBLIC,
        goals=[ids.goals[f"sergels-{number}"] for number in event.goals],
        is_example=True,
        source_note=NOTE,
    )
    if event.cancelled:
        row.status, row.cancel_reason = EventStatus.CANCELLED, f"Exempel: {event.cancelled}"
    elif event.day < 0:
        row.status, row.visitor_count = EventStatus.HELD, event.visitors
        row.count_method = "Exempel: räkning för hand var femtonde minut" if event.visitors else None
    db.session.add(row)
    db.session.flush()
