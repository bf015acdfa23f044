"""The workspace: a partnership as one user stands in it. Every page below /samverkan/<slug>/ is inside one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, g, request, url_for
from flask_login import current_user
from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload, lazyload, selectinload

from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Reader
from platssamverkan.partnerships.models import Membership, Partnership, RoleGrant
from platssamverkan.partnerships.roles import RIGHTS, Permission, Role
from platssamverkan.places.models import Place

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Workspace:
    """A partnership, the user's roles in it, and what follows from them."""

    partnership: Partnership
    #: The user's grants, the one with most rights first.
    grants: "Sequence[RoleGrant]"

    @property
    def actor(self) -> Actor:
        """The actor that the user acts for."""
        return self.grants[0].membership.actor

    @property
    def actor_ids(self) -> frozenset[int]:
        return frozenset(grant.membership.actor_id for grant in self.grants)

    @property
    def role(self) -> Role:
        return self.grants[0].role

    @property
    def role_label(self) -> str:
        """Return the role, as printed in the top bar before the actor."""
        return self.role.label

    @property
    def band(self) -> str:
        """Return the pattern of the first place, for the place band."""
        places = self.partnership.places
        return places[-1].band.value if places else "squares"

    @property
    def reader(self) -> Reader:
        """Return what the user may read here."""
        return Reader(
            actor_ids=self.actor_ids,
            is_member=True,
            sees_authorities=any(grant.membership.actor.subject_to_osl for grant in self.grants),
        )

    def allows(self, permission: str) -> bool:
        """Say whether the user's roles hold `permission`."""
        return any(permission in RIGHTS[grant.role] for grant in self.grants)

    def may_change(self, actor_id: int | None, *, everything: Permission, own: Permission) -> bool:
        """Say whether the user may change a row of `actor_id`: any with `everything`, the actor's own with `own`."""
        if self.allows(everything):
            return True
        return self.allows(own) and actor_id in self.actor_ids


def load_workspace(slug: str) -> Workspace | None:
    """Return the user's workspace of the partnership, or None for strangers and unknown slugs. Two queries."""
    today = clock.today()
    statement = (
        select(RoleGrant)
        .join(RoleGrant.membership)
        .join(Membership.partnership)
        .where(RoleGrant.user_id == current_user.id, Partnership.slug == slug)
        .where(or_(Membership.left_on.is_(None), Membership.left_on >= today))
        .options(
            contains_eager(RoleGrant.membership).options(
                lazyload(Membership.source),
                joinedload(Membership.actor).options(lazyload(Actor.source)),
                contains_eager(Membership.partnership).options(
                    # The sources are read by few pages; these rows are read by all.
                    lazyload(Partnership.source),
                    joinedload(Partnership.lead_actor).options(lazyload(Actor.source)),
                    selectinload(Partnership.places).options(lazyload(Place.source)),
                ),
            ),
        )
    )
    grants = list(db.session.scalars(statement))
    if not grants:
        return None
    grants.sort(key=lambda grant: len(RIGHTS[grant.role]), reverse=True)
    return Workspace(partnership=grants[0].membership.partnership, grants=grants)


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
