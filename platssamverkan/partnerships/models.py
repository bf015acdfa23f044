"""Partnerships (platssamverkan), the places they cover, who takes part, and what each user may do there."""

from datetime import date, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor
from platssamverkan.core.columns import LabelledEnum, Sourced, Versioned, enum_type
from platssamverkan.core.db import Base, Model
from platssamverkan.core.formatting import NBSP
from platssamverkan.core.recurrence import Recurrence, describe
from platssamverkan.partnerships.roles import Role
from platssamverkan.places.models import Place

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

partnership_place = Table(
    "partnership_place",
    Base.metadata,
    Column("partnership_id", ForeignKey("partnership.id", ondelete="CASCADE"), primary_key=True),
    Column("place_id", ForeignKey("place.id", ondelete="RESTRICT"), primary_key=True, index=True),
)


class RepresentationLevel(LabelledEnum):
    """At which level a function speaks for its actor."""

    STRATEGIC = "strategic", "Strategisk"
    OPERATIVE = "operative", "Operativ"


class MeetingKind(LabelledEnum):
    """What the actors meet for (DOMAIN 6)."""

    STRATEGIC_FORUM = "strategic_forum", "Strategiskt samverkansforum"
    BRIEFING = "briefing", "Samverkansutställning"
    EST = "est", "EST-möte"
    SITUATION_MEETING = "situation_meeting", "Lägesbildsmöte"
    FIELD_STARTUP = "field_startup", "Uppstartsmöte yttre resurser"
    WORKING_GROUP = "working_group", "Arbetsgrupp"
    STEERING_GROUP = "steering_group", "Styrgrupp"
    SAFETY_WALK = "safety_walk", "Trygghetsvandring"
    CITIZEN_DIALOGUE = "citizen_dialogue", "Medborgardialog"


class Numbering(LabelledEnum):
    """How the paragraphs of minutes are numbered (DOMAIN 7.2)."""

    PER_MEETING = "per_meeting", "Börjar om vid varje möte"
    PER_YEAR = "per_year", "Löpande under kalenderåret"


class Partnership(Sourced, Versioned, Model):
    """A named collaboration of actors around one or more places."""

    __tablename__ = "partnership"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    #: Other names for the same thing ("Fokusområde Klara (polisens interna namn)").
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    municipality: Mapped[str | None] = mapped_column(String(80))
    lead_actor_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"))
    co_lead_actor_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"))
    started_year: Mapped[int | None]
    started_note: Mapped[str | None] = mapped_column(String(200))
    #: Why these actors, on whose commission.
    mandate: Mapped[str | None] = mapped_column(String(1000))
    mandate_source: Mapped[str | None] = mapped_column(String(300))
    focus: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_active: Mapped[bool] = mapped_column(default=True)
    #: The day it ended; null while it goes on, and where the day is not known.
    ended_on: Mapped[date | None]
    #: "taken from the report": cities that the report for Brå tells of, one partnership each.
    from_report: Mapped[bool] = mapped_column(default=False)
    numbering: Mapped[Numbering] = mapped_column(enum_type(Numbering), default=Numbering.PER_MEETING)
    #: "Om personuppgifter" (DOMAIN 9, R9).
    data_controller_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"))
    data_purpose: Mapped[str | None] = mapped_column(String(1000))
    legal_basis: Mapped[str | None] = mapped_column(String(500))
    retention: Mapped[str | None] = mapped_column(String(500))

    lead_actor: Mapped[Actor | None] = relationship(foreign_keys=[lead_actor_id], lazy="raise")
    co_lead_actor: Mapped[Actor | None] = relationship(foreign_keys=[co_lead_actor_id], lazy="raise")
    data_controller: Mapped[Actor | None] = relationship(foreign_keys=[data_controller_id], lazy="raise")
    places: Mapped[list[Place]] = relationship(secondary=partnership_place, order_by=Place.id, lazy="raise")


class Membership(Sourced, Versioned, Model):
    """An actor's part in one partnership (deltagande), from and to."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("partnership_id", "actor_id"),
        CheckConstraint("left_on IS NULL OR joined_on IS NULL OR left_on >= joined_on", name="left_after_joined"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"), index=True)
    #: "Håller i samverkansutställningarna", "Koordinerar".
    task: Mapped[str | None] = mapped_column(String(200))
    is_strategic: Mapped[bool] = mapped_column(default=False)
    is_operative: Mapped[bool] = mapped_column(default=False)
    #: Rådighet: which areas and measures the actor controls; why it is invited.
    mandate: Mapped[str | None] = mapped_column(String(500))
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]

    partnership: Mapped[Partnership] = relationship(lazy="raise")
    actor: Mapped[Actor] = relationship(lazy="raise")
    representatives: Mapped[list["Representative"]] = relationship(
        back_populates="membership",
        order_by="Representative.level.desc(), Representative.id",
        cascade="all, delete-orphan",
        lazy="raise",
    )

    @classmethod
    def has_not_left(cls, day: Any) -> "ColumnElement[bool]":
        """Return the condition that the actor has not left before `day`: it takes part then, or later."""
        return or_(cls.left_on.is_(None), cls.left_on >= day)

    @classmethod
    def takes_part_on(cls, day: Any) -> "ColumnElement[bool]":
        """Return the condition that the actor takes part on `day`: on its first day, its last one, or between."""
        return and_(or_(cls.joined_on.is_(None), cls.joined_on <= day), cls.has_not_left(day))


class Representative(Sourced, Versioned, Model):
    """A function that speaks for an actor at a level; never a name (DOMAIN 9, R8)."""

    __tablename__ = "representative"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="to_after_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="CASCADE"), index=True)
    level: Mapped[RepresentationLevel] = mapped_column(enum_type(RepresentationLevel))
    function: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    membership: Mapped[Membership] = relationship(back_populates="representatives", lazy="raise")

    @classmethod
    def speaks_on(cls, day: Any) -> "ColumnElement[bool]":
        """Return the condition that the function speaks for its actor on `day`."""
        begun = or_(cls.valid_from.is_(None), cls.valid_from <= day)
        return and_(begun, or_(cls.valid_to.is_(None), cls.valid_to >= day))


class RoleGrant(Versioned, Model):
    """What a user may do in a partnership, and for which actor (behörighet)."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("user_id", "membership_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))

    user: Mapped[User] = relationship(lazy="raise")
    membership: Mapped[Membership] = relationship(lazy="raise")


class MeetingSeries(Sourced, Versioned, Model):
    """A rhythm: what comes back, how often, where. With a rule, the occurrences are real rows made ahead."""

    __tablename__ = "meeting_series"
    __table_args__ = (
        CheckConstraint("rule IS NULL OR (starts_on IS NOT NULL AND starts_at IS NOT NULL)", name="rule_has_start"),
        Index("ix_meeting_series_partnership_kind", "partnership_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"))
    kind: Mapped[MeetingKind] = mapped_column(enum_type(MeetingKind))
    recurrence: Mapped[Recurrence | None] = mapped_column(enum_type(Recurrence))
    min_per_year: Mapped[int | None]
    #: RFC 5545 RRULE on local time, and the first day and hour it holds from.
    rule: Mapped[str | None] = mapped_column(String(200))
    starts_on: Mapped[date | None]
    starts_at: Mapped[time | None]
    minutes_long: Mapped[int | None]
    location: Mapped[str | None] = mapped_column(String(200))
    led_by_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"))
    started_year: Mapped[int | None]
    contents: Mapped[list[str]] = mapped_column(JSON, default=list)
    purpose: Mapped[list[str]] = mapped_column(JSON, default=list)
    participants: Mapped[list[str]] = mapped_column(JSON, default=list)

    led_by: Mapped[Actor | None] = relationship(lazy="raise")

    @property
    def has_ended(self) -> bool:
        """Say whether the rhythm was ended here: it had a first day, and has no rule any more."""
        return self.rule is None and self.starts_on is not None

    @property
    def rhythm(self) -> str | None:
        """Return how often in words: "Varje månad, första torsdagen kl. 13.00"; None when nobody has said."""
        if self.rule and self.starts_at:
            words = f"{describe(self.rule)} kl.{NBSP}{self.starts_at.hour}.{self.starts_at.minute:02}"
            return words[0].upper() + words[1:]
        if self.recurrence:
            return self.recurrence.label + (", avslutad" if self.has_ended else "")
        return f"Minst {self.min_per_year} gånger om året" if self.min_per_year else None
