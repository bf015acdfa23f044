"""What a new agreement takes over from the one before it, and what keeps a chain a chain."""

from collections.abc import Callable

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.agreements import queries
from platssamverkan.agreements.models import Agreement, AgreementKind, AgreementParty, CommitmentKind
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Reader
from tests.agreements.builders import a_commitment, a_party, an_agreement
from tests.builders import World

Parse = Callable[..., BeautifulSoup]
LIST = "/samverkan/sergels/avtal"
NEW = {"title": "Avtal om torget", "kind": "place_agreement", "visibility": "partnership", "version": "1"}


def test_the_new_agreement_takes_over_what_the_old_one_says(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        frame = an_agreement(world, title="Stadens")
        old = an_agreement(
            world, title="2020–2022", kind=AgreementKind.POLICE_MUNICIPAL, parent_id=frame.id, focus_areas=["Trygghet"]
        )
        a_party(old, actor_id=world.actors["police"], joined="2020")
        a_party(old, actor_id=world.actors["traffic"], is_participant_only=True)
        a_party(old, name="Gålöstiftelsen", withdrew="2021")
        db.session.commit()
        old_id, frame_id = old.id, frame.id
    form = parse(coordinator.get(f"{LIST}/{old_id}/forlang"))
    # Who has left is not asked along.
    offered = [box["value"] for box in form.select("input[name=party_ids]")]
    assert "Gålöstiftelsen" not in form.find("main").text
    data = {"title": "2023–2025", "starts": "2023", "party_ids": offered, "version": "1"}
    assert coordinator.post(f"{LIST}/{old_id}/forlang", data=data).status_code == 303
    with app.app_context():
        new = db.session.scalars(select(Agreement).where(Agreement.extends_id == old_id)).one()
        assert (new.kind, new.parent_id) == (AgreementKind.POLICE_MUNICIPAL, frame_id)
        assert new.focus_areas == ["Trygghet"]
        parties = db.session.scalars(select(AgreementParty).where(AgreementParty.agreement_id == new.id))
        assert [(one.actor_id, one.joined, one.is_participant_only) for one in parties] == [
            (world.actors["police"], "2023", False),
            (world.actors["traffic"], "2023", True),
        ]


def test_an_agreement_does_not_belong_to_what_belongs_to_it(coordinator: FlaskClient, app: Flask, world: World) -> None:
    with app.app_context():
        city = an_agreement(world, title="Stadens")
        local = an_agreement(world, title="Stadsdelens", parent_id=city.id)
        db.session.commit()
        city_id, local_id = city.id, local.id
    refused = coordinator.post(f"{LIST}/{city_id}/andra", data=NEW | {"parent_id": str(local_id)})
    assert refused.status_code == 422
    assert "sig självt" in refused.text


def test_who_first_changes_an_agreement_that_nobody_owns_owns_it(
    coordinator: FlaskClient, app: Flask, world: World
) -> None:
    with app.app_context():
        loose = an_agreement(world, owner_actor_id=None).id
        owned = an_agreement(world, owner_actor_id=world.actors["police"]).id
        db.session.commit()
    for agreement_id in (loose, owned):
        assert coordinator.post(f"{LIST}/{agreement_id}/andra", data=NEW).status_code == 303
    with app.app_context():
        owners = [db.session.get(Agreement, agreement_id).owner_actor_id for agreement_id in (loose, owned)]
        assert owners == [world.actors["district"], world.actors["police"]]


def test_a_need_that_was_named_is_no_commitment_that_waits(app: Flask, world: World) -> None:
    with app.app_context():
        agreement = an_agreement(world)
        a_commitment(agreement)
        a_commitment(agreement, 2, kind=CommitmentKind.IDENTIFIED_NEED, target_count=2, done_count=2)
        counts = queries.fulfilment(world.partnerships["sergels"], Reader())
        assert (counts.total, counts.followed_up, counts.with_target, counts.reached) == (1, 0, 0, 0)
