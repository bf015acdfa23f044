"""Pages where the coordinator plans: one briefing, a rhythm, moving, cancelling, noting that one was missed."""

from typing import Any

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.briefings import planning, queries
from platssamverkan.briefings.blueprint import bp
from platssamverkan.briefings.forms import CancelForm, PlanEditForm, PlanForm, SeriesForm
from platssamverkan.briefings.models import Briefing
from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.fields import named
from platssamverkan.core.formatting import count
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.partnerships.queries import actor_choices
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.series import SameSeries
from platssamverkan.partnerships.workspace import current_workspace


def _here(briefing_id: int) -> Briefing:
    return queries.briefing_here(briefing_id, current_workspace().partnership.id)


def _saved(briefing_id: int, message: str) -> ResponseReturnValue:
    return commit_and_go(message, url_for(".show", briefing_id=briefing_id))


def _plan_values(form: PlanForm) -> dict[str, Any]:
    return {
        "starts_at": clock.at_local(form.day.data, form.at.data),
        "location": form.location.data or None,
        "held_by_id": form.held_by_id.data,
    }


def _with_actors(form: PlanForm) -> PlanForm:
    form.held_by_id.offer(actor_choices(current_workspace().partnership.id))
    return form


@bp.get("/ny")
@requires(Permission.MANAGE_BRIEFINGS)
def new() -> ResponseReturnValue:
    return render_template("briefings/new.html", form=_with_actors(PlanForm(data={"day": clock.today()})))


@bp.post("/ny")
@requires(Permission.MANAGE_BRIEFINGS)
def create() -> ResponseReturnValue:
    form = _with_actors(PlanForm())
    if not form.validate_on_submit():
        return render_page("briefings/new.html", form=form, status=422)
    briefing = planning.plan_briefing(partnership_id=current_workspace().partnership.id, **_plan_values(form))
    return _saved(briefing.id, "Utställningen är planerad.")


def _present(briefing: Briefing) -> dict[str, Any]:
    starts = clock.to_local(briefing.starts_at)
    names = ("location", "held_by_id", "version")
    return {name: getattr(briefing, name) for name in names} | {"day": starts.date(), "at": starts.time()}


def _edit_form(briefing: Briefing, **data: Any) -> PlanEditForm:
    form = PlanEditForm(data={"version": briefing.version, **data})
    form.held_by_id.offer(actor_choices(current_workspace().partnership.id), kept=named(briefing.held_by))
    return form


@bp.get("/<int:briefing_id>/flytta")
@requires(Permission.MANAGE_BRIEFINGS)
def edit(briefing_id: int) -> ResponseReturnValue:
    briefing = _here(briefing_id)
    planning.check_ahead(briefing)
    return render_template("briefings/move.html", briefing=briefing, form=_edit_form(briefing, **_present(briefing)))


@bp.post("/<int:briefing_id>/flytta")
@requires(Permission.MANAGE_BRIEFINGS)
def change(briefing_id: int) -> ResponseReturnValue:
    briefing = _here(briefing_id)
    form = _edit_form(briefing)
    if not form.validate_on_submit():
        return render_page("briefings/move.html", briefing=briefing, form=form, status=422)
    try:
        planning.change_briefing(briefing, version=form.version.data, now=clock.now(), **_plan_values(form))
    except EditConflict:
        cancel_url = url_for(".show", briefing_id=briefing.id)
        return conflict_page(form, _present(briefing), title="Ändra utställning", cancel_url=cancel_url)
    return _saved(briefing.id, "Utställningen är ändrad.")


@bp.get("/<int:briefing_id>/stall-in")
@requires(Permission.MANAGE_BRIEFINGS)
def cancel_form(briefing_id: int) -> ResponseReturnValue:
    briefing = _here(briefing_id)
    planning.check_ahead(briefing)
    return render_template("briefings/cancel.html", briefing=briefing, form=CancelForm(obj=briefing))


@bp.post("/<int:briefing_id>/stall-in")
@requires(Permission.MANAGE_BRIEFINGS)
def cancel(briefing_id: int) -> ResponseReturnValue:
    briefing = _here(briefing_id)
    form = CancelForm()
    if not form.validate_on_submit():
        return render_page("briefings/cancel.html", briefing=briefing, form=form, status=422)
    planning.cancel_briefing(briefing, version=form.version.data, reason=form.reason.data)
    return _saved(briefing.id, "Utställningen är inställd.")


@bp.post("/<int:briefing_id>/blev-inte-av")
@requires(Permission.MANAGE_BRIEFINGS)
def miss(briefing_id: int) -> ResponseReturnValue:
    planning.miss_briefing(_here(briefing_id), now=clock.now())
    return _saved(briefing_id, "Utställningen blev inte av.")


@bp.post("/<int:briefing_id>/planera-igen")
@requires(Permission.MANAGE_BRIEFINGS)
def plan_again(briefing_id: int) -> ResponseReturnValue:
    planning.plan_again(_here(briefing_id), now=clock.now())
    return _saved(briefing_id, "Utställningen är planerad igen.")


@bp.get("/serie/ny")
@requires(Permission.MANAGE_BRIEFINGS)
def new_series() -> ResponseReturnValue:
    form = SeriesForm(data={"starts_on": clock.today()})
    form.led_by_id.offer(actor_choices(current_workspace().partnership.id))
    return render_template("briefings/new_series.html", form=form)


@bp.post("/serie/ny")
@requires(Permission.MANAGE_BRIEFINGS)
def create_series() -> ResponseReturnValue:
    workspace = current_workspace()
    form = SeriesForm()
    form.led_by_id.offer(actor_choices(workspace.partnership.id))
    if not form.validate_on_submit():
        return render_page("briefings/new_series.html", form=form, status=422)
    try:
        series = planning.start_series(
            partnership_id=workspace.partnership.id,
            recurrence=form.recurrence.data,
            weekdays=form.weekdays.data or [],
            starts_on=form.starts_on.data,
            starts_at=form.starts_at.data,
            location=form.location.data or None,
            led_by_id=form.led_by_id.data,
        )
    except SameSeries as error:
        form.starts_on.errors = [error.message]
        return render_page("briefings/new_series.html", form=form, status=422)
    made = planning.make_occurrences(
        series, today=clock.today(), horizon_days=current_app.config["BRIEFING_HORIZON_DAYS"]
    )
    return commit_and_go(f"Serien är sparad. {_entered(len(made))}", url_for(".index"))


@bp.get("/serie/<int:series_id>/avsluta")
@requires(Permission.MANAGE_BRIEFINGS)
def end_series_form(series_id: int) -> ResponseReturnValue:
    series = queries.series_or_404(series_id, current_workspace().partnership.id)
    return render_template("briefings/end_series.html", series=series)


@bp.post("/serie/<int:series_id>/avsluta")
@requires(Permission.MANAGE_BRIEFINGS)
def end_series(series_id: int) -> ResponseReturnValue:
    series = queries.series_or_404(series_id, current_workspace().partnership.id)
    gone = planning.end_series(series, now=clock.now())
    told = count(gone, "planerad utställning", "planerade utställningar")
    return commit_and_go(f"Serien är avslutad. {told} togs bort.", url_for(".index"))


@bp.post("/serie/<int:series_id>/fyll-pa")
@requires(Permission.MANAGE_BRIEFINGS)
def fill_series(series_id: int) -> ResponseReturnValue:
    series = queries.series_or_404(series_id, current_workspace().partnership.id)
    made = planning.make_occurrences(
        series, today=clock.today(), horizon_days=current_app.config["BRIEFING_HORIZON_DAYS"]
    )
    return commit_and_go(_entered(len(made)), url_for(".index"))


def _entered(made: int) -> str:
    return f"{count(made, 'utställning är inlagd', 'utställningar är inlagda')}."
