"""Platsaktivering: what is done on the place so that more people stay there (DOMAIN 4.2)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from platssamverkan.actors.models import Actor
from platssamverkan.core.columns import LabelledEnum, Sourced, UTCDateTime, Versioned, Visible, enum_type
from platssamverkan.core.db import Base, Model
from platssamverkan.goals.models import Goal
from platssamverkan.places.models import Place


class EventType(LabelledEnum):
    """What kind of platsaktivering it is."""

    ART = "art", "Konst/gestaltning"
    PERFORMING_ARTS = "performing_arts", "Scenkonst"
    CULTURE = "culture", "Kultur"
    EVENT = "event", "Evenemang"
    CO_CREATED = "co_created", "Samskapande aktivitet"
    TEMPORARY_ENVIRONMENT = "temporary_environment", "Tillfällig vistelsemiljö/park"
    CLEANING = "cleaning", "Extra städning"


class EventStatus(LabelledEnum):
    """Whether it is to come, took place, or was cancelled."""

    PLANNED = "planned", "Planerad"
    HELD = "held", "Genomförd"
    CANCELLED = "cancelled", "Inställd"


activation_goal = Table(
    "activation_goal",
    Base.metadata,
    Column("activation_event_id", ForeignKey("activation_event.id", ondelete="CASCADE"), primary_key=True),
    Column("goal_id", ForeignKey("goal.id", ondelete="RESTRICT"), primary_key=True, index=True),
)


class ActivationEvent(Sourced, Versioned, Visible, Model):
    """One event. It reaches every partnership that covers the place or what the place is part of."""

    __tablename__ = "activation_event"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="end_after_start"),
        CheckConstraint("visitor_count IS NULL OR visitor_count >= 0", name="count_not_negative"),
        CheckConstraint("visitor_count IS NULL OR status = 'held'", name="count_only_when_held"),
        CheckConstraint("status <> 'cancelled' OR cancel_reason IS NOT NULL", name="cancelled_has_reason"),
        Index("ix_activation_event_partnership_starts", "partnership_id", "starts_at"),
        Index("ix_activation_event_place_starts", "place_id", "starts_at"),
        # Lists and the overview walk them in the order of time, whatever place they are at.
        Index("ix_activation_event_starts_at", "starts_at"),
        Index("ix_activation_event_ends_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The partnership in which it was logged; it owns the row.
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    #: Where on the place: "Nedre plan".
    spot: Mapped[str | None] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    type: Mapped[EventType] = mapped_column(enum_type(EventType))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"), index=True)
    status: Mapped[EventStatus] = mapped_column(enum_type(EventStatus), default=EventStatus.PLANNED)
    #: Only if someone counted; `count_method` says how.
    visitor_count: Mapped[int | None]
    count_method: Mapped[str | None] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(String(500))
    cancel_reason: Mapped[str | None] = mapped_column(String(200))

    place: Mapped[Place] = relationship(lazy="raise")
    organiser: Mapped[Actor] = relationship(foreign_keys=[organiser_id], lazy="raise")
    goals: Mapped[list[Goal]] = relationship(secondary=activation_goal, order_by=Goal.number, lazy="raise")


class OrganisationRole(Sourced, Model):
    """A role in the organisation that runs the platsaktivering; a function, never a person."""

    __tablename__ = "organisation_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    is_group: Mapped[bool] = mapped_column(default=False)
