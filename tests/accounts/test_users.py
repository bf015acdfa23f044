"""Accounts: made, changed, closed and opened by administrators, and everyone's own password."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from platssamverkan.accounts import services
from platssamverkan.accounts.models import EndedSession, SignInAttempt, User
from platssamverkan.core import clock
from platssamverkan.core.audit import HIDDEN, AuditEntry
from platssamverkan.core.db import db
from platssamverkan.core.registry import registry
from tests.builders import World, a_user
from tests.conftest import SignIn
from tests.support.visitor import fields_of

Parse = Callable[..., BeautifulSoup]
LONG = "grus sol torg lampa"
NEW = {
    "email": "Ny@Exempel.se",
    "function": "Driftledare, trafikkontoret",
    "new_password": LONG,
    "new_password_again": LONG,
}


@pytest.fixture
def admin(sign_in: SignIn) -> FlaskClient:
    """Administers, and is member of nothing."""
    return sign_in("admin")


def count_users(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(User.id))) or 0


def signs_in(client: FlaskClient, email: str, password: str) -> bool:
    return client.post("/logga-in", data={"email": email, "password": password}).status_code == 303


def test_the_list_is_filtered_and_searched(admin: FlaskClient, parse: Parse) -> None:
    def functions(query: str = "") -> list[str]:
        return [link.text for link in parse(admin.get("/anvandare" + query)).select("tbody th a")]

    assert len(functions()) == 8
    assert functions("?q=police@") == ["Police"]
    assert functions("?administrator=1") == ["Admin"]
    assert functions("?konto=stangt") == []
    assert functions("?sortera=-function")[0] == "Stranger"


def test_the_fragment_is_the_part_of_the_page(admin: FlaskClient, parse: Parse) -> None:
    page, fragment = parse(admin.get("/anvandare")), parse(admin.get("/anvandare", headers={"HX-Request": "true"}))
    assert str(page.find(id="users")) == str(fragment.find(id="users"))


def test_the_list_costs_the_same_however_long(
    admin: FlaskClient, app: Flask, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def cost() -> int:
        with count_queries() as statements:
            assert admin.get("/anvandare").status_code == 200
        return len(statements)

    few = cost()
    with app.app_context():
        for number in range(15):
            a_user(f"user{number}")
        db.session.commit()
    assert cost() == few


def test_a_new_account_can_sign_in(admin: FlaskClient, anonymous: FlaskClient) -> None:
    assert admin.post("/anvandare/ny", data=NEW).status_code == 303
    assert signs_in(anonymous, "ny@exempel.se", LONG)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"email": "inte en adress"}, "Skriv en hel e-postadress"),
        ({"email": "police@exempel.se"}, "Det finns redan ett konto"),
        ({"function": ""}, "aldrig ett namn"),
        ({"function": "Chef 19850709-9805"}, "personnummer"),
        ({"new_password": "kort", "new_password_again": "kort"}, "minst 12 tecken"),
        ({"new_password_again": LONG + "a"}, "Lösenorden är inte lika."),
    ],
)
def test_no_account_of_a_wrong_form(admin: FlaskClient, app: Flask, changed: dict[str, str], message: str) -> None:
    response = admin.post("/anvandare/ny", data=NEW | changed)
    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert message in text
    # A password is never printed back.
    assert LONG not in text
    assert count_users(app) == 8


def test_an_account_is_changed(admin: FlaskClient, app: Flask, world: World) -> None:
    path = f"/anvandare/{world.users['police']}/andra"
    assert admin.get(path).status_code == 200
    facts = {"email": "lpo@exempel.se", "function": "Kommunpolis", "version": "1"}
    assert admin.post(path, data=facts).status_code == 303
    assert admin.post(path, data=facts | {"email": "owner@exempel.se", "version": "2"}).status_code == 422
    with app.app_context():
        assert db.session.get(User, world.users["police"]).email == "lpo@exempel.se"


def test_of_two_who_change_an_account_neither_undoes_the_other(
    admin: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    path = f"/anvandare/{world.users['police']}/andra"
    facts = fields_of(parse(admin.get(path)).select_one(f'form[action="{path}"]')).to_dict()
    assert admin.post(path, data=facts | {"function": "Kommunpolis"}).status_code == 303
    late = admin.post(path, data=facts | {"email": "lpo@exempel.se"})
    assert late.status_code == 409
    page = parse(late)
    form = page.select_one(f'form[action="{path}"]')
    assert {"Kommunpolis", facts["function"]} <= {tag.text.strip() for tag in form.select(".conflict-saved")} | {
        tag["value"] for tag in form.select("input")
    }
    merged = fields_of(form).to_dict() | {"function": "Kommunpolis"}
    assert admin.post(path, data=merged).status_code == 303
    with app.app_context():
        user = db.session.get(User, world.users["police"])
        assert (user.email, user.function) == ("lpo@exempel.se", "Kommunpolis")


def test_the_last_administrator_stays(admin: FlaskClient, app: Flask, world: World) -> None:
    with app.app_context():
        # One whose account is closed lets nobody in.
        closed = db.session.get(User, world.users["police"])
        closed.is_admin, closed.is_enabled = True, False
        db.session.commit()
    path = f"/anvandare/{world.users['admin']}"
    refused = admin.post(f"{path}/andra", data={"email": "admin@exempel.se", "function": "Admin", "version": "1"})
    assert refused.status_code == 422
    assert "sista administratören" in refused.get_data(as_text=True)
    assert admin.post(f"{path}/stang").status_code == 409
    with app.app_context():
        user = db.session.get(User, world.users["admin"])
        assert (user.is_admin, user.is_enabled) == (True, True)


def test_an_administrator_who_resigns_is_led_to_a_page_that_opens(admin: FlaskClient, app: Flask, world: World) -> None:
    with app.app_context():
        db.session.get(User, world.users["police"]).is_admin = True
        db.session.commit()
    mine = {"email": "admin@exempel.se", "function": "Admin", "version": "1"}
    response = admin.post(f"/anvandare/{world.users['admin']}/andra", data=mine, follow_redirects=True)
    assert response.status_code == 200
    assert "Kontot för Admin är sparat." in response.text


def test_a_closed_account_is_out_until_it_is_opened(
    admin: FlaskClient, police: FlaskClient, anonymous: FlaskClient, app: Flask, world: World
) -> None:
    with app.app_context():
        services.set_password(db.session.get(User, world.users["owner"]), LONG)
        db.session.commit()
    path = f"/anvandare/{world.users['owner']}"
    assert admin.get(f"{path}/stang").status_code == 200
    assert admin.post(f"{path}/stang").status_code == 303
    assert not signs_in(anonymous, "owner@exempel.se", LONG)
    assert admin.post(f"{path}/oppna").status_code == 303
    assert signs_in(anonymous, "owner@exempel.se", LONG)


def test_an_address_that_is_guessed_at_is_shut_for_a_while_and_the_log_knows_nothing_of_it(
    admin: FlaskClient, anonymous: FlaskClient, app: Flask
) -> None:
    admin.post("/anvandare/ny", data=NEW)
    for _ in range(services.ATTEMPTS):
        assert not signs_in(anonymous, "ny@exempel.se", "mitt lösenord")
    wrong_field = anonymous.post("/logga-in", data={"email": "mitt lösenord", "password": LONG})
    assert wrong_field.status_code == 422
    shut = anonymous.post("/logga-in", data={"email": "Ny@exempel.se", "password": LONG})
    assert shut.status_code == 429
    assert "Vänta en kvart" in shut.text
    with app.app_context():
        logged = db.session.scalars(select(AuditEntry)).all()
        assert "sign_in_attempt" not in {entry.table_name for entry in logged}
        assert "mitt lösenord" not in str([entry.changes for entry in logged])


def test_failures_count_no_more_once_one_is_in(admin: FlaskClient, anonymous: FlaskClient) -> None:
    admin.post("/anvandare/ny", data=NEW)
    for _ in range(2):
        for _ in range(services.ATTEMPTS - 1):
            assert not signs_in(anonymous, "ny@exempel.se", "fel")
        assert signs_in(anonymous, "ny@exempel.se", LONG)


def test_a_new_password_opens_an_address_that_was_shut(
    admin: FlaskClient, anonymous: FlaskClient, world: World
) -> None:
    for _ in range(services.ATTEMPTS):
        assert not signs_in(anonymous, "police@exempel.se", "fel")
    new = {"new_password": LONG, "new_password_again": LONG}
    assert admin.post(f"/anvandare/{world.users['police']}/losenord", data=new).status_code == 303
    assert signs_in(anonymous, "police@exempel.se", LONG)


def test_a_sign_in_begins_a_session_of_its_own(admin: FlaskClient, anonymous: FlaskClient) -> None:
    admin.post("/anvandare/ny", data=NEW)
    with anonymous.session_transaction() as session:
        session["csrf_token"], session["key"] = "known to another", "of another"
        session["saved_drafts"] = ["minutes_item:1:text"]
    assert signs_in(anonymous, "ny@exempel.se", LONG)
    with anonymous.session_transaction() as session:
        assert {"known to another", "of another"}.isdisjoint({session["csrf_token"], session["key"]})
        assert "saved_drafts" not in session


def test_an_administrator_who_sets_a_new_password_for_oneself_stays(admin: FlaskClient, world: World) -> None:
    new = {"new_password": LONG, "new_password_again": LONG}
    assert admin.post(f"/anvandare/{world.users['admin']}/losenord", data=new).status_code == 303
    assert admin.get("/anvandare").status_code == 200


def test_old_failures_are_forgotten(anonymous: FlaskClient, app: Flask) -> None:
    signs_in(anonymous, "ny@exempel.se", "fel")
    with app.app_context():
        old = clock.now() - services.PAUSE - timedelta(minutes=1)
        db.session.add(SignInAttempt(email="gammal@exempel.se", at=old))
        db.session.commit()
        assert registry.daily_tasks["sign_in_attempts"]() == 1
        assert list(db.session.scalars(select(SignInAttempt.email))) == ["ny@exempel.se"]
        db.session.rollback()


def test_closing_an_account_ends_its_sessions(admin: FlaskClient, police: FlaskClient, world: World) -> None:
    assert police.get("/mitt-konto").status_code == 200
    admin.post(f"/anvandare/{world.users['police']}/stang")
    assert police.get("/mitt-konto").status_code == 302


def test_a_new_password_ends_the_sessions(
    admin: FlaskClient, police: FlaskClient, anonymous: FlaskClient, world: World
) -> None:
    path = f"/anvandare/{world.users['police']}/losenord"
    assert admin.post(path, data={"new_password": "kort", "new_password_again": "kort"}).status_code == 422
    assert police.get("/mitt-konto").status_code == 200
    assert admin.post(path, data={"new_password": LONG, "new_password_again": LONG}).status_code == 303
    assert police.get("/mitt-konto").status_code == 302
    assert signs_in(anonymous, "police@exempel.se", LONG)


def test_signing_out_ends_the_session_and_no_other(
    app: Flask, world: World, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with app.app_context():
        services.set_password(db.session.get(User, world.users["police"]), LONG)
        db.session.commit()
    phone, desk, copy = (app.test_client() for _ in range(3))
    assert signs_in(phone, "police@exempel.se", LONG)
    assert signs_in(desk, "police@exempel.se", LONG)
    cookie = desk.get_cookie("session").value
    assert desk.post("/logga-ut").status_code == 303
    copy.set_cookie("session", cookie)
    with count_queries() as statements:
        assert copy.get("/mitt-konto").status_code == 302
    assert len(statements) == 1
    assert phone.get("/mitt-konto").status_code == 200
    # What was answered to the copy lets nobody in, even when the end of the session has been forgotten.
    with app.app_context():
        db.session.execute(update(EndedSession).values(ended_at=clock.now() - app.permanent_session_lifetime))
        assert registry.daily_tasks["ended_sessions"]() == 1
        db.session.commit()
    assert copy.get("/mitt-konto").status_code == 302


def test_only_what_asks_who_reads_renews_the_session(app: Flask, world: World) -> None:
    with app.app_context():
        services.set_password(db.session.get(User, world.users["police"]), LONG)
        db.session.commit()
    client = app.test_client()
    assert signs_in(client, "police@exempel.se", LONG)
    assert "Expires" in client.get("/mitt-konto").headers["Set-Cookie"]
    # A copy of the cookie must grow too old, whatever else is asked for with it.
    for path in ("/static/css/platssamverkan.css", "/halsa"):
        response = client.get(path)
        assert (response.status_code, response.headers.get("Set-Cookie")) == (200, None)


def test_the_log_tells_who_set_whose_password_and_nothing_of_it(admin: FlaskClient, app: Flask, world: World) -> None:
    path = f"/anvandare/{world.users['police']}/losenord"
    assert admin.post(path, data={"new_password": LONG, "new_password_again": LONG}).status_code == 303
    with app.app_context():
        told = select(AuditEntry).where(AuditEntry.table_name == "user", AuditEntry.user_id == world.users["admin"])
        entry = db.session.scalars(told).one()
        assert (entry.row_id, entry.changes) == (world.users["police"], {"password_hash": [HIDDEN, HIDDEN]})
        assert "$argon2" not in str([one.changes for one in db.session.scalars(select(AuditEntry))])


def test_ones_own_password_is_changed_with_the_old_one(
    police: FlaskClient, anonymous: FlaskClient, app: Flask, world: World
) -> None:
    with app.app_context():
        db.session.get(User, world.users["police"]).password_hash = services.hash_password("det gamla lösenordet")
        db.session.commit()
    new = {"new_password": LONG, "new_password_again": LONG}
    wrong = police.post("/mitt-konto", data=new | {"current_password": "fel"})
    assert wrong.status_code == 422
    assert "Det är inte lösenordet du har nu." in wrong.get_data(as_text=True)
    response = police.post("/mitt-konto", data=new | {"current_password": "det gamla lösenordet"})
    assert response.status_code == 303
    # This session goes on.
    assert police.get("/mitt-konto").status_code == 200
    assert signs_in(anonymous, "police@exempel.se", LONG)


@pytest.mark.parametrize("path", ["", "/ny", "/1/andra", "/1/losenord", "/1/stang"])
def test_only_administrators_see_accounts(coordinator: FlaskClient, anonymous: FlaskClient, path: str) -> None:
    assert coordinator.get(f"/anvandare{path}").status_code == 403
    assert anonymous.get(f"/anvandare{path}").status_code == 302
    if path:
        assert coordinator.post(f"/anvandare{path}").status_code == 403


def test_an_account_that_is_missing_is_not_found(admin: FlaskClient) -> None:
    assert admin.get("/anvandare/999/andra").status_code == 404


def test_a_password_is_not_carried_over_an_ended_session(anonymous: FlaskClient) -> None:
    response = anonymous.post("/anvandare/ny", data=NEW)
    text = response.get_data(as_text=True)
    assert response.status_code == 400
    assert "Driftledare" in text
    assert LONG not in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["chef@", "--password", LONG], "Skriv en hel e-postadress"),
        (["chef@exempel.se", "--password", LONG, "--function", ""], "Skriv användarens funktion"),
        (["chef@exempel.se", "--password", LONG, "--function", "Chef 19121212-1212"], "personnummer"),
    ],
)
def test_the_command_takes_what_the_form_takes(app: Flask, world: World, arguments: list[str], told: str) -> None:
    before = count_users(app)
    result = app.test_cli_runner().invoke(args=["new-admin", *arguments])
    assert result.exit_code == 1
    assert told in result.output
    assert count_users(app) == before


def test_the_first_administrator_is_made_by_a_command(app: Flask, world: World) -> None:
    runner = app.test_cli_runner()
    made = runner.invoke(args=["new-admin", "chef@exempel.se", "--password", LONG])
    assert made.exit_code == 0, made.output
    short = runner.invoke(args=["new-admin", "b@exempel.se", "--password", "kort"])
    assert "minst 12 tecken" in short.output
    again = runner.invoke(args=["new-admin", "chef@exempel.se", "--password", LONG])
    assert again.exit_code == 1
    assert count_users(app) == 9


@pytest.mark.parametrize(
    ("who", "path", "named"),
    [
        ("admin", "/anvandare/ny", ["email", "function", "new_password", "new_password_again"]),
        ("admin", "/mitt-konto", ["current_password", "new_password", "new_password_again"]),
        ("coordinator", "/samverkan/klara/mal/nytt", ["text", "level"]),
    ],
)
def test_what_is_wrong_is_listed_in_the_order_of_the_page(
    sign_in: SignIn, parse: Parse, who: str, path: str, named: list[str]
) -> None:
    page = parse(sign_in(who).post(path, data={}))
    assert [link["href"] for link in page.select("[data-error-summary] li a")] == [f"#{name}" for name in named]
    assert [field["id"] for field in page.select("[aria-invalid=true]")] == named
