"""Pages of measures: the list, the page with the whole chain, and the form."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.core import clock, drafts
from platssamverkan.core.access import requires
from platssamverkan.core.addresses import asked_id
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table, file_response, wants_file
from platssamverkan.measures import (
    chain,
    follow_up_views,
    form_makers,
    import_views,
    lists,
    neighbours,
    problem_queries,
    problem_views,
    queries,
    services,
    sheets,
    status_views,
)
from platssamverkan.measures.blueprint import bp, changeable_measure, may_change
from platssamverkan.measures.forms import MeasureForm
from platssamverkan.measures.models import Measure
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

#: Importing these modules puts their views on the blueprint.
VIEW_MODULES = (follow_up_views, import_views, problem_views, status_views)
blueprints = [bp]


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    """Show the list of measures; also as a file."""
    workspace = current_workspace()
    partnership_id, reader, today = workspace.partnership.id, workspace.reader, clock.today()
    known_goals = neighbours.goals(partnership_id, reader)
    statement, spec = lists.measure_list(partnership_id, reader, today, known_goals.values(), export=wants_file())
    table = build_table(statement, spec, export=wants_file())
    goal_ids = queries.goal_ids_of([measure.id for measure in table.rows])
    goals = {row_id: [known_goals[key].label for key in ids if key in known_goals] for row_id, ids in goal_ids.items()}
    if wants_file():
        return file_response(table, f"atgarder-{workspace.partnership.slug}", sheets.file_columns(goals, reader))
    return render_page(
        "measures/index.html",
        fragment="measures/_list.html",
        table=table,
        today=today,
        goals={row_id: ", ".join(labels) for row_id, labels in goals.items()},
    )


@bp.get("/<int:measure_id>")
@requires(Permission.READ)
def show(measure_id: int) -> ResponseReturnValue:
    """Show a measure with its whole chain, and the buttons that change it."""
    workspace = current_workspace()
    page = chain.measure_page(measure_id, workspace.partnership.id, workspace.reader)
    changeable = may_change(page.measure.responsible_actor_id)
    return render_template(
        "measures/show.html",
        page=page,
        may_change=changeable,
        today=clock.today(),
        moves=services.next_statuses(page.measure),
    )


def _values(form: MeasureForm) -> dict[str, Any]:
    """Return what the form says of the measure's own columns."""
    return {name: form[name].data for name in services.EDITABLE if name in form}


def _draft_key(measure: Measure | None) -> str:
    """Return the key under which the draft of the description is kept."""
    return f"measure:{measure.id if measure else f'ny-{current_workspace().partnership.id}'}:description"


def _form_page(form: MeasureForm, *, measure: Measure | None = None, status: int = 200) -> ResponseReturnValue:
    return render_template("measures/form.html", form=form, measure=measure, draft_key=_draft_key(measure)), status


@bp.get("/ny")
@requires(Permission.EDIT_OWN_MEASURES)
def new() -> ResponseReturnValue:
    """Show the form of a new measure, or of one against the cause in the address."""
    workspace = current_workspace()
    start: dict[str, Any] = {"affected_actor_ids": [], "goal_ids": []}
    cause_id = asked_id("orsak")
    if cause_id is not None:
        cause = problem_queries.cause_or_404(cause_id, workspace.partnership.id, workspace.reader)
        start |= {"cause_id": cause.id, "place_id": cause.problem.place_id}
        start["responsible_actor_id"] = cause.mandate_actor_id
    if not workspace.allows(Permission.MANAGE_MEASURES):
        start["responsible_actor_id"] = workspace.actor.id
    return _form_page(form_makers.measure_form(start=start))


@bp.post("/ny")
@requires(Permission.EDIT_OWN_MEASURES)
def create() -> ResponseReturnValue:
    """Add a measure."""
    workspace = current_workspace()
    form = form_makers.measure_form()
    if not form.validate_on_submit():
        return _form_page(form, status=422)
    measure = services.create_measure(
        partnership_id=workspace.partnership.id,
        owner_actor_id=workspace.actor.id,
        status=form.status.data,
        **form.links(),
        **_values(form),
    )
    drafts.settle(current_user.id, _draft_key(None))
    return _saved(measure, form)


def _saved(measure: Measure, form: MeasureForm) -> ResponseReturnValue:
    due = form.due_on
    told = services.told_of_due(due.data) if due.data != due.object_data else ""
    return commit_and_go(f"Åtgärd {measure.number} är sparad.{told}", url_for("measures.show", measure_id=measure.id))


@bp.get("/<int:measure_id>/andra")
@requires(Permission.EDIT_OWN_MEASURES)
def edit(measure_id: int) -> ResponseReturnValue:
    """Show the form of a measure."""
    measure = changeable_measure(measure_id)
    return _form_page(form_makers.measure_form(measure), measure=measure)


@bp.post("/<int:measure_id>/andra")
@requires(Permission.EDIT_OWN_MEASURES)
def update(measure_id: int) -> ResponseReturnValue:
    """Save a changed measure; goals that the user may not read stay as they are."""
    measure = changeable_measure(measure_id)
    form = form_makers.measure_form(measure)
    if not form.validate_on_submit():
        return _form_page(form, measure=measure, status=422)
    links = form.links()
    choices: Any = form.goal_ids.choices
    offered = {choice.value for choice in choices}
    unseen = set(queries.goal_ids_of([measure.id])[measure.id]) - offered
    links["goal_ids"] = unseen | set(links["goal_ids"])
    owner = {"owner_actor_id": measure.owner_actor_id or current_workspace().actor.id}
    try:
        services.change_measure(measure, version=form.version.data, values=_values(form) | owner, **links)
    except EditConflict:
        saved = form_makers.measure_form(measure, formdata=None).data
        cancel_url = url_for("measures.show", measure_id=measure.id)
        return conflict_page(form, saved, title=f"Ändra åtgärd {measure.number}", cancel_url=cancel_url)
    drafts.settle(current_user.id, _draft_key(measure))
    return _saved(measure, form)


@bp.get("/<int:measure_id>/ta-bort")
@requires(Permission.EDIT_OWN_MEASURES)
def ask_remove(measure_id: int) -> ResponseReturnValue:
    """Ask whether to remove a proposed measure."""
    return render_template("measures/remove.html", measure=changeable_measure(measure_id))


@bp.post("/<int:measure_id>/ta-bort")
@requires(Permission.EDIT_OWN_MEASURES)
def remove(measure_id: int) -> ResponseReturnValue:
    """Remove a proposed measure that nothing hangs on."""
    measure = changeable_measure(measure_id, *queries.follow_up_options())
    services.remove_measure(measure)
    return commit_and_go(f"Åtgärd {measure.number} är borttagen.", url_for("measures.index"))
