"""What happens with measures: they are decided, changed, closed with an answer about maintenance, and reopened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, delete, insert, select
from sqlalchemy.exc import IntegrityError

from platssamverkan.core import clock
from platssamverkan.core.audit import note_links
from platssamverkan.core.columns import touch
from platssamverkan.core.db import db, next_number
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.core.formatting import day
from platssamverkan.core.partial_date import latest
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


def check_reader(visibility: Visibility, methods: Sequence[MeasureMethod], status: MeasureStatus | None) -> None:
    """Raise `DomainError` if anyone could read of police work that has not begun (DOMAIN 9, R7)."""
    is_to_come = MeasureMethod.POLICE in methods and status is not None and status.is_waiting
    if visibility is Visibility.PUBLIC and is_to_come:
        raise DomainError("Planerat polisarbete visas aldrig offentligt. Välj vilka i samverkan som får läsa.")


def check_due(due_on: date | None, decided_on: date | None) -> None:
    """Raise `DomainError` if a measure would be due before the day it was decided. That day may well have passed since:
    decisions are often written down later."""
    if due_on and decided_on and due_on < decided_on:
        raise DomainError(f"Åtgärden beslutades den {day(decided_on)} och kan inte vara klar före det. Ändra dagen.")


def told_of_due(*due: date | None) -> str:
    """Return what to say, after that it is saved, of days to be done by that have passed already; "" for none."""
    passed = [one for one in due if one and one < clock.today()]
    return f" Observera att dagen för ”Klart senast”, {day(min(passed))}, redan har varit." if passed else ""


@dataclass(frozen=True, kw_only=True)
class NewMeasure:
    """What is known of a measure that is to be."""

    title: str
    responsible_actor_id: int
    methods: Sequence[MeasureMethod]
    due_on: date | None = None
    goal_ids: Iterable[int] = ()
    status: MeasureStatus = MeasureStatus.DECIDED
    cpted: Sequence[CptedCategory] = ()
    affected_actor_ids: Iterable[int] = ()
    description: str | None = None
    cause_id: int | None = None
    place_id: int | None = None
    place_text: str | None = None
    starts: str | None = None
    ends: str | None = None
    resources: str | None = None
    follow_up_on: date | None = None
    planned_count: int | None = None
    is_especially_valuable: bool = False
    outcome_text: str | None = None
    visibility: Visibility = Visibility.PARTNERSHIP
    owner_actor_id: int | None = None

    def numbered(self, number: int, partnership_id: int) -> Measure:
        """Return the measure with what stands in its own row, its methods, and nothing tied to it yet."""
        values = {name: getattr(self, name) for name in EDITABLE}
        return Measure(
            partnership_id=partnership_id,
            number=number,
            status=self.status,
            methods=[MeasureMethodLink(method=method) for method in self.methods],
            cpted=[],
            maintenance=None,
            **{name: None if value == "" else value for name, value in values.items()},
        )


def create_measure(*, partnership_id: int, **facts: Any) -> Measure:
    """Return the new measure, made of the `facts` of a `NewMeasure`. Else as `create_measures`."""
    return create_measures([NewMeasure(**facts)], partnership_id=partnership_id)[0]


def create_measures(new: Sequence[NewMeasure], *, partnership_id: int) -> list[Measure]:
    """Return the new measures, with the next numbers of the partnership; the same few statements however many they are.
    Flushes, does not commit.

    :raises DomainError: without a method, with CPTED categories but no situational method, already closed, or public
        when it is police work to come
    """
    for one in new:
        check_methods(one.methods, one.cpted)
        check_reader(one.visibility, one.methods, one.status)
        if one.status.is_done:
            raise DomainError("En ny åtgärd kan inte vara avslutad. Spara den först och avsluta den sedan.")
    first = take_number(Measure, partnership_id)
    measures = [one.numbered(number, partnership_id) for number, one in enumerate(new, start=first)]
    db.session.add_all(measures)
    db.session.flush()
    # A category hangs on the situational method, which must be there first.
    for measure, one in zip(measures, new, strict=True):
        measure.cpted.extend(MeasureCptedLink(category=category) for category in one.cpted)
    db.session.flush()
    goals = [sorted(set(one.goal_ids)) for one in new]
    affected = [sorted(set(one.affected_actor_ids) - {one.responsible_actor_id}) for one in new]
    _tie_new(measures, "goals", measure_goal.c.goal_id, goals)
    _tie_new(measures, "affected", measure_affected_actor.c.actor_id, affected)
    return measures


def _tie_new(measures: Sequence[Measure], name: str, column: Column[Any], wanted: Sequence[Sequence[int]]) -> None:
    """Tie each measure to the ids that are its own, in the link table of `column`."""
    note_links((measure, name, (), ids) for measure, ids in zip(measures, wanted, strict=True))
    rows = [{"measure_id": m.id, column.key: one} for m, ids in zip(measures, wanted, strict=True) for one in ids]
    if rows:
        db.session.execute(insert(column.table), rows)


def set_methods(measure: Measure, *, methods: Sequence[MeasureMethod], cpted: Sequence[CptedCategory]) -> None:
    """Let the measure, whose methods and categories are loaded, have just these. Flushes.

    :raises DomainError: without a method, or with CPTED categories but no situational method
    """
    check_methods(methods, cpted)
    before = {link.method for link in measure.methods}, {link.category for link in measure.cpted}
    if before != (set(methods), set(cpted)):
        touch(measure)
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
    _tie(measure, "goals", measure_goal.c.goal_id, wanted)


def set_affected(measure: Measure, actor_ids: Iterable[int]) -> None:
    """Let the measure, which has an id, affect just these actors; the responsible one is not among them."""
    wanted = sorted(set(actor_ids) - {measure.responsible_actor_id})
    _tie(measure, "affected", measure_affected_actor.c.actor_id, wanted)


def _tie(measure: Measure, name: str, column: Column[Any], wanted: Sequence[int]) -> None:
    """Tie the saved measure to just the ids that are `wanted`, in the link table of `column`."""
    own = column.table.c.measure_id == measure.id
    present = set(db.session.scalars(select(column).where(own)))
    if present == set(wanted):
        return
    touch(measure)
    note_links([(measure, name, present, wanted)])
    db.session.execute(delete(column.table).where(own))
    if wanted:
        db.session.execute(insert(column.table), [{"measure_id": measure.id, column.key: one} for one in wanted])


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
    :raises DomainError: if methods and categories do not agree, or if it is public and police work to come
    """
    check_version(measure, version)
    check_reader(values.get("visibility", measure.visibility), methods, measure.status)
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


def move(measure: Measure, status: MeasureStatus, *, on: date) -> None:
    """Let an open measure, whose methods are loaded, be decided, start, pause or be delayed; let a cancelled one be
    taken up again. One that starts `on` a day, and was not said to begin on another or to end before, begins then.

    :raises DomainError: if its present status does not lead there, or if it is public and police work to come
    """
    if status not in next_statuses(measure):
        present = measure.status.label if measure.status else "uppgift saknas"
        raise DomainError(f"Åtgärden kan inte bli {status.label.lower()}. Läget är nu: {present}.")
    if status is MeasureStatus.DECIDED:
        check_reader(measure.visibility, [link.method for link in measure.methods], status)
    is_waiting = measure.status is not None and measure.status.is_waiting
    ends_later = measure.ends is None or latest(measure.ends) >= on
    if is_waiting and status is MeasureStatus.ONGOING and measure.starts is None and ends_later:
        measure.starts = on.isoformat()
    measure.status = status
    measure.closed_on = None


def next_statuses(measure: Measure) -> tuple[MeasureStatus, ...]:
    """Return the statuses that a button may give the measure. Closing and cancelling ask for more than a button."""
    return MOVES.get(measure.status, ())


def delay(measure: Measure, *, due_on: date | None, on: date) -> None:
    """Say `on` a day that the measure is late, and until when, if that is known."""
    if measure.status is not MeasureStatus.DELAYED:
        move(measure, MeasureStatus.DELAYED, on=on)
    measure.due_on = due_on or measure.due_on


def check_not_closed(measure: Measure) -> None:
    """Raise `DomainError` if the measure has ended, in whatever way."""
    if measure.status is not None and measure.status.is_closed:
        raise DomainError("Åtgärden är redan avslutad.")


def cancel(measure: Measure, *, reason: str, on: date) -> None:
    """End the measure without result. :raises DomainError: if it is closed or no reason is given"""
    check_not_closed(measure)
    if not reason.strip():
        raise DomainError("Skriv varför åtgärden avbryts.")
    measure.status, measure.cancel_reason, measure.closed_on = MeasureStatus.CANCELLED, reason, on


@dataclass(frozen=True, kw_only=True)
class Ending:
    """When a measure ended, and the answer to what keeps its result."""

    on: date
    is_needed: bool
    reason: str | None = None
    what: str | None = None
    actor_id: int | None = None
    until_on: date | None = None
    funding: str | None = None
    relapse_signal: str | None = None
    review_on: date | None = None


def close(measure: Measure, **ending: Any) -> None:
    """Close the measure as an `Ending` of these facts says. Else as `close_all`."""
    close_all([(measure, Ending(**ending))])


def close_all(ended: Sequence[tuple[Measure, Ending]]) -> None:
    """Close each measure with an answer to what keeps its result (DOMAIN 5, step 5). Maintenance must be loaded.

    With something to keep up it is "Vidmakthålls", without it is "Genomförd". Answering anew replaces the answer.
    :raises DomainError: if a measure is only proposed or cancelled, or an answer is not whole
    """
    for measure, ending in ended:
        _answer(measure, ending)
    # The database lets no measure close before its answer is there.
    db.session.flush()
    for measure, ending in ended:
        measure.status = MeasureStatus.MAINTAINED if ending.is_needed else MeasureStatus.COMPLETED
        measure.closed_on = ending.on


def _answer(measure: Measure, ending: Ending) -> None:
    if measure.status in {MeasureStatus.PROPOSED, MeasureStatus.CANCELLED}:
        raise DomainError("En åtgärd som är föreslagen eller avbruten kan inte avslutas som genomförd.")
    is_needed = ending.is_needed
    if is_needed and not (ending.what and ending.actor_id):
        raise DomainError("Skriv vad som ska vidmakthållas och välj vem som gör det.")
    if not is_needed and not ending.reason:
        raise DomainError("Skriv varför inget behöver vidmakthållas.")
    answer = measure.maintenance or Maintenance(measure_id=measure.id)
    answer.is_needed, answer.reason = is_needed, None if is_needed else ending.reason
    answer.what, answer.actor_id = (ending.what, ending.actor_id) if is_needed else (None, None)
    answer.until_on, answer.review_on = (ending.until_on, ending.review_on) if is_needed else (None, None)
    answer.funding = (ending.funding or None) if is_needed else None
    answer.relapse_signal = (ending.relapse_signal or None) if is_needed else None
    answer.visibility, answer.owner_actor_id = measure.visibility, measure.owner_actor_id
    db.session.add(answer)


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
    if relapses and not (measure.status and measure.status.is_done):
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
