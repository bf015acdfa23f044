"""Reads what goals and assessments lean on beside figures: the plans that hold goals, and the studies."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from platssamverkan.core import clock
from platssamverkan.core.db import rows
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals import wording
from platssamverkan.goals.goal_queries import holding_on
from platssamverkan.goals.models import ActionPlan, Goal, GoalVersion, Study


@dataclass(frozen=True)
class PlanNow:
    """A plan, and (id, label) of the goals it holds that the reader may read."""

    plan: ActionPlan
    goals: Sequence[tuple[int, str]]


def plans_of(partnership_id: int, reader: Reader) -> list[PlanNow]:
    """Return the partnership's plans with their sources and goals, newest first. Two queries."""
    plans = rows(
        select(ActionPlan)
        .where(ActionPlan.partnership_id == partnership_id)
        .order_by(ActionPlan.starts.desc(), ActionPlan.id)
        .options(joinedload(ActionPlan.source))
    )
    held = rows(
        select(GoalVersion)
        .join(GoalVersion.goal)
        .where(Goal.plan_id.in_([plan.id for plan in plans]), visible_to(Goal, reader))
        .where(holding_on(clock.today().isoformat()))
        .order_by(Goal.number, Goal.id)
        .options(contains_eager(GoalVersion.goal))
    )
    labels: dict[int | None, list[tuple[int, str]]] = {}
    for version in held:
        labels.setdefault(version.goal.plan_id, []).append(
            (version.goal_id, wording.goal_label(version.goal, version.text))
        )
    return [PlanNow(plan, labels.get(plan.id, [])) for plan in plans]


def studies_of(partnership_id: int) -> list[Study]:
    """Return the partnership's studies with their sources, newest first. One query."""
    statement = select(Study).where(Study.partnership_id == partnership_id).order_by(Study.years.desc(), Study.id)
    return rows(statement.options(joinedload(Study.source)))
