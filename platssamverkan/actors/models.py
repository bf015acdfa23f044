"""Actors: the organisations and units that take part (DOMAIN 3)."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from platssamverkan.core.columns import LabelledEnum, Sourced, Versioned, enum_type
from platssamverkan.core.db import Model


class ActorKind(LabelledEnum):
    """What kind of organisation an actor is (DOMAIN 6)."""

    MUNICIPALITY = "municipality", "Kommun"
    DISTRICT_ADMINISTRATION = "district_administration", "Stadsdelsförvaltning"
    CITY_DEPARTMENT = "city_department", "Förvaltning/kontor"
    MUNICIPAL_COMPANY = "municipal_company", "Kommunalt bolag"
    HOUSING_COMPANY = "housing_company", "Bostadsbolag"
    POLICE = "police", "Polis"
    REGION = "region", "Region"
    TRANSPORT_AUTHORITY = "transport_authority", "Trafikförvaltning"
    TRANSPORT_OPERATOR = "transport_operator", "Trafikoperatör"
    STATE_AGENCY = "state_agency", "Statlig myndighet"
    STATE_COMPANY = "state_company", "Statligt bolag"
    PROPERTY_OWNER = "property_owner", "Fastighetsägare"
    BUSINESS_ASSOCIATION = "business_association", "Näringslivsorganisation"
    COMMERCIAL_SITE = "commercial_site", "Galleria/varuhus"
    CIVIL_SOCIETY = "civil_society", "Civilsamhälle"
    SCHOOL = "school", "Skola"
    RESEARCH = "research", "Lärosäte"
    OTHER = "other", "Annan"

    @property
    def usually_subject_to_osl(self) -> bool:
        """Whether actors of this kind as a rule are bound by the secrecy act (OSL 2 kap.); editable for each actor."""
        return self in {
            ActorKind.MUNICIPALITY,
            ActorKind.DISTRICT_ADMINISTRATION,
            ActorKind.CITY_DEPARTMENT,
            ActorKind.MUNICIPAL_COMPANY,
            ActorKind.POLICE,
            ActorKind.REGION,
            ActorKind.TRANSPORT_AUTHORITY,
            ActorKind.STATE_AGENCY,
        }


class Sector(LabelledEnum):
    """In whose hands the actor is."""

    PUBLIC = "public", "Offentlig"
    PRIVATE = "private", "Privat"
    CIVIL = "civil", "Civilsamhälle"


class Actor(Sourced, Versioned, Model):
    """An organisation or unit. May take part in several partnerships."""

    __tablename__ = "actor"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160), unique=True)
    former_name: Mapped[str | None] = mapped_column(String(160))
    kind: Mapped[ActorKind] = mapped_column(enum_type(ActorKind))
    sector: Mapped[Sector | None] = mapped_column(enum_type(Sector))
    subject_to_osl: Mapped[bool]
    #: "Fastighetsägare i Blackeberg": several unnamed organisations that act as one.
    is_group: Mapped[bool] = mapped_column(default=False)
    member_count: Mapped[int | None]
