"""Goals as pages and other rooms read them: with their present words, their indicators and the latest assessment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, rows
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals import figures, wording
from platssamverkan.goals.indicator_queries import indicators_by_goal
from platssamverkan.goals.models import Goal, GoalAssessment, GoalLevel, GoalVersion, Indicator, ReportingPeriod

LEVEL_ORDER = case({level.value: place for place, level in enumerate(GoalLevel)}, value=Goal.level)
PERIOD_ORDER = {ReportingPeriod.T1: 1, ReportingPeriod.T2: 2, ReportingPeriod.VB: 3}


@dataclass
class GoalNow:
    """A goal with its present words and what is known of it."""

    goal: Goal
    version: GoalVersion
    #: Running indicators, with their latest observations.
    indicators: list[Indicator] = field(default_factory=list)
    #: The latest assessment of any version, locked or not; None when the goal has never been assessed.
    assessment: GoalAssessment | None = None
    #: Goals right below, as far as they were asked for.
    subgoals: "list[GoalNow]" = field(default_factory=list)

    @property
    def id(self) -> int:
        return self.goal.id

    @property
    def text(self) -> str:
        return self.version.text

    @property
    def name(self) -> str:
        """Return "Mål 2"."""
        return wording.goal_name(self.goal)

    @property
    def label(self) -> str:
        """Return "Mål 2: Sergels torg är en trygg plats"."""
        return wording.goal_label(self.goal, self.version.text)

    @property
    def reached(self) -> int:
        """Return how many indicators reach their target."""
        return figures.reached_and_total(self.indicators)[0]

    @property
    def total(self) -> int:
        """Return how many indicators have a target."""
        return figures.reached_and_total(self.indicators)[1]

    @property
    def trend(self) -> figures.Trend:
        return figures.trend_of_goal(self.indicators)

    @property
    def is_ended(self) -> bool:
        return is_ended(self.goal, clock.today())


def is_ended(goal: Goal, on: date) -> bool:
    """Say whether the goal has ended on the day `on`; the last day still counts."""
    return goal.ended_on is not None and goal.ended_on < on


def running(model: Any, on: date) -> ColumnElement[bool]:
    """Return the condition that a goal or an indicator has not ended on the day `on`."""
    return or_(model.ended_on.is_(None), model.ended_on >= on)


def _ordered(partnership_id: int, reader: Reader) -> Any:
    return (
        select(Goal)
        .join(GoalVersion, (GoalVersion.goal_id == Goal.id) & GoalVersion.is_current)
        .where(Goal.partnership_id == partnership_id, visible_to(Goal, reader))
        .order_by(LEVEL_ORDER, Goal.number.is_(None), Goal.number, Goal.id)
    )


def goals_with_current(
    partnership_id: int, reader: Reader, *, include_ended: bool = False, on: date | None = None
) -> list[GoalNow]:
    """Return the goals that hold on the day `on` (today), vision first, with indicators and latest assessment.

    Five queries, however many goals. `include_ended` gives the ended ones too.
    """
    statement = _ordered(partnership_id, reader).options(selectinload(Goal.versions))
    if not include_ended:
        statement = statement.where(running(Goal, on or clock.today()))
    found = [GoalNow(goal, wording.current_version(goal)) for goal in rows(statement)]
    indicators = indicators_by_goal(partnership_id, [one.id for one in found], reader)
    assessments = latest_assessments([one.id for one in found], reader)
    by_id = {one.id: one for one in found}
    for one in found:
        one.indicators = indicators.get(one.id, [])
        one.assessment = assessments.get(one.id)
        parent = by_id.get(one.goal.parent_id or 0)
        if parent:
            parent.subgoals.append(one)
    return found


def latest_assessments(goal_ids: Sequence[int], reader: Reader) -> dict[int, GoalAssessment]:
    """Return goal id → its latest assessment, of whichever version. One query."""
    if not goal_ids:
        return {}
    period = case({period.value: place for period, place in PERIOD_ORDER.items()}, value=GoalAssessment.period)
    place = func.row_number().over(
        partition_by=GoalVersion.goal_id,
        order_by=(GoalAssessment.year.desc(), period.desc(), GoalAssessment.id.desc()),
    )
    ranked = (
        select(GoalAssessment.id, place.label("place"))
        .join(GoalAssessment.goal_version)
        .where(GoalVersion.goal_id.in_(goal_ids), visible_to(GoalAssessment, reader))
        .subquery()
    )
    statement = (
        select(GoalAssessment)
        .join(ranked, (ranked.c.id == GoalAssessment.id) & (ranked.c.place == 1))
        .join(GoalAssessment.goal_version)
        .options(contains_eager(GoalAssessment.goal_version))
    )
    return {assessment.goal_version.goal_id: assessment for assessment in rows(statement)}


def goal_choices(
    partnership_id: int,
    levels: Sequence[GoalLevel] | None = None,
    *,
    reader: Reader,
    include: Sequence[int] = (),
) -> list[tuple[int, str]]:
    """Return (id, "Mål 2: text") of the goals that hold today, for a form field. One query.

    `include` names goals to offer though they have ended, since the row being edited has them.
    """
    statement = (
        select(Goal, GoalVersion.text)
        .join(GoalVersion, (GoalVersion.goal_id == Goal.id) & GoalVersion.is_current)
        .where(Goal.partnership_id == partnership_id, visible_to(Goal, reader))
        .where(or_(running(Goal, clock.today()), Goal.id.in_(include)))
        .order_by(LEVEL_ORDER, Goal.number.is_(None), Goal.number, Goal.id)
    )
    if levels is not None:
        statement = statement.where(Goal.level.in_(levels))
    return [(goal.id, wording.goal_label(goal, text)) for goal, text in db.session.execute(statement)]


def goal_labels(goal_ids: Sequence[int], reader: Reader) -> dict[int, str]:
    """Return goal id → "Mål 2: text" of the goals that `reader` may read. One query."""
    statement = (
        select(Goal, GoalVersion.text)
        .join(GoalVersion, (GoalVersion.goal_id == Goal.id) & GoalVersion.is_current)
        .where(Goal.id.in_(goal_ids), visible_to(Goal, reader))
    )
    return {goal.id: wording.goal_label(goal, text) for goal, text in db.session.execute(statement)}


def goal_or_404(partnership_id: int, goal_id: int, reader: Reader) -> Goal:
    """Return the goal with versions, plan and parent (and the parent's versions); 404 when missing or hidden."""
    statement = (
        select(Goal)
        .where(Goal.id == goal_id, Goal.partnership_id == partnership_id, visible_to(Goal, reader))
        .options(
            selectinload(Goal.versions),
            joinedload(Goal.plan),
            selectinload(Goal.parent).selectinload(Goal.versions),
        )
    )
    goal: Goal = one_or_404(statement)
    return goal


def goal_now(goal: Goal, reader: Reader) -> GoalNow:
    """Return the goal with its indicators, latest assessment and the goals right below. Constant number of queries."""
    found = GoalNow(goal, wording.current_version(goal))
    found.indicators = indicators_by_goal(goal.partnership_id, [goal.id], reader, include_ended=True).get(goal.id, [])
    found.assessment = latest_assessments([goal.id], reader).get(goal.id)
    statement = _ordered(goal.partnership_id, reader).where(Goal.parent_id == goal.id)
    below = rows(statement.options(selectinload(Goal.versions)))
    found.subgoals = [GoalNow(one, wording.current_version(one)) for one in below]
    return found


def goal_list(partnership_id: int, reader: Reader) -> tuple[Any, ListSpec]:
    """Return the statement and the look of the list of all goals; those that hold are shown unless asked otherwise."""
    statement = (
        select(Goal)
        .join(GoalVersion, (GoalVersion.goal_id == Goal.id) & GoalVersion.is_current)
        .where(Goal.partnership_id == partnership_id, visible_to(Goal, reader))
        .options(selectinload(Goal.versions))
    )
    today = clock.today()
    states = {"galler": running(Goal, today), "avslutade": Goal.ended_on < today}
    spec = ListSpec(
        id="goals",
        noun_singular="mål",
        noun_plural="mål",
        columns=(
            Column("text", "Mål", sort=GoalVersion.text, value=lambda goal: wording.current_version(goal).text),
            Column(
                "level",
                "Nivå",
                sort=(LEVEL_ORDER, Goal.number),
                value=lambda goal: goal.level.label,
            ),
            Column("number", "Nummer", sort=Goal.number, numeric=True, value=lambda goal: goal.number),
            Column("starts", "Lydelsen gäller från", sort=GoalVersion.starts, value=_starts),
            Column("ended_on", "Avslutat", sort=Goal.ended_on, value=lambda goal: goal.ended_on),
        ),
        filters=(
            Filter("q", "Sök i målen", lambda text: contains(text, GoalVersion.text), kind="search"),
            Filter("niva", "Nivå", lambda value: Goal.level == GoalLevel(value), choices=GoalLevel.choices()),
            Filter(
                "lage",
                "Läge",
                lambda value: states[value],
                choices=[("galler", "Gäller"), ("avslutade", "Avslutade")],
            ),
        ),
        default_sort="level",
        tie=Goal.id,
    )
    return statement, spec


def _starts(goal: Goal) -> str | None:
    return wording.current_version(goal).starts


def ids_below(goal_id: int) -> set[int]:
    """Return the ids of all goals below `goal_id`, at any depth, whoever may read them. One query."""
    tree = select(Goal.id).where(Goal.parent_id == goal_id).cte("tree", recursive=True)
    tree = tree.union(select(Goal.id).join(tree, Goal.parent_id == tree.c.id))
    return set(db.session.scalars(select(tree.c.id)))


def goals_by_id(partnership_id: int, goal_ids: Sequence[int], reader: Reader) -> list[Goal]:
    """Return those of the goals that are the partnership's and that `reader` may read. One query."""
    return rows(_ordered(partnership_id, reader).where(Goal.id.in_(goal_ids))) if goal_ids else []
