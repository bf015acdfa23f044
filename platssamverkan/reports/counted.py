"""The records behind each figure of the goal-fulfilment report.

What the report counts is what the list shows, since both read the same loaded report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import abort, url_for

from platssamverkan.activations.models import ActivationEvent, EventStatus
from platssamverkan.agreements.models import Commitment
from platssamverkan.core.formatting import day, partial_span, span
from platssamverkan.core.partial_date import MONTHS
from platssamverkan.goals import figures, wording
from platssamverkan.goals.indicator_queries import latest_text
from platssamverkan.goals.models import Grade, Indicator
from platssamverkan.meetings.queries import PastDecision
from platssamverkan.partnerships.names import slug_of
from platssamverkan.reports.goal_fulfilment import GoalSection, MeasureRow, Report

UNKNOWN = "uppgift saknas"
GOALS, HIDDEN = "mal", "mal-utelamnade"
INDICATORS, REACHED = "indikatorer-med-malniva", "indikatorer-pa-malniva"
DONE, GOING_ON, UNCLEAR = "atgarder-genomforda", "atgarder-pagar", "atgarder-utan-start"
UNTIMED = "atgarder-utan-tid"
DECISIONS, ELSEWHERE = "beslut", "ataganden-i-andra-avtal"
EVENTS = {
    EventStatus.HELD: "platsaktiveringar-genomforda",
    EventStatus.PLANNED: "platsaktiveringar-planerade",
    EventStatus.CANCELLED: "platsaktiveringar-installda",
}
EVENT_NAMES = {
    EventStatus.HELD: "Genomförda platsaktiveringar",
    EventStatus.PLANNED: "Planerade platsaktiveringar",
    EventStatus.CANCELLED: "Inställda platsaktiveringar",
}
OF_GOAL = "platsaktiveringar-for-mal"


@dataclass(frozen=True)
class CountedRow:
    """One record: what it is, its own page, and what stands beside it."""

    title: str
    url: str
    cells: Sequence[str]


@dataclass(frozen=True)
class Counted:
    """The records behind one figure."""

    heading: str
    #: Of the first column and of the cells.
    columns: Sequence[str]
    rows: Sequence[CountedRow]


def grade_key(grade: Grade) -> str:
    """Return the key of the figure that counts the goals with a grade."""
    return f"{GOALS}-{slug_of(grade.label)}"


def goal_key(goal_id: int) -> str:
    """Return the key of the figure that counts the events of a goal."""
    return f"{OF_GOAL}-{goal_id}"


def month_key(status: EventStatus, month: date) -> str:
    """Return the key of the figure that counts the events of a month with a status."""
    return f"{EVENTS[status]}-{month:%m}"


def label(key: str, report: Report) -> str:
    """Return what the list of the figure is called among the sources; 404 when there is no such figure."""
    return f"{_heading(key, report)}, {report.period_text}"


def counted(key: str, report: Report, slug: str) -> Counted:
    """Return the records that the figure counts; 404 when there is no such figure."""
    heading = _heading(key, report)
    if key.startswith(GOALS):
        return Counted(heading, ("Mål", "Bedömning"), [_goal(one, report, slug) for one in _sections(key, report)])
    if key in {INDICATORS, REACHED}:
        wanted = [one for one in report.indicators if one.target_value is not None]
        rows = [_indicator(one, slug) for one in wanted if key == INDICATORS or figures.reaches_target(one)]
        return Counted(heading, ("Indikator", "Senaste uppgift", "Målnivå", "Nådd"), rows)
    measures = {DONE: report.done, GOING_ON: report.going_on, UNCLEAR: report.unclear, UNTIMED: report.untimed}
    if key in measures:
        columns = ("Åtgärd", "Ansvarig", "Läge", "Beslut")
        return Counted(heading, columns, [_measure(row, slug) for row in measures[key]])
    if key == DECISIONS:
        return Counted(heading, ("Beslut", "Datum", "Vad"), [_decision(one, slug) for one in report.decisions])
    if key == ELSEWHERE:
        kept = [_commitment(row, slug) for row in report.commitments_elsewhere]
        return Counted(heading, ("Åtagande", "Avtal", "Avtalets tid"), kept)
    events = _events(key, report)
    return Counted(heading, ("Platsaktivering", "När", "Var", "Arrangör", "Läge"), [_event(e, slug) for e in events])


def _heading(key: str, report: Report) -> str:
    names = {
        GOALS: "Mål i rapporten",
        HIDDEN: "Mål vars bedömning är utelämnad",
        INDICATORS: "Indikatorer med målnivå",
        REACHED: "Indikatorer som når målnivån",
        DONE: "Genomförda åtgärder",
        GOING_ON: "Åtgärder som pågår eller är beslutade",
        UNCLEAR: "Åtgärder som kan ha pågått",
        UNTIMED: "Åtgärder utan uppgift om läge eller tid",
        DECISIONS: "Beslut på möten",
        ELSEWHERE: "Åtaganden i avtal som inte gällde",
        **{key: EVENT_NAMES[status] for status, key in EVENTS.items()},
        **{grade_key(grade): f"Mål med bedömningen {grade.label.lower()}" for grade in Grade},
        **{
            month_key(status, month): f"{EVENT_NAMES[status]}, {MONTHS[month.month - 1]}"
            for month, _ in report.months
            for status in EVENTS
        },
        **{goal_key(one.goal.id): f"Platsaktiveringar för {wording.goal_name(one.goal)}" for one in report.sections},
    }
    if key not in names:
        abort(404)
    return names[key]


def _sections(key: str, report: Report) -> Sequence[GoalSection]:
    if key in {GOALS, HIDDEN}:
        return report.sections if key == GOALS else report.hidden
    return [one for one in report.sections if not one.assessment_is_hidden and grade_key(one.grade) == key]


def _events(key: str, report: Report) -> Sequence[ActivationEvent]:
    lists = {goal_key(one.goal.id): one.events for one in report.sections}
    for status, all_of_it in EVENTS.items():
        lists[all_of_it] = report.activations.of(status)
        lists |= {month_key(status, month): activations.of(status) for month, activations in report.months}
    return lists[key]


def _goal(section: GoalSection, report: Report, slug: str) -> CountedRow:
    grade = "utelämnad" if section.assessment_is_hidden else f"{section.grade.label} ({report.grade_note})"
    url = url_for("goals.show", slug=slug, goal_id=section.goal.id)
    if section.assessment:
        period = report.period.value
        url = url_for("goals.assessment", slug=slug, goal_id=section.goal.id, year=report.year, period=period)
    return CountedRow(section.label, url, [grade])


def _indicator(indicator: Indicator, slug: str) -> CountedRow:
    reached = {True: "Ja", False: "Nej", None: "–"}[figures.reaches_target(indicator)]
    url = url_for("goals.indicator", slug=slug, indicator_id=indicator.id)
    return CountedRow(indicator.name, url, [latest_text(indicator) or UNKNOWN, wording.target_text(indicator), reached])


def _measure(row: MeasureRow, slug: str) -> CountedRow:
    measure = row.measure
    url = url_for("measures.show", slug=slug, measure_id=measure.id)
    status = row.status or UNKNOWN
    return CountedRow(
        f"Åtgärd {measure.number}: {measure.title}",
        url,
        [
            measure.responsible.name if measure.responsible else UNKNOWN,
            f"{status}, {day(row.closed_on)}" if row.closed_on else status,
            "; ".join(decision.text.label for decision in row.decisions) or "–",
        ],
    )


def _decision(decision: PastDecision, slug: str) -> CountedRow:
    return CountedRow(decision.text.label, decision.url(slug), [day(decision.on), decision.text.text])


def _commitment(row: Commitment, slug: str) -> CountedRow:
    agreement = row.agreement
    url = url_for("agreements.show", slug=slug, agreement_id=agreement.id)
    return CountedRow(row.text, url, [agreement.title, partial_span(agreement.starts, agreement.ends) or UNKNOWN])


def _event(event: ActivationEvent, slug: str) -> CountedRow:
    url = url_for("activations.show", slug=slug, event_id=event.id)
    when = f"{day(event.starts_at)} {span(event.starts_at, event.ends_at)}"
    where = ", ".join(part for part in (event.place.name, event.spot) if part)
    return CountedRow(event.title, url, [when, where, event.organiser.name, event.status.label])
