"""What happens with problems and their causes."""

from datetime import date
from typing import Any

from platssamverkan.core.db import db, next_number
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.measures import problem_queries
from platssamverkan.measures.models import CauseAnalysis, Problem
from platssamverkan.measures.services import take_number
from platssamverkan.partnerships.services import lock_partnership


def _set(row: Problem | CauseAnalysis, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, None if value == "" else value)


def create_problem(*, partnership_id: int, owner_actor_id: int | None, **values: Any) -> Problem:
    """Return the new problem with the next number of the partnership. Flushes."""
    number = take_number(Problem, partnership_id)
    problem = Problem(partnership_id=partnership_id, number=number, owner_actor_id=owner_actor_id)
    _set(problem, values)
    db.session.add(problem)
    db.session.flush()
    return problem


def change_problem(problem: Problem, *, version: int | None, **values: Any) -> None:
    """Give the problem new words. :raises EditConflict: if someone saved since `version`"""
    check_version(problem, version)
    _set(problem, values)


def resolve(problem: Problem, *, on: date) -> None:
    """Note that the problem is gone. :raises DomainError: if it is noted already"""
    if problem.resolved_on is not None:
        raise DomainError("Problemet är redan markerat som löst.")
    problem.resolved_on = on


def take_up(problem: Problem) -> None:
    """Note that the problem is back."""
    problem.resolved_on = None


def why_problem_stays(problem: Problem) -> str:
    """Return why the problem can't be removed; "" when it can."""
    if problem_queries.hangs_on_problem(problem.id):
        return "Problemet har orsaker och kan inte tas bort. Markera det som löst i stället."
    return ""


def remove_problem(problem: Problem) -> None:
    """Remove a problem without causes. :raises DomainError: if causes hang on it"""
    if refused := why_problem_stays(problem):
        raise DomainError(refused)
    db.session.delete(problem)


def create_cause(problem: Problem, *, owner_actor_id: int | None, **values: Any) -> CauseAnalysis:
    """Return the new cause with the next number under its problem. Flushes."""
    lock_partnership(problem.partnership_id)
    number = next_number(CauseAnalysis.number, CauseAnalysis.problem_id == problem.id)
    cause = CauseAnalysis(problem_id=problem.id, number=number, owner_actor_id=owner_actor_id)
    _set(cause, values)
    db.session.add(cause)
    db.session.flush()
    return cause


def change_cause(cause: CauseAnalysis, *, version: int | None, **values: Any) -> None:
    """Give the cause new words. :raises EditConflict: if someone saved since `version`"""
    check_version(cause, version)
    _set(cause, values)


def why_cause_stays(cause: CauseAnalysis) -> str:
    """Return why the cause can't be removed; "" when it can."""
    if problem_queries.hangs_on_cause(cause.id):
        return "Åtgärder svarar mot orsaken, så den kan inte tas bort."
    return ""


def remove_cause(cause: CauseAnalysis) -> None:
    """Remove a cause that no measure answers. :raises DomainError: if one does"""
    if refused := why_cause_stays(cause):
        raise DomainError(refused)
    db.session.delete(cause)
