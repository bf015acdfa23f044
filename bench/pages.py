"""Which pages are measured, and how many times the floor each may cost."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, url_for
from sqlalchemy import func, select

from platssamverkan.activations.models import ActivationEvent
from platssamverkan.agreements.models import Agreement
from platssamverkan.briefings.models import Briefing
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.demo.bench_base import SLUG
from platssamverkan.goals.models import Goal, Indicator
from platssamverkan.measures.models import Measure
from platssamverkan.meetings.models import Meeting

LIST, SINGLE, OVERVIEW = 3.0, 3.0, 4.0
#: As in the address of a list: the most rows that a page has.
ROWS: dict[str, Any] = {"antal": 100}


@dataclass(frozen=True)
class Page:
    """One page; `aim` is None where none is set."""

    name: str
    path: str
    aim: float | None


#: Name, endpoint.
LISTS = (
    ("Åtgärder, 100 rader", "measures.index"),
    ("Möten, 100 rader", "meetings.index"),
    ("Utställningar, 100 rader", "briefings.index"),
    ("Platsaktivering, 100 rader", "activations.index"),
    ("Indikatorer", "goals.indicators"),
    ("Åtaganden", "commitments.index"),
    ("Avtal", "agreements.index"),
    ("Mål", "goals.index"),
    ("Historik", "overview.history"),
    ("Aktörer", "actors.index"),
    ("Rapporter", "reports.index"),
)
#: Name, endpoint, model whose middle row is shown, and the argument that takes its id.
SINGLES: tuple[tuple[str, str, Any, str], ...] = (
    ("En utställning", "briefings.show", Briefing, "briefing_id"),
    ("En åtgärd", "measures.show", Measure, "measure_id"),
    ("Ett möte", "meetings.show", Meeting, "meeting_id"),
    ("En platsaktivering", "activations.show", ActivationEvent, "event_id"),
    ("Ett mål", "goals.show", Goal, "goal_id"),
    ("En indikator", "goals.indicator", Indicator, "indicator_id"),
    ("Ett avtal", "agreements.show", Agreement, "agreement_id"),
)


def pages(app: Flask) -> list[Page]:
    """Return the pages with their addresses. Raises BuildError when a view has gone."""
    year = clock.today().year - 1
    with app.test_request_context():
        found = [Page("Överblick", url_for("overview.show", slug=SLUG), OVERVIEW)]
        found += [Page(name, url_for(endpoint, slug=SLUG, **ROWS), LIST) for name, endpoint in LISTS]
        for name, endpoint, model, argument in SINGLES:
            values: dict[str, Any] = {"slug": SLUG, argument: _middle_id(model)}
            found.append(Page(name, url_for(endpoint, **values), SINGLE))
        report = url_for("reports.goal_fulfilment", slug=SLUG, year=year, period="vb")
        found.append(Page("Måluppfyllelserapport, HTML", report, None))
    return found


def report_pdf(app: Flask) -> str:
    """Return the address of last year's goal-fulfilment report as PDF."""
    with app.test_request_context():
        return url_for("reports.goal_fulfilment_pdf", slug=SLUG, year=clock.today().year - 1, period="vb")


def _middle_id(model: Any) -> int:
    """Return the id of a row in the middle, neither the first nor the last that was made."""
    count = db.session.scalar(select(func.count()).select_from(model)) or 0
    row_id = db.session.scalar(select(model.id).order_by(model.id).offset(count // 2).limit(1))
    return int(row_id or 0)
