"""What is counted of a briefing where others tell of it, in the statement that finds the briefing itself."""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, select
from sqlalchemy.orm import aliased

from platssamverkan.briefings.models import BEGUN, Briefing, BriefingAttendance, BriefingItem, BriefingSection
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


def is_raised() -> ColumnElement[bool]:
    """Return the condition that a line is to be taken up at a strategic meeting; `Briefing` is that of the line."""
    return and_(BriefingItem.raise_to_forum, Briefing.state.in_(BEGUN))


def from_earlier(earlier: Any, partnership_id: Any, starts_at: Any) -> ColumnElement[bool]:
    """Return the condition that a line was handed over, settled or not, to a briefing of the partnership that starts
    then; `earlier` is the Briefing of the line."""
    return and_(
        earlier.partnership_id == partnership_id,
        earlier.starts_at < starts_at,
        earlier.state.in_(BEGUN),
        BriefingItem.section == BriefingSection.HANDOVER,
    )


def handed_over(reader: Reader) -> ScalarSelect[int]:
    """Return how many lines that earlier briefings handed over and nobody has ticked off the reader may see."""
    return (
        select(func.count())
        .select_from(BriefingItem)
        .join(_earlier, _earlier.id == BriefingItem.briefing_id)
        .where(from_earlier(_earlier, Briefing.partnership_id, Briefing.starts_at))
        .where(BriefingItem.settled_in_id.is_(None))
        .where(visible_to(BriefingItem, reader))
        .scalar_subquery()
    )
