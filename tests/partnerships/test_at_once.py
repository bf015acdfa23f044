"""Two who change who may do what at the same moment."""

from functools import partial

from flask import Flask
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.partnerships.models import Membership, RoleGrant
from platssamverkan.partnerships.roles import Role
from tests.builders import World, add
from tests.conftest import SignIn
from tests.support.at_once import overlapping

GRANTS = "/samverkan/sergels/behorigheter"


def test_two_coordinators_never_take_the_right_from_each_other(app: Flask, world: World, sign_in: SignIn) -> None:
    with app.app_context():
        own = RoleGrant.user_id == world.users["coordinator"]
        here = RoleGrant.membership_id == world.memberships["sergels", "district"]
        first = db.session.scalars(select(RoleGrant.id).where(own, here)).one()
        police = world.memberships["sergels", "police"]
        db.session.scalars(select(RoleGrant).where(RoleGrant.membership_id == police)).one().role = Role.COORDINATOR
        second = db.session.scalars(select(RoleGrant.id).where(RoleGrant.membership_id == police)).one()
        add(RoleGrant(user_id=world.users["stranger"], membership_id=police, role=Role.READER))
        db.session.commit()
    data = {"version": "1"}
    answers = overlapping(
        partial(sign_in("coordinator").post, f"{GRANTS}/{second}/ta-bort", data={"version": "2"}),
        partial(sign_in("police").post, f"{GRANTS}/{first}/ta-bort", data=data),
    )
    # The later one has no longer any right here.
    assert [answer.status_code for answer in answers] == [303, 404]
    with app.app_context():
        left = select(RoleGrant.id).where(RoleGrant.role == Role.COORDINATOR, here)
        assert list(db.session.scalars(left)) == [first]


def test_two_administrators_appoint_one_coordinator(app: Flask, world: World, sign_in: SignIn) -> None:
    with app.app_context():
        here = Membership.partnership_id == world.partnerships["sergels"]
        ours = select(RoleGrant).join(RoleGrant.membership).where(here, RoleGrant.role == Role.COORDINATOR)
        for grant in db.session.scalars(ours):
            db.session.delete(grant)
        db.session.commit()
    address = f"/samverkan/utan-samordnare/{world.partnerships['sergels']}"
    asked = [
        {"lead_actor_id": world.actors["police"], "coordinator_id": world.users[name]}
        for name in ("police", "stranger")
    ]
    answers = overlapping(*(partial(sign_in("admin").post, address, data=data) for data in asked))
    assert [answer.status_code for answer in answers] == [303, 404]
    with app.app_context():
        assert [grant.user_id for grant in db.session.scalars(ours)] == [world.users["police"]]
