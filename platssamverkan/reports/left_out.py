"""How much of a period's records the goal-fulfilment report keeps from its audience; the report says so."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, func, not_, or_, select, type_coerce
from sqlalchemy.orm import aliased

from platssamverkan.activations.models import ActivationEvent
from platssamverkan.activations.queries import in_reach
from platssamverkan.agreements.models import Agreement, AgreementStatus, Commitment
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals.models import (
    Goal,
    GoalAssessment,
    GoalLevel,
    GoalVersion,
    Indicator,
    Observation,
    ReportingPeriod,
)
from platssamverkan.goals.queries import running
from platssamverkan.measures.models import Displacement, FollowUp, FollowUpEffect, Measure, MeasureStatus
from platssamverkan.measures.queries import told_between, was_late
from platssamverkan.meetings.models import Decision, Meeting, MinutesItem, decision_measure
from platssamverkan.meetings.queries import HELD, decided_for
from platssamverkan.reports.models import PeriodSummary


def assessments(partnership_id: int, year: int, period: ReportingPeriod, *columns: Any) -> Select[Any]:
    """Return the select of `columns` of the period's assessments, whoever may read them."""
    return (
        select(*columns)
        .join(GoalAssessment.goal_version)
        .join(GoalVersion.goal)
        .where(Goal.partnership_id == partnership_id, GoalAssessment.year == year, GoalAssessment.period == period)
    )


def decided_after(last: date) -> ColumnElement[bool]:
    """Return the condition that a measure came of a decision after `last`, the first: it can't have begun by then. One
    that a source tells of may have, whatever was decided of it later."""
    _, end = clock.day_bounds(last, last)
    decided = (
        select(decision_measure.c.measure_id)
        .join(Decision, Decision.id == decision_measure.c.decision_id)
        .join(Decision.item)
        .join(MinutesItem.meeting)
        .where(Meeting.state.in_(HELD))
    )
    after, before = decided.where(Meeting.starts_at >= end), decided.where(Meeting.starts_at < end)
    return and_(Measure.source_id.is_(None), Measure.id.in_(after), Measure.id.not_in(before))


def of_period(partnership_id: int, year: int, period: ReportingPeriod, reader: Reader) -> int:
    """Return how many records of the period the reader is not shown. One query."""
    first, last = period.days(year)
    seen_goal, seen_indicator = visible_to(Goal, reader), visible_to(Indicator, reader)
    followed = (Indicator.partnership_id == partnership_id, running(Indicator, first))
    assessed = assessments(partnership_id, year, period, Goal.id)
    directions = _directions(partnership_id, first, last, assessed)
    statements = [
        select(func.count(Goal.id)).where(
            Goal.partnership_id == partnership_id,
            ~seen_goal,
            or_(_holds(first, last, directions), Goal.id.in_(assessed)),
        ),
        assessments(partnership_id, year, period, func.count(GoalAssessment.id)).where(
            seen_goal, not_(visible_to(GoalAssessment, reader))
        ),
        select(func.count(Indicator.id)).where(*followed, ~seen_indicator),
        select(func.count(Observation.id))
        .join(Observation.indicator)
        .where(*followed, seen_indicator, Observation.sort_key <= last.isoformat())
        .where(not_(visible_to(Observation, reader))),
        *_of_measures(partnership_id, first, last, reader),
        _events(first, last, reader),
        select(func.count(Agreement.id)).where(
            Agreement.partnership_id == partnership_id, _held(first, last), not_(visible_to(Agreement, reader))
        ),
        select(func.count(PeriodSummary.id)).where(
            PeriodSummary.partnership_id == partnership_id,
            PeriodSummary.year == year,
            PeriodSummary.period == period,
            not_(visible_to(PeriodSummary, reader)),
        ),
    ]
    total: Any = sum(statement.scalar_subquery() for statement in statements)
    return int(db.session.scalar(select(total), {"partnership_id": partnership_id}) or 0)


def _begun(last: date) -> Select[int]:
    return select(GoalVersion.goal_id).where(or_(GoalVersion.starts.is_(None), GoalVersion.starts <= last.isoformat()))


def _directions(partnership_id: int, first: date, last: date, assessed: Select[int]) -> ColumnElement[bool]:
    """Return the condition that the report of one who may read all tells of inriktningsmål."""
    goal = aliased(Goal)
    return (
        select(goal.id)
        .where(goal.partnership_id == partnership_id, goal.level == GoalLevel.DIRECTION)
        .where(or_(and_(running(goal, first), goal.id.in_(_begun(last))), goal.id.in_(assessed)))
        .exists()
    )


def _holds(first: date, last: date, directions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition of a goal that the report tells of whether it was assessed or not: an inriktningsmål that
    held in the period; another that held when it ended; and an overall one that held in it, where those are assessed
    because there are no `directions`."""
    holds = or_(
        and_(Goal.level == GoalLevel.DIRECTION, running(Goal, first)),
        and_(Goal.level.in_((GoalLevel.VISION, GoalLevel.OVERALL)), running(Goal, last)),
        and_(Goal.level == GoalLevel.OVERALL, running(Goal, first), not_(directions)),
    )
    return and_(holds, Goal.id.in_(_begun(last)))


def _held(first: date, last: date) -> Any:
    """Return the condition of an agreement that the report tells of: it held, and someone bound itself to something."""
    # "2016" ends with that year: the text "2016-99" sorts after every day of it.
    ended = type_coerce(Agreement.ends, String) + "-99" < first.isoformat()
    return and_(
        Agreement.id.in_(select(Commitment.agreement_id)),
        Agreement.status.is_distinct_from(AgreementStatus.DRAFT),
        or_(Agreement.starts.is_(None), Agreement.starts <= last.isoformat()),
        or_(Agreement.ends.is_(None), not_(ended)),
    )


def _of_measures(partnership_id: int, first: date, last: date, reader: Reader) -> list[Select[Any]]:
    """Return the counts of decisions, measures and follow-ups: what the report tells of each, and why it would."""
    start, end = clock.day_bounds(first, last)
    held = Meeting.state.in_(HELD)
    of_meetings = (decided_for(partnership_id), Meeting.starts_at >= start, Meeting.starts_at < end, held)
    seen_item, seen_measure = visible_to(MinutesItem, reader), visible_to(Measure, reader)
    decisions = select(func.count(Decision.id)).join(Decision.item).join(MinutesItem.meeting).where(*of_meetings)
    decided = (
        select(decision_measure.c.measure_id)
        .join(Decision, Decision.id == decision_measure.c.decision_id)
        .join(Decision.item)
        .join(MinutesItem.meeting)
        .where(*of_meetings)
    )
    known_to = min(last, clock.today())
    wrong = or_(
        was_late(partnership_id, known_to),
        and_(Measure.status == MeasureStatus.CANCELLED, Measure.closed_on.between(first, last)),
    )
    told_of = or_(
        FollowUp.effect.in_([FollowUpEffect.WORSENED, FollowUpEffect.RELAPSE]),
        FollowUp.displacement == Displacement.YES,
    )
    begun = or_(Measure.starts.is_(None), Measure.starts <= last.isoformat())
    of_period = told_between(first, last, clock.today(), unless=decided_after(last))
    told = or_(of_period, Measure.id.in_(decided), and_(wrong, begun))
    return [
        decisions.where(not_(seen_item & visible_to(Decision, reader) & decided_for(partnership_id, reader))),
        select(func.count(Measure.id)).where(Measure.partnership_id == partnership_id, told, ~seen_measure),
        select(func.count(FollowUp.id))
        .join(FollowUp.measure)
        .where(Measure.partnership_id == partnership_id, seen_measure, not_(visible_to(FollowUp, reader)))
        .where(or_(and_(told_of, FollowUp.on.between(first, last)), and_(of_period, FollowUp.id == _newest(last)))),
    ]


def _newest(last: date) -> Any:
    """Return the subquery of the follow-up that stands beside the measure in the report: the newest up to `last`."""
    other = aliased(FollowUp)
    return (
        select(other.id)
        .where(other.measure_id == FollowUp.measure_id, or_(other.on.is_(None), other.on <= last))
        .order_by(other.on.desc().nulls_last(), other.id.desc())
        .limit(1)
        .correlate(FollowUp)
        .scalar_subquery()
    )


def _events(first: date, last: date, reader: Reader) -> Select[Any]:
    """Return the count of events; it takes `partnership_id`."""
    start, end = clock.day_bounds(first, last)
    return select(func.count(ActivationEvent.id)).where(
        in_reach(),
        ActivationEvent.starts_at >= start,
        ActivationEvent.starts_at < end,
        not_(visible_to(ActivationEvent, reader)),
    )
