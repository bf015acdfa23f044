"""Agreements, the parties that join and leave them, and what each party binds itself to (DOMAIN 4.7, 6.1)."""

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    UniqueConstraint,
    and_,
    case,
    func,
    literal,
    type_coerce,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from platssamverkan.actors.models import Actor
from platssamverkan.core.columns import LabelledEnum, Sourced, Versioned, Visible, enum_type
from platssamverkan.core.db import Model
from platssamverkan.core.formatting import partial
from platssamverkan.core.partial_date import PartialDateText, earliest, latest
from platssamverkan.core.recurrence import Recurrence

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class AgreementKind(LabelledEnum):
    """What kind of agreement it is."""

    CITY_POLICE_CENTRAL = "city_police_central", "Stadsövergripande överenskommelse"
    POLICE_MUNICIPAL = "police_municipal", "Samverkansöverenskommelse"
    CITIZEN_PROMISE = "citizen_promise", "Medborgarlöfte"
    PLACE_AGREEMENT = "place_agreement", "Avtal om platssamverkan"
    SERVICE_CONTRACT = "service_contract", "Uppdragsavtal"


class AgreementStatus(LabelledEnum):
    """Where in its life an agreement stands."""

    DRAFT = "draft", "Utkast"
    ACTIVE = "active", "Gäller"
    EXTENDED = "extended", "Förlängd"
    EXPIRED = "expired", "Utgången"
    REPLACED = "replaced", "Ersatt"


class AgreementStanding(LabelledEnum):
    """Where in its life an agreement stands on a day: its status, as far as its period bears that out."""

    DRAFT = AgreementStatus.DRAFT, AgreementStatus.DRAFT.label
    COMING = "coming", "Börjar gälla senare"
    ACTIVE = AgreementStatus.ACTIVE, AgreementStatus.ACTIVE.label
    EXTENDED = AgreementStatus.EXTENDED, AgreementStatus.EXTENDED.label
    EXPIRED = AgreementStatus.EXPIRED, AgreementStatus.EXPIRED.label
    REPLACED = AgreementStatus.REPLACED, AgreementStatus.REPLACED.label

    def since(self, starts: str | None) -> str:
        """Return the label, with the day for an agreement that begins later: "Börjar gälla 1 december 2026"."""
        return f"Börjar gälla {partial(starts)}" if self is AgreementStanding.COMING else self.label


class Agreement(Sourced, Versioned, Visible, Model):
    """A written agreement: kind, parties, period, predecessor."""

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("ends IS NULL OR starts IS NULL OR ends || '-99' >= starts", name="end_after_start"),
        CheckConstraint("extends_id IS NULL OR extends_id <> id", name="not_own_predecessor"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[AgreementKind] = mapped_column(enum_type(AgreementKind))
    #: Null: the source does not say.
    status: Mapped[AgreementStatus | None] = mapped_column(enum_type(AgreementStatus))
    starts: Mapped[str | None] = mapped_column(PartialDateText)
    ends: Mapped[str | None] = mapped_column(PartialDateText)
    signed: Mapped[str | None] = mapped_column(PartialDateText)
    length_years: Mapped[int | None]
    diary_number: Mapped[str | None] = mapped_column(String(60))
    #: The agreement that this one prolongs; forms a chain, which does not fork.
    extends_id: Mapped[int | None] = mapped_column(
        ForeignKey("agreement.id", ondelete="RESTRICT"), index=True, unique=True
    )
    #: The city-wide agreement that steers a local one.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id", ondelete="RESTRICT"))
    focus_areas: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Parties as the source names them when it names none in particular.
    parties_text: Mapped[str | None] = mapped_column(String(500))
    note: Mapped[str | None] = mapped_column(String(1000))

    extends: Mapped["Agreement | None"] = relationship(foreign_keys=[extends_id], remote_side=[id], lazy="raise")
    parent: Mapped["Agreement | None"] = relationship(foreign_keys=[parent_id], remote_side=[id], lazy="raise")
    parties: Mapped[list["AgreementParty"]] = relationship(
        back_populates="agreement", order_by="AgreementParty.id", lazy="raise", passive_deletes=True
    )
    commitments: Mapped[list["Commitment"]] = relationship(
        back_populates="agreement", order_by="Commitment.number", lazy="raise", passive_deletes=True
    )

    def standing_on(self, day: date) -> AgreementStanding | None:
        """Return where the agreement stands on `day`: what is said to hold has not begun before the first day of its
        period, and has expired when the last has passed."""
        if self.status is AgreementStatus.ACTIVE and self.starts is not None and earliest(self.starts) > day:
            return AgreementStanding.COMING
        if self.status is AgreementStatus.ACTIVE and self.ends is not None and latest(self.ends) < day:
            return AgreementStanding.EXPIRED
        return AgreementStanding(self.status) if self.status else None

    @classmethod
    def its_standing_on(cls, day: date) -> "ColumnElement[AgreementStanding | None]":
        """Return `standing_on` as the database tells it."""
        told = enum_type(AgreementStanding)
        is_active = cls.status == AgreementStatus.ACTIVE
        return case(
            (and_(is_active, cls.begins_after(day)), literal(AgreementStanding.COMING, told)),
            (and_(is_active, cls.ended_before(day)), literal(AgreementStanding.EXPIRED, told)),
            else_=type_coerce(cls.status, told),
        )

    @classmethod
    def begins_after(cls, day: date) -> "ColumnElement[bool]":
        """Return the condition that no day of the period has come on `day`."""
        return func.coalesce(type_coerce(cls.starts, String), "") > day.isoformat()

    @classmethod
    def ended_before(cls, day: date) -> "ColumnElement[bool]":
        """Return the condition that every day of the period has passed on `day`."""
        return func.coalesce(type_coerce(cls.ends, String), "9999") + "-99" < day.isoformat()


class AgreementParty(Versioned, Model):
    """A party: an actor, or an outside name where the source names one that is no actor here. Joins and leaves."""

    __tablename__ = "agreement_party"
    __table_args__ = (
        CheckConstraint("(actor_id IS NULL) <> (name IS NULL)", name="actor_or_name"),
        CheckConstraint("withdrew IS NULL OR joined IS NULL OR withdrew || '-99' >= joined", name="left_after_joined"),
        UniqueConstraint("agreement_id", "id"),
        UniqueConstraint("agreement_id", "actor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str | None] = mapped_column(String(160))
    #: True for those that take part from the city without being a signing party.
    is_participant_only: Mapped[bool] = mapped_column(default=False)
    joined: Mapped[str | None] = mapped_column(PartialDateText)
    withdrew: Mapped[str | None] = mapped_column(PartialDateText)

    agreement: Mapped[Agreement] = relationship(back_populates="parties", lazy="raise")
    actor: Mapped[Actor | None] = relationship(lazy="raise")


class CommitmentKind(LabelledEnum):
    """Whether the point is a commitment or a need that the parties have named."""

    COMMITMENT = "commitment", "Åtagande"
    IDENTIFIED_NEED = "identified_need", "Identifierat behov"


class Commitment(Sourced, Versioned, Model):
    """One point that one party binds itself to (X förbinder sig att …). A null party: joint, or not said."""

    __tablename__ = "commitment"
    __table_args__ = (
        # A commitment belongs to a party of its own agreement (DOMAIN 6.1, invariant 1).
        ForeignKeyConstraint(
            ["agreement_id", "party_id"],
            ["agreement_party.agreement_id", "agreement_party.id"],
            name="fk_commitment_party_of_agreement",
            ondelete="RESTRICT",
        ),
        UniqueConstraint("agreement_id", "number"),
        CheckConstraint("target_count IS NULL OR target_count > 0", name="target_positive"),
        CheckConstraint("done_count IS NULL OR done_count >= 0", name="done_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"))
    party_id: Mapped[int | None]
    number: Mapped[int]
    kind: Mapped[CommitmentKind] = mapped_column(enum_type(CommitmentKind), default=CommitmentKind.COMMITMENT)
    text: Mapped[str] = mapped_column(String(500))
    is_joint: Mapped[bool] = mapped_column(default=False)
    together_with: Mapped[str | None] = mapped_column(String(200))
    recurrence: Mapped[Recurrence | None] = mapped_column(enum_type(Recurrence))
    #: At least so many times per `recurrence`.
    target_count: Mapped[int | None]
    #: So many times in `done_period` ("2026", "våren 2026"); null for that: not said.
    done_count: Mapped[int | None]
    done_period: Mapped[str | None] = mapped_column(String(60))
    done_note: Mapped[str | None] = mapped_column(String(500))

    agreement: Mapped[Agreement] = relationship(back_populates="commitments", lazy="raise")
    party: Mapped[AgreementParty | None] = relationship(
        primaryjoin="foreign(Commitment.party_id) == AgreementParty.id", viewonly=True, lazy="raise"
    )
