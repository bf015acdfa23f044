"""What the room tells the registry."""

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from platssamverkan.agreements import queries
from platssamverkan.agreements.models import Agreement, AgreementKind, AgreementParty, AgreementStatus, Commitment
from platssamverkan.core.db import rows
from platssamverkan.core.registry import Hit, Mention, Registry
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.partnerships.queries import slug_by_id

#: Agreements that frame the work of a partnership, as against what is bought for it.
FRAMES = (AgreementKind.PLACE_AGREEMENT, AgreementKind.POLICE_MUNICIPAL, AgreementKind.CITY_POLICE_CENTRAL)
OVER = (AgreementStatus.EXPIRED, AgreementStatus.REPLACED, AgreementStatus.EXTENDED)


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(70, "Avtal", "agreements.index")
    registry.add_mentions("actor", mentions_of_actors)
    registry.searches["agreements"] = search
    registry.questions["frame_agreements"] = frame_agreements
    registry.questions["commitments_of"] = queries.commitments_of
    registry.questions["commitment_fulfilment"] = queries.fulfilment


def _url(slug: str, agreement_id: int, number: int | None = None) -> str:
    anchor = f"atagande-{number}" if number else None
    return url_for("agreements.show", slug=slug, agreement_id=agreement_id, _anchor=anchor)


def mentions_of_actors(partnership_id: int, actor_ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    """Return actor id → the agreements that it is party to. Two queries."""
    statement = (
        select(AgreementParty)
        .join(AgreementParty.agreement)
        .where(AgreementParty.actor_id.in_(list(actor_ids)))
        .where(Agreement.partnership_id == partnership_id, visible_to(Agreement, reader))
        .options(contains_eager(AgreementParty.agreement))
        .order_by(Agreement.title)
    )
    slug = slug_by_id(partnership_id)
    found: dict[int, list[Mention]] = {}
    for party in rows(statement):
        agreement = party.agreement
        mention = Mention(
            label=agreement.title,
            url=_url(slug, agreement.id),
            kind=", ".join(part for part in (_part_of(party), queries.period(agreement)) if part),
        )
        found.setdefault(party.actor_id or 0, []).append(mention)
    return found


def _part_of(party: AgreementParty) -> str:
    return "Deltar enligt avtal" if party.is_participant_only else "Avtalspart"


def search(partnership_id: int, reader: Reader, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the agreements whose own text or commitments hold the words."""
    text = " ".join(words)
    committed = select(Commitment.agreement_id).where(contains(text, Commitment.text, Commitment.done_note))
    statement = (
        select(Agreement)
        .where(Agreement.partnership_id == partnership_id, visible_to(Agreement, reader))
        .where(
            or_(
                contains(text, Agreement.title, Agreement.note, Agreement.parties_text, Agreement.diary_number),
                Agreement.id.in_(committed),
            )
        )
        .order_by(Agreement.title, Agreement.id)
        .limit(limit)
    )
    slug = slug_by_id(partnership_id)
    return [Hit(kind="Avtal", title=row.title, url=_url(slug, row.id), text=_line(row)) for row in rows(statement)]


def _line(row: Agreement) -> str:
    return ", ".join(part for part in (row.kind.label, queries.period(row)) if part)


def frame_agreements(partnership_id: int, reader: Reader) -> list[Mention]:
    """Return the agreements that frame the partnership and have not been replaced, local ones first."""
    statement = (
        select(Agreement)
        .where(Agreement.partnership_id == partnership_id, visible_to(Agreement, reader), Agreement.kind.in_(FRAMES))
        .where(or_(Agreement.status.is_(None), Agreement.status.not_in(OVER)))
    )
    prolonged = select(Agreement.extends_id).where(
        Agreement.partnership_id == partnership_id, Agreement.extends_id.is_not(None)
    )
    found = rows(statement.where(Agreement.id.not_in(prolonged)))
    found.sort(key=lambda row: (FRAMES.index(row.kind), row.title))
    slug = slug_by_id(partnership_id)
    return [Mention(label=row.title, url=_url(slug, row.id), kind=row.kind.label) for row in found]
