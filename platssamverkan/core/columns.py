"""Column types and the mixins that rows share: versions, visibility, locks, corrections, source."""

import enum
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import JSON, DateTime, Enum, ForeignKey, String, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from platssamverkan.core.visibility import Visibility

if TYPE_CHECKING:
    from platssamverkan.core.sources import Source


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: stored in UTC, read back aware. Raises ValueError on a naive value, whose zone nobody knows."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def enum_type(cls: type[enum.StrEnum]) -> Enum:
    """Return a text column type that the database holds to the values of `cls`."""
    return Enum(
        cls,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=48,
        name=cls.__name__.lower(),
    )


class LabelledEnum(enum.StrEnum):
    """An enumeration whose members carry their Swedish label: `NAME = "value", "Etikett"`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> "LabelledEnum":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (value, Swedish label) in the order of definition, for a form field."""
        return [(member.value, member.label) for member in cls]


class Versioned:
    """Rows that people edit side by side. A save made from an older version raises `EditConflict` (shown as 409)."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def touch(row: Versioned) -> None:
    """Give the row a new version though only what it is tied to changes: its own columns do not tell of that, and a
    late save would go unnoticed."""
    row.version += 1


class Visible:
    """Rows that carry free text say who may read it (DOMAIN 9, R7). `owner_actor_id` is whose internal text it is."""

    visibility: Mapped[Visibility] = mapped_column(enum_type(Visibility), default=Visibility.PARTNERSHIP)

    @declared_attr
    def owner_actor_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("actor.id", ondelete="RESTRICT"), index=True)


class Lockable:
    """Rows that stand as they are from the moment they are locked; only corrections may follow (`core.locks`)."""

    #: What is said to those who would change the row when it is locked, and to those who would correct it before.
    WHEN_LOCKED: ClassVar[str]
    WHEN_OPEN: ClassVar[str]

    locked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    locked_by_function: Mapped[str | None] = mapped_column(String(160))

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None


class Correction:
    """A later change of a locked text (rättelse), with date and reason; the text itself stands as it was locked."""

    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_function: Mapped[str] = mapped_column(String(160))
    text: Mapped[str] = mapped_column(String(2000))
    reason: Mapped[str] = mapped_column(String(500))


class Sourced:
    """Rows that were taken from a document keep it, how it was read, and whether they are an example."""

    @declared_attr
    def source_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("source.id", ondelete="RESTRICT"))

    @declared_attr
    def source(cls) -> Mapped["Source | None"]:
        # Printed by few pages, which say so in their statements.
        return relationship("Source", lazy="raise")

    #: The identity of the row in the loaded data set; null for rows entered by people.
    seed_key: Mapped[str | None] = mapped_column(String(80))
    #: What the source says beside the fields ("under flera års tid"), printed with the source.
    source_note: Mapped[str | None] = mapped_column(String(1000))
    #: field → "stated" | "read" | "classified": how firmly the source says it.
    basis: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    is_example: Mapped[bool] = mapped_column(default=False)
