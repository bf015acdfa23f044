"""Builders for documents: a forum with a decision that became a measure, and a goal that was assessed."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import GoalVersion, ReportingPeriod, TargetOperator
from platssamverkan.measures.models import Measure
from platssamverkan.meetings.models import (
    Attendance,
    AttendanceStatus,
    Decision,
    Meeting,
    MeetingState,
    MinutesCorrection,
    MinutesItem,
    decision_measure,
)
from platssamverkan.partnerships.models import MeetingKind
from tests.activations.builders import an_event
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment, an_indicator, an_observation
from tests.measures.builders import a_follow_up, a_measure

#: Stands only in what authorities may read; must never be found in a document for anyone else.
SECRET = "Hemligt insatsupplägg"
CLOSED = Visibility.AUTHORITIES_ONLY
HEADINGS = (
    "Mötets öppnande",
    "Godkännande av dagordning",
    "Föregående minnesanteckningar och uppföljning av beslut",
    "Aktuell lägesbild",
    "Uppföljning av åtgärder",
    "Platsaktivering och evenemang",
    "Drift, underhåll och belysning",
    "Mål och indikatorer",
    "Kommunikation",
    "Nya åtgärder och beslut",
    "Övriga frågor",
    "Nästa möte",
)


def a_forum(world: World, where: str = "sergels", *, approved: bool = True, **measure: Any) -> tuple[int, int]:
    """Save a forum on 5 November 2026 whose § 10 decided a measure; return the ids of meeting and measure."""
    meeting = add(
        Meeting(
            partnership_id=world.partnerships[where],
            kind=MeetingKind.STRATEGIC_FORUM,
            starts_at=datetime(2026, 11, 5, 12, 0, tzinfo=UTC),
            ends_at=datetime(2026, 11, 5, 14, 0, tzinfo=UTC),
            location="Samverkanslokalen",
            chair="Samordnare, stadsdelsförvaltningen",
            secretary="Handläggare, stadsdelsförvaltningen",
            state=MeetingState.HELD,
        )
    )
    items = [
        add(
            MinutesItem(
                meeting_id=meeting.id,
                position=position,
                heading=heading,
                text=SECRET if position == 4 else f"Text om {heading.lower()}.",
                visibility=CLOSED if position == 4 else Visibility.PARTNERSHIP,
                owner_actor_id=world.actors["district"],
            )
        )
        for position, heading in enumerate(HEADINGS, start=1)
    ]
    for actor, status in (("district", AttendanceStatus.PRESENT), ("traffic", AttendanceStatus.EXCUSED)):
        add(Attendance(meeting_id=meeting.id, actor_id=world.actors[actor], function="Strateg", status=status))
    made: Measure = a_measure(world, where=where, title="Ny belysning i gången", **measure)
    decision = add(
        Decision(item_id=items[9].id, number=1, text="Polisen tar fram en plan.", owner_actor_id=world.actors["police"])
    )
    decide(decision, made)
    if approved:
        meeting.state = MeetingState.APPROVED
        meeting.approved_at, meeting.approved_by_function = clock.now(), "Samordnare"
        add(
            MinutesCorrection(
                meeting_id=meeting.id, item_id=items[6].id, at=clock.now(), by_function="Samordnare",
                text="Det gäller norra gången.", reason="Fel plats angavs.", owner_actor_id=world.actors["district"],
            )
        )  # fmt: skip
    return meeting.id, made.id


def decide(decision: Decision, measure: Measure) -> None:
    """Let the decision have become the measure."""
    db.session.execute(decision_measure.insert().values(decision_id=decision.id, measure_id=measure.id))


def a_period(world: World, where: str = "sergels", *, locked: bool = False, approved: bool = True) -> dict[str, int]:
    """Save a goal with indicators, a measure, an event and an assessment for VB 2026; return ids by name."""
    partnership_id = world.partnerships[where]
    goal = a_goal(partnership_id, "Torget är en trygg plats", starts="2024")
    indicator = an_indicator(
        partnership_id,
        caveat="Urvalet är litet.",
        goals=[goal],
        target_value=30,
        target_operator=TargetOperator.AT_MOST,
    )
    for period, value in (("2024", "58"), ("2025", "41.5"), ("2026", "34")):
        an_observation(indicator, period, value)
    an_observation(indicator, "2027", "99")
    closed = an_observation(indicator, "2026-05", None, statement=SECRET, visibility=CLOSED)
    words = an_indicator(partnership_id, "Våldsbrott", goals=[goal])
    an_observation(words, "2026", None, statement="Har minskat enligt polisen")
    meeting_id, measure_id = a_forum(world, where, approved=approved, goal_ids=[goal.id])
    done = a_measure(world, where=where, title="Klotter bort samma dag", goal_ids=[goal.id])
    a_follow_up(done, text="Väggen hålls ren.")
    secret = a_measure(world, where=where, title=SECRET, visibility=CLOSED, goal_ids=[goal.id])
    event = an_event(world, where, goals=[goal], visitor_count=3, count_method="Räkning för hand")
    version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal.id)).one()
    lock = {"locked_at": clock.now(), "locked_by_function": "Rapportansvarig"} if locked else {}
    assessment = an_assessment(
        version,
        year=2026,
        period=ReportingPeriod.VB,
        assessed_on=date(2026, 11, 20),
        continued_work="Fortsatt belysning.",
        deviations="Räkningen kom i gång sent.",
        proposed_change="Höj målnivån.",
        **lock,
    )
    return {
        "goal": goal.id, "indicator": indicator.id, "meeting": meeting_id, "measure": measure_id, "event": event.id,
        "assessment": assessment.id, "closed": closed.id, "secret": secret.id,
    }  # fmt: skip
