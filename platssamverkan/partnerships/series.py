"""What the rhythms of meetings and of briefings have in common."""

from datetime import date, time, timedelta

from sqlalchemy import select

from platssamverkan.core.clock import to_local
from platssamverkan.core.db import rows
from platssamverkan.core.errors import DomainError
from platssamverkan.core.recurrence import occurrences
from platssamverkan.partnerships.models import MeetingKind, MeetingSeries

#: No rhythm is rarer than every other year.
RAREST = timedelta(days=2 * 366 + 31)


class SameSeries(DomainError):
    """Two who enter the same rhythm would get every meeting twice."""

    def __init__(self, rhythm: str | None) -> None:
        super().__init__(f"Det finns redan en likadan serie: {rhythm}. Använd den, eller ändra rytm, tid eller plats.")


def check_alone(
    *,
    partnership_id: int,
    kind: MeetingKind,
    rule: str,
    starts_on: date,
    starts_at: time,
    location: str | None,
    but: int | None = None,
) -> None:
    """Refuse a rhythm that gives the meetings that another, the series `but` aside, gives already.

    :raises SameSeries: when one of the same kind meets at the same moments, and not in another place
    """
    statement = select(MeetingSeries).where(
        MeetingSeries.partnership_id == partnership_id, MeetingSeries.kind == kind, MeetingSeries.rule == rule,
        MeetingSeries.starts_at == starts_at, MeetingSeries.id != (but or 0),
    )  # fmt: skip
    for other in rows(statement):
        is_elsewhere = location and other.location and location != other.location
        if other.starts_on and not is_elsewhere and _meet(rule, *sorted((starts_on, other.starts_on))):
            raise SameSeries(other.rhythm)


def _meet(rule: str, early: date, late: date) -> bool:
    """Say whether the rule, begun on the early day, comes to the first day that it gives when begun on the late one."""
    at = time(12)
    first = next(occurrences(rule, start=late, at=at, until=late + RAREST), None)
    return first is not None and first in occurrences(rule, start=early, at=at, until=to_local(first).date())
