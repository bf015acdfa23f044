"""Meetings of the forum: agenda, attendance, minutes by paragraph, decisions and the measures they become, approval."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from platssamverkan.actors.models import Actor
from platssamverkan.core.columns import Correction, LabelledEnum, Sourced, UTCDateTime, Versioned, Visible, enum_type
from platssamverkan.core.db import Base, Model
from platssamverkan.measures.models import Measure
from platssamverkan.partnerships.models import MeetingKind, Partnership

#: The longest heading of an item.
HEADING_LENGTH = 160


class MeetingState(LabelledEnum):
    """Planned → held (the minutes are a draft) → approved (locked); or cancelled."""

    PLANNED = "planned", "Planerat"
    HELD = "held", "Utkast till minnesanteckningar"
    APPROVED = "approved", "Godkända minnesanteckningar"
    CANCELLED = "cancelled", "Inställt"


class AttendanceStatus(LabelledEnum):
    """How an actor answered or took part."""

    PRESENT = "present", "Närvarande"
    EXCUSED = "excused", "Anmält förhinder"
    ABSENT = "absent", "Frånvarande"


class Meeting(Sourced, Versioned, Model):
    """One meeting. Its text is in its items, each saved by itself so that several can write at once."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="end_after_start"),
        CheckConstraint("(state = 'approved') = (approved_at IS NOT NULL)", name="approved_iff_dated"),
        CheckConstraint("(approved_at IS NULL) = (approved_by_function IS NULL)", name="approved_by_someone"),
        UniqueConstraint("series_id", "occurrence"),
        Index("ix_meeting_partnership_starts", "partnership_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"))
    kind: Mapped[MeetingKind] = mapped_column(enum_type(MeetingKind))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("meeting_series.id", ondelete="SET NULL"))
    #: The moment the series gave; stays when the meeting is moved, so that it is never made twice.
    occurrence: Mapped[datetime | None] = mapped_column(UTCDateTime)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    location: Mapped[str | None] = mapped_column(String(200))
    #: Functions, never names.
    chair: Mapped[str | None] = mapped_column(String(160))
    secretary: Mapped[str | None] = mapped_column(String(160))
    state: Mapped[MeetingState] = mapped_column(enum_type(MeetingState), default=MeetingState.PLANNED)
    cancel_reason: Mapped[str | None] = mapped_column(String(300))
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by_function: Mapped[str | None] = mapped_column(String(160))
    #: The § that the approved minutes begin with: fixed, whatever happens to earlier meetings.
    first_paragraph: Mapped[int | None]

    partnership: Mapped[Partnership] = relationship(lazy="raise")
    items: Mapped[list["MinutesItem"]] = relationship(
        back_populates="meeting", order_by="MinutesItem.position, MinutesItem.id", lazy="raise"
    )
    attendance: Mapped[list["Attendance"]] = relationship(
        back_populates="meeting", order_by="Attendance.id", lazy="raise", cascade="all, delete-orphan"
    )
    corrections: Mapped[list["MinutesCorrection"]] = relationship(
        back_populates="meeting", order_by="MinutesCorrection.id", lazy="raise"
    )

    @property
    def is_locked(self) -> bool:
        return self.state is MeetingState.APPROVED


class MinutesItem(Versioned, Visible, Model):
    """One numbered item (§): on the agenda before the meeting, in the minutes after it."""

    __tablename__ = "minutes_item"
    __table_args__ = (Index("ix_minutes_item_meeting_position", "meeting_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    #: Order on the agenda, from 1; the printed § follows from it and the partnership's numbering.
    position: Mapped[int]
    heading: Mapped[str] = mapped_column(String(HEADING_LENGTH))
    minutes_planned: Mapped[int | None]
    text: Mapped[str | None] = mapped_column(String(6000))
    #: The line of a briefing that asked for this item.
    briefing_item_id: Mapped[int | None] = mapped_column(
        ForeignKey("briefing_item.id", ondelete="SET NULL"), index=True
    )

    meeting: Mapped[Meeting] = relationship(back_populates="items", lazy="raise")
    decisions: Mapped[list["Decision"]] = relationship(
        back_populates="item", order_by="Decision.number", lazy="raise", cascade="all, delete-orphan"
    )


class Attendance(Model):
    """Whether an actor took part, and by which function."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("meeting_id", "actor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"), index=True)
    function: Mapped[str | None] = mapped_column(String(120))
    status: Mapped[AttendanceStatus] = mapped_column(enum_type(AttendanceStatus))

    meeting: Mapped[Meeting] = relationship(back_populates="attendance", lazy="raise")
    actor: Mapped[Actor] = relationship(lazy="raise")


decision_measure = Table(
    "decision_measure",
    Base.metadata,
    Column("decision_id", ForeignKey("decision.id", ondelete="RESTRICT"), primary_key=True),
    Column("measure_id", ForeignKey("measure.id", ondelete="RESTRICT"), primary_key=True, index=True),
)


class Decision(Versioned, Visible, Model):
    """What the meeting decided. Each actor decides in its own line; a forum makes no myndighetsbeslut (DOMAIN 7.2)."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("minutes_item.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(String(1000))

    item: Mapped[MinutesItem] = relationship(back_populates="decisions", lazy="raise")
    measures: Mapped[list[Measure]] = relationship(secondary=decision_measure, order_by=Measure.number, lazy="raise")


class MinutesCorrection(Correction, Visible, Model):
    """A later change of approved minutes (rättelse), with date and reason; the minutes stand as approved."""

    __tablename__ = "minutes_correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="RESTRICT"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("minutes_item.id", ondelete="RESTRICT"))

    meeting: Mapped[Meeting] = relationship(back_populates="corrections", lazy="raise")
    item: Mapped[MinutesItem | None] = relationship(lazy="raise")
