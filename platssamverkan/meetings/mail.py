"""The mail that minutes are approved: sent to those in the partnership who want it. Drafts are told of to nobody."""

from sqlalchemy import select

from platssamverkan.core import clock, outbox
from platssamverkan.core.db import db
from platssamverkan.core.formatting import FILTERS
from platssamverkan.core.registry import MailText, MailTopic
from platssamverkan.meetings.models import Meeting, MeetingState
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.readers import reader_in, readers_of

TOPIC = "minutes"


def tell_approved(meeting: Meeting, *, by_user_id: int | None) -> None:
    """Let the partnership know that the minutes are approved, all but the user who did it. Does not commit."""
    outbox.tell(TOPIC, meeting.id, readers_of(meeting.partnership_id, clock.today()), but=by_user_id)


def compose(meeting_id: int, user_id: int) -> MailText | None:
    """Return the mail, or None when the minutes are not approved or the user does not belong here. Two queries."""
    statement = (
        select(Meeting.kind, Meeting.starts_at, Partnership.id, Partnership.slug, Partnership.name)
        .join(Partnership, Partnership.id == Meeting.partnership_id)
        .where(Meeting.id == meeting_id, Meeting.state == MeetingState.APPROVED)
    )
    found = db.session.execute(statement).one_or_none()
    if found is None or reader_in(found.id, user_id, clock.today()) is None:
        return None
    day = FILTERS["day"](found.starts_at)
    return MailText(
        subject=f"{found.name}: minnesanteckningar från {day}",
        lines=[
            f"Minnesanteckningarna från mötet {day} i {found.name} är godkända.",
            f"Möte: {found.kind.label}",
        ],
        links=[("Läs anteckningarna:", outbox.path_to("meetings.show", slug=found.slug, meeting_id=meeting_id))],
    )


TOPIC_OF_MINUTES = MailTopic(
    label="Godkända minnesanteckningar",
    when="När minnesanteckningarna från ett möte har godkänts",
    is_on=True,
    compose=compose,
)
