"""Meetings that come back: the rhythm is entered or changed, and the coming meetings are made."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.formatting import count
from platssamverkan.core.recurrence import Recurrence
from platssamverkan.core.saving import commit_and_go
from platssamverkan.meetings import series
from platssamverkan.meetings.blueprint import bp
from platssamverkan.meetings.forms import SeriesForm
from platssamverkan.partnerships.models import MeetingKind, MeetingSeries
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.series import SameSeries
from platssamverkan.partnerships.workspace import current_workspace

FIELDS = ("kind", "recurrence", "starts_on", "starts_at", "minutes_long", "location")


def _saved(row: MeetingSeries) -> dict[str, Any]:
    """Return what the series holds, in the form's own terms."""
    return {name: getattr(row, name) for name in (*FIELDS, "version")}


def _page(form: SeriesForm, row: MeetingSeries | None = None, status: int = 200) -> ResponseReturnValue:
    return render_template("meetings/series_form.html", form=form, series=row), status


@bp.get("/serie/ny")
@requires(Permission.MANAGE_MEETINGS)
def new_series() -> ResponseReturnValue:
    return _page(SeriesForm(data={"kind": MeetingKind.STRATEGIC_FORUM, "recurrence": Recurrence.MONTHLY}))


@bp.post("/serie/ny")
@requires(Permission.MANAGE_MEETINGS)
def create_series() -> ResponseReturnValue:
    form = SeriesForm()
    if not form.validate_on_submit():
        return _page(form, status=422)
    values = {name: form[name].data for name in FIELDS}
    try:
        series.save_series(None, partnership_id=current_workspace().partnership.id, version=None, **values)
    except SameSeries as error:
        form.starts_on.errors = [error.message]
        return _page(form, status=422)
    return _make("Serien är sparad.")


@bp.get("/serie/<int:series_id>")
@requires(Permission.MANAGE_MEETINGS)
def edit_series(series_id: int) -> ResponseReturnValue:
    row = series.series_or_404(series_id, current_workspace().partnership.id)
    return _page(SeriesForm(data=_saved(row)), row)


@bp.post("/serie/<int:series_id>")
@requires(Permission.MANAGE_MEETINGS)
def change_series(series_id: int) -> ResponseReturnValue:
    workspace = current_workspace()
    row = series.series_or_404(series_id, workspace.partnership.id)
    form = SeriesForm(data=_saved(row))
    if not form.validate_on_submit():
        return _page(form, row, 422)
    values = {name: form[name].data for name in FIELDS}
    try:
        series.save_series(row, partnership_id=workspace.partnership.id, version=form.version.data, **values)
    except EditConflict:
        cancel_url = url_for("meetings.index")
        return conflict_page(form, _saved(row), title="Ändra återkommande möte", cancel_url=cancel_url)
    except SameSeries as error:
        form.starts_on.errors = [error.message]
        return _page(form, row, 422)
    return _make("Serien är sparad.")


@bp.get("/serie/<int:series_id>/avsluta")
@requires(Permission.MANAGE_MEETINGS)
def ask_end_series(series_id: int) -> ResponseReturnValue:
    row = series.series_or_404(series_id, current_workspace().partnership.id)
    return render_template("meetings/end_series.html", series=row)


@bp.post("/serie/<int:series_id>/avsluta")
@requires(Permission.MANAGE_MEETINGS)
def end_series(series_id: int) -> ResponseReturnValue:
    gone = series.end_series(series.series_or_404(series_id, current_workspace().partnership.id))
    return commit_and_go(
        f"Serien är avslutad. {count(gone, 'kommande möte', 'kommande möten')} togs bort.", url_for("meetings.index")
    )


@bp.post("/kommande")
@requires(Permission.MANAGE_MEETINGS)
def make_ahead() -> ResponseReturnValue:
    """Make the coming meetings; pressed twice, the second time makes none."""
    return _make("")


def _make(first: str) -> ResponseReturnValue:
    made = series.make_occurrences(current_workspace().partnership.id, series.horizon())
    what = {0: "Inga nya möten behövde läggas upp.", 1: "Ett möte är upplagt."}
    told = what.get(len(made), f"{len(made)} möten är upplagda.")
    return commit_and_go(f"{first} {told}".strip(), url_for("meetings.index"))
