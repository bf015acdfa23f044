"""Who may read a text. One function, `visible_to`, gives the SQL condition; every page, list, search, count,
export and document goes through it (DOMAIN 9, R7)."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_


class Visibility(enum.StrEnum):
    """From most open to most closed. The class follows the text into every list and document."""

    PUBLIC = "public"
    PARTNERSHIP = "partnership"
    AUTHORITIES_ONLY = "authorities_only"
    ACTOR_INTERNAL = "actor_internal"

    @property
    def label(self) -> str:
        return {
            "public": "Offentlig",
            "partnership": "Samverkan",
            "authorities_only": "Endast myndigheter",
            "actor_internal": "Endast egna aktören",
        }[self.value]

    @property
    def explanation(self) -> str:
        return {
            "public": "Får läsas av alla.",
            "partnership": "Läses av alla aktörer i samverkan.",
            "authorities_only": "Läses bara av aktörer som omfattas av offentlighets- och sekretesslagen.",
            "actor_internal": "Läses bara av den egna aktören.",
        }[self.value]

    @property
    def choice(self) -> str:
        """The label with its explanation, short enough to be read whole in a list on a small phone."""
        return {
            "public": "Offentlig: får läsas av alla",
            "partnership": "Samverkan: alla aktörer",
            "authorities_only": "Endast myndigheter: enligt OSL",
            "actor_internal": "Endast egna aktören",
        }[self.value]


@dataclass(frozen=True)
class Reader:
    """For whom something is shown: a signed-in user inside one partnership, or the audience of a document."""

    #: The actors whose internal text the reader may see.
    actor_ids: frozenset[int] = frozenset()
    is_member: bool = True
    #: True when the reader's actor is bound by the secrecy act (OSL).
    sees_authorities: bool = False

    @classmethod
    def acting_for(cls, bound: Mapping[int, bool]) -> "Reader":
        """Return the reader that a member is: `bound` tells of each of the member's actors, by id, if OSL binds it."""
        return cls(actor_ids=frozenset(bound), sees_authorities=any(bound.values()))

    def may_read(self, visibility: Visibility, owner_actor_id: int | None) -> bool:
        """Say whether a text of this class may be shown; the same rule as `visible_to`, for one row at hand."""
        if visibility is Visibility.PUBLIC:
            return True
        if visibility is Visibility.PARTNERSHIP:
            return self.is_member
        if visibility is Visibility.AUTHORITIES_ONLY:
            return self.is_member and self.sees_authorities
        return owner_actor_id is not None and owner_actor_id in self.actor_ids


#: Partnership id → how one user reads there. What the user may read in one partnership says nothing of another.
Readers = Mapping[int, Reader]


class Audience(enum.StrEnum):
    """For whom a document is made. What the audience may not see is not in the file."""

    PUBLIC = "public"
    PARTNERSHIP = "partnership"
    AUTHORITIES = "authorities"

    @property
    def label(self) -> str:
        return {
            "public": "Allmänheten",
            "partnership": "Alla aktörer i samverkan",
            "authorities": "Myndigheter i samverkan",
        }[self.value]

    @property
    def reader(self) -> Reader:
        """Return what this audience may see. Internal text of an actor is in no document."""
        return Reader(
            is_member=self is not Audience.PUBLIC,
            sees_authorities=self is Audience.AUTHORITIES,
        )


def audiences_for(reader: Reader) -> list[Audience]:
    """Return the audiences that `reader` may make a document for, widest knowledge first."""
    if reader.sees_authorities:
        return [Audience.AUTHORITIES, Audience.PARTNERSHIP, Audience.PUBLIC]
    return [Audience.PARTNERSHIP, Audience.PUBLIC]


def visible_to(model: Any, reader: Reader) -> ColumnElement[bool]:
    """Return the SQL condition that holds for the rows of `model` (a `Visible`) that `reader` may read."""
    # The columns of a subquery are made anew each time; only classes are worth remembering.
    return _kept_condition(model, reader) if isinstance(model, type) else _condition(model, reader)


@lru_cache(maxsize=1024)
def _kept_condition(model: type, reader: Reader) -> ColumnElement[bool]:
    return _condition(model, reader)


def _condition(model: Any, reader: Reader) -> ColumnElement[bool]:
    allowed: list[ColumnElement[bool]] = [model.visibility == Visibility.PUBLIC]
    if reader.is_member:
        allowed.append(model.visibility == Visibility.PARTNERSHIP)
        if reader.sees_authorities:
            allowed.append(model.visibility == Visibility.AUTHORITIES_ONLY)
    if reader.actor_ids:
        own = model.owner_actor_id.in_(sorted(reader.actor_ids))
        allowed.append(and_(model.visibility == Visibility.ACTOR_INTERNAL, own))
    return or_(*allowed)


def in_each(
    readers: Readers, partnership_id: Any, allowed: Callable[[Reader], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Return the SQL condition that holds for the rows that the reader of their own partnership is `allowed`, which no
    row is without readers. `partnership_id` is the column that tells which partnership that is.

    Partnerships that are read in the same way share a term: the statement grows with the ways to read.
    """
    alike: dict[Reader, list[int]] = {}
    for where, reader in readers.items():
        alike.setdefault(reader, []).append(where)
    return or_(false(), *(and_(partnership_id.in_(ids), allowed(reader)) for reader, ids in alike.items()))
