"""Pages of the sheet's lines: add, change, take up at a strategic meeting, remove."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.briefings import pages, queries, services
from platssamverkan.briefings.blueprint import bp
from platssamverkan.briefings.forms import LineEditForm
from platssamverkan.briefings.models import BriefingItem, BriefingSection
from platssamverkan.core import clock, drafts
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.db import db
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace


def _url(line: BriefingItem) -> str:
    return url_for(".show", briefing_id=line.briefing_id, _anchor=f"rad-{line.id}")


@bp.post("/<int:briefing_id>/rader/<section>")
@requires(Permission.FILL_BRIEFING)
def add_line(briefing_id: int, section: str) -> ResponseReturnValue:
    workspace = current_workspace()
    briefing = queries.briefing_here(briefing_id, workspace.partnership.id)
    if section not in set(BriefingSection):
        abort(404)
    part = BriefingSection(section)
    form = pages.new_line_form(briefing, part)
    if not form.validate_on_submit():
        return pages.render_sheet(briefing_id, form, status=422)
    try:
        line = services.add_line(
            briefing,
            section=part,
            text=form.text.data,
            spot=form.spot.data or None,
            actor_id=form.actor_id.data,
            raise_to_forum=form.raise_to_forum.data,
            visibility=form.visibility.data,
            owner_actor_id=workspace.actor.id,
            now=clock.now(),
        )
    except services.Full as full:
        form.text.errors = [full.message]
        return pages.render_sheet(briefing_id, form, status=422)
    key = pages.draft_key(briefing, part)
    drafts.settle(current_user.id, key, f"{key}:spot")
    return commit_and_go("Raden är sparad.", _url(line))


def _saved(line: BriefingItem) -> dict[str, Any]:
    names = ("text", "spot", "actor_id", "raise_to_forum", "visibility", "version")
    return {name: getattr(line, name) for name in names}


def _edit_form(line: BriefingItem, **data: object) -> LineEditForm:
    form = LineEditForm(data={"version": line.version, **data})
    pages.prepare(form, line.briefing, line.section, row=line)
    return form


@bp.get("/rader/<int:item_id>/andra")
@requires(Permission.FILL_BRIEFING)
def edit_line(item_id: int) -> ResponseReturnValue:
    line = pages.own_row(BriefingItem, item_id)
    return render_template("briefings/line.html", line=line, form=_edit_form(line, **_saved(line)))


@bp.post("/rader/<int:item_id>/andra")
@requires(Permission.FILL_BRIEFING)
def change_line(item_id: int) -> ResponseReturnValue:
    line = pages.own_row(BriefingItem, item_id)
    form = _edit_form(line)
    if not form.validate_on_submit():
        return render_page("briefings/line.html", line=line, form=form, status=422)
    try:
        services.change_line(
            line,
            version=form.version.data,
            text=form.text.data,
            spot=form.spot.data or None,
            actor_id=form.actor_id.data,
            raise_to_forum=form.raise_to_forum.data,
            visibility=form.visibility.data,
            now=clock.now(),
        )
    except EditConflict:
        cancel_url = url_for(".show", briefing_id=line.briefing_id)
        return conflict_page(form, _saved(line), title="Ändra rad", cancel_url=cancel_url)
    except services.Full as full:
        form.text.errors = [full.message]
        return render_page("briefings/line.html", line=line, form=form, status=422)
    return commit_and_go("Raden är sparad.", _url(line))


@bp.post("/rader/<int:item_id>/lyft")
@requires(Permission.FILL_BRIEFING)
def raise_line(item_id: int) -> ResponseReturnValue:
    workspace = current_workspace()
    line = queries.row_here(BriefingItem, item_id, workspace.partnership.id, workspace.reader)
    try:
        services.raise_line(line, raised=request.form.get("raised") == "1")
    except services.Closed as closed:
        return pages.brought_up_to_date(closed)
    db.session.commit()
    return redirect(_url(line), code=303)


@bp.get("/rader/<int:item_id>/ta-bort")
@requires(Permission.FILL_BRIEFING)
def remove_line_form(item_id: int) -> ResponseReturnValue:
    line = pages.own_row(BriefingItem, item_id)
    return render_template(
        "briefings/remove_line.html", line=line, briefing=line.briefing, removable=not services.is_taken_up(line)
    )


@bp.post("/rader/<int:item_id>/ta-bort")
@requires(Permission.FILL_BRIEFING)
def remove_line(item_id: int) -> ResponseReturnValue:
    line = pages.own_row(BriefingItem, item_id)
    services.remove_line(line, now=clock.now())
    anchor = pages.ANCHORS[line.section]
    return commit_and_go("Raden är borttagen.", url_for(".show", briefing_id=line.briefing_id, _anchor=anchor))
