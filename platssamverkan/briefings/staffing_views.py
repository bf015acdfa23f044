"""Pages of who works tonight: add, change, remove a row."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.briefings import pages, queries, services
from platssamverkan.briefings.blueprint import bp
from platssamverkan.briefings.forms import StaffingEditForm, StaffingForm
from platssamverkan.briefings.models import StaffingEntry
from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace


def _values(form: StaffingForm) -> dict[str, Any]:
    return {
        "actor_id": form.actor_id.data,
        "function": form.function.data,
        "headcount": form.headcount.data,
        "from_time": form.from_time.data,
        "until_time": form.until_time.data,
        "contact": form.contact.data or None,
        "visibility": form.visibility.data,
    }


def _saved(entry: StaffingEntry) -> ResponseReturnValue:
    url = url_for(".show", briefing_id=entry.briefing_id, _anchor=f"bemanning-{entry.id}")
    return commit_and_go("Raden är sparad.", url)


@bp.post("/<int:briefing_id>/bemanning")
@requires(Permission.FILL_BRIEFING)
def add_staffing(briefing_id: int) -> ResponseReturnValue:
    workspace = current_workspace()
    briefing = queries.briefing_here(briefing_id, workspace.partnership.id)
    form = pages.new_staffing_form(briefing)
    if not form.validate_on_submit():
        return pages.render_sheet(briefing_id, form, status=422)
    try:
        entry = services.add_staffing(
            briefing,
            owner_actor_id=workspace.actor.id,
            now=clock.now(),
            **_values(form),
        )
    except services.Full as full:
        form.function.errors = [full.message]
        return pages.render_sheet(briefing_id, form, status=422)
    return _saved(entry)


def _present(entry: StaffingEntry) -> dict[str, Any]:
    names = ("actor_id", "function", "headcount", "from_time", "until_time", "contact", "visibility", "version")
    return {name: getattr(entry, name) for name in names}


def _edit_form(entry: StaffingEntry, **data: object) -> StaffingEditForm:
    form = StaffingEditForm(data={"version": entry.version, **data})
    pages.prepare(form, entry.briefing, row=entry)
    return form


@bp.get("/bemanning/<int:entry_id>/andra")
@requires(Permission.FILL_BRIEFING)
def edit_staffing(entry_id: int) -> ResponseReturnValue:
    entry = pages.own_row(StaffingEntry, entry_id)
    return render_template("briefings/staffing.html", entry=entry, form=_edit_form(entry, **_present(entry)))


@bp.post("/bemanning/<int:entry_id>/andra")
@requires(Permission.FILL_BRIEFING)
def change_staffing(entry_id: int) -> ResponseReturnValue:
    entry = pages.own_row(StaffingEntry, entry_id)
    form = _edit_form(entry)
    if not form.validate_on_submit():
        return render_page("briefings/staffing.html", entry=entry, form=form, status=422)
    try:
        services.change_staffing(entry, version=form.version.data, now=clock.now(), **_values(form))
    except EditConflict:
        cancel_url = url_for(".show", briefing_id=entry.briefing_id)
        return conflict_page(form, _present(entry), title="Ändra bemanning", cancel_url=cancel_url)
    except services.Full as full:
        form.function.errors = [full.message]
        return render_page("briefings/staffing.html", entry=entry, form=form, status=422)
    return _saved(entry)


@bp.get("/bemanning/<int:entry_id>/ta-bort")
@requires(Permission.FILL_BRIEFING)
def remove_staffing_form(entry_id: int) -> ResponseReturnValue:
    entry = pages.own_row(StaffingEntry, entry_id)
    return render_template("briefings/remove_staffing.html", entry=entry, briefing=entry.briefing)


@bp.post("/bemanning/<int:entry_id>/ta-bort")
@requires(Permission.FILL_BRIEFING)
def remove_staffing(entry_id: int) -> ResponseReturnValue:
    entry = pages.own_row(StaffingEntry, entry_id)
    services.remove_staffing(entry, now=clock.now())
    return commit_and_go("Raden är borttagen.", url_for(".show", briefing_id=entry.briefing_id, _anchor="resurser"))
