"""What the pages of accounts read."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, select

from platssamverkan.accounts.models import User
from platssamverkan.core.db import db, one_or_404
from platssamverkan.core.outbox import MailState, OutboxMail
from platssamverkan.core.registry import registry
from platssamverkan.core.tables import Column, Filter, ListSpec, contains

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def users() -> tuple["Select[User]", ListSpec]:
    """Return the list of accounts."""

    def has_state(value: str) -> "ColumnElement[bool]":
        return User.is_enabled.is_(value == "oppet")

    spec = ListSpec(
        id="users",
        noun_singular="användare",
        noun_plural="användare",
        columns=[
            Column("function", "Funktion", User.function),
            Column("email", "E-postadress", User.email),
            Column("admin", "Administratör", User.is_admin),
            Column("signed_in", "Senast inloggad", User.last_sign_in_at),
            Column("status", "Konto", User.is_enabled),
        ],
        filters=[
            Filter("q", "Sök funktion eller adress", lambda text: contains(text, User.function, User.email), "search"),
            Filter("konto", "Konto", has_state, choices=[("oppet", "Öppet"), ("stangt", "Stängt")]),
            Filter("administrator", "Bara administratörer", lambda _value: User.is_admin.is_(True), "checkbox"),
        ],
        default_sort="function",
        tie=User.id,
        export=False,
    )
    return select(User), spec


def user(user_id: int) -> User:
    """Return the account; 404 when there is none."""
    return one_or_404(select(User).where(User.id == user_id))


def mail_addresses(user_ids: Collection[int]) -> dict[int, str]:
    """Return user id → address of mail, for the accounts that are open. One query."""
    statement = select(User.id, User.email).where(User.id.in_(user_ids), User.is_enabled.is_(True))
    return {row.id: row.email for row in db.session.execute(statement)}


def people(user_ids: Collection[int]) -> dict[int, User]:
    """Return user id → account. One query."""
    return {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(user_ids)))}


def mails() -> tuple["Select[OutboxMail]", ListSpec]:
    """Return the list of mails: to whom, about what kind of thing, and where each stands. Never what a mail says."""
    spec = ListSpec(
        id="mails",
        noun_singular="brev",
        noun_plural="brev",
        columns=[
            Column("to", "Till"),
            Column("topic", "Om", OutboxMail.topic),
            Column("state", "Läge", OutboxMail.state),
            Column("created", "Skapat", OutboxMail.created_at),
            Column("due", "Skickat", OutboxMail.due_at),
        ],
        filters=[
            Filter("lage", "Läge", lambda value: OutboxMail.state == value, choices=MailState.choices()),
            Filter(
                "om",
                "Om",
                lambda value: OutboxMail.topic == value,
                choices=[(key, topic.label) for key, topic in registry.mail_topics.items()],
            ),
        ],
        default_sort="created",
        default_descending=True,
        tie=OutboxMail.id.desc(),
        export=False,
    )
    return select(OutboxMail), spec


def failed_mails() -> int:
    """Return how many mails have been given up. One query."""
    failed = select(func.count(OutboxMail.id)).where(OutboxMail.state == MailState.FAILED)
    return db.session.scalar(failed) or 0
