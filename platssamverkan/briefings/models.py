"""Samverkansutställningar: who is there, what has happened since last, who works tonight, what needs cooperation,
the state of the place, and what is handed over to the next one (DOMAIN 4.1, 7.3)."""

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from platssamverkan.actors.models import Actor
from platssamverkan.core.columns import LabelledEnum, Sourced, UTCDateTime, Versioned, Visible, enum_type
from platssamverkan.core.db import Model

#: Room for who closed a briefing.
SIGNATURE_LENGTH = 160


class BriefingState(LabelledEnum):
    """A briefing may be held, cancelled or missed; statistics need the planned ones too (DOMAIN 6.1, 10)."""

    PLANNED = "planned", "Planerad"
    OPEN = "open", "Pågår"
    HELD = "held", "Avslutad"
    CANCELLED = "cancelled", "Inställd"
    MISSED = "missed", "Blev inte av"


#: What stands on the sheet of such a briefing is told; one that is planned, cancelled or never held has told nothing.
BEGUN = (BriefingState.OPEN, BriefingState.HELD)


class BriefingSection(LabelledEnum):
    """The parts of the sheet that hold lines of text. Staffing and events have tables of their own."""

    SITUATION = "situation", "Aktuell lägesbild"
    COOPERATION = "cooperation_tonight", "Behov av samverkan i kväll"
    COMING_DAYS = "coming_days", "Kommande dagar"
    CONDITION = "place_condition", "Platsens skick"
    HANDOVER = "handover", "Överlämning och att följa upp"


class Briefing(Sourced, Versioned, Model):
    """One samverkansutställning."""

    __tablename__ = "briefing"
    __table_args__ = (
        UniqueConstraint("series_id", "occurrence"),
        CheckConstraint("(state = 'held') = (closed_at IS NOT NULL)", name="held_iff_closed"),
        Index("ix_briefing_partnership_starts", "partnership_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("meeting_series.id", ondelete="SET NULL"))
    #: The moment the series gave; stays when the briefing is moved, so that it is never made twice.
    occurrence: Mapped[datetime | None] = mapped_column(UTCDateTime)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    location: Mapped[str | None] = mapped_column(String(120))
    held_by_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"))
    state: Mapped[BriefingState] = mapped_column(enum_type(BriefingState), default=BriefingState.PLANNED)
    cancel_reason: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by_function: Mapped[str | None] = mapped_column(String(SIGNATURE_LENGTH))

    held_by: Mapped[Actor | None] = relationship(lazy="raise")
    attendance: Mapped[list["BriefingAttendance"]] = relationship(
        back_populates="briefing", order_by="BriefingAttendance.id", lazy="raise", cascade="all, delete-orphan"
    )
    staffing: Mapped[list["StaffingEntry"]] = relationship(
        back_populates="briefing", order_by="StaffingEntry.id", lazy="raise", cascade="all, delete-orphan"
    )
    items: Mapped[list["BriefingItem"]] = relationship(
        back_populates="briefing",
        order_by="BriefingItem.id",
        lazy="raise",
        cascade="all, delete-orphan",
        foreign_keys="BriefingItem.briefing_id",
    )


class BriefingAttendance(Model):
    """An actor's function that is expected at the briefing, and whether it came."""

    __tablename__ = "briefing_attendance"
    __table_args__ = (UniqueConstraint("briefing_id", "actor_id", "function"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    briefing_id: Mapped[int] = mapped_column(ForeignKey("briefing.id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"), index=True)
    #: Empty string when the actor takes part without a stated function, so that the pair stays unique.
    function: Mapped[str] = mapped_column(String(80), default="")
    is_present: Mapped[bool] = mapped_column(default=False)

    briefing: Mapped[Briefing] = relationship(back_populates="attendance", lazy="raise")
    actor: Mapped[Actor] = relationship(lazy="raise")


class StaffingEntry(Versioned, Visible, Model):
    """Who works tonight: actor, function, number, hours. Never names (DOMAIN 9, R8), never public (R7)."""

    __tablename__ = "staffing_entry"
    __table_args__ = (
        CheckConstraint("headcount BETWEEN 1 AND 500", name="headcount_plausible"),
        CheckConstraint("visibility <> 'public'", name="never_public"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    briefing_id: Mapped[int] = mapped_column(ForeignKey("briefing.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"))
    function: Mapped[str] = mapped_column(String(60))
    headcount: Mapped[int]
    #: Local hours of the evening; an end before the start is past midnight.
    from_time: Mapped[time | None]
    until_time: Mapped[time | None]
    #: A way to reach the function, such as a radio group; never a person's number.
    contact: Mapped[str | None] = mapped_column(String(40))

    briefing: Mapped[Briefing] = relationship(back_populates="staffing", lazy="raise")
    actor: Mapped[Actor] = relationship(foreign_keys=[actor_id], lazy="raise")


class BriefingItem(Versioned, Visible, Model):
    """One line of the sheet: what, where, told by which actor. May be taken up at a strategic meeting."""

    __tablename__ = "briefing_item"
    __table_args__ = (
        Index("ix_briefing_item_briefing_section", "briefing_id", "section"),
        #: Finds what was handed over and still stands.
        Index("ix_briefing_item_section_settled", "section", "settled_in_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    briefing_id: Mapped[int] = mapped_column(ForeignKey("briefing.id", ondelete="CASCADE"))
    section: Mapped[BriefingSection] = mapped_column(enum_type(BriefingSection))
    spot: Mapped[str | None] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(String(300))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"))
    #: Take this up at the next strategic meeting.
    raise_to_forum: Mapped[bool] = mapped_column(default=False)
    #: For a handover: the briefing where it was ticked off; null while it still stands.
    settled_in_id: Mapped[int | None] = mapped_column(ForeignKey("briefing.id", ondelete="SET NULL"))

    briefing: Mapped[Briefing] = relationship(back_populates="items", foreign_keys=[briefing_id], lazy="raise")
    actor: Mapped[Actor | None] = relationship(foreign_keys=[actor_id], lazy="raise")
