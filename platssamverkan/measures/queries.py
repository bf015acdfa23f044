"""What pages and other rooms ask about measures. Every statement goes through `visible_to`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, bindparam, func, not_, or_, select, true, type_coerce
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from platssamverkan.actors.models import Actor
from platssamverkan.core.db import db, one_or_404, prepared, rows
from platssamverkan.core.formatting import day
from platssamverkan.core.visibility import Reader, Readers, in_each, visible_to
from platssamverkan.measures.history import was_due
from platssamverkan.measures.models import FollowUp, FollowUpEffect, Measure, MeasureStatus, measure_goal

CLOSED = tuple(status for status in MeasureStatus if status.is_closed)
DONE = tuple(status for status in MeasureStatus if status.is_done)
BEGUN = tuple(status for status in MeasureStatus if status.is_begun)


def row_options() -> tuple[ExecutableOption, ...]:
    """Return what is loaded with a measure wherever it is a row: responsible actor, place, methods."""
    return joinedload(Measure.responsible), joinedload(Measure.place), selectinload(Measure.methods)


def visible_measures(reader: Reader) -> Select[Measure]:
    """Return the select of the measures that `reader` may read, in every partnership."""
    return select(Measure).where(visible_to(Measure, reader))


def in_partnership(partnership_id: int, reader: Reader) -> Select[Measure]:
    """Return the select of the partnership's measures that `reader` may read."""
    return visible_measures(reader).where(Measure.partnership_id == partnership_id)


def is_open() -> ColumnElement[bool]:
    """Return the condition of a measure that is not closed; one whose status no source tells counts as open."""
    return or_(Measure.status.is_(None), Measure.status.not_in(CLOSED))


@prepared
def _row_columns(today: date) -> Select[*tuple[Any, ...]]:
    is_overdue = and_(Measure.due_on < today, is_open())
    return (
        select(Measure.id, Measure.partnership_id, Measure.number, Measure.title, Measure.status, Measure.due_on)
        .add_columns(
            Measure.visibility, Measure.is_example, Actor.name.label("responsible"), is_overdue.label("is_overdue")
        )
        .outerjoin(Actor, Actor.id == Measure.responsible_actor_id)
    )


@prepared
def measure_rows(reader: Reader, today: date) -> Select[*tuple[Any, ...]]:
    """Return the select of the measures that `reader` may read, in every partnership, as rows: what a list, the
    overview and the start page print of a measure. `responsible` is the actor's name, None where no source tells it.
    """
    return _row_columns(today).where(visible_to(Measure, reader))


def measure_rows_for(ids: Iterable[int], reader: Reader) -> list[Measure]:
    """Return those of the measures that `reader` may read, by number, with responsible actor, place and methods."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    return rows(visible_measures(reader).where(Measure.id.in_(wanted)).options(*row_options()).order_by(Measure.number))


def measure_or_404(measure_id: int, partnership_id: int, reader: Reader, *options: ExecutableOption) -> Measure:
    """Return the measure of the partnership; 404 when there is none that `reader` may read."""
    return one_or_404(in_partnership(partnership_id, reader).where(Measure.id == measure_id).options(*options))


def form_options() -> tuple[ExecutableOption, ...]:
    """Return what a form that changes a measure needs loaded."""
    return (
        joinedload(Measure.responsible),
        joinedload(Measure.place),
        selectinload(Measure.methods),
        selectinload(Measure.cpted),
        selectinload(Measure.affected),
        joinedload(Measure.maintenance),
    )


def goal_ids_of(measure_ids: Collection[int]) -> dict[int, list[int]]:
    """Return measure id → ids of the goals it serves; one query."""
    found: dict[int, list[int]] = {measure_id: [] for measure_id in measure_ids}
    if measure_ids:
        for measure_id, goal_id in db.session.execute(_goals_served(), {"ids": measure_ids}):
            found[measure_id].append(goal_id)
    return found


@prepared
def _goals_served() -> Select[*tuple[Any, ...]]:
    wanted = measure_goal.c.measure_id.in_(bindparam("ids", expanding=True))
    return select(measure_goal).where(wanted).order_by(measure_goal.c.goal_id)


def newest_first(follow_ups: Sequence[FollowUp]) -> list[FollowUp]:
    """Return the follow-ups by day, the latest first; those without a day come last."""
    return sorted(follow_ups, key=lambda row: (row.on or date.min, row.id), reverse=True)


def overdue_select(partnership_id: int, reader: Reader, today: date) -> Select[Measure]:
    """Return the select of open measures that should have been ready before `today`."""
    return in_partnership(partnership_id, reader).where(Measure.due_on < today, is_open())


@prepared
def _overdue_rows(reader: Reader, today: date) -> Select[*tuple[Any, ...]]:
    return (
        measure_rows(reader, today)
        .where(Measure.partnership_id == bindparam("partnership_id"), Measure.due_on < today, is_open())
        .order_by(Measure.due_on, Measure.number)
        .limit(bindparam("limit"))
    )


def overdue(partnership_id: int, reader: Reader, today: date, limit: int = 5) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return open measures that should have been ready before `today`, as rows, the longest overdue at the top."""
    values = {"partnership_id": partnership_id, "limit": limit}
    found: Sequence[Row[*tuple[Any, ...]]] = db.session.execute(_overdue_rows(reader, today), values).all()
    return found


@prepared
def _counted(reader: Reader) -> Select[*tuple[Any, ...]]:
    in_sight = Measure.partnership_id == bindparam("partnership_id"), visible_to(Measure, reader)
    return select(func.count()).select_from(Measure).where(*in_sight)


def measure_count(partnership_id: int, reader: Reader) -> int:
    """Return how many measures of the partnership `reader` may read."""
    return db.session.scalar(_counted(reader), {"partnership_id": partnership_id}) or 0


def open_for_actor(readers: Readers, today: date) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the open measures that the readers' own actors answer for, as rows, at most 20, the first due at the top.
    One query, none without readers."""
    if not readers:
        return []

    def own(reader: Reader) -> ColumnElement[bool]:
        return and_(visible_to(Measure, reader), Measure.responsible_actor_id.in_(sorted(reader.actor_ids)))

    started_or_decided = and_(is_open(), or_(Measure.status.is_(None), Measure.status != MeasureStatus.PROPOSED))
    order = Measure.due_on.is_(None), Measure.due_on, Measure.partnership_id, Measure.number
    wanted = in_each(readers, Measure.partnership_id, own), started_or_decided
    statement = _row_columns(today).where(*wanted).order_by(*order).limit(20)
    found: Sequence[Row[*tuple[Any, ...]]] = db.session.execute(statement).all()
    return found


def late_in(readers: Readers, today: date) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the measures whose day has passed in these partnerships, but for the readers' own, as rows, at most
    10, the longest overdue at the top. One query, none without readers."""
    if not readers:
        return []

    def others(reader: Reader) -> ColumnElement[bool]:
        return and_(visible_to(Measure, reader), Measure.responsible_actor_id.not_in(sorted(reader.actor_ids)))

    wanted = in_each(readers, Measure.partnership_id, others), is_open(), Measure.due_on < today
    late = _row_columns(today).where(*wanted)
    statement = late.order_by(Measure.due_on, Measure.id).limit(10)
    found: Sequence[Row[*tuple[Any, ...]]] = db.session.execute(statement).all()
    return found


@dataclass(frozen=True)
class PeriodMeasure:
    """A measure as a report of one period tells of it."""

    measure: Measure
    #: Those up to the end of the period, newest first.
    follow_ups: list[FollowUp]
    #: True when nothing tells whether it had begun by the end of the period.
    is_unclear: bool
    #: True when its source tells neither its status nor when it ended: it may be of any period, and is told of in none.
    is_untimed: bool = False


def _followed_up(when: ColumnElement[bool], reader: Reader | None) -> ColumnElement[bool]:
    follow_ups = select(FollowUp.measure_id).where(when)
    return Measure.id.in_(follow_ups if reader is None else follow_ups.where(visible_to(FollowUp, reader)))


def active_between(first: date, last: date, today: date, reader: Reader | None = None) -> ColumnElement[bool]:
    """Return the condition of a measure that was going on or became ready from `first` to `last`, both included.

    What had not ended by `last` was going on in the period only if it is known to have begun by then; what has started
    by `today` has begun by the end of a period that is not over. What was followed up then was at work too; with
    `reader`, only by what the reader may see.
    """
    has_no_start, starts_by_then = Measure.starts.is_(None), Measure.starts <= last.isoformat()
    begun = or_(has_no_start, starts_by_then)
    known_to_have_begun = or_(starts_by_then, and_(has_no_start, _followed_up(FollowUp.on <= last, reader)))
    # "2016" ends with that year: the text "2016-99" sorts after every day of it.
    overlaps = and_(begun, Measure.ends.is_not(None), type_coerce(Measure.ends, String) + "-99" >= first.isoformat())
    return or_(
        and_(Measure.status.in_(BEGUN), begun if last >= today else known_to_have_begun),
        and_(Measure.status.in_(DONE), Measure.closed_on.between(first, last)),
        and_(Measure.status.in_(CLOSED), known_to_have_begun, Measure.closed_on > last),
        and_(Measure.status.in_(DONE), Measure.closed_on.is_(None), overlaps),
        and_(Measure.status.is_(None), overlaps),
        _followed_up(FollowUp.on.between(first, last), reader),
    )


def told_between(
    first: date, last: date, today: date, reader: Reader | None = None, *, unless: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Return the condition of a measure that a report from `first` to `last` tells of, as of `today`: one that was
    active then, or that may have been: it had not ended, and nothing tells whether it had begun. `unless` is the
    condition that it can't have."""
    not_ended = or_(Measure.status.in_(BEGUN), and_(Measure.status.in_(DONE), Measure.closed_on > last))
    may_have_begun = and_(Measure.starts.is_(None), not_ended, true() if unless is None else not_(unless))
    return or_(active_between(first, last, today, reader), may_have_begun)


def _untimed(last: date) -> ColumnElement[bool]:
    no_day = and_(Measure.closed_on.is_(None), Measure.ends.is_(None))
    begun = or_(Measure.starts.is_(None), Measure.starts <= last.isoformat())
    return and_(or_(Measure.status.is_(None), Measure.status.in_(CLOSED)), no_day, begun)


def measures_in_period(
    partnership_id: int,
    reader: Reader,
    first: date,
    last: date,
    *,
    today: date,
    unless: ColumnElement[bool] | None = None,
) -> list[PeriodMeasure]:
    """Return the measures that a report from `first` to `last` tells of, and those that lack the time to be told of, by
    number, with all that it prints.

    Loaded: responsible, place, methods, affected, cpted, cause. Three queries more than rows need, however many.
    """
    told = told_between(first, last, today, reader, unless=unless)
    is_active = active_between(first, last, today, reader)
    statement = in_partnership(partnership_id, reader).where(or_(told, _untimed(last))).add_columns(is_active, told)
    options = (
        *form_options(),
        joinedload(Measure.cause),
        selectinload(Measure.follow_ups.and_(visible_to(FollowUp, reader))),
    )
    found = db.session.execute(statement.options(*options).order_by(Measure.number)).all()
    return [
        PeriodMeasure(
            measure=measure,
            follow_ups=newest_first([row for row in measure.follow_ups if row.on is None or row.on <= last]),
            is_unclear=bool(is_told) and not is_active,
            is_untimed=not is_told,
        )
        for measure, is_active, is_told in found
    ]


def was_late(partnership_id: int, on: date) -> ColumnElement[bool]:
    """Return the condition of a measure of the partnership that was late `on` a day, or may have been: where what is
    entered of it was changed since, `history.standings` tells."""
    return and_(was_due(partnership_id, on), or_(is_open(), Measure.closed_on > on))


LATE, CANCELLED = MeasureStatus.DELAYED.label, MeasureStatus.CANCELLED.label


@dataclass(frozen=True)
class Deviation:
    """A measure that does not go as decided, and in which way."""

    measure: Measure
    #: "Försenad", "Avbruten", "Försämring" or "Återfall efter avslut".
    kind: str
    text: str
    on: date | None

    @property
    def when(self) -> str:
        """Return the day in words: when it should have been ready, or when it happened; "" when no day is told."""
        return f"{'klart senast ' if self.kind == LATE else ''}{day(self.on)}" if self.on else ""


def deviations(
    partnership_id: int, reader: Reader, today: date, first: date | None = None, last: date | None = None
) -> list[Deviation]:
    """Return what was late on the day `today`, and what was cancelled or went the wrong way (from `first` to `last`).

    Measures are loaded as rows (responsible, place, methods). Two queries.
    """
    late_or_cancelled = or_(
        was_late(partnership_id, today),
        Measure.status == MeasureStatus.DELAYED,
        and_(Measure.status == MeasureStatus.CANCELLED, or_(Measure.closed_on.is_(None), Measure.closed_on <= today)),
    )
    statement = in_partnership(partnership_id, reader).where(late_or_cancelled)
    found: list[Deviation] = []
    for measure in rows(statement.options(*row_options()).order_by(Measure.number)):
        is_over = measure.closed_on is None or measure.closed_on <= today
        if measure.status is MeasureStatus.CANCELLED and is_over:
            if _is_in(measure.closed_on, first, last):
                found.append(Deviation(measure, CANCELLED, measure.cancel_reason or "", measure.closed_on))
        else:
            found.append(Deviation(measure, LATE, "", measure.due_on))
    follow_ups = (
        select(FollowUp)
        .join(FollowUp.measure)
        .where(Measure.partnership_id == partnership_id, visible_to(Measure, reader), visible_to(FollowUp, reader))
        .where(FollowUp.effect.in_([FollowUpEffect.WORSENED, FollowUpEffect.RELAPSE]))
        .options(*_measure_options())
        .order_by(Measure.number, FollowUp.on)
    )
    wrong = [row for row in rows(follow_ups) if _is_in(row.on, first, last)]
    return [*found, *(Deviation(row.measure, row.effect.label, row.text or "", row.on) for row in wrong)]


def displacements(partnership_id: int, reader: Reader, first: date, last: date) -> list[FollowUp]:
    """Return the follow-ups of the period that saw the trade move, newest first, each with its measure."""
    statement = (
        select(FollowUp)
        .join(FollowUp.measure)
        .where(Measure.partnership_id == partnership_id, visible_to(Measure, reader), visible_to(FollowUp, reader))
        .where(FollowUp.displacement == "yes", FollowUp.on.between(first, last))
        .options(joinedload(FollowUp.measure))
        .order_by(FollowUp.on.desc(), FollowUp.id)
    )
    return rows(statement)


def _measure_options() -> tuple[ExecutableOption, ...]:
    measure = joinedload(FollowUp.measure)
    return (
        measure.joinedload(Measure.responsible),
        measure.joinedload(Measure.place),
        measure.selectinload(Measure.methods),
    )


def _is_in(day: date | None, first: date | None, last: date | None) -> bool:
    if first is None or last is None:
        return True
    return day is not None and first <= day <= last


def follow_up_options() -> tuple[ExecutableOption, ...]:
    """Return what loads every follow-up of a measure, for deciding what hangs on it."""
    return (selectinload(Measure.follow_ups),)


def follow_up_or_404(follow_up_id: int, measure_id: int, reader: Reader) -> FollowUp:
    """Return the follow-up of the measure; 404 when there is none that `reader` may read."""
    statement = select(FollowUp).where(FollowUp.id == follow_up_id, FollowUp.measure_id == measure_id)
    return one_or_404(statement.where(visible_to(FollowUp, reader)))
