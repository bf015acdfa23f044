"""Issued documents, kept as they were when issued, and the official reports that the demo data rests on."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from platssamverkan.core.columns import Sourced, UTCDateTime, Visible, enum_type
from platssamverkan.core.db import Model
from platssamverkan.core.visibility import Audience


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
    def is_dated_before_inquiry(self) -> bool:
        """Whether the printed date lies before the question it answers, which cannot be right (DOMAIN 1, trap 1)."""
        return bool(self.printed_on and self.inquiry_on and self.printed_on < self.inquiry_on)
