"""What happens with measures: they are decided, changed, closed with an answer about maintenance, and reopened."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import delete, func, insert, select, update

from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.models import (
    CptedCategory,
    Measure,
    MeasureCptedLink,
    MeasureMethod,
    MeasureMethodLink,
    MeasureStatus,
    Problem,
    measure_affected_actor,
    measure_goal,
)
from platssamverkan.partnerships.models import Partnership


def next_number(model: type[Measure] | type[Problem], partnership_id: int) -> int:
    """Return the next number of `model` in the partnership. Others who number there wait until this one commits."""
    # A change that changes nothing locks the row in PostgreSQL and the file in SQLite, before the number is read.
    table = Partnership.__table__
    db.session.execute(update(table).where(table.c.id == partnership_id).values(slug=table.c.slug))  # type: ignore[arg-type]
    highest = db.session.scalar(select(func.max(model.number)).where(model.partnership_id == partnership_id))
    return (highest or 0) + 1


def check_methods(methods: Sequence[MeasureMethod], cpted: Sequence[CptedCategory]) -> None:
    """Raise `DomainError` unless there is a method, and CPTED categories stand only with a situational one."""
    if not methods:
        raise DomainError("Välj minst en metod för åtgärden.")
    if cpted and MeasureMethod.SITUATIONAL not in methods:
        raise DomainError("CPTED-kategorier hör till situationella åtgärder. Välj metoden Situationell också.")


def create_measure(
    *,
    partnership_id: int,
    title: str,
    responsible_actor_id: int,
    due_on: date | None = None,
    goal_ids: Iterable[int] = (),
    methods: Sequence[MeasureMethod] = (MeasureMethod.ORGANISATIONAL,),
    status: MeasureStatus = MeasureStatus.DECIDED,
    cpted: Sequence[CptedCategory] = (),
    affected_actor_ids: Iterable[int] = (),
    description: str | None = None,
    cause_id: int | None = None,
    place_id: int | None = None,
    place_text: str | None = None,
    starts: str | None = None,
    ends: str | None = None,
    resources: str | None = None,
    follow_up_on: date | None = None,
    planned_count: int | None = None,
    is_especially_valuable: bool = False,
    visibility: Visibility = Visibility.PARTNERSHIP,
    owner_actor_id: int | None = None,
) -> Measure:
    """Return the new measure, with the next number of the partnership. Flushes, does not commit.

    A measure that follows from a decision works, unless something else is said, by organising.
    :raises DomainError: without a method, with CPTED categories but no situational method, or already closed
    """
    check_methods(methods, cpted)
    if status in {MeasureStatus.COMPLETED, MeasureStatus.MAINTAINED}:
        raise DomainError("En ny åtgärd kan inte vara avslutad. Spara den först och avsluta den sedan.")
    measure = Measure(
        partnership_id=partnership_id,
        number=next_number(Measure, partnership_id),
        title=title,
        responsible_actor_id=responsible_actor_id,
        due_on=due_on,
        status=status,
        description=description or None,
        cause_id=cause_id,
        place_id=place_id,
        place_text=place_text or None,
        starts=starts,
        ends=ends,
        resources=resources or None,
        follow_up_on=follow_up_on,
        planned_count=planned_count,
        is_especially_valuable=is_especially_valuable,
        visibility=visibility,
        owner_actor_id=owner_actor_id,
        methods=[],
        cpted=[],
    )
    db.session.add(measure)
    set_methods(measure, methods=methods, cpted=cpted)
    set_goals(measure, goal_ids)
    set_affected(measure, affected_actor_ids)
    return measure


def set_methods(measure: Measure, *, methods: Sequence[MeasureMethod], cpted: Sequence[CptedCategory]) -> None:
    """Let the measure, whose methods and categories are loaded, have just these. Flushes.

    :raises DomainError: without a method, or with CPTED categories but no situational method
    """
    check_methods(methods, cpted)
    # A category hangs on the situational method: it goes first and comes last.
    measure.cpted[:] = [link for link in measure.cpted if link.category in cpted]
    db.session.flush()
    kept = [link for link in measure.methods if link.method in methods]
    known = {link.method for link in kept}
    measure.methods[:] = [*kept, *(MeasureMethodLink(method=method) for method in methods if method not in known)]
    db.session.flush()
    present = {link.category for link in measure.cpted}
    measure.cpted.extend(MeasureCptedLink(category=category) for category in cpted if category not in present)
    db.session.flush()


def set_goals(measure: Measure, goal_ids: Iterable[int]) -> None:
    """Let the measure, which has an id, serve just these goals."""
    wanted = sorted(set(goal_ids))
    db.session.execute(delete(measure_goal).where(measure_goal.c.measure_id == measure.id))
    if wanted:
        db.session.execute(insert(measure_goal), [{"measure_id": measure.id, "goal_id": goal_id} for goal_id in wanted])


def set_affected(measure: Measure, actor_ids: Iterable[int]) -> None:
    """Let the measure, which has an id, affect just these actors; the responsible one is not among them."""
    wanted = sorted(set(actor_ids) - {measure.responsible_actor_id})
    db.session.execute(delete(measure_affected_actor).where(measure_affected_actor.c.measure_id == measure.id))
    if wanted:
        rows = [{"measure_id": measure.id, "actor_id": actor_id} for actor_id in wanted]
        db.session.execute(insert(measure_affected_actor), rows)
