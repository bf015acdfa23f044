"""The doors: who gets in where."""

import pytest
from flask import Flask
from flask.testing import FlaskClient


def test_a_stranger_and_an_unknown_partnership_get_the_same_answer(stranger: FlaskClient) -> None:
    assert stranger.get("/samverkan/klara/").status_code == 404
    assert stranger.get("/samverkan/finns-inte/").status_code == 404


def test_a_view_without_a_rule_is_refused_to_everyone(
    app: Flask, coordinator: FlaskClient, anonymous: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "overview.health", lambda: "open")
    assert [client.get("/halsa").status_code for client in (coordinator, anonymous)] == [403, 403]


def test_a_member_gets_in_where_the_actor_takes_part_and_nowhere_else(owner: FlaskClient) -> None:
    assert owner.get("/samverkan/sergels/").status_code == 200
    assert owner.get("/samverkan/klara/").status_code == 404


def test_a_page_asked_for_signed_out_leads_to_sign_in_and_back(anonymous: FlaskClient) -> None:
    response = anonymous.get("/samverkan/klara/atgarder")
    assert response.status_code == 302
    assert response.location == "/logga-in?nasta=/samverkan/klara/atgarder"


def test_text_posted_after_the_session_ended_is_on_the_sign_in_page(anonymous: FlaskClient) -> None:
    response = anonymous.post("/utkast", data={"key": "a", "text": "Mörkt vid trappan"})
    assert response.status_code == 400
    assert "Mörkt vid trappan" in response.get_data(as_text=True)
