"""Each user's own choice of mails, and the list where administrators see what became of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core import clock, outbox, worker
from platssamverkan.core.db import db
from platssamverkan.core.outbox import MailState, OutboxMail
from tests.builders import World, add
from tests.conftest import SignIn

Parse = Callable[..., BeautifulSoup]


@pytest.fixture
def admin(sign_in: SignIn) -> FlaskClient:
    """Administers, and is member of nothing."""
    return sign_in("admin")


def a_mail(world: World, name: str = "police", **changes: object) -> OutboxMail:
    now = clock.now()
    values = {
        "user_id": world.users[name], "topic": "minutes", "about_id": 1, "created_at": now, "changed_at": now,
        "due_at": now,
    }  # fmt: skip
    return add(OutboxMail(**{**values, **changes}))


@pytest.fixture
def three(app: Flask, world: World) -> list[int]:
    """The ids of a mail that waits, one that was sent and one that failed."""
    with app.app_context():
        rows = [
            a_mail(world, attempts=1, error="Connection refused"),
            a_mail(world, "owner", state=MailState.SENT, sent_at=clock.now(), topic="briefings"),
            a_mail(world, "reader", state=MailState.FAILED, attempts=8, error="550 no such mailbox"),
        ]
        db.session.commit()
        return [row.id for row in rows]


def test_a_user_chooses_mails_on_the_own_page(police: FlaskClient, app: Flask, world: World, parse: Parse) -> None:
    def ticked() -> list[str]:
        return sorted(box["value"] for box in parse(police.get("/mitt-konto")).select("input[type=checkbox][checked]"))

    assert ticked() == ["minutes", "reminders"]
    assert police.post("/mitt-konto/e-post", data={"mail-topics": ["briefings"]}).status_code == 303
    assert ticked() == ["briefings"]
    # A browser sends the form's token even when no box is ticked.
    assert police.post("/mitt-konto/e-post", data={"mail-csrf_token": "-"}).status_code == 303
    assert ticked() == []
    with app.app_context():
        assert outbox.topics_of(world.users["police"]) == set()
        assert outbox.topics_of(world.users["owner"]) == {"minutes", "reminders"}


def test_two_pages_do_not_undo_each_others_choices(police: FlaskClient, app: Flask, world: World, parse: Parse) -> None:
    base = parse(police.get("/mitt-konto")).select_one("input[name=mail-base]")["value"]
    assert base == "minutes reminders"
    # One page asks for the briefings too, the other wants no reminders.
    for topics in (["minutes", "reminders", "briefings"], ["minutes"]):
        assert police.post("/mitt-konto/e-post", data={"mail-topics": topics, "mail-base": base}).status_code == 303
    with app.app_context():
        assert outbox.topics_of(world.users["police"]) == {"minutes", "briefings"}


def test_a_mistyped_password_leaves_the_choices_of_mail_as_they_are(police: FlaskClient, parse: Parse) -> None:
    for sent in ({"current_password": "x"}, {"current_password": "x", "new_password": "y"}):
        answer = police.post("/mitt-konto", data=sent)
        assert answer.status_code == 422
        ticked = parse(answer).select("input[name=mail-topics][checked]")
        assert {box["value"] for box in ticked} == {"minutes", "reminders"}


def test_a_mail_that_does_not_exist_cannot_be_chosen(police: FlaskClient, parse: Parse) -> None:
    response = police.post("/mitt-konto/e-post", data={"mail-topics": ["hemligt"]})
    assert response.status_code == 422
    page = parse(response)
    assert page.select_one(".error-text") is not None
    assert page.title.text.startswith("Fel: ")
    assert page.h1.text == "Mitt konto"


def test_nobody_chooses_for_another(anonymous: FlaskClient) -> None:
    assert anonymous.post("/mitt-konto/e-post", data={"mail-topics": ["minutes"]}).status_code in {302, 400}


def test_a_worker_that_has_not_looked_for_a_while_is_told_of(app: Flask, admin: FlaskClient) -> None:
    for minutes, told in ((11, True), (9, False)):
        with app.app_context(), time_machine.travel(clock.now() - timedelta(minutes=minutes)):
            worker.run_mail()
        assert ("Bakgrundsarbetet står stilla" in admin.get("/e-post").text) is told


def test_the_list_shows_to_whom_and_what_became_of_it(admin: FlaskClient, three: list[int], parse: Parse) -> None:
    page = parse(admin.get("/e-post"))
    rows = [" ".join(row.get_text(" ").split()) for row in page.select("#mails tbody tr")]
    assert len(rows) == 3
    assert any("Reader" in row and "Misslyckades" in row and "550 no such mailbox" in row for row in rows)
    assert any("Owner" in row and "Skickat" in row and "Avslutade utställningar" in row for row in rows)
    assert any("Police" in row and "Väntar" in row and "1 försök. Connection refused" in row for row in rows)
    assert "Ingen e-postserver är angiven" in page.text
    assert "Bakgrundsarbetet står stilla" in page.text
    assert len(parse(admin.get("/e-post?lage=failed")).select("#mails tbody tr")) == 1
    assert len(parse(admin.get("/e-post?om=briefings")).select("#mails tbody tr")) == 1


def test_no_notices_when_all_is_well(
    admin: FlaskClient, app: Flask, parse: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        worker.run_mail()
    monkeypatch.setitem(app.config, "SMTP_HOST", "127.0.0.1")
    response = admin.get("/e-post")
    assert response.status_code == 200
    assert parse(response).select(".notice-warning") == []


def states(app: Flask) -> list[MailState]:
    with app.app_context():
        return list(db.session.scalars(select(OutboxMail.state).order_by(OutboxMail.id)))


def test_a_failed_mail_is_tried_again_by_a_button(admin: FlaskClient, app: Flask, three: list[int]) -> None:
    assert admin.post(f"/e-post/{three[2]}/igen").status_code == 303
    assert states(app) == [MailState.WAITING, MailState.SENT, MailState.WAITING]
    # Those that were sent stay sent.
    again = admin.post(f"/e-post/{three[1]}/igen", follow_redirects=True)
    assert "Brevet skickas inte igen" in again.text
    assert states(app) == [MailState.WAITING, MailState.SENT, MailState.WAITING]


def test_all_failed_mails_are_tried_again_at_once(
    admin: FlaskClient, app: Flask, three: list[int], parse: Parse
) -> None:
    page = parse(admin.get("/e-post"))
    assert page.select_one('form[action="/e-post/igen"] button').text == "Försök igen med ett brev"
    assert admin.post("/e-post/igen").status_code == 303
    assert MailState.FAILED not in states(app)
    assert parse(admin.get("/e-post")).select_one('form[action="/e-post/igen"]') is None


def test_the_list_costs_the_same_however_long(admin: FlaskClient, app: Flask, world: World, count_queries) -> None:
    def cost() -> int:
        with count_queries() as statements:
            assert admin.get("/e-post").status_code == 200
        return len(statements)

    def more(first: int, last: int) -> None:
        with app.app_context():
            for number in range(first, last):
                a_mail(world, "owner" if number % 2 else "reader", about_id=number)
            db.session.commit()

    more(1, 3)
    few = cost()
    more(3, 20)
    assert cost() == few


@pytest.mark.parametrize("path", ["/e-post", "/e-post/igen", "/e-post/1/igen"])
def test_only_administrators_see_mails(coordinator: FlaskClient, anonymous: FlaskClient, path: str) -> None:
    ask = FlaskClient.get if path == "/e-post" else FlaskClient.post
    assert ask(coordinator, path).status_code == 403
    assert ask(anonymous, path).status_code in {302, 400}
