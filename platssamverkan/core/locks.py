"""What may be done with rows that are locked at some moment (`columns.Lockable`): changed before, corrected after."""

from collections.abc import Iterable
from typing import TypeVar

from platssamverkan.core import clock
from platssamverkan.core.columns import Correction, Lockable
from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError, Locked

CorrectionT = TypeVar("CorrectionT", bound=Correction)


def check_open(row: Lockable) -> None:
    """Raise Locked, with what the row says of it, if the row is locked."""
    if row.is_locked:
        raise Locked(row.WHEN_LOCKED)


def discard(row: Lockable) -> None:
    """Remove an open row. Flushes, does not commit.

    :raises Locked: if it is locked
    """
    check_open(row)
    db.session.delete(row)
    db.session.flush()


def lock(rows: Iterable[Lockable], *, by_function: str) -> None:
    """Lock open rows. Flushes, does not commit.

    :raises Locked: if one is locked already
    :raises StaleDataError: if one was changed after it was read
    """
    moment = clock.now()
    for row in rows:
        check_open(row)
        row.locked_at, row.locked_by_function = moment, by_function
    db.session.flush()


def correct(row: Lockable, correction: CorrectionT, *, text: str, reason: str, by_function: str) -> CorrectionT:
    """Fill in and add a dated correction of a locked row, which itself stands as it was locked. Flushes.

    :raises DomainError: if the row is not locked
    """
    if not row.is_locked:
        raise DomainError(row.WHEN_OPEN)
    correction.at, correction.by_function = clock.now(), by_function
    correction.text, correction.reason = text, reason
    db.session.add(correction)
    db.session.flush()
    return correction
