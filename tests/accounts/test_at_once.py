"""Two who change accounts at the same moment."""

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from platssamverkan.accounts.models import User
from platssamverkan.core.db import db
from tests.builders import World
from tests.conftest import SignIn
from tests.support.at_once import overlapping


@pytest.mark.parametrize("step", ["andra", "stang"])
def test_two_administrators_never_leave_none(app: Flask, world: World, sign_in: SignIn, step: str) -> None:
    with app.app_context():
        db.session.get_one(User, world.users["officer"]).is_admin = True
        db.session.commit()
    admin, officer = world.users["admin"], world.users["officer"]
    demoted = {
        "officer": {"email": "officer@exempel.se", "function": "Officer", "version": "1"},
        "admin": {"email": "admin@exempel.se", "function": "Admin", "version": "1"},
    }
    answers = overlapping(
        partial(sign_in("admin").post, f"/anvandare/{officer}/{step}", data=demoted["officer"]),
        partial(sign_in("officer").post, f"/anvandare/{admin}/{step}", data=demoted["admin"]),
    )
    assert answers[0].status_code == 303
    assert answers[1].status_code in {409, 422}
    with app.app_context():
        left = select(User.id).where(User.is_admin.is_(True), User.is_enabled.is_(True))
        assert list(db.session.scalars(left)) == [admin]
