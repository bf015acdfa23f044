"""What the pages of actors, representatives and rights read."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor, ActorKind
from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, prepared, rows, swedish
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.partnerships.models import (
    Membership,
    Partnership,
    RepresentationLevel,
    Representative,
    RoleGrant,
)
from platssamverkan.partnerships.roles import RIGHTS, Permission, Role

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def members(partnership_id: int, *, export: bool = False) -> tuple["Select[Any]", ListSpec]:
    """Return the list of the actors that take part, have done so or are to: rows for the page, memberships for a file
    with those who speak for them today."""
    today = clock.today()
    named = select(Representative.id).where(Representative.membership_id == Membership.id).correlate(Membership)
    takes_part = {
        "nu": Membership.takes_part_on(today),
        "tidigare": Membership.left_on < today,
        "senare": Membership.joined_on > today,
    }

    def at_level(level: str) -> "ColumnElement[bool]":
        flag = Membership.is_strategic if level == RepresentationLevel.STRATEGIC.value else Membership.is_operative
        speaks = named.where(Representative.level == RepresentationLevel(level), Representative.speaks_on(today))
        return or_(flag.is_(True), speaks.exists())

    def found(text: str) -> "ColumnElement[bool]":
        in_functions = named.where(contains(text, Representative.function)).exists()
        return or_(contains(text, Actor.name, Actor.former_name, Membership.task, Membership.mandate), in_functions)

    spec = ListSpec(
        id="actors",
        noun_singular="aktör",
        noun_plural="aktörer",
        columns=[
            Column("name", "Aktör", func.lower(Actor.name), value=lambda row: row.actor.name),
            Column("kind", "Typ", Actor.kind, value=lambda row: row.actor.kind.label),
            Column("task", "Uppgift", Membership.task, value=lambda row: row.task),
            Column("representatives", "Representanter", value=_functions),
            Column("osl", "OSL", Actor.subject_to_osl, value=lambda row: "ja" if row.actor.subject_to_osl else "nej"),
            Column("left", "Deltar", Membership.left_on, value=_period),
        ],
        filters=[
            Filter("q", "Sök aktör", found, "search"),
            Filter("typ", "Typ", lambda value: Actor.kind == ActorKind(value), choices=ActorKind.choices()),
            Filter("niva", "Nivå", at_level, choices=RepresentationLevel.choices()),
            Filter(
                "osl", "Omfattas av OSL", lambda value: Actor.subject_to_osl.is_(value == "ja"),
                choices=[("ja", "Ja"), ("nej", "Nej")],
            ),
            Filter(
                "deltar", "Deltar", lambda value: takes_part[value],
                choices=[("nu", "Deltar nu"), ("tidigare", "Har deltagit"), ("senare", "Ska delta")],
            ),
        ],
        default_sort="name",
        tie=Membership.id,
    )  # fmt: skip
    statement = _whole_members(today) if export else _member_rows()
    return statement.where(Membership.partnership_id == partnership_id), spec


def _whole_members(today: date) -> "Select[Membership]":
    speaking = selectinload(Membership.representatives.and_(Representative.speaks_on(today)))
    return select(Membership).join(Membership.actor).options(contains_eager(Membership.actor), speaking)


@prepared
def _member_rows() -> "Select[*tuple[Any, ...]]":
    return (
        select(Membership.id, Membership.task, Membership.joined_on, Membership.left_on, Membership.is_example)
        .add_columns(Actor.name, Actor.former_name, Actor.kind, Actor.subject_to_osl)
        .join(Actor, Actor.id == Membership.actor_id)
    )


@prepared
def _speaking() -> "Select[*tuple[Any, ...]]":
    return (
        select(Representative.membership_id, Representative.function, Representative.level)
        .where(Representative.membership_id.in_(bindparam("ids", expanding=True)))
        .where(Representative.speaks_on(bindparam("today")))
        .order_by(Representative.level.desc(), Representative.id)
    )


def speaking_for(membership_ids: Sequence[int], today: date) -> dict[int, list[Any]]:
    """Return membership id → the `function` and `level` of those who speak for it `today`. One query."""
    found: dict[int, list[Any]] = {membership_id: [] for membership_id in membership_ids}
    for row in db.session.execute(_speaking(), {"ids": membership_ids, "today": today}):
        found[row.membership_id].append(row)
    return found


def _functions(row: Membership) -> str:
    return "; ".join(f"{person.function} ({person.level.label.lower()})" for person in row.representatives)


def _period(row: Membership) -> str:
    if row.left_on:
        return f"till {row.left_on.isoformat()}"
    return f"från {row.joined_on.isoformat()}" if row.joined_on else "nu"


def membership_page(partnership_id: int, membership_id: int) -> Membership:
    """Return the membership with its actor and representatives; 404 outside the partnership. Two queries."""
    return one_or_404(_one_membership(), partnership_id=partnership_id, membership_id=membership_id)


@prepared
def _one_membership() -> "Select[Membership]":
    actor, speaking = joinedload(Membership.actor), selectinload(Membership.representatives)
    own = Membership.partnership_id == bindparam("partnership_id"), Membership.id == bindparam("membership_id")
    return (
        select(Membership)
        .where(*own)
        .options(joinedload(Membership.source), actor.joinedload(Actor.source))
        .options(speaking.joinedload(Representative.source))
    )


def representative(partnership_id: int, membership_id: int, representative_id: int) -> Representative:
    """Return a representative inside the partnership; 404 otherwise."""
    return one_or_404(
        select(Representative)
        .join(Representative.membership)
        .where(Membership.partnership_id == partnership_id, Membership.id == membership_id)
        .where(Representative.id == representative_id)
    )


def outside_actors(partnership_id: int) -> list[Actor]:
    """Return the actors that have never taken part, by name."""
    inside = select(Membership.actor_id).where(Membership.partnership_id == partnership_id)
    return rows(select(Actor).where(Actor.id.not_in(inside)).order_by(swedish(Actor.name)))


def coordinates_everywhere(user_id: int, actor_id: int) -> bool:
    """Say whether the user may change actors in every partnership that the actor takes part in or is to."""
    today = clock.today()
    roles = [role for role, rights in RIGHTS.items() if Permission.MANAGE_ACTORS in rights]
    mine = (
        select(Membership.partnership_id)
        .join(RoleGrant, RoleGrant.membership_id == Membership.id)
        .where(RoleGrant.user_id == user_id, RoleGrant.role.in_(roles), Membership.takes_part_on(today))
    )
    elsewhere = select(func.count(Membership.id)).where(
        Membership.actor_id == actor_id, Membership.partnership_id.not_in(mine), Membership.has_not_left(today)
    )
    return not db.session.scalar(elsewhere)


def other_partnerships(user_id: int, actor_id: int, partnership_id: int) -> list[Partnership]:
    """Return the user's other partnerships that the actor takes part in, by name."""
    now = Membership.takes_part_on(clock.today())
    mine = (
        select(Membership.partnership_id)
        .join(RoleGrant, RoleGrant.membership_id == Membership.id)
        .where(RoleGrant.user_id == user_id, now)
    )
    there = select(Membership.partnership_id).where(Membership.actor_id == actor_id, now)
    return rows(
        select(Partnership)
        .where(Partnership.id.in_(mine), Partnership.id.in_(there), Partnership.id != partnership_id)
        .order_by(swedish(Partnership.name))
    )


def grants(partnership_id: int, *, with_addresses: bool) -> tuple["Select[RoleGrant]", ListSpec]:
    """Return the list of who may do what. Addresses of mail are searched only by those who see them."""
    searched = [User.function, Actor.name] + ([User.email] if with_addresses else [])
    statement = (
        select(RoleGrant)
        .join(RoleGrant.user)
        .join(RoleGrant.membership)
        .join(Membership.actor)
        .where(Membership.partnership_id == partnership_id)
        .options(contains_eager(RoleGrant.user), contains_eager(RoleGrant.membership).contains_eager(Membership.actor))
    )
    spec = ListSpec(
        id="grants",
        noun_singular="behörighet",
        noun_plural="behörigheter",
        columns=[
            Column("function", "Funktion", User.function, value=lambda row: row.user.function),
            Column("actor", "För aktören", Actor.name, value=lambda row: row.membership.actor.name),
            Column("role", "Roll", RoleGrant.role, value=lambda row: row.role.label),
            Column("status", "Konto", User.is_enabled, value=lambda row: "öppet" if row.user.is_enabled else "stängt"),
        ],
        filters=[
            Filter("q", "Sök funktion eller aktör", lambda text: contains(text, *searched), "search"),
            Filter("roll", "Roll", lambda value: RoleGrant.role == Role(value), choices=Role.choices()),
        ],
        default_sort="function",
        tie=RoleGrant.id,
    )
    return statement, spec


def grant(partnership_id: int, grant_id: int) -> RoleGrant:
    """Return a grant inside the partnership with its user and actor; 404 otherwise."""
    return one_or_404(
        select(RoleGrant)
        .join(RoleGrant.membership)
        .where(Membership.partnership_id == partnership_id, RoleGrant.id == grant_id)
        .options(joinedload(RoleGrant.user), contains_eager(RoleGrant.membership).joinedload(Membership.actor))
    )


def user_by_email(email: str) -> User | None:
    """Return the user who signs in with this address."""
    found: User | None = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    return found


def has_grant(user_id: int, membership_id: int) -> bool:
    """Say whether the user has a right for this membership already."""
    statement = select(RoleGrant.id).where(RoleGrant.user_id == user_id, RoleGrant.membership_id == membership_id)
    return db.session.scalar(statement) is not None


def lasting_memberships(partnership_id: int) -> list[Membership]:
    """Return the memberships that hold today or are to, with their actors, by name."""
    return rows(
        select(Membership)
        .join(Membership.actor)
        .where(Membership.partnership_id == partnership_id, Membership.has_not_left(clock.today()))
        .options(contains_eager(Membership.actor))
        .order_by(swedish(Actor.name))
    )


def coordinators_left(partnership_id: int, *, without_grant: int = 0, without_membership: int = 0) -> int:
    """Return how many grants as coordinator would be of use from now on: the account is open, and the actor takes part
    without a last day."""
    return (
        db.session.scalar(
            select(func.count(RoleGrant.id))
            .join(RoleGrant.membership)
            .join(RoleGrant.user)
            .where(
                Membership.partnership_id == partnership_id,
                Membership.takes_part_on(clock.today()),
                Membership.left_on.is_(None),
                RoleGrant.role == Role.COORDINATOR,
                RoleGrant.id != without_grant,
                Membership.id != without_membership,
                User.is_enabled.is_(True),
            )
        )
        or 0
    )


def name_is_taken(name: str, actor_id: int) -> bool:
    """Say whether another actor has this name."""
    return db.session.scalar(select(Actor.id).where(Actor.name == name, Actor.id != actor_id)) is not None
