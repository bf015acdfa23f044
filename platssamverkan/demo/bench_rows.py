"""Synthetic rows in bulk: what one partnership writes in some years (DOMAIN 12). No row is of real life."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from platssamverkan.activations.models import EventStatus, EventType
from platssamverkan.briefings.models import BriefingSection, BriefingState
from platssamverkan.core import clock, partial_date
from platssamverkan.demo.bench_base import Base
from platssamverkan.goals.models import Grade, ReportingPeriod
from platssamverkan.measures.models import CptedCategory, FollowUpDone, FollowUpEffect, MeasureMethod, MeasureStatus
from platssamverkan.meetings.models import AttendanceStatus, MeetingState
from platssamverkan.partnerships.models import MeetingKind

#: Per year of one partnership.
BRIEFINGS, STAFFING, LINES, PRESENT = 104, 10, 6, 9
OBSERVATIONS_EACH, ITEMS, DAYS_AHEAD = 12, 12, 30
WORDS = "Syntetisk text om läget på platsen, utan förlaga i verkligheten. "
FUNCTION = "Syntetisk funktion"


@dataclass(frozen=True)
class Size:
    """How much to make."""

    years: int
    measures: int
    meetings: int
    events: int


@dataclass
class Rows:
    """Rows by table, in an order in which each finds what it points at."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> None:
        self.tables.setdefault(table, []).append(values)

    @property
    def total(self) -> int:
        return sum(len(rows) for rows in self.tables.values())


class Maker:
    """Makes the rows. `next_id` gives the first free id of a table; the rest count up from it."""

    def __init__(self, base: Base, size: Size, today: date, next_id: Callable[[str], int]) -> None:
        self.base, self.size, self.today = base, size, today
        self.rows = Rows()
        self.random = random.Random(1)  # noqa: S311  (the same data each time; nothing secret)
        self.next_id = next_id
        self.marks = {"source_id": base.source, "is_example": True}

    def make(self) -> Rows:
        """Return all rows."""
        self._measures()
        self._briefings()
        self._meetings()
        self._events()
        self._observations()
        self._assessments()
        return self.rows

    def _actor(self) -> int:
        return self.random.choice(self.base.actors)

    def _days(self, count: int, ahead: int = 0) -> Iterator[date]:
        """Yield `count` days spread evenly over the years, the last `ahead` days from today."""
        span = self.size.years * 365 + ahead
        first = self.today + timedelta(days=ahead - span)
        for number in range(count):
            yield first + timedelta(days=(number + 1) * span // max(count, 1))

    def _measures(self) -> None:
        first = self.next_id("measure")
        closed = {MeasureStatus.COMPLETED, MeasureStatus.MAINTAINED}
        for number, day in enumerate(self._days(self.size.measures), start=1):
            measure_id, actor = first + number - 1, self._actor()
            recent = (self.today - day).days < 180
            status = self.random.choice([MeasureStatus.DECIDED, MeasureStatus.ONGOING] if recent else list(closed))
            self.rows.add(
                "measure",
                id=measure_id,
                partnership_id=self.base.partnership,
                number=number,
                title=f"Syntetisk åtgärd {number}",
                description=WORDS * 3,
                place_id=self.random.choice(self.base.places),
                responsible_actor_id=actor,
                owner_actor_id=actor,
                status=status,
                starts=day.isoformat(),
                due_on=day + timedelta(days=90),
                closed_on=day + timedelta(days=80) if status in closed else None,
                **self.marks,
            )
            self.rows.add("measure_goal", measure_id=measure_id, goal_id=self.random.choice(self.base.goals))
            self.rows.add("measure_affected_actor", measure_id=measure_id, actor_id=self._actor())
            self.rows.add("measure_method", measure_id=measure_id, method=MeasureMethod.SITUATIONAL)
            category = self.random.choice(list(CptedCategory))
            self.rows.add("measure_cpted", measure_id=measure_id, category=category, method=MeasureMethod.SITUATIONAL)
            if status not in closed:
                continue
            self.rows.add("maintenance", measure_id=measure_id, is_needed=False, reason=WORDS)
            for days in (40, 85):
                self.rows.add(
                    "follow_up",
                    measure_id=measure_id,
                    on=day + timedelta(days=days),
                    done=FollowUpDone.YES,
                    effect=self.random.choice(list(FollowUpEffect)),
                    text=WORDS,
                    **self.marks,
                )

    def _briefings(self) -> None:
        first = self.next_id("briefing")
        sections = list(BriefingSection)
        for number, day in enumerate(self._days(BRIEFINGS * self.size.years, DAYS_AHEAD)):
            briefing_id, start = first + number, clock.at_local(day, time(18))
            held = day < self.today
            self.rows.add(
                "briefing",
                id=briefing_id,
                partnership_id=self.base.partnership,
                series_id=self.base.briefing_series,
                occurrence=start + timedelta(microseconds=number),
                starts_at=start,
                held_by_id=self.base.actors[1],
                state=BriefingState.HELD if held else BriefingState.PLANNED,
                closed_at=start + timedelta(minutes=30) if held else None,
                closed_by_function=FUNCTION if held else None,
                **self.marks,
            )
            for place in range(PRESENT):
                self.rows.add(
                    "briefing_attendance",
                    briefing_id=briefing_id,
                    actor_id=self.base.actors[place],
                    function=FUNCTION,
                    is_present=held and self.random.random() < 0.8,
                )
            for place in range(STAFFING):
                self.rows.add(
                    "staffing_entry",
                    briefing_id=briefing_id,
                    actor_id=self.base.actors[place],
                    owner_actor_id=self.base.actors[place],
                    function=FUNCTION,
                    headcount=self.random.randint(1, 8),
                    from_time=time(16),
                    until_time=time(1),
                )
            for place in range(LINES if held else 0):
                self.rows.add(
                    "briefing_item",
                    briefing_id=briefing_id,
                    section=sections[place % len(sections)],
                    spot="Syntetiskt ställe",
                    text=WORDS,
                    actor_id=self.base.actors[place],
                    settled_in_id=briefing_id if sections[place % len(sections)] is BriefingSection.HANDOVER else None,
                )

    def _meetings(self) -> None:
        first, item_id = self.next_id("meeting"), self.next_id("minutes_item")
        decision_id, measure_id = self.next_id("decision"), self.next_id("measure")
        for number, day in enumerate(self._days(self.size.meetings, DAYS_AHEAD)):
            meeting_id, start = first + number, clock.at_local(day, time(13))
            held = day < self.today
            self.rows.add(
                "meeting",
                id=meeting_id,
                partnership_id=self.base.partnership,
                kind=MeetingKind.STRATEGIC_FORUM,
                series_id=self.base.forum_series,
                occurrence=start + timedelta(microseconds=number),
                starts_at=start,
                ends_at=start + timedelta(hours=2),
                chair=FUNCTION,
                secretary=FUNCTION,
                state=MeetingState.HELD if held else MeetingState.PLANNED,
                **self.marks,
            )
            for actor in self.base.actors[:10]:
                self.rows.add(
                    "attendance",
                    meeting_id=meeting_id,
                    actor_id=actor,
                    function=FUNCTION,
                    status=AttendanceStatus.PRESENT,
                )
            for position in range(1, ITEMS + 1):
                self.rows.add(
                    "minutes_item",
                    id=item_id,
                    meeting_id=meeting_id,
                    position=position,
                    heading=f"Syntetisk punkt {position}",
                    text=WORDS * 6 if held else None,
                    owner_actor_id=self.base.actors[0],
                )
                if held and position % 6 == 0:
                    self.rows.add(
                        "decision", id=decision_id, item_id=item_id, number=1, text=f"Syntetiskt beslut. {WORDS}"
                    )
                    measure = measure_id + self.random.randrange(self.size.measures) if self.size.measures else None
                    if measure is not None:
                        self.rows.add("decision_measure", decision_id=decision_id, measure_id=measure)
                    decision_id += 1
                item_id += 1

    def _events(self) -> None:
        first = self.next_id("activation_event")
        for number, day in enumerate(self._days(self.size.events, DAYS_AHEAD)):
            start, organiser = clock.at_local(day, time(9 + number % 9)), self._actor()
            held = day < self.today
            self.rows.add(
                "activation_event",
                id=first + number,
                partnership_id=self.base.partnership,
                place_id=self.random.choice(self.base.places),
                title=f"Syntetisk platsaktivering {number + 1}",
                type=self.random.choice(list(EventType)),
                starts_at=start,
                ends_at=start + timedelta(hours=3),
                organiser_id=organiser,
                owner_actor_id=organiser,
                status=EventStatus.HELD if held else EventStatus.PLANNED,
                visitor_count=self.random.randint(20, 400) if held else None,
                **self.marks,
            )
            self.rows.add(
                "activation_goal", activation_event_id=first + number, goal_id=self.random.choice(self.base.goals)
            )

    def _observations(self) -> None:
        for months in range(self.size.years * OBSERVATIONS_EACH, 0, -1):
            day = self.today - timedelta(days=months * 365 // OBSERVATIONS_EACH)
            for place, indicator_id in enumerate(self.base.indicators):
                self.rows.add(
                    "observation",
                    indicator_id=indicator_id,
                    starts=f"{day:%Y-%m}",
                    ends=f"{day:%Y-%m}",
                    sort_key=partial_date.latest(f"{day:%Y-%m}").isoformat(),
                    value=Decimal(100 + place + self.random.randint(-20, 20)),
                    **self.marks,
                )

    def _assessments(self) -> None:
        assessment_id = self.next_id("goal_assessment")
        for year in range(self.today.year - self.size.years, self.today.year):
            for period in ReportingPeriod:
                for place, version_id in enumerate(self.base.versions):
                    self.rows.add(
                        "goal_assessment",
                        id=assessment_id,
                        goal_version_id=version_id,
                        year=year,
                        period=period,
                        grade=self.random.choice(list(Grade)),
                        motivation=WORDS * 3,
                        assessed_on=period.days(year)[1],
                        assessed_by_function=FUNCTION,
                        **self.marks,
                    )
                    indicator_id = self.base.indicators[place]
                    self.rows.add("evidence_link", assessment_id=assessment_id, indicator_id=indicator_id)
                    assessment_id += 1


def settled(today: date) -> datetime:
    """Return the moment before which all meetings have approved minutes and all assessments are locked."""
    return clock.at_local(today - timedelta(days=60), time(0))
