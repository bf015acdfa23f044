"""Goals as pages and other rooms read them: in the words that hold, with indicators and the latest assessment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.core import clock
from platssamverkan.core.db import db, prepared, related_or_404, rows
from platssamverkan.core.sources import Source
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals import figures, wording
from platssamverkan.goals.indicator_queries import CHARTED_PERIODS, RECENT_PERIODS, indicators_by_goal, running
from platssamverkan.goals.models import ActionPlan, Goal, GoalAssessment, GoalLevel, GoalVersion, ReportingPeriod
from platssamverkan.goals.observed import IndicatorNow

LEVEL_ORDER = case({level.value: place for place, level in enumerate(GoalLevel)}, value=Goal.level)
_parent, _other_version, _other_assessment = aliased(Goal), aliased(GoalVersion), aliased(GoalAssessment)
PERIOD_ORDER = {ReportingPeriod.T1: 1, ReportingPeriod.T2: 2, ReportingPeriod.VB: 3}


@dataclass
class GoalNow:
    """A goal in the words of a day, and what is known of it."""

    goal: Goal
    #: The words that held on the day; of a goal that had not begun, its first.
    version: GoalVersion
    #: Running indicators, with their recent observations: what its figures are made of.
    indicators: list[IndicatorNow] = field(default_factory=list)
    #: Those no longer followed, as far as they were asked for.
    ended_indicators: list[IndicatorNow] = field(default_factory=list)
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
    def all_indicators(self) -> list[IndicatorNow]:
        return [*self.indicators, *self.ended_indicators]

    @cached_property
    def _reached_and_total(self) -> tuple[int, int]:
        return figures.reached_and_total(self.indicators)

    @property
    def reached(self) -> int:
        """Return how many indicators reach their target."""
        return self._reached_and_total[0]

    @property
    def total(self) -> int:
        """Return how many indicators have a target."""
        return self._reached_and_total[1]

    @cached_property
    def trend(self) -> figures.Trend:
        return figures.trend_of_goal(self.indicators)

    @property
    def is_ended(self) -> bool:
        return is_ended(self.goal, clock.today())

    @property
    def is_to_come(self) -> bool:
        """Say whether the goal has not begun to hold."""
        return not self.version.has_begun(clock.today())

    @property
    def has_run_out(self) -> bool:
        """Say whether the time of the words has passed, with none newer that have begun."""
        return not self.is_ended and self.version.has_run_out(clock.today())


def is_ended(goal: Goal | IndicatorNow, on: date) -> bool:
    """Say whether the goal or indicator has ended on the day `on`; the last day still counts."""
    return goal.ended_on is not None and goal.ended_on < on


def in_order(statement: Any) -> Any:
    """Return the statement of goals in the order of the tree: vision first, numbered before unnumbered."""
    return statement.order_by(LEVEL_ORDER, Goal.number.is_(None), Goal.number, Goal.id)


def holding_on(day: str | BindParameter[str]) -> ColumnElement[bool]:
    """Return the condition of the version of each goal whose words hold on `day`, a day in ISO form: the latest that
    has begun, else the first. The same rule as `wording.version_at`."""
    begun = (
        select(func.max(_other_version.number))
        .where(_other_version.goal_id == GoalVersion.goal_id)
        .where(or_(_other_version.starts.is_(None), _other_version.starts <= day))
        .correlate(GoalVersion)
        .scalar_subquery()
    )
    return GoalVersion.number == func.coalesce(begun, 1)


def has_begun_on(day: str | BindParameter[str]) -> ColumnElement[bool]:
    """Return the condition that the words joined had begun on `day`, a day in ISO form; where they are those of
    `holding_on` the day, that the goal itself had."""
    return or_(GoalVersion.starts.is_(None), GoalVersion.starts <= day)


def with_words(*columns: Any) -> Any:
    """Return the statement of `columns` of goals and of the words that hold on a day; it takes `day`, in ISO form."""
    statement = select(*columns).select_from(Goal).join(GoalVersion, GoalVersion.goal_id == Goal.id)
    return statement.where(holding_on(bindparam("day")))


def _in_partnership(reader: Reader, *columns: Any) -> Any:
    """Return the statement of the partnership's goals that `reader` may read, with the words of the day."""
    in_sight = Goal.partnership_id == bindparam("partnership_id"), visible_to(Goal, reader)
    return in_order(with_words(*columns).where(*in_sight))


def with_latest_assessment(statement: Any, reader: Reader) -> Any:
    """Return the statement of goals joined with the latest assessment of each, of whichever words."""
    one, version = _other_assessment, _other_version
    period = case({period.value: place for period, place in PERIOD_ORDER.items()}, value=one.period)
    latest = (
        select(one.id)
        .join(version, version.id == one.goal_version_id)
        .where(version.goal_id == Goal.id, visible_to(one, reader))
        .order_by(one.year.desc(), period.desc(), one.id.desc())
        .limit(1)
        .correlate(Goal)
        .scalar_subquery()
    )
    return statement.outerjoin(GoalAssessment, GoalAssessment.id == latest)


@prepared
def _goals(reader: Reader, *, include_ended: bool) -> Any:
    statement = with_latest_assessment(_in_partnership(reader, Goal, GoalVersion, GoalAssessment), reader)
    return statement if include_ended else statement.where(running(Goal, bindparam("today")))


def goals_with_current(
    partnership_id: int,
    reader: Reader,
    *,
    include_ended: bool = False,
    on: date | None = None,
    periods: int = RECENT_PERIODS,
    until: date | None = None,
) -> list[GoalNow]:
    """Return the goals that have not ended on the day `on` (today), in the words of that day, vision first, with
    indicators and latest assessment. Those to come are among them.

    Three queries, however many goals. `include_ended` gives the ended ones too. The indicators have what was observed
    in the last `periods` periods with a value, and are as they were on the day `until`, where that is given.
    """
    day = on or clock.today()
    values: dict[str, Any] = {"partnership_id": partnership_id, "day": day.isoformat()}
    if not include_ended:
        values["today"] = day
    statement = _goals(reader, include_ended=include_ended)
    found = [
        GoalNow(goal, version, assessment=assessment)
        for goal, version, assessment in db.session.execute(statement, values)
    ]
    indicators = indicators_by_goal([one.id for one in found], reader, periods=periods, until=until)
    by_id = {one.id: one for one in found}
    for one in found:
        one.indicators = indicators[one.id]
        parent = by_id.get(one.goal.parent_id or 0)
        if parent:
            parent.subgoals.append(one)
    return found


@prepared
def _versions() -> Any:
    return (
        select(GoalVersion)
        .where(GoalVersion.goal_id.in_(bindparam("goal_ids", expanding=True)))
        .order_by(GoalVersion.number)
    )


def load_versions(goals: Sequence[Goal]) -> None:
    """Give the goals all their words, oldest first. One query."""
    found: dict[int, list[GoalVersion]] = {goal.id: [] for goal in goals}
    for version in rows(_versions(), goal_ids=list(found)) if found else []:
        found[version.goal_id].append(version)
    for goal in goals:
        set_committed_value(goal, "versions", found[goal.id])


@prepared
def _choices(reader: Reader) -> Any:
    return _in_partnership(reader, Goal.id, Goal.level, Goal.number, GoalVersion.text).where(
        or_(running(Goal, bindparam("today")), Goal.id.in_(bindparam("include", expanding=True))),
        Goal.level.in_(bindparam("levels", expanding=True)),
    )


def goal_choices(
    partnership_id: int,
    levels: Sequence[GoalLevel] | None = None,
    *,
    reader: Reader,
    include: Sequence[int] = (),
) -> list[tuple[int, str]]:
    """Return (id, "Mål 2: text") of the goals that have not ended, for a form field. One query.

    `include` names goals to offer though they have ended, since the row being edited has them.
    """
    today = clock.today()
    values = {
        "partnership_id": partnership_id,
        "today": today,
        "day": today.isoformat(),
        "include": list(include),
        "levels": list(GoalLevel if levels is None else levels),
    }
    return [(goal.id, wording.goal_label(goal, goal.text)) for goal in db.session.execute(_choices(reader), values)]


@prepared
def _labels(reader: Reader) -> Any:
    wanted = Goal.id.in_(bindparam("goal_ids", expanding=True))
    return with_words(Goal.id, Goal.level, Goal.number, GoalVersion.text).where(wanted, visible_to(Goal, reader))


def goal_labels(goal_ids: Sequence[int], reader: Reader) -> dict[int, str]:
    """Return goal id → "Mål 2: text" of the goals that `reader` may read. One query."""
    values = {"goal_ids": list(goal_ids), "day": clock.today().isoformat()}
    found = db.session.execute(_labels(reader), values)
    return {goal.id: wording.goal_label(goal, goal.text) for goal in found}


@prepared
def _one(reader: Reader) -> Any:
    return (
        select(Goal, ActionPlan, _parent, Source)
        .outerjoin(ActionPlan, ActionPlan.id == Goal.plan_id)
        .outerjoin(_parent, _parent.id == Goal.parent_id)
        .outerjoin(Source, Source.id == Goal.source_id)
        .where(Goal.id == bindparam("goal_id"), Goal.partnership_id == bindparam("partnership_id"))
        .where(visible_to(Goal, reader))
    )


def goal_or_404(partnership_id: int, goal_id: int, reader: Reader) -> Goal:
    """Return the goal with versions, plan, source and parent (and the parent's versions); 404 when missing or hidden.

    Two queries.
    """
    names = ("plan", "parent", "source")
    goal: Goal = related_or_404(_one(reader), *names, goal_id=goal_id, partnership_id=partnership_id)
    load_versions([goal, goal.parent] if goal.parent else [goal])
    return goal


@prepared
def _below(reader: Reader) -> Any:
    return _in_partnership(reader, Goal, GoalVersion).where(Goal.parent_id == bindparam("goal_id"))


def goal_now(goal: Goal, reader: Reader) -> GoalNow:
    """Return the goal with its indicators, ended ones too, as much as a chart of each draws, and the goals right below.

    Three queries.
    """
    today = clock.today()
    found = GoalNow(goal, wording.version_at(goal, today))
    for one in indicators_by_goal([goal.id], reader, include_ended=True, periods=CHARTED_PERIODS)[goal.id]:
        (found.ended_indicators if is_ended(one, today) else found.indicators).append(one)
    values = {"partnership_id": goal.partnership_id, "goal_id": goal.id, "day": today.isoformat()}
    found.subgoals = [GoalNow(one, version) for one, version in db.session.execute(_below(reader), values)]
    return found


def goal_list(partnership_id: int, reader: Reader) -> tuple[Any, ListSpec]:
    """Return the statement and the look of the list of all goals, ended ones and those to come too."""
    today = clock.today()
    day = today.isoformat()
    statement = (
        select(Goal.id, Goal.level, Goal.number, Goal.ended_on, Goal.visibility, Goal.is_example)
        .add_columns(GoalVersion.text, GoalVersion.starts, GoalVersion.ends)
        .join(GoalVersion, GoalVersion.goal_id == Goal.id)
        .where(Goal.partnership_id == partnership_id, visible_to(Goal, reader), holding_on(day))
    )
    states = {
        "galler": and_(running(Goal, today), has_begun_on(day)),
        "kommande": not_(has_begun_on(day)),
        "avslutade": Goal.ended_on < today,
    }
    spec = ListSpec(
        id="goals",
        noun_singular="mål",
        noun_plural="mål",
        columns=(
            Column("text", "Mål", sort=GoalVersion.text, value=lambda goal: goal.text),
            Column(
                "level",
                "Nivå",
                sort=(LEVEL_ORDER, Goal.number),
                value=lambda goal: goal.level.label,
            ),
            Column("number", "Nummer", sort=Goal.number, numeric=True, value=lambda goal: goal.number),
            Column("starts", "Lydelsen gäller från", sort=GoalVersion.starts, value=lambda goal: goal.starts),
            Column("ended_on", "Avslutat", sort=Goal.ended_on, value=lambda goal: goal.ended_on),
        ),
        filters=(
            Filter("q", "Sök i målen", lambda text: contains(text, GoalVersion.text), kind="search"),
            Filter("niva", "Nivå", lambda value: Goal.level == GoalLevel(value), choices=GoalLevel.choices()),
            Filter(
                "lage",
                "Läge",
                lambda value: states[value],
                choices=[("galler", "Gäller"), ("kommande", "Kommande"), ("avslutade", "Avslutade")],
            ),
        ),
        default_sort="level",
        tie=Goal.id,
    )
    return statement, spec


def ids_below(goal_id: int) -> set[int]:
    """Return the ids of all goals below `goal_id`, at any depth, whoever may read them. One query."""
    tree = select(Goal.id).where(Goal.parent_id == goal_id).cte("tree", recursive=True)
    tree = tree.union(select(Goal.id).join(tree, Goal.parent_id == tree.c.id))
    return set(db.session.scalars(select(tree.c.id)))


def goals_by_id(partnership_id: int, goal_ids: Sequence[int], reader: Reader) -> list[Goal]:
    """Return those of the goals that are the partnership's and that `reader` may read. One query."""
    if not goal_ids:
        return []
    in_sight = Goal.partnership_id == partnership_id, visible_to(Goal, reader)
    return rows(in_order(select(Goal).where(Goal.id.in_(goal_ids), *in_sight)))
