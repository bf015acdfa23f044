"""The reminder of measures whose day has passed: one a week at most to each user of the actor that answers for them."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from platssamverkan.core import clock, outbox
from platssamverkan.core.db import db, rows
from platssamverkan.core.formatting import FILTERS
from platssamverkan.core.registry import MailText, MailTopic
from platssamverkan.core.visibility import Reader
from platssamverkan.measures.models import Measure
from platssamverkan.measures.queries import is_open, overdue_select
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.readers import reader_in, readers_of

TOPIC = "reminders"
EVERY = timedelta(days=7)
#: So many measures are named; the rest are found on the page that lists them.
NAMED = 10


def remind() -> int:
    """Put this week's reminders in the outbox and return how many. Three queries for each active partnership with a
    measure whose day has passed. Does not commit."""
    today = clock.today()
    late = (
        select(Measure.partnership_id)
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .where(Partnership.is_active, Measure.due_on < today, is_open(), Measure.responsible_actor_id.is_not(None))
        .distinct()
        .order_by(Measure.partnership_id)
    )
    return sum(_remind_in(partnership_id) for partnership_id in db.session.scalars(late).all())


def _remind_in(partnership_id: int) -> int:
    today = clock.today()
    late = rows(select(Measure).where(Measure.partnership_id == partnership_id, Measure.due_on < today, is_open()))
    # A little less than a week, so that the day's reminder does not slip because the worker was quicker this time.
    told = outbox.told_since(TOPIC, partnership_id, clock.now() - EVERY + timedelta(hours=1))
    users = [
        user_id
        for user_id, reader in readers_of(partnership_id, today).items()
        if user_id not in told and any(_concerns(measure, reader) for measure in late)
    ]
    return outbox.tell(TOPIC, partnership_id, users)


def _concerns(measure: Measure, reader: Reader) -> bool:
    return measure.responsible_actor_id in reader.actor_ids and reader.may_read(
        measure.visibility, measure.owner_actor_id
    )


def compose(partnership_id: int, user_id: int) -> MailText | None:
    """Return the reminder, or None when no measure of the user's own actors is late any more. Three queries."""
    today = clock.today()
    reader = reader_in(partnership_id, user_id, today)
    found = db.session.execute(
        select(Partnership.slug, Partnership.name).where(Partnership.id == partnership_id, Partnership.is_active)
    ).one_or_none()
    if reader is None or found is None:
        return None
    own = Measure.responsible_actor_id.in_(sorted(reader.actor_ids))
    late = rows(overdue_select(partnership_id, reader, today).where(own).order_by(Measure.due_on, Measure.number))
    if not late:
        return None
    return MailText(
        subject=f"{found.name}: {_count(late)} skulle ha varit {'klar' if len(late) == 1 else 'klara'}",
        lines=[_sentence(late, found.name)],
        links=[*(_link(measure, found.slug) for measure in late[:NAMED]), *_rest(late, found.slug)],
    )


def _count(late: Sequence[Measure]) -> str:
    return "en åtgärd" if len(late) == 1 else f"{len(late)} åtgärder"


def _sentence(late: Sequence[Measure], partnership: str) -> str:
    if len(late) == 1:
        return (
            f"En åtgärd som din aktör ansvarar för i {partnership} skulle ha varit klar. Är den gjord, markera den "
            "som klar. Behövs mer tid, ändra dagen."
        )
    return (
        f"{len(late)} åtgärder som din aktör ansvarar för i {partnership} skulle ha varit klara. Markera dem som är "
        "gjorda. Behövs mer tid, ändra dagen."
    )


def _link(measure: Measure, slug: str) -> tuple[str, str]:
    path = outbox.path_to("measures.show", slug=slug, measure_id=measure.id)
    return f"Åtgärd {measure.number}, klart senast {FILTERS['day'](measure.due_on)}:", path


def _rest(late: Sequence[Measure], slug: str) -> list[tuple[str, str]]:
    if len(late) <= NAMED:
        return []
    return [(f"Ytterligare {len(late) - NAMED} finns bland åtgärderna:", outbox.path_to("measures.index", slug=slug))]


TOPIC_OF_REMINDERS = MailTopic(
    label="Påminnelser om åtgärder",
    when="När en åtgärd som min aktör ansvarar för skulle ha varit klar, högst en gång i veckan",
    is_on=True,
    compose=compose,
)
