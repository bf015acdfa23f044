"""Issued documents, kept as they were when issued, the written summing up of a period, and the official reports that
the demo data rests on."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from platssamverkan.core.columns import Correction, Lockable, Sourced, UTCDateTime, Versioned, Visible, enum_type
from platssamverkan.core.db import Model
from platssamverkan.core.visibility import Audience
from platssamverkan.goals.models import ReportingPeriod


class IssuedDocument(Visible, Model):
    """The bytes of an approved document. Served as stored, never made anew; the database refuses any change."""

    __tablename__ = "issued_document"
    __table_args__ = (
        UniqueConstraint("partnership_id", "kind", "subject", "audience", "version"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        Index("ix_issued_document_partnership_at", "partnership_id", "issued_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="RESTRICT"))
    #: Key of the document in the registry: "minutes", "briefing", "goal-fulfilment".
    kind: Mapped[str] = mapped_column(String(40))
    #: What it is about: "meeting:12", "2023-vb".
    subject: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    audience: Mapped[Audience] = mapped_column(enum_type(Audience))
    version: Mapped[int]
    diary_number: Mapped[str | None] = mapped_column(String(60))
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    issued_by_function: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))


class PeriodSummary(Lockable, Versioned, Visible, Model):
    """The summing up of a period in words, first in its goal-fulfilment report (DOMAIN 7.4). Locked when a report that
    prints it is issued; a later change is a correction."""

    __tablename__ = "period_summary"
    __table_args__ = (
        UniqueConstraint("partnership_id", "year", "period"),
        CheckConstraint("year BETWEEN 2000 AND 2199", name="year_plausible"),
        CheckConstraint("length(trim(text)) > 0", name="text_given"),
        # It is written to stand in a document, and nothing internal to one actor ever does.
        CheckConstraint("visibility <> 'actor_internal'", name="for_a_document"),
        CheckConstraint("(locked_at IS NULL) = (locked_by_function IS NULL)", name="locked_by_someone"),
    )
    WHEN_LOCKED = "Den sammanfattande bedömningen är utfärdad med en rapport. Den kan bara rättas, med datum och skäl."
    WHEN_OPEN = "Den sammanfattande bedömningen är inte utfärdad. Ändra den direkt."

    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id", ondelete="RESTRICT"))
    year: Mapped[int]
    period: Mapped[ReportingPeriod] = mapped_column(enum_type(ReportingPeriod))
    text: Mapped[str] = mapped_column(String(6000))
    written_on: Mapped[date]
    written_by_function: Mapped[str] = mapped_column(String(160))

    corrections: Mapped[list["SummaryCorrection"]] = relationship(
        back_populates="summary", order_by="SummaryCorrection.id", lazy="raise"
    )


class SummaryCorrection(Correction, Model):
    """A later change of a locked summing up, with date and reason; the text itself stands as it was issued."""

    __tablename__ = "summary_correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(ForeignKey("period_summary.id", ondelete="RESTRICT"), index=True)

    summary: Mapped[PeriodSummary] = relationship(back_populates="corrections", lazy="raise")


class OfficialReport(Sourced, Model):
    """An administration's written report with a proposal to a nämnd (tjänsteutlåtande)."""

    __tablename__ = "official_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    subtitle: Mapped[str | None] = mapped_column(String(200))
    addressed_to: Mapped[str | None] = mapped_column(String(160))
    prepared_by: Mapped[str | None] = mapped_column(String(160))
    #: What is printed on it may be wrong; `is_dated_before_inquiry` says when it must be.
    printed_on: Mapped[date | None]
    inquiry_on: Mapped[date | None]
    proposal: Mapped[str | None] = mapped_column(String(500))
    headings: Mapped[list[str]] = mapped_column(JSON, default=list)
    attestations: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    attachments: Mapped[list[str]] = mapped_column(JSON, default=list)

    @property
    def attested_by(self) -> list[tuple[str, date]]:
        """Return the functions that have approved it digitally, each with the day."""
        return [(one["function"], date.fromisoformat(one["date"])) for one in self.attestations]

    @property
    def is_dated_before_inquiry(self) -> bool:
        """Whether the printed date lies before the question it answers, which cannot be right (DOMAIN 1, trap 1)."""
        return bool(self.printed_on and self.inquiry_on and self.printed_on < self.inquiry_on)
