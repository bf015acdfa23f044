"""Long texts save themselves while they are written. A draft belongs to one user and one form and is never shown to
anyone else; it is removed when the text itself has been saved."""

from collections.abc import Iterable
from datetime import datetime

from flask import g, session
from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from platssamverkan.core import clock, privacy
from platssamverkan.core.columns import UTCDateTime
from platssamverkan.core.db import Model, db
from platssamverkan.core.outbox import upsert

LIMIT = 50_000
LONGEST_KEY = 120


class Draft(Model):
    """What a user has written but not yet saved, by the key of the text ("minutes_item:12:text")."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    text: Mapped[str]
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)


def keep(user_id: int, key: str, text: str) -> bool:
    """Keep `text` as the user's draft. False, and nothing kept, when it holds a personnummer or is too long, or when
    the key is longer than those of our forms or holds what no database takes."""
    if len(text) > LIMIT or len(key) > LONGEST_KEY or "\x00" in key + text or privacy.hard(privacy.find(text)):
        return False
    written = {"text": text, "saved_at": clock.now()}
    # Two windows may save the same text at the same moment.
    statement = upsert(Draft).values(user_id=user_id, key=key, **written)
    db.session.execute(statement.on_conflict_do_update(index_elements=["user_id", "key"], set_=written))
    return True


def drafts_of(user_id: int, prefix: str) -> dict[str, Draft]:
    """Return the user's drafts whose keys begin with `prefix`, by key; one query."""
    statement = select(Draft).where(Draft.user_id == user_id, Draft.key.startswith(prefix, autoescape=True))
    return {draft.key: draft for draft in db.session.scalars(statement)}


def settle(user_id: int, *keys: str) -> None:
    """Remove the drafts of texts that are now saved, and tell the browser so on the next page."""
    db.session.execute(delete(Draft).where(Draft.user_id == user_id, Draft.key.in_(keys)))
    g.settled_drafts = [*settled_now(), *keys]
    tell_saved(keys)


def settled_now() -> list[str]:
    """Return the keys of the drafts that the request has settled so far."""
    keys: list[str] = g.get("settled_drafts", [])
    return keys


def tell_saved(keys: Iterable[str]) -> None:
    """Tell the browser, on the next page, that the texts of these drafts are saved."""
    session["saved_drafts"] = [*session.get("saved_drafts", []), *keys]


def saved_keys() -> list[str]:
    """Return, once, the keys of the drafts that have been saved since the last page."""
    keys: list[str] = session.pop("saved_drafts", [])
    return keys


def prune(before: datetime) -> int:
    """Take away drafts that nobody has written on since the moment; return how many. Does not commit."""
    return int(db.session.execute(delete(Draft).where(Draft.saved_at < before)).rowcount)
