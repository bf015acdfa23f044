"""What anyone may read of a place: only text of the class public, and facts that have a source or were reviewed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from platssamverkan.activations.models import ActivationEvent, EventStatus
from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.db import one_or_404, rows, swedish
from platssamverkan.core.visibility import Audience, visible_to
from platssamverkan.goals.models import Goal, GoalLevel, GoalVersion
from platssamverkan.measures.models import Measure
from platssamverkan.partnerships.models import Membership, Partnership, partnership_place
from platssamverkan.places.models import Place

SHOWN = 12


@dataclass(frozen=True)
class PublicPage:
    """Everything that `public/show.html` reads."""

    place: Place
    partnerships: Sequence[Partnership]
    goals: Sequence[GoalVersion]
    measures: Sequence[Measure]
    events: Sequence[ActivationEvent]
    members: Sequence[Membership]


def public_page(slug: str, at: datetime) -> PublicPage:
    """Return the public page of the place; 404 when there is none, or when nothing of it has a source or a review."""
    place: Place = one_or_404(
        select(Place)
        .where(Place.slug == slug, or_(Place.source_id.is_not(None), Place.reviewed_on.is_not(None)))
        .options(joinedload(Place.part_of), joinedload(Place.source))
    )
    partnerships = _partnerships(place)
    ids = [partnership.id for partnership in partnerships]
    return PublicPage(
        place=place,
        partnerships=partnerships,
        goals=_goals(ids),
        measures=_measures(place),
        events=_events(place, at),
        members=_members(ids),
    )


def _partnerships(place: Place) -> list[Partnership]:
    statement = (
        select(Partnership)
        .join(partnership_place, partnership_place.c.partnership_id == Partnership.id)
        .where(partnership_place.c.place_id == place.id, Partnership.is_active)
        .order_by(swedish(Partnership.name))
        .options(joinedload(Partnership.lead_actor))
    )
    return rows(statement)


def _goals(partnership_ids: Sequence[int]) -> list[GoalVersion]:
    statement = (
        select(GoalVersion)
        .join(GoalVersion.goal)
        .where(Goal.partnership_id.in_(partnership_ids), Goal.ended_on.is_(None), GoalVersion.is_current)
        .where(visible_to(Goal, Audience.PUBLIC.reader), Goal.level != GoalLevel.SUBGOAL)
        .order_by(Goal.partnership_id, Goal.number, Goal.id)
        .options(contains_eager(GoalVersion.goal).joinedload(Goal.source))
    )
    return rows(statement)


def _measures(place: Place) -> list[Measure]:
    statement = (
        select(Measure)
        .where(Measure.place_id == place.id, visible_to(Measure, Audience.PUBLIC.reader))
        .order_by(Measure.starts.desc(), Measure.id)
        .limit(SHOWN)
        .options(joinedload(Measure.responsible), joinedload(Measure.source))
    )
    return rows(statement)


def _events(place: Place, at: datetime) -> list[ActivationEvent]:
    statement = (
        select(ActivationEvent)
        .where(ActivationEvent.place_id == place.id, ActivationEvent.ends_at >= at)
        .where(ActivationEvent.status == EventStatus.PLANNED, visible_to(ActivationEvent, Audience.PUBLIC.reader))
        .order_by(ActivationEvent.starts_at)
        .limit(SHOWN)
        .options(joinedload(ActivationEvent.organiser))
    )
    return rows(statement)


def _members(partnership_ids: Sequence[int]) -> list[Membership]:
    statement = (
        select(Membership)
        .join(Membership.actor)
        .where(Membership.partnership_id.in_(partnership_ids), Membership.is_example.is_(False))
        .where(or_(Membership.left_on.is_(None), Membership.left_on >= clock.today()))
        .order_by(Membership.partnership_id, swedish(Actor.name))
        .options(contains_eager(Membership.actor), selectinload(Membership.partnership))
    )
    return rows(statement)
