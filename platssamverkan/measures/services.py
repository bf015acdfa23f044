"""What happens with measures: they are decided, changed, closed with an answer about maintenance, and reopened."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from platssamverkan.core.audit import note_links
from platssamverkan.core.db import db, next_number
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.models import (
    CptedCategory,
    Displacement,
    FollowUp,
    FollowUpEffect,
    Maintenance,
    Measure,
    MeasureCptedLink,
    MeasureMethod,
    MeasureMethodLink,
    MeasureStatus,
    Problem,
    measure_affected_actor,
    measure_goal,
)
from platssamverkan.partnerships.services import lock_partnership

#: Columns that the form of a measure sets. Status and number have ways of their own.
EDITABLE = {
    *("title", "description", "outcome_text", "resources", "place_text"),
    *("responsible_actor_id", "cause_id", "place_id", "owner_actor_id", "visibility"),
    *("starts", "ends", "due_on", "follow_up_on", "planned_count", "is_especially_valuable"),
}

_S = MeasureStatus
#: From which status a button leads where. A seed may lack a status: it is given one by any of them.
MOVES: dict[MeasureStatus | None, tuple[MeasureStatus, ...]] = {
    None: (_S.DECIDED, _S.ONGOING, _S.PAUSED, _S.DELAYED),
    _S.PROPOSED: (_S.DECIDED, _S.ONGOING),
    _S.DECIDED: (_S.ONGOING, _S.PAUSED, _S.DELAYED),
    _S.ONGOING: (_S.PAUSED, _S.DELAYED),
    _S.DELAYED: (_S.ONGOING, _S.PAUSED),
    _S.PAUSED: (_S.ONGOING, _S.DELAYED),
    _S.CANCELLED: (_S.ONGOING,),
}


def take_number(model: type[Measure] | type[Problem], partnership_id: int) -> int:
    """Return the next number of `model` in the partnership, which stays this transaction's own."""
    lock_partnership(partnership_id)
    return next_number(model.number, model.partnership_id == partnership_id)


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
    outcome_text: str | None = None,
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
        number=take_number(Measure, partnership_id),
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
        outcome_text=outcome_text or None,
        visibility=visibility,
        owner_actor_id=owner_actor_id,
        methods=[],
        cpted=[],
        maintenance=None,
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
    present = select(measure_goal.c.goal_id).where(measure_goal.c.measure_id == measure.id)
    note_links(measure, "goals", old=db.session.scalars(present), new=wanted)
    db.session.execute(delete(measure_goal).where(measure_goal.c.measure_id == measure.id))
    if wanted:
        db.session.execute(insert(measure_goal), [{"measure_id": measure.id, "goal_id": goal_id} for goal_id in wanted])


def set_affected(measure: Measure, actor_ids: Iterable[int]) -> None:
    """Let the measure, which has an id, affect just these actors; the responsible one is not among them."""
    wanted = sorted(set(actor_ids) - {measure.responsible_actor_id})
    present = select(measure_affected_actor.c.actor_id).where(measure_affected_actor.c.measure_id == measure.id)
    note_links(measure, "affected", old=db.session.scalars(present), new=wanted)
    db.session.execute(delete(measure_affected_actor).where(measure_affected_actor.c.measure_id == measure.id))
    if wanted:
        rows = [{"measure_id": measure.id, "actor_id": actor_id} for actor_id in wanted]
        db.session.execute(insert(measure_affected_actor), rows)


def change_measure(
    measure: Measure,
    *,
    version: int | None,
    methods: Sequence[MeasureMethod],
    cpted: Sequence[CptedCategory],
    goal_ids: Iterable[int],
    affected_actor_ids: Iterable[int],
    values: dict[str, Any],
) -> None:
    """Give the measure new facts; `values` are columns that the form may set, never status or number.

    Methods, categories and maintenance must be loaded.
    :raises EditConflict: if someone saved since `version`
    :raises DomainError: if methods and categories do not agree
    """
    check_version(measure, version)
    for name, value in values.items():
        if name not in EDITABLE:
            raise ValueError(f"{name} is not changed by the form")
        setattr(measure, name, None if value == "" else value)
    if measure.maintenance is not None:
        # The answer is part of the measure and is read by the same people.
        measure.maintenance.visibility = measure.visibility
        measure.maintenance.owner_actor_id = measure.owner_actor_id
    set_methods(measure, methods=methods, cpted=cpted)
    set_goals(measure, goal_ids)
    set_affected(measure, affected_actor_ids)


def move(measure: Measure, status: MeasureStatus) -> None:
    """Let an open measure be decided, start, pause or be delayed; let a cancelled one be taken up again.

    :raises DomainError: if its present status does not lead there
    """
    if status not in next_statuses(measure):
        present = measure.status.label if measure.status else "uppgift saknas"
        raise DomainError(f"Åtgärden kan inte bli {status.label.lower()}. Läget är nu: {present}.")
    measure.status = status
    measure.closed_on = None


def next_statuses(measure: Measure) -> tuple[MeasureStatus, ...]:
    """Return the statuses that a button may give the measure. Closing and cancelling ask for more than a button."""
    return MOVES.get(measure.status, ())


def delay(measure: Measure, *, due_on: date | None) -> None:
    """Say that the measure is late, and until when, if that is known."""
    if measure.status is not MeasureStatus.DELAYED:
        move(measure, MeasureStatus.DELAYED)
    measure.due_on = due_on or measure.due_on


def cancel(measure: Measure, *, reason: str, on: date) -> None:
    """End the measure without result. :raises DomainError: if it is closed or no reason is given"""
    if measure.status is not None and measure.status.is_closed:
        raise DomainError("Åtgärden är redan avslutad.")
    if not reason.strip():
        raise DomainError("Skriv varför åtgärden avbryts.")
    measure.status, measure.cancel_reason, measure.closed_on = MeasureStatus.CANCELLED, reason, on


def close(
    measure: Measure,
    *,
    on: date,
    is_needed: bool,
    reason: str | None = None,
    what: str | None = None,
    actor_id: int | None = None,
    until_on: date | None = None,
    funding: str | None = None,
    relapse_signal: str | None = None,
    review_on: date | None = None,
) -> None:
    """Close the measure with an answer to what keeps its result (DOMAIN 5, step 5). Maintenance must be loaded.

    With something to keep up it is "Vidmakthålls", without it is "Genomförd". Answering anew replaces the answer.
    :raises DomainError: if the measure is only proposed or cancelled, or the answer is not whole
    """
    if measure.status in {MeasureStatus.PROPOSED, MeasureStatus.CANCELLED}:
        raise DomainError("En åtgärd som är föreslagen eller avbruten kan inte avslutas som genomförd.")
    if is_needed and not (what and actor_id):
        raise DomainError("Skriv vad som ska vidmakthållas och välj vem som gör det.")
    if not is_needed and not reason:
        raise DomainError("Skriv varför inget behöver vidmakthållas.")
    answer = measure.maintenance or Maintenance(measure_id=measure.id)
    answer.is_needed, answer.reason = is_needed, None if is_needed else reason
    answer.what, answer.actor_id = (what, actor_id) if is_needed else (None, None)
    answer.until_on, answer.review_on = (until_on, review_on) if is_needed else (None, None)
    answer.funding = (funding or None) if is_needed else None
    answer.relapse_signal = (relapse_signal or None) if is_needed else None
    answer.visibility, answer.owner_actor_id = measure.visibility, measure.owner_actor_id
    db.session.add(answer)
    # The database lets no measure close before its answer is there.
    db.session.flush()
    measure.status = MeasureStatus.MAINTAINED if is_needed else MeasureStatus.COMPLETED
    measure.closed_on = on


def save_follow_up(measure: Measure, follow_up: FollowUp | None, *, version: int | None, **values: Any) -> FollowUp:
    """Return the new or changed follow-up. One that tells of a relapse takes the closed measure up again.

    :raises EditConflict: if someone changed the follow-up since `version`
    :raises DomainError: if displacement lacks its place and time, or a relapse is told of an open measure
    """
    relapses = values["effect"] is FollowUpEffect.RELAPSE
    if follow_up is not None:
        check_version(follow_up, version)
        relapses = relapses and follow_up.effect is not FollowUpEffect.RELAPSE
    if values["displacement"] is Displacement.YES and not values.get("displacement_text"):
        raise DomainError("Skriv vart och när handeln har flyttat.")
    if relapses and measure.status not in {MeasureStatus.COMPLETED, MeasureStatus.MAINTAINED}:
        raise DomainError("Återfall gäller en avslutad åtgärd. Välj Försämring för en åtgärd som pågår.")
    row = follow_up or FollowUp(measure_id=measure.id)
    for name, value in values.items():
        setattr(row, name, None if value == "" else value)
    if relapses:
        measure.status, measure.closed_on = MeasureStatus.ONGOING, None
    db.session.add(row)
    db.session.flush()
    return row


def remove_measure(measure: Measure) -> None:
    """Remove a proposed measure that nothing hangs on. Everything of it must be loaded.

    :raises DomainError: if it has been decided, followed up or spoken of; such a measure is cancelled instead
    """
    refused = DomainError("Åtgärden kan inte tas bort. Avbryt den i stället, så finns den kvar i historiken.")
    if measure.status is not MeasureStatus.PROPOSED or measure.follow_ups or measure.maintenance:
        raise refused
    measure.cpted.clear()
    db.session.flush()
    db.session.delete(measure)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise refused from None
