"""Pages: "Om samverkan" and what is changed there."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.registry import registry
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.partnerships import (
    actor_views,
    grant_views,
    list_views,
    log_views,
    place_views,
    queries,
    representative_views,
    services,
)
from platssamverkan.partnerships.forms import PARTNERSHIP_FIELDS, PartnershipForm, partnership_form, saved_partnership
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.names import lines
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

bp = Blueprint("partnerships", __name__, url_prefix="/samverkan/<slug>/om")
blueprints = [
    bp, list_views.bp, place_views.bp, actor_views.bp, representative_views.bp, grant_views.bp, log_views.bp,
]  # fmt: skip


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    workspace = current_workspace()
    about = queries.about(workspace.partnership.id)
    agreements = registry.ask("frame_agreements", workspace.partnership.id, workspace.reader)
    may_change = workspace.allows(Permission.MANAGE_PARTNERSHIP)
    return render_page(
        "partnerships/about.html",
        about=about,
        agreements=agreements,
        may_change=may_change,
        may_edit_places=workspace.allows(Permission.EDIT_PLACES),
        may_manage_places=workspace.allows(Permission.MANAGE_PLACES),
    )


def _edit_page(partnership: Partnership, form: PartnershipForm, status: int = 200) -> Response:
    return render_page("partnerships/edit.html", form=form, partnership=partnership, status=status)


@bp.get("/andra")
@requires(Permission.MANAGE_PARTNERSHIP)
def edit() -> ResponseReturnValue:
    partnership = queries.partnership_to_edit(current_workspace().partnership.id)
    return _edit_page(partnership, partnership_form(partnership, queries.choosable_actors(partnership)))


@bp.post("/andra")
@requires(Permission.MANAGE_PARTNERSHIP)
def edit_post() -> ResponseReturnValue:
    partnership = queries.partnership_to_edit(current_workspace().partnership.id)
    form = partnership_form(partnership, queries.choosable_actors(partnership))
    if not form.validate_on_submit():
        return _edit_page(partnership, form, 422)
    try:
        services.change_partnership(partnership, posted_version=form.version.data, values=_values(form))
    except EditConflict:
        saved, cancel_url = saved_partnership(partnership), url_for(".index")
        return conflict_page(form, saved, title="Ändra samverkans uppgifter", cancel_url=cancel_url)
    return commit_and_go("Uppgifterna om samverkan är sparade.", url_for(".index"))


def _values(form: PartnershipForm) -> dict[str, object]:
    values: dict[str, object] = {name: form[name].data or None for name in PARTNERSHIP_FIELDS}
    return values | {"aliases": lines(form.aliases.data), "focus": lines(form.focus.data)}


@bp.get("/avsluta")
@requires(Permission.MANAGE_PARTNERSHIP)
def end() -> ResponseReturnValue:
    return render_page("partnerships/end.html")


@bp.post("/avsluta")
@requires(Permission.MANAGE_PARTNERSHIP)
def end_post() -> ResponseReturnValue:
    partnership = current_workspace().partnership
    services.end_partnership(partnership, on=clock.today())
    return commit_and_go(f"{partnership.name} är avslutad.", url_for(".index"))


@bp.post("/ateruppta")
@requires(Permission.MANAGE_PARTNERSHIP)
def resume() -> ResponseReturnValue:
    partnership = current_workspace().partnership
    services.resume_partnership(partnership)
    return commit_and_go(f"{partnership.name} pågår igen.", url_for(".index"))
