"""What the room tells the registry."""

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from platssamverkan.actors.models import Actor
from platssamverkan.core.db import rows
from platssamverkan.core.registry import Hit, Registry
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader
from platssamverkan.partnerships.models import Membership, Representative


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(60, "Aktörer", "actors.index")
    registry.add_tab(90, "Om samverkan", "partnerships.index")
    registry.searches["actors"] = search_actors


def search_actors(partnership_id: int, _reader: Reader, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the actors of the partnership whose name, task or representatives hold the words."""
    text = " ".join(words)
    functions = select(Representative.membership_id).where(contains(text, Representative.function))
    statement = (
        select(Membership)
        .join(Membership.actor)
        .where(Membership.partnership_id == partnership_id)
        .where(
            or_(
                contains(text, Actor.name, Actor.former_name, Membership.task, Membership.mandate),
                Membership.id.in_(functions),
            )
        )
        .options(contains_eager(Membership.actor), joinedload(Membership.partnership))
        .order_by(Actor.name)
        .limit(limit)
    )
    return [
        Hit(
            kind="Aktör",
            title=membership.actor.name,
            url=url_for("actors.show", slug=membership.partnership.slug, membership_id=membership.id),
            text=membership.task or membership.actor.kind.label,
        )
        for membership in rows(statement)
    ]
