"""The few rows that synthetic bulk data hangs on: a partnership `bench`, its actors, places, goals and one user."""

import secrets
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import select

from platssamverkan.accounts.models import User
from platssamverkan.accounts.services import hash_password
from platssamverkan.actors.models import Actor, ActorKind
from platssamverkan.agreements.models import Agreement, AgreementKind, AgreementParty, AgreementStatus, Commitment
from platssamverkan.core.db import db
from platssamverkan.core.sources import Source, SourceKind
from platssamverkan.demo.accounts import DOMAIN, PASSWORD
from platssamverkan.goals.models import DesiredDirection, Goal, GoalLevel, GoalVersion, Indicator, IndicatorKind
from platssamverkan.partnerships.models import (
    MeetingKind,
    MeetingSeries,
    Membership,
    Partnership,
    RepresentationLevel,
    Representative,
    RoleGrant,
)
from platssamverkan.partnerships.roles import Role
from platssamverkan.places.models import Place, PlaceType

Row = TypeVar("Row")

SLUG = "bench"
EMAIL = f"bench@{DOMAIN}"
KINDS = (
    ActorKind.DISTRICT_ADMINISTRATION,
    ActorKind.POLICE,
    ActorKind.CITY_DEPARTMENT,
    ActorKind.PROPERTY_OWNER,
    ActorKind.TRANSPORT_OPERATOR,
)
ACTORS, GOALS, INDICATORS, COMMITMENTS = 15, 6, 15, 40


@dataclass(frozen=True)
class Base:
    """Ids that the bulk rows point at."""

    source: int
    partnership: int
    actors: list[int]
    places: list[int]
    goals: list[int]
    versions: list[int]
    indicators: list[int]
    forum_series: int
    briefing_series: int
    #: None when the account has the demo's password, otherwise the one made for it.
    password: str | None


def exists() -> bool:
    """Say whether the partnership is there already."""
    return db.session.scalar(select(Partnership.id).where(Partnership.slug == SLUG)) is not None


def make_base() -> Base:
    """Make the rows. Flushes, does not commit."""
    source = _saved(Source(key="bench", title="Syntetiska data för mätningar", kind=SourceKind.OWN_OBSERVATION))
    marks = {"source_id": source.id, "is_example": True}
    actors = [
        _saved(
            Actor(
                name=f"Syntetisk aktör {number}",
                kind=KINDS[number % len(KINDS)],
                subject_to_osl=KINDS[number % len(KINDS)].usually_subject_to_osl,
                **marks,
            )
        )
        for number in range(ACTORS)
    ]
    place = _saved(Place(slug=SLUG, name="Syntetisk plats", types=[PlaceType.SQUARE.value], **marks))
    part = _saved(Place(slug=f"{SLUG}-del", name="Syntetisk del av platsen", part_of_id=place.id, **marks))
    partnership = _saved(
        Partnership(slug=SLUG, name="Syntetisk samverkan", places=[place], lead_actor_id=actors[0].id, **marks)
    )
    memberships = [_member(partnership, actor, marks) for actor in actors]
    goals = [
        _saved(Goal(partnership_id=partnership.id, level=GoalLevel.DIRECTION, number=number, **marks))
        for number in range(1, GOALS + 1)
    ]
    versions = [_saved(GoalVersion(goal_id=goal.id, text=f"Syntetiskt mål {goal.number}")) for goal in goals]
    indicators = [_indicator(partnership, goals, number, marks) for number in range(INDICATORS)]
    forum, briefing = (
        _saved(MeetingSeries(partnership_id=partnership.id, kind=kind, **marks))
        for kind in (MeetingKind.STRATEGIC_FORUM, MeetingKind.BRIEFING)
    )
    _agreement(partnership, actors, marks)
    return Base(
        source=source.id,
        partnership=partnership.id,
        actors=[actor.id for actor in actors],
        places=[place.id, part.id],
        goals=[goal.id for goal in goals],
        versions=[version.id for version in versions],
        indicators=[indicator.id for indicator in indicators],
        forum_series=forum.id,
        briefing_series=briefing.id,
        password=_user(memberships[0]),
    )


def _saved(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row


def _member(partnership: Partnership, actor: Actor, marks: dict[str, Any]) -> Membership:
    membership = _saved(
        Membership(partnership_id=partnership.id, actor_id=actor.id, is_strategic=True, is_operative=True, **marks)
    )
    for level in RepresentationLevel:
        _saved(Representative(membership_id=membership.id, level=level, function="Syntetisk funktion", **marks))
    return membership


def _indicator(partnership: Partnership, goals: list[Goal], number: int, marks: dict[str, Any]) -> Indicator:
    kinds = list(IndicatorKind)
    return _saved(
        Indicator(
            partnership_id=partnership.id,
            name=f"Syntetisk indikator {number + 1}",
            kind=kinds[number % len(kinds)],
            unit="antal",
            desired_direction=DesiredDirection.DOWN,
            goals=[goals[number % len(goals)]],
            **marks,
        )
    )


def _agreement(partnership: Partnership, actors: list[Actor], marks: dict[str, Any]) -> None:
    agreement = _saved(
        Agreement(
            partnership_id=partnership.id,
            title="Syntetiskt avtal",
            kind=AgreementKind.PLACE_AGREEMENT,
            status=AgreementStatus.ACTIVE,
            **marks,
        )
    )
    parties = [_saved(AgreementParty(agreement_id=agreement.id, actor_id=actor.id)) for actor in actors]
    for number in range(1, COMMITMENTS + 1):
        party = parties[number % len(parties)]
        _saved(
            Commitment(
                agreement_id=agreement.id,
                party_id=party.id,
                number=number,
                text=f"Syntetiskt åtagande {number}",
                target_count=4,
                done_count=number % 5,
                done_period="2025",
                **marks,
            )
        )


def _user(membership: Membership) -> str | None:
    """Make the coordinator. In a demo it has the demo's password; otherwise one of its own, which is returned."""
    is_demo = bool(current_app.config["DEMO"])
    password = PASSWORD if is_demo else secrets.token_urlsafe(12)
    user = _saved(
        User(email=EMAIL, function="Syntetisk samordnare", password_hash=hash_password(password), is_demo=is_demo)
    )
    _saved(RoleGrant(user_id=user.id, membership_id=membership.id, role=Role.COORDINATOR))
    return None if is_demo else password
