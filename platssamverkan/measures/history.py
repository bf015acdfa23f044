"""How measures stood on a day that has passed: by the days that they tell themselves, else by the log of changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select

from platssamverkan.core import clock
from platssamverkan.core.audit import HIDDEN, AuditEntry, values_before
from platssamverkan.core.partial_date import earliest
from platssamverkan.measures.models import Measure, MeasureStatus

#: What the log is read for.
_TOLD = ("status", "due_on", "closed_on", "cancel_reason")


@dataclass(frozen=True)
class Standing:
    """Where a measure stood at the end of a day."""

    #: None when no source tells it, or when the measure ended later and nothing tells what it was before.
    status: MeasureStatus | None
    closed_on: date | None
    due_on: date | None
    responsible_actor_id: int | None
    #: The day on which the status was read, when nothing tells what it was at the end of the day asked for.
    read_on: date | None = None
    #: Why it had been cancelled, as the log tells of one that has been taken up since.
    cancel_reason: str = ""


def standings(measures: Collection[Measure], on: date) -> dict[int, Standing]:
    """Return measure id → where it stood at the end of the day `on`. One query; none when the day is not over."""
    if on >= clock.today():
        return {row.id: Standing(row.status, row.closed_on, row.due_on, row.responsible_actor_id) for row in measures}
    _, end = clock.day_bounds(on, on)
    before = values_before(Measure, {row.id for row in measures}, end)
    return {row.id: _standing(row, on, before.get(row.id, {})) for row in measures}


def _standing(measure: Measure, on: date, before: Mapping[str, Any] | None) -> Standing:
    """Return where the measure stood; `before` is what has been changed of it since, None when it was entered since.

    The day that it began or ended, as it is told now, holds whenever that was entered. Nothing is told of then where
    others may read the measure now, or what was changed is kept out of the log.
    """
    is_told = before is not None and "visibility" not in before and HIDDEN not in map(before.get, _TOLD)
    values = before if before is not None and is_told else {}
    status = MeasureStatus(values["status"]) if values.get("status") else None
    due_on = _day(values["due_on"]) if "due_on" in values else measure.due_on
    responsible = values.get("responsible_actor_id", measure.responsible_actor_id)
    now = Standing(measure.status, measure.closed_on, due_on, responsible)
    if measure.has_ended(on):
        # What was done then may have been given another answer to what keeps it since, for the same day.
        is_same_end = status is not None and status.is_closed and "closed_on" not in values
        return replace(now, status=status) if is_same_end else now
    was_begun = measure.starts is not None and earliest(measure.starts) <= on and "starts" in values
    if status is not None and not (status.is_waiting and was_begun):
        reason = values.get("cancel_reason", measure.cancel_reason) or ""
        return replace(now, status=status, closed_on=_day(values.get("closed_on")), cancel_reason=reason)
    if measure.status is not None and measure.status.is_closed:
        return replace(now, status=None, closed_on=None)
    is_same = is_told and "status" not in values
    return replace(now, closed_on=None, read_on=None if is_same else clock.today())


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def was_due(partnership_id: int, day: date) -> ColumnElement[bool]:
    """Return the condition of a measure of the partnership that should have been ready before `day`, or should have
    been when the day ended and was given another day after it."""
    is_due = Measure.due_on < day
    if day >= clock.today():
        return is_due
    _, end = clock.day_bounds(day, day)
    old = AuditEntry.changes[("due_on", 0)].as_string()
    moved = (
        select(AuditEntry.row_id)
        .where(AuditEntry.table_name == Measure.__tablename__, AuditEntry.partnership_id == partnership_id)
        .where(AuditEntry.at >= end, old >= "0", old < day.isoformat())
    )
    return is_due | Measure.id.in_(moved)
