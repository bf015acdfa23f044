"""Goals in versions, indicators and what was observed, assessments per period and what they rest on (DOMAIN 4, 6)."""

from datetime import date
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Numeric, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from platssamverkan.actors.models import Actor
from platssamverkan.core.columns import Correction, LabelledEnum, Lockable, Sourced, Versioned, Visible, enum_type
from platssamverkan.core.db import Base, Model
from platssamverkan.core.partial_date import PartialDateText, earliest, latest
from platssamverkan.places.models import Place


class GoalLevel(LabelledEnum):
    """Where in the tree a goal stands."""

    VISION = "vision", "Vision"
    OVERALL = "overall", "Övergripande mål"
    DIRECTION = "direction", "Inriktningsmål"
    SUBGOAL = "subgoal", "Delmål"


class IndicatorKind(LabelledEnum):
    """What is measured. Some kinds carry a caveat that is printed wherever the indicator is (DOMAIN 6)."""

    PERCEPTION_SURVEY = "perception_survey", "Trygghetsmätning eller enkät"
    REPORTED_CRIME = "reported_crime", "Anmälda brott"
    REPORTED_DRUG_CRIME = "reported_drug_crime", "Anmälda narkotikabrott"
    VIOLENT_CRIME = "violent_crime", "Våldsbrott"
    RATE_PER_AREA = "rate_per_area", "Antal per yta"
    SCENE_AREA = "scene_area", "Drogscenens yta"
    SCENE_COUNT = "scene_count", "Antal drogscener"
    PRESENCE_COUNT = "presence_count", "Närvaro på platsen"
    CLEANLINESS = "cleanliness", "Städning"
    MAINTENANCE_FAULT = "maintenance_fault", "Fel och brister i drift"
    EVENT_COUNT = "event_count", "Antal platsaktiveringar"
    COMMITMENT_FULFILMENT = "commitment_fulfilment", "Uppfyllda åtaganden"
    VISITOR_DWELL = "visitor_dwell", "Vistelse på platsen"

    @property
    def default_caveat(self) -> str | None:
        """The caveat that belongs to the kind (DOMAIN 6, "Indicator caveats"), or None."""
        return {
            "reported_drug_crime": "Speglar i hög grad polisens insatser, inte faktisk förekomst.",
            "reported_crime": "Påverkas av anmälningsbenägenhet och tystnadskultur.",
            "violent_crime": "Små tal: slumpen kan ge stora skillnader mellan perioder.",
            "rate_per_area": "Ändras när ytan ändras. Läs tillsammans med antal och yta.",
            "perception_survey": "Urval, frågans lydelse och jämförelseområde påverkar resultatet.",
            "scene_count": "Sammanslagningar och delningar av platser påverkar antalet.",
            "presence_count": "Visar insats, inte effekt. Synlig bevakning kan minska den upplevda tryggheten.",
        }.get(self.value)

    @property
    def must_be_interpreted(self) -> bool:
        """Whether no direction is better by itself: fewer reported drug crimes may mean less police work (DOMAIN 1)."""
        return self is IndicatorKind.REPORTED_DRUG_CRIME

    def caveats(self, own: str | None) -> list[str]:
        """Return what to print with an indicator of the kind: its `own` caveat, else that of the kind."""
        text = own or self.default_caveat
        return [text] if text else []


class DesiredDirection(LabelledEnum):
    """Which way is better. `none` must be interpreted each time."""

    UP = "up", "Högre är bättre"
    DOWN = "down", "Lägre är bättre"
    NONE = "none", "Måste tolkas"


class TargetOperator(LabelledEnum):
    """How the target is reached."""

    AT_LEAST = "at_least", "minst"
    AT_MOST = "at_most", "högst"


class QualitativeDirection(LabelledEnum):
    """An observation in words, as the source puts it; never turned into a figure."""

    INCREASED = "increased", "Ökat"
    DECREASED = "decreased", "Minskat"
    UNCHANGED = "unchanged", "Oförändrat"
    NEARLY_DOUBLED = "nearly_doubled", "Nästan dubblats"
    POSITIVE_DEVELOPMENT = "positive_development", "Positiv utveckling"
    PREVIOUSLY_HIGH = "previously_high", "Tidigare hög nivå"
    CHALLENGE_COMPARED = "challenge_compared_to_other_areas", "Utmaning jämfört med andra områden"


class Grade(LabelledEnum):
    """Assessment of a goal by the city's ILS scale."""

    FULL = "full", "Uppfylls helt"
    PARTIAL = "partial", "Uppfylls delvis"
    NOT = "not", "Uppfylls inte"
    NOT_ASSESSED = "not_assessed", "Ej bedömt"

    @property
    def status_kind(self) -> str:
        """Return the kind of status that `ui.status` draws."""
        return {"full": "ok", "partial": "partial", "not": "error", "not_assessed": "neutral"}[self.value]


class ReportingPeriod(LabelledEnum):
    """Which report a period belongs to. Grades of T1 and T2 are forecasts for the year, VB is the outcome."""

    T1 = "t1", "Tertialrapport 1"
    T2 = "t2", "Tertialrapport 2"
    VB = "vb", "Verksamhetsberättelse"

    def days(self, year: int) -> tuple[date, date]:
        """Return the first and last local day that the report of `year` covers: to 30 April, 31 August, 31 December."""
        last = {"t1": (4, 30), "t2": (8, 31), "vb": (12, 31)}[self.value]
        return date(year, 1, 1), date(year, *last)


class ActionPlanKind(LabelledEnum):
    """What the plan is called locally."""

    OPERATIONAL_PLAN = "operational_plan", "Verksamhetsplan"
    ACTION_PLAN = "action_plan", "Åtgärdsplan"
    HANDLING_PLAN = "handling_plan", "Handlingsplan"
    ACTIVITY_PLAN = "activity_plan", "Aktivitetsplan"


class ActionPlan(Sourced, Model):
    """A plan that holds goals or measures for a period."""

    __tablename__ = "action_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[ActionPlanKind] = mapped_column(enum_type(ActionPlanKind))
    starts: Mapped[str | None] = mapped_column(PartialDateText)
    ends: Mapped[str | None] = mapped_column(PartialDateText)
    document_year: Mapped[int | None]
    focus_areas: Mapped[list[str]] = mapped_column(JSON, default=list)


class Goal(Sourced, Versioned, Visible, Model):
    """A goal in the tree vision → övergripande mål or inriktningsmål → delmål. Its words are in its versions."""

    __tablename__ = "goal"
    __table_args__ = (CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_own_parent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("goal.id", ondelete="RESTRICT"), index=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("action_plan.id", ondelete="SET NULL"))
    level: Mapped[GoalLevel] = mapped_column(enum_type(GoalLevel))
    #: As printed: "Inriktningsmål 2". Null where the source numbers none.
    number: Mapped[int | None]
    #: Set when the goal is ended; ended goals keep their assessments.
    ended_on: Mapped[date | None]
    ended_reason: Mapped[str | None] = mapped_column(String(500))

    parent: Mapped["Goal | None"] = relationship(remote_side=[id], lazy="raise")
    plan: Mapped[ActionPlan | None] = relationship(lazy="raise")
    versions: Mapped[list["GoalVersion"]] = relationship(
        back_populates="goal", order_by="GoalVersion.number", lazy="raise", passive_deletes=True
    )


class GoalVersion(Versioned, Model):
    """The words of a goal during a period. A changed goal gets a new version; old assessments keep theirs.

    Those that hold on a day are the latest that have begun by then (`wording.version_at`, `goal_queries.holding_on`).
    """

    __tablename__ = "goal_version"
    __table_args__ = (
        UniqueConstraint("goal_id", "number"),
        CheckConstraint("ends IS NULL OR starts IS NULL OR ends || '-99' >= starts", name="end_after_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id", ondelete="CASCADE"))
    #: Counts up from 1 within the goal, in the order in which the words begin to hold.
    number: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(String(500))
    starts: Mapped[str | None] = mapped_column(PartialDateText)
    ends: Mapped[str | None] = mapped_column(PartialDateText)
    #: Why the words were changed.
    change_reason: Mapped[str | None] = mapped_column(String(500))

    goal: Mapped[Goal] = relationship(back_populates="versions", lazy="raise")

    def has_begun(self, day: date) -> bool:
        """Say whether the words had begun to hold by `day`; those without a known start always had."""
        return self.starts is None or earliest(self.starts) <= day

    def has_run_out(self, day: date) -> bool:
        """Say whether the time that the words were made for had passed by `day`. They go on to hold until others do."""
        return self.ends is not None and latest(self.ends) < day


indicator_goal = Table(
    "indicator_goal",
    Base.metadata,
    Column("indicator_id", ForeignKey("indicator.id", ondelete="CASCADE"), primary_key=True),
    Column("goal_id", ForeignKey("goal.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Indicator(Sourced, Versioned, Visible, Model):
    """A measured quantity with unit, desired direction, caveat, owner, baseline and target."""

    __tablename__ = "indicator"
    __table_args__ = (
        CheckConstraint("(target_value IS NULL) = (target_operator IS NULL)", name="target_has_operator"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[IndicatorKind] = mapped_column(enum_type(IndicatorKind))
    unit: Mapped[str | None] = mapped_column(String(60))
    desired_direction: Mapped[DesiredDirection] = mapped_column(enum_type(DesiredDirection))
    caveat: Mapped[str | None] = mapped_column(String(500))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    #: "Stockholms län", "Sverige": where no place of the program is meant.
    area_text: Mapped[str | None] = mapped_column(String(120))
    #: Which surveys or registers the values come from.
    method: Mapped[str | None] = mapped_column(String(300))
    compare_with: Mapped[str | None] = mapped_column(String(200))
    baseline_value: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    baseline_period: Mapped[str | None] = mapped_column(PartialDateText)
    target_value: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    target_operator: Mapped[TargetOperator | None] = mapped_column(enum_type(TargetOperator))
    ended_on: Mapped[date | None]

    owner: Mapped[Actor | None] = relationship(foreign_keys=[owner_id], lazy="raise")
    place: Mapped[Place | None] = relationship(lazy="raise")
    goals: Mapped[list[Goal]] = relationship(secondary=indicator_goal, order_by=Goal.number, lazy="raise")
    observations: Mapped[list["Observation"]] = relationship(
        back_populates="indicator", order_by="Observation.sort_key, Observation.id", lazy="raise", passive_deletes=True
    )

    @property
    def caveats(self) -> list[str]:
        """Return every caveat to print with the indicator."""
        return self.kind.caveats(self.caveat)


class Observation(Sourced, Versioned, Visible, Model):
    """One value, or one statement in words, for one period. A rate keeps its numerator and its area (DOMAIN 1, 4)."""

    __tablename__ = "observation"
    __table_args__ = (
        CheckConstraint("value IS NOT NULL OR direction IS NOT NULL OR statement IS NOT NULL", name="value_or_words"),
        CheckConstraint("ends IS NULL OR starts IS NULL OR ends || '-99' >= starts", name="end_after_start"),
        CheckConstraint("area_hectares IS NULL OR area_hectares > 0", name="area_positive"),
        Index("ix_observation_indicator_sort", "indicator_id", "sort_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id", ondelete="CASCADE"))
    starts: Mapped[str | None] = mapped_column(PartialDateText)
    ends: Mapped[str | None] = mapped_column(PartialDateText)
    #: The period in the source's words, when it is no date ("sedan 2014").
    period_text: Mapped[str | None] = mapped_column(String(60))
    #: The end of the period (or its start) for sorting; empty string when no time is given, which sorts first.
    sort_key: Mapped[str] = mapped_column(String(10), default="")
    value: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    is_approximate: Mapped[bool] = mapped_column(default=False)
    numerator: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    area_hectares: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    direction: Mapped[QualitativeDirection | None] = mapped_column(enum_type(QualitativeDirection))
    statement: Mapped[str | None] = mapped_column(String(500))
    #: Who measured, in words, for values that people enter: "Attitydundersökning våren 2026".
    origin: Mapped[str | None] = mapped_column(String(200))

    indicator: Mapped[Indicator] = relationship(back_populates="observations", lazy="raise")


class Study(Sourced, Versioned, Model):
    """Research or an evaluation, with question, target group, methods and what to beware of."""

    __tablename__ = "study"

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    years: Mapped[str | None] = mapped_column(String(40))
    performed_by: Mapped[str | None] = mapped_column(String(200))
    funded_by: Mapped[str | None] = mapped_column(String(200))
    design: Mapped[str | None] = mapped_column(String(120))
    question: Mapped[str | None] = mapped_column(String(500))
    target_group: Mapped[str | None] = mapped_column(String(120))
    methods: Mapped[list[str]] = mapped_column(JSON, default=list)
    risk_note: Mapped[str | None] = mapped_column(String(500))
    finding: Mapped[str | None] = mapped_column(String(500))
    report_due: Mapped[str | None] = mapped_column(PartialDateText)
    #: Functions and organisations of the reference group; never names.
    reference_group: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)


class GoalAssessment(Sourced, Lockable, Versioned, Visible, Model):
    """The assessment of a goal version for a period. Locked when approved; a later change is a correction."""

    __tablename__ = "goal_assessment"
    __table_args__ = (
        UniqueConstraint("goal_version_id", "year", "period"),
        CheckConstraint("year BETWEEN 2000 AND 2199", name="year_plausible"),
        CheckConstraint("length(trim(motivation)) > 0", name="motivation_given"),
        CheckConstraint("(locked_at IS NULL) = (locked_by_function IS NULL)", name="locked_by_someone"),
    )
    WHEN_LOCKED = "Bedömningen är fastställd. Den kan bara rättas, med datum och skäl."
    WHEN_OPEN = "Bedömningen är inte fastställd. Ändra den direkt."

    id: Mapped[int] = mapped_column(primary_key=True)
    goal_version_id: Mapped[int] = mapped_column(ForeignKey("goal_version.id", ondelete="RESTRICT"))
    year: Mapped[int]
    period: Mapped[ReportingPeriod] = mapped_column(enum_type(ReportingPeriod))
    grade: Mapped[Grade] = mapped_column(enum_type(Grade))
    motivation: Mapped[str] = mapped_column(String(2000))
    deviations: Mapped[str | None] = mapped_column(String(1000))
    continued_work: Mapped[str | None] = mapped_column(String(1000))
    proposed_change: Mapped[str | None] = mapped_column(String(1000))
    #: "underlag saknas": the assessor says that there is nothing to point to.
    lacks_evidence: Mapped[bool] = mapped_column(default=False)
    assessed_on: Mapped[date]
    assessed_by_function: Mapped[str] = mapped_column(String(160))

    goal_version: Mapped[GoalVersion] = relationship(lazy="raise")
    evidence: Mapped[list["EvidenceLink"]] = relationship(
        back_populates="assessment",
        order_by="EvidenceLink.id",
        cascade="all, delete-orphan",
        lazy="raise",
    )
    corrections: Mapped[list["AssessmentCorrection"]] = relationship(
        back_populates="assessment", order_by="AssessmentCorrection.id", lazy="raise"
    )


class EvidenceLink(Model):
    """What an assessment rests on: exactly one record, so that each figure can be followed back."""

    __tablename__ = "evidence_link"
    __table_args__ = (
        CheckConstraint(
            " + ".join(
                f"CASE WHEN {kind}_id IS NULL THEN 0 ELSE 1 END"
                for kind in ("indicator", "measure", "activation_event", "decision", "study")
            )
            + " = 1",
            name="exactly_one",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("goal_assessment.id", ondelete="CASCADE"), index=True)
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id", ondelete="RESTRICT"))
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id", ondelete="RESTRICT"))
    activation_event_id: Mapped[int | None] = mapped_column(ForeignKey("activation_event.id", ondelete="RESTRICT"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id", ondelete="RESTRICT"))
    study_id: Mapped[int | None] = mapped_column(ForeignKey("study.id", ondelete="RESTRICT"))

    assessment: Mapped[GoalAssessment] = relationship(back_populates="evidence", lazy="raise")

    @property
    def target(self) -> tuple[str, int]:
        """Return the kind and id of the record: ("measure", 12)."""
        for kind in ("indicator", "measure", "activation_event", "decision", "study"):
            value: int | None = getattr(self, f"{kind}_id")
            if value is not None:
                return kind, value
        raise ValueError("an evidence link without target")


class AssessmentCorrection(Correction, Model):
    """A later change of a locked assessment, with date and reason; the assessment itself stands as approved."""

    __tablename__ = "assessment_correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("goal_assessment.id", ondelete="RESTRICT"), index=True)

    assessment: Mapped[GoalAssessment] = relationship(back_populates="corrections", lazy="raise")
