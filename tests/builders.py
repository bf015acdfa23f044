"""Builders of rows for tests: enough to be true, and nothing of real life."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor, ActorKind
from platssamverkan.core.db import db
from platssamverkan.core.sources import Source, SourceKind
from platssamverkan.partnerships.models import Membership, Partnership, RoleGrant
from platssamverkan.partnerships.roles import Role
from platssamverkan.places.models import Place, PlaceType


@dataclass
class World:
    """Ids of what `build_world` made, by name."""

    #: "klara" covers the area and by it the square; "sergels" covers the square only.
    partnerships: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    actors: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    memberships: dict[tuple[str, str], int] = field(default_factory=dict)
    source: int = 0


Row = TypeVar("Row")


def add(row: Row) -> Row:
    """Put the row in the database and return it with its id."""
    db.session.add(row)
    db.session.flush()
    return row


def an_actor(name: str, kind: ActorKind, **changes: Any) -> Actor:
    """Return a saved actor; bound by OSL when its kind usually is."""
    return add(Actor(**{"name": name, "kind": kind, "subject_to_osl": kind.usually_subject_to_osl, **changes}))


def a_user(name: str, **changes: Any) -> User:
    """Return a saved user who cannot sign in by password; tests set the session."""
    values = {"email": f"{name}@exempel.se", "function": name.capitalize(), "password_hash": "-"}
    return add(User(**{**values, **changes}))


def build_world() -> World:
    """Make two partnerships, their places and actors, and one user of each kind. Flushes, does not commit."""
    world = World()
    source = add(Source(key="kalla", title="Tjänsteutlåtande", kind=SourceKind.OFFICIAL_REPORT, years="2024"))
    world.source = source.id
    klara = add(Place(slug="klara", name="Klaraområdet", types=[PlaceType.COMMERCIAL_INNER_CITY.value]))
    square = add(Place(slug="torget", name="Sergels torg", types=[PlaceType.SQUARE.value], part_of_id=klara.id))
    world.places = {"klara": klara.id, "square": square.id}
    actors = {
        "district": an_actor("Stadsdelsförvaltningen", ActorKind.DISTRICT_ADMINISTRATION),
        "police": an_actor("Polisen", ActorKind.POLICE),
        "traffic": an_actor("Trafikkontoret", ActorKind.CITY_DEPARTMENT),
        "owner": an_actor("Fastighetsbolaget", ActorKind.PROPERTY_OWNER),
    }
    world.actors = {name: actor.id for name, actor in actors.items()}
    partnerships = {
        "klara": Partnership(slug="klara", name="Vision Klara", places=[klara], lead_actor_id=world.actors["district"]),
        "sergels": Partnership(
            slug="sergels", name="Sergels torg", places=[square], lead_actor_id=world.actors["district"]
        ),
    }
    for name, partnership in partnerships.items():
        world.partnerships[name] = add(partnership).id
    members = {"klara": ("district", "police", "traffic"), "sergels": ("district", "police", "traffic", "owner")}
    for partnership_name, names in members.items():
        for name in names:
            membership = Membership(
                partnership_id=world.partnerships[partnership_name],
                actor_id=world.actors[name],
                is_strategic=True,
                is_operative=True,
                joined_on=date(2023, 1, 1),
            )
            world.memberships[partnership_name, name] = add(membership).id
    people = {
        "coordinator": ("district", Role.COORDINATOR, ("klara", "sergels")),
        "police": ("police", Role.PARTICIPANT, ("klara", "sergels")),
        "officer": ("district", Role.REPORT_OFFICER, ("klara", "sergels")),
        "owner": ("owner", Role.PARTICIPANT, ("sergels",)),
        "reader": ("traffic", Role.READER, ("sergels",)),
        "auditor": ("district", Role.AUDITOR, ("sergels",)),
        "stranger": ("", Role.READER, ()),
        "admin": ("", Role.READER, ()),
    }
    for name, (actor, role, where) in people.items():
        user = a_user(name, is_admin=name == "admin")
        world.users[name], world.tokens[name] = user.id, user.session_token
        for partnership_name in where:
            add(RoleGrant(user_id=user.id, membership_id=world.memberships[partnership_name, actor], role=role))
    return world
