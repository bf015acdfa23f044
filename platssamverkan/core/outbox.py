"""Mail that is to be sent: a row per mail, written in the same transaction as the change that causes it and sent by the
worker. A row says only who is to be told of what. The room that knows the subject writes the text when the mail leaves
(`Registry.mail_topics`), so that a mail never tells of what has been taken back or may no longer be read."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from platssamverkan.core import clock
from platssamverkan.core.columns import LabelledEnum, UTCDateTime, enum_type
from platssamverkan.core.db import Model, db
from platssamverkan.core.registry import registry

WAITING = text("state = 'waiting'")


class MailState(LabelledEnum):
    """Where a mail stands."""

    WAITING = "waiting", "Väntar"
    SENT = "sent", "Skickat"
    FAILED = "failed", "Misslyckades"


class OutboxMail(Model):
    """A mail to one user about one row. While it waits there is only one for the same thing."""

    __tablename__ = "outbox_mail"
    __table_args__ = (
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_iff_moment"),
        Index(
            "uq_outbox_mail_waiting", "user_id", "topic", "about_id",
            unique=True, sqlite_where=WAITING, postgresql_where=WAITING,
        ),
        Index("ix_outbox_mail_state_due", "state", "due_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    #: A key of `Registry.mail_topics`, and the id of the row that the topic is about.
    topic: Mapped[str] = mapped_column(String(40))
    about_id: Mapped[int]
    state: Mapped[MailState] = mapped_column(enum_type(MailState), default=MailState.WAITING)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    #: When something was last added to what the mail tells of.
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    #: When it is to be sent, or tried again.
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    #: What the mail server answered when it failed.
    error: Mapped[str | None] = mapped_column(String(300))
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def topic_label(self) -> str:
        """Return what the mail is about, in Swedish."""
        topic = registry.mail_topics.get(self.topic)
        return topic.label if topic else self.topic


class MailChoice(Model):
    """Whether a user wants the mails of a topic; without a row the topic's own default holds."""

    __tablename__ = "mail_choice"
    __table_args__ = (UniqueConstraint("user_id", "topic"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    topic: Mapped[str] = mapped_column(String(40))
    is_wanted: Mapped[bool]


def path_to(endpoint: str, **values: object) -> str:
    """Return the path of an address, also outside a request."""
    return str(current_app.url_map.bind("localhost").build(endpoint, values))


def upsert(model: Any) -> Any:
    """Return an INSERT of `model` that can say what to do on conflict, in the words of the database at hand."""
    return (postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite).insert(model)


def wanting(topic: str, user_ids: Collection[int]) -> set[int]:
    """Return those of the users who want the mails of the topic. One query."""
    statement = select(MailChoice.user_id, MailChoice.is_wanted).where(
        MailChoice.topic == topic, MailChoice.user_id.in_(user_ids)
    )
    chosen: dict[int, bool] = {row.user_id: row.is_wanted for row in db.session.execute(statement)}
    default = registry.mail_topics[topic].is_on
    return {user_id for user_id in user_ids if chosen.get(user_id, default)}


def topics_of(user_id: int) -> set[str]:
    """Return the topics whose mails the user wants. One query."""
    statement = select(MailChoice.topic, MailChoice.is_wanted).where(MailChoice.user_id == user_id)
    chosen: dict[str, bool] = {row.topic: row.is_wanted for row in db.session.execute(statement)}
    return {key for key, topic in registry.mail_topics.items() if chosen.get(key, topic.is_on)}


def choose(user_id: int, wanted: Collection[str], *, seen: Collection[str] | None = None) -> None:
    """Keep which mails the user wants. What was chosen after the page that had `seen` ticked stands, where the user
    did not choose otherwise. Does not commit."""
    changed = registry.mail_topics.keys() & (set(wanted) ^ set(topics_of(user_id) if seen is None else seen))
    for key in sorted(changed):
        row = {"user_id": user_id, "topic": key, "is_wanted": key in wanted}
        db.session.execute(
            upsert(MailChoice)
            .values(row)
            .on_conflict_do_update(index_elements=["user_id", "topic"], set_={"is_wanted": key in wanted})
        )


def tell(topic: str, about_id: int, user_ids: Collection[int], *, but: int | None = None) -> int:
    """Put a mail in the outbox for each of the users who wants the topic, and return to how many. Does not commit.

    It waits MAIL_WAIT_MINUTES; what happens to the same thing meanwhile comes in the same mail. `but` is the user who
    did it and knows already. Two queries.
    """
    users = wanting(topic, [user_id for user_id in user_ids if user_id != but])
    if not users:
        return 0
    now = clock.now()
    mail = {
        "topic": topic,
        "about_id": about_id,
        "state": MailState.WAITING,
        "created_at": now,
        "changed_at": now,
        "due_at": now + timedelta(minutes=current_app.config["MAIL_WAIT_MINUTES"]),
        "attempts": 0,
    }
    statement = upsert(OutboxMail).values([mail | {"user_id": user_id} for user_id in sorted(users)])
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "topic", "about_id"], index_where=WAITING, set_={"changed_at": now}
        )
    )
    return len(users)


def withdraw(topic: str, about_id: int) -> None:
    """Take back the mails about the row that have not left yet. Does not commit."""
    db.session.execute(
        delete(OutboxMail).where(
            OutboxMail.topic == topic, OutboxMail.about_id == about_id, OutboxMail.state == MailState.WAITING
        )
    )


def told_since(topic: str, about_id: int, since: datetime) -> set[int]:
    """Return the users who have a mail about the row from `since` or later, sent or not. One query."""
    statement = select(OutboxMail.user_id).where(
        OutboxMail.topic == topic, OutboxMail.about_id == about_id, OutboxMail.created_at >= since
    )
    return set(db.session.scalars(statement))


def _newer_waits() -> Any:
    newer = OutboxMail.__table__.alias("newer")
    return (
        select(newer.c.id)
        .where(
            newer.c.user_id == OutboxMail.user_id,
            newer.c.topic == OutboxMail.topic,
            newer.c.about_id == OutboxMail.about_id,
            newer.c.id > OutboxMail.id,
            newer.c.state.in_([MailState.WAITING, MailState.FAILED]),
        )
        .exists()
    )


def retry(mail_id: int | None = None) -> int:
    """Let a failed mail, or every one, be tried again at once; return how many. Does not commit.

    One that a newer mail about the same thing has overtaken is taken away.
    """
    failed = OutboxMail.state == MailState.FAILED
    chosen = failed if mail_id is None else failed & (OutboxMail.id == mail_id)
    db.session.execute(delete(OutboxMail).where(chosen, _newer_waits()).execution_options(synchronize_session=False))
    result = db.session.execute(
        update(OutboxMail)
        .where(chosen)
        .values(state=MailState.WAITING, attempts=0, error=None, due_at=clock.now(), changed_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)


def prune(before: datetime) -> int:
    """Take away mails that were sent, given up or should have left before the moment; return how many. Does not
    commit."""
    result = db.session.execute(
        delete(OutboxMail).where(OutboxMail.due_at < before).execution_options(synchronize_session=False)
    )
    return int(result.rowcount)
