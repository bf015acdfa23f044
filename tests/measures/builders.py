"""Builders of problems, causes, measures and follow-ups; each returns a saved row and flushes."""

from datetime import date
from typing import Any

from platssamverkan.measures import services
from platssamverkan.measures.models import (
    CauseAnalysis,
    CauseKind,
    Displacement,
    FollowUp,
    FollowUpDone,
    FollowUpEffect,
    Measure,
    MeasureMethod,
    MeasureStatus,
    Problem,
    TimeBand,
)
from tests.builders import World, add


def a_measure(world: World, *, where: str = "sergels", actor: str = "police", **changes: Any) -> Measure:
    """Return a decided measure of the actor, due 7 November 2026."""
    values = {
        "partnership_id": world.partnerships[where],
        "title": "Byt trasiga armaturer",
        "responsible_actor_id": world.actors[actor],
        "owner_actor_id": world.actors[actor],
        "due_on": date(2026, 11, 7),
        "methods": [MeasureMethod.SITUATIONAL],
        "status": MeasureStatus.ONGOING,
    }
    return services.create_measure(**{**values, **changes})


def a_problem(world: World, *, where: str = "sergels", **changes: Any) -> Problem:
    """Return a problem at the square, noted by the police."""
    number = changes.pop("number", 1)
    values = {
        "partnership_id": world.partnerships[where],
        "number": number,
        "text": "Öppen försäljning vid trappan",
        "place_id": world.places["square"],
        "time_band": TimeBand.EVENING,
        "noted_on": date(2026, 3, 2),
        "owner_actor_id": world.actors["police"],
    }
    return add(Problem(**{**values, **changes}))


def a_cause(world: World, problem: Problem, **changes: Any) -> CauseAnalysis:
    """Return a physical cause of the problem, which the traffic office can change."""
    values = {
        "problem_id": problem.id,
        "number": 1,
        "kind": CauseKind.PHYSICAL,
        "text": "Gången är mörk och saknar insyn",
        "mandate_actor_id": world.actors["traffic"],
        "owner_actor_id": world.actors["police"],
    }
    return add(CauseAnalysis(**{**values, **changes}))


def a_follow_up(measure: Measure, **changes: Any) -> FollowUp:
    """Return a follow-up that saw an improvement."""
    values = {
        "measure_id": measure.id,
        "on": date(2026, 11, 10),
        "done": FollowUpDone.YES,
        "effect": FollowUpEffect.IMPROVED,
        "displacement": Displacement.UNKNOWN,
        "owner_actor_id": measure.owner_actor_id,
    }
    return add(FollowUp(**{**values, **changes}))
