"""The lists of agreements and of commitments: what each can be filtered and sorted by, and what its file holds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from platssamverkan.actors.models import Actor
from platssamverkan.agreements.models import (
    Agreement,
    AgreementKind,
    AgreementParty,
    AgreementStanding,
    Commitment,
    CommitmentKind,
)
from platssamverkan.agreements.queries import commitment_columns, holds_words, of_partnership, party_name, target
from platssamverkan.core import clock, tables
from platssamverkan.core.db import db, prepared, swedish
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, visible_to

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def agreements(
    partnership_id: int, reader: Reader, actors: Sequence[tuple[int, str]], *, export: bool = False
) -> tuple["Select[Any]", ListSpec]:
    """Return the list of agreements: rows for the page, agreements for a file. `actors` are the id and name of the
    parties that it can be filtered by."""
    party = select(AgreementParty.id).where(AgreementParty.agreement_id == Agreement.id).correlate(Agreement)

    def has_party(value: str) -> "ColumnElement[bool]":
        return party.where(AgreementParty.actor_id == int(value)).exists()

    today = clock.today()
    standing = Agreement.its_standing_on(today)

    def told(row: Agreement) -> str | None:
        stands = row.standing_on(today)
        return stands.since(row.starts) if stands else None

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
            Column("status", "Läge", standing, value=told),
        ],
        filters=[
            Filter("q", "Sök avtal eller åtagande", holds_words, "search"),
            Filter("typ", "Typ", lambda v: Agreement.kind == AgreementKind(v), choices=AgreementKind.choices()),
            Filter("status", "Läge", lambda v: standing == AgreementStanding(v), choices=AgreementStanding.choices()),
            Filter("part", "Part", has_party, choices=[(str(actor_id), name) for actor_id, name in actors]),
        ],
        default_sort="title",
        tie=Agreement.id,
    )
    statement = _whole_agreements() if export else _agreement_rows(today)
    return statement.where(of_partnership(partnership_id, reader)), spec


@prepared
def _whole_agreements() -> "Select[Agreement]":
    return select(Agreement).options(
        selectinload(Agreement.parties).joinedload(AgreementParty.actor),
        selectinload(Agreement.commitments).load_only(Commitment.id, Commitment.agreement_id),
    )


@prepared
def _agreement_rows(today: date) -> "Select[*tuple[Any, ...]]":
    held = select(func.count(Commitment.id)).where(Commitment.agreement_id == Agreement.id).scalar_subquery()
    return select(Agreement.id, Agreement.title, Agreement.kind, Agreement.starts, Agreement.ends).add_columns(
        Agreement.its_standing_on(today).label("standing"), Agreement.parties_text, Agreement.visibility,
        Agreement.is_example, held.label("commitments"),
    )  # fmt: skip


@prepared
def _party_rows() -> "Select[*tuple[Any, ...]]":
    return (
        select(AgreementParty.agreement_id, AgreementParty.withdrew)
        .add_columns(func.coalesce(Actor.name, AgreementParty.name).label("name"))
        .outerjoin(Actor, Actor.id == AgreementParty.actor_id)
        .where(AgreementParty.agreement_id.in_(bindparam("ids", expanding=True)))
        .order_by(AgreementParty.id)
    )


def parties_of(agreement_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Return agreement id → its parties, each with `name` and when it `withdrew`, in their order. One query."""
    found: dict[int, list[Any]] = {agreement_id: [] for agreement_id in agreement_ids}
    for row in db.session.execute(_party_rows(), {"ids": agreement_ids}):
        found[row.agreement_id].append(row)
    return found


@prepared
def _party_actors(reader: Reader) -> "Select[*tuple[Any, ...]]":
    in_sight = Agreement.partnership_id == bindparam("partnership_id"), visible_to(Agreement, reader)
    ids = select(AgreementParty.actor_id).join(AgreementParty.agreement).where(*in_sight)
    return select(Actor.id, Actor.name).where(Actor.id.in_(ids)).order_by(swedish(Actor.name))


def party_actors(partnership_id: int, reader: Reader) -> list[tuple[int, str]]:
    """Return (id, name) of the actors that are party to an agreement that the reader may see, by name."""
    found = db.session.execute(_party_actors(reader), {"partnership_id": partnership_id})
    return [(actor_id, name) for actor_id, name in found]


def commitments(partnership_id: int, reader: Reader, *, export: bool = False) -> tuple["Select[Any]", ListSpec]:
    """Return the list of all commitments of the partnership: rows for the page, commitments for a file."""
    followed = or_(Commitment.done_count.is_not(None), Commitment.done_note.is_not(None))
    reached = and_(Commitment.target_count.is_not(None), Commitment.done_count >= Commitment.target_count)
    states = {"uppnatt": reached, "uppfoljt": followed, "ej": ~followed}
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
    statement = _whole_listed() if export else _commitment_rows()
    return statement.where(of_partnership(partnership_id, reader)), spec


@prepared
def _whole_listed() -> "Select[Commitment]":
    return (
        select(Commitment)
        .join(Commitment.agreement)
        .options(contains_eager(Commitment.agreement), joinedload(Commitment.party).joinedload(AgreementParty.actor))
    )


@prepared
def _commitment_rows() -> "Select[*tuple[Any, ...]]":
    return (
        commitment_columns()
        .add_columns(Agreement.title.label("agreement"))
        .add_columns(func.coalesce(Actor.name, AgreementParty.name).label("party"))
        .join(Agreement, Agreement.id == Commitment.agreement_id)
        .outerjoin(AgreementParty, AgreementParty.id == Commitment.party_id)
        .outerjoin(Actor, Actor.id == AgreementParty.actor_id)
    )


#: What the page says beside the count has a column of its own in the file.
DONE_PERIOD = Column("done_period", "Genomfört under tiden", value=lambda row: row.done_period)
#: A commitment is read by those who read its agreement.
READERS = replace(tables.READERS, value=lambda row: row.agreement.visibility.label)


def bound(row: Commitment) -> str:
    """Return who is bound: the party, "Gemensamt", or "" when the source does not say."""
    if row.party:
        return party_name(row.party)
    return "Gemensamt" if row.is_joint else ""
