"""A form that is sent twice is saved once."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.briefings.models import BriefingItem
from platssamverkan.core import clock, once, worker
from platssamverkan.core.db import db
from tests.briefings.builders import a_briefing
from tests.builders import World
from tests.conftest import SignIn
from tests.support.at_once import overlapping

LINE = {"situation-text": "Lugnt på torget.", "situation-visibility": "partnership"}


@pytest.fixture
def address(app: Flask, world: World) -> str:
    with app.app_context():
        briefing_id = a_briefing(world, "sergels", starts_at=clock.now()).id
        db.session.commit()
    return f"/samverkan/sergels/utstallningar/{briefing_id}/rader/situation"


def saved(app: Flask, column: Any = BriefingItem.id) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(column))) or 0


def test_the_same_page_sent_again_leads_to_what_came_of_it(
    app: Flask, police: FlaskClient, owner: FlaskClient, address: str, parse: Callable[..., BeautifulSoup]
) -> None:
    first, again = (police.post(address, data={**LINE, "situation-csrf_token": "a page"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert saved(app) == 1
    assert "har inte sparats en gång till" in parse(police.get(again.location)).select_one("#messages").text
    # The browser that put the form back has what had no field of its own on the empty page last.
    police.post(address, data={"situation-csrf_token": "a page", **LINE})
    assert saved(app) == 1
    # Another page, another text and another person are not the same.
    police.post(address, data={**LINE, "situation-csrf_token": "another page"})
    police.post(address, data={**LINE, "situation-text": "Mörkt.", "situation-csrf_token": "a page"})
    owner.post(address, data={**LINE, "situation-csrf_token": "a page"})
    assert saved(app) == 4


def test_the_same_words_at_another_address_are_another_form(app: Flask, police: FlaskClient, address: str) -> None:
    for text in ("Lugnt.", "Mörkt."):
        police.post(address, data={**LINE, "situation-text": text, "situation-csrf_token": "a page"})
    with app.app_context():
        lines = list(db.session.scalars(select(BriefingItem.id)))
    for line in lines:
        police.post(
            f"{address.rpartition('/utst')[0]}/utstallningar/rader/{line}/ta-bort", data={"csrf_token": "a page"}
        )
    assert (len(lines), saved(app)) == (2, 0)


def test_a_part_of_a_page_may_send_the_same_again(app: Flask, police: FlaskClient, address: str) -> None:
    # A box that is ticked, cleared and ticked again, all from one page.
    for _ in range(2):
        police.post(address, data={**LINE, "situation-csrf_token": "a page"}, headers={"HX-Request": "true"})
    assert saved(app) == 2


def test_when_the_answer_was_lost_the_browser_is_told_again_that_its_draft_is_saved(
    police: FlaskClient, address: str, parse: Callable[..., BeautifulSoup]
) -> None:
    data = {**LINE, "situation-csrf_token": "a page"}
    before = police.get_cookie("session").value
    police.post(address, data=data)
    # With the answer its cookie was lost, which holds what the next page is to say.
    police.set_cookie("session", before)
    page = parse(police.get(police.post(address, data=data).location))
    key = "briefing:" + address.split("/")[4] + ":situation"
    assert page.select_one("[data-saved-drafts]")["data-saved-drafts"].split() == [key, f"{key}:spot"]


def test_it_is_known_again_when_its_session_has_ended(
    app: Flask, police: FlaskClient, sign_in: SignIn, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {**LINE, "situation-csrf_token": "a page"}
    first = police.post(address, data=data)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    with time_machine.travel(clock.now() + timedelta(days=13)):
        again = sign_in("police").post(address, data=data)
        assert (again.status_code, again.location) == (303, first.location)
        # Another text with the old token was never saved.
        assert sign_in("police").post(address, data={**data, "situation-text": "Mörkt."}).status_code == 400
        assert sign_in("owner").post(address, data=data).status_code == 400
    assert saved(app) == 1


def test_what_could_not_be_saved_may_be_sent_again(app: Flask, police: FlaskClient, address: str) -> None:
    for _ in range(2):
        assert (
            police.post(address, data={**LINE, "situation-text": "", "situation-csrf_token": "a page"}).status_code
            == 422
        )
    assert saved(app, once.SentForm.id) == 0


def press_twice(app: Flask, client: FlaskClient, url: str, data: dict[str, str]) -> tuple[Any, Any]:
    """Send the form twice at the same moment: the second when the first is about to be saved."""
    twin = app.test_client()
    twin.set_cookie("session", client.get_cookie("session").value)
    return overlapping(partial(client.post, url, data=data), partial(twin.post, url, data=data))


def test_two_presses_at_the_same_moment_save_one_line(app: Flask, police: FlaskClient, address: str) -> None:
    data = {**LINE, "situation-csrf_token": "a page"}
    answers = press_twice(app, police, address, data)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert saved(app) == 1


@pytest.mark.parametrize("step", ["andra", "ta-bort"])
def test_two_presses_at_the_same_moment_are_no_conflict_and_lead_to_no_page_that_is_gone(
    app: Flask, police: FlaskClient, address: str, step: str
) -> None:
    police.post(address, data={**LINE, "situation-csrf_token": "a page"})
    with app.app_context():
        line = db.session.scalars(select(BriefingItem)).one()
        url = f"/samverkan/sergels/utstallningar/rader/{line.id}/{step}"
        data = {"text": "Mörkt.", "visibility": "partnership", "version": str(line.version), "csrf_token": "a page"}
    answers = press_twice(app, police, url, data)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert saved(app) == (1 if step == "andra" else 0)


def test_two_presses_at_the_same_moment_meet_no_lock_of_their_own(
    app: Flask, coordinator: FlaskClient, address: str
) -> None:
    url = address.removesuffix("/rader/situation") + "/avsluta"
    answers = press_twice(app, coordinator, url, {"csrf_token": "a page"})
    assert [answer.status_code for answer in answers] == [303, 303]


def test_two_presses_at_the_same_moment_do_not_take_the_address_from_each_other(
    app: Flask, sign_in: Callable[[str], FlaskClient]
) -> None:
    password = "ett nytt och långt lösenord"
    data = {"email": "ny@example.org", "function": "Fältassistent", "new_password": password, "csrf_token": "a page"}
    data["new_password_again"] = password
    answers = press_twice(app, sign_in("admin"), "/anvandare/ny", data)
    assert [answer.status_code for answer in answers] == [303, 303]


def test_what_was_sent_long_ago_is_forgotten(app: Flask, police: FlaskClient, address: str) -> None:
    police.post(address, data={**LINE, "situation-csrf_token": "a page"})
    with app.app_context(), time_machine.travel(clock.now() + once.KEPT + timedelta(minutes=1)):
        worker.run_daily()
    assert saved(app, once.SentForm.id) == 0
