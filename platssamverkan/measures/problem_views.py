"""Problems and their causes: list, page, form, solved or removed."""

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import READERS, build_table, file_response, wants_file
from platssamverkan.measures import form_makers, lists, problem_queries, problem_services
from platssamverkan.measures.blueprint import bp, may_change
from platssamverkan.measures.models import CauseAnalysis, Problem
from platssamverkan.measures.problem_forms import CauseForm, ProblemForm
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

PROBLEM_FIELDS = ("text", "place_id", "spot", "time_band", "consequences", "priority", "noted_on", "visibility")
CAUSE_FIELDS = ("text", "kind", "mandate_actor_id", "visibility")


@bp.get("/problem")
@requires(Permission.READ)
def problems() -> ResponseReturnValue:
    """Show the list of problems; also as a file."""
    workspace = current_workspace()
    statement, spec = lists.problem_list(workspace.partnership.id, workspace.reader)
    table = build_table(statement, spec, export=wants_file())
    if wants_file():
        return file_response(table, f"problem-{workspace.partnership.slug}", [*table.columns, READERS])
    return render_page("measures/problems.html", fragment="measures/_problem_list.html", table=table)


@bp.get("/problem/<int:problem_id>")
@requires(Permission.READ)
def show_problem(problem_id: int) -> ResponseReturnValue:
    """Show a problem with its causes and the measures against each."""
    workspace = current_workspace()
    partnership_id, reader = workspace.partnership.id, workspace.reader
    problem = problem_queries.problem_page(problem_id, partnership_id, reader)
    cause_ids = [cause.id for cause in problem.causes]
    measures = problem_queries.measures_by_cause(cause_ids, partnership_id, reader, clock.today())
    return render_template("measures/problem.html", problem=problem, measures=measures, may_change=may_change)


def _changeable_problem(problem_id: int) -> Problem:
    workspace = current_workspace()
    problem = problem_queries.problem_or_404(problem_id, workspace.partnership.id, workspace.reader)
    if not may_change(problem.owner_actor_id):
        abort(403)
    return problem


def _saved(problem_id: int, message: str) -> ResponseReturnValue:
    return commit_and_go(message, url_for("measures.show_problem", problem_id=problem_id))


def _problem_form(form: ProblemForm, problem: Problem | None = None, status: int = 200) -> ResponseReturnValue:
    return render_template("measures/problem_form.html", form=form, problem=problem), status


@bp.get("/problem/nytt")
@requires(Permission.EDIT_OWN_MEASURES)
def new_problem() -> ResponseReturnValue:
    """Show the form of a new problem."""
    return _problem_form(form_makers.problem_form())


@bp.post("/problem/nytt")
@requires(Permission.EDIT_OWN_MEASURES)
def create_problem() -> ResponseReturnValue:
    """Add a problem."""
    workspace = current_workspace()
    form = form_makers.problem_form()
    if not form.validate_on_submit():
        return _problem_form(form, status=422)
    problem = problem_services.create_problem(
        partnership_id=workspace.partnership.id,
        owner_actor_id=workspace.actor.id,
        **{name: form[name].data for name in PROBLEM_FIELDS},
    )
    return _saved(problem.id, f"Problem {problem.number} är sparat.")


@bp.get("/problem/<int:problem_id>/andra")
@requires(Permission.EDIT_OWN_MEASURES)
def edit_problem(problem_id: int) -> ResponseReturnValue:
    """Show the form of a problem."""
    problem = _changeable_problem(problem_id)
    return _problem_form(form_makers.problem_form(problem), problem)


@bp.post("/problem/<int:problem_id>/andra")
@requires(Permission.EDIT_OWN_MEASURES)
def update_problem(problem_id: int) -> ResponseReturnValue:
    """Save a changed problem."""
    problem = _changeable_problem(problem_id)
    form = form_makers.problem_form(problem)
    if not form.validate_on_submit():
        return _problem_form(form, problem, 422)
    values = {name: form[name].data for name in PROBLEM_FIELDS}
    values["owner_actor_id"] = problem.owner_actor_id or current_workspace().actor.id
    try:
        problem_services.change_problem(problem, version=form.version.data, **values)
    except EditConflict:
        saved = form_makers.problem_form(problem, formdata=None).data
        cancel_url = url_for("measures.show_problem", problem_id=problem.id)
        return conflict_page(form, saved, title=f"Ändra problem {problem.number}", cancel_url=cancel_url)
    return _saved(problem.id, f"Problem {problem.number} är sparat.")


@bp.post("/problem/<int:problem_id>/lost")
@requires(Permission.EDIT_OWN_MEASURES)
def resolve_problem(problem_id: int) -> ResponseReturnValue:
    """Note that the problem is gone."""
    problem = _changeable_problem(problem_id)
    problem_services.resolve(problem, on=clock.today())
    return _saved(problem.id, f"Problem {problem.number} är markerat som löst.")


@bp.post("/problem/<int:problem_id>/kvarstar")
@requires(Permission.EDIT_OWN_MEASURES)
def take_up_problem(problem_id: int) -> ResponseReturnValue:
    """Note that the problem is back."""
    problem = _changeable_problem(problem_id)
    problem_services.take_up(problem)
    return _saved(problem.id, f"Problem {problem.number} kvarstår.")


@bp.get("/problem/<int:problem_id>/ta-bort")
@requires(Permission.EDIT_OWN_MEASURES)
def ask_remove_problem(problem_id: int) -> ResponseReturnValue:
    """Ask whether to remove the problem, or say that causes hang on it."""
    problem = _changeable_problem(problem_id)
    refused = problem_services.why_problem_stays(problem)
    return render_template("measures/remove_problem.html", problem=problem, refused=refused)


@bp.post("/problem/<int:problem_id>/ta-bort")
@requires(Permission.EDIT_OWN_MEASURES)
def remove_problem(problem_id: int) -> ResponseReturnValue:
    """Remove a problem without causes."""
    problem = _changeable_problem(problem_id)
    problem_services.remove_problem(problem)
    return commit_and_go(f"Problem {problem.number} är borttaget.", url_for("measures.problems"))


def _cause_form(
    form: CauseForm, problem: Problem, cause: CauseAnalysis | None = None, status: int = 200
) -> ResponseReturnValue:
    return render_template("measures/cause_form.html", form=form, problem=problem, cause=cause), status


def _readable_problem(problem_id: int) -> Problem:
    workspace = current_workspace()
    return problem_queries.problem_or_404(problem_id, workspace.partnership.id, workspace.reader)


@bp.get("/problem/<int:problem_id>/orsak/ny")
@requires(Permission.EDIT_OWN_MEASURES)
def new_cause(problem_id: int) -> ResponseReturnValue:
    """Show the form of a new cause."""
    return _cause_form(form_makers.cause_form(), _readable_problem(problem_id))


@bp.post("/problem/<int:problem_id>/orsak/ny")
@requires(Permission.EDIT_OWN_MEASURES)
def create_cause(problem_id: int) -> ResponseReturnValue:
    """Add a cause to a problem that the user may read, whoever noted it."""
    problem = _readable_problem(problem_id)
    form = form_makers.cause_form()
    if not form.validate_on_submit():
        return _cause_form(form, problem, status=422)
    values = {name: form[name].data for name in CAUSE_FIELDS}
    cause = problem_services.create_cause(problem, owner_actor_id=current_workspace().actor.id, **values)
    return _saved(problem.id, f"Orsak {cause.number} är sparad.")


def _changeable_cause(cause_id: int) -> CauseAnalysis:
    workspace = current_workspace()
    cause = problem_queries.cause_or_404(cause_id, workspace.partnership.id, workspace.reader)
    if not may_change(cause.owner_actor_id):
        abort(403)
    return cause


@bp.get("/orsak/<int:cause_id>/andra")
@requires(Permission.EDIT_OWN_MEASURES)
def edit_cause(cause_id: int) -> ResponseReturnValue:
    """Show the form of a cause."""
    cause = _changeable_cause(cause_id)
    return _cause_form(form_makers.cause_form(cause), cause.problem, cause)


@bp.post("/orsak/<int:cause_id>/andra")
@requires(Permission.EDIT_OWN_MEASURES)
def update_cause(cause_id: int) -> ResponseReturnValue:
    """Save a changed cause."""
    cause = _changeable_cause(cause_id)
    form = form_makers.cause_form(cause)
    if not form.validate_on_submit():
        return _cause_form(form, cause.problem, cause, 422)
    values = {name: form[name].data for name in CAUSE_FIELDS}
    values["owner_actor_id"] = cause.owner_actor_id or current_workspace().actor.id
    try:
        problem_services.change_cause(cause, version=form.version.data, **values)
    except EditConflict:
        saved = form_makers.cause_form(cause, formdata=None).data
        cancel_url = url_for("measures.show_problem", problem_id=cause.problem_id)
        return conflict_page(form, saved, title=f"Ändra orsak {cause.number}", cancel_url=cancel_url)
    return _saved(cause.problem_id, f"Orsak {cause.number} är sparad.")


@bp.get("/orsak/<int:cause_id>/ta-bort")
@requires(Permission.EDIT_OWN_MEASURES)
def ask_remove_cause(cause_id: int) -> ResponseReturnValue:
    """Ask whether to remove the cause, or say that measures answer it."""
    cause = _changeable_cause(cause_id)
    refused = problem_services.why_cause_stays(cause)
    return render_template("measures/remove_cause.html", cause=cause, refused=refused)


@bp.post("/orsak/<int:cause_id>/ta-bort")
@requires(Permission.EDIT_OWN_MEASURES)
def remove_cause(cause_id: int) -> ResponseReturnValue:
    """Remove a cause that no measure answers."""
    cause = _changeable_cause(cause_id)
    problem_services.remove_cause(cause)
    return _saved(cause.problem_id, f"Orsak {cause.number} är borttagen.")
