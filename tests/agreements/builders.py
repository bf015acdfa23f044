"""Rows of agreements for tests."""

from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from platssamverkan.agreements.models import Agreement, AgreementKind, AgreementParty, Commitment
from tests.builders import World, add

LIST = "/samverkan/sergels/avtal"


def an_agreement(world: World, **changes: Any) -> Agreement:
    """Return a saved agreement of Sergels torg, read by all who take part."""
    values = {
        "partnership_id": world.partnerships["sergels"],
        "title": "Platssamverkan på torget",
        "kind": AgreementKind.PLACE_AGREEMENT,
        "owner_actor_id": world.actors["district"],
    }
    return add(Agreement(**{**values, **changes}))


def a_party(agreement: Agreement, **changes: Any) -> AgreementParty:
    """Return a saved party; name an actor_id or a name."""
    return add(AgreementParty(agreement_id=agreement.id, **changes))


def a_commitment(agreement: Agreement, number: int = 1, **changes: Any) -> Commitment:
    """Return a saved commitment, joint unless a party is given."""
    values = {"text": "hålla trygghetsvandringar", "is_joint": "party_id" not in changes}
    return add(Commitment(agreement_id=agreement.id, number=number, **{**values, **changes}))


def titles(client: FlaskClient, parse: Callable[..., BeautifulSoup], query: str = "") -> list[str]:
    """Return the titles on the list, in its order."""
    return [link.text for link in parse(client.get(LIST + query)).select("tbody th a")]
