"""Samverkansutställningen as one A4 page (DOMAIN 7.3), for one audience."""

import re
from datetime import timedelta
from typing import Any

from flask import current_app, url_for
from sqlalchemy import func, not_, select

from platssamverkan.activations.models import ActivationEvent, EventStatus
from platssamverkan.activations.queries import in_reach
from platssamverkan.briefings import limits
from platssamverkan.briefings.models import Briefing, BriefingItem, BriefingState, StaffingEntry
from platssamverkan.briefings.sheet import handed_over, sheet_of
from platssamverkan.core import clock
from platssamverkan.core.db import db, one_or_404
from platssamverkan.core.errors import DomainError
from platssamverkan.core.formatting import day
from platssamverkan.core.visibility import Audience, Reader, visible_to
from platssamverkan.partnerships.models import Partnership
from platssamverkan.reports.documents import Content, version_url
from platssamverkan.reports.subjects import row_id

#: Type sizes in tenths of a point, tried in turn until all is on one page. The two largest are for evenings with few
#: lines: a sheet on a wall is read from a distance. All that the forms allow fits in the next three; the rest are for
#: what was written under other limits, so that no line is ever lost or left for a second page.
SIZES = (
    "size-130",
    "size-115",
    "size-100",
    "size-90",
    "size-85",
    "size-80",
    "size-75",
    "size-70",
    "size-60",
    "size-50",
)
#: So many lines that earlier briefings handed over are printed; of the others the sheet tells the number.
RECEIVED_PRINTED = 2


#: No word is so long: what is may be broken anywhere, so that it takes no more room than its letters.
NO_WORD = re.compile(r"\S{33,}")
ZERO_WIDTH_SPACE = "\u200b"


def breakable(text: str | None) -> str:
    """Return `text` with places to break in what is too long for a word."""
    return NO_WORD.sub(lambda found: ZERO_WIDTH_SPACE.join(re.findall(".{1,8}", found[0])), text or "")


def collect(partnership: Partnership, subject: str, audience: Audience) -> Content:
    """Return the sheet of "briefing:7" for `audience`; 404 when the partnership has no such briefing."""
    sheet = sheet_of(row_id(subject, "briefing"), partnership.id, audience.reader)
    label = str(current_app.config["BRIEFING_LABEL"]).capitalize()
    place = ", ".join(place.name for place in partnership.places) or partnership.name
    heading, when = f"{label} {place}", day(sheet.briefing.starts_at)
    return Content(
        title=f"{heading}, {when}",
        context={
            "heading": heading,
            "sheet": sheet,
            "received": sheet.received[:RECEIVED_PRINTED],
            "received_more": max(0, len(sheet.received) - RECEIVED_PRINTED),
            "cut": limits.cut,
            "limits": limits,
            "breakable": breakable,
        },
        is_draft=sheet.briefing.state in {BriefingState.PLANNED, BriefingState.OPEN},
        left_out=_left_out(sheet.briefing, audience.reader),
        record_url=url_for("briefings.show", slug=partnership.slug, briefing_id=sheet.briefing.id),
    )


def _left_out(briefing: Briefing, reader: Reader) -> int:
    """Return how many lines, own and received, staffing rows and events are kept from the reader. One query."""
    here = clock.to_local(briefing.starts_at).date()
    start, end = clock.day_bounds(here, here + timedelta(days=limits.DAYS_AHEAD))
    received = (
        select(func.count(BriefingItem.id))
        .join(Briefing, Briefing.id == BriefingItem.briefing_id)
        .where(handed_over(briefing.partnership_id, briefing.starts_at))
        .where(not_(visible_to(BriefingItem, reader)))
    )
    counts = [
        select(func.count()).select_from(model).where(model.briefing_id == briefing.id, not_(visible_to(model, reader)))
        for model in (BriefingItem, StaffingEntry)
    ]
    events = select(func.count(ActivationEvent.id)).where(
        in_reach(),
        ActivationEvent.starts_at < end,
        ActivationEvent.ends_at > start,
        ActivationEvent.status != EventStatus.CANCELLED,
        not_(visible_to(ActivationEvent, reader)),
    )
    total: Any = sum(statement.scalar_subquery() for statement in (events, received, *counts))
    return int(db.session.scalar(select(total), {"partnership_id": briefing.partnership_id}) or 0)


def check_ready(partnership_id: int, subject: str) -> None:
    """Raise DomainError unless the briefing has been held and ended."""
    statement = select(Briefing.state).where(
        Briefing.id == row_id(subject, "briefing"), Briefing.partnership_id == partnership_id
    )
    if one_or_404(statement) is not BriefingState.HELD:
        raise DomainError("Utställningen är inte avslutad. Avsluta den på dess sida, och utfärda bladet sedan.")


def which(partnership_id: int, subject: str) -> str:
    """Return the day, "22 november 2026". One query."""
    statement = select(Briefing.starts_at).where(
        Briefing.id == row_id(subject, "briefing"), Briefing.partnership_id == partnership_id
    )
    return day(one_or_404(statement))


def preview_url(slug: str, subject: str, audience: Audience) -> str:
    """Return the address of the preview."""
    return version_url("reports.briefing", audience, slug=slug, briefing_id=row_id(subject, "briefing"))
