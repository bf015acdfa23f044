"""Two who save in the same agreement at the same moment."""

from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.agreements.models import Agreement, AgreementParty, Commitment
from platssamverkan.core.db import db
from tests.agreements.builders import an_agreement
from tests.builders import World
from tests.conftest import SignIn
from tests.support.at_once import overlapping

LIST = "/samverkan/sergels/avtal"
SHRUNK = {
    "title": "Platssamverkan på torget",
    "kind": "place_agreement",
    "starts": "2023",
    "ends": "2024",
    "visibility": "partnership",
    "version": "1",
}


@pytest.fixture
def another(sign_in: SignIn) -> FlaskClient:
    """The coordinator at another screen."""
    return sign_in("coordinator")


@pytest.fixture
def agreement_id(app: Flask, world: World) -> int:
    """An agreement for 2023–2025."""
    with app.app_context():
        found: int = an_agreement(world, starts="2023", ends="2025").id
        db.session.commit()
        return found


@pytest.mark.parametrize("shrinks_first", [True, False])
def test_no_party_joins_outside_a_period_that_is_shortened_meanwhile(
    app: Flask, coordinator: FlaskClient, another: FlaskClient, agreement_id: int, shrinks_first: bool
) -> None:
    joins = {"name": "Gålöstiftelsen", "joined": "2025"}
    shrink = partial(coordinator.post, f"{LIST}/{agreement_id}/andra", data=SHRUNK)
    join = partial(another.post, f"{LIST}/{agreement_id}/parter/ny", data=joins)
    first, second = overlapping(*((shrink, join) if shrinks_first else (join, shrink)))
    assert (first.status_code, second.status_code) == (303, 422)
    with app.app_context():
        ends = db.session.get_one(Agreement, agreement_id).ends
        assert (ends, db.session.scalar(select(func.count(AgreementParty.id)))) in {("2024", 0), ("2025", 1)}


def test_two_commitments_get_a_number_each(
    app: Flask, coordinator: FlaskClient, another: FlaskClient, agreement_id: int
) -> None:
    add = f"{LIST}/{agreement_id}/ataganden/nytt"
    data = {"text": "hålla trygghetsvandringar", "bound": "joint", "is_joint": "y", "kind": "commitment"}
    answers = overlapping(*(partial(who.post, add, data=data) for who in (coordinator, another)))
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        assert sorted(db.session.scalars(select(Commitment.number))) == [1, 2]


def test_an_agreement_is_prolonged_once(
    app: Flask, coordinator: FlaskClient, another: FlaskClient, agreement_id: int
) -> None:
    new = {**SHRUNK, "title": "Det nya", "starts": "2026", "ends": "2027", "extends_id": str(agreement_id)}
    answers = overlapping(*(partial(who.post, f"{LIST}/nytt", data=new) for who in (coordinator, another)))
    assert [answer.status_code for answer in answers] == [303, 422]
    with app.app_context():
        assert db.session.scalar(select(func.count(Agreement.id))) == 2
