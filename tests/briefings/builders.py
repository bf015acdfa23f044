"""Builders of briefings for tests."""

from datetime import UTC, datetime
from typing import Any

from platssamverkan.briefings.models import (
    Briefing,
    BriefingAttendance,
    BriefingItem,
    BriefingSection,
    BriefingState,
    StaffingEntry,
)
from tests.builders import World, add


def a_briefing(world: World, partnership: str = "klara", **changes: Any) -> Briefing:
    """Return a saved briefing held by the police, open if nothing else is said."""
    values = {
        "partnership_id": world.partnerships[partnership],
        "starts_at": datetime(2026, 10, 6, 16, 0, tzinfo=UTC),
        "held_by_id": world.actors["police"],
        "location": "Samverkanslokalen",
        "state": BriefingState.OPEN,
    }
    values |= changes
    if values["state"] is BriefingState.HELD:
        values.setdefault("closed_at", values["starts_at"])
    return add(Briefing(**values))  # type: ignore[no-any-return]


def a_line(world: World, briefing: Briefing, actor: str = "police", **changes: Any) -> BriefingItem:
    """Return a saved line of the situation."""
    values = {
        "briefing_id": briefing.id,
        "section": BriefingSection.SITUATION,
        "text": "Mer öppen försäljning på kvällen.",
        "actor_id": world.actors[actor],
        "owner_actor_id": world.actors[actor],
    }
    return add(BriefingItem(**{**values, **changes}))  # type: ignore[no-any-return]


def staffing(world: World, briefing: Briefing, actor: str = "police", **changes: Any) -> StaffingEntry:
    """Return a saved row of who works tonight."""
    values = {
        "briefing_id": briefing.id,
        "actor_id": world.actors[actor],
        "owner_actor_id": world.actors[actor],
        "function": "Ordningsvakter",
        "headcount": 6,
    }
    return add(StaffingEntry(**{**values, **changes}))  # type: ignore[no-any-return]


def someone_present(world: World, briefing: Briefing, actor: str = "police", **changes: Any) -> BriefingAttendance:
    """Return a saved row of attendance."""
    values = {"briefing_id": briefing.id, "actor_id": world.actors[actor], "is_present": True}
    return add(BriefingAttendance(**{**values, **changes}))  # type: ignore[no-any-return]
