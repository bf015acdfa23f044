"""Samverkansutställningar of Vision Klara: some weeks back, tonight, and ahead."""

from datetime import datetime, time, timedelta

from platssamverkan.briefings.models import (
    Briefing,
    BriefingAttendance,
    BriefingItem,
    BriefingSection,
    BriefingState,
    StaffingEntry,
)
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.recurrence import Recurrence, occurrences, rule_for
from platssamverkan.core.visibility import Visibility
from platssamverkan.demo.example_ids import DISTRICT, KLARA, NOTE, POLICE, Ids, Moment
from platssamverkan.partnerships.models import MeetingKind, MeetingSeries

WEEKS_BACK, WEEKS_AHEAD = 4, 4
HOUR = time(18, 0)
LOCATION = "Samverkanslokalen på Sergels torg"
CLOSER = "Operativ samordnare, lokalpolisområde Norrmalm"

EXPECTED = (
    (POLICE, ""),
    (DISTRICT, ""),
    ("socialforvaltningen", "Ungdomsjouren"),
    ("socialforvaltningen", "Uppsökarteamet"),
    ("slk-sakerhetsenheten", "Ordningsvakter"),
    ("trafikforvaltningen", "Ordningsvakter"),
    ("jernhusen", "Ordningsvakter"),
    ("mtr", "Stations duty officers"),
    ("kulturhuset-stadsteatern", "Ordningsvakter"),
)
STAFFING = (
    (POLICE, "Områdespoliser", 4, time(16, 0), time(2, 0), "Ledningscentral"),
    ("slk-sakerhetsenheten", "Ordningsvakter", 6, time(15, 0), time(1, 0), "Radiogrupp 2"),
    ("socialforvaltningen", "Ungdomsjouren", 2, time(18, 0), time(1, 0), "Jourtelefonen"),
    ("kulturhuset-stadsteatern", "Ordningsvakter", 3, time(17, 0), time(23, 0), "Radiogrupp 2"),
)
SITUATION = (
    (POLICE, "Nedre plan", "Färre samlingar än förra veckan under tidig kväll."),
    ("mtr", "Spärrarna mot T-centralen", "Lugnt under rusningen, mer rörelse efter klockan 21."),
    ("kulturhuset-stadsteatern", "Entrén mot Plattan", "Ordningen kring entrén har varit god under veckan."),
    ("slk-sakerhetsenheten", "Trappan mot Drottninggatan", "Återkommande samlingar sen eftermiddag."),
)
COOPERATION = (
    (POLICE, "Nedre plan", "Gemensam synlighet klockan 19–21."),
    (DISTRICT, "Sergels torg", "Kontakt mellan fältare och ordningsvakter vid kvällens program."),
)
CONDITION = (
    ("trafikkontoret", "Trappan mot Drottninggatan", "En belysningsstolpe är släckt. Felanmäld."),
    (DISTRICT, "Nedre plan", "Helt och rent efter morgonens städning."),
    ("trafikkontoret", "Under Klarabergsviadukten", "Klotter på norra väggen. Beställt."),
)
HANDOVER = (
    "Följ upp belysningen vid trappan mot Drottninggatan.",
    "Hör efter om extra städning före helgens program.",
    "Kontrollera att gångstråket under viadukten hålls fritt.",
)
RAISED = ("trafikkontoret", "Under Klarabergsviadukten", "Belysningen räcker inte. Behöver tas upp på forumet.")
#: A line that only authorities may read.
PLANNED = (POLICE, None, "Planerade kontroller i området under helgen.")


def make_briefings(moment: Moment, ids: Ids) -> BriefingItem:
    """Make a series with an evening today, what was held since its start, and what is planned; return the line that
    asks for an item at the forum."""
    series = _series(moment, ids)
    last_day = moment.today + timedelta(weeks=WEEKS_AHEAD)
    moments = list(occurrences(series.rule or "", start=series.starts_on or moment.today, at=HOUR, until=last_day))
    past = [start for start in moments if clock.to_local(start).date() < moment.today]
    ahead = [start for start in moments if clock.to_local(start).date() >= moment.today]
    held: list[Briefing] = []
    open_handover: BriefingItem | None = None
    for number, start in enumerate(past):
        briefing = _briefing(series, ids, start)
        if number == 2:
            briefing.state, briefing.cancel_reason = BriefingState.CANCELLED, "Exempel: för få kunde komma."
            continue
        if number == len(past) - 4:
            briefing.state = BriefingState.MISSED
            continue
        open_handover = _hold(briefing, ids, len(held), open_handover)
        held.append(briefing)
    raised = _line(held[-1], ids, BriefingSection.CONDITION, RAISED)
    raised.raise_to_forum = True
    for start in ahead:
        _briefing(series, ids, start, not_before=moment.now)
    db.session.flush()
    return raised


def _series(moment: Moment, ids: Ids) -> MeetingSeries:
    """Return a series that falls on today's weekday and on the one three days later."""
    starts_on = moment.today - timedelta(weeks=WEEKS_BACK)
    weekdays = [starts_on.weekday(), (starts_on.weekday() + 3) % 7]
    series = MeetingSeries(
        partnership_id=ids.partnerships[KLARA],
        kind=MeetingKind.BRIEFING,
        recurrence=Recurrence.TWICE_WEEKLY,
        rule=rule_for(Recurrence.TWICE_WEEKLY, starts_on, weekdays),
        starts_on=starts_on,
        starts_at=HOUR,
        minutes_long=30,
        location=LOCATION,
        led_by_id=ids.actors[POLICE],
        is_example=True,
        source_note=NOTE,
    )
    db.session.add(series)
    db.session.flush()
    return series


def _briefing(series: MeetingSeries, ids: Ids, start: datetime, not_before: datetime | None = None) -> Briefing:
    """Return a planned briefing; tonight's is moved to later the same evening when its hour has passed."""
    starts_at = start
    if not_before and start <= not_before:
        later = not_before.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        last = clock.at_local(clock.to_local(start).date(), time(23, 59))
        starts_at = min(later, last)
    briefing = Briefing(
        partnership_id=series.partnership_id,
        series_id=series.id,
        occurrence=start,
        starts_at=starts_at,
        location=LOCATION,
        held_by_id=ids.actors[POLICE],
        is_example=True,
        source_note=NOTE,
    )
    db.session.add(briefing)
    db.session.flush()
    return briefing


def _hold(briefing: Briefing, ids: Ids, number: int, previous: BriefingItem | None) -> BriefingItem:
    """Fill in a briefing that was held, settle what the one before handed over, and return what it hands over."""
    for place, (actor, function) in enumerate(EXPECTED):
        db.session.add(
            BriefingAttendance(
                briefing_id=briefing.id,
                actor_id=ids.actors[actor],
                function=function,
                is_present=(place + number) % 5 != 4,
            )
        )
    for actor, function, headcount, begins, ends, contact in STAFFING[: 3 + number % 2]:
        db.session.add(
            StaffingEntry(
                briefing_id=briefing.id,
                actor_id=ids.actors[actor],
                function=function,
                headcount=headcount + number % 2,
                from_time=begins,
                until_time=ends,
                contact=contact,
                owner_actor_id=ids.actors[actor],
            )
        )
    for section, lines in (
        (BriefingSection.SITUATION, SITUATION),
        (BriefingSection.COOPERATION, COOPERATION),
        (BriefingSection.CONDITION, CONDITION),
    ):
        _line(briefing, ids, section, lines[number % len(lines)])
    if number % 3 == 0:
        _line(briefing, ids, BriefingSection.COMING_DAYS, PLANNED).visibility = Visibility.AUTHORITIES_ONLY
    handover = _line(briefing, ids, BriefingSection.HANDOVER, (DISTRICT, None, HANDOVER[number % len(HANDOVER)]))
    if previous is not None:
        previous.settled_in_id = briefing.id
    briefing.state = BriefingState.HELD
    briefing.closed_at = briefing.starts_at + timedelta(minutes=35)
    briefing.closed_by_function = CLOSER
    db.session.flush()
    return handover


def _line(briefing: Briefing, ids: Ids, section: BriefingSection, told: tuple[str, str | None, str]) -> BriefingItem:
    actor, spot, text = told
    line = BriefingItem(
        briefing_id=briefing.id,
        section=section,
        spot=spot,
        text=f"Exempel: {text}",
        actor_id=ids.actors[actor],
        owner_actor_id=ids.actors[actor],
    )
    db.session.add(line)
    db.session.flush()
    return line
