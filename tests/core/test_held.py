"""No word is lost when a session ends."""

from collections.abc import Callable, Iterator

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.accounts.models import User
from platssamverkan.accounts.services import hash_password
from platssamverkan.core.db import db
from platssamverkan.core.held import safe_path
from tests.builders import World


def fields_of(form: Tag) -> dict[str, str]:
    return {tag["name"]: tag.get("value", "") for tag in form.select("input[name]")}


@pytest.fixture
def identity(app: Flask, world: World) -> dict[str, str]:
    """What the coordinator signs in with."""
    with app.app_context():
        db.session.get(User, world.users["coordinator"]).password_hash = hash_password("ett långt lösenord")
        db.session.commit()
    return {"email": "coordinator@exempel.se", "password": "ett långt lösenord"}


def test_the_text_comes_along_through_sign_in_and_back_to_its_form(
    app: Flask, identity: dict[str, str], anonymous: FlaskClient, parse: Callable[..., BeautifulSoup]
) -> None:
    page = parse(anonymous.post("/utkast", data={"key": "a", "text": "Mörkt vid <trappan>"}))
    fields = fields_of(page.select_one("form.form")) | identity
    page = parse(anonymous.post(page.select_one("form.form")["action"], data=fields))
    form = page.select_one("form.form")
    assert form["action"] == "/utkast"
    assert form.select_one("input[name=text]")["value"] == "Mörkt vid <trappan>"


def test_a_wrong_password_keeps_the_text_too(anonymous: FlaskClient, parse: Callable[..., BeautifulSoup]) -> None:
    fields = {"_held_url": "/utkast", "_held.text": "Mörkt", "email": "ingen@exempel.se", "password": "fel"}
    response = anonymous.post("/logga-in", data=fields)
    assert response.status_code == 422
    assert parse(response).select_one("input[name='_held.text']")["value"] == "Mörkt"


def test_sign_in_leads_nowhere_outside_the_site(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://plats.example"):
        assert safe_path("/samverkan/klara/?a=1") == "/samverkan/klara/?a=1"
        assert safe_path("http://plats.example/sok") == "/sok"
        for bad in (
            "http://annan.example/",
            "//annan.example/",
            "/\\annan.example",
            "javascript:alert(1)",
            "http://[",
            "",
            None,
        ):
            assert safe_path(bad) is None, bad


@pytest.fixture
def guarded(app: Flask) -> Iterator[Flask]:
    """The app with forms checked for their token, as in real life."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def behind_a_proxy(guarded: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """How a proxy that gives the site a name of its own asks for a browser that is at plats.example."""
    monkeypatch.setitem(guarded.config, "SITE_URL", "https://plats.example/")
    return {"base_url": "https://127.0.0.1:8000"}


def test_a_proxy_may_call_the_site_what_it_likes(
    guarded: Flask, identity: dict[str, str], behind_a_proxy: dict[str, str], parse: Callable[..., BeautifulSoup]
) -> None:
    client, sent = guarded.test_client(), {"Referer": "https://plats.example/", "Origin": "https://plats.example"}
    left = {"HX-Request": "true", "HX-Current-URL": "https://plats.example/kalender?manad=2026-11"}
    address = client.get("/kalender", headers=left, **behind_a_proxy).headers["HX-Redirect"]
    form = parse(client.get(address, **behind_a_proxy)).select_one("form.form")
    fields = fields_of(form) | identity
    response = client.post(form["action"], data=fields, headers=sent, **behind_a_proxy)
    assert (response.status_code, response.location) == (303, "/kalender?manad=2026-11")


def test_too_many_guesses_at_an_address_must_wait(anonymous: FlaskClient) -> None:
    answers = [
        anonymous.post("/logga-in", data={"email": "ingen@exempel.se", "password": "fel"}).status_code for _ in range(9)
    ]
    assert answers == [422] * 8 + [429]


def test_the_text_is_kept_when_the_session_is_gone_and_its_token_with_it(
    guarded: Flask, anonymous: FlaskClient, parse: Callable[..., BeautifulSoup]
) -> None:
    response = anonymous.post("/utkast", data={"key": "a", "text": "Mörkt vid trappan", "csrf_token": "gammal"})
    assert response.status_code == 400
    page = parse(response)
    assert page.select_one("input[name=password]")
    assert page.select_one("input[name='_held.text']")["value"] == "Mörkt vid trappan"
    # The sign-in page lay so long that it too has become too old.
    fields = fields_of(page.select_one("form.form"))
    response = anonymous.post("/logga-in", data=fields | {"csrf_token": "gammal"})
    assert response.status_code == 400
    page = parse(response)
    assert page.select_one("input[name=_held_url]")["value"] == "/utkast"
    assert page.select_one("input[name='_held.text']")["value"] == "Mörkt vid trappan"


def test_what_was_kept_can_be_saved_after_signing_in(
    guarded: Flask, identity: dict[str, str], anonymous: FlaskClient, parse: Callable[..., BeautifulSoup]
) -> None:
    page = parse(anonymous.post("/utkast", data={"key": "a", "text": "Mörkt", "base": "e3b0c442", "csrf_token": "x"}))
    fields = fields_of(page.select_one("form.form")) | identity
    page = parse(anonymous.post("/logga-in", data=fields))
    assert [tag.get_text() for tag in page.select("section p")] == ["Mörkt"]
    fields = fields_of(page.select_one("form.form"))
    response = anonymous.post(page.select_one("form.form")["action"], data=fields)
    assert response.status_code == 200
    assert "Utkast sparat" in response.text


def test_a_press_without_words_leads_back_to_where_it_was_made(
    guarded: Flask, identity: dict[str, str], anonymous: FlaskClient, parse: Callable[..., BeautifulSoup]
) -> None:
    asking = "/samverkan/klara/utstallningar/1/avsluta"
    headers = {"Referer": f"http://localhost{asking}"}
    assert parse(anonymous.get("/logga-in")).select_one("form.form")["action"] == "/logga-in"
    page = parse(anonymous.post(asking, data={"csrf_token": "gammal"}, headers=headers))
    assert "Inget är ändrat." in page.select_one(".notice").text
    fields = fields_of(page.select_one("form.form")) | identity | {"password": "fel"}
    page = parse(anonymous.post(page.select_one("form.form")["action"], data=fields))
    response = anonymous.post(page.select_one("form.form")["action"], data=fields | identity)
    assert (response.status_code, response.location) == (303, asking)


def test_a_form_with_an_old_token_keeps_its_text_for_who_is_signed_in(
    guarded: Flask, coordinator: FlaskClient, parse: Callable[..., BeautifulSoup]
) -> None:
    response = coordinator.post("/utkast", data={"key": "a", "text": "Mörkt vid trappan"})
    assert response.status_code == 400
    assert parse(response).select_one("input[name=text]")["value"] == "Mörkt vid trappan"


@pytest.mark.parametrize("name", ["current_password", "new_password_again"])
def test_no_page_that_keeps_what_was_written_keeps_a_password(
    guarded: Flask, anonymous: FlaskClient, coordinator: FlaskClient, name: str
) -> None:
    for client in (anonymous, coordinator):
        response = client.post("/mitt-konto", data={name: "mitt hemliga ord", "text": "Mörkt vid trappan"})
        assert response.status_code == 400
        assert "Mörkt vid trappan" in response.text
        assert "mitt hemliga ord" not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://annan.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.annan.example"},
    ],
)
@pytest.mark.parametrize("path", ["/utkast", "/logga-in"])
def test_what_a_page_of_another_site_sends_is_held_for_nobody(
    guarded: Flask, anonymous: FlaskClient, coordinator: FlaskClient, headers: dict[str, str], path: str
) -> None:
    fields = {"key": "a", "text": "Skrivet av en annan", "_held_url": "/utkast", "_held.text": "Skrivet av en annan"}
    for client in (anonymous, coordinator):
        response = client.post(path, data=fields, headers=headers)
        assert response.status_code == 400
        assert "från en annan webbplats" in response.text
        assert "Skrivet av en annan" not in response.text
    # Whoever is signed in stays so: the browser left the cookie out, and is given none in its place.
    assert "Set-Cookie" not in anonymous.post(path, data=fields, headers=headers).headers


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {"Origin": "https://localhost"}, {}],
)
def test_what_a_page_of_ours_sends_is_held(guarded: Flask, anonymous: FlaskClient, headers: dict[str, str]) -> None:
    response = anonymous.post("/utkast", data={"key": "a", "text": "Mörkt vid trappan"}, headers=headers)
    assert response.status_code == 400
    assert 'name="_held.text"' in response.text
