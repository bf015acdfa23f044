"""Problem → cause → measure, its follow-ups, and what keeps the result when it ends (DOMAIN 5, 6)."""

from datetime import date

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from platssamverkan.actors.models import Actor
from platssamverkan.core.columns import LabelledEnum, Sourced, Versioned, Visible, enum_type
from platssamverkan.core.db import Base, Model, swedish
from platssamverkan.core.partial_date import PartialDateText, earliest
from platssamverkan.partnerships.models import Partnership
from platssamverkan.places.models import Place


class TimeBand(LabelledEnum):
    """When in the day a problem shows. Clock hours are not in the sources."""

    MORNING = "morning", "Förmiddag"
    AFTERNOON = "afternoon", "Eftermiddag"
    LATE_AFTERNOON = "late_afternoon", "Sen eftermiddag"
    EVENING = "evening", "Kväll"
    EARLY_NIGHT = "early_night", "Tidig natt"
    ALL_DAY = "all_day", "Dygnet runt"


class MeasureMethod(LabelledEnum):
    """By which method a measure works; at least one."""

    SOCIAL = "social", "Social"
    SITUATIONAL = "situational", "Situationell"
    POLICE = "police", "Polisiär"
    ACTIVATION = "activation", "Platsaktivering"
    ORGANISATIONAL = "organisational", "Organisatorisk"
    KNOWLEDGE = "knowledge", "Kunskap/studie"


class CptedCategory(LabelledEnum):
    """The six CPTED categories; only for situational measures (DOMAIN 6.1, invariant 2)."""

    TERRITORIALITY = "territoriality", "Territorialitet"
    ACCESS_CONTROL = "access_control", "Tillträdeskontroll"
    SURVEILLANCE = "surveillance", "Övervakning"
    TARGET_HARDENING = "target_hardening", "Försvårande av brottsgenomförande"
    IMAGE = "image", "Image"
    ACTIVITY_SUPPORT = "activity_support", "Aktivitetsstöd"


class MeasureStatus(LabelledEnum):
    """Where a measure stands."""

    PROPOSED = "proposed", "Föreslagen"
    DECIDED = "decided", "Beslutad, ej påbörjad"
    ONGOING = "ongoing", "Pågår"
    DELAYED = "delayed", "Försenad"
    COMPLETED = "completed", "Genomförd"
    MAINTAINED = "maintained", "Vidmakthålls"
    PAUSED = "paused", "Pausad"
    CANCELLED = "cancelled", "Avbruten"

    @property
    def is_waiting(self) -> bool:
        return self in {MeasureStatus.PROPOSED, MeasureStatus.DECIDED}

    @property
    def is_begun(self) -> bool:
        """Say whether it has begun and has not ended."""
        return self in {MeasureStatus.ONGOING, MeasureStatus.DELAYED, MeasureStatus.PAUSED}

    @property
    def is_done(self) -> bool:
        return self in {MeasureStatus.COMPLETED, MeasureStatus.MAINTAINED}

    @property
    def is_closed(self) -> bool:
        return self.is_done or self is MeasureStatus.CANCELLED


class FollowUpDone(LabelledEnum):
    """Whether what was decided was done; kept apart from its effect (DOMAIN 4.5)."""

    YES = "yes", "Ja"
    PARTLY = "partly", "Delvis"
    NO = "no", "Nej"


class FollowUpEffect(LabelledEnum):
    """What came of it."""

    IMPROVED = "improved", "Förbättring"
    UNCHANGED = "unchanged", "Oförändrat"
    WORSENED = "worsened", "Försämring"
    TOO_EARLY = "too_early", "För tidigt"
    NOT_MEASURABLE = "not_measurable", "Går ej att bedöma"
    RELAPSE = "relapse", "Återfall efter avslut"


class Displacement(LabelledEnum):
    """Whether the trade moved."""

    YES = "yes", "Ja"
    NO = "no", "Nej"
    UNKNOWN = "unknown", "Vet inte"


class Problem(Sourced, Versioned, Visible, Model):
    """A problem at a place: what happens where and when, never who."""

    __tablename__ = "problem"
    __table_args__ = (UniqueConstraint("partnership_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(String(500))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    spot: Mapped[str | None] = mapped_column(String(120))
    time_band: Mapped[TimeBand | None] = mapped_column(enum_type(TimeBand))
    consequences: Mapped[str | None] = mapped_column(String(500))
    priority: Mapped[int | None]
    noted_on: Mapped[date | None]
    resolved_on: Mapped[date | None]

    place: Mapped[Place | None] = relationship(lazy="raise")
    causes: Mapped[list["CauseAnalysis"]] = relationship(
        back_populates="problem", order_by="CauseAnalysis.number", lazy="raise"
    )


class CauseKind(LabelledEnum):
    """What sort of cause it is (DOMAIN 5, step 2)."""

    PHYSICAL = "physical", "Fysisk miljö"
    SOCIAL = "social", "Social"
    ORGANISATIONAL = "organisational", "Organisatorisk"


class CauseAnalysis(Versioned, Visible, Model):
    """Why the problem is here, and which actor has the mandate to change it."""

    __tablename__ = "cause_analysis"
    __table_args__ = (UniqueConstraint("problem_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id", ondelete="RESTRICT"))
    number: Mapped[int]
    kind: Mapped[CauseKind] = mapped_column(enum_type(CauseKind))
    text: Mapped[str] = mapped_column(String(500))
    mandate_actor_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"))

    problem: Mapped[Problem] = relationship(back_populates="causes", lazy="raise")
    mandate_actor: Mapped[Actor | None] = relationship(foreign_keys=[mandate_actor_id], lazy="raise")


measure_goal = Table(
    "measure_goal",
    Base.metadata,
    Column("measure_id", ForeignKey("measure.id", ondelete="CASCADE"), primary_key=True),
    Column("goal_id", ForeignKey("goal.id", ondelete="RESTRICT"), primary_key=True, index=True),
)

measure_affected_actor = Table(
    "measure_affected_actor",
    Base.metadata,
    Column("measure_id", ForeignKey("measure.id", ondelete="CASCADE"), primary_key=True),
    Column("actor_id", ForeignKey("actor.id", ondelete="RESTRICT"), primary_key=True, index=True),
)


class Measure(Sourced, Versioned, Visible, Model):
    """A planned or done action with method, responsible and affected actors, goals, period and status."""

    __tablename__ = "measure"
    __table_args__ = (
        UniqueConstraint("partnership_id", "number"),
        # What people enter has an actor and a status; only what a source leaves open may lack them.
        CheckConstraint("responsible_actor_id IS NOT NULL OR source_id IS NOT NULL", name="responsible_given"),
        CheckConstraint("status IS NOT NULL OR source_id IS NOT NULL", name="status_given"),
        CheckConstraint("ends IS NULL OR starts IS NULL OR ends || '-99' >= starts", name="end_after_start"),
        Index("ix_measure_partnership_status_due", "partnership_id", "status", "due_on"),
        Index("ix_measure_partnership_closed_on", "partnership_id", "closed_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"))
    #: "Åtgärd 12"; counts up within the partnership.
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(String(1000))
    #: Null means that it was decided without an analysis of causes; reports say so.
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("cause_analysis.id", ondelete="RESTRICT"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    place_text: Mapped[str | None] = mapped_column(String(160))
    responsible_actor_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"), index=True)
    status: Mapped[MeasureStatus | None] = mapped_column(enum_type(MeasureStatus))
    starts: Mapped[str | None] = mapped_column(PartialDateText)
    ends: Mapped[str | None] = mapped_column(PartialDateText)
    #: Klart senast, a local day.
    due_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    resources: Mapped[str | None] = mapped_column(String(300))
    follow_up_on: Mapped[date | None]
    planned_count: Mapped[int | None]
    is_especially_valuable: Mapped[bool] = mapped_column(default=False)
    #: What the source says came of it.
    outcome_text: Mapped[str | None] = mapped_column(String(500))
    cancel_reason: Mapped[str | None] = mapped_column(String(500))

    partnership: Mapped[Partnership] = relationship(lazy="raise")
    cause: Mapped[CauseAnalysis | None] = relationship(lazy="raise")
    place: Mapped[Place | None] = relationship(lazy="raise")
    responsible: Mapped[Actor | None] = relationship(foreign_keys=[responsible_actor_id], lazy="raise")
    affected: Mapped[list[Actor]] = relationship(
        secondary=measure_affected_actor, order_by=swedish(Actor.name), lazy="raise"
    )
    methods: Mapped[list["MeasureMethodLink"]] = relationship(cascade="all, delete-orphan", lazy="raise")
    cpted: Mapped[list["MeasureCptedLink"]] = relationship(
        primaryjoin="Measure.id == foreign(MeasureCptedLink.measure_id)", cascade="all, delete-orphan", lazy="raise"
    )
    follow_ups: Mapped[list["FollowUp"]] = relationship(
        back_populates="measure", order_by="FollowUp.on, FollowUp.id", lazy="raise"
    )
    maintenance: Mapped["Maintenance | None"] = relationship(back_populates="measure", uselist=False, lazy="raise")

    def is_overdue(self, today: date) -> bool:
        """Say whether the day it should have been ready has passed and it is still open."""
        return self.due_on is not None and self.due_on < today and not (self.status and self.status.is_closed)

    def has_ended(self, day: date) -> bool:
        """Say whether it had ended on `day`, or may have where a source tells no more than the year."""
        if self.status is None or not self.status.is_closed:
            return False
        if self.closed_on is not None:
            return self.closed_on <= day
        return self.ends is None or earliest(self.ends) <= day


class MeasureMethodLink(Model):
    """One method of a measure."""

    __tablename__ = "measure_method"

    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id", ondelete="CASCADE"), primary_key=True)
    method: Mapped[MeasureMethod] = mapped_column(enum_type(MeasureMethod), primary_key=True, index=True)


class MeasureCptedLink(Model):
    """One CPTED category. The key into the measure's situational method holds the two together (invariant 2)."""

    __tablename__ = "measure_cpted"
    __table_args__ = (
        ForeignKeyConstraint(
            ["measure_id", "method"],
            ["measure_method.measure_id", "measure_method.method"],
            name="fk_measure_cpted_situational_method",
            ondelete="CASCADE",
        ),
        CheckConstraint("method = 'situational'", name="only_situational"),
    )

    measure_id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[CptedCategory] = mapped_column(enum_type(CptedCategory), primary_key=True)
    method: Mapped[MeasureMethod] = mapped_column(enum_type(MeasureMethod), default=MeasureMethod.SITUATIONAL)


class FollowUp(Sourced, Versioned, Visible, Model):
    """A dated check: done? effect? displacement? unintended effect? what next?"""

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint("displacement <> 'yes' OR displacement_text IS NOT NULL", name="displacement_described"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id", ondelete="CASCADE"), index=True)
    #: Null where the source gives no date.
    on: Mapped[date | None] = mapped_column(index=True)
    done: Mapped[FollowUpDone] = mapped_column(enum_type(FollowUpDone))
    done_count: Mapped[int | None]
    effect: Mapped[FollowUpEffect] = mapped_column(enum_type(FollowUpEffect))
    #: What the effect is read from.
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id", ondelete="SET NULL"))
    text: Mapped[str | None] = mapped_column(String(1000))
    displacement: Mapped[Displacement] = mapped_column(enum_type(Displacement), default=Displacement.UNKNOWN)
    #: Where and when it moved; places and hours, never persons.
    displacement_text: Mapped[str | None] = mapped_column(String(500))
    unintended_effect: Mapped[str | None] = mapped_column(String(500))
    next_step: Mapped[str | None] = mapped_column(String(500))
    by_function: Mapped[str | None] = mapped_column(String(160))

    measure: Mapped[Measure] = relationship(back_populates="follow_ups", lazy="raise")


class Maintenance(Versioned, Visible, Model):
    """What keeps the result when the measure ends. "Behövs ej" with a reason is an answer; silence is not."""

    __tablename__ = "maintenance"
    __table_args__ = (
        CheckConstraint("is_needed OR reason IS NOT NULL", name="not_needed_has_reason"),
        CheckConstraint("NOT is_needed OR (what IS NOT NULL AND actor_id IS NOT NULL)", name="needed_is_described"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id", ondelete="CASCADE"), unique=True)
    is_needed: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(500))
    what: Mapped[str | None] = mapped_column(String(500))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"))
    until_on: Mapped[date | None]
    funding: Mapped[str | None] = mapped_column(String(300))
    relapse_signal: Mapped[str | None] = mapped_column(String(300))
    review_on: Mapped[date | None]

    measure: Mapped[Measure] = relationship(back_populates="maintenance", lazy="raise")
    actor: Mapped[Actor | None] = relationship(foreign_keys=[actor_id], lazy="raise")
