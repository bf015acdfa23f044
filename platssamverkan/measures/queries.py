"""What pages and other rooms ask about measures. Every statement goes through `visible_to`."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from platssamverkan.core.db import db, rows
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.measures.models import Measure, measure_goal


def row_options() -> tuple[ExecutableOption, ...]:
    """Return what is loaded with a measure wherever it is a row: responsible actor, place, methods."""
    return joinedload(Measure.responsible), joinedload(Measure.place), selectinload(Measure.methods)


def visible_measures(reader: Reader) -> "Select[Measure]":
    """Return the select of the measures that `reader` may read, in every partnership."""
    return select(Measure).where(visible_to(Measure, reader))


def measure_rows_for(ids: Iterable[int], reader: Reader) -> list[Measure]:
    """Return those of the measures that `reader` may read, by number, with responsible actor, place and methods."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    return rows(visible_measures(reader).where(Measure.id.in_(wanted)).options(*row_options()).order_by(Measure.number))


def goal_ids_of(measure_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return measure id → ids of the goals it serves; one query."""
    found: dict[int, list[int]] = {measure_id: [] for measure_id in measure_ids}
    if measure_ids:
        statement = select(measure_goal).where(measure_goal.c.measure_id.in_(measure_ids))
        for measure_id, goal_id in db.session.execute(statement.order_by(measure_goal.c.goal_id)):
            found[measure_id].append(goal_id)
    return found
