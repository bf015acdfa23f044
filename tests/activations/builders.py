"""Builders of platsaktivering for tests."""

from datetime import UTC, datetime
from typing import Any

from platssamverkan.activations.models import ActivationEvent, EventStatus, EventType
from tests.builders import World, add


def an_event(world: World, partnership: str = "sergels", organiser: str = "owner", **changes: Any) -> ActivationEvent:
    """Return a saved event at the square, held in the autumn of 2026 if nothing else is said."""
    values = {
        "partnership_id": world.partnerships[partnership],
        "place_id": world.places["square"],
        "organiser_id": world.actors[organiser],
        "owner_actor_id": world.actors[organiser],
        "title": "Kvällsdans",
        "type": EventType.PERFORMING_ARTS,
        "starts_at": datetime(2026, 10, 2, 16, 0, tzinfo=UTC),
        "ends_at": datetime(2026, 10, 2, 19, 30, tzinfo=UTC),
        "status": EventStatus.HELD,
    }
    return add(ActivationEvent(**{**values, **changes}))  # type: ignore[no-any-return]
