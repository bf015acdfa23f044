"""What the room tells the registry."""

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import and_, or_, select

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor
from platssamverkan.core.db import db, first_of_each, swedish
from platssamverkan.core.registry import Hit, Mention, Registry
from platssamverkan.core.sources import Source
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, Readers
from platssamverkan.partnerships.models import Membership, Partnership, Representative, RoleGrant
from platssamverkan.partnerships.queries import coordinated_by_no_other, slug_by_id
from platssamverkan.places.models import Place


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(60, "Aktörer", "actors.index")
    registry.add_tab(90, "Om samverkan", "partnerships.index")
    registry.searches["actors"] = search_actors
    registry.names["actor"] = actor_names
    registry.names["membership"] = membership_names
    registry.names["representative"] = representative_names
    registry.names["role_grant"] = grant_names
    registry.names["place"] = place_names
    registry.names["user"] = user_names
    registry.names["source"] = source_names
    registry.questions["coordinated_by_no_other"] = coordinated_by_no_other


def search_actors(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the actors of the partnerships whose name, task or representatives hold the words."""
    text = " ".join(words)
    functions = select(Representative.membership_id).where(contains(text, Representative.function))
    statement = (
        select(Membership.id, Membership.task, Membership.partnership_id, Actor.name, Actor.kind, Partnership.slug)
        .join(Membership.actor)
        .join(Membership.partnership)
        .where(Membership.partnership_id.in_(readers))
        .where(
            or_(
                contains(text, Actor.name, Actor.former_name, Membership.task, Membership.mandate),
                Membership.id.in_(functions),
            )
        )
    )
    by_name = first_of_each(statement, Membership.id, Membership.partnership_id, swedish(Actor.name), most=limit)
    return [
        Hit(
            kind="Aktör",
            title=row.name,
            url=_actor_url(row.slug, row.id),
            text=row.task or row.kind.label,
            partnership_id=row.partnership_id,
        )
        for row in db.session.execute(by_name)
    ]


def actor_names(partnership_id: int, ids: Sequence[int], _reader: Reader) -> dict[int, Mention]:
    """Return actor id → its name, and its page in the partnership if it takes part there."""
    slug = slug_by_id(partnership_id)
    here = and_(Membership.actor_id == Actor.id, Membership.partnership_id == partnership_id)
    statement = select(Actor.id, Actor.name, Membership.id.label("membership_id")).outerjoin(Membership, here)
    return {
        row.id: Mention(row.name, _actor_url(slug, row.membership_id) if row.membership_id else "")
        for row in db.session.execute(statement.where(Actor.id.in_(ids)))
    }


def _actor_url(slug: str, membership_id: int) -> str:
    return url_for("actors.show", slug=slug, membership_id=membership_id)


def membership_names(partnership_id: int, ids: Sequence[int], _reader: Reader) -> dict[int, Mention]:
    """Return membership id → the actor's name and page."""
    slug = slug_by_id(partnership_id)
    statement = select(Membership.id, Actor.name).join(Membership.actor).where(Membership.id.in_(ids))
    found = db.session.execute(statement.where(Membership.partnership_id == partnership_id))
    return {row.id: Mention(row.name, _actor_url(slug, row.id)) for row in found}


def representative_names(partnership_id: int, ids: Sequence[int], _reader: Reader) -> dict[int, Mention]:
    """Return the id of a representative → the function, and the page of the actor that it speaks for."""
    slug = slug_by_id(partnership_id)
    statement = (
        select(Representative.id, Representative.function, Representative.membership_id, Actor.name)
        .join(Representative.membership)
        .join(Membership.actor)
        .where(Membership.partnership_id == partnership_id, Representative.id.in_(ids))
    )
    return {
        row.id: Mention(f"{row.function}, {row.name}", _actor_url(slug, row.membership_id))
        for row in db.session.execute(statement)
    }


def grant_names(partnership_id: int, ids: Sequence[int], _reader: Reader) -> dict[int, Mention]:
    """Return the id of a right → who has it and for which actor."""
    statement = (
        select(RoleGrant.id, User.function, Actor.name)
        .join(User, User.id == RoleGrant.user_id)
        .join(Membership, Membership.id == RoleGrant.membership_id)
        .join(Membership.actor)
        .where(Membership.partnership_id == partnership_id, RoleGrant.id.in_(ids))
    )
    return {row.id: Mention(f"{row.function}, {row.name}", "") for row in db.session.execute(statement)}


def place_names(_partnership_id: int, ids: Sequence[int], _reader: Reader) -> dict[int, Mention]:
    """Return place id → its name."""
    found = db.session.execute(select(Place.id, Place.name).where(Place.id.in_(ids)))
    return {row.id: Mention(row.name, "") for row in found}


def user_names(_partnership_id: int, ids: Sequence[int], _reader: Reader) -> dict[int, Mention]:
    """Return user id → the user's function; the program knows no names."""
    found = db.session.execute(select(User.id, User.function).where(User.id.in_(ids)))
    return {row.id: Mention(row.function, "") for row in found}


def source_names(_partnership_id: int, ids: Sequence[int], _reader: Reader) -> dict[int, Mention]:
    """Return source id → its title, and where it stands among all sources."""
    found = db.session.execute(select(Source.id, Source.title).where(Source.id.in_(ids)))
    return {row.id: Mention(row.title, url_for("sources.index", _anchor=f"kalla-{row.id}")) for row in found}
