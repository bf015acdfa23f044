"""Pages of assessments: a whole period, one goal's, approval of the period and corrections after it."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.core import clock, drafts, locks
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.goals import assessment_queries, assessment_services, goal_queries
from platssamverkan.goals.assessment_forms import AssessmentForm, CorrectionForm
from platssamverkan.goals.assessment_queries import EVIDENCE_KINDS
from platssamverkan.goals.blueprint import bp
from platssamverkan.goals.indicator_queries import indicators_by_goal
from platssamverkan.goals.models import AssessmentCorrection, Goal, GoalAssessment, ReportingPeriod
from platssamverkan.goals.wording import forecast_text, goal_name, period_text, version_at
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

PATH = "/<int:goal_id>/bedomning/<int:year>/<period>"
TEXTS = ("motivation", "deviations", "continued_work", "proposed_change")


def _period(year: int, name: str) -> tuple[int, ReportingPeriod]:
    if name not in set(ReportingPeriod) or not 2000 <= year <= 2199:
        abort(404)
    return year, ReportingPeriod(name)


def _asked_period() -> tuple[int, ReportingPeriod]:
    """Return the period in the address or the posted form; the one being assessed today when none is given."""
    now = assessment_queries.current_period()
    text, name = request.values.get("ar", ""), request.values.get("period", "")
    year = int(text) if text.isdecimal() and len(text) == 4 else now[0]
    return _period(year, name or now[1].value)


def _goal(goal_id: int) -> Goal:
    workspace = current_workspace()
    return goal_queries.goal_or_404(workspace.partnership.id, goal_id, workspace.reader)


def _found(goal: Goal, year: int, period: ReportingPeriod) -> GoalAssessment | None:
    return assessment_queries.assessment_of(goal, year, period, current_workspace().reader)


def _found_or_404(goal: Goal, year: int, period: ReportingPeriod) -> GoalAssessment:
    found = _found(goal, year, period)
    if found is None:
        abort(404)
    return found


def _address(endpoint: str, goal: Goal, year: int, period: ReportingPeriod) -> str:
    return url_for(f"goals.{endpoint}", goal_id=goal.id, year=year, period=period.value)


def draft_key(goal: Goal, year: int, period: ReportingPeriod) -> str:
    """Return the key under which the motivation is kept while it is written."""
    return f"assessment:{goal.id}:{year}:{period.value}:motivation"


@bp.get("/bedomning")
@requires(Permission.READ)
def period() -> Response:
    """Show all goals of the period with their assessments."""
    workspace = current_workspace()
    year, name = _asked_period()
    items = assessment_queries.assessments_for(workspace.partnership.id, year, name, workspace.reader)
    known = assessment_queries.periods_with_assessments(workspace.partnership.id, workspace.reader)
    return render_page(
        "goals/period.html",
        items=items,
        year=year,
        period=name,
        title=period_text(year, name),
        forecast=forecast_text(year, name),
        periods=list(ReportingPeriod),
        known=[(one_year, one, period_text(one_year, one)) for one_year, one in known],
        unlocked=[item for item in items if item.assessment and not item.is_locked],
    )


@bp.get("/bedomning/faststall")
@requires(Permission.ASSESS_GOALS)
def ask_approve() -> Response:
    """Ask whether to approve all assessments of the period, and say which goals have none."""
    workspace = current_workspace()
    year, name = _asked_period()
    items = assessment_queries.assessments_for(workspace.partnership.id, year, name, workspace.reader)
    found = assessment_queries.unlocked_of_period(workspace.partnership.id, year, name, workspace.reader)
    return render_page(
        "goals/approve.html",
        year=year,
        period=name,
        title=period_text(year, name),
        count=len(found),
        mark=assessment_services.mark_of(found),
        missing=[item for item in items if item.assessment is None and not item.is_hidden],
    )


@bp.post("/bedomning/faststall")
@requires(Permission.ASSESS_GOALS)
def approve() -> ResponseReturnValue:
    """Approve all assessments of the period; from now they can only be corrected."""
    workspace = current_workspace()
    year, name = _asked_period()
    found = assessment_queries.unlocked_of_period(workspace.partnership.id, year, name, workspace.reader)
    mark = request.form.get("mark", "")
    assessment_services.approve(found, mark=mark, by_function=current_user.function)
    return commit_and_go(
        f"Bedömningarna är fastställda: {period_text(year, name)}. Nästa steg är rapporten.",
        url_for("goals.period", ar=year, period=name.value),
    )


@bp.get(PATH)
@requires(Permission.READ)
def assessment(goal_id: int, year: int, period: str) -> ResponseReturnValue:
    """Show the assessment; where there is none yet, those who may assess get its form."""
    workspace = current_workspace()
    goal = _goal(goal_id)
    year, name = _period(year, period)
    found = _found(goal, year, name)
    if found is None:
        if not workspace.allows(Permission.ASSESS_GOALS):
            abort(404)
        return redirect(_address("edit_assessment", goal, year, name))
    evidence = assessment_queries.evidence_of(workspace.partnership.id, [found], workspace.reader)
    return render_page(
        "goals/assessment.html",
        goal=goal,
        assessment=found,
        evidence=evidence.get(found.id, []),
        title=period_text(year, name),
        forecast=forecast_text(year, name),
    )


def _form(
    year: int, period: ReportingPeriod, found: GoalAssessment | None, data: dict[str, Any] | None = None
) -> AssessmentForm:
    workspace = current_workspace()
    choices = assessment_queries.evidence_choices(workspace.partnership.id, year, period, workspace.reader, found)
    offered = {kind: {row_id for row_id, _ in rows} for kind, rows in choices.items()}
    kept: dict[str, list[int]] = {}
    for link in found.evidence if found else []:
        kind, row_id = link.target
        if row_id not in offered[kind]:
            kept.setdefault(kind, []).append(row_id)
    visibilities = workspace.visibilities(found.owner_actor_id if found else None)
    return AssessmentForm(choices=choices, kept=kept, visibilities=visibilities, data=data)


def _present(found: GoalAssessment) -> dict[str, Any]:
    names = (*TEXTS, "grade", "lacks_evidence", "visibility", "version")
    saved: dict[str, Any] = {name: getattr(found, name) for name in names}
    for kind in EVIDENCE_KINDS:
        saved[kind] = [row_id for link in found.evidence for one, row_id in [link.target] if one == kind]
    return saved


def _form_page(
    goal: Goal,
    year: int,
    period: ReportingPeriod,
    form: AssessmentForm,
    found: GoalAssessment | None,
    *,
    status: int = 200,
) -> Response:
    last_day = period.days(year)[1]
    version = found.goal_version if found else version_at(goal, last_day)
    return render_page(
        "goals/assessment_form.html",
        goal=goal,
        version=version,
        assessment=found,
        form=form,
        kinds=[form[kind] for kind in EVIDENCE_KINDS if form[kind].choices],
        tied=assessment_queries.tied_to(goal),
        indicators=indicators_by_goal([goal.id], current_workspace().reader, until=last_day)[goal.id],
        year=year,
        period=period,
        title=period_text(year, period),
        forecast=forecast_text(year, period),
        draft=draft_key(goal, year, period),
        status=status,
    )


@bp.get(f"{PATH}/andra")
@requires(Permission.ASSESS_GOALS)
def edit_assessment(goal_id: int, year: int, period: str) -> Response:
    """Show the form of an assessment, new or not yet approved."""
    goal = _goal(goal_id)
    year, name = _period(year, period)
    found = _found(goal, year, name)
    if found is not None:
        locks.check_open(found)
    else:
        assessment_services.check_not_assessed(goal, year, name)
    form = _form(year, name, found, _present(found) if found else {"version": 0})
    return _form_page(goal, year, name, form, found)


@bp.post(f"{PATH}/andra")
@requires(Permission.ASSESS_GOALS)
def save_assessment(goal_id: int, year: int, period: str) -> ResponseReturnValue:
    """Save an assessment, new or not yet approved."""
    goal = _goal(goal_id)
    year, name = _period(year, period)
    found = _found(goal, year, name)
    form = _form(year, name, found)
    if not form.validate_on_submit():
        return _form_page(goal, year, name, form, found, status=422)
    try:
        _save(goal, year, name, form, found)
    except EditConflict:
        saved = _found_or_404(goal, year, name)
        return conflict_page(
            form,
            _present(saved),
            title=f"{goal_name(goal)}, {period_text(year, name)}",
            cancel_url=_address("assessment", goal, year, name),
            drafts={"motivation": draft_key(goal, year, name)},
        )
    drafts.settle(current_user.id, draft_key(goal, year, name))
    return commit_and_go(
        f"Bedömningen av {goal_name(goal)[0].lower()}{goal_name(goal)[1:]} är sparad.",
        url_for("goals.period", ar=year, period=name.value),
    )


def _save(goal: Goal, year: int, period: ReportingPeriod, form: AssessmentForm, found: GoalAssessment | None) -> None:
    workspace = current_workspace()
    values: dict[str, Any] = {name: form[name].data or None for name in TEXTS}
    values |= {
        "grade": form.grade.data,
        "evidence": form.evidence,
        "lacks_evidence": bool(form.lacks_evidence.data),
        "visibility": form.visibility.data,
        "on": clock.today(),
        "by_function": current_user.function,
        "owner_actor_id": workspace.actor.id,
    }
    if found is not None:
        assessment_services.revise(found, posted_version=form.version.data, **values)
        return
    version = version_at(goal, period.days(year)[1])
    assessment_services.assess(goal, version, year=year, period=period, **values)


@bp.get(f"{PATH}/ta-bort")
@requires(Permission.ASSESS_GOALS)
def ask_discard(goal_id: int, year: int, period: str) -> Response:
    """Ask whether to remove an assessment that is not yet approved."""
    goal = _goal(goal_id)
    year, name = _period(year, period)
    found = _found_or_404(goal, year, name)
    return render_page("goals/assessment_delete.html", goal=goal, assessment=found, title=period_text(year, name))


@bp.post(f"{PATH}/ta-bort")
@requires(Permission.ASSESS_GOALS)
def discard(goal_id: int, year: int, period: str) -> ResponseReturnValue:
    """Remove an assessment that is not yet approved."""
    goal = _goal(goal_id)
    year, name = _period(year, period)
    locks.discard(_found_or_404(goal, year, name))
    return commit_and_go("Bedömningen är borttagen.", url_for("goals.period", ar=year, period=name.value))


@bp.get(f"{PATH}/rattelse")
@requires(Permission.ASSESS_GOALS)
def ask_correction(goal_id: int, year: int, period: str) -> Response:
    """Show the form of a correction to an approved assessment."""
    return _correction_page(goal_id, year, period, CorrectionForm())


@bp.post(f"{PATH}/rattelse")
@requires(Permission.ASSESS_GOALS)
def correct(goal_id: int, year: int, period: str) -> ResponseReturnValue:
    """Add a dated correction to an approved assessment."""
    form = CorrectionForm()
    if not form.validate_on_submit():
        return _correction_page(goal_id, year, period, form, status=422)
    goal = _goal(goal_id)
    year, name = _period(year, period)
    found = _found_or_404(goal, year, name)
    locks.correct(
        found,
        AssessmentCorrection(assessment_id=found.id),
        text=form.text.data or "",
        reason=form.reason.data or "",
        by_function=current_user.function,
    )
    return commit_and_go("Rättelsen är sparad.", _address("assessment", goal, year, name))


def _correction_page(goal_id: int, year: int, period: str, form: CorrectionForm, status: int = 200) -> Response:
    goal = _goal(goal_id)
    year, name = _period(year, period)
    found = _found_or_404(goal, year, name)
    return render_page(
        "goals/correction.html",
        goal=goal,
        assessment=found,
        form=form,
        title=period_text(year, name),
        status=status,
    )
