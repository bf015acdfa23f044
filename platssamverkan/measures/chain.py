"""The page of one measure: the whole chain from problem to what keeps the result, as far as the reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort
from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Row,
    Select,
    String,
    and_,
    bindparam,
    literal,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.actors.models import Actor
from platssamverkan.core.db import db, prepared, with_related
from platssamverkan.core.formatting import swedish_sort_key
from platssamverkan.core.registry import Mention, registry
from platssamverkan.core.sources import Source
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.measures import neighbours
from platssamverkan.measures.models import (
    CauseAnalysis,
    CptedCategory,
    FollowUp,
    Maintenance,
    Measure,
    MeasureCptedLink,
    MeasureMethod,
    MeasureMethodLink,
    Problem,
    measure_affected_actor,
)
from platssamverkan.measures.queries import goal_ids_of, newest_first
from platssamverkan.places.models import Place


@dataclass(frozen=True)
class MeasurePage:
    """A measure with its whole chain."""

    measure: Measure
    #: The names of the actor that answers for it and of its place.
    responsible: str | None
    place: str | None
    #: Labels and names, in alphabetical order.
    methods: list[str]
    cpted: list[str]
    affected: list[str]
    #: None when there is no cause, or none that the reader may read (`cause_is_hidden`).
    cause: CauseAnalysis | None
    problem: Problem | None
    problem_place: str | None
    #: The name of the actor that can change the cause.
    mandate: str | None
    cause_is_hidden: bool
    #: Newest first.
    follow_ups: Sequence[FollowUp]
    maintenance: Maintenance | None
    #: The name of the actor that keeps the result.
    keeper: str | None
    goals: list[neighbours.Neighbour]
    indicators: dict[int, neighbours.Neighbour]
    mentions: list[Mention]


def measure_page(measure_id: int, partnership_id: int, reader: Reader) -> MeasurePage:
    """Return all that the page of a measure prints; 404 when the reader may not read it. A fixed number of queries."""
    row = _chain_or_404(measure_id, partnership_id, reader)
    measure: Measure = row.Measure
    links = _links_of(measure_id)
    follow_ups = _follow_ups_of(measure_id, reader)
    cause, problem = (row.CauseAnalysis, row.Problem) if row.Problem else (None, None)
    return MeasurePage(
        measure=measure,
        responsible=row.responsible,
        place=row.place,
        methods=links["method"],
        cpted=links["cpted"],
        affected=links["affected"],
        cause=cause,
        problem=problem,
        problem_place=row.problem_place,
        mandate=row.mandate,
        cause_is_hidden=measure.cause_id is not None and cause is None,
        follow_ups=newest_first(follow_ups),
        maintenance=row.Maintenance,
        keeper=row.keeper,
        goals=_goals_of(measure_id, partnership_id, reader),
        indicators=_indicators_of(follow_ups, partnership_id, reader),
        mentions=registry.mentions_of("measure", partnership_id, [measure_id], reader)[measure_id],
    )


@prepared
def _chain(reader: Reader) -> Select[*tuple[Any, ...]]:
    # Rows side by side: an eager-loading option for each step costs several times as much.
    mandate, keeper, problem_place = aliased(Actor), aliased(Actor), aliased(Place)
    return (
        select(Measure, Source, CauseAnalysis, Problem, Maintenance)
        .add_columns(Actor.name.label("responsible"), Place.name.label("place"), mandate.name.label("mandate"))
        .add_columns(problem_place.name.label("problem_place"), keeper.name.label("keeper"))
        .select_from(Measure)
        .outerjoin(Source, Source.id == Measure.source_id)
        .outerjoin(Actor, Actor.id == Measure.responsible_actor_id)
        .outerjoin(Place, Place.id == Measure.place_id)
        .outerjoin(CauseAnalysis, and_(CauseAnalysis.id == Measure.cause_id, visible_to(CauseAnalysis, reader)))
        .outerjoin(mandate, mandate.id == CauseAnalysis.mandate_actor_id)
        .outerjoin(Problem, and_(Problem.id == CauseAnalysis.problem_id, visible_to(Problem, reader)))
        .outerjoin(problem_place, problem_place.id == Problem.place_id)
        .outerjoin(Maintenance, and_(Maintenance.measure_id == Measure.id, visible_to(Maintenance, reader)))
        .outerjoin(keeper, keeper.id == Maintenance.actor_id)
        .where(Measure.id == bindparam("measure_id"), Measure.partnership_id == bindparam("partnership_id"))
        .where(visible_to(Measure, reader))
    )


def _chain_or_404(measure_id: int, partnership_id: int, reader: Reader) -> Row[*tuple[Any, ...]]:
    values = {"measure_id": measure_id, "partnership_id": partnership_id}
    row: Row[*tuple[Any, ...]] | None = db.session.execute(_chain(reader), values).one_or_none()
    if row is None:
        abort(404)
    set_committed_value(row.Measure, "source", row.Source)
    return row


@prepared
def _follow_ups(reader: Reader) -> Select[*tuple[Any, ...]]:
    return (
        select(FollowUp, Source)
        .outerjoin(Source, Source.id == FollowUp.source_id)
        .where(FollowUp.measure_id == bindparam("measure_id"), visible_to(FollowUp, reader))
    )


def _follow_ups_of(measure_id: int, reader: Reader) -> list[FollowUp]:
    return [with_related(row, "source") for row in db.session.execute(_follow_ups(reader), {"measure_id": measure_id})]


@prepared
def _links() -> CompoundSelect[*tuple[Any, ...]]:
    measure_id: BindParameter[int] = bindparam("measure_id")
    method, cpted, affected = MeasureMethodLink, MeasureCptedLink, measure_affected_actor
    return union_all(
        select(literal("method"), type_coerce(method.method, String)).where(method.measure_id == measure_id),
        select(literal("cpted"), type_coerce(cpted.category, String)).where(cpted.measure_id == measure_id),
        select(literal("affected"), Actor.name)
        .join(affected, affected.c.actor_id == Actor.id)
        .where(affected.c.measure_id == measure_id),
    )


def _links_of(measure_id: int) -> dict[str, list[str]]:
    """Return methods and CPTED categories by their label, and the affected actors by name, each in order. One query."""
    found: dict[str, list[str]] = {"method": [], "cpted": [], "affected": []}
    labels = {"method": MeasureMethod, "cpted": CptedCategory}
    for kind, text in db.session.execute(_links(), {"measure_id": measure_id}):
        found[kind].append(labels[kind](text).label if kind in labels else text)
    return {kind: sorted(texts, key=swedish_sort_key) for kind, texts in found.items()}


def _goals_of(measure_id: int, partnership_id: int, reader: Reader) -> list[neighbours.Neighbour]:
    goal_ids = goal_ids_of([measure_id])[measure_id]
    return list(neighbours.goals(partnership_id, reader, goal_ids).values()) if goal_ids else []


def _indicators_of(
    follow_ups: Sequence[FollowUp], partnership_id: int, reader: Reader
) -> dict[int, neighbours.Neighbour]:
    named = sorted({row.indicator_id for row in follow_ups if row.indicator_id})
    return neighbours.indicators(partnership_id, reader, named) if named else {}
