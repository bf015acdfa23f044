"""Issuing: a document is made once, stored with its sum, and from then on served as it was."""

import hashlib

from platssamverkan.core import clock
from platssamverkan.core.db import db, next_number
from platssamverkan.core.errors import DomainError
from platssamverkan.core.visibility import Audience, Visibility
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.services import lock_partnership
from platssamverkan.reports.documents import DocumentKind, Stamp, make, pdf_of
from platssamverkan.reports.models import IssuedDocument

#: Who may read the stored file: the audience that it was made for.
VISIBILITY = {
    Audience.PUBLIC: Visibility.PUBLIC,
    Audience.PARTNERSHIP: Visibility.PARTNERSHIP,
    Audience.AUTHORITIES: Visibility.AUTHORITIES_ONLY,
}


def issue(
    *,
    kind: DocumentKind,
    partnership: Partnership,
    subject: str,
    audience: Audience,
    diary_number: str | None,
    function: str,
    actor_id: int | None,
) -> IssuedDocument:
    """Make the PDF and store it as the next version. Flushes, does not commit.

    :raises DomainError: when what it is made from is not approved, or someone issued the same version meanwhile; the
        sentence says what to do
    :raises StaleDataError: when a text that it prints was changed while the file was made
    """
    kind.check_ready(partnership.id, subject)
    version = next_version(kind, partnership.id, subject, audience)
    document = make(kind, partnership, subject, audience)
    stamp = Stamp(version, diary_number or None, function, clock.today())
    content = pdf_of(document, stamp=stamp)
    # Making the file takes its time; only from here on the others wait.
    lock_partnership(partnership.id)
    if next_version(kind, partnership.id, subject, audience) != version:
        raise DomainError(f"Någon annan utfärdade version {version} under tiden. Läs den innan du utfärdar en ny.")
    if kind.lock_with is not None:
        kind.lock_with(document, function)
    issued = IssuedDocument(
        partnership_id=partnership.id,
        kind=kind.key,
        subject=subject,
        title=document.content.title[:200],
        audience=audience,
        version=version,
        diary_number=diary_number or None,
        issued_at=clock.now(),
        issued_by_function=function,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content=content,
        visibility=VISIBILITY[audience],
        owner_actor_id=actor_id,
    )
    db.session.add(issued)
    db.session.flush()
    return issued


def next_version(kind: DocumentKind, partnership_id: int, subject: str, audience: Audience) -> int:
    """Return the number that the next issue gets; each audience's versions are counted by themselves."""
    return next_number(
        IssuedDocument.version,
        IssuedDocument.partnership_id == partnership_id,
        IssuedDocument.kind == kind.key,
        IssuedDocument.subject == subject,
        IssuedDocument.audience == audience,
    )
