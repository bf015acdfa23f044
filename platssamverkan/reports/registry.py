"""The documents that the program makes: kind → title, query, template, who may issue it, audiences."""

from flask import abort

from platssamverkan.core.visibility import Audience, Reader, audiences_for
from platssamverkan.partnerships.roles import Permission
from platssamverkan.reports import briefing_sheet, goal_fulfilment_queries, minutes
from platssamverkan.reports.documents import DocumentKind

EVERYONE = (Audience.PARTNERSHIP, Audience.AUTHORITIES, Audience.PUBLIC)

GOAL_FULFILMENT = DocumentKind(
    key="goal-fulfilment",
    name="Måluppfyllelserapport",
    template="reports/goal_fulfilment.html",
    permission=Permission.ISSUE_REPORTS,
    audiences=EVERYONE,
    collect=goal_fulfilment_queries.collect,
    check_ready=goal_fulfilment_queries.check_ready,
    which=goal_fulfilment_queries.which,
    preview_url=goal_fulfilment_queries.preview_url,
    lock_with=goal_fulfilment_queries.lock_with,
    issue_note=goal_fulfilment_queries.issue_note,
)
MINUTES = DocumentKind(
    key="minutes",
    name="Minnesanteckningar",
    template="reports/minutes.html",
    permission=Permission.MANAGE_MEETINGS,
    audiences=EVERYONE,
    collect=minutes.collect,
    check_ready=minutes.check_ready,
    which=minutes.which,
    preview_url=minutes.preview_url,
)
BRIEFING = DocumentKind(
    key="briefing",
    name="Samverkansutställning",
    template="reports/briefing.html",
    permission=Permission.ISSUE_REPORTS,
    # Staffing and planned police work are never public (DOMAIN 9, R7).
    audiences=(Audience.PARTNERSHIP, Audience.AUTHORITIES),
    collect=briefing_sheet.collect,
    check_ready=briefing_sheet.check_ready,
    which=briefing_sheet.which,
    preview_url=briefing_sheet.preview_url,
    one_page_sizes=briefing_sheet.SIZES,
)
KINDS: dict[str, DocumentKind] = {kind.key: kind for kind in (GOAL_FULFILMENT, MINUTES, BRIEFING)}


def chosen_audience(kind: DocumentKind, wish: str | None, reader: Reader) -> Audience:
    """Return the audience wished for, or all actors in the partnership when none is.

    404 when no such version is ever made, 403 when it would hold more than `reader` may see.
    """
    if not wish:
        return Audience.PARTNERSHIP
    if wish not in {audience.value for audience in kind.audiences}:
        abort(404)
    audience = Audience(wish)
    if audience not in audiences_for(reader):
        abort(403)
    return audience


def audiences_offered(kind: DocumentKind, reader: Reader) -> list[Audience]:
    """Return the audiences that `reader` may make the document for."""
    return [audience for audience in kind.audiences if audience in audiences_for(reader)]
