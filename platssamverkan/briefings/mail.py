"""The mail that a sheet is ready: sent to those in the partnership who want it, when a briefing has been closed."""

from flask import current_app
from sqlalchemy import select

from platssamverkan.briefings.models import Briefing, BriefingState
from platssamverkan.core import clock, outbox
from platssamverkan.core.db import db
from platssamverkan.core.formatting import FILTERS
from platssamverkan.core.registry import MailText, MailTopic
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.readers import reader_in, readers_of

TOPIC = "briefings"


def tell_closed(briefing: Briefing, *, by_user_id: int | None) -> None:
    """Let the partnership know that the sheet is ready, all but the user who closed it. Does not commit."""
    readers = readers_of(briefing.partnership_id, clock.today())
    outbox.tell(TOPIC, briefing.id, readers, but=by_user_id)


def take_back(briefing: Briefing) -> None:
    """Tell nobody of a briefing that is open again. Does not commit."""
    outbox.withdraw(TOPIC, briefing.id)


def compose(briefing_id: int, user_id: int) -> MailText | None:
    """Return the mail, or None when the briefing is not closed or the user does not belong here. Two queries."""
    statement = (
        select(Briefing.starts_at, Partnership.id, Partnership.slug, Partnership.name)
        .join(Partnership, Partnership.id == Briefing.partnership_id)
        .where(Briefing.id == briefing_id, Briefing.state == BriefingState.HELD)
    )
    found = db.session.execute(statement).one_or_none()
    if found is None or reader_in(found.id, user_id, clock.today()) is None:
        return None
    day = FILTERS["day"](found.starts_at)
    label = str(current_app.config["BRIEFING_LABEL"])
    return MailText(
        subject=f"{found.name}: {label} {day}",
        lines=[f"Utställningen {day} i {found.name} är avslutad och klar att läsa."],
        links=[("Läs utställningen:", outbox.path_to("briefings.show", slug=found.slug, briefing_id=briefing_id))],
    )


TOPIC_OF_BRIEFINGS = MailTopic(
    label="Avslutade utställningar",
    when="När en utställning har avslutats och är klar att läsa",
    is_on=False,
    compose=compose,
)
