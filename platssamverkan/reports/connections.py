"""What the room tells the registry: its tab, issued documents in search and feed."""

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import Select, select

from platssamverkan.core.db import db
from platssamverkan.core.registry import Hit, Registry
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.partnerships.models import Partnership
from platssamverkan.reports.models import IssuedDocument


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(80, "Rapporter", "reports.index")
    registry.searches["issued_document"] = search_issued
    registry.feeds["issued_document"] = latest_issued


def _readable(partnership_id: int, reader: Reader, limit: int) -> Select[IssuedDocument, str, str]:
    return (
        select(IssuedDocument, Partnership.slug, Partnership.name)
        .join(Partnership, Partnership.id == IssuedDocument.partnership_id)
        .where(IssuedDocument.partnership_id == partnership_id, visible_to(IssuedDocument, reader))
        .order_by(IssuedDocument.issued_at.desc(), IssuedDocument.id.desc())
        .limit(limit)
    )


def _hits(statement: Select[IssuedDocument, str, str]) -> list[Hit]:
    return [
        Hit(
            kind="Utfärdat dokument",
            title=document.title,
            url=url_for("reports.issued", slug=slug, issued_id=document.id),
            text=f"Version {document.version}. Gjord för: {document.audience.label}.",
            at=document.issued_at,
            by=document.issued_by_function,
            partnership=name,
        )
        for document, slug, name in db.session.execute(statement)
    ]


def search_issued(partnership_id: int, reader: Reader, words: Sequence[str], limit: int) -> list[Hit]:
    """Return issued documents whose title or diary number holds all of `words`."""
    found = contains(" ".join(words), IssuedDocument.title, IssuedDocument.diary_number)
    return _hits(_readable(partnership_id, reader, limit).where(found))


def latest_issued(partnership_id: int, reader: Reader, limit: int) -> list[Hit]:
    """Return the documents issued last."""
    return _hits(_readable(partnership_id, reader, limit))
