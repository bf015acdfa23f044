"""What other rooms ask of partnerships: who takes part, which places are covered, which actors can be chosen."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import abort
from sqlalchemy import CTE, Select, bindparam, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, prepared, rows, swedish
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.partnerships.models import MeetingSeries, Membership, Partnership, RoleGrant, partnership_place
from platssamverkan.partnerships.roles import RIGHTS, Permission, Role
from platssamverkan.places.models import Place, SharedPremises


def _with_parts(named: "Select[*tuple[int, int]]") -> CTE:
    """Return the pairs (partnership_id, id of a place) of `named`, and those of all parts of the places."""
    covered = named.cte("covered", recursive=True)
    part = aliased(Place)
    return covered.union(select(covered.c.partnership_id, part.id).join(covered, part.part_of_id == covered.c.place_id))


def covered_by_each(partnership_ids: Collection[int]) -> "Select[*tuple[int, int]]":
    """Return the select of (partnership_id, place_id) for all places that the partnerships cover, themselves or as
    parts."""
    covered = _with_parts(select(partnership_place).where(partnership_place.c.partnership_id.in_(partnership_ids)))
    return select(covered.c.partnership_id, covered.c.place_id)


@prepared
def covered_places(*, without_one: bool = False) -> "Select[int]":
    """Return the select of the ids of the places that a partnership covers, and of all that are parts of them.

    It takes `partnership_id`, and `without` for a place to leave out of those that the partnership itself names.
    """
    named = select(partnership_place).where(partnership_place.c.partnership_id == bindparam("partnership_id"))
    if without_one:
        named = named.where(partnership_place.c.place_id != bindparam("without"))
    return select(_with_parts(named).c.place_id)


def covered_place_ids(partnership_id: int, *, without: int | None = None) -> list[int]:
    """Return the ids of the places that the partnership covers, and of all that are parts of them. One query.

    :param without: a place to leave out of those that the partnership itself names
    """
    if without is None:
        return sorted(rows(covered_places(), partnership_id=partnership_id))
    return sorted(rows(covered_places(without_one=True), partnership_id=partnership_id, without=without))


def place_choices(partnership_id: int) -> list[tuple[int, str]]:
    """Return (id, name) of the covered places and their parts, for a form field."""
    ids = covered_place_ids(partnership_id)
    statement = select(Place.id, Place.name).where(Place.id.in_(ids)).order_by(swedish(Place.name))
    return [(place_id, name) for place_id, name in db.session.execute(statement)]


@prepared
def _names_to_choose() -> Select[*tuple[int, str]]:
    return (
        select(Actor.id, Actor.name)
        .join(Membership, Membership.actor_id == Actor.id)
        .where(Membership.partnership_id == bindparam("partnership_id"))
        .where(Membership.has_not_left(bindparam("today")))
        .order_by(swedish(Actor.name))
    )


def actor_choices(partnership_id: int) -> list[tuple[int, str]]:
    """Return (id, name) of the actors that take part or are to, for a form field."""
    values = {"partnership_id": partnership_id, "today": clock.today()}
    return [(actor_id, name) for actor_id, name in db.session.execute(_names_to_choose(), values)]


@dataclass(frozen=True)
class About:
    """What the page "Om samverkan" shows."""

    partnership: Partnership
    places: list[Place]
    #: Parts of the covered places that the partnership does not name itself.
    parts: list[Place]
    premises: list[SharedPremises]
    series: list[MeetingSeries]


def about(partnership_id: int) -> About:
    """Return all that the page shows, in six queries."""
    partnership = one_or_404(
        select(Partnership)
        .where(Partnership.id == partnership_id)
        .options(
            joinedload(Partnership.lead_actor),
            joinedload(Partnership.co_lead_actor),
            joinedload(Partnership.data_controller),
            joinedload(Partnership.source),
        )
    )
    ids = covered_place_ids(partnership_id)
    own = set(
        db.session.scalars(
            select(partnership_place.c.place_id).where(partnership_place.c.partnership_id == partnership_id)
        )
    )
    found = rows(
        select(Place)
        .where(Place.id.in_(ids))
        .order_by(swedish(Place.name))
        .options(joinedload(Place.part_of), joinedload(Place.source))
    )
    premises = rows(
        select(SharedPremises)
        .where(SharedPremises.place_id.in_(ids))
        .order_by(swedish(SharedPremises.name))
        .options(joinedload(SharedPremises.source))
    )
    series = rows(
        select(MeetingSeries)
        .where(MeetingSeries.partnership_id == partnership_id)
        .order_by(MeetingSeries.kind, MeetingSeries.id)
        .options(joinedload(MeetingSeries.led_by), joinedload(MeetingSeries.source))
    )
    return About(
        partnership=partnership,
        places=[place for place in found if place.id in own],
        parts=[place for place in found if place.id not in own],
        premises=premises,
        series=series,
    )


def partnership_to_edit(partnership_id: int) -> Partnership:
    """Return the row as it is now; 404 when it is gone."""
    return one_or_404(select(Partnership).where(Partnership.id == partnership_id))


def choosable_actors(partnership: Partnership) -> list[Actor]:
    """Return the actors that take part or are to, and those that the partnership already names, by name."""
    named = [partnership.lead_actor_id, partnership.co_lead_actor_id, partnership.data_controller_id]
    taking_part = (
        select(Membership.actor_id)
        .where(Membership.partnership_id == partnership.id)
        .where(Membership.has_not_left(clock.today()))
    )
    ids = [actor_id for actor_id in named if actor_id]
    return rows(select(Actor).where(or_(Actor.id.in_(taking_part), Actor.id.in_(ids))).order_by(swedish(Actor.name)))


def covered_place(partnership_id: int, place_id: int) -> Place:
    """Return a place that the partnership covers, itself or as a part; 404 otherwise."""
    if place_id not in covered_place_ids(partnership_id):
        abort(404)
    return one_or_404(select(Place).where(Place.id == place_id).options(joinedload(Place.part_of)))


def own_place(partnership_id: int, place_id: int) -> Place:
    """Return a place that the partnership itself names; 404 otherwise."""
    return one_or_404(
        select(Place)
        .join(partnership_place, partnership_place.c.place_id == Place.id)
        .where(partnership_place.c.partnership_id == partnership_id, Place.id == place_id)
    )


def _managed_by(user_id: int) -> list[int]:
    """Return the ids of the partnerships whose places the user may change."""
    managers = [role for role, rights in RIGHTS.items() if Permission.MANAGE_PLACES in rights]
    statement = (
        select(Membership.partnership_id)
        .join(RoleGrant, RoleGrant.membership_id == Membership.id)
        .where(RoleGrant.user_id == user_id, RoleGrant.role.in_(managers))
        .where(Membership.takes_part_on(clock.today()))
        .distinct()
    )
    return sorted(db.session.scalars(statement))


def known_places(user_id: int) -> list[Place]:
    """Return the places that the user may build on: those of the partnerships that the user coordinates, what they are
    part of and their parts, and those that no partnership covers. Covering a place gives its events to read, so a
    place of somebody else's partnership can't be taken in."""
    mine = {place_id for _, place_id in db.session.execute(covered_by_each(_managed_by(user_id)))}
    every = rows(select(Place).order_by(swedish(Place.name)))
    taken: set[int] = set(db.session.scalars(select(partnership_place.c.place_id)))
    for _ in every:
        more = {place.id for place in every if place.part_of_id in taken} - taken
        if not more:
            break
        taken |= more

    return [place for place in every if place.id in mine or place.id not in taken]


def with_wholes(place_id: int | None) -> list[int]:
    """Return the id of the place and of all that it is a part of, upwards; empty for None. One query."""
    above: dict[int, int | None] = dict(db.session.execute(select(Place.id, Place.part_of_id)).all())
    found: list[int] = []
    while place_id is not None and place_id not in found:
        found.append(place_id)
        place_id = above.get(place_id)
    return found


def covering(place_id: int) -> set[int]:
    """Return the ids of the partnerships that cover the place, itself or as a part. Two queries."""
    covered = partnership_place.c
    return set(db.session.scalars(select(covered.partnership_id).where(covered.place_id.in_(with_wholes(place_id)))))


def possible_wholes(place: Place | None, known: list[Place]) -> list[Place]:
    """Return the places that `place` may be a part of: never itself or one of its own parts."""
    if place is None:
        return known
    own: set[int] = {place.id}
    for _ in known:
        own |= {other.id for other in known if other.part_of_id in own}
    found = [other for other in known if other.id not in own]
    if place.part_of and place.part_of_id not in {other.id for other in found}:
        found.append(place.part_of)
    return found


def mine(user_id: int) -> tuple["Select[Partnership]", ListSpec]:
    """Return the list of the partnerships that the user takes part in."""
    granted = (
        select(Membership.partnership_id)
        .join(RoleGrant, RoleGrant.membership_id == Membership.id)
        .where(RoleGrant.user_id == user_id)
        .where(Membership.takes_part_on(clock.today()))
    )
    statement = (
        select(Partnership)
        .where(Partnership.id.in_(granted))
        .options(joinedload(Partnership.lead_actor), selectinload(Partnership.places))
    )
    spec = ListSpec(
        id="partnerships",
        noun_singular="samverkan",
        noun_plural="samverkan",
        columns=[
            Column("name", "Samverkan", Partnership.name, value=lambda row: row.name),
            Column("municipality", "Kommun", Partnership.municipality, value=lambda row: row.municipality),
            Column("lead", "Samordnas av", value=lambda row: row.lead_actor.name if row.lead_actor else None),
            Column("role", "Din behörighet"),
            Column("status", "Läge", value=lambda row: "Pågår" if row.is_active else "Avslutad"),
        ],
        filters=[
            Filter(
                "q", "Sök samverkan", lambda text: contains(text, Partnership.name, Partnership.municipality), "search"
            ),
            Filter(
                "lage",
                "Läge",
                lambda value: Partnership.is_active.is_(value == "pagar"),
                choices=[("pagar", "Pågår"), ("avslutad", "Avslutad")],
            ),
        ],
        default_sort="name",
        tie=Partnership.id,
    )
    return statement, spec


def roles_of(user_id: int) -> dict[int, list[str]]:
    """Return partnership id → "Samordnare, Stadsdelsförvaltningen" for each grant of the user that holds today. One
    query."""
    statement = (
        select(RoleGrant)
        .join(RoleGrant.membership)
        .join(Membership.actor)
        .where(RoleGrant.user_id == user_id)
        .where(Membership.takes_part_on(clock.today()))
        .options(contains_eager(RoleGrant.membership).contains_eager(Membership.actor))
    )
    found: dict[int, list[str]] = {}
    for grant in rows(statement):
        entry = f"{grant.role.label}, {grant.membership.actor.name}"
        found.setdefault(grant.membership.partnership_id, []).append(entry)
    return found


def _coordinated(*, but: int = 0) -> Select[int]:
    """Return the select of the ids of partnerships that somebody coordinates today, the user `but` aside."""
    return (
        select(Membership.partnership_id)
        .join(RoleGrant, RoleGrant.membership_id == Membership.id)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.role == Role.COORDINATOR, User.is_enabled.is_(True), User.id != but)
        .where(Membership.takes_part_on(clock.today()))
    )


def _without_coordinator() -> Select[Partnership]:
    return select(Partnership).where(Partnership.is_active, Partnership.id.not_in(_coordinated()))


def without_coordinator() -> list[Partnership]:
    """Return the partnerships that nobody coordinates, by name: there nobody can let others in."""
    return rows(_without_coordinator().order_by(swedish(Partnership.name)))


def coordinated_by_no_other(user_id: int) -> list[str]:
    """Return the names of the partnerships that only the user coordinates."""
    alone = Partnership.id.in_(_coordinated()), Partnership.id.not_in(_coordinated(but=user_id))
    statement = select(Partnership.name).where(Partnership.is_active, *alone).order_by(swedish(Partnership.name))
    return list(db.session.scalars(statement))


def without_coordinator_or_404(partnership_id: int) -> Partnership:
    """Return the partnership when nobody coordinates it; 404 otherwise."""
    return one_or_404(_without_coordinator().where(Partnership.id == partnership_id))


def all_actors() -> list[Actor]:
    """Return every actor by name, for the forms that make a partnership and appoint who coordinates it."""
    return rows(select(Actor).order_by(swedish(Actor.name)))


def enabled_users() -> list[User]:
    """Return those who can sign in, by function."""
    return rows(select(User).where(User.is_enabled.is_(True)).order_by(swedish(User.function), User.id))


def taken_slugs() -> set[str]:
    """Return the slugs that partnerships have."""
    return set(db.session.scalars(select(Partnership.slug)))


def slug_by_id(partnership_id: int) -> str:
    """Return the slug of a partnership, for addresses made outside its pages; no query when it is loaded already."""
    found: Partnership = db.session.get_one(Partnership, partnership_id)
    return found.slug
