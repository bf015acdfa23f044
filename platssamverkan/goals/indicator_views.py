"""Pages of indicators: list, one with chart and observations, and where they are changed."""

from typing import Any

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.fields import named
from platssamverkan.core.formatting import day
from platssamverkan.core.registry import registry
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import READERS, build_table, file_response, wants_file
from platssamverkan.goals import figures, goal_queries, indicator_queries, indicator_services, sheets
from platssamverkan.goals.blueprint import bp
from platssamverkan.goals.forms import EndIndicatorForm, IndicatorForm
from platssamverkan.goals.models import Goal, Indicator
from platssamverkan.partnerships.queries import actor_choices, place_choices
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace


def load_indicator(indicator_id: int) -> Indicator:
    """Return the indicator of the current workspace; 404 when missing or hidden."""
    workspace = current_workspace()
    return indicator_queries.indicator_or_404(workspace.partnership.id, indicator_id, workspace.reader)


def _editable(indicator_id: int) -> Indicator:
    workspace = current_workspace()
    return indicator_queries.indicator_with_goals(workspace.partnership.id, indicator_id, workspace.reader)


def may_record(indicator: Indicator) -> bool:
    """Say whether the user may record observations: all with the right to, else those of the user's own actor."""
    return current_workspace().may_change(
        indicator.owner_id, everything=Permission.RECORD_OBSERVATIONS, own=Permission.EDIT_OWN_MEASURES
    )


def _form(indicator: Indicator | None = None, data: dict[str, Any] | None = None) -> IndicatorForm:
    workspace = current_workspace()
    partnership_id, reader = workspace.partnership.id, workspace.reader
    visibilities = workspace.visibilities(indicator.owner_actor_id if indicator else None)
    form = IndicatorForm(visibilities=visibilities, data=data)
    chosen = [goal.id for goal in indicator.goals] if indicator else []
    form.goals.offer(goal_queries.goal_choices(partnership_id, reader=reader, include=chosen))
    form.owner_id.offer(actor_choices(partnership_id), kept=named(indicator.owner) if indicator else ())
    form.place_id.offer(place_choices(partnership_id), kept=named(indicator.place) if indicator else ())
    return form


def _values(form: IndicatorForm) -> dict[str, Any]:
    values = {name: form[name].data for name in indicator_services.EDITABLE}
    return {name: None if value == "" else value for name, value in values.items()}


def _goals(form: IndicatorForm) -> list[Goal]:
    workspace = current_workspace()
    return goal_queries.goals_by_id(workspace.partnership.id, form.goals.data or [], workspace.reader)


def _present(indicator: Indicator) -> dict[str, Any]:
    saved = {name: getattr(indicator, name) for name in indicator_services.EDITABLE}
    return saved | {"goals": [goal.id for goal in indicator.goals], "version": indicator.version}


@bp.get("/indikatorer")
@requires(Permission.READ)
def indicators() -> ResponseReturnValue:
    """Show the list of indicators; also as a file."""
    workspace = current_workspace()
    partnership_id = workspace.partnership.id
    goals = goal_queries.goal_choices(partnership_id, reader=workspace.reader)
    statement, spec = indicator_queries.indicator_list(workspace.reader, goals, actor_choices(partnership_id))
    is_file = wants_file()
    table = build_table(statement, spec, export=is_file, values={"partnership_id": partnership_id})
    table = indicator_queries.with_recent(table, workspace.reader)
    if is_file:
        return file_response(table, "indikatorer", [*table.columns, READERS])
    return render_page("goals/indicators.html", fragment="goals/_indicator_list.html", table=table)


@bp.get("/indikatorer/<int:indicator_id>")
@requires(Permission.READ)
def indicator(indicator_id: int) -> Response:
    """Show one indicator: caveats, chart, observations (also as a file), and what rests on it."""
    found = load_indicator(indicator_id)
    workspace, is_recorder = current_workspace(), may_record(found)
    reader = workspace.reader
    statement, spec = indicator_queries.observation_list(reader, may_record=is_recorder)
    values = {"indicator_id": found.id}
    if wants_file():
        table = build_table(statement, spec, export=True, values=values)
        return file_response(table, f"matvarden-{found.id}", sheets.file_columns(found))
    now = indicator_queries.indicator_now(found, reader)
    return render_page(
        "goals/indicator.html",
        fragment="goals/_observations.html",
        indicator=found,
        now=now,
        chart=figures.indicator_chart(now, "chart"),
        table=build_table(statement, spec, values=values),
        mentions=registry.mentions_of("indicator", workspace.partnership.id, [found.id], reader)[found.id],
        may_record=is_recorder,
    )


@bp.get("/indikatorer/ny")
@requires(Permission.MANAGE_GOALS)
def new_indicator() -> Response:
    """Show the form of a new indicator."""
    return render_page("goals/indicator_form.html", form=_form(), indicator=None)


@bp.post("/indikatorer/ny")
@requires(Permission.MANAGE_GOALS)
def create_indicator() -> ResponseReturnValue:
    """Add an indicator."""
    form = _form()
    if not form.validate_on_submit():
        return render_page("goals/indicator_form.html", form=form, indicator=None, status=422)
    workspace = current_workspace()
    indicator = indicator_services.create_indicator(
        partnership_id=workspace.partnership.id,
        owner_actor_id=workspace.actor.id,
        goals=_goals(form),
        **_values(form),
    )
    return _saved(indicator, f"Indikatorn {indicator.name} är sparad.")


@bp.get("/indikatorer/<int:indicator_id>/andra")
@requires(Permission.MANAGE_GOALS)
def edit_indicator(indicator_id: int) -> Response:
    """Show the form of an indicator."""
    found = _editable(indicator_id)
    return render_page("goals/indicator_form.html", form=_form(found, _present(found)), indicator=found)


@bp.post("/indikatorer/<int:indicator_id>/andra")
@requires(Permission.MANAGE_GOALS)
def save_indicator(indicator_id: int) -> ResponseReturnValue:
    """Save an indicator."""
    found = _editable(indicator_id)
    form = _form(found)
    if not form.validate_on_submit():
        return render_page("goals/indicator_form.html", form=form, indicator=found, status=422)
    try:
        indicator_services.edit_indicator(
            found,
            goals=_goals(form),
            posted_version=form.version.data,
            owner_actor_id=current_workspace().actor.id,
            **_values(form),
        )
    except EditConflict:
        cancel_url = url_for("goals.indicator", indicator_id=found.id)
        return conflict_page(form, _present(found), title=f"Ändra {found.name}", cancel_url=cancel_url)
    return _saved(found, f"Indikatorn {found.name} är sparad.")


@bp.get("/indikatorer/<int:indicator_id>/avsluta")
@requires(Permission.MANAGE_GOALS)
def ask_end_indicator(indicator_id: int) -> Response:
    """Ask for the indicator's last day."""
    found = load_indicator(indicator_id)
    indicator_services.check_not_ended(found)
    form = EndIndicatorForm(data={"ended_on": clock.today(), "version": found.version})
    return render_page("goals/indicator_end.html", form=form, indicator=found)


@bp.post("/indikatorer/<int:indicator_id>/avsluta")
@requires(Permission.MANAGE_GOALS)
def end_indicator(indicator_id: int) -> ResponseReturnValue:
    """Stop following the indicator."""
    found = load_indicator(indicator_id)
    form = EndIndicatorForm()
    if not form.validate_on_submit():
        return render_page("goals/indicator_end.html", form=form, indicator=found, status=422)
    try:
        indicator_services.end_indicator(found, on=form.ended_on.data, posted_version=form.version.data)
    except EditConflict:
        saved = {"ended_on": found.ended_on, "version": found.version}
        cancel_url = url_for("goals.indicator", indicator_id=found.id)
        return conflict_page(form, saved, title="Avsluta indikatorn", cancel_url=cancel_url)
    return _saved(found, f"Indikatorn {found.name} följs till och med {day(found.ended_on)}.")


@bp.post("/indikatorer/<int:indicator_id>/ateroppna")
@requires(Permission.MANAGE_GOALS)
def reopen_indicator(indicator_id: int) -> ResponseReturnValue:
    """Follow an ended indicator again."""
    found = load_indicator(indicator_id)
    indicator_services.reopen_indicator(found)
    return _saved(found, f"Indikatorn {found.name} följs igen.")


@bp.get("/indikatorer/<int:indicator_id>/ta-bort")
@requires(Permission.MANAGE_GOALS)
def ask_delete_indicator(indicator_id: int) -> Response:
    """Ask whether to remove the indicator."""
    found = load_indicator(indicator_id)
    hanging = indicator_services.what_hangs_on(found)
    return render_page("goals/indicator_delete.html", indicator=found, hanging=hanging)


@bp.post("/indikatorer/<int:indicator_id>/ta-bort")
@requires(Permission.MANAGE_GOALS)
def delete_indicator(indicator_id: int) -> ResponseReturnValue:
    """Remove an indicator that nothing rests on."""
    found = load_indicator(indicator_id)
    indicator_services.delete_indicator(found)
    return commit_and_go(f"Indikatorn {found.name} är borttagen.", url_for("goals.indicators"))


def _saved(indicator: Indicator, message: str) -> ResponseReturnValue:
    return commit_and_go(message, url_for("goals.indicator", indicator_id=indicator.id))
