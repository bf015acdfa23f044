"""What happens to the actors of a partnership, their representatives and rights. Nothing here commits."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.db import db, rows
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.partnerships import actor_queries
from platssamverkan.partnerships.models import Membership, RepresentationLevel, Representative, RoleGrant
from platssamverkan.partnerships.roles import Role


class LastCoordinator(DomainError):
    """Somebody must be able to let others in."""

    def __init__(self) -> None:
        super().__init__("Det här är den sista samordnaren. Ge någon annan rollen Samordnare först.")


def add_membership(*, partnership_id: int, actor: Actor, values: dict[str, Any]) -> Membership:
    """Return the actor's part in the partnership."""
    membership = Membership(partnership_id=partnership_id, actor_id=actor.id, **values)
    db.session.add(membership)
    db.session.flush()
    return membership


def change_membership(membership: Membership, *, posted_version: int | None, values: dict[str, Any]) -> None:
    """Set what the actor does here.

    :raises EditConflict: if someone saved first
    :raises LastCoordinator: when it would take part later only, and nobody would be left to coordinate
    """
    check_version(membership, posted_version)
    joined_on: date | None = values.get("joined_on")
    if joined_on is not None and joined_on > clock.today():
        _keep_another(membership)
    for name, value in values.items():
        setattr(membership, name, value)
    db.session.flush()


def change_actor(actor: Actor, *, posted_version: int | None, values: dict[str, Any]) -> None:
    """Set the facts of the actor, for every partnership that it takes part in.

    :raises EditConflict: if someone saved first
    """
    check_version(actor, posted_version)
    for name, value in values.items():
        setattr(actor, name, value)
    db.session.flush()


def end_membership(membership: Membership, *, posted_version: int | None, on: date) -> None:
    """Let the actor leave after `on`. All that it has done stays. Those who speak for it then end with it; they must be
    loaded.

    :raises EditConflict: if someone saved first
    :raises LastCoordinator: when nobody would be left to coordinate
    """
    check_version(membership, posted_version)
    _keep_another(membership)
    membership.left_on = on
    for person in membership.representatives:
        has_begun = person.valid_from is None or person.valid_from <= on
        if has_begun and (person.valid_to is None or person.valid_to > on):
            person.valid_to = on
    db.session.flush()


def has_left(membership: Membership) -> bool:
    """Say whether the actor's last day has passed."""
    return membership.left_on is not None and membership.left_on < clock.today()


def begins_later(membership: Membership) -> bool:
    """Say whether the actor's first day is still to come."""
    return membership.joined_on is not None and membership.joined_on > clock.today()


def resume_membership(membership: Membership, *, keeping: int | None = None) -> None:
    """Let the actor take part again. When it has left, nobody gets back the right to act for it, the user `keeping`
    aside: whoever lets people in gives it anew."""
    if has_left(membership):
        for grant in rights_of(membership):
            if grant.user_id != keeping:
                db.session.delete(grant)
    membership.left_on = None
    db.session.flush()


def add_representative(
    membership: Membership, *, level: RepresentationLevel, function: str, valid_from: date | None, valid_to: date | None
) -> Representative:
    """Return a function that speaks for the actor, no longer than the actor takes part."""
    until = valid_to or membership.left_on
    person = Representative(
        membership_id=membership.id, level=level, function=function, valid_from=valid_from, valid_to=until
    )
    db.session.add(person)
    db.session.flush()
    return person


def change_representative(
    membership: Membership, person: Representative, *, posted_version: int | None, values: dict[str, Any]
) -> None:
    """Set level, function and days; it speaks for the actor no longer than the actor takes part.

    :raises EditConflict: if someone saved first
    """
    check_version(person, posted_version)
    for name, value in values.items():
        setattr(person, name, value)
    person.valid_to = person.valid_to or membership.left_on
    db.session.flush()


def end_representative(person: Representative, *, posted_version: int | None, on: date) -> None:
    """Let the function speak for the actor until `on`.

    :raises EditConflict: if someone saved first
    """
    check_version(person, posted_version)
    person.valid_to = on
    db.session.flush()


def rights_of(membership: Membership) -> list[RoleGrant]:
    """Return the rights to act for the membership's actor. They know the membership: the log tells the partnership's
    own readers of what happens to them."""
    grants = rows(select(RoleGrant).where(RoleGrant.membership_id == membership.id))
    for grant in grants:
        set_committed_value(grant, "membership", membership)
    return grants


def give_right(*, user: User, membership: Membership, role: Role) -> RoleGrant:
    """Return the user's new right to act for the membership's actor."""
    grant = RoleGrant(user_id=user.id, membership_id=membership.id, role=role)
    db.session.add(grant)
    db.session.flush()
    return grant


def change_role(grant: RoleGrant, *, posted_version: int | None, role: Role) -> None:
    """Let the user have another role.

    :raises EditConflict: if someone saved first
    :raises LastCoordinator: when nobody would be left to coordinate
    """
    check_version(grant, posted_version)
    if grant.role is Role.COORDINATOR and role is not Role.COORDINATOR:
        _keep_one(grant)
    grant.role = role
    db.session.flush()


def withdraw_right(grant: RoleGrant, *, posted_version: int | None) -> None:
    """Take the right away; the account stays.

    :raises EditConflict: if someone saved first
    :raises LastCoordinator: when nobody would be left to coordinate
    """
    check_version(grant, posted_version)
    if grant.role is Role.COORDINATOR:
        _keep_one(grant)
    db.session.delete(grant)
    db.session.flush()


def _keep_another(membership: Membership) -> None:
    if not actor_queries.coordinators_left(membership.partnership_id, without_membership=membership.id):
        raise LastCoordinator


def _keep_one(grant: RoleGrant) -> None:
    if not actor_queries.coordinators_left(grant.membership.partnership_id, without_grant=grant.id):
        raise LastCoordinator
