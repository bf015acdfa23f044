"""What the room tells the registry."""

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import or_, select

from platssamverkan.actors.models import Actor
from platssamverkan.core.db import db, swedish
from platssamverkan.core.registry import Hit, Registry
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader
from platssamverkan.partnerships.models import Membership, Partnership, Representative


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
        select(Membership.id, Membership.task, Actor.name, Actor.kind, Partnership.slug)
        .join(Membership.actor)
        .join(Membership.partnership)
        .where(Membership.partnership_id == partnership_id)
        .where(
            or_(
                contains(text, Actor.name, Actor.former_name, Membership.task, Membership.mandate),
                Membership.id.in_(functions),
            )
        )
        .order_by(swedish(Actor.name))
        .limit(limit)
    )
    return [
        Hit(
            kind="Aktör",
            title=row.name,
            url=url_for("actors.show", slug=row.slug, membership_id=row.id),
            text=row.task or row.kind.label,
        )
        for row in db.session.execute(statement)
    ]
