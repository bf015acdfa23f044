"""Planning briefings: one by one or by a rhythm whose occurrences are real rows, made ahead. Nothing here commits."""

from datetime import date, datetime, time, timedelta

from flask import current_app
from sqlalchemy import exists, select

from platssamverkan.briefings import queries, services
from platssamverkan.briefings.models import Briefing, BriefingItem, BriefingState
from platssamverkan.core import clock
from platssamverkan.core.db import db, rows
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.core.recurrence import Recurrence, occurrences, rule_for
from platssamverkan.partnerships.models import MeetingKind, MeetingSeries, Partnership
from platssamverkan.partnerships.series import check_alone
from platssamverkan.partnerships.services import lock_partnership


def plan_briefing(
    *, partnership_id: int, starts_at: datetime, location: str | None, held_by_id: int | None
) -> Briefing:
    """Return the new planned briefing, flushed."""
    briefing = Briefing(
        partnership_id=partnership_id, starts_at=starts_at, location=location, held_by_id=held_by_id, attendance=[]
    )
    db.session.add(briefing)
    db.session.flush()
    return briefing


def check_ahead(briefing: Briefing) -> None:
    """Raise `DomainError` unless the briefing is ahead or goes on: else it is neither moved nor cancelled."""
    # One that someone has begun to fill in too: that is done from the day before.
    if briefing.state not in queries.AHEAD:
        raise DomainError("Bara en utställning som är planerad eller pågår kan flyttas eller ställas in.")


def _let_stand(briefing: Briefing, now: datetime) -> None:
    """Let a briefing that is ahead, with its attendance loaded, go on where someone has begun to fill it in. Further
    ahead than it can be filled in it is planned: what is written stays, but nobody has come to it."""
    is_near = services.is_near(briefing, now)
    if is_near and queries.is_begun(briefing.id):
        briefing.state = BriefingState.OPEN
        services.note_expected(briefing)
    else:
        briefing.state = BriefingState.PLANNED
    if not is_near:
        briefing.attendance.clear()


def change_briefing(
    briefing: Briefing,
    *,
    version: int | None,
    starts_at: datetime,
    location: str | None,
    held_by_id: int | None,
    now: datetime,
) -> None:
    """Move a briefing, or change where and by whom it is held; its attendance must be loaded. Its series gives the
    others as before.

    :raises EditConflict: when someone saved after the form was made
    :raises DomainError: when it is over or cancelled
    """
    check_version(briefing, version)
    check_ahead(briefing)
    briefing.starts_at, briefing.location, briefing.held_by_id = starts_at, location, held_by_id
    _let_stand(briefing, now)


def cancel_briefing(briefing: Briefing, *, version: int | None, reason: str) -> None:
    """Cancel a briefing, with the reason; what is written for it stays.

    :raises EditConflict: when someone saved after the form was made
    :raises DomainError: when it is over or cancelled already
    """
    check_version(briefing, version)
    check_ahead(briefing)
    briefing.state, briefing.cancel_reason = BriefingState.CANCELLED, reason


def miss_briefing(briefing: Briefing, *, now: datetime) -> None:
    """Note that a briefing was never held.

    :raises DomainError: before it should have begun, or when it is over or cancelled
    """
    check_ahead(briefing)
    if briefing.starts_at > now:
        raise DomainError("Utställningen har inte börjat än. Ställ in den i stället.")
    briefing.state = BriefingState.MISSED


def plan_again(briefing: Briefing, *, now: datetime) -> None:
    """Plan again what was cancelled or noted as missed; what someone had begun to fill in goes on. Its attendance must
    be loaded.

    :raises DomainError: when it is neither
    """
    if briefing.state not in {BriefingState.CANCELLED, BriefingState.MISSED}:
        raise DomainError("Utställningen är varken inställd eller markerad som att den inte blev av.")
    briefing.cancel_reason = None
    _let_stand(briefing, now)


def start_series(
    *,
    partnership_id: int,
    recurrence: Recurrence,
    weekdays: list[int],
    starts_on: date,
    starts_at: time,
    location: str | None,
    led_by_id: int | None,
) -> MeetingSeries:
    """Return the new rhythm, flushed. `weekdays` count from Monday as 0; none means what the rhythm says.

    :raises SameSeries: when another gives the same briefings already
    """
    rule = rule_for(recurrence, starts_on, weekdays or None)
    check_alone(
        partnership_id=partnership_id, kind=MeetingKind.BRIEFING, rule=rule, starts_on=starts_on, starts_at=starts_at,
        location=location,
    )  # fmt: skip
    series = MeetingSeries(
        partnership_id=partnership_id,
        kind=MeetingKind.BRIEFING,
        recurrence=recurrence,
        rule=rule,
        starts_on=starts_on,
        starts_at=starts_at,
        location=location,
        led_by_id=led_by_id,
    )
    db.session.add(series)
    db.session.flush()
    return series


def make_occurrences(series: MeetingSeries, *, today: date, horizon_days: int) -> list[Briefing]:
    """Return the briefings that were missing from `today` and so many days ahead, now made; an empty list the second
    time. The hour is local, so it stays when clocks change. A moved or cancelled one is not made again."""
    if series.rule is None or series.starts_on is None or series.starts_at is None:
        return []
    made = set(
        db.session.scalars(
            select(Briefing.occurrence).where(Briefing.series_id == series.id, Briefing.occurrence.is_not(None))
        )
    )
    first = clock.at_local(today, time(0))
    moments = occurrences(
        series.rule, start=series.starts_on, at=series.starts_at, until=today + timedelta(days=horizon_days)
    )
    new = [
        Briefing(
            partnership_id=series.partnership_id,
            series_id=series.id,
            occurrence=moment,
            starts_at=moment,
            location=(series.location or "")[:120] or None,
            held_by_id=series.led_by_id,
            attendance=[],
        )
        for moment in moments
        if moment >= first and moment not in made
    ]
    db.session.add_all(new)
    db.session.flush()
    return new


def end_series(series: MeetingSeries, *, now: datetime) -> int:
    """End the rhythm and take away what it planned and nobody has touched; return how many. The rest stays."""
    untouched = rows(
        select(Briefing).where(
            Briefing.series_id == series.id,
            Briefing.state == BriefingState.PLANNED,
            # As it was made: neither moved nor told to be held elsewhere or by another.
            Briefing.version == 1,
            Briefing.starts_at > now,
            ~exists().where(BriefingItem.settled_in_id == Briefing.id),
        )
    )
    for briefing in untouched:
        db.session.delete(briefing)
    series.rule = None
    return len(untouched)


def ahead_of_today() -> int:
    """Make what is missing from today and BRIEFING_HORIZON_DAYS ahead; return how many."""
    return all_ahead(today=clock.today(), horizon_days=current_app.config["BRIEFING_HORIZON_DAYS"])


def all_ahead(*, today: date, horizon_days: int) -> int:
    """Make the missing occurrences of every rhythm of briefings in active partnerships; return how many."""
    is_made_ahead = MeetingSeries.kind == MeetingKind.BRIEFING, MeetingSeries.rule.is_not(None)
    with_rhythm = select(MeetingSeries.partnership_id).where(*is_made_ahead)
    active = select(Partnership.id).where(Partnership.is_active, Partnership.id.in_(with_rhythm))
    made = 0
    for partnership_id in db.session.scalars(active.order_by(Partnership.id)).all():
        lock_partnership(partnership_id)
        series = rows(select(MeetingSeries).where(MeetingSeries.partnership_id == partnership_id, *is_made_ahead))
        made += sum(len(make_occurrences(one, today=today, horizon_days=horizon_days)) for one in series)
    return made
