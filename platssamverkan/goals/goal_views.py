"""Pages where goals are set, reworded, ended and removed."""

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import DomainError, EditConflict
from platssamverkan.core.formatting import day
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.goals import assessment_queries, goal_queries, services
from platssamverkan.goals.blueprint import bp
from platssamverkan.goals.forms import EndGoalForm, GoalForm, GoalPlaceForm, RewordForm
from platssamverkan.goals.models import Goal, GoalLevel
from platssamverkan.goals.wording import goal_name
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace


def _goal(goal_id: int) -> Goal:
    workspace = current_workspace()
    return goal_queries.goal_or_404(workspace.partnership.id, goal_id, workspace.reader)


def _saved(goal: Goal, message: str) -> ResponseReturnValue:
    return commit_and_go(message, url_for("goals.show", goal_id=goal.id))


def _parents(without: Goal | None = None) -> list[tuple[int, str]]:
    workspace = current_workspace()
    chosen = [without.parent_id] if without and without.parent_id else []
    found = goal_queries.goal_choices(workspace.partnership.id, reader=workspace.reader, include=chosen)
    hidden = {without.id, *goal_queries.ids_below(without.id)} if without else set()
    return [choice for choice in found if choice[0] not in hidden]


@bp.get("/nytt")
@requires(Permission.MANAGE_GOALS)
def new() -> Response:
    """Show the form of a new goal."""
    visibilities = current_workspace().visibilities(None)
    form = GoalForm(parents=_parents(), visibilities=visibilities, data={"level": GoalLevel.DIRECTION})
    return render_page("goals/new.html", form=form)


@bp.post("/nytt")
@requires(Permission.MANAGE_GOALS)
def create() -> ResponseReturnValue:
    """Set a new goal."""
    workspace = current_workspace()
    form = GoalForm(parents=_parents(), visibilities=workspace.visibilities(None))
    if not form.validate_on_submit():
        return render_page("goals/new.html", form=form, status=422)
    goal = services.create_goal(
        partnership_id=workspace.partnership.id,
        level=form.level.data,
        number=form.number.data,
        parent_id=form.parent_id.data,
        text=form.text.data or "",
        starts=form.starts.data,
        visibility=form.visibility.data,
        owner_actor_id=workspace.actor.id,
    )
    return _saved(goal, f"{goal_name(goal)} är sparat.")


@bp.get("/<int:goal_id>/andra")
@requires(Permission.MANAGE_GOALS)
def edit(goal_id: int) -> Response:
    """Show the form of where the goal stands in the tree."""
    goal = _goal(goal_id)
    visibilities = current_workspace().visibilities(goal.owner_actor_id)
    form = GoalPlaceForm(parents=_parents(goal), visibilities=visibilities, obj=goal)
    return render_page("goals/edit.html", form=form, goal=goal)


@bp.post("/<int:goal_id>/andra")
@requires(Permission.MANAGE_GOALS)
def save(goal_id: int) -> ResponseReturnValue:
    """Save where the goal stands in the tree and who may read it."""
    goal, workspace = _goal(goal_id), current_workspace()
    form = GoalPlaceForm(parents=_parents(goal), visibilities=workspace.visibilities(goal.owner_actor_id))
    if not form.validate_on_submit():
        return render_page("goals/edit.html", form=form, goal=goal, status=422)
    try:
        services.place_goal(
            goal,
            posted_version=form.version.data,
            level=form.level.data,
            number=form.number.data,
            parent_id=form.parent_id.data,
            visibility=form.visibility.data,
            owner_actor_id=workspace.actor.id,
        )
    except EditConflict:
        saved = {name: getattr(goal, name) for name in ("level", "number", "parent_id", "visibility", "version")}
        cancel_url = url_for("goals.show", goal_id=goal_id)
        return conflict_page(form, saved, title="Ändra målets nivå och nummer", cancel_url=cancel_url)
    return _saved(goal, f"{goal_name(goal)} är sparat.")


@bp.get("/<int:goal_id>/lydelse")
@requires(Permission.MANAGE_GOALS)
def edit_words(goal_id: int) -> Response:
    """Show the form of the goal's words."""
    goal = _goal(goal_id)
    latest = goal.versions[-1]
    form = RewordForm(
        is_assessed=assessment_queries.version_is_assessed(latest),
        data={"text": latest.text, "version": services.words_version(goal)},
    )
    return _words_page(goal, form)


def _words_page(goal: Goal, form: RewordForm, *, status: int = 200) -> Response:
    is_to_come = not goal.versions[-1].has_begun(clock.today())
    return render_page("goals/words.html", form=form, goal=goal, is_to_come=is_to_come, status=status)


@bp.post("/<int:goal_id>/lydelse")
@requires(Permission.MANAGE_GOALS)
def save_words(goal_id: int) -> ResponseReturnValue:
    """Give the goal new words, or put the latest right while they have not been assessed."""
    goal = _goal(goal_id)
    latest = goal.versions[-1]
    form = RewordForm(is_assessed=assessment_queries.version_is_assessed(latest))
    if not form.validate_on_submit():
        return _words_page(goal, form, status=422)
    try:
        if form.is_new_version:
            services.reword(
                goal,
                text=form.text.data or "",
                starts=form.starts.data,
                reason=form.reason.data or "",
                posted_version=form.version.data,
            )
        else:
            services.correct_spelling(
                goal,
                text=form.text.data or "",
                starts=form.starts.data or latest.starts,
                posted_version=form.version.data,
            )
    except EditConflict:
        saved = {"text": latest.text, "starts": latest.starts, "reason": latest.change_reason}
        return conflict_page(
            form,
            saved | {"version": services.words_version(goal)},
            title=f"Ändra {goal_name(goal).lower()}",
            cancel_url=url_for("goals.show", goal_id=goal.id),
        )
    except DomainError as error:
        form.starts.errors = [error.message]
        return _words_page(goal, form, status=422)
    return _saved(goal, "Den nya lydelsen är sparad." if form.is_new_version else "Rättelsen är sparad.")


@bp.get("/<int:goal_id>/avsluta")
@requires(Permission.MANAGE_GOALS)
def ask_end(goal_id: int) -> Response:
    """Ask for the goal's last day and why it ends."""
    goal = _goal(goal_id)
    services.check_not_ended(goal)
    form = EndGoalForm(goal=goal, data={"ended_on": clock.today(), "version": goal.version})
    return render_page("goals/end.html", form=form, goal=goal)


@bp.post("/<int:goal_id>/avsluta")
@requires(Permission.MANAGE_GOALS)
def end(goal_id: int) -> ResponseReturnValue:
    """End the goal."""
    goal = _goal(goal_id)
    form = EndGoalForm(goal=goal)
    if not form.validate_on_submit():
        return render_page("goals/end.html", form=form, goal=goal, status=422)
    try:
        services.end_goal(goal, on=form.ended_on.data, reason=form.reason.data or "", posted_version=form.version.data)
    except EditConflict:
        saved = {"ended_on": goal.ended_on, "reason": goal.ended_reason, "version": goal.version}
        cancel_url = url_for("goals.show", goal_id=goal_id)
        return conflict_page(form, saved, title="Avsluta målet", cancel_url=cancel_url)
    is_over = goal_queries.is_ended(goal, clock.today())
    return _saved(goal, f"{goal_name(goal)} {'är avslutat' if is_over else f'avslutas {day(goal.ended_on)}'}.")


@bp.post("/<int:goal_id>/ateroppna")
@requires(Permission.MANAGE_GOALS)
def reopen(goal_id: int) -> ResponseReturnValue:
    """Let an ended goal hold again."""
    goal = _goal(goal_id)
    services.reopen_goal(goal)
    return _saved(goal, f"{goal_name(goal)} gäller igen.")


@bp.get("/<int:goal_id>/ta-bort")
@requires(Permission.MANAGE_GOALS)
def ask_delete(goal_id: int) -> Response:
    """Ask whether to remove the goal, or say what hangs on it."""
    goal = _goal(goal_id)
    return render_page("goals/delete.html", goal=goal, hanging=services.what_hangs_on(goal))


@bp.post("/<int:goal_id>/ta-bort")
@requires(Permission.MANAGE_GOALS)
def delete(goal_id: int) -> ResponseReturnValue:
    """Remove a goal that nothing hangs on."""
    goal = _goal(goal_id)
    services.delete_goal(goal)
    return commit_and_go(f"{goal_name(goal)} är borttaget.", url_for("goals.index"))
