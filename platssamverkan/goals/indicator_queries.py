"""Indicators with what was observed, as far as the reader may see it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import joinedload, raiseload, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.base import ExecutableOption

from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, rows
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals import figures, wording
from platssamverkan.goals.models import Goal, Indicator, IndicatorKind, Observation, Study, indicator_goal

#: The most periods that any figure beside a chart is drawn from: the small line of a table has eight values.
RECENT_PERIODS = 8


def _recent(partnership_id: int, reader: Reader, periods: int) -> ColumnElement[bool]:
    """Return the condition that an observation is of the last `periods` periods of its indicator.

    Values, words that tell of a change and other words are counted apart, so that the latest of each is there.
    """
    ours = select(Indicator.id).where(Indicator.partnership_id == partnership_id)
    sort = case((Observation.value.is_not(None), 0), (Observation.direction.is_not(None), 1), else_=2)
    place = func.dense_rank().over(partition_by=(Observation.indicator_id, sort), order_by=Observation.sort_key.desc())
    ranked = (
        select(Observation.id, place.label("place"))
        .where(Observation.indicator_id.in_(ours), visible_to(Observation, reader))
        .subquery()
    )
    return Observation.id.in_(select(ranked.c.id).where(ranked.c.place <= periods))


def latest_by_indicator(partnership_id: int, reader: Reader) -> dict[int, list[Observation]]:
    """Return indicator id → its observations of the latest period in values and in words, oldest first. One query."""
    statement = select(Observation).where(_recent(partnership_id, reader, 1)).options(raiseload(Observation.source))
    found: dict[int, list[Observation]] = {}
    for observation in rows(statement.order_by(Observation.sort_key, Observation.id)):
        found.setdefault(observation.indicator_id, []).append(observation)
    return found


def load_all_observations(indicators: Sequence[Indicator], reader: Reader, *, sources: bool = False) -> None:
    """Give the indicators all observations that `reader` may see, also where the latest ones are loaded. One query,
    or two with `sources`."""
    source = selectinload(Observation.source) if sources else raiseload(Observation.source)
    statement = (
        select(Observation)
        .where(Observation.indicator_id.in_([one.id for one in indicators]), visible_to(Observation, reader))
        .options(source)
        .order_by(Observation.sort_key, Observation.id)
    )
    found: dict[int, list[Observation]] = {one.id: [] for one in indicators}
    for observation in rows(statement) if indicators else []:
        found[observation.indicator_id].append(observation)
    for one in indicators:
        set_committed_value(one, "observations", found[one.id])


def _whole(reader: Reader) -> list[ExecutableOption]:
    """Load what any page reads of an indicator beside its observations: goals with words, owner and place."""
    return [
        selectinload(Indicator.goals.and_(visible_to(Goal, reader))).selectinload(Goal.versions),
        joinedload(Indicator.owner),
        joinedload(Indicator.place),
    ]


def _with_latest(partnership_id: int, reader: Reader) -> list[ExecutableOption]:
    """Load what lists and small lines read of an indicator: the latest observations without their sources."""
    recent = _recent(partnership_id, reader, RECENT_PERIODS)
    return [
        selectinload(Indicator.observations.and_(recent)).options(raiseload(Observation.source)),
        joinedload(Indicator.owner),
        joinedload(Indicator.place),
    ]


def _of(partnership_id: int, reader: Reader) -> Any:
    return select(Indicator).where(Indicator.partnership_id == partnership_id, visible_to(Indicator, reader))


def indicators_with_observations(
    partnership_id: int, reader: Reader, *, include_ended: bool = False
) -> list[Indicator]:
    """Return the indicators with observations, goals (and their versions), owner and place, by name. Five queries."""
    statement = _of(partnership_id, reader).options(*_whole(reader)).order_by(Indicator.name, Indicator.id)
    if not include_ended:
        statement = statement.where(_running())
    found = rows(statement)
    load_all_observations(found, reader, sources=True)
    return found


def _running() -> Any:
    return or_(Indicator.ended_on.is_(None), Indicator.ended_on >= clock.today())


def indicators_by_goal(
    partnership_id: int, goal_ids: Sequence[int], reader: Reader, *, include_ended: bool = False
) -> dict[int, list[Indicator]]:
    """Return goal id → its indicators with their latest observations. Three queries, however many goals.

    The latest observations are enough for target, trend and small lines; a chart asks for `load_all_observations`.
    """
    if not goal_ids:
        return {}
    of_goals = select(indicator_goal).where(indicator_goal.c.goal_id.in_(goal_ids))
    links = db.session.execute(of_goals).all()
    ids = {link.indicator_id for link in links}
    statement = _of(partnership_id, reader).where(Indicator.id.in_(ids)).options(*_with_latest(partnership_id, reader))
    if not include_ended:
        statement = statement.where(_running())
    goals_of: dict[int, list[int]] = {}
    for link in links:
        goals_of.setdefault(link.indicator_id, []).append(link.goal_id)
    found: dict[int, list[Indicator]] = {goal_id: [] for goal_id in goal_ids}
    for indicator in rows(statement.order_by(Indicator.name, Indicator.id)):
        for goal_id in goals_of[indicator.id]:
            found[goal_id].append(indicator)
    return found


def indicator_or_404(partnership_id: int, indicator_id: int, reader: Reader) -> Indicator:
    """Return the indicator with all that its page reads; 404 when missing or hidden."""
    indicator: Indicator = one_or_404(
        _of(partnership_id, reader).where(Indicator.id == indicator_id).options(*_whole(reader))
    )
    load_all_observations([indicator], reader, sources=True)
    return indicator


def observation_or_404(indicator: Indicator, observation_id: int, reader: Reader) -> Observation:
    """Return one observation of the indicator; 404 when missing or hidden."""
    statement = select(Observation).where(
        Observation.id == observation_id,
        Observation.indicator_id == indicator.id,
        visible_to(Observation, reader),
    )
    observation: Observation = one_or_404(statement)
    return observation


def indicator_choices(partnership_id: int, *, reader: Reader) -> list[tuple[int, str]]:
    """Return (id, name) of the running indicators, for a form field. One query."""
    statement = _of(partnership_id, reader).where(_running()).order_by(Indicator.name, Indicator.id)
    return [(indicator.id, indicator.name) for indicator in rows(statement)]


def studies_of(partnership_id: int) -> list[Study]:
    """Return the partnership's studies, newest first."""
    statement = select(Study).where(Study.partnership_id == partnership_id).order_by(Study.years.desc(), Study.id)
    return rows(statement)


def indicator_list(
    partnership_id: int, reader: Reader, goals: Sequence[tuple[int, str]], owners: Sequence[tuple[int, str]]
) -> tuple[Any, ListSpec]:
    """Return the statement and the look of the list of indicators."""
    statement = _of(partnership_id, reader).options(*_with_latest(partnership_id, reader))
    today = clock.today()
    states = {
        "galler": _running(),
        "avslutade": Indicator.ended_on < today,
    }
    spec = ListSpec(
        id="indicators",
        noun_singular="indikator",
        noun_plural="indikatorer",
        columns=(
            Column("name", "Indikator", sort=Indicator.name, value=lambda one: one.name),
            Column("kind", "Slag", sort=Indicator.kind, value=lambda one: one.kind.label),
            Column("latest", "Senaste uppgift", value=latest_text),
            Column("target", "Målnivå", sort=Indicator.target_value, value=wording.target_text),
            Column("trend", "Trend", value=lambda one: figures.trend_of(one).label),
            Column("caveat", "Att tänka på", value=lambda one: " ".join(one.caveats)),
        ),
        filters=(
            Filter("q", "Sök indikator", lambda text: contains(text, Indicator.name), kind="search"),
            Filter(
                "slag", "Slag", lambda value: Indicator.kind == IndicatorKind(value), choices=IndicatorKind.choices()
            ),
            Filter(
                "mal",
                "Mål",
                lambda value: Indicator.id.in_(
                    select(indicator_goal.c.indicator_id).where(indicator_goal.c.goal_id == int(value))
                ),
                choices=[(str(goal_id), label) for goal_id, label in goals],
            ),
            Filter(
                "ansvarig",
                "Ansvarig",
                lambda value: Indicator.owner_id == int(value),
                choices=[(str(actor_id), name) for actor_id, name in owners],
            ),
            Filter(
                "lage",
                "Läge",
                lambda value: states[value],
                choices=[("galler", "Följs"), ("avslutade", "Avslutade")],
            ),
        ),
        default_sort="name",
        tie=Indicator.id,
    )
    return statement, spec


def latest_text(indicator: Indicator) -> str:
    """Return what was observed last, with its period, and the latest value beside newer words; "" when nothing was."""
    return latest_words(indicator.observations, indicator.unit)


def latest_words(observations: Sequence[Observation], unit: str | None) -> str:
    """Return the same of `observations`, oldest first, of an indicator measured in `unit`."""
    if not observations:
        return ""
    latest = observations[-1]
    value = next((one for one in reversed(observations) if one.value is not None), None)
    shown = _with_period(latest, unit)
    return f"{shown}; senaste värde {_with_period(value, unit)}" if value and value is not latest else shown


def _with_period(observation: Observation, unit: str | None) -> str:
    period = wording.observed_period(observation)
    return wording.value_text(observation, unit) + (f" ({period})" if period else "")


def measures_goal(goal_id: int) -> bool:
    """Say whether any indicator measures the goal, whoever may read it. One query."""
    statement = select(indicator_goal.c.indicator_id).where(indicator_goal.c.goal_id == goal_id).limit(1)
    return db.session.scalar(statement) is not None


def all_actor_ids() -> frozenset[int]:
    """Return the ids of all actors: a rule that must see every row asks as all of them."""
    return frozenset(db.session.scalars(select(Actor.id)))


def has_observations(indicator_id: int) -> bool:
    """Say whether the indicator has any observation, whoever may read it. One query."""
    statement = select(Observation.id).where(Observation.indicator_id == indicator_id).limit(1)
    return db.session.scalar(statement) is not None
