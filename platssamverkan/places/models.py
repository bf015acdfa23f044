"""Places: delimited public locations, and what they are part of (DOMAIN 2, 6)."""

from datetime import date

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from platssamverkan.core.columns import LabelledEnum, Sourced, Versioned, enum_type
from platssamverkan.core.db import Model


class PlaceType(LabelledEnum):
    """What kind of location it is."""

    SQUARE = "square", "Torg"
    PARK = "park", "Park"
    STATION = "station", "Station/resecentrum"
    CENTRE = "centre", "Centrummiljö"
    COMMERCIAL_INNER_CITY = "commercial_inner_city", "Kommersiellt kvarter"
    RESIDENTIAL = "residential", "Bostadsområde"
    SCHOOL_AREA = "school_area", "Skola/förskola"
    GARAGE = "garage", "Garage"
    STAIRWELL = "stairwell", "Trapphus/tvättstuga"
    PLAYGROUND = "playground", "Lekpark"
    OTHER = "other", "Annan"


class SceneState(LabelledEnum):
    """Whether the place is assessed as an open drug scene. Independent of `prioritised` (DOMAIN 6.1, 5)."""

    NOT_CLASSIFIED = "not_classified", "Ej klassad"
    CLASSIFIED = "classified", "Klassad som öppen drogscen"
    FORMERLY_CLASSIFIED = "formerly_classified", "Tidigare klassad"


class PlaceBand(LabelledEnum):
    """The pattern that a place's pages carry; ornament only."""

    SQUARES = "squares", "Rutor"
    TRIANGLES = "triangles", "Trianglar"
    ARCS = "arcs", "Bågar"


class Place(Sourced, Versioned, Model):
    """A location: public or semi-public, never a dwelling (DOMAIN 9, R6)."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    municipality: Mapped[str | None] = mapped_column(String(80))
    district: Mapped[str | None] = mapped_column(String(80))
    part_of_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    #: Values of PlaceType.
    types: Mapped[list[str]] = mapped_column(JSON, default=list)
    scene_state: Mapped[SceneState | None] = mapped_column(enum_type(SceneState))
    scene_state_note: Mapped[str | None] = mapped_column(String(300))
    #: False for a place inside a scene that is counted under another place.
    scene_counted: Mapped[bool] = mapped_column(default=True)
    #: Null: the source does not say.
    prioritised: Mapped[bool | None]
    prioritised_since: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(String(1000))
    band: Mapped[PlaceBand] = mapped_column(enum_type(PlaceBand), default=PlaceBand.SQUARES)
    reviewed_on: Mapped[date | None]

    part_of: Mapped["Place | None"] = relationship(remote_side=[id], lazy="raise")

    @property
    def has_public_page(self) -> bool:
        """Whether anyone may read of it: what is known of it has a source or was reviewed."""
        return self.source_id is not None or self.reviewed_on is not None

    @property
    def type_labels(self) -> list[str]:
        return [PlaceType(value).label for value in self.types]


class SharedPremises(Sourced, Model):
    """A room at the place that the actors share (samverkanslokal)."""

    __tablename__ = "shared_premises"

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    access: Mapped[str | None] = mapped_column(String(120))
    uses: Mapped[list[str]] = mapped_column(JSON, default=list)
