"""The figures of the goal-fulfilment report as a file beside it: `underlag.csv` in the PDF."""

from collections.abc import Iterator
from datetime import time

from flask import url_for

from platssamverkan.core import clock
from platssamverkan.core.formatting import local_day
from platssamverkan.core.pdf import PdfAttachment
from platssamverkan.core.sheets import write_csv
from platssamverkan.goals import wording
from platssamverkan.reports.documents import site_url
from platssamverkan.reports.goal_fulfilment import Report

NAME = "underlag.csv"
HEAD = ("Avsnitt", "Benämning", "Period", "Värde", "Enhet", "I ord", "Mål", "Förbehåll", "Källa", "Adress")


def attachment(report: Report, slug: str) -> PdfAttachment:
    """Return the figures as a CSV file that Swedish spreadsheets open; the addresses lead to the site."""
    site = site_url().rstrip("/")
    found = (*_indicators(report, slug), *_measures(report, slug), *_events(report, slug), *_rest(report, slug))
    rows = [(*cells, f"{site}{path}") for *cells, path in found]
    return PdfAttachment(
        name=NAME,
        content=write_csv(HEAD, rows).encode(),
        description="Siffrorna i rapporten",
        created_at=clock.at_local(clock.today(), time(0)),
        relationship="Data",
    )


def _indicators(report: Report, slug: str) -> Iterator[tuple[object, ...]]:
    for indicator in report.indicators:
        url = url_for("goals.indicator", slug=slug, indicator_id=indicator.id)
        goals = report.goal_names([goal.id for goal in indicator.goals])
        for one in indicator.observations:
            # A rate is never told without what it was made of (DOMAIN 6.1, invariant 6).
            said = (wording.rate_text(one), one.direction.label if one.direction else "", one.statement)
            words = ", ".join(filter(None, said)) or None
            source = one.source.citation if one.source else one.origin
            period = wording.observed_period(one)
            yield (
                *("Indikator", indicator.name, period, one.value, indicator.unit, words, goals),
                *(" ".join(indicator.caveats), source, url),
            )


def _measures(report: Report, slug: str) -> Iterator[tuple[object, ...]]:
    for row in report.measures:
        measure = row.measure
        decided = "; ".join(decision.text.label for decision in row.decisions)
        url = url_for("measures.show", slug=slug, measure_id=measure.id)
        name = f"Åtgärd {measure.number}: {measure.title}"
        goals = report.goal_names(row.goal_ids)
        yield ("Åtgärd", name, row.closed_on, None, None, row.status or None, goals, "", decided, url)


def _events(report: Report, slug: str) -> Iterator[tuple[object, ...]]:
    for event in report.activations.events:
        goals = report.goal_names([goal.id for goal in event.goals])
        # A handful of people is not told as a figure (DOMAIN 9, R3).
        few = event.visitor_count is not None and 0 < event.visitor_count < 5
        number = None if few else event.visitor_count
        words = f"{event.status.label}, färre än 5 besök" if few else event.status.label
        yield (
            *("Platsaktivering", event.title, local_day(event.starts_at), number, "räknade besök", words, goals),
            *(event.count_method, event.organiser.name),
            url_for("activations.show", slug=slug, event_id=event.id),
        )


def _rest(report: Report, slug: str) -> Iterator[tuple[object, ...]]:
    for row in report.commitments:
        url = url_for("agreements.show", slug=slug, agreement_id=row.agreement_id)
        yield (
            "Åtagande",
            row.text,
            row.done_period,
            row.done_count,
            "gånger",
            row.done_note,
            "",
            "",
            row.agreement.title,
            url,
        )
