"""Surveys of open drug scenes: rounds, what each says of a place, symptoms, time patterns (DOMAIN 4.6)."""

from datetime import date
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from platssamverkan.core.columns import LabelledEnum, Sourced, enum_type
from platssamverkan.core.db import Model
from platssamverkan.places.models import Place, SceneState


class SceneChange(LabelledEnum):
    """What a round says has happened with a place."""

    UNCHANGED = "unchanged", "Kvarstår"
    ADDED = "added", "Tillkommit"
    ENDED = "ended", "Upphört"
    MERGED = "merged", "Sammanslagen"
    SPLIT = "split", "Delad"
    BOUNDARY_CHANGED = "boundary_changed", "Ändrad utbredning"


class RoundStatus(LabelledEnum):
    """Whether the round is done."""

    PLANNED = "planned", "Planerad"
    PUBLISHED = "published", "Publicerad"


class SurveyRound(Sourced, Model):
    """One survey. Known by area, publication date and reference period, never by year alone (invariant 3)."""

    __tablename__ = "survey_round"
    __table_args__ = (
        UniqueConstraint("area", "published_on", "period_text", "key"),
        # Two publications may concern one year, but not one area on one day.
        Index("uq_survey_round_area_published", "area", "published_on", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    area: Mapped[str] = mapped_column(String(80))
    published_on: Mapped[date | None]
    period_text: Mapped[str] = mapped_column(String(60))
    year: Mapped[int]
    status: Mapped[RoundStatus] = mapped_column(enum_type(RoundStatus), default=RoundStatus.PUBLISHED)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("survey_round.id", ondelete="RESTRICT"))
    total: Mapped[int | None]
    added: Mapped[int | None]
    ended: Mapped[int | None]
    merged_some: Mapped[bool] = mapped_column(default=False)
    split_some: Mapped[bool] = mapped_column(default=False)
    #: Places fewer by mergers (merged away − results), and more by splits (results − places split). Null: not said.
    merged_count: Mapped[int | None]
    split_count: Mapped[int | None]
    conducted_by: Mapped[str | None] = mapped_column(String(160))
    note: Mapped[str | None] = mapped_column(String(300))

    previous: Mapped["SurveyRound | None"] = relationship(remote_side=[id], lazy="raise")

    def expected_total(self, previous_total: int | None) -> int | None:
        """Return previous − ended + added − merged + split, for the reconciliation line; None when ended or added is
        missing. Mergers and splits that the source does not count are left out (DOMAIN 6.1, invariant 3)."""
        if previous_total is None or self.added is None or self.ended is None:
            return None
        return previous_total - self.ended + self.added - (self.merged_count or 0) + (self.split_count or 0)


class SurveyEntry(Sourced, Model):
    """What is said of one place: its class and what has changed, in a round or outside any round."""

    __tablename__ = "survey_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("survey_round.id", ondelete="CASCADE"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    state: Mapped[SceneState] = mapped_column(enum_type(SceneState))
    change: Mapped[SceneChange | None] = mapped_column(enum_type(SceneChange))
    change_period: Mapped[str | None] = mapped_column(String(60))
    change_text: Mapped[str | None] = mapped_column(String(500))

    round: Mapped[SurveyRound | None] = relationship(lazy="raise")
    place: Mapped[Place] = relationship(lazy="raise")


class Symptom(Sourced, Model):
    """One of the seven symptoms of an open drug scene."""

    __tablename__ = "symptom"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(200))


class SymptomAnswer(LabelledEnum):
    """Whether the symptom is there."""

    YES = "yes", "Ja"
    NO = "no", "Nej"
    UNKNOWN = "unknown", "Vet inte"


class SymptomAssessment(Sourced, Model):
    """Whether one symptom is met in a city or at a place, with reason."""

    __tablename__ = "symptom_assessment"
    __table_args__ = (UniqueConstraint("city", "symptom_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    city: Mapped[str] = mapped_column(String(80))
    symptom_number: Mapped[int] = mapped_column(ForeignKey("symptom.number", ondelete="RESTRICT"))
    answer: Mapped[SymptomAnswer] = mapped_column(enum_type(SymptomAnswer))
    reason: Mapped[str | None] = mapped_column(String(300))


class TimePattern(Sourced, Model):
    """When in day, week and year the trade shows in a city."""

    __tablename__ = "time_pattern"

    id: Mapped[int] = mapped_column(primary_key=True)
    city: Mapped[str] = mapped_column(String(80), unique=True)
    bands: Mapped[list[str]] = mapped_column(JSON, default=list)
    season: Mapped[str | None] = mapped_column(String(200))
    weekdays: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(200))


class CityProfile(Sourced, Model):
    """Figures of a city that the report for Brå gives."""

    __tablename__ = "city_profile"
    __table_args__ = (CheckConstraint("inhabitants > 0", name="inhabitants_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    inhabitants: Mapped[int]
    unemployment_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    ill_health_number: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
