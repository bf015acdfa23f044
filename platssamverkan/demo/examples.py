"""Examples around today's date, so that a demo has a tonight, a last month and a next week. Every row is marked."""

from sqlalchemy import func, select

from platssamverkan.briefings.models import Briefing
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.demo.example_briefings import make_briefings
from platssamverkan.demo.example_events import make_events
from platssamverkan.demo.example_forum import make_forum
from platssamverkan.demo.example_ids import Moment, known_ids


def make_examples() -> bool:
    """Make the examples, once; say whether they were made. Does not commit."""
    if db.session.scalar(select(func.count()).select_from(Briefing).where(Briefing.is_example)):
        return False
    moment, ids = Moment(clock.now(), clock.today()), known_ids()
    raised = make_briefings(moment, ids)
    make_forum(moment, ids, raised)
    make_events(moment, ids)
    db.session.flush()
    return True
