"""Måluppfyllelserapporten (DOMAIN 7.4): goals of a period with assessment, figures, measures, decisions and events.

Each list is loaded once for the audience and sorted to its goal here, so that the number of queries is the same
however much there is. What lies after the period is not in the report.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from markupsafe import Markup

from platssamverkan.activations.models import ActivationEvent, EventStatus
from platssamverkan.agreements.models import Agreement, Commitment
from platssamverkan.core.charts import Point, bar_chart
from platssamverkan.core.columns import LabelledEnum
from platssamverkan.core.formatting import count, day, local_day
from platssamverkan.core.partial_date import MONTHS, earliest, latest
from platssamverkan.goals import figures, wording
from platssamverkan.goals.models import Goal, GoalAssessment, Grade, Indicator, ReportingPeriod
from platssamverkan.goals.queries import AssessedGoal, Evidence, GoalNow
from platssamverkan.measures.history import Standing
from platssamverkan.measures.models import FollowUp, Measure, MeasureStatus
from platssamverkan.measures.queries import Deviation
from platssamverkan.meetings.queries import PastDecision
from platssamverkan.reports.models import PeriodSummary

#: Grades in the order in which the summary counts them.
GRADES = (Grade.FULL, Grade.PARTIAL, Grade.NOT, Grade.NOT_ASSESSED)


class MeasureGroup(LabelledEnum):
    """How the report sorts measures."""

    DONE = "done", "Genomförda"
    DONE_BEFORE = "done_before", "Genomförda före perioden"
    GOING_ON = "going_on", "Pågår eller är beslutade"
    UNCLEAR = "unclear", "Kan ha pågått"
    PROPOSED = "proposed", "Föreslagna"
    CANCELLED = "cancelled", "Avbrutna"


@dataclass
class MeasureRow:
    """A measure as it stood when the period ended, with the decisions that it came from and what was seen of it."""

    measure: Measure
    goal_ids: list[int]
    #: Of the period.
    first_day: date
    last_day: date
    standing: Standing
    #: Up to the end of the period, newest first.
    follow_ups: Sequence[FollowUp] = ()
    #: Whether no start and no follow-up tells that it had begun by the end of the period.
    lacks_start: bool = False
    decisions: list[PastDecision] = field(default_factory=list)

    @property
    def follow_up(self) -> FollowUp | None:
        return self.follow_ups[0] if self.follow_ups else None

    @property
    def outcome(self) -> str | None:
        """Return what it came to in words; None for one that ended after the period, when that was written."""
        return None if self._ended_later else self.measure.outcome_text

    @property
    def closed_on(self) -> date | None:
        """Return the day it ended, when that lies in the period or before it."""
        return self.standing.closed_on

    @property
    def is_done(self) -> bool:
        return self.standing.status is not None and self.standing.status.is_done

    @property
    def group(self) -> MeasureGroup:
        if self.is_done:
            return MeasureGroup.DONE_BEFORE if self._ended_before else MeasureGroup.DONE
        if self.standing.status is MeasureStatus.CANCELLED:
            return MeasureGroup.CANCELLED
        if self.standing.status is MeasureStatus.PROPOSED and not self.decisions:
            return MeasureGroup.PROPOSED
        return MeasureGroup.UNCLEAR if self._may_not_have_begun and not self.decisions else MeasureGroup.GOING_ON

    @property
    def _ended_before(self) -> bool:
        """Say whether it had ended when the period began: it is told of for what was decided or seen of it since."""
        if self.closed_on is not None:
            return self.closed_on < self.first_day
        return self.measure.ends is not None and latest(self.measure.ends) < self.first_day

    @property
    def _may_not_have_begun(self) -> bool:
        """Say whether neither a day nor what was entered by the end of the period tells if it had begun by then."""
        return self.lacks_start and (self.standing.status is None or self.standing.read_on is not None)

    @property
    def _ended_later(self) -> bool:
        status = self.measure.status
        return status is not None and status.is_closed and not self.measure.has_ended(self.last_day)

    @property
    def _began_later(self) -> bool:
        """Say whether it was decided in the period, not ended in it, and begun after it."""
        starts, status, stood = self.measure.starts, self.measure.status, self.standing.status
        if not self.decisions or (stood is not None and stood.is_closed):
            return False
        return bool(status and status.is_begun and starts and earliest(starts) > self.last_day)

    @property
    def status(self) -> str:
        """Return the status in words, "" when no source tells it; where nothing tells what it was at the end of the
        period, what it is now, with the day."""
        if self._may_not_have_begun:
            return "Började: uppgift saknas"
        if self._began_later:
            return MeasureStatus.DECIDED.label
        if self.standing.status is None:
            return "Inte avslutad vid periodens slut" if self._ended_later else ""
        read_on = self.standing.read_on
        return self.standing.status.label + (f" enligt uppgift den {day(read_on)}" if read_on else "")


def in_group(rows: Sequence[MeasureRow], group: MeasureGroup) -> list[MeasureRow]:
    """Return those of the rows that stand in the group."""
    return [row for row in rows if row.group is group]


@dataclass
class GoalSection:
    """One goal of the report."""

    assessed: AssessedGoal
    indicators: list[Indicator]
    measures: list[MeasureRow]
    #: Decisions about the goal that became no measure in sight have no goal; these stand with the report's others.
    deviations: list[Deviation]
    #: Those that serve the goal and were not cancelled.
    events: list[ActivationEvent]

    @property
    def goal(self) -> Goal:
        return self.assessed.goal

    @property
    def label(self) -> str:
        return self.assessed.label

    @property
    def text(self) -> str:
        return self.assessed.version.text

    @property
    def assessment(self) -> GoalAssessment | None:
        return self.assessed.assessment

    @property
    def assessment_is_hidden(self) -> bool:
        return self.assessed.is_hidden

    @property
    def evidence(self) -> list[Evidence]:
        return self.assessed.evidence

    @property
    def measures_by_group(self) -> list[tuple[MeasureGroup, list[MeasureRow]]]:
        return [(group, in_group(self.measures, group)) for group in MeasureGroup]

    @property
    def grade(self) -> Grade:
        return self.assessment.grade if self.assessment else Grade.NOT_ASSESSED

    @property
    def reached(self) -> int:
        return figures.reached_and_total(self.indicators)[0]

    @property
    def total(self) -> int:
        return figures.reached_and_total(self.indicators)[1]

    @property
    def trend(self) -> figures.Trend:
        return figures.trend_of_goal(self.indicators)

    @property
    def drawn(self) -> Indicator | None:
        return figures.main_indicator(self.indicators)

    @cached_property
    def chart(self) -> Markup:
        return figures.indicator_chart(self.drawn, f"diagram-{self.goal.id}") if self.drawn else Markup("")


@dataclass(frozen=True)
class Activations:
    """Platsaktiveringar of the period, or of a month of it: those that began then."""

    events: Sequence[ActivationEvent]

    def of(self, status: EventStatus) -> list[ActivationEvent]:
        """Return the events that have the status."""
        return [event for event in self.events if event.status == status]

    @property
    def held(self) -> int:
        return len(self.of(EventStatus.HELD))

    @property
    def planned(self) -> int:
        return len(self.of(EventStatus.PLANNED))

    @property
    def cancelled(self) -> int:
        return len(self.of(EventStatus.CANCELLED))

    def of_month(self, month: int) -> "Activations":
        """Return those of a calendar month, in local time."""
        return Activations([event for event in self.events if local_day(event.starts_at).month == month])


@dataclass(frozen=True)
class Report:
    """All that the report prints, for one audience."""

    year: int
    period: ReportingPeriod
    first_day: date
    last_day: date
    #: The last day that is known of: that of the period, or today when it is not over.
    known_to: date
    #: The summing up in words; None when none is written or the audience may not see it.
    summary: PeriodSummary | None
    summary_is_hidden: bool
    visions: Sequence[GoalNow]
    overall: Sequence[GoalNow]
    #: True when the partnership has inriktningsmål; else the overall goals are assessed.
    has_directions: bool
    sections: Sequence[GoalSection]
    indicators: Sequence[Indicator]
    #: Measures that serve none of the goals assessed here.
    other_measures: Sequence[MeasureRow]
    measures: Sequence[MeasureRow]
    #: Measures that may be of any period: their source tells neither status nor time.
    untimed: Sequence[MeasureRow]
    decisions: Sequence[PastDecision]
    #: Decisions that became no measure here that the audience may see.
    bare_decisions: Sequence[PastDecision]
    agreements: Sequence[tuple[Agreement, Sequence[Commitment]]]
    #: In agreements that did not hold in the period.
    commitments_elsewhere: Sequence[Commitment]
    activations: Activations
    events_by_goal: Sequence[tuple[str, Sequence[ActivationEvent]]]
    deviations: Sequence[Deviation]
    displacements: Sequence[FollowUp]

    @property
    def period_text(self) -> str:
        return wording.period_text(self.year, self.period)

    @property
    def forecast_text(self) -> str:
        return wording.forecast_text(self.year, self.period)

    @property
    def is_outcome(self) -> bool:
        return self.period is ReportingPeriod.VB

    @property
    def grade_note(self) -> str:
        """Return what a grade stands for, printed beside each (DOMAIN 6)."""
        return "utfall" if self.is_outcome else "prognos för året"

    @cached_property
    def months(self) -> list[tuple[date, Activations]]:
        """Return the first day of each month of the period, with its platsaktiveringar."""
        return [
            (date(self.year, month, 1), self.activations.of_month(month))
            for month in range(self.first_day.month, self.last_day.month + 1)
        ]

    @property
    def months_with_events(self) -> list[tuple[date, Activations]]:
        """Return the months that have any; the others would print as rows of noughts."""
        return [(month, activations) for month, activations in self.months if activations.events]

    @cached_property
    def activations_chart(self) -> Markup:
        """Return held events per month, with a gap for each month that has not come; empty when none was held."""
        held = {month: activations.held for month, activations in self.months}
        if not self.activations.held:
            return Markup("")
        points = [
            Point(MONTHS[month.month - 1][:3], number if month <= self.known_to else None)
            for month, number in held.items()
        ]
        most = max(held.values())
        when = ", ".join(MONTHS[month.month - 1] for month, number in held.items() if number == most)
        description = (
            f"{count(self.activations.held, 'genomförd platsaktivering', 'genomförda platsaktiveringar')}."
            f" Flest i {when}: {most}."
        )
        return bar_chart("diagram-platsaktivering", "Genomförda platsaktiveringar per månad", description, points)

    @property
    def grades(self) -> list[tuple[Grade, int]]:
        """Return how many goals have each grade, those that none has left out; hidden assessments have none here."""
        told = [section.grade for section in self.sections if not section.assessment_is_hidden]
        counted = [(grade, told.count(grade)) for grade in GRADES]
        return [(grade, number) for grade, number in counted if number]

    @property
    def hidden(self) -> list[GoalSection]:
        """Return the goals whose assessment is kept from this audience."""
        return [section for section in self.sections if section.assessment_is_hidden]

    @property
    def reached(self) -> int:
        return figures.reached_and_total(self.indicators)[0]

    @property
    def total(self) -> int:
        return figures.reached_and_total(self.indicators)[1]

    @property
    def done(self) -> list[MeasureRow]:
        return in_group(self.measures, MeasureGroup.DONE)

    @property
    def going_on(self) -> list[MeasureRow]:
        return in_group(self.measures, MeasureGroup.GOING_ON)

    @property
    def unclear(self) -> list[MeasureRow]:
        return in_group(self.measures, MeasureGroup.UNCLEAR)

    @property
    def proposals(self) -> list[GoalSection]:
        return [section for section in self.sections if section.assessment and section.assessment.proposed_change]

    @property
    def commitments(self) -> list[Commitment]:
        return [row for _, commitments in self.agreements for row in commitments]

    def goal_names(self, goal_ids: Sequence[int]) -> str:
        """Return "Mål 1, Mål 3" for the goals that are assessed here."""
        return ", ".join(wording.goal_name(one.goal) for one in self.sections if one.goal.id in goal_ids)
