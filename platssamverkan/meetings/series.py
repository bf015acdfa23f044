"""Meetings that come back: the rhythm is a rule, and its occurrences are real rows made ahead."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, prepared, rows
from platssamverkan.core.errors import check_version
from platssamverkan.core.recurrence import Recurrence, occurrences, rule_for
from platssamverkan.meetings import services
from platssamverkan.meetings.agenda import headings_for
from platssamverkan.meetings.models import Meeting, MeetingState, MinutesItem
from platssamverkan.meetings.queries import KINDS
from platssamverkan.partnerships.models import MeetingKind, MeetingSeries, Partnership
from platssamverkan.partnerships.series import check_alone
from platssamverkan.partnerships.services import lock_partnership

#: How far ahead the coming meetings are made.
AHEAD = timedelta(days=183)


@prepared
def _series() -> Select[MeetingSeries]:
    return (
        select(MeetingSeries)
        .where(MeetingSeries.partnership_id == bindparam("partnership_id"), MeetingSeries.kind.in_(KINDS))
        .order_by(MeetingSeries.kind, MeetingSeries.id)
        .options(joinedload(MeetingSeries.source))
    )


def series_of(partnership_id: int) -> list[MeetingSeries]:
    """Return the partnership's rhythms of meetings; briefings are planned in their own room."""
    return rows(_series(), partnership_id=partnership_id)


def series_or_404(series_id: int, partnership_id: int) -> MeetingSeries:
    """Return the rhythm with its source; 404 when the partnership has none such among its meetings."""
    return one_or_404(
        select(MeetingSeries)
        .where(
            MeetingSeries.id == series_id,
            MeetingSeries.partnership_id == partnership_id,
            MeetingSeries.kind.in_(KINDS),
        )
        .options(joinedload(MeetingSeries.source))
    )


def horizon() -> date:
    """Return the last day up to which meetings are made ahead."""
    return clock.today() + AHEAD


def missing_occurrences(
    partnership_id: int, rhythms: Iterable[MeetingSeries], until: date
) -> list[tuple[MeetingSeries, datetime]]:
    """Return the moments from today to `until` that the rules give and that have no meeting yet. One query."""
    with_rule = [one for one in rhythms if one.rule]
    if not with_rule:
        return []
    known: dict[int, set[date]] = {}
    statement = select(Meeting.series_id, Meeting.occurrence, Meeting.starts_at).where(
        Meeting.partnership_id == partnership_id, Meeting.series_id.in_([one.id for one in with_rule])
    )
    for series_id, occurrence, starts_at in db.session.execute(statement):
        # A moved meeting stands for its moment in the series; one entered by hand for the day it is on.
        known.setdefault(series_id, set()).add(clock.to_local(occurrence or starts_at).date())
    return [
        (one, moment)
        for one in with_rule
        for moment in _moments(one, until)
        if clock.to_local(moment).date() not in known.get(one.id, set())
    ]


def _moments(series: MeetingSeries, until: date) -> Iterator[datetime]:
    if series.rule and series.starts_on and series.starts_at:
        today = clock.today()
        for moment in occurrences(series.rule, start=series.starts_on, at=series.starts_at, until=until):
            if clock.to_local(moment).date() >= today:
                yield moment


def make_occurrences(partnership_id: int, until: date) -> list[Meeting]:
    """Return the meetings made, each with its agenda; asked twice, the second time makes none. Flushes."""
    return [
        services.create_meeting(
            partnership_id=partnership_id,
            kind=series.kind,
            starts_at=moment,
            ends_at=moment + timedelta(minutes=series.minutes_long) if series.minutes_long else None,
            location=series.location,
            owner_actor_id=series.led_by_id,
            series_id=series.id,
            occurrence=moment,
        )
        for series, moment in missing_occurrences(partnership_id, series_of(partnership_id), until)
    ]


def all_ahead() -> int:
    """Make the missing meetings of every active partnership, half a year ahead; return how many. Flushes."""
    active = db.session.scalars(select(Partnership.id).where(Partnership.is_active).order_by(Partnership.id)).all()
    made = 0
    for partnership_id in active:
        lock_partnership(partnership_id)
        made += len(make_occurrences(partnership_id, horizon()))
    return made


def save_series(
    series: MeetingSeries | None,
    *,
    partnership_id: int,
    version: int | None,
    kind: MeetingKind,
    recurrence: Recurrence,
    starts_on: date,
    starts_at: time,
    minutes_long: int | None,
    location: str | None,
) -> MeetingSeries:
    """Return the new or changed rhythm. Coming meetings that it made and nobody has touched follow it. Flushes.

    :raises EditConflict: someone saved first
    :raises SameSeries: when another gives the same meetings already
    """
    if series is not None:
        check_version(series, version)
    rule = rule_for(recurrence, starts_on)
    check_alone(
        partnership_id=partnership_id, kind=kind, rule=rule, starts_on=starts_on, starts_at=starts_at,
        location=location, but=series.id if series else None,
    )  # fmt: skip
    if series is None:
        series = MeetingSeries(partnership_id=partnership_id)
        db.session.add(series)
    series.kind, series.recurrence, series.rule = kind, recurrence, rule
    series.starts_on, series.starts_at = starts_on, starts_at
    series.minutes_long, series.location = minutes_long, location or None
    db.session.flush()
    _drop_untouched(series)
    return series


def end_series(series: MeetingSeries) -> int:
    """End the rhythm and remove the coming meetings that it made and nobody has touched; return how many. Flushes."""
    series.rule = None
    db.session.flush()
    return _drop_untouched(series)


def _drop_untouched(series: MeetingSeries) -> int:
    """Remove coming meetings as the series once made them, return how many; a rule that holds makes them anew."""
    gone = 0
    statement = select(Meeting).where(
        Meeting.series_id == series.id,
        Meeting.state == MeetingState.PLANNED,
        Meeting.starts_at > clock.now(),
        Meeting.occurrence == Meeting.starts_at,
        Meeting.version == 1,
    )
    for meeting in rows(statement):
        headings = db.session.scalars(
            select(MinutesItem.heading).where(MinutesItem.meeting_id == meeting.id).order_by(MinutesItem.position)
        )
        if tuple(headings) == headings_for(meeting.kind) and services.is_untouched(meeting):
            services.drop_meeting(meeting)
            gone += 1
    return gone
