"""Who reads along in a partnership: its users with what each may read there, for mails that go to several."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Reader
from platssamverkan.partnerships.models import Membership, RoleGrant


def readers_of(partnership_id: int, today: date, user_ids: Iterable[int] | None = None) -> dict[int, Reader]:
    """Return user id → what the user may read, for the users with an open account that belong to the partnership
    `today`. `user_ids` narrows it to some. One query."""
    statement = (
        select(RoleGrant.user_id, Actor.id, Actor.subject_to_osl)
        .join(Membership, Membership.id == RoleGrant.membership_id)
        .join(Actor, Actor.id == Membership.actor_id)
        .join(User, User.id == RoleGrant.user_id)
        .where(Membership.partnership_id == partnership_id, User.is_enabled.is_(True))
        .where(Membership.takes_part_on(today))
        .order_by(RoleGrant.user_id, Actor.id)
    )
    if user_ids is not None:
        statement = statement.where(RoleGrant.user_id.in_(list(user_ids)))
    actors: dict[int, dict[int, bool]] = {}
    for user_id, actor_id, subject_to_osl in db.session.execute(statement):
        actors.setdefault(user_id, {})[actor_id] = subject_to_osl
    return {user_id: Reader.acting_for(own) for user_id, own in actors.items()}


def reader_in(partnership_id: int, user_id: int, today: date) -> Reader | None:
    """Return what the user may read in the partnership `today`; None when the user does not belong to it. One query."""
    return readers_of(partnership_id, today, [user_id]).get(user_id)
