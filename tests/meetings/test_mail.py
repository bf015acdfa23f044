"""Approved minutes are told of; drafts are not."""

from collections.abc import Callable

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.outbox import OutboxMail
from platssamverkan.meetings import mail
from tests.builders import World
from tests.meetings.conftest import Forum


def told(app: Flask, world: World) -> list[str]:
    names = {user_id: name for name, user_id in world.users.items()}
    with app.app_context():
        return sorted(names[user_id] for user_id in db.session.scalars(select(OutboxMail.user_id)))


def test_members_are_told_when_minutes_are_approved_and_not_before(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Callable[..., BeautifulSoup]
) -> None:
    assert coordinator.post(f"{forum.url}/hallet").status_code == 303
    assert told(app, world) == []
    with app.app_context():
        assert mail.compose(forum.id, world.users["owner"]) is None
    page = parse(coordinator.get(f"{forum.url}/godkann"))
    data = {field["name"]: field.get("value", "") for field in page.select("main form input[name]")}
    assert coordinator.post(f"{forum.url}/godkann", data=data).status_code == 303
    assert told(app, world) == ["auditor", "officer", "owner", "police", "reader"]
    with app.app_context():
        text = mail.compose(forum.id, world.users["owner"])
        assert text.links == [("Läs anteckningarna:", forum.url)]
        assert "Belysningen" not in str(text)
        assert mail.compose(forum.id, world.users["stranger"]) is None
