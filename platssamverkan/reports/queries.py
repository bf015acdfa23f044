"""What the room's own pages read: what can be made, and what has been issued."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, select
from sqlalchemy.orm import joinedload, undefer

from platssamverkan.briefings.models import Briefing, BriefingState
from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404, prepared, rows, swedish
from platssamverkan.core.formatting import local_day
from platssamverkan.core.sources import Source
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Audience, Reader, visible_to
from platssamverkan.goals.models import ReportingPeriod
from platssamverkan.meetings.models import Meeting, MeetingState
from platssamverkan.reports.models import IssuedDocument, OfficialReport
from platssamverkan.reports.registry import KINDS

#: So many of the latest meetings and briefings are offered on the first page; older ones have links of their own.
OFFERED = 5


@prepared
def _meetings_with_minutes() -> Select[*tuple[Any, ...]]:
    return (
        select(Meeting.id, Meeting.kind, Meeting.starts_at, Meeting.state)
        .where(Meeting.partnership_id == bindparam("partnership_id"))
        .where(Meeting.state.in_([MeetingState.HELD, MeetingState.APPROVED]))
        .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
        .limit(OFFERED)
    )


def latest_meetings(partnership_id: int) -> Sequence[Row[Any]]:
    """Return id, kind, starts_at and state of the latest meetings with minutes, newest first. One query."""
    return list(db.session.execute(_meetings_with_minutes(), {"partnership_id": partnership_id}))


@prepared
def _briefings_with_sheet() -> Select[*tuple[Any, ...]]:
    return (
        select(Briefing.id, Briefing.starts_at, Briefing.state)
        .where(Briefing.partnership_id == bindparam("partnership_id"))
        .where(Briefing.state.in_([BriefingState.OPEN, BriefingState.HELD]))
        .order_by(Briefing.starts_at.desc(), Briefing.id.desc())
        .limit(OFFERED)
    )


def latest_briefings(partnership_id: int) -> Sequence[Row[Any]]:
    """Return id, starts_at and state of the latest briefings that go on or were held, newest first. One query."""
    return list(db.session.execute(_briefings_with_sheet(), {"partnership_id": partnership_id}))


def recent_periods() -> list[tuple[int, ReportingPeriod]]:
    """Return the report periods of this year that have begun and those of last year, newest first."""
    today = clock.today()
    found = [(year, period) for year in (today.year, today.year - 1) for period in reversed(ReportingPeriod)]
    return [one for one in found if one[1].days(one[0])[1].year < today.year or _has_begun(*one)]


def _has_begun(year: int, period: ReportingPeriod) -> bool:
    months = {ReportingPeriod.T1: 1, ReportingPeriod.T2: 5, ReportingPeriod.VB: 9}
    today = clock.today()
    return (today.year, today.month) >= (year, months[period])


def issued_list(partnership_id: int, reader: Reader) -> tuple[Any, ListSpec]:
    """Return the statement and the look of the list of issued documents."""
    statement = select(IssuedDocument).where(
        IssuedDocument.partnership_id == partnership_id, visible_to(IssuedDocument, reader)
    )
    names = {kind.key: kind.name for kind in KINDS.values()}
    spec = ListSpec(
        id="issued",
        noun_singular="utfärdat dokument",
        noun_plural="utfärdade dokument",
        columns=[
            Column("title", "Dokument", IssuedDocument.title, value=lambda row: row.title),
            Column("kind", "Slag", case(names, value=IssuedDocument.kind), value=lambda row: names[row.kind]),
            Column("audience", "Gjort för", IssuedDocument.audience, value=lambda row: row.audience.label),
            Column("version", "Version", IssuedDocument.version, numeric=True, value=lambda row: row.version),
            Column("dnr", "Dnr", IssuedDocument.diary_number, value=lambda row: row.diary_number),
            Column("day", "Utfärdat", IssuedDocument.issued_at, value=lambda row: local_day(row.issued_at)),
            Column("by", "Fastställt av", IssuedDocument.issued_by_function, value=lambda row: row.issued_by_function),
        ],
        filters=[
            Filter("q", "Sök titel eller dnr", _words, kind="search"),
            Filter("slag", "Slag", lambda value: IssuedDocument.kind == value, choices=list(names.items())),
            Filter(
                "gjort-for",
                "Gjort för",
                lambda value: IssuedDocument.audience == Audience(value),
                choices=[(audience.value, audience.label) for audience in Audience],
            ),
        ],
        default_sort="day",
        default_descending=True,
        tie=IssuedDocument.id.desc(),
    )
    return statement, spec


def _words(text: str) -> Any:
    return contains(text, IssuedDocument.title, IssuedDocument.diary_number)


def issued_or_404(issued_id: int, partnership_id: int, reader: Reader) -> IssuedDocument:
    """Return the issued document with its bytes; 404 when missing or not for the reader."""
    statement = (
        select(IssuedDocument)
        .where(IssuedDocument.id == issued_id, IssuedDocument.partnership_id == partnership_id)
        .where(visible_to(IssuedDocument, reader))
        .options(undefer(IssuedDocument.content))
    )
    return one_or_404(statement)


def earlier_issues(partnership_id: int, kind: str, subject: str, reader: Reader) -> list[IssuedDocument]:
    """Return what has been issued of one subject, newest first. One query."""
    statement = (
        select(IssuedDocument)
        .where(IssuedDocument.partnership_id == partnership_id, visible_to(IssuedDocument, reader))
        .where(IssuedDocument.kind == kind, IssuedDocument.subject == subject)
        .order_by(IssuedDocument.issued_at.desc(), IssuedDocument.id.desc())
    )
    return rows(statement)


def sources() -> list[Source]:
    """Return the documents that rows rest on, by title. One query."""
    return rows(select(Source).order_by(swedish(Source.title)))


def official_reports() -> list[OfficialReport]:
    """Return the official reports among them. One query."""
    return rows(select(OfficialReport).order_by(OfficialReport.id).options(joinedload(OfficialReport.source)))
