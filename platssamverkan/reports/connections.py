"""What the room tells the registry: its tab, issued documents in search and feed."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import Row, Select, bindparam, select

from platssamverkan.core.db import db, first_of_each, prepared
from platssamverkan.core.registry import Hit, Mention, Registry, Window, in_window
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, Readers, in_each, visible_to
from platssamverkan.goals.models import ReportingPeriod
from platssamverkan.partnerships.models import Partnership
from platssamverkan.reports.models import IssuedDocument
from platssamverkan.reports.registry import GOAL_FULFILMENT


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(80, "Rapporter", "reports.index")
    registry.searches["issued_document"] = search_issued
    registry.feeds["issued_document"] = latest_issued
    registry.names["issued_document"] = issued_names
    registry.questions["has_issued_report"] = has_issued_report


def has_issued_report(partnership_ids: Collection[int], day: date) -> bool:
    """Say whether any of the partnerships has issued a goal-fulfilment report that covers the local `day`. One
    query."""
    periods = [period for period in ReportingPeriod if day <= period.days(day.year)[1]]
    reports = select(IssuedDocument.id).where(
        IssuedDocument.kind == GOAL_FULFILMENT.key,
        IssuedDocument.subject.in_([f"{day.year}-{period.value}" for period in periods]),
        IssuedDocument.partnership_id.in_(sorted(partnership_ids)),
    )
    return db.session.scalar(reports.limit(1)) is not None


_NEWEST = IssuedDocument.issued_at.desc(), IssuedDocument.id.desc()


def _documents() -> Select[*tuple[Any, ...]]:
    return (
        select(IssuedDocument.id, IssuedDocument.title, IssuedDocument.version, IssuedDocument.audience)
        .add_columns(IssuedDocument.issued_at, IssuedDocument.issued_by_function)
        .add_columns(IssuedDocument.partnership_id, Partnership.slug)
        .join(Partnership, Partnership.id == IssuedDocument.partnership_id)
    )


@prepared
def _readable(reader: Reader) -> Select[*tuple[Any, ...]]:
    return (
        _documents()
        .where(IssuedDocument.partnership_id == bindparam("partnership_id"), visible_to(IssuedDocument, reader))
        .order_by(*_NEWEST)
        .limit(bindparam("most"))
    )


@prepared
def _issued(reader: Reader) -> Select[*tuple[Any, ...]]:
    return _readable(reader).where(in_window(IssuedDocument.issued_at))


def _hits(documents: Sequence[Row[Any]]) -> list[Hit]:
    return [
        Hit(
            kind="Utfärdat dokument",
            title=document.title,
            url=url_for("reports.issued", slug=document.slug, issued_id=document.id),
            text=f"Version {document.version}. Gjord för: {document.audience.label}.",
            at=document.issued_at,
            by=document.issued_by_function,
            partnership_id=document.partnership_id,
        )
        for document in documents
    ]


def issued_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Return the id of an issued document → its title and page."""
    wanted = _readable(reader).where(IssuedDocument.id.in_(ids))
    found = db.session.execute(wanted, {"partnership_id": partnership_id, "most": len(ids)})
    return {
        row.id: Mention(
            f"{row.title}, version {row.version}", url_for("reports.issued", slug=row.slug, issued_id=row.id)
        )
        for row in found
    }


def search_issued(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    """Return issued documents whose title or diary number holds all of `words`."""
    statement = (
        _documents()
        .where(in_each(readers, IssuedDocument.partnership_id, lambda reader: visible_to(IssuedDocument, reader)))
        .where(contains(" ".join(words), IssuedDocument.title, IssuedDocument.diary_number))
    )
    newest = first_of_each(statement, IssuedDocument.id, IssuedDocument.partnership_id, *_NEWEST, most=limit)
    return _hits(db.session.execute(newest).all())


def latest_issued(partnership_id: int, reader: Reader, window: Window) -> list[Hit]:
    """Return the documents issued last."""
    return _hits(db.session.execute(_issued(reader), window.values(partnership_id)).all())
