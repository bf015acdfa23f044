"""Text that only authorities may read, marked in the demo data: nobody else meets it, and each reading is logged."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Enum, String, func, select
from sqlalchemy.exc import DBAPIError
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from platssamverkan.agreements.models import Agreement, AgreementParty, Commitment
from platssamverkan.core.audit import AuditAction, AuditEntry
from platssamverkan.core.columns import Visible
from platssamverkan.core.db import Base, db
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import Goal, GoalAssessment, GoalVersion, Grade, ReportingPeriod
from platssamverkan.measures.models import CauseAnalysis, CauseKind, Maintenance, Measure, MeasureStatus, Problem
from platssamverkan.meetings.models import Decision, Meeting, MeetingState, MinutesCorrection, MinutesItem
from platssamverkan.reports.models import IssuedDocument, PeriodSummary
from tests.support.demo import close_site, open_site
from tests.support.pdf_check import pdf_text
from tests.support.site import Site

SECRET = "Hemligmarkering"
#: The mark of a text, with the table and the id of the row whose class it has.
MARK = re.compile(rf"{SECRET.lower()}\s+([a-z_]+)\s+(\d+)")
#: What the database says when a row can't be changed any more.
LOCKS = (
    "minutes are approved", "assessment is locked", "an assessed goal gets a new version", "the summary is locked",
)  # fmt: skip
#: Rows with text whose class is that of the row they belong to: the model, the key and the model of the whole.
PARTS = (
    (GoalVersion, "goal_id", Goal), (Commitment, "agreement_id", Agreement),
    (AgreementParty, "agreement_id", Agreement),
)  # fmt: skip


def text_kinds() -> list[Any]:
    """Return all kinds of rows that say who may read them, once the app has loaded every room. What is issued or
    corrected never changes; its room tests it."""
    return [
        mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Visible) and mapper.class_ not in {IssuedDocument, MinutesCorrection}
    ]


def add_kinds_the_demo_lacks(site: Site) -> None:
    """Add rows of the kinds that only people enter: a problem with its cause, maintenance, an assessment and so on."""
    with site.app.app_context():
        partnership_id = site.partnership_ids["platssamverkan-sergels-torg"]
        known = select(Measure.responsible_actor_id).where(Measure.responsible_actor_id.is_not(None))
        actor_id = db.session.scalars(known).first()
        for number in (901, 902):
            problem = Problem(
                partnership_id=partnership_id, number=number, text="Mörk trappa", consequences="Otrygghet"
            )
            cause = CauseAnalysis(problem=problem, number=1, kind=CauseKind.PHYSICAL, text="Trasig armatur")
            measure = Measure(
                partnership_id=partnership_id, number=number, title="Laga armaturen", cause=cause,
                responsible_actor_id=actor_id, status=MeasureStatus.ONGOING,
            )  # fmt: skip
            db.session.add_all(
                [measure, Maintenance(measure=measure, is_needed=False, reason="Armaturen håller länge")]
            )
        versions = select(GoalVersion).join(Goal).where(Goal.partnership_id == partnership_id).limit(2)
        for version in db.session.scalars(versions):
            assessment = GoalAssessment(
                goal_version_id=version.id, year=2026, period=ReportingPeriod.VB, grade=Grade.PARTIAL,
                motivation="Fler mår bra på torget", continued_work="Fortsätt så", lacks_evidence=True,
                assessed_on=date(2026, 11, 1), assessed_by_function="Handläggare",
            )  # fmt: skip
            db.session.add(assessment)
        open_item = select(MinutesItem.id).join(Meeting).where(Meeting.state != MeetingState.APPROVED).limit(1)
        db.session.add(Decision(item_id=db.session.scalar(open_item), number=901, text="Armaturen lagas"))
        for year in (2025, 2026):
            summary = PeriodSummary(
                partnership_id=partnership_id, year=year, period=ReportingPeriod.VB, text="Torget har blivit ljusare",
                written_on=date(2026, 11, 1), written_by_function="Handläggare",
            )  # fmt: skip
            db.session.add(summary)
        db.session.commit()


def mark_as_closed(site: Site) -> Counter[str]:
    """Close every other row of each kind that carries text, and mark its text and that of its parts. Returns the marked
    rows by table."""
    marked: Counter[str] = Counter()
    with site.app.app_context():
        for model in text_kinds():
            ids = db.session.scalars(select(model.id).order_by(model.id.desc())).all()
            for row_id in ids[::2]:
                marked[model.__tablename__] += close_row(model, row_id)
        for part, key, whole in PARTS:
            closed = select(whole.id).where(whole.visibility == Visibility.AUTHORITIES_ONLY)
            for row_id in db.session.scalars(select(part.id).where(getattr(part, key).in_(closed))).all():
                marked[part.__tablename__] += close_row(part, row_id)
    return marked


def close_row(model: Any, row_id: int) -> bool:
    """Close one row and mark its texts. False if it is locked, as approved minutes are: that is tested elsewhere."""
    row = db.session.get_one(model, row_id)
    texts = [
        column.key
        for column in model.__mapper__.columns
        if isinstance(column.type, String) and not isinstance(column.type, Enum)
        and (column.type.length or 1000) >= 60 and column.key != "seed_key" and not column.foreign_keys
    ]  # fmt: skip
    filled = [key for key in texts if getattr(row, key)]
    whole, whole_id = next(
        ((whole.__tablename__, getattr(row, key)) for part, key, whole in PARTS if part is model),
        (model.__tablename__, row_id),
    )
    try:
        with db.session.no_autoflush:
            if isinstance(row, Visible):
                row.visibility = Visibility.AUTHORITIES_ONLY
            for key in filled:
                setattr(row, key, f"{SECRET} {whole} {whole_id}.")
        db.session.commit()
    except DBAPIError as error:
        db.session.rollback()
        if not any(lock in str(error.orig) for lock in LOCKS):
            raise
        return False
    return bool(filled)


@pytest.fixture(scope="module")
def closed_site(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo with closed and marked text of every kind."""
    site = open_site(Path(shutil.copy(demo_file, tmp_path_factory.mktemp("leaks") / "site.sqlite3")))
    add_kinds_the_demo_lacks(site)
    marked = mark_as_closed(site)
    assert [model for model in text_kinds() if not marked[model.__tablename__]] == []
    assert marked.total() > 50
    yield site
    close_site(site)


@pytest.mark.parametrize("role", ["fastighetsagare", "lasare"])
def test_nothing_for_authorities_leaks_to_those_outside(closed_site: Site, role: str) -> None:
    outsider = closed_site.client(role)
    for rule in closed_site.rules("GET"):
        for address in read_addresses(closed_site, rule):
            text = shown(outsider.get(address))
            assert SECRET.lower() not in text, f"{role} reads closed text at {address}: {around(text)}"


def test_every_reading_of_text_for_authorities_is_logged(closed_site: Site) -> None:
    police = closed_site.client("polis")
    read = 0
    unlogged: list[str] = []
    for rule in closed_site.rules("GET"):
        for address in read_addresses(closed_site, rule):
            since = latest_entry(closed_site)
            text = shown(police.get(address))
            met = {(table, int(row_id)) for table, row_id in MARK.findall(text)}
            read += bool(met)
            missing = met - logged_since(closed_site, since)
            if missing:
                unlogged.append(f"{address}: {sorted(missing)}")
    assert unlogged == []
    assert read > 80


def latest_entry(site: Site) -> int:
    """Return the id of the last entry of the change log."""
    with site.app.app_context():
        return db.session.scalar(select(func.max(AuditEntry.id))) or 0


def logged_since(site: Site, since: int) -> set[tuple[str, int]]:
    """Return (table, id) of the rows that the change log says were read after the entry `since`."""
    later = select(AuditEntry).where(AuditEntry.id > since, AuditEntry.action == AuditAction.READ)
    with site.app.app_context():
        return {(entry.table_name, row_id) for entry in db.session.scalars(later) for row_id in entry.changes["ids"]}


def read_addresses(site: Site, rule: Rule) -> Iterator[str]:
    """Yield where text of the rule can be read: its pages, its lists as files, and the search for the mark."""
    for _slug, address in site.addresses(rule):
        yield address
        if rule.endpoint.endswith((".index", "goals.listing", "goals.indicators", "goals.indicator")):
            yield f"{address}?format=csv&antal=100"
    if rule.endpoint == "overview.search":
        yield f"/sok?q={SECRET.lower()}"


def around(text: str) -> str:
    """Return the text on both sides of the mark."""
    place = text.index(SECRET.lower())
    return text[max(0, place - 120) : place + 60]


def shown(response: TestResponse) -> str:
    """Return the text of a page, a file or a PDF in lower case, without the words that were searched for."""
    if response.status_code >= 400:
        return ""
    if response.mimetype == "application/pdf":
        return pdf_text(response.get_data()).lower()
    text = response.get_data(as_text=True).lower()
    return text.replace(f"sok?q={SECRET.lower()}", "").replace(f'value="{SECRET.lower()}"', "")
