"""Loads the goal-fulfilment report for one audience: a fixed number of queries, however long the report gets."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.activations.models import ActivationEvent, EventStatus
from platssamverkan.activations.queries import events_in_period
from platssamverkan.actors.models import Actor
from platssamverkan.agreements.models import Agreement, AgreementStatus, Commitment
from platssamverkan.agreements.queries import commitments_of, target
from platssamverkan.core import clock, locks
from platssamverkan.core.db import db, rows
from platssamverkan.core.errors import DomainError
from platssamverkan.core.partial_date import earliest, latest
from platssamverkan.core.sources import Source
from platssamverkan.core.visibility import Audience, Reader
from platssamverkan.goals import wording
from platssamverkan.goals.models import (
    GoalAssessment,
    GoalLevel,
    Indicator,
    ReportingPeriod,
)
from platssamverkan.goals.queries import (
    AssessedGoal,
    assessments_for,
    goals_on,
    indicators_with_observations,
)
from platssamverkan.measures.history import Standing, standings
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.measures.queries import (
    CANCELLED,
    LATE,
    Deviation,
    PeriodMeasure,
    deviations,
    displacements,
    goal_ids_of,
    measure_rows_for,
    measures_in_period,
)
from platssamverkan.meetings.queries import PastDecision, decisions_in_period
from platssamverkan.partnerships.models import Partnership
from platssamverkan.reports import counted, left_out, summaries
from platssamverkan.reports.documents import Content, Document, version_url
from platssamverkan.reports.figures_file import attachment
from platssamverkan.reports.goal_fulfilment import Activations, GoalSection, MeasureGroup, MeasureRow, Report
from platssamverkan.reports.subjects import year_and_period


def collect(partnership: Partnership, subject: str, audience: Audience) -> Content:
    """Return the report of "2023-vb" for `audience`; 404 when the subject is no period."""
    year, period = year_and_period(subject)
    report = load(partnership.id, year, period, audience.reader)

    def list_url(key: str) -> str:
        more = {"slug": partnership.slug, "year": year, "period": period.value, "what": key}
        return version_url("reports.counted_records", audience, **more)

    return Content(
        title=f"Måluppfyllelserapport {partnership.name}, {period.label.lower()} {year}",
        context={"report": report, "counted": counted, "list_url": list_url, "extent": target},
        is_draft=_not_approved(partnership.id, year, period) is not None,
        left_out=left_out.of_period(partnership.id, year, period, audience.reader),
        record_url=url_for("goals.period", slug=partnership.slug, ar=year, period=period.value),
        attachments=(attachment(report, partnership.slug),),
    )


def load(partnership_id: int, year: int, period: ReportingPeriod, reader: Reader) -> Report:
    """Return all that the report prints for `reader`."""
    first, last = period.days(year)
    known_to = min(last, clock.today())
    items = _assessed(assessments_for(partnership_id, year, period, reader))
    goals = goals_on(partnership_id, reader, last)
    indicators = _indicators(partnership_id, reader, first, last)
    events = events_in_period(partnership_id, reader, first, last)
    going_ahead = [event for event in events if event.status is not EventStatus.CANCELLED]
    decisions = decisions_in_period(partnership_id, reader, first, last)
    unless = left_out.decided_after(last)
    told = measures_in_period(partnership_id, reader, first, last, today=clock.today(), unless=unless)
    told += _decided(decisions, {one.measure.id for one in told}, reader)
    wrong = deviations(partnership_id, reader, known_to, first, last)
    # Also of measures that went wrong and are told of by that alone: one never begun may be late or cancelled.
    about = {row.id: row for row in (*(one.measure for one in told), *(one.measure for one in wrong))}
    stood, goals_of = standings(about.values(), last), goal_ids_of(list(about))
    _answered_then(about.values(), stood)
    measures, untimed = _measures(told, decisions, stood, goals_of, (first, last))
    wrong = _of_period(wrong, measures, stood, first, last)
    summary = summaries.summary_of(partnership_id, year, period, reader)
    moved = displacements(partnership_id, reader, first, last)
    assessed_ids = {item.goal.id for item in items}
    _name_without_value(items, indicators)
    kept, elsewhere = _agreements(commitments_of(partnership_id, reader), first, last)
    _load_sources(
        *[one.goal for one in goals],
        *[item.goal for item in items],
        *indicators,
        *[observation for indicator in indicators for observation in indicator.observations],
        *[row.measure for row in measures],
        *[deviation.measure for deviation in wrong],
        *[follow_up.measure for follow_up in moved],
        *[agreement for agreement, _ in kept],
    )
    sections = [
        GoalSection(
            assessed=item,
            indicators=[one for one in indicators if item.goal.id in {goal.id for goal in one.goals}],
            measures=[row for row in measures if item.goal.id in row.goal_ids],
            deviations=[one for one in wrong if item.goal.id in goals_of[one.measure.id]],
            events=[event for event in going_ahead if item.goal.id in {goal.id for goal in event.goals}],
        )
        for item in items
    ]
    return Report(
        year=year,
        period=period,
        first_day=first,
        last_day=last,
        known_to=known_to,
        summary=summary,
        summary_is_hidden=summary is None and summaries.is_hidden(partnership_id, year, period, reader),
        visions=[one for one in goals if one.goal.level is GoalLevel.VISION],
        overall=[one for one in goals if one.goal.level is GoalLevel.OVERALL],
        has_directions=any(item.goal.level is GoalLevel.DIRECTION for item in items),
        sections=sections,
        indicators=indicators,
        other_measures=[row for row in measures if not assessed_ids & set(row.goal_ids)],
        measures=measures,
        untimed=untimed,
        decisions=decisions,
        bare_decisions=[one for one in decisions if not one.measures],
        agreements=kept,
        commitments_elsewhere=elsewhere,
        activations=Activations(events),
        events_by_goal=_by_goal(events, sections),
        deviations=wrong,
        displacements=moved,
    )


def _load_sources(*printed: Any) -> None:
    """Load the documents that the printed rows were taken from; one query, whatever their statements loaded."""
    ids = {row.source_id for row in printed if row.source_id is not None}
    found = {source.id: source for source in rows(select(Source).where(Source.id.in_(ids)))} if ids else {}
    for row in printed:
        set_committed_value(row, "source", found.get(row.source_id))


def _answered_then(measures: Collection[Measure], stood: Mapping[int, Standing]) -> None:
    """Let the measures be told with the actor that answered for each when the period ended. One query, where one of
    them answers for none of the measures now."""
    actors = {row.responsible_actor_id: row.responsible for row in measures}
    missing = {stood[row.id].responsible_actor_id for row in measures} - {None, *actors}
    if missing:
        actors |= {actor.id: actor for actor in rows(select(Actor).where(Actor.id.in_(missing)))}
    for row in measures:
        # What is shown is changed, not what is stored.
        set_committed_value(row, "responsible", actors.get(stood[row.id].responsible_actor_id))


def _name_without_value(items: Sequence[AssessedGoal], indicators: Sequence[Indicator]) -> None:
    """Let evidence be told by the indicator's name alone: its value stands in the table, with its source."""
    names = {str(one.id): one.name for one in indicators}
    for item in items:
        item.evidence = [
            replace(one, label=names.get(one.url.rsplit("/", 1)[1], one.label)) if one.kind == "indicator" else one
            for one in item.evidence
        ]


def _assessed(items: Sequence[AssessedGoal]) -> list[AssessedGoal]:
    """Return the inriktningsmål, or where there are none the overall goals; one that was assessed always stands."""
    has_directions = any(item.goal.level is GoalLevel.DIRECTION for item in items)
    return [
        item
        for item in items
        if not has_directions or item.goal.level is GoalLevel.DIRECTION or item.assessment is not None
    ]


def _indicators(partnership_id: int, reader: Reader, first: date, last: date) -> list[Indicator]:
    """Return the indicators followed in the period, with what was observed up to its end."""
    found = [
        indicator
        for indicator in indicators_with_observations(partnership_id, reader, include_ended=True)
        if indicator.ended_on is None or indicator.ended_on >= first
    ]
    for indicator in found:
        known = [one for one in indicator.observations if one.sort_key <= last.isoformat()]
        # What is shown is cut, not what is stored.
        set_committed_value(indicator, "observations", known)
    return found


def _decided(decisions: Sequence[PastDecision], told: Container[int], reader: Reader) -> list[PeriodMeasure]:
    """Return the measures that the decisions led to and that are not among those `told` of."""
    wanted = {measure.id for decision in decisions for measure in decision.measures if measure.id not in told}
    return [PeriodMeasure(measure, follow_ups=[], is_unclear=False) for measure in measure_rows_for(wanted, reader)]


def _measures(
    told: Sequence[PeriodMeasure],
    decisions: Sequence[PastDecision],
    stood: Mapping[int, Standing],
    goals_of: Mapping[int, list[int]],
    period: tuple[date, date],
) -> tuple[list[MeasureRow], list[MeasureRow]]:
    """Return the measures done or going on, those that may have been, and those that the period's decisions led to;
    done ones first. And, apart, those that lack the time to be told of."""
    found = {
        one.measure.id: MeasureRow(
            one.measure, goals_of[one.measure.id], *period, stood[one.measure.id], one.follow_ups, one.is_unclear
        )
        for one in told
    }
    for decision in decisions:
        for measure in decision.measures:
            found[measure.id].decisions.append(decision)
    apart = {one.measure.id for one in told if one.is_untimed and not found[one.measure.id].decisions}
    measures = sorted(found.values(), key=lambda row: (not row.is_done, row.measure.number))
    return [row for row in measures if row.measure.id not in apart], [found[row_id] for row_id in apart]


def _of_period(
    deviations: Sequence[Deviation],
    measures: Sequence[MeasureRow],
    stood: Mapping[int, Standing],
    first: date,
    last: date,
) -> list[Deviation]:
    """Return what went wrong in the period; what was to be begun or ready after its end is no deviation of it, nor is
    what is late today when the period is over and nothing tells since when. What stood as late or cancelled when it
    ended is told of, also where it has been taken up since."""
    is_over = last < clock.today()
    late = {one.measure.id for one in deviations if one.kind == LATE}
    since = [Deviation(row.measure, LATE, "", None) for row in measures if is_over and row.measure.id not in late]
    begun = [one for one in (*deviations, *since) if one.measure.starts is None or earliest(one.measure.starts) <= last]
    if not is_over:
        return begun
    found = [
        replace(one, on=stood[one.measure.id].due_on) if one.kind == LATE else one
        for one in begun
        if (_was_late(stood[one.measure.id], last) if one.kind == LATE else one.on is not None)
    ]
    return found + [
        Deviation(row.measure, CANCELLED, row.standing.cancel_reason, row.closed_on)
        for row in measures
        if row.group is MeasureGroup.CANCELLED and row.closed_on != row.measure.closed_on
        if row.closed_on and row.closed_on >= first
    ]


def _was_late(standing: Standing, on: date) -> bool:
    """Say whether the measure was late on the day, by its own day or since it had been told of as such."""
    if standing.status is not None and standing.status.is_closed:
        return False
    is_told_late = standing.status is MeasureStatus.DELAYED and standing.read_on is None
    return is_told_late or (standing.due_on is not None and standing.due_on < on)


def _agreements(
    commitments: Sequence[Commitment], first: date, last: date
) -> tuple[list[tuple[Agreement, list[Commitment]]], list[Commitment]]:
    """Return the commitments by agreement, and those in agreements that did not hold in the period."""
    kept: dict[int, tuple[Agreement, list[Commitment]]] = {}
    elsewhere = []
    for row in commitments:
        if _held(row.agreement, first, last):
            kept.setdefault(row.agreement_id, (row.agreement, []))[1].append(row)
        else:
            elsewhere.append(row)
    return list(kept.values()), elsewhere


def _held(agreement: Agreement, first: date, last: date) -> bool:
    if agreement.status is AgreementStatus.DRAFT:
        return False
    begun = agreement.starts is None or earliest(agreement.starts) <= last
    return begun and (agreement.ends is None or latest(agreement.ends) >= first)


def _by_goal(
    events: Sequence[ActivationEvent], sections: Iterable[GoalSection]
) -> list[tuple[str, Sequence[ActivationEvent]]]:
    """Return the events under the first goal that they serve, each once; those without one last."""
    left = list(events)
    found: list[tuple[str, Sequence[ActivationEvent]]] = []
    for section in sections:
        own = [event for event in left if section.goal.id in {goal.id for goal in event.goals}]
        if own:
            found.append((section.label, own))
            left = [event for event in left if event not in own]
    if left:
        found.append(("Utan koppling till ett mål som bedöms här", left))
    return found


def _not_approved(partnership_id: int, year: int, period: ReportingPeriod) -> str | None:
    """Return why the report can't be issued yet, or None. One query, whoever may read the assessments."""
    locked = func.count(GoalAssessment.locked_at)
    made, approved = db.session.execute(
        left_out.assessments(partnership_id, year, period, func.count(GoalAssessment.id), locked)
    ).one()
    name = wording.period_text(year, period).lower()
    if not made:
        return f"Inga mål är bedömda för {name}. Bedöm målen under Mål, fastställ bedömningarna och utfärda sedan."
    if approved < made:
        return (
            f"{made - approved} av {made} bedömningar för {name} är inte fastställda. Fastställ dem under Mål,"
            " och utfärda sedan rapporten."
        )
    return None


def check_ready(partnership_id: int, subject: str) -> None:
    """Raise DomainError unless the assessments of the period are made and approved."""
    reason = _not_approved(partnership_id, *year_and_period(subject))
    if reason:
        raise DomainError(reason)


def which(partnership_id: int, subject: str) -> str:
    """Return "Tertialrapport 2 2026"."""
    return wording.period_text(*year_and_period(subject))


def lock_with(document: Document, function: str) -> None:
    """Lock the summing up that the issued report prints; what is locked already stays as it is.

    :raises StaleDataError: if the text was changed after it was printed
    """
    report: Report = document.content.context["report"]
    if report.summary is not None and not report.summary.is_locked:
        locks.lock([report.summary], by_function=function)


def issue_note(partnership_id: int, subject: str, audience: Audience) -> str:
    """Return what issuing does to the summing up, for the page that asks."""
    year, period = year_and_period(subject)
    found = summaries.summary_of(partnership_id, year, period, audience.reader)
    if found is None:
        hidden = summaries.is_hidden(partnership_id, year, period, audience.reader)
        return "Utelämnas i den här versionen." if hidden else "Ingen är skriven. Rapporten säger det."
    if found.is_locked:
        return "Redan låst. Rättelser skrivs ut under den."
    return "Låses när rapporten utfärdas. Sedan kan den bara rättas."


def preview_url(slug: str, subject: str, audience: Audience) -> str:
    """Return the address of the preview."""
    year, period = year_and_period(subject)
    return version_url("reports.goal_fulfilment", audience, slug=slug, year=year, period=period.value)
