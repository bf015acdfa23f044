"""Minnesanteckningar from a meeting (DOMAIN 7.1), for one audience."""

from flask import abort, url_for
from sqlalchemy import func, not_, select

from platssamverkan.core.db import db, one_or_404
from platssamverkan.core.errors import DomainError
from platssamverkan.core.formatting import day
from platssamverkan.core.visibility import Audience, Reader, visible_to
from platssamverkan.measures.models import Measure
from platssamverkan.meetings.minutes import Minutes
from platssamverkan.meetings.models import Meeting, MeetingState, decision_measure
from platssamverkan.meetings.paragraphs import first_paragraph
from platssamverkan.meetings.queries import briefing_lines, minutes_document
from platssamverkan.partnerships.models import MeetingKind, Partnership
from platssamverkan.reports.documents import Content, version_url
from platssamverkan.reports.subjects import row_id

NAMES = {MeetingKind.STRATEGIC_FORUM: "Minnesanteckningar från strategiskt samverkansforum"}


def _next(meeting: Meeting) -> Meeting | None:
    """Return the meeting of the same kind that comes after this one, if it is planned."""
    statement = (
        select(Meeting)
        .where(Meeting.partnership_id == meeting.partnership_id, Meeting.kind == meeting.kind)
        .where(Meeting.starts_at > meeting.starts_at, Meeting.state != MeetingState.CANCELLED)
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
    )
    found: Meeting | None = db.session.scalar(statement)
    return found


def _hidden_measures(minutes: Minutes, reader: Reader) -> int:
    """Return how many measures of the printed decisions the reader is not shown. One query."""
    statement = (
        select(func.count(Measure.id.distinct()))
        .join(decision_measure, decision_measure.c.measure_id == Measure.id)
        .where(decision_measure.c.decision_id.in_([row.decision.id for row in minutes.decisions]))
        .where(not_(visible_to(Measure, reader)))
    )
    return int(db.session.scalar(statement) or 0)


def _left_out_numbers(minutes: Minutes) -> list[int]:
    """Return the §§ that this audience's version lacks."""
    first = first_paragraph(minutes.meeting)
    shown = {paragraph.number for paragraph in minutes.paragraphs}
    return [number for number in range(first, first + minutes.item_count) if number not in shown]


def collect(partnership: Partnership, subject: str, audience: Audience) -> Content:
    """Return the minutes of "meeting:12" for `audience`; 404 when there is no such meeting, or it was cancelled."""
    minutes = minutes_document(row_id(subject, "meeting"), partnership.id, audience.reader)
    if minutes.meeting.state is MeetingState.CANCELLED:
        abort(404)
    raised = [one.item.briefing_item_id for one in minutes.paragraphs if one.item.briefing_item_id]
    name = NAMES.get(minutes.meeting.kind, f"Minnesanteckningar, {minutes.meeting.kind.label.lower()}")
    return Content(
        title=f"{name} {day(minutes.on)}",
        context={
            "minutes": minutes,
            "origins": briefing_lines(partnership.id, raised, audience.reader),
            "missing_numbers": _left_out_numbers(minutes),
            "next_meeting": _next(minutes.meeting),
        },
        is_draft=not minutes.meeting.is_locked,
        left_out=minutes.left_out + _hidden_measures(minutes, audience.reader),
        record_url=url_for("meetings.show", slug=partnership.slug, meeting_id=minutes.meeting.id),
    )


def check_ready(partnership_id: int, subject: str) -> None:
    """Raise DomainError unless the minutes are approved."""
    statement = select(Meeting.state).where(
        Meeting.id == row_id(subject, "meeting"), Meeting.partnership_id == partnership_id
    )
    if one_or_404(statement) is not MeetingState.APPROVED:
        raise DomainError("Minnesanteckningarna är inte godkända. Godkänn dem på mötets sida, och utfärda dem sedan.")


def which(partnership_id: int, subject: str) -> str:
    """Return "Strategiskt samverkansforum 22 november 2026". One query."""
    meeting = one_or_404(
        select(Meeting).where(Meeting.id == row_id(subject, "meeting"), Meeting.partnership_id == partnership_id)
    )
    return f"{meeting.kind.label} {day(meeting.starts_at)}"


def preview_url(slug: str, subject: str, audience: Audience) -> str:
    """Return the address of the preview."""
    return version_url("reports.minutes", audience, slug=slug, meeting_id=row_id(subject, "meeting"))
