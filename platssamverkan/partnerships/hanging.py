"""What hangs on a row: the rows of other tables that point at it. Asked of the database's own keys, so that a room
above is counted without being known here."""

from collections.abc import Collection

from sqlalchemy import Table, func, select

from platssamverkan.core.db import Base, db
from platssamverkan.core.errors import DomainError
from platssamverkan.partnerships import labels


class RowsHang(DomainError):
    """Other rows rest on what was to be removed."""


def _pointing(target: str) -> list[tuple[Table, str]]:
    """Return (table, column) of every simple key that points at the id of `target`."""
    return [
        (table, key.parent.name)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == target and key.column.name == "id"
    ]


def hanging_counts(
    target: str, ids: Collection[int], *, partnership_id: int | None = None, ignoring: Collection[str] = ()
) -> dict[str, int]:
    """Return table → number of rows that point at one of `ids` in `target`; only tables that have any.

    With `partnership_id`, only tables with a partnership of their own, and only that one's rows, are counted.
    One query for each table that may point there, however many rows.
    """
    found: dict[str, int] = {}
    for table, column in _pointing(target) if ids else []:
        if table.name in ignoring or (partnership_id is not None and "partnership_id" not in table.c):
            continue
        statement = select(func.count()).select_from(table).where(table.c[column].in_(list(ids)))
        if partnership_id is not None:
            statement = statement.where(table.c.partnership_id == partnership_id)
        number = db.session.scalar(statement) or 0
        if number:
            found[table.name] = found.get(table.name, 0) + number
    return found


def in_words(counts: dict[str, int]) -> str:
    """Return "3 åtgärder, 1 mål och 2 platsaktiveringar"."""
    parts = [labels.count_of(table, number) for table, number in counts.items()]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " och " + parts[-1] if parts else ""
