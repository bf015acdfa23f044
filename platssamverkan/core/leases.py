"""Who is doing a task just now. With several workers, on one machine or many, the database lets one of them in."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from platssamverkan.core import clock
from platssamverkan.core.columns import UTCDateTime
from platssamverkan.core.db import Model, db
from platssamverkan.core.outbox import upsert

#: A lease that nobody gives back, since its worker was killed, ends after this long.
LASTS = timedelta(minutes=5)


class TaskLease(Model):
    """A task, by whom it is held and until when, and when it was last done."""

    __tablename__ = "task_lease"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    held_by: Mapped[str | None] = mapped_column(String(32))
    held_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Lease:
    """The right to do a task; hold on to it by `extend` when the task takes long."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.holder = secrets.token_hex(16)

    def take(self) -> bool:
        """Take the lease if nobody has it, and say whether it is ours. Commits."""
        now = clock.now()
        db.session.execute(upsert(TaskLease).values(name=self.name).on_conflict_do_nothing())
        free = or_(TaskLease.held_until.is_(None), TaskLease.held_until <= now)
        return self._set(free, held_by=self.holder, held_until=now + LASTS)

    def extend(self) -> bool:
        """Hold the lease for as long again, and say whether it was still ours. Commits."""
        return self._set(TaskLease.held_by == self.holder, held_until=clock.now() + LASTS)

    def give_back(self, *, done: bool) -> None:
        """Let others in, and note that the task is done when it is. Commits."""
        noted = {"done_at": clock.now()} if done else {}
        self._set(TaskLease.held_by == self.holder, held_by=None, held_until=None, **noted)

    def _set(self, condition: "ColumnElement[bool]", **values: object) -> bool:
        statement = update(TaskLease).where(TaskLease.name == self.name, condition).values(values)
        result = db.session.execute(statement.execution_options(synchronize_session=False))
        db.session.commit()
        return bool(result.rowcount)


@contextmanager
def leased(name: str) -> Iterator[Lease | None]:
    """Give the lease of the task, or None while someone else has it. What was not committed is undone on an error."""
    lease = Lease(name)
    if not lease.take():
        yield None
        return
    done = False
    try:
        yield lease
        done = True
    finally:
        db.session.rollback()
        lease.give_back(done=done)


def last_done(name: str) -> datetime | None:
    """Return when the task was last done; None when it never was."""
    moment: datetime | None = db.session.scalar(select(TaskLease.done_at).where(TaskLease.name == name))
    return moment
