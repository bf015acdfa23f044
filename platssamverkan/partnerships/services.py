"""What happens to a partnership and its places. Nothing here commits."""

from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor, ActorKind, Sector
from platssamverkan.core import clock
from platssamverkan.core.audit import AuditAction, AuditEntry
from platssamverkan.core.db import db, lock_row
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.partnerships import hanging, queries
from platssamverkan.partnerships.actor_services import begins_later, resume_membership, rights_of
from platssamverkan.partnerships.models import Membership, Partnership, RoleGrant, partnership_place
from platssamverkan.partnerships.names import free_slug
from platssamverkan.partnerships.roles import Role
from platssamverkan.places.models import Place

#: The link itself is no reason to keep it.
LINKS = {"partnership_place"}


def lock_partnership(partnership_id: int) -> None:
    """Let others who save in the partnership wait until this transaction ends.

    Views have it locked when they begin, but for those that `lets_others_save`. Of several, the lowest id comes first.
    """
    lock_row(Partnership, partnership_id)


class PartOfItself(DomainError):
    """A place can't be a part of what is a part of it."""


def usual_sector(kind: ActorKind) -> Sector | None:
    """Return the sector that actors of this kind belong to, or None where it varies."""
    public = {
        ActorKind.MUNICIPALITY, ActorKind.DISTRICT_ADMINISTRATION, ActorKind.CITY_DEPARTMENT,
        ActorKind.MUNICIPAL_COMPANY, ActorKind.POLICE, ActorKind.REGION, ActorKind.TRANSPORT_AUTHORITY,
        ActorKind.STATE_AGENCY, ActorKind.STATE_COMPANY,
    }  # fmt: skip
    if kind in public:
        return Sector.PUBLIC
    if kind is ActorKind.CIVIL_SOCIETY:
        return Sector.CIVIL
    private = {ActorKind.PROPERTY_OWNER, ActorKind.BUSINESS_ASSOCIATION, ActorKind.COMMERCIAL_SITE}
    return Sector.PRIVATE if kind in private else None


def new_actor(*, name: str, kind: ActorKind) -> Actor:
    """Return a saved actor; bound by the secrecy act when its kind usually is.

    :raises DomainError: when an actor of that name exists
    """
    if db.session.scalar(select(Actor.id).where(Actor.name == name)):
        raise DomainError("Aktören finns redan. Välj den i listan.")
    actor = Actor(name=name, kind=kind, sector=usual_sector(kind), subject_to_osl=kind.usually_subject_to_osl)
    db.session.add(actor)
    db.session.flush()
    return actor


def create_partnership(
    *, name: str, municipality: str | None, started_year: int | None, lead: Actor, coordinator: User
) -> Partnership:
    """Return a new partnership that `lead` leads and takes part in, with its first coordinator."""
    partnership = Partnership(
        slug=free_slug(name, queries.taken_slugs()),
        name=name,
        municipality=municipality,
        started_year=started_year,
        lead_actor_id=lead.id,
        data_controller_id=lead.id if lead.subject_to_osl else None,
    )
    db.session.add(partnership)
    db.session.flush()
    appoint_coordinator(partnership, actor=lead, user=coordinator)
    return partnership


def appoint_coordinator(partnership: Partnership, *, actor: Actor, user: User) -> None:
    """Let `user` coordinate the partnership for `actor`, which takes part from today if it does not already.

    Whoever else had a right for an actor that has left does not get it back by that; the coordinator lets them in.
    """
    here = Membership.partnership_id == partnership.id, Membership.actor_id == actor.id
    membership = db.session.scalar(select(Membership).where(*here))
    if membership is None:
        membership = Membership(
            partnership_id=partnership.id, actor_id=actor.id, task="Samordnar", is_strategic=True, is_operative=True,
            joined_on=clock.today(),
        )  # fmt: skip
        db.session.add(membership)
        db.session.flush()
    resume_membership(membership, keeping=user.id)
    if begins_later(membership):
        membership.joined_on = clock.today()
    grant = next((one for one in rights_of(membership) if one.user_id == user.id), None)
    if grant is None:
        db.session.add(RoleGrant(user_id=user.id, membership=membership, role=Role.COORDINATOR))
    else:
        grant.role = Role.COORDINATOR
    db.session.flush()


def change_partnership(partnership: Partnership, *, posted_version: int | None, values: dict[str, Any]) -> None:
    """Set the facts of the partnership.

    :raises EditConflict: if someone saved first
    """
    check_version(partnership, posted_version)
    for name, value in values.items():
        setattr(partnership, name, value)
    db.session.flush()


def end_partnership(partnership: Partnership, *, on: date) -> None:
    """End the partnership on the local date `on`. Everything in it stays to be read and can't be changed."""
    if partnership.is_active:
        partnership.is_active, partnership.ended_on = False, on
    db.session.flush()


def resume_partnership(partnership: Partnership) -> None:
    """Take the partnership up again."""
    partnership.is_active, partnership.ended_on = True, None
    db.session.flush()


def _log_cover(partnership_id: int, place_id: int, action: AuditAction, user_id: int) -> None:
    # The row of a link table is no object of its own, so the log is told by hand.
    change = [None, place_id] if action is AuditAction.INSERT else [place_id, None]
    db.session.add(
        AuditEntry(
            at=clock.now(), user_id=user_id, action=action, table_name="partnership_place",
            row_id=None, partnership_id=partnership_id, changes={"place_id": change},
        )
    )  # fmt: skip


def _cover(partnership_id: int, place_id: int, user_id: int) -> None:
    db.session.execute(insert(partnership_place).values(partnership_id=partnership_id, place_id=place_id))
    _log_cover(partnership_id, place_id, AuditAction.INSERT, user_id)


def add_place(partnership: Partnership, *, by_user_id: int, values: dict[str, Any]) -> Place:
    """Return a new place that the partnership covers."""
    taken = set(db.session.scalars(select(Place.slug)))
    place = Place(slug=free_slug(values["name"], taken), **values)
    db.session.add(place)
    db.session.flush()
    _cover(partnership.id, place.id, by_user_id)
    return place


def attach_place(partnership: Partnership, place: Place, *, by_user_id: int) -> None:
    """Let the partnership cover a place that exists."""
    _cover(partnership.id, place.id, by_user_id)


def change_place(place: Place, *, posted_version: int | None, values: dict[str, Any]) -> None:
    """Set the facts of the place, for every partnership that covers it.

    :raises EditConflict: if someone saved first
    :raises PartOfItself: when it would be a part of itself or of one of its parts
    """
    check_version(place, posted_version)
    if place.id in queries.with_wholes(values.get("part_of_id")):
        raise PartOfItself("Platsen kan inte vara en del av sig själv eller av en plats som är en del av den.")
    for name, value in values.items():
        setattr(place, name, value)
    db.session.flush()


def what_holds_place(partnership: Partnership, place: Place) -> str:
    """Return in words what of the partnership's own lies at the place or at parts that are covered by it alone."""
    before = queries.covered_place_ids(partnership.id)
    after = queries.covered_place_ids(partnership.id, without=place.id)
    lost = set(before) - set(after)
    return hanging.in_words(hanging.hanging_counts("place", lost, partnership_id=partnership.id, ignoring=LINKS))


def remove_place(partnership: Partnership, place: Place, *, by_user_id: int) -> bool:
    """Let the partnership no longer cover the place. A place that nothing else rests on, and that no other partnership
    covers, is removed; True then.

    :raises hanging.RowsHang: when rows of the partnership lie there
    """
    held = what_holds_place(partnership, place)
    if held:
        raise hanging.RowsHang(f"Platsen kan inte tas bort. Här finns {held}. Flytta eller ta bort det först.")
    covered = partnership_place.c
    db.session.execute(
        delete(partnership_place).where(covered.partnership_id == partnership.id, covered.place_id == place.id)
    )
    _log_cover(partnership.id, place.id, AuditAction.DELETE, by_user_id)
    if hanging.hanging_counts("place", [place.id]) or queries.covering(place.id) - {partnership.id}:
        return False
    db.session.delete(place)
    db.session.flush()
    return True
