"""The summing up of a period in words: written, locked with the report that prints it, and then only corrected."""

from datetime import date

from sqlalchemy import func, not_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from platssamverkan.core import locks
from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.core.visibility import Reader, Visibility, visible_to
from platssamverkan.goals.models import ReportingPeriod
from platssamverkan.reports.models import PeriodSummary

ALREADY = "Någon har redan skrivit en sammanfattande bedömning för perioden. Öppna rapporten på nytt och läs den."
HIDDEN = (
    "En sammanfattande bedömning är redan skriven för perioden, men den får inte läsas av dig. Tala med samordnaren."
)


def summary_of(partnership_id: int, year: int, period: ReportingPeriod, reader: Reader) -> PeriodSummary | None:
    """Return the summing up with its corrections, or None when there is none that `reader` may see. Two queries."""
    statement = (
        select(PeriodSummary)
        .where(PeriodSummary.partnership_id == partnership_id)
        .where(PeriodSummary.year == year, PeriodSummary.period == period, visible_to(PeriodSummary, reader))
        .options(selectinload(PeriodSummary.corrections))
    )
    found: PeriodSummary | None = db.session.scalar(statement)
    return found


def is_hidden(partnership_id: int, year: int, period: ReportingPeriod, reader: Reader) -> bool:
    """Say whether a summing up is written that `reader` may not see. One query."""
    statement = (
        select(func.count(PeriodSummary.id))
        .where(PeriodSummary.partnership_id == partnership_id)
        .where(PeriodSummary.year == year, PeriodSummary.period == period, not_(visible_to(PeriodSummary, reader)))
    )
    return bool(db.session.scalar(statement))


def write(
    partnership_id: int,
    *,
    year: int,
    period: ReportingPeriod,
    text: str,
    visibility: Visibility,
    on: date,
    by_function: str,
    owner_actor_id: int | None,
) -> PeriodSummary:
    """Add the summing up of a period. Flushes, does not commit.

    :raises DomainError: if the period has one, also when the writer may not see it
    """
    summary = PeriodSummary(
        partnership_id=partnership_id,
        year=year,
        period=period,
        text=text,
        visibility=visibility,
        written_on=on,
        written_by_function=by_function,
        owner_actor_id=owner_actor_id,
    )
    db.session.add(summary)
    try:
        db.session.flush()
    except IntegrityError:
        raise DomainError(ALREADY) from None
    return summary


def revise(
    summary: PeriodSummary,
    *,
    posted_version: int | None,
    text: str,
    visibility: Visibility,
    on: date,
    by_function: str,
) -> None:
    """Change a summing up that no issued report prints. Flushes, does not commit.

    :raises Locked: if one does
    :raises EditConflict: if someone saved first
    """
    locks.check_open(summary)
    check_version(summary, posted_version)
    summary.text, summary.visibility = text, visibility
    summary.written_on, summary.written_by_function = on, by_function
    db.session.flush()
