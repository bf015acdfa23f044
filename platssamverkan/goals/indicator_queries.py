"""Indicators with what was observed, as far as the reader may see it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, rows
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals import figures, wording
from platssamverkan.goals.models import Goal, Indicator, IndicatorKind, Observation, Study, indicator_goal


def _whole(reader: Reader) -> list[ExecutableOption]:
    """Load what any page reads of an indicator: observations, goals with words, owner and place."""
    return [
        selectinload(Indicator.observations.and_(visible_to(Observation, reader))),
        selectinload(Indicator.goals.and_(visible_to(Goal, reader))).selectinload(Goal.versions),
        joinedload(Indicator.owner),
        joinedload(Indicator.place),
    ]


def _of(partnership_id: int, reader: Reader) -> Any:
    return select(Indicator).where(Indicator.partnership_id == partnership_id, visible_to(Indicator, reader))


def indicators_with_observations(
    partnership_id: int, reader: Reader, *, include_ended: bool = False
) -> list[Indicator]:
    """Return the indicators with observations, goals (and their versions), owner and place, by name. Four queries."""
    statement = _of(partnership_id, reader).options(*_whole(reader)).order_by(Indicator.name, Indicator.id)
    if not include_ended:
        statement = statement.where(_running())
    return rows(statement)


def _running() -> Any:
    return or_(Indicator.ended_on.is_(None), Indicator.ended_on >= clock.today())


def indicators_by_goal(
    partnership_id: int, goal_ids: Sequence[int], reader: Reader, *, include_ended: bool = False
) -> dict[int, list[Indicator]]:
    """Return goal id → its indicators with observations. Four queries, however many goals."""
    if not goal_ids:
        return {}
    of_goals = select(indicator_goal.c.indicator_id).where(indicator_goal.c.goal_id.in_(goal_ids))
    statement = _of(partnership_id, reader).where(Indicator.id.in_(of_goals)).options(*_whole(reader))
    if not include_ended:
        statement = statement.where(_running())
    found: dict[int, list[Indicator]] = {goal_id: [] for goal_id in goal_ids}
    for indicator in rows(statement.order_by(Indicator.name, Indicator.id)):
        for goal in indicator.goals:
            if goal.id in found:
                found[goal.id].append(indicator)
    return found


def indicator_or_404(partnership_id: int, indicator_id: int, reader: Reader) -> Indicator:
    """Return the indicator with all that its page reads; 404 when missing or hidden."""
    indicator: Indicator = one_or_404(
        _of(partnership_id, reader).where(Indicator.id == indicator_id).options(*_whole(reader))
    )
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
    statement = _of(partnership_id, reader).options(*_whole(reader))
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
    latest, value = figures.latest_observation(indicator), figures.latest_value(indicator)
    if latest is None:
        return ""
    shown = _with_period(latest, indicator)
    return f"{shown}; senaste värde {_with_period(value, indicator)}" if value and value is not latest else shown


def _with_period(observation: Observation, indicator: Indicator) -> str:
    period = wording.observed_period(observation)
    return wording.value_text(observation, indicator.unit) + (f" ({period})" if period else "")


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
