"""Indicators with what was observed, as far as the reader may see it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.base import ExecutableOption

from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, prepared, related_or_404, rows, swedish
from platssamverkan.core.sources import Source
from platssamverkan.core.tables import Column, Filter, ListSpec, Table, contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals import figures, wording
from platssamverkan.goals.models import Goal, Indicator, IndicatorKind, Observation, indicator_goal
from platssamverkan.goals.observed import INDICATOR_NOW, OBSERVED, IndicatorNow, Measured, Observed, ObservedRow
from platssamverkan.places.models import Place

#: The most periods that any figure beside a chart is drawn from: the small line of a table has eight values.
RECENT_PERIODS = 8
#: As many as a chart draws, and one more to know that there are earlier ones.
CHARTED_PERIODS = figures.CHART_PERIODS + 1
_earlier = aliased(Observation)


def _recent(reader: Reader, periods: int, *known: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that an observation is of the last `periods` periods that have a value, or newer; of those
    that are `known`, a condition on `_earlier`.

    Reads only those from the index on (indicator_id, sort_key). Of an indicator with fewer, all are recent.
    """
    since = (
        select(_earlier.sort_key)
        .where(_earlier.indicator_id == Indicator.id, _earlier.value.is_not(None), visible_to(_earlier, reader))
        .where(*known)
        .distinct()
        .order_by(_earlier.sort_key.desc())
        .limit(1)
        .offset(periods - 1)
        .correlate(Indicator)
        .scalar_subquery()
    )
    return Observation.sort_key >= func.coalesce(since, "")


@prepared
def _observations(reader: Reader, periods: int | None, *, is_bounded: bool) -> Any:
    statement = (
        select(*OBSERVED)
        .join(Indicator, Indicator.id == Observation.indicator_id)
        .where(Indicator.id.in_(bindparam("ids", expanding=True)), visible_to(Observation, reader))
        .order_by(Observation.sort_key, Observation.id)
    )
    known = [_earlier.sort_key <= bindparam("until")] if is_bounded else []
    if is_bounded:
        statement = statement.where(Observation.sort_key <= bindparam("until"))
    return statement if periods is None else statement.where(_recent(reader, periods, *known))


def _by_indicator(
    ids: Sequence[int], reader: Reader, periods: int | None, until: date | None = None
) -> dict[int, list[ObservedRow]]:
    found: dict[int, list[ObservedRow]] = {indicator_id: [] for indicator_id in ids}
    values = {"ids": ids} if until is None else {"ids": ids, "until": until.isoformat()}
    statement = _observations(reader, periods, is_bounded=until is not None)
    if ids:
        for observed in map(ObservedRow._make, db.session.execute(statement, values)):
            found[observed.indicator_id].append(observed)
    return found


def recent_observations(
    ids: Sequence[int], reader: Reader, periods: int, *, until: date | None = None
) -> dict[int, list[ObservedRow]]:
    """Return indicator id → what was observed in the last `periods` periods with a value and after them, oldest first;
    as it was on the day `until`, where that is given.

    The latest value needs one, a trend two, a small line `RECENT_PERIODS`. One query.
    """
    return _by_indicator(ids, reader, periods, until)


def load_all_observations(indicators: Sequence[Indicator], reader: Reader) -> None:
    """Give the indicators all observations that `reader` may see, with their sources. One query."""
    statement = (
        select(Observation)
        .where(Observation.indicator_id.in_([one.id for one in indicators]), visible_to(Observation, reader))
        .options(joinedload(Observation.source))
        .order_by(Observation.sort_key, Observation.id)
    )
    found: dict[int, list[Observation]] = {one.id: [] for one in indicators}
    for observation in rows(statement) if indicators else []:
        found[observation.indicator_id].append(observation)
    for one in indicators:
        set_committed_value(one, "observations", found[one.id])


def _whole(reader: Reader) -> list[ExecutableOption]:
    """Load what a form or a report reads of an indicator beside its observations: goals, owner and place."""
    return [
        selectinload(Indicator.goals.and_(visible_to(Goal, reader))),
        joinedload(Indicator.owner),
        joinedload(Indicator.place),
        joinedload(Indicator.source),
    ]


def _of(partnership_id: int, reader: Reader) -> Any:
    return select(Indicator).where(Indicator.partnership_id == partnership_id, visible_to(Indicator, reader))


def indicators_with_observations(
    partnership_id: int, reader: Reader, *, include_ended: bool = False
) -> list[Indicator]:
    """Return the indicators with observations, goals, owner and place, by name. Three queries."""
    statement = _of(partnership_id, reader).options(*_whole(reader)).order_by(swedish(Indicator.name), Indicator.id)
    if not include_ended:
        statement = statement.where(running(Indicator, clock.today()))
    found = rows(statement)
    load_all_observations(found, reader)
    return found


def running(model: Any, on: Any) -> ColumnElement[bool]:
    """Return the condition that a goal or an indicator has not ended on the day `on`."""
    return or_(model.ended_on.is_(None), model.ended_on >= on)


@prepared
def _of_goals(reader: Reader, *, include_ended: bool) -> Any:
    statement = (
        select(indicator_goal.c.goal_id, *INDICATOR_NOW)
        .join(Indicator, Indicator.id == indicator_goal.c.indicator_id)
        .where(indicator_goal.c.goal_id.in_(bindparam("goal_ids", expanding=True)), visible_to(Indicator, reader))
        .order_by(swedish(Indicator.name), Indicator.id)
    )
    return statement if include_ended else statement.where(running(Indicator, bindparam("today")))


def indicators_by_goal(
    goal_ids: Sequence[int],
    reader: Reader,
    *,
    include_ended: bool = False,
    periods: int = RECENT_PERIODS,
    until: date | None = None,
) -> dict[int, list[IndicatorNow]]:
    """Return goal id → its indicators with what was observed in the last `periods` periods with a value; as all this
    was on the day `until`, where that is given and has been.

    Two queries, however many goals.
    """
    found: dict[int, list[IndicatorNow]] = {goal_id: [] for goal_id in goal_ids}
    if not goal_ids:
        return found
    values = (
        {"goal_ids": goal_ids}
        if include_ended
        else {"goal_ids": goal_ids, "today": min(clock.today(), until or date.max)}
    )
    by_id: dict[int, IndicatorNow] = {}
    for goal_id, indicator_id, *columns in db.session.execute(_of_goals(reader, include_ended=include_ended), values):
        if indicator_id not in by_id:
            by_id[indicator_id] = IndicatorNow(indicator_id, *columns)
        found[goal_id].append(by_id[indicator_id])
    for indicator_id, observations in _by_indicator(list(by_id), reader, periods, until).items():
        by_id[indicator_id].observations = observations
    return found


@prepared
def _one(reader: Reader) -> Any:
    return (
        select(Indicator, Actor, Place, Source)
        .outerjoin(Actor, Actor.id == Indicator.owner_id)
        .outerjoin(Place, Place.id == Indicator.place_id)
        .outerjoin(Source, Source.id == Indicator.source_id)
        .where(Indicator.id == bindparam("indicator_id"), Indicator.partnership_id == bindparam("partnership_id"))
        .where(visible_to(Indicator, reader))
    )


def indicator_or_404(partnership_id: int, indicator_id: int, reader: Reader) -> Indicator:
    """Return the indicator with owner, place and source; 404 when missing or hidden. One query."""
    values = {"indicator_id": indicator_id, "partnership_id": partnership_id}
    indicator: Indicator = related_or_404(_one(reader), "owner", "place", "source", **values)
    return indicator


def indicator_with_goals(partnership_id: int, indicator_id: int, reader: Reader) -> Indicator:
    """Return the indicator as its form reads it, with the goals that `reader` may see; 404 when missing or hidden."""
    statement = _of(partnership_id, reader).where(Indicator.id == indicator_id).options(*_whole(reader))
    indicator: Indicator = one_or_404(statement)
    return indicator


def indicator_now(indicator: Indicator, reader: Reader) -> IndicatorNow:
    """Return the indicator with all that was ever observed. One query."""
    found = IndicatorNow(*(getattr(indicator, column.key) for column in INDICATOR_NOW))
    found.observations = _by_indicator([found.id], reader, None)[found.id]
    return found


@prepared
def _observation_rows(reader: Reader) -> Any:
    source = aliased(Source, name="source")
    return (
        select(Observation.id, *OBSERVED, Observation.origin, Observation.source_note, Observation.basis, source)
        .add_columns(Observation.visibility, Observation.is_example)
        .outerjoin(source, source.id == Observation.source_id)
        .where(Observation.indicator_id == bindparam("indicator_id"), visible_to(Observation, reader))
    )


def observation_list(reader: Reader, *, may_record: bool) -> tuple[Any, ListSpec]:
    """Return the statement and the look of the list of all that was observed, newest first; `may_record` adds a column
    for links that change. The statement takes `indicator_id`."""
    spec = ListSpec(
        id="observations",
        noun_singular="mätvärde",
        noun_plural="mätvärden",
        columns=(
            Column("period", "Tid", sort=(Observation.sort_key, Observation.id), is_key=True),
            Column("value", "Uppgift"),
            Column("origin", "Varifrån"),
            *([Column("change", "Ändra")] if may_record else []),
        ),
        default_sort="period",
        default_descending=True,
    )
    return _observation_rows(reader), spec


def observation_or_404(indicator: Indicator, observation_id: int, reader: Reader) -> Observation:
    """Return one observation of the indicator; 404 when missing or hidden."""
    statement = select(Observation).where(
        Observation.id == observation_id,
        Observation.indicator_id == indicator.id,
        visible_to(Observation, reader),
    )
    observation: Observation = one_or_404(statement)
    return observation


@prepared
def _indicator_rows(reader: Reader) -> Any:
    return (
        select(*INDICATOR_NOW, Actor.name.label("owner_name"))
        .outerjoin(Actor, Actor.id == Indicator.owner_id)
        .where(Indicator.partnership_id == bindparam("partnership_id"), visible_to(Indicator, reader))
    )


def indicator_list(
    reader: Reader, goals: Sequence[tuple[int, str]], owners: Sequence[tuple[int, str]]
) -> tuple[Any, ListSpec]:
    """Return the statement and the look of the list of indicators; `with_recent` gives its rows their observations.

    The statement takes `partnership_id`.
    """
    today = clock.today()
    states = {"galler": running(Indicator, today), "avslutade": Indicator.ended_on < today}
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
    return _indicator_rows(reader), spec


def with_recent(table: Table, reader: Reader) -> Table:
    """Return the list of indicators with an `IndicatorNow` in each row. One query."""
    table.rows = [IndicatorNow(*row) for row in table.rows]
    observed = recent_observations([one.id for one in table.rows], reader, periods=2)
    for one in table.rows:
        one.observations = observed[one.id]
    return table


def latest_text(indicator: Measured) -> str:
    """Return what was observed last, with what a rate was made of, its period, and the latest value beside newer words;
    "" when nothing was."""
    return latest_words(indicator.observations, indicator.unit)


def latest_words(observations: Sequence[Observed], unit: str | None) -> str:
    """Return the same of `observations`, oldest first, of an indicator measured in `unit`."""
    if not observations:
        return ""
    latest = observations[-1]
    value = next((one for one in reversed(observations) if one.value is not None), None)
    shown = _with_period(latest, unit)
    return f"{shown}; senaste värde {_with_period(value, unit)}" if value and value is not latest else shown


def with_latest(name: str, observations: Sequence[Observed], unit: str | None) -> str:
    """Return "Otrygghet: 37 procent (2025)", or the name alone when nothing was observed."""
    latest = latest_words(observations, unit)
    return f"{name}: {latest}" if latest else name


def _with_period(observation: Observed, unit: str | None) -> str:
    beside = ", ".join(filter(None, (wording.rate_text(observation), wording.observed_period(observation))))
    return wording.value_text(observation, unit) + (f" ({beside})" if beside else "")


def measures_goal(goal_id: int) -> bool:
    """Say whether any indicator measures the goal, whoever may read it. One query."""
    statement = select(indicator_goal.c.indicator_id).where(indicator_goal.c.goal_id == goal_id).limit(1)
    return db.session.scalar(statement) is not None


def everyone() -> Reader:
    """Return the reader that sees every row: a rule that must know of all asks as all actors together."""
    return Reader(actor_ids=frozenset(db.session.scalars(select(Actor.id))), sees_authorities=True)


def has_observations(indicator_id: int) -> bool:
    """Say whether the indicator has any observation, whoever may read it. One query."""
    statement = select(Observation.id).where(Observation.indicator_id == indicator_id).limit(1)
    return db.session.scalar(statement) is not None
