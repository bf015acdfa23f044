"""What the room tells the registry."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import Select, and_, bindparam, func, or_, select

from platssamverkan.actors.models import Actor
from platssamverkan.agreements import queries
from platssamverkan.agreements.models import (
    Agreement,
    AgreementKind,
    AgreementParty,
    AgreementStanding,
    AgreementStatus,
    Commitment,
)
from platssamverkan.core import clock
from platssamverkan.core.db import db, first_of_each, prepared, swedish
from platssamverkan.core.formatting import partial, swedish_sort_key
from platssamverkan.core.registry import Hit, Mention, Registry
from platssamverkan.core.visibility import Reader, Readers, in_each, visible_to
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.queries import slug_by_id

#: Agreements that frame the work of a partnership, as against what is bought for it, in the order they are told.
FRAMES = (
    AgreementKind.PLACE_AGREEMENT, AgreementKind.POLICE_MUNICIPAL, AgreementKind.CITY_POLICE_CENTRAL,
    AgreementKind.CITIZEN_PROMISE,
)  # fmt: skip
#: What frames nothing: it is not agreed yet, or is over.
NOT_IN_FORCE = (
    AgreementStanding.DRAFT, AgreementStanding.EXPIRED, AgreementStanding.REPLACED, AgreementStanding.EXTENDED,
)  # fmt: skip
#: What a line about an agreement says.
_LINE = (Agreement.id, Agreement.title, Agreement.kind, Agreement.starts, Agreement.ends)


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(70, "Avtal", "agreements.index")
    registry.add_mentions("actor", mentions_of_actors)
    registry.searches["agreements"] = search
    registry.names["agreement"] = agreement_names
    registry.names["agreement_party"] = party_names
    registry.names["commitment"] = commitment_names
    registry.questions["frame_agreements"] = frame_agreements


def _url(slug: str, agreement_id: int, number: int | None = None) -> str:
    anchor = f"atagande-{number}" if number else None
    return url_for("agreements.show", slug=slug, agreement_id=agreement_id, _anchor=anchor)


@prepared
def _party_to(reader: Reader) -> Select[*tuple[Any, ...]]:
    return (
        select(Agreement.id, Agreement.title, Agreement.starts, Agreement.ends)
        .add_columns(AgreementParty.actor_id, AgreementParty.is_participant_only, AgreementParty.withdrew)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .where(AgreementParty.actor_id.in_(bindparam("ids", expanding=True)))
        .where(Agreement.partnership_id == bindparam("partnership_id"), visible_to(Agreement, reader))
        .order_by(swedish(Agreement.title))
    )


def mentions_of_actors(partnership_id: int, actor_ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    """Return actor id → the agreements that it is party to. Two queries."""
    slug = slug_by_id(partnership_id)
    found: dict[int, list[Mention]] = {}
    values = {"partnership_id": partnership_id, "ids": actor_ids}
    for row in db.session.execute(_party_to(reader), values):
        mention = Mention(
            label=row.title,
            url=_url(slug, row.id),
            kind=", ".join(part for part in (_part_of(row), queries.period(row)) if part),
        )
        found.setdefault(row.actor_id, []).append(mention)
    return found


def _part_of(party: Any) -> str:
    part = "Deltar enligt avtal" if party.is_participant_only else "Avtalspart"
    return f"{part} till {partial(party.withdrew)}" if party.withdrew else part


def agreement_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Return agreement id → its title and page."""
    slug = slug_by_id(partnership_id)
    statement = select(Agreement.id, Agreement.title).where(
        Agreement.partnership_id == partnership_id, Agreement.id.in_(ids), visible_to(Agreement, reader)
    )
    return {row.id: Mention(row.title, _url(slug, row.id)) for row in db.session.execute(statement)}


def party_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Return the id of a party → its name and agreement, and the agreement's page."""
    slug = slug_by_id(partnership_id)
    statement = (
        select(AgreementParty.id, AgreementParty.agreement_id, Agreement.title)
        .add_columns(func.coalesce(Actor.name, AgreementParty.name).label("name"))
        .join(Agreement, Agreement.id == AgreementParty.agreement_id)
        .outerjoin(Actor, Actor.id == AgreementParty.actor_id)
        .where(Agreement.partnership_id == partnership_id, AgreementParty.id.in_(ids), visible_to(Agreement, reader))
    )
    return {
        row.id: Mention(f"{row.name}, {row.title}", _url(slug, row.agreement_id))
        for row in db.session.execute(statement)
    }


def commitment_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Return commitment id → its number and agreement, and where it stands on the agreement's page."""
    slug = slug_by_id(partnership_id)
    statement = (
        select(Commitment.id, Commitment.number, Commitment.agreement_id, Agreement.title)
        .join(Agreement, Agreement.id == Commitment.agreement_id)
        .where(Agreement.partnership_id == partnership_id, Commitment.id.in_(ids), visible_to(Agreement, reader))
    )
    return {
        row.id: Mention(f"Åtagande {row.number}, {row.title}", _url(slug, row.agreement_id, row.number))
        for row in db.session.execute(statement)
    }


def search(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the agreements that hold the words."""
    statement = (
        select(*_LINE, Agreement.partnership_id, Partnership.slug)
        .join(Partnership, Partnership.id == Agreement.partnership_id)
        .where(in_each(readers, Agreement.partnership_id, lambda reader: visible_to(Agreement, reader)))
        .where(queries.holds_words(" ".join(words)))
    )
    order = swedish(Agreement.title), Agreement.id
    return [
        Hit("Avtal", row.title, _url(row.slug, row.id), text=_line(row), partnership_id=row.partnership_id)
        for row in db.session.execute(
            first_of_each(statement, Agreement.id, Agreement.partnership_id, *order, most=limit)
        )
    ]


def _line(row: Any) -> str:
    return ", ".join(part for part in (row.kind.label, queries.period(row)) if part)


@prepared
def _framing(reader: Reader, today: date) -> Select[*tuple[Any, ...]]:
    here, standing = Agreement.partnership_id == bindparam("partnership_id"), Agreement.its_standing_on(today)
    agreed, begun = Agreement.status.is_distinct_from(AgreementStatus.DRAFT), ~Agreement.begins_after(today)
    prolonged = select(Agreement.extends_id).where(here, Agreement.extends_id.is_not(None), agreed)
    # What is prolonged ahead of time frames until what prolongs it begins.
    is_prolonged = and_(Agreement.status == AgreementStatus.EXTENDED, Agreement.id.in_(prolonged))
    still_holds = and_(is_prolonged, ~Agreement.ended_before(today))
    return (
        select(*_LINE)
        .where(here, visible_to(Agreement, reader), Agreement.kind.in_(FRAMES), begun)
        .where(or_(standing.is_(None), standing.not_in(NOT_IN_FORCE), still_holds))
        .where(Agreement.id.not_in(prolonged.where(begun)))
    )


def frame_agreements(partnership_id: int, reader: Reader) -> list[Mention]:
    """Return the agreements that frame the partnership: agreed and not replaced, local ones first."""
    framing = db.session.execute(_framing(reader, clock.today()), {"partnership_id": partnership_id}).all()
    slug = slug_by_id(partnership_id)
    return [
        Mention(label=row.title, url=_url(slug, row.id), kind=row.kind.label)
        for row in sorted(framing, key=lambda row: (FRAMES.index(row.kind), swedish_sort_key(row.title)))
    ]
