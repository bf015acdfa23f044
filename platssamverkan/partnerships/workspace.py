"""The workspace: a partnership as one user stands in it. Every page below /samverkan/<slug>/ is inside one."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, g, request, url_for
from flask_login import current_user
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.actors.models import Actor
from platssamverkan.core import clock, formatting
from platssamverkan.core.db import db, lock_row, prepared, swedish
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Reader, Readers, Visibility
from platssamverkan.partnerships.models import Membership, Partnership, RoleGrant, partnership_place
from platssamverkan.partnerships.queries import covered_place_ids
from platssamverkan.partnerships.roles import LEFT_WHEN_ENDED, RIGHTS, Permission, Role, weight
from platssamverkan.places.models import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Standing:
    """What a user is in a partnership: a role, and the actor that the user has it for."""

    role: Role
    actor: Actor


@dataclass(frozen=True)
class Workspace:
    """A partnership, the user's roles in it, and what follows from them."""

    partnership: Partnership
    #: The one with most rights first (`roles.weight`).
    standings: "Sequence[Standing]"

    @property
    def actor(self) -> Actor:
        """The actor that the user acts for."""
        return self.standings[0].actor

    @cached_property
    def actor_ids(self) -> frozenset[int]:
        return frozenset(standing.actor.id for standing in self.standings)

    @property
    def role(self) -> Role:
        return self.standings[0].role

    @property
    def role_label(self) -> str:
        """Return the role, as printed in the top bar before the actor."""
        return self.role.label

    @property
    def band(self) -> str:
        """Return the pattern of the place that was entered last, for the place band."""
        places = self.partnership.places
        return places[-1].band.value if places else "squares"

    @cached_property
    def reader(self) -> Reader:
        """Return what the user may read here."""
        return Reader.acting_for({standing.actor.id: standing.actor.subject_to_osl for standing in self.standings})

    def holds(self, permission: str) -> bool:
        """Say whether the user's roles hold `permission`, as long as the partnership goes on."""
        return any(permission in RIGHTS[standing.role] for standing in self.standings)

    def allows(self, permission: str) -> bool:
        """Say whether the user may do this now: what has ended can only be read and described."""
        return self.holds(permission) and (self.partnership.is_active or permission in LEFT_WHEN_ENDED)

    @property
    def ended(self) -> str | None:
        """Return the sentence that tells that the partnership has ended; None while it goes on."""
        if self.partnership.is_active:
            return None
        on = self.partnership.ended_on
        return f"Samverkan avslutades den {formatting.day(on)}." if on else "Samverkan är avslutad."

    def may_change(self, actor_id: int | None, *, everything: Permission, own: Permission) -> bool:
        """Say whether the user may change a row of `actor_id`: of any with `everything`, else of one for which the user
        holds `own`."""
        if self.ended:
            return False
        if self.allows(everything):
            return True
        return actor_id in dict(self.actors_with(own))

    def visibilities(self, owner_actor_id: int | None) -> list[Visibility]:
        """Return who the user may let read a row of `owner_actor_id` (None: a new one of the user's own actor)."""
        owner = owner_actor_id or self.actor.id
        return [one for one in Visibility if self.reader.may_read(one, owner)]

    def actors_with(self, permission: Permission) -> list[tuple[int, str]]:
        """Return (id, name) of the user's own actors for which the user holds `permission`."""
        own = {standing.actor for standing in self.standings if permission in RIGHTS[standing.role]}
        return sorted(((actor.id, actor.name) for actor in own), key=lambda pair: pair[1])


@prepared
def _standings() -> Select[*tuple[Any, ...]]:
    # Entities side by side: an eager-loading option costs several times as much, and this runs on every request.
    lead = aliased(Actor)
    return (
        select(RoleGrant.role, Actor, Partnership, lead)
        .select_from(RoleGrant)
        .join(Membership, Membership.id == RoleGrant.membership_id)
        .join(Actor, Actor.id == Membership.actor_id)
        .join(Partnership, Partnership.id == Membership.partnership_id)
        .outerjoin(lead, lead.id == Partnership.lead_actor_id)
        .where(RoleGrant.user_id == bindparam("user_id"))
        .where(Membership.takes_part_on(bindparam("today")))
        .order_by(swedish(Partnership.name), RoleGrant.id)
    )


@prepared
def _standings_in_one() -> Select[*tuple[Any, ...]]:
    return _standings().where(Partnership.slug == bindparam("slug"))


@prepared
def _own_id() -> Select[*tuple[Any, ...]]:
    # Ids alone: a row that is loaded before it is locked would not be read again.
    return _standings_in_one().with_only_columns(Partnership.id).order_by(None).limit(1)


@prepared
def _places() -> Select[*tuple[Any, ...]]:
    return (
        select(partnership_place.c.partnership_id, Place)
        .join(Place, Place.id == partnership_place.c.place_id)
        .where(partnership_place.c.partnership_id.in_(bindparam("ids", expanding=True)))
        .order_by(Place.id)
    )


def _workspaces(statement: Select[*tuple[Any, ...]], **values: object) -> list[Workspace]:
    standings: dict[Partnership, list[Standing]] = {}
    for role, actor, partnership, lead in db.session.execute(statement, values):
        standings.setdefault(partnership, []).append(Standing(role, actor))
        set_committed_value(partnership, "lead_actor", lead)
    places: dict[int, list[Place]] = {partnership.id: [] for partnership in standings}
    for partnership_id, place in db.session.execute(_places(), {"ids": list(places)}) if places else ():
        places[partnership_id].append(place)
    for partnership, own in standings.items():
        set_committed_value(partnership, "places", places[partnership.id])
        own.sort(key=lambda standing: weight(standing.role), reverse=True)
    return [Workspace(partnership, own) for partnership, own in standings.items()]


def load_workspace(slug: str, *, alone: bool = False) -> Workspace | None:
    """Return the user's workspace of the partnership, or None for strangers and unknown slugs. Two queries.

    With `alone` no one else saves in the partnership until the transaction ends; two queries more.
    """
    who = {"user_id": current_user.id, "slug": slug, "today": clock.today()}
    if alone:
        partnership_id = db.session.scalar(_own_id(), who)
        if partnership_id is None:
            # Strangers wait for nobody, and nobody waits for them.
            return None
        lock_row(Partnership, partnership_id)
    found = _workspaces(_standings_in_one(), **who)
    return found[0] if found else None


def my_workspaces(user_id: int, today: date) -> list[Workspace]:
    """Return a workspace for each partnership that the user belongs to, by name. Two queries."""
    return _workspaces(_standings(), user_id=user_id, today=today)


def readers(workspaces: "Iterable[Workspace]") -> Readers:
    """Return how the user reads in each of the partnerships."""
    return {workspace.partnership.id: workspace.reader for workspace in workspaces}


def beside(workspace: Workspace) -> list[Workspace]:
    """Return the user's workspaces of other partnerships that name a place which this one covers, by name: Sergels torg
    is a part of what Vision Klara covers. Three queries."""
    covered = set(covered_place_ids(workspace.partnership.id))
    return [
        other
        for other in my_workspaces(current_user.id, clock.today())
        if other.partnership.id != workspace.partnership.id
        and covered & {place.id for place in other.partnership.places}
    ]


def current_workspace() -> Workspace:
    """Return the workspace of the current request. Only below /samverkan/<slug>/, where the access rule loaded it."""
    return cast("Workspace", g.workspace)


@dataclass(frozen=True)
class Tab:
    """One tab of the workspace."""

    label: str
    url: str
    current: bool


def workspace_tabs() -> list[Tab]:
    """Return the tabs of the current workspace in their order; the one that the page belongs to is current."""
    if "workspace_tabs" not in g:
        g.workspace_tabs = _tabs()
    found: list[Tab] = g.workspace_tabs
    return found


def _tabs() -> list[Tab]:
    slug = current_workspace().partnership.slug
    addresses = [(label, url_for(endpoint, slug=slug)) for _, label, endpoint in registry.tabs]
    return [Tab(label, url, current=_belongs(request.path, url)) for label, url in addresses]


def _belongs(here: str, tab: str) -> bool:
    # The overview's address is the beginning of every other; only its own page belongs to it.
    return here == tab or (not tab.endswith("/") and here.startswith(tab + "/"))


def init_app(app: Flask) -> None:
    """Let the access rules load workspaces and the templates read the current one."""
    app.extensions["workspace_loader"] = load_workspace

    app.jinja_env.globals["workspace_tabs"] = workspace_tabs

    @app.context_processor
    def _workspace() -> dict[str, object]:
        return {"workspace": g.get("workspace"), "Permission": Permission}
