"""Pages that show goals: the tree with figures and grades, the list of all, one goal, and the plans and studies."""

from flask import Response
from flask.typing import ResponseReturnValue

from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.registry import registry
from platssamverkan.core.rendering import render_page
from platssamverkan.core.tables import READERS, build_table, file_response, wants_file
from platssamverkan.goals import (
    assessment_queries,
    assessment_views,
    document_queries,
    figures,
    goal_queries,
    goal_views,
    indicator_queries,
    indicator_views,
    observation_views,
)
from platssamverkan.goals.blueprint import bp
from platssamverkan.goals.models import GoalLevel
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

#: Importing these modules puts their views on the blueprint.
VIEW_MODULES = (assessment_views, goal_views, indicator_views, observation_views)
blueprints = [bp]


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    """Show the tree: vision, then each overall goal and inriktningsmål with meter, trend, chart and grade."""
    workspace = current_workspace()
    goals = goal_queries.goals_with_current(
        workspace.partnership.id, workspace.reader, periods=indicator_queries.CHARTED_PERIODS
    )
    main = [one for one in goals if one.goal.level in {GoalLevel.OVERALL, GoalLevel.DIRECTION}]
    drawn = {one.id: indicator for one in main if (indicator := figures.main_indicator(one.indicators))}
    placed = {below.id for one in main for below in one.subgoals}
    return render_page(
        "goals/index.html",
        visions=[one for one in goals if one.goal.level is GoalLevel.VISION],
        goals=main,
        drawn=drawn,
        charts={
            goal_id: figures.indicator_chart(indicator, f"chart-{goal_id}", most=figures.CHART_PERIODS)
            for goal_id, indicator in drawn.items()
        },
        loose=[one for one in goals if one.goal.level is GoalLevel.SUBGOAL and one.id not in placed],
        reached=sum(one.reached for one in main),
        total=sum(one.total for one in main),
        period=assessment_queries.current_period(),
    )


@bp.get("/alla")
@requires(Permission.READ)
def listing() -> ResponseReturnValue:
    """Show all goals of every level as a list, ended ones too; also as a file."""
    workspace = current_workspace()
    statement, spec = goal_queries.goal_list(workspace.partnership.id, workspace.reader)
    if wants_file():
        return file_response(build_table(statement, spec, export=True), "mal", [*spec.columns, READERS])
    return render_page("goals/listing.html", fragment="goals/_list.html", table=build_table(statement, spec))


@bp.get("/<int:goal_id>")
@requires(Permission.READ)
def show(goal_id: int) -> Response:
    """Show one goal: words now and earlier, indicators, what serves it, and its assessments with evidence."""
    workspace, today = current_workspace(), clock.today()
    partnership_id, reader = workspace.partnership.id, workspace.reader
    goal = goal_queries.goal_or_404(partnership_id, goal_id, reader)
    assessments = assessment_queries.latest_assessments(goal, reader)
    now = goal_queries.goal_now(goal, reader)
    parent = (
        goal.parent if goal.parent and reader.may_read(goal.parent.visibility, goal.parent.owner_actor_id) else None
    )
    return render_page(
        "goals/show.html",
        now=now,
        goal=goal,
        to_come=[version for version in goal.versions if not version.has_begun(today)],
        parent=parent,
        charts={
            one.id: figures.indicator_chart(one, f"chart-{one.id}", most=figures.CHART_PERIODS)
            for one in now.all_indicators
        },
        assessments=assessments,
        earlier=assessment_queries.earlier_assessments(goal, reader),
        evidence=assessment_queries.evidence_of(partnership_id, assessments, reader, loaded=now.all_indicators),
        mentions=registry.mentions_of("goal", partnership_id, [goal.id], reader)[goal.id],
        period=assessment_queries.current_period(),
        assessed_levels=assessment_queries.ASSESSED_LEVELS,
    )


@bp.get("/studier")
@requires(Permission.READ)
def studies() -> Response:
    """Show the plans with the goals they hold, and the studies with what rests on them."""
    workspace = current_workspace()
    partnership_id, reader = workspace.partnership.id, workspace.reader
    found = document_queries.studies_of(partnership_id)
    return render_page(
        "goals/studies.html",
        plans=document_queries.plans_of(partnership_id, reader),
        studies=found,
        mentions=registry.mentions_of("study", partnership_id, [study.id for study in found], reader),
    )
