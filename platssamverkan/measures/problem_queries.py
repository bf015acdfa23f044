"""What pages ask about problems and their causes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from platssamverkan.core.db import db, one_or_404, rows
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.measures.models import CauseAnalysis, Measure, Problem
from platssamverkan.measures.queries import measure_rows


def visible_problems(partnership_id: int, reader: Reader) -> Select[Problem]:
    """Return the select of the partnership's problems that `reader` may read."""
    return select(Problem).where(Problem.partnership_id == partnership_id, visible_to(Problem, reader))


def remaining_problems(partnership_id: int, reader: Reader, most: int) -> list[Problem]:
    """Return the problems that are not solved, with their places, the last noticed first, at most `most`."""
    statement = visible_problems(partnership_id, reader).where(Problem.resolved_on.is_(None))
    latest_first = statement.order_by(Problem.noted_on.desc().nulls_last(), Problem.id.desc())
    return rows(latest_first.limit(most).options(joinedload(Problem.place)))


def problem_or_404(problem_id: int, partnership_id: int, reader: Reader, *options: ExecutableOption) -> Problem:
    """Return the problem with its place; 404 when there is none that `reader` may read."""
    statement = visible_problems(partnership_id, reader).where(Problem.id == problem_id)
    return one_or_404(statement.options(joinedload(Problem.place), *options))


def problem_page(problem_id: int, partnership_id: int, reader: Reader) -> Problem:
    """Return the problem with its causes (each with the actor that has the mandate), as far as `reader` sees them."""
    causes = selectinload(Problem.causes.and_(visible_to(CauseAnalysis, reader)))
    return problem_or_404(
        problem_id, partnership_id, reader, causes.joinedload(CauseAnalysis.mandate_actor), joinedload(Problem.source)
    )


def measures_by_cause(
    cause_ids: Sequence[int], partnership_id: int, reader: Reader, today: date
) -> dict[int, list[Row[*tuple[Any, ...]]]]:
    """Return cause id → the measures against it, as rows, by number. One query."""
    found: dict[int, list[Row[*tuple[Any, ...]]]] = {cause_id: [] for cause_id in cause_ids}
    here = Measure.partnership_id == partnership_id, Measure.cause_id.in_(cause_ids)
    statement = measure_rows(reader, today).add_columns(Measure.cause_id).where(*here).order_by(Measure.number)
    for row in db.session.execute(statement):
        found[row.cause_id].append(row)
    return found


def cause_or_404(cause_id: int, partnership_id: int, reader: Reader) -> CauseAnalysis:
    """Return the cause with its problem and mandate; 404 unless `reader` may read both cause and problem."""
    statement = (
        select(CauseAnalysis)
        .join(CauseAnalysis.problem)
        .where(CauseAnalysis.id == cause_id, Problem.partnership_id == partnership_id)
        .where(visible_to(CauseAnalysis, reader), visible_to(Problem, reader))
        .options(contains_eager(CauseAnalysis.problem), joinedload(CauseAnalysis.mandate_actor))
    )
    return one_or_404(statement)


def cause_choices(partnership_id: int, reader: Reader, chosen: int | None = None) -> list[tuple[int, str]]:
    """Return (id, label) of the causes of unsolved problems, and of the one already chosen, for a form field."""
    statement = (
        select(CauseAnalysis)
        .join(CauseAnalysis.problem)
        .where(Problem.partnership_id == partnership_id, visible_to(CauseAnalysis, reader), visible_to(Problem, reader))
        .where(or_(Problem.resolved_on.is_(None), CauseAnalysis.id == chosen))
        .options(contains_eager(CauseAnalysis.problem))
        .order_by(Problem.number, CauseAnalysis.number)
    )
    return [
        (cause.id, f"Problem {cause.problem.number}, orsak {cause.number}: {_short(cause.text)}")
        for cause in rows(statement)
    ]


def _short(text: str, limit: int = 90) -> str:
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + " …"


def hangs_on_problem(problem_id: int) -> bool:
    """Say whether the problem has causes, also such that the reader may not see."""
    statement = select(func.count()).select_from(CauseAnalysis).where(CauseAnalysis.problem_id == problem_id)
    return bool(db.session.scalar(statement))


def hangs_on_cause(cause_id: int) -> bool:
    """Say whether measures answer the cause, also such that the reader may not see."""
    return bool(db.session.scalar(select(func.count()).select_from(Measure).where(Measure.cause_id == cause_id)))
