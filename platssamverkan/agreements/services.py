"""What happens to agreements, their parties and commitments. Nothing here commits."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select

from platssamverkan.agreements import queries
from platssamverkan.agreements.models import Agreement, AgreementParty, AgreementStatus, Commitment
from platssamverkan.agreements.periods import party_faults
from platssamverkan.core.db import db, next_number
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.partnerships import hanging

#: Parties go with the agreement; what they are bound to keeps both.
PARTS = {"agreement_party"}


class Circle(DomainError):
    """An agreement can't come before itself."""


class AlreadyProlonged(DomainError):
    """The chain does not fork: an agreement is prolonged once."""

    def __init__(self) -> None:
        super().__init__("Avtalet är redan förlängt. Förläng det senaste avtalet i kedjan.")


class PartiesOutside(DomainError):
    """Parties joined or left outside the period that the agreement was to get; `field` says which end of it."""

    def __init__(self, names: Collection[str], field: str) -> None:
        limit = "börjar efter" if field == "starts" else "slutar före"
        super().__init__(f"Avtalet {limit} den tid då parter anslöt sig eller lämnade: {', '.join(names)}.")
        self.field = field


def create_agreement(*, partnership_id: int, owner_actor_id: int, values: dict[str, Any]) -> Agreement:
    """Return a new agreement.

    :raises AlreadyProlonged: when the one it prolongs is prolonged already
    """
    _check_links(partnership_id, None, values)
    agreement = Agreement(partnership_id=partnership_id, owner_actor_id=owner_actor_id, **values)
    db.session.add(agreement)
    db.session.flush()
    return agreement


def change_agreement(
    agreement: Agreement, *, posted_version: int | None, owner_actor_id: int, values: dict[str, Any]
) -> None:
    """Set the facts of the agreement. `owner_actor_id` becomes the owner of a text that has none.

    :raises EditConflict: if someone saved first
    :raises Circle: when it would come before itself
    :raises AlreadyProlonged: when the one it prolongs is prolonged by another
    :raises PartiesOutside: when the period would no longer hold what its parties' times say; they must be loaded
    """
    check_version(agreement, posted_version)
    _check_parties(agreement, starts=values.get("starts", agreement.starts), ends=values.get("ends", agreement.ends))
    _check_links(agreement.partnership_id, agreement.id, values)
    for name, value in values.items():
        setattr(agreement, name, value)
    if agreement.owner_actor_id is None:
        agreement.owner_actor_id = owner_actor_id
    db.session.flush()


def _check_parties(agreement: Agreement, *, starts: str | None, ends: str | None) -> None:
    """Refuse a new start or end that leaves out when a party joined or left."""
    for field, before, after in (("starts", agreement.starts, starts), ("ends", agreement.ends, ends)):
        if after == before:
            continue
        bound = {"starts": None, "ends": None, field: after}
        outside = [
            party for party in agreement.parties if party_faults(joined=party.joined, withdrew=party.withdrew, **bound)
        ]
        if outside:
            raise PartiesOutside([queries.party_name(party) for party in outside], field)


def _check_links(partnership_id: int, own_id: int | None, values: dict[str, Any]) -> None:
    extends, parents = queries.links(partnership_id)
    predecessor = values.get("extends_id")
    if predecessor and any(other != own_id and before == predecessor for other, before in extends.items()):
        raise AlreadyProlonged
    for graph, start in ((extends, predecessor), (parents, values.get("parent_id"))):
        seen: set[int] = set()
        step = start
        while step and step not in seen:
            if step == own_id:
                raise Circle("Avtalet kan inte komma före eller höra till sig självt. Välj ett annat avtal.")
            seen.add(step)
            step = graph.get(step)


def prolong(
    agreement: Agreement,
    *,
    posted_version: int | None,
    title: str,
    starts: str | None,
    ends: str | None,
    party_ids: Collection[int],
) -> Agreement:
    """Return the successor of the agreement with the chosen parties; the old one stands as prolonged.

    :raises DomainError: when it is a draft
    :raises AlreadyProlonged: when it has a successor
    :raises EditConflict: if someone saved first
    """
    if agreement.status is AgreementStatus.DRAFT:
        raise DomainError("Avtalet är ett utkast och har inte börjat gälla. Ändra utkastet i stället.")
    if agreement.id in queries.links(agreement.partnership_id)[0].values():
        raise AlreadyProlonged
    check_version(agreement, posted_version)
    successor = Agreement(
        partnership_id=agreement.partnership_id, title=title, kind=agreement.kind, status=AgreementStatus.ACTIVE,
        starts=starts, ends=ends, extends_id=agreement.id, parent_id=agreement.parent_id,
        focus_areas=list(agreement.focus_areas), visibility=agreement.visibility,
        owner_actor_id=agreement.owner_actor_id,
    )  # fmt: skip
    db.session.add(successor)
    agreement.status = AgreementStatus.EXTENDED
    db.session.flush()
    for party in agreement.parties:
        if party.id in party_ids:
            db.session.add(
                AgreementParty(
                    agreement_id=successor.id, actor_id=party.actor_id, name=party.name, joined=starts,
                    is_participant_only=party.is_participant_only,
                )
            )  # fmt: skip
    db.session.flush()
    return successor


def what_holds(agreement: Agreement) -> str:
    """Return in words what hangs on the agreement; "" when it can be removed."""
    return hanging.in_words(hanging.hanging_counts("agreement", [agreement.id], ignoring=PARTS))


def remove_agreement(agreement: Agreement) -> None:
    """Remove the agreement and the note of its parties.

    :raises hanging.RowsHang: when commitments or other agreements rest on it
    """
    held = what_holds(agreement)
    if held:
        raise hanging.RowsHang(f"Avtalet kan inte tas bort. På det vilar {held}.")
    for party in agreement.parties:
        db.session.delete(party)
    db.session.flush()
    db.session.delete(agreement)
    db.session.flush()


def add_party(agreement: Agreement, *, values: dict[str, Any]) -> AgreementParty:
    """Return a new party: an actor or an outside name.

    :raises DomainError: when it joins or leaves outside the agreement's period
    """
    _check_times(agreement, values)
    party = AgreementParty(agreement_id=agreement.id, **values)
    db.session.add(party)
    db.session.flush()
    return party


def change_party(
    agreement: Agreement, party: AgreementParty, *, posted_version: int | None, values: dict[str, Any]
) -> None:
    """Set when the party of the agreement joined and left, and how it takes part.

    :raises EditConflict: if someone saved first
    :raises DomainError: when it joins or leaves outside the agreement's period
    """
    check_version(party, posted_version)
    _check_times(agreement, values)
    for name, value in values.items():
        setattr(party, name, value)
    db.session.flush()


def _check_times(agreement: Agreement, values: dict[str, Any]) -> None:
    faults = party_faults(
        joined=values.get("joined"), withdrew=values.get("withdrew"), starts=agreement.starts, ends=agreement.ends
    )
    for fault in faults.values():
        raise DomainError(fault)


def commitments_held(party: AgreementParty) -> int:
    """Return how many commitments the party is bound to."""
    return db.session.scalar(select(func.count(Commitment.id)).where(Commitment.party_id == party.id)) or 0


def remove_party(party: AgreementParty) -> None:
    """Remove a party that was entered by mistake.

    :raises hanging.RowsHang: when it is bound to something
    """
    if commitments_held(party):
        raise hanging.RowsHang("Parten har åtaganden. Skriv i stället när den lämnade avtalet.")
    db.session.delete(party)
    db.session.flush()


def _check_bound(values: dict[str, Any], *, may_be_unsaid: bool = False) -> None:
    """Hold a commitment to one party, or to all together (DOMAIN 6.1, invariant 1)."""
    by_one, by_all = bool(values.get("party_id")), bool(values.get("is_joint"))
    if (by_one and by_all) or not (by_one or by_all or may_be_unsaid):
        raise DomainError("Välj vilken part det gäller, eller kryssa i att åtagandet är gemensamt, inte båda.")


def add_commitment(agreement: Agreement, *, values: dict[str, Any]) -> Commitment:
    """Return a new commitment with the agreement's next number.

    :raises DomainError: unless it binds one party, or all together
    """
    _check_bound(values)
    number = next_number(Commitment.number, Commitment.agreement_id == agreement.id)
    commitment = Commitment(agreement_id=agreement.id, number=number, **values)
    db.session.add(commitment)
    db.session.flush()
    return commitment


def change_commitment(commitment: Commitment, *, posted_version: int | None, values: dict[str, Any]) -> None:
    """Set the facts of the commitment, or its follow-up.

    :raises EditConflict: if someone saved first
    :raises DomainError: unless it binds one party, or all together; where the source does not say, it may stay unsaid
    """
    check_version(commitment, posted_version)
    if "party_id" in values:
        _check_bound(values, may_be_unsaid=commitment.party_id is None and not commitment.is_joint)
    for name, value in values.items():
        setattr(commitment, name, value)
    db.session.flush()


def remove_commitment(commitment: Commitment) -> None:
    """Remove a commitment. The numbers of the others stay.

    :raises hanging.RowsHang: when other rows rest on it
    """
    held = hanging.in_words(hanging.hanging_counts("commitment", [commitment.id]))
    if held:
        raise hanging.RowsHang(f"Åtagandet kan inte tas bort. På det vilar {held}.")
    db.session.delete(commitment)
    db.session.flush()
