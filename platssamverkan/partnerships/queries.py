"""What other rooms ask of partnerships: who takes part, which places are covered, which actors can be chosen."""

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.db import db, rows
from platssamverkan.partnerships.models import Membership, Partnership, partnership_place
from platssamverkan.places.models import Place


def covered_place_ids(partnership_id: int) -> list[int]:
    """Return the ids of the places that the partnership covers, and of all that are parts of them. One query."""
    covered = (
        select(partnership_place.c.place_id.label("id"))
        .where(partnership_place.c.partnership_id == partnership_id)
        .cte("covered", recursive=True)
    )
    part = aliased(Place)
    covered = covered.union(select(part.id).join(covered, part.part_of_id == covered.c.id))
    return sorted(db.session.scalars(select(covered.c.id)))


def place_choices(partnership_id: int) -> list[tuple[int, str]]:
    """Return (id, name) of the covered places and their parts, for a form field."""
    ids = covered_place_ids(partnership_id)
    statement = select(Place).where(Place.id.in_(ids)).order_by(Place.name)
    return [(place.id, place.name) for place in rows(statement)]


def present_actors(partnership_id: int) -> list[Actor]:
    """Return the actors that take part today, by name."""
    today = clock.today()
    statement = (
        select(Actor)
        .join(Membership, Membership.actor_id == Actor.id)
        .where(Membership.partnership_id == partnership_id)
        .where(or_(Membership.left_on.is_(None), Membership.left_on >= today))
        .order_by(Actor.name)
    )
    return rows(statement)


def actor_choices(partnership_id: int) -> list[tuple[int, str]]:
    """Return (id, name) of the actors that take part today, for a form field."""
    return [(actor.id, actor.name) for actor in present_actors(partnership_id)]


def partnership_by_slug(slug: str) -> Partnership | None:
    """Return the partnership, for commands; pages go through the workspace."""
    found: Partnership | None = db.session.scalar(select(Partnership).where(Partnership.slug == slug))
    return found
