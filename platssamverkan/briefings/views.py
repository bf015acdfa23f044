"""Pages of briefings: the list, one evening's sheet, its attendance and its closing."""

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.briefings import (
    line_views,
    lists,
    pages,
    planning_views,
    queries,
    services,
    situation,
    staffing_views,
)
from platssamverkan.briefings.blueprint import bp
from platssamverkan.briefings.models import BriefingItem, BriefingState
from platssamverkan.briefings.queries import BriefingRow
from platssamverkan.briefings.sheet import sheet_of
from platssamverkan.core import clock, recurrence
from platssamverkan.core.access import requires
from platssamverkan.core.db import db
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table, file_response, wants_file
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

#: Importing these modules puts their views on the blueprint.
VIEW_MODULES = (line_views, planning_views, staffing_views)
blueprints = [bp, situation.bp]
#: How many of the coming briefings the first page names.
NAMED_AHEAD = 6
#: So far back the first page counts how the briefings went.
A_YEAR = timedelta(days=365)


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    workspace, today = current_workspace(), clock.today()
    is_filtered = any(request.args.get(name) for name in ("text", "tillstand", "fran", "till"))
    statement, spec = lists.briefing_list(workspace.partnership.id, workspace.reader, with_later=is_filtered)
    if wants_file():
        return file_response(build_table(statement, spec, export=True), "utstallningar")
    table = build_table(statement, spec)
    return render_page(
        "briefings/index.html",
        fragment="briefings/_list.html",
        table=table,
        all_states=BriefingState,
        coming=queries.coming_briefings(workspace.partnership.id, NAMED_AHEAD),
        series=queries.series_here(workspace.partnership.id),
        last_year=queries.statistics(workspace.partnership.id, today - A_YEAR, today),
        holiday=_holiday,
        today=today,
    )


def _holiday(briefing: BriefingRow) -> str | None:
    return recurrence.holiday_name(clock.to_local(briefing.starts_at).date())


@bp.get("/<int:briefing_id>")
@requires(Permission.READ)
def show(briefing_id: int) -> ResponseReturnValue:
    return pages.render_sheet(briefing_id)


@bp.post("/<int:briefing_id>/narvaro")
@requires(Permission.FILL_BRIEFING)
def mark_attendance(briefing_id: int) -> ResponseReturnValue:
    briefing = queries.briefing_here(briefing_id, current_workspace().partnership.id)
    ticked, shown = set(request.form.getlist("here")), set(request.form.getlist("was"))
    if only := request.form.get("only"):
        # One box was pressed and saved by itself; the others on the page may be older than what is saved.
        ticked, shown = ticked & {only}, {only} - ticked
    try:
        services.mark_attendance(briefing, ticked=ticked, shown=shown, now=clock.now())
    except services.Closed as closed:
        return pages.brought_up_to_date(closed)
    url = url_for(".show", briefing_id=briefing_id, _anchor="narvaro")
    if not only:
        return commit_and_go("Närvaron är sparad.", url)
    db.session.commit()
    return redirect(url, code=303)


@bp.post("/<int:briefing_id>/deltagare")
@requires(Permission.FILL_BRIEFING)
def add_attendance(briefing_id: int) -> ResponseReturnValue:
    briefing = queries.briefing_here(briefing_id, current_workspace().partnership.id)
    form = pages.new_attendance_form()
    if not form.validate_on_submit():
        return pages.render_sheet(briefing_id, form, status=422)
    try:
        services.add_attendance(
            briefing, actor_id=form.actor_id.data, function=form.function.data or "", now=clock.now()
        )
    except services.Full as full:
        form.actor_id.errors = [full.message]
        return pages.render_sheet(briefing_id, form, status=422)
    return commit_and_go("Deltagaren är tillagd.", url_for(".show", briefing_id=briefing_id, _anchor="narvaro"))


@bp.post("/<int:briefing_id>/overlamning/<int:item_id>")
@requires(Permission.FILL_BRIEFING)
def settle(briefing_id: int, item_id: int) -> ResponseReturnValue:
    workspace = current_workspace()
    briefing = queries.briefing_here(briefing_id, workspace.partnership.id)
    line = queries.row_here(BriefingItem, item_id, workspace.partnership.id, workspace.reader)
    done = request.form.get("done") == "1"
    services.settle_handover(line, at=briefing, done=done, now=clock.now())
    return commit_and_go(
        "Bockat av." if done else "Tas upp igen.", url_for(".show", briefing_id=briefing_id, _anchor="forra")
    )


@bp.get("/<int:briefing_id>/avsluta")
@requires(Permission.FILL_BRIEFING)
def close_form(briefing_id: int) -> ResponseReturnValue:
    workspace = current_workspace()
    sheet = sheet_of(briefing_id, workspace.partnership.id, workspace.reader)
    missing = services.missing_parts(
        sheet.attendance,
        situation=len(sheet.situation),
        staffing=len(sheet.staffing),
        handover=len(sheet.handover),
    )
    now = clock.now()
    return render_template(
        "briefings/close.html",
        briefing=sheet.briefing,
        sheet=sheet,
        missing=missing,
        early=now < sheet.briefing.starts_at,
        may_close=services.may_fill(sheet.briefing, now),
    )


@bp.post("/<int:briefing_id>/avsluta")
@requires(Permission.FILL_BRIEFING)
def close(briefing_id: int) -> ResponseReturnValue:
    briefing = queries.briefing_here(briefing_id, current_workspace().partnership.id)
    services.close_briefing(briefing, by_function=pages.signature(), now=clock.now(), by_user_id=current_user.id)
    return commit_and_go("Utställningen är avslutad.", url_for(".show", briefing_id=briefing_id))


@bp.post("/<int:briefing_id>/oppna-igen")
@requires(Permission.MANAGE_BRIEFINGS)
def reopen(briefing_id: int) -> ResponseReturnValue:
    briefing = queries.briefing_here(briefing_id, current_workspace().partnership.id)
    services.reopen_briefing(briefing)
    return commit_and_go("Utställningen är öppen igen.", url_for(".show", briefing_id=briefing_id))
