"""What is counted of a briefing where others tell of it, in the statement that finds the briefing itself."""

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import aliased

from platssamverkan.briefings.models import (
    Briefing,
    BriefingAttendance,
    BriefingItem,
    BriefingSection,
    BriefingState,
)
from platssamverkan.core.visibility import Reader, visible_to

_earlier = aliased(Briefing)


def expected() -> ScalarSelect[int]:
    """Return how many functions stand on the sheet."""
    return select(func.count()).where(BriefingAttendance.briefing_id == Briefing.id).scalar_subquery()


def present() -> ScalarSelect[int]:
    """Return how many of the functions on the sheet have come."""
    here = BriefingAttendance.briefing_id == Briefing.id, BriefingAttendance.is_present
    return select(func.count()).where(*here).scalar_subquery()


def lines(reader: Reader, which: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return how many of the lines `which` names the reader may see."""
    here = BriefingItem.briefing_id == Briefing.id, visible_to(BriefingItem, reader)
    return select(func.count()).where(*here, which).scalar_subquery()


def situation(reader: Reader) -> ScalarSelect[int]:
    """Return how many lines of the lägesbild the reader may see."""
    return lines(reader, BriefingItem.section == BriefingSection.SITUATION)


def handed_over(reader: Reader) -> ScalarSelect[int]:
    """Return how many lines that earlier briefings handed over and nobody has ticked off the reader may see."""
    return (
        select(func.count())
        .select_from(BriefingItem)
        .join(_earlier, _earlier.id == BriefingItem.briefing_id)
        .where(_earlier.partnership_id == Briefing.partnership_id, _earlier.starts_at < Briefing.starts_at)
        .where(_earlier.state.in_((BriefingState.HELD, BriefingState.OPEN)))
        .where(BriefingItem.section == BriefingSection.HANDOVER, BriefingItem.settled_in_id.is_(None))
        .where(visible_to(BriefingItem, reader))
        .scalar_subquery()
    )
