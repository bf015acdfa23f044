"""Fills the database with synthetic data in bulk, past the sessions' bookkeeping, a thousand rows at a time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, func, insert, select, text, update
from tqdm import tqdm

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.demo.bench_base import Base, make_base
from platssamverkan.demo.bench_rows import FUNCTION, Maker, Rows, Size, settled
from platssamverkan.goals.models import GoalAssessment, GoalVersion
from platssamverkan.meetings.models import Meeting, MeetingState

CHUNK = 1000


def make_bench_data(size: Size) -> tuple[int, Base]:
    """Fill the partnership `bench`; return how many rows were made, and what they hang on. Commits."""
    base = make_base()
    rows = Maker(base, size, clock.today(), _next_id).make()
    _insert(rows)
    _settle(base)
    _count_on(rows)
    db.session.commit()
    return rows.total, base


def _table(name: str) -> Table:
    table: Table = db.metadata.tables[name]
    return table


def _next_id(name: str) -> int:
    highest = db.session.scalar(select(func.max(_table(name).c.id)))
    return (highest or 0) + 1


def _chunks(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _insert(rows: Rows) -> None:
    with tqdm(total=rows.total, unit=" rader", desc="Syntetiska data") as progress:
        for name, table_rows in rows.tables.items():
            for chunk in _chunks(table_rows):
                db.session.execute(insert(_table(name)), chunk)
                progress.update(len(chunk))


def _settle(base: Base) -> None:
    """Approve the minutes and lock the assessments of some time ago, now that all that belongs to them is there."""
    before = settled(clock.today())
    meetings = _table(Meeting.__tablename__)
    db.session.execute(
        update(meetings)
        .where(
            meetings.c.partnership_id == base.partnership,
            meetings.c.state == MeetingState.HELD,
            meetings.c.starts_at < before,
        )
        .values(state=MeetingState.APPROVED, approved_at=before + timedelta(days=1), approved_by_function=FUNCTION)
    )
    assessments = _table(GoalAssessment.__tablename__)
    versions = select(GoalVersion.id).where(GoalVersion.id.in_(base.versions))
    db.session.execute(
        update(assessments)
        .where(assessments.c.goal_version_id.in_(versions), assessments.c.assessed_on < before.date())
        .values(locked_at=before, locked_by_function=FUNCTION)
    )


def _count_on(rows: Rows) -> None:
    """Let PostgreSQL go on counting from the ids that were given here; SQLite does so by itself."""
    if db.engine.dialect.name != "postgresql":
        return
    for name in rows.tables:
        if "id" in _table(name).c:
            db.session.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")  # noqa: S608
            )
