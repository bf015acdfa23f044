"""A strategic forum of Vision Klara last month with approved minutes and decisions that became measures; the next one,
and one of Sergels torg."""

from datetime import date, time, timedelta

from platssamverkan.briefings.models import BriefingItem
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.demo.example_ids import DISTRICT, KLARA, NOTE, POLICE, SERGELS, Ids, Moment
from platssamverkan.measures.models import CptedCategory, Measure, MeasureMethod, MeasureStatus
from platssamverkan.measures.services import create_measure
from platssamverkan.meetings.agenda import FORUM
from platssamverkan.meetings.models import Attendance, AttendanceStatus, Decision, Meeting, MeetingState, MinutesItem
from platssamverkan.partnerships.models import MeetingKind

CHAIR = "Samordnare, Norra innerstadens stadsdelsförvaltning"
SECRETARY = "Handläggare, Norra innerstadens stadsdelsförvaltning"
FRIDAY = 4
LOCATION = "Samverkanslokalen på Sergels torg"

#: What may be said under each heading of a strategic forum, in their order.
SAID = (
    "Ordföranden öppnar mötet.",
    "Dagordningen godkänns.",
    "Föregående anteckningar läggs till handlingarna.",
    "Aktörerna redovisar läget på torget och i gångstråken. Sena eftermiddagar är mest belastade.",
    "Pågående åtgärder gås igenom.",
    "Programmet på Sergels torg redovisas.",
    "Belysningen under Klarabergsviadukten räcker inte under dygnets mörka timmar.",
    "Nya mätvärden väntas till nästa möte.",
    "Inget att redovisa.",
    "Mötet enas om gemensam närvaro sena eftermiddagar.",
    "Inga övriga frågor.",
    "Nästa möte hålls om en månad.",
)
LIGHTING, PRESENCE = 7, 10
PRESENT = (
    (DISTRICT, "Samordnare", AttendanceStatus.PRESENT),
    (POLICE, "Operativ samordnare", AttendanceStatus.PRESENT),
    ("trafikkontoret", "Drift, underhåll, belysning", AttendanceStatus.PRESENT),
    ("socialforvaltningen", "Biträdande enhetschefer", AttendanceStatus.PRESENT),
    ("kulturhuset-stadsteatern", "Säkerhetschef", AttendanceStatus.PRESENT),
    ("trafikforvaltningen", "Trygghetsstrateg", AttendanceStatus.PRESENT),
    ("jernhusen", "Säkerhetsstrateg", AttendanceStatus.EXCUSED),
    ("city-i-samverkan", "Säkerhetsstrateg", AttendanceStatus.PRESENT),
)


def make_forum(moment: Moment, ids: Ids, raised: BriefingItem) -> None:
    """Make last month's forum with its minutes, and the next one with its agenda."""
    held_on = _working_day(moment.today - timedelta(days=32))
    meeting = _meeting(ids, held_on)
    items = _items(ids, meeting, with_text=True)
    for actor, function, status in PRESENT:
        db.session.add(Attendance(meeting_id=meeting.id, actor_id=ids.actors[actor], function=function, status=status))
    lighting, presence = _measures(moment, ids)
    _decision(ids, items[LIGHTING], "Trafikkontoret åtar sig att bättra belysningen under viadukten.", lighting)
    _decision(ids, items[PRESENCE], "Polisen och ordningsvakterna samordnar närvaron sena eftermiddagar.", presence)
    meeting.state = MeetingState.HELD
    db.session.flush()
    # Last of all: nothing of approved minutes can be changed.
    meeting.state = MeetingState.APPROVED
    meeting.approved_at = clock.at_local(held_on + timedelta(days=7), time(10, 0))
    meeting.approved_by_function = CHAIR
    db.session.flush()
    coming = _meeting(ids, _working_day(moment.today + timedelta(days=8)))
    items = _items(ids, coming, with_text=False)
    items[LIGHTING].briefing_item_id = raised.id
    square = _meeting(ids, _working_day(moment.today + timedelta(days=4)), SERGELS)
    _items(ids, square, with_text=False)
    db.session.flush()


def _working_day(day: date) -> date:
    """Return `day`, or the Monday after when it is in a weekend."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() > FRIDAY else 0)


def _meeting(ids: Ids, day: date, partnership: str = KLARA) -> Meeting:
    meeting = Meeting(
        partnership_id=ids.partnerships[partnership],
        kind=MeetingKind.STRATEGIC_FORUM,
        series_id=ids.series["klara-strategiskt"] if partnership == KLARA else None,
        starts_at=clock.at_local(day, time(13, 0)),
        ends_at=clock.at_local(day, time(15, 0)),
        location=LOCATION,
        chair=CHAIR,
        secretary=SECRETARY,
        is_example=True,
        source_note=NOTE,
    )
    db.session.add(meeting)
    db.session.flush()
    return meeting


def _items(ids: Ids, meeting: Meeting, *, with_text: bool) -> dict[int, MinutesItem]:
    """Save the agenda; return the items by position."""
    items = {
        position: MinutesItem(
            meeting_id=meeting.id,
            position=position,
            heading=heading,
            text=f"Exempel: {text}" if with_text else None,
            owner_actor_id=ids.actors[DISTRICT],
        )
        for position, (heading, text) in enumerate(zip(FORUM, SAID, strict=True), start=1)
    }
    db.session.add_all(items.values())
    db.session.flush()
    return items


def _decision(ids: Ids, item: MinutesItem, text: str, measure: Measure) -> None:
    decision = Decision(
        item_id=item.id, number=1, text=f"Exempel: {text}", owner_actor_id=ids.actors[DISTRICT], measures=[measure]
    )
    db.session.add(decision)
    db.session.flush()


def _measures(moment: Moment, ids: Ids) -> tuple[Measure, Measure]:
    """Return a measure whose day has passed and one that is on its way."""
    lighting = create_measure(
        partnership_id=ids.partnerships[KLARA],
        title="Exempel: Bättre belysning under Klarabergsviadukten",
        responsible_actor_id=ids.actors["trafikkontoret"],
        due_on=moment.today - timedelta(days=4),
        goal_ids=[ids.goals["klara-1"].id],
        methods=[MeasureMethod.SITUATIONAL],
        cpted=[CptedCategory.SURVEILLANCE],
        status=MeasureStatus.ONGOING,
        place_id=ids.places["klara"],
        owner_actor_id=ids.actors["trafikkontoret"],
        visibility=Visibility.PARTNERSHIP,
    )
    presence = create_measure(
        partnership_id=ids.partnerships[KLARA],
        title="Exempel: Samordnad närvaro sena eftermiddagar",
        responsible_actor_id=ids.actors[POLICE],
        due_on=moment.today + timedelta(days=24),
        goal_ids=[ids.goals["klara-1"].id, ids.goals["klara-2"].id],
        methods=[MeasureMethod.POLICE, MeasureMethod.ORGANISATIONAL],
        affected_actor_ids=[ids.actors["slk-sakerhetsenheten"], ids.actors["kulturhuset-stadsteatern"]],
        status=MeasureStatus.DECIDED,
        place_id=ids.places["klara"],
        follow_up_on=moment.today + timedelta(days=60),
        owner_actor_id=ids.actors[POLICE],
        visibility=Visibility.PARTNERSHIP,
    )
    for measure in (lighting, presence):
        measure.is_example = True
        measure.source_note = NOTE
    db.session.flush()
    return lighting, presence
