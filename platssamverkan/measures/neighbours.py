"""What the room shows of rooms beside it: goals and indicators, asked for through the registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from platssamverkan.core.registry import ALWAYS, registry
from platssamverkan.core.visibility import Reader


@dataclass(frozen=True)
class Neighbour:
    """A row of another room, as this one prints it."""

    id: int
    label: str
    url: str


def _asked(
    kind: str, partnership_id: int, reader: Reader, ids: Sequence[int] | None, since: date = ALWAYS[0]
) -> dict[int, Neighbour]:
    provider = registry.linkables.get(kind)
    found = provider(partnership_id, reader, since, ALWAYS[1], ids=ids) if provider else []
    return {row_id: Neighbour(row_id, label, url) for row_id, label, url in found}


def goals(partnership_id: int, reader: Reader, ids: Sequence[int] | None = None) -> dict[int, Neighbour]:
    """Return the goals that `reader` may read, or those of them with one of `ids`, in the order of the goal tree."""
    return _asked("goal", partnership_id, reader, ids)


def goals_to_serve(partnership_id: int, reader: Reader, today: date, chosen: Sequence[int]) -> list[Neighbour]:
    """Return the goals that a measure may serve: those that have not ended, and after them those already `chosen`."""
    found = _asked("goal", partnership_id, reader, None, since=today)
    return list((found | goals(partnership_id, reader, chosen) if chosen else found).values())


def indicators(partnership_id: int, reader: Reader, ids: Sequence[int] | None = None) -> dict[int, Neighbour]:
    """Return the indicators that `reader` may read, also those no longer followed, or those with one of `ids`."""
    return _asked("indicator", partnership_id, reader, ids)
