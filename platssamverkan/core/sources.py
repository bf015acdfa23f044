"""Where a fact comes from: the document that a loaded or entered row rests on."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from platssamverkan.core.columns import LabelledEnum, enum_type
from platssamverkan.core.db import Model
from platssamverkan.core.formatting import day


class SourceKind(LabelledEnum):
    """How a source stands to what it tells."""

    AUTHORITY = "authority", "Myndighet"
    OFFICIAL_REPORT = "official_report", "Tjänsteutlåtande"
    RESEARCH = "research", "Forskning eller utredning"
    RESIDENT_INPUT = "resident_input", "Synpunkter från boende"
    POLITICAL = "political", "Politisk källa"
    MEDIA = "media", "Media"
    OWN_OBSERVATION = "own_observation", "Egen iakttagelse"


class Source(Model):
    """A document. Political sources are always labelled as such (DOMAIN 6.1, invariant 9)."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    kind: Mapped[SourceKind] = mapped_column(enum_type(SourceKind))
    publisher: Mapped[str | None] = mapped_column(String(200))
    #: As the document gives it: "2023", "2019–2021"; null when it gives none.
    years: Mapped[str | None] = mapped_column(String(40))
    #: The date printed on the document and the date it was attested may differ; both are kept.
    printed_on: Mapped[date | None]
    attested_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(500))

    @property
    def is_political(self) -> bool:
        return self.kind is SourceKind.POLITICAL

    @property
    def citation(self) -> str:
        """Return title, kind when political, and year unless the title says it, as printed in a list of sources. One
        that gives no year is told with its day."""
        kind = " (politisk källa)" if self.is_political else ""
        year = f", {self.years}" if self.years and self.years not in self.title else ""
        return f"{self.title}{kind}{year or self._dated}"

    @property
    def _dated(self) -> str:
        if self.years:
            return ""
        if self.attested_on:
            return f", attesterat {day(self.attested_on)}"
        return f", daterat {day(self.printed_on)}" if self.printed_on else ""
