"""What the pages of agreements, other rooms and reports read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.actors.models import Actor
from platssamverkan.agreements.models import (
    Agreement,
    AgreementParty,
    Commitment,
    CommitmentKind,
)
from platssamverkan.core.db import db, one_or_404, prepared, related_or_404, rows, swedish, with_related
from platssamverkan.core.formatting import partial_span
from platssamverkan.core.sources import Source
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, visible_to

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def party_name(party: AgreementParty) -> str:
    """Return the actor's name, or the name that the source gives."""
    return party.actor.name if party.actor else party.name or ""


def of_partnership(partnership_id: int, reader: Reader) -> "ColumnElement[bool]":
    """Return the condition of the partnership's agreements that `reader` may read."""
    return and_(Agreement.partnership_id == partnership_id, visible_to(Agreement, reader))


def holds_words(text: str) -> "ColumnElement[bool]":
    """Return the condition that an agreement holds the words: itself, in the name of a party, or in a commitment."""
    party = select(AgreementParty.agreement_id).where(contains(text, AgreementParty.name))
    commitment = select(Commitment.agreement_id).where(contains(text, Commitment.text, Commitment.done_note))
    own = contains(text, Agreement.title, Agreement.note, Agreement.parties_text, Agreement.diary_number)
    return or_(own, Agreement.id.in_(party), Agreement.id.in_(commitment))


@dataclass(frozen=True)
class Chain:
    """The id and title of what an agreement prolongs, what prolongs it, what steers it and what it steers."""

    predecessor: Any
    successors: list[Any]
    parent: Any
    children: list[Any]


def agreement_page(partnership_id: int, agreement_id: int, reader: Reader) -> Agreement:
    """Return the agreement with parties and commitments; 404 outside the partnership or when it may not be read."""
    agreement = agreement_with_parties(partnership_id, agreement_id, reader)
    set_committed_value(agreement, "commitments", rows(_whole_commitments(), agreement_id=agreement_id))
    return agreement


def agreement_with_parties(partnership_id: int, agreement_id: int, reader: Reader) -> Agreement:
    """Return the agreement with source and parties; 404 outside the partnership or when it may not be read."""
    values = {"agreement_id": agreement_id, "partnership_id": partnership_id}
    agreement: Agreement = related_or_404(_one_agreement(reader), "source", **values)
    found = db.session.execute(_parties(), {"agreement_id": agreement_id})
    set_committed_value(agreement, "parties", [with_related(row, "actor") for row in found])
    return agreement


@prepared
def _one_agreement(reader: Reader) -> "Select[*tuple[Any, ...]]":
    return (
        select(Agreement, Source)
        .outerjoin(Source, Source.id == Agreement.source_id)
        .where(Agreement.id == bindparam("agreement_id"), Agreement.partnership_id == bindparam("partnership_id"))
        .where(visible_to(Agreement, reader))
    )


@prepared
def _parties() -> "Select[*tuple[Any, ...]]":
    return (
        select(AgreementParty, Actor)
        .outerjoin(Actor, Actor.id == AgreementParty.actor_id)
        .where(AgreementParty.agreement_id == bindparam("agreement_id"))
        .order_by(AgreementParty.id)
    )


@prepared
def _whole_commitments() -> "Select[Commitment]":
    own = Commitment.agreement_id == bindparam("agreement_id")
    return select(Commitment).where(own).order_by(Commitment.number)


@prepared
def commitment_columns() -> "Select[*tuple[Any, ...]]":
    """Return the select of what every list of commitments prints of each."""
    return select(
        *(Commitment.id, Commitment.agreement_id, Commitment.party_id, Commitment.number, Commitment.kind),
        *(Commitment.text, Commitment.is_joint, Commitment.recurrence, Commitment.target_count),
        *(Commitment.done_count, Commitment.done_period, Commitment.done_note),
    )


@prepared
def _commitments_shown() -> "Select[*tuple[Any, ...]]":
    source = aliased(Source, name="source")
    return (
        commitment_columns()
        .add_columns(Commitment.together_with, Commitment.basis, Commitment.source_note, source)
        .outerjoin(source, source.id == Commitment.source_id)
        .where(Commitment.agreement_id == bindparam("agreement_id"))
        .order_by(Commitment.number)
    )


def commitments_shown(agreement_id: int) -> Sequence[Any]:
    """Return the agreement's commitments as its page prints them, in order, each with its `source`. One query."""
    return list(db.session.execute(_commitments_shown(), {"agreement_id": agreement_id}))


def chain_of(agreement: Agreement, reader: Reader) -> Chain:
    """Return the agreement's neighbours that the reader may see. One query."""
    values = {
        "partnership_id": agreement.partnership_id,
        "agreement_id": agreement.id,
        "extends_id": agreement.extends_id,
        "parent_id": agreement.parent_id,
    }
    found = db.session.execute(_beside(reader), values).all()
    by_id = {row.id: row for row in found}
    return Chain(
        predecessor=by_id.get(agreement.extends_id or 0),
        successors=[row for row in found if row.extends_id == agreement.id],
        parent=by_id.get(agreement.parent_id or 0),
        children=[row for row in found if row.parent_id == agreement.id],
    )


@prepared
def _beside(reader: Reader) -> "Select[*tuple[Any, ...]]":
    own: BindParameter[int] = bindparam("agreement_id")
    above = or_(Agreement.id == bindparam("extends_id"), Agreement.id == bindparam("parent_id"))
    return (
        select(Agreement.id, Agreement.title, Agreement.extends_id, Agreement.parent_id)
        .where(Agreement.partnership_id == bindparam("partnership_id"), visible_to(Agreement, reader))
        .where(or_(above, Agreement.extends_id == own, Agreement.parent_id == own))
        .order_by(Agreement.starts.nulls_last(), Agreement.id)
    )


def other_agreements(partnership_id: int, reader: Reader, but: int | None) -> list[Agreement]:
    """Return the agreements that another may prolong or belong to."""
    statement = (
        select(Agreement).where(of_partnership(partnership_id, reader)).order_by(swedish(Agreement.title), Agreement.id)
    )
    return [row for row in rows(statement) if row.id != but]


def links(partnership_id: int) -> tuple[dict[int, int | None], dict[int, int | None]]:
    """Return agreement id → what it prolongs, and → what it belongs to, for every agreement of the partnership."""
    statement = select(Agreement.id, Agreement.extends_id, Agreement.parent_id).where(
        Agreement.partnership_id == partnership_id
    )
    found = list(db.session.execute(statement))
    return {own: extends for own, extends, _ in found}, {own: parent for own, _, parent in found}


def party(agreement: Agreement, party_id: int) -> AgreementParty:
    """Return a party of the agreement; 404 otherwise."""
    return one_or_404(
        select(AgreementParty)
        .where(AgreementParty.agreement_id == agreement.id, AgreementParty.id == party_id)
        .options(joinedload(AgreementParty.actor))
    )


def commitment(agreement: Agreement, commitment_id: int) -> Commitment:
    """Return a commitment of the agreement; 404 otherwise."""
    return one_or_404(select(Commitment).where(Commitment.agreement_id == agreement.id, Commitment.id == commitment_id))


def commitments_of(partnership_id: int, reader: Reader) -> list[Commitment]:
    """Return the commitments that the reader may see with agreement, party and the party's actor loaded, in the order
    of agreement and number. One query."""
    return rows(
        select(Commitment)
        .join(Commitment.agreement)
        .where(of_partnership(partnership_id, reader))
        .options(
            contains_eager(Commitment.agreement),
            joinedload(Commitment.party).joinedload(AgreementParty.actor),
        )
        .order_by(swedish(Agreement.title), Agreement.id, Commitment.number)
    )


@dataclass(frozen=True)
class Fulfilment:
    """How many commitments there are, and how far they have been followed up."""

    total: int
    followed_up: int
    with_target: int
    reached: int


def fulfilment(partnership_id: int, reader: Reader) -> Fulfilment:
    """Return the counts of the partnership's commitments (not of needs that were only named). One query."""
    return Fulfilment(*db.session.execute(_counts(reader), {"partnership_id": partnership_id}).one())


@prepared
def _counts(reader: Reader) -> "Select[*tuple[Any, ...]]":
    has_target = Commitment.target_count.is_not(None)
    return (
        select(
            func.count(Commitment.id),
            func.count(Commitment.id).filter(
                or_(Commitment.done_count.is_not(None), Commitment.done_note.is_not(None))
            ),
            func.count(Commitment.id).filter(has_target),
            func.count(Commitment.id).filter(has_target, Commitment.done_count >= Commitment.target_count),
        )
        .join(Commitment.agreement)
        .where(Agreement.partnership_id == bindparam("partnership_id"), visible_to(Agreement, reader))
        .where(Commitment.kind == CommitmentKind.COMMITMENT)
    )


def outcome(row: Any) -> str:
    """Return how far a commitment has been followed up: "none", "followed_up", "partly" or "reached"."""
    if row.done_count is None and not row.done_note:
        return "none"
    if not row.target_count or not row.done_count:
        return "followed_up"
    return "reached" if row.done_count >= row.target_count else "partly"


def target(row: Any) -> str:
    """Return "minst 2, varje år", "varje vecka", or ""."""
    parts = [f"minst {row.target_count}"] if row.target_count else []
    if row.recurrence:
        parts.append(row.recurrence.label.lower())
    return ", ".join(parts)


def period(row: Any) -> str:
    """Return "2023–2025", "från 2016", or "" when the source gives no time."""
    return partial_span(row.starts, row.ends)
