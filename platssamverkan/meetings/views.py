"""Pages of meetings: the list, the minutes, calling a meeting, moving and cancelling it."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.addresses import asked_id
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.formatting import day, local_day
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table, file_response, wants_file
from platssamverkan.meetings import (
    approval_views,
    decision_views,
    item_views,
    lists,
    pages,
    queries,
    series,
    series_views,
    services,
)
from platssamverkan.meetings.blueprint import bp, may_write, open_meeting, the_meeting
from platssamverkan.meetings.forms import CancelForm, MeetingForm
from platssamverkan.meetings.models import Meeting
from platssamverkan.partnerships.models import MeetingKind
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

#: Importing these modules puts their views on the blueprint.
VIEW_MODULES = (approval_views, decision_views, item_views, series_views)
blueprints = [bp]


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    workspace = current_workspace()
    partnership_id = workspace.partnership.id
    statement, spec = lists.meeting_list(partnership_id, workspace.reader)
    table = build_table(statement, spec, export=wants_file())
    if wants_file():
        return file_response(table, f"moten-{workspace.partnership.slug}")
    rhythms = series.series_of(partnership_id)
    return render_page(
        "meetings/index.html",
        fragment="meetings/_list.html",
        table=table,
        next_meeting=queries.next_meeting(partnership_id),
        rhythms=rhythms,
        to_make=len(series.missing_occurrences(partnership_id, rhythms, series.horizon())) if may_write() else 0,
        may_write=may_write(),
    )


@bp.get("/<int:meeting_id>")
@requires(Permission.READ)
def show(meeting_id: int) -> ResponseReturnValue:
    return pages.minutes_page(meeting_id, asked_id("punkt"))


def _meeting_form(meeting: Meeting | None = None, **kwargs: Any) -> MeetingForm:
    form = MeetingForm(data=_saved(meeting) if meeting else _start(), **kwargs)
    if meeting:
        del form.raised
        return form
    lines = pages.raised_lines(current_workspace())
    form.raised.offer([(line.id, line.text) for line in lines])
    if not form.is_submitted():
        form.raised.data = [line.id for line in lines]
    return form


def _start() -> dict[str, Any]:
    return {"kind": MeetingKind.STRATEGIC_FORUM, "location": _usual_location()}


def _usual_location() -> str | None:
    usual = series.series_of(current_workspace().partnership.id)
    return next((one.location for one in usual if one.kind is MeetingKind.STRATEGIC_FORUM and one.location), None)


def _saved(meeting: Meeting) -> dict[str, Any]:
    """Return what the meeting holds, in the form's own terms."""
    names = ("kind", "location", "chair", "secretary", "version")
    ends = clock.to_local(meeting.ends_at).time() if meeting.ends_at else None
    times = {"from_time": clock.to_local(meeting.starts_at).time(), "to_time": ends}
    return {name: getattr(meeting, name) for name in names} | times | {"on": local_day(meeting.starts_at)}


def _values(form: MeetingForm) -> dict[str, Any]:
    on, ends = form.on.data, form.to_time.data
    return {
        "kind": form.kind.data,
        "starts_at": clock.at_local(on, form.from_time.data),
        "ends_at": clock.at_local_end(on, ends) if ends is not None else None,
        "location": form.location.data,
        "chair": form.chair.data,
        "secretary": form.secretary.data,
    }


def _form_page(form: MeetingForm, *, meeting: Meeting | None = None, status: int = 200) -> ResponseReturnValue:
    return render_template("meetings/form.html", form=form, meeting=meeting), status


@bp.get("/nytt")
@requires(Permission.MANAGE_MEETINGS)
def new() -> ResponseReturnValue:
    return _form_page(_meeting_form())


@bp.post("/nytt")
@requires(Permission.MANAGE_MEETINGS)
def create() -> ResponseReturnValue:
    workspace = current_workspace()
    form = _meeting_form()
    if not form.validate_on_submit():
        return _form_page(form, status=422)
    chosen = set(form.raised.data or [])
    meeting = services.create_meeting(
        partnership_id=workspace.partnership.id,
        raised=[line for line in pages.raised_lines(workspace) if line.id in chosen],
        owner_actor_id=workspace.actor.id,
        **_values(form),
    )
    return commit_and_go(f"Mötet {day(meeting.starts_at)} är inlagt.", url_for("meetings.show", meeting_id=meeting.id))


@bp.get("/<int:meeting_id>/andra")
@requires(Permission.MANAGE_MEETINGS)
def edit(meeting_id: int) -> ResponseReturnValue:
    meeting = open_meeting(meeting_id)
    return _form_page(_meeting_form(meeting), meeting=meeting)


@bp.post("/<int:meeting_id>/andra")
@requires(Permission.MANAGE_MEETINGS)
def update(meeting_id: int) -> ResponseReturnValue:
    meeting = open_meeting(meeting_id)
    form = _meeting_form(meeting)
    if not form.validate_on_submit():
        return _form_page(form, meeting=meeting, status=422)
    target = url_for("meetings.show", meeting_id=meeting.id)
    try:
        services.change_meeting(meeting, version=form.version.data, **_values(form))
    except EditConflict:
        return conflict_page(form, _saved(meeting), title="Ändra möte", cancel_url=target)
    return commit_and_go("Mötet är sparat.", target)


@bp.get("/<int:meeting_id>/stall-in")
@requires(Permission.MANAGE_MEETINGS)
def ask_cancel(meeting_id: int) -> ResponseReturnValue:
    meeting = open_meeting(meeting_id)
    services.check_cancellable(meeting)
    return render_template("meetings/cancel.html", meeting=meeting, form=CancelForm())


@bp.post("/<int:meeting_id>/stall-in")
@requires(Permission.MANAGE_MEETINGS)
def cancel(meeting_id: int) -> ResponseReturnValue:
    meeting = open_meeting(meeting_id)
    form = CancelForm()
    if not form.validate_on_submit():
        return render_template("meetings/cancel.html", meeting=meeting, form=form), 422
    services.cancel_meeting(meeting, reason=form.reason.data or "")
    return commit_and_go("Mötet är inställt.", url_for("meetings.show", meeting_id=meeting_id))


@bp.post("/<int:meeting_id>/planera-igen")
@requires(Permission.MANAGE_MEETINGS)
def reinstate(meeting_id: int) -> ResponseReturnValue:
    services.reinstate_meeting(the_meeting(meeting_id))
    return commit_and_go("Mötet är planerat igen.", url_for("meetings.show", meeting_id=meeting_id))


@bp.get("/<int:meeting_id>/ta-bort")
@requires(Permission.MANAGE_MEETINGS)
def ask_remove(meeting_id: int) -> ResponseReturnValue:
    return render_template("meetings/remove.html", meeting=the_meeting(meeting_id))


@bp.post("/<int:meeting_id>/ta-bort")
@requires(Permission.MANAGE_MEETINGS)
def remove(meeting_id: int) -> ResponseReturnValue:
    services.remove_meeting(the_meeting(meeting_id))
    return commit_and_go("Mötet är borttaget.", url_for("meetings.index"))
