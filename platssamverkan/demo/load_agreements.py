"""Loads agreements, their parties, and what each party binds itself to."""

from collections import Counter

from platssamverkan.agreements.models import (
    Agreement,
    AgreementKind,
    AgreementParty,
    Commitment,
    CommitmentKind,
)
from platssamverkan.core.db import db
from platssamverkan.core.recurrence import Recurrence
from platssamverkan.core.visibility import Visibility
from platssamverkan.demo.seed import Record, Seed

#: The file ties an agreement to a partnership only by frame, predecessor, parent or place name; read here.
HOMES = {
    "so-stockholm-polisregion": "vision-klara",
    "so-norra-innerstaden": "vision-klara",
    "avtal-khst-ordningsvakter": "vision-klara",
    "avtal-sergels-2020": "platssamverkan-sergels-torg",
    "avtal-sergels-2023": "platssamverkan-sergels-torg",
    "so-lpo-vallingby": "platssamverkan-blackeberg",
    "medborgarlofte-jarfalla": "samverkan-jakobsberg",
    "so-uppsala": "uppsala",
    "ml-uppsala-resecentrum": "uppsala",
    "ml-vivalla": "orebro",
    "so-helsingborg": "helsingborg",
    "so-boras": "boras",
    "ml-norrby": "boras",
}
PERIODS = {"year": Recurrence.YEARLY}


def load_agreements(seed: Seed) -> None:
    """Make the agreements and their parties; then tie predecessors and parents, which may stand later in the file."""
    later: list[tuple[Agreement, str | None, str | None]] = []
    for record in seed.records("agreements"):
        parties, participants = record.texts("parties"), record.texts("city_participants")
        predecessor, parent = record.take("extends"), record.take("parent")
        record.take("new_property_owners")
        signed = record.take("signed_year") or record.left.get("first_signed_year")
        agreement = Agreement(
            partnership_id=seed.id_of("partnerships", HOMES[record.key]),
            title=record.take("title"),
            kind=AgreementKind(record.take("kind")),
            starts=record.when("start"),
            ends=record.when("end"),
            signed=str(signed) if signed else None,
            length_years=record.take("length_years"),
            focus_areas=record.texts("focus_areas"),
            parties_text=record.take("parties_text"),
            note=record.take("note"),
            visibility=Visibility.PUBLIC,
            basis={"partnership": "read"},
        )
        seed.keep(record, agreement)
        _add_parties(seed, agreement, parties, participants)
        later.append((agreement, predecessor, parent))
    for agreement, predecessor, parent in later:
        agreement.extends_id = seed.id_of("agreements", predecessor)
        agreement.parent_id = seed.id_of("agreements", parent)
    db.session.flush()


def _add_parties(seed: Seed, agreement: Agreement, parties: list[str], participants: list[str]) -> None:
    """Save the parties: actors of the file, and outside names for those that it only mentions."""
    for name in [*parties, *participants]:
        known = seed.rows.get(("actors", name))
        party = AgreementParty(
            agreement_id=agreement.id,
            actor_id=known.id if known else None,
            name=None if known else name,
            is_participant_only=name in participants,
        )
        db.session.add(party)
        db.session.flush()
        seed.rows["parties", f"{agreement.seed_key}:{name}"] = party


def load_commitments(seed: Seed) -> None:
    """Make the commitments, numbered within their agreement in the file's order."""
    numbers: Counter[str] = Counter()
    for record in seed.records("commitments"):
        agreement, party = record.take("agreement"), record.take("party")
        numbers[agreement] += 1
        commitment = Commitment(
            agreement_id=seed.id_of("agreements", agreement),
            party_id=seed.id_of("parties", f"{agreement}:{party}" if party else None),
            number=numbers[agreement],
            kind=CommitmentKind(record.take("kind") or CommitmentKind.COMMITMENT),
            text=record.take("text"),
            is_joint=bool(record.take("joint")),
            together_with=", ".join(record.texts("together_with")) or None,
            recurrence=_recurrence(record),
            target_count=record.take("target_count_min"),
        )
        seed.keep(record, commitment)


def _recurrence(record: Record) -> Recurrence | None:
    period, recurrence = record.take("target_period"), record.take("recurrence")
    if period:
        return PERIODS[period]
    return Recurrence(recurrence) if recurrence else None
