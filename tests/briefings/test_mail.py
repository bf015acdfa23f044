"""Closing a briefing tells those who want it; opening it again takes that back."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.briefings import mail
from platssamverkan.core import clock, outbox
from platssamverkan.core.db import db
from platssamverkan.core.outbox import OutboxMail
from platssamverkan.core.visibility import Visibility
from tests.briefings.builders import a_briefing, a_line
from tests.builders import World

URL = "/samverkan/sergels/utstallningar"


def told(app: Flask, world: World) -> list[str]:
    names = {user_id: name for name, user_id in world.users.items()}
    with app.app_context():
        return sorted(names[user_id] for user_id in db.session.scalars(select(OutboxMail.user_id)))


def test_those_who_want_it_are_told_when_a_briefing_is_closed(app: Flask, world: World, police: FlaskClient) -> None:
    with app.app_context():
        for name in ("police", "owner", "coordinator", "stranger"):
            outbox.choose(world.users[name], ["briefings"])
        briefing = a_briefing(world, "sergels", starts_at=clock.now())
        a_line(world, briefing, text="Hemlig lägesbild", visibility=Visibility.AUTHORITIES_ONLY)
        briefing_id = briefing.id
        db.session.commit()
    assert told(app, world) == []
    assert police.post(f"{URL}/{briefing_id}/avsluta").status_code == 303
    # Not the one who closed it, nor a stranger, nor those who have not asked for it.
    assert told(app, world) == ["coordinator", "owner"]
    with app.app_context():
        text = mail.compose(briefing_id, world.users["owner"])
        assert text.links == [("Läs utställningen:", f"{URL}/{briefing_id}")]
        assert "Hemlig" not in str(text)
        assert mail.compose(briefing_id, world.users["stranger"]) is None


def test_a_briefing_that_is_opened_again_is_told_of_to_nobody(
    app: Flask, world: World, police: FlaskClient, coordinator: FlaskClient
) -> None:
    with app.app_context():
        outbox.choose(world.users["owner"], ["briefings"])
        briefing_id = a_briefing(world, "sergels", starts_at=clock.now()).id
        db.session.commit()
    police.post(f"{URL}/{briefing_id}/avsluta")
    assert told(app, world) == ["owner"]
    assert coordinator.post(f"{URL}/{briefing_id}/oppna-igen").status_code == 303
    assert told(app, world) == []
