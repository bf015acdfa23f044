"""What the pages of agreements, other rooms and reports read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from platssamverkan.actors.models import Actor
from platssamverkan.agreements.models import (
    Agreement,
    AgreementKind,
    AgreementParty,
    AgreementStatus,
    Commitment,
    CommitmentKind,
)
from platssamverkan.core.db import db, one_or_404, rows
from platssamverkan.core.formatting import FILTERS
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, visible_to

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def party_name(party: AgreementParty) -> str:
    """Return the actor's name, or the name that the source gives."""
    return party.actor.name if party.actor else party.name or ""


def _of_partnership(partnership_id: int, reader: Reader) -> "ColumnElement[bool]":
    return and_(Agreement.partnership_id == partnership_id, visible_to(Agreement, reader))


def agreements(partnership_id: int, reader: Reader, actors: Sequence[Actor]) -> tuple["Select[Agreement]", ListSpec]:
    """Return the list of agreements; `actors` are the parties that it can be filtered by."""
    party = select(AgreementParty.id).where(AgreementParty.agreement_id == Agreement.id).correlate(Agreement)
    commitment = select(Commitment.id).where(Commitment.agreement_id == Agreement.id).correlate(Agreement)

    def found(text: str) -> "ColumnElement[bool]":
        return or_(
            contains(text, Agreement.title, Agreement.note, Agreement.parties_text, Agreement.diary_number),
            party.where(contains(text, AgreementParty.name)).exists(),
            commitment.where(contains(text, Commitment.text)).exists(),
        )

    def has_party(value: str) -> "ColumnElement[bool]":
        return party.where(AgreementParty.actor_id == int(value)).exists()

    statement = (
        select(Agreement)
        .where(_of_partnership(partnership_id, reader))
        .options(
            selectinload(Agreement.parties).joinedload(AgreementParty.actor),
            selectinload(Agreement.commitments).load_only(Commitment.id, Commitment.agreement_id),
        )
    )
    spec = ListSpec(
        id="agreements",
        noun_singular="avtal",
        noun_plural="avtal",
        columns=[
            Column("title", "Avtal", Agreement.title, value=lambda row: row.title),
            Column("kind", "Typ", Agreement.kind, value=lambda row: row.kind.label),
            Column("parties", "Parter", value=lambda row: "; ".join(party_name(p) for p in row.parties)),
            Column("start", "Börjar", Agreement.starts, value=lambda row: row.starts),
            Column("end", "Slutar", Agreement.ends, value=lambda row: row.ends),
            Column("commitments", "Åtaganden", numeric=True, value=lambda row: len(row.commitments)),
            Column("status", "Status", Agreement.status, value=lambda row: row.status.label if row.status else None),
        ],
        filters=[
            Filter("q", "Sök avtal eller åtagande", found, "search"),
            Filter("typ", "Typ", lambda v: Agreement.kind == AgreementKind(v), choices=AgreementKind.choices()),
            Filter(
                "status", "Status", lambda v: Agreement.status == AgreementStatus(v), choices=AgreementStatus.choices()
            ),
            Filter("part", "Part", has_party, choices=[(str(actor.id), actor.name) for actor in actors]),
        ],
        default_sort="title",
        tie=Agreement.id,
    )
    return statement, spec


def party_actors(partnership_id: int, reader: Reader) -> list[Actor]:
    """Return the actors that are party to an agreement that the reader may see, by name."""
    ids = select(AgreementParty.actor_id).join(AgreementParty.agreement).where(_of_partnership(partnership_id, reader))
    return rows(select(Actor).where(Actor.id.in_(ids)).order_by(Actor.name))


@dataclass(frozen=True)
class Chain:
    """The agreements beside one: what it prolongs, what prolongs it, what steers it, what it steers."""

    predecessor: Agreement | None
    successors: list[Agreement]
    parent: Agreement | None
    children: list[Agreement]


def agreement_page(partnership_id: int, agreement_id: int, reader: Reader) -> Agreement:
    """Return the agreement with parties and commitments; 404 outside the partnership or when it may not be read."""
    return one_or_404(
        select(Agreement)
        .where(Agreement.id == agreement_id, _of_partnership(partnership_id, reader))
        .options(
            selectinload(Agreement.parties).joinedload(AgreementParty.actor),
            selectinload(Agreement.commitments),
        )
    )


def chain_of(agreement: Agreement, reader: Reader) -> Chain:
    """Return the agreement's neighbours that the reader may see. One query."""
    beside = [value for value in (agreement.extends_id, agreement.parent_id) if value]
    found = rows(
        select(Agreement)
        .where(_of_partnership(agreement.partnership_id, reader))
        .where(or_(Agreement.id.in_(beside), Agreement.extends_id == agreement.id, Agreement.parent_id == agreement.id))
        .order_by(Agreement.starts, Agreement.id)
    )
    by_id = {row.id: row for row in found}
    return Chain(
        predecessor=by_id.get(agreement.extends_id or 0),
        successors=[row for row in found if row.extends_id == agreement.id],
        parent=by_id.get(agreement.parent_id or 0),
        children=[row for row in found if row.parent_id == agreement.id],
    )


def other_agreements(partnership_id: int, reader: Reader, but: int | None) -> list[Agreement]:
    """Return the agreements that another may prolong or belong to."""
    statement = select(Agreement).where(_of_partnership(partnership_id, reader)).order_by(Agreement.title, Agreement.id)
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
        .where(_of_partnership(partnership_id, reader))
        .options(
            contains_eager(Commitment.agreement),
            joinedload(Commitment.party).joinedload(AgreementParty.actor),
        )
        .order_by(Agreement.title, Agreement.id, Commitment.number)
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
    has_target = Commitment.target_count.is_not(None)
    statement = (
        select(
            func.count(Commitment.id),
            func.count(Commitment.id).filter(
                or_(Commitment.done_count.is_not(None), Commitment.done_note.is_not(None))
            ),
            func.count(Commitment.id).filter(has_target),
            func.count(Commitment.id).filter(has_target, Commitment.done_count >= Commitment.target_count),
        )
        .join(Commitment.agreement)
        .where(_of_partnership(partnership_id, reader), Commitment.kind == CommitmentKind.COMMITMENT)
    )
    return Fulfilment(*db.session.execute(statement).one())


def commitments(partnership_id: int, reader: Reader) -> tuple["Select[Commitment]", ListSpec]:
    """Return the list of all commitments of the partnership."""
    followed = or_(Commitment.done_count.is_not(None), Commitment.done_note.is_not(None))
    reached = and_(Commitment.target_count.is_not(None), Commitment.done_count >= Commitment.target_count)
    states = {"uppnatt": reached, "uppfoljt": followed, "ej": ~followed}
    statement = (
        select(Commitment)
        .join(Commitment.agreement)
        .where(_of_partnership(partnership_id, reader))
        .options(contains_eager(Commitment.agreement), joinedload(Commitment.party).joinedload(AgreementParty.actor))
    )
    spec = ListSpec(
        id="commitments",
        noun_singular="åtagande",
        noun_plural="åtaganden",
        columns=[
            Column("text", "Åtagande", Commitment.text, value=lambda row: row.text),
            Column("party", "Part", value=bound),
            Column("agreement", "Avtal", (Agreement.title, Commitment.number), value=lambda row: row.agreement.title),
            Column("target", "Mål", Commitment.target_count, numeric=True, value=target),
            Column("done", "Genomfört", Commitment.done_count, numeric=True, value=lambda row: row.done_count),
        ],
        filters=[
            Filter("q", "Sök åtagande", lambda text: contains(text, Commitment.text, Commitment.done_note), "search"),
            Filter("typ", "Typ", lambda v: Commitment.kind == CommitmentKind(v), choices=CommitmentKind.choices()),
            Filter(
                "lage", "Uppföljning", lambda value: states[value],
                choices=[("uppnatt", "Målet uppnått"), ("uppfoljt", "Uppföljt"), ("ej", "Ej uppföljt")],
            ),
        ],
        default_sort="agreement",
        tie=Commitment.id,
    )  # fmt: skip
    return statement, spec


def bound(row: Commitment) -> str:
    """Return who is bound: the party, "Gemensamt", or "" when the source does not say."""
    if row.party:
        return party_name(row.party)
    return "Gemensamt" if row.is_joint else ""


def target(row: Commitment) -> str:
    """Return "minst 2, varje år", "varje vecka", or ""."""
    parts = [f"minst {row.target_count}"] if row.target_count else []
    if row.recurrence:
        parts.append(row.recurrence.label.lower())
    return ", ".join(parts)


def period(row: Agreement) -> str:
    """Return "2023–2025", "från 2016", or "" when the source gives no time."""
    return str(FILTERS["partial_span"](row.starts, row.ends))
