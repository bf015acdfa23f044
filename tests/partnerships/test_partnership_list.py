"""My partnerships, and making a new one."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.accounts.models import User
from platssamverkan.core.db import db
from platssamverkan.partnerships.models import Membership, Partnership, RoleGrant
from platssamverkan.partnerships.roles import Role
from tests.builders import World, add
from tests.conftest import SignIn

Parse = Callable[..., BeautifulSoup]


def test_each_sees_only_their_own(
    owner: FlaskClient, coordinator: FlaskClient, stranger: FlaskClient, parse: Parse
) -> None:
    def names(client: FlaskClient) -> list[str]:
        return [link.text for link in parse(client.get("/samverkan")).select("tbody th a")]

    assert names(owner) == ["Sergels torg"]
    assert names(coordinator) == ["Sergels torg", "Vision Klara"]
    assert names(stranger) == []
    assert "Deltagare, Fastighetsbolaget" in parse(owner.get("/samverkan")).text
    assert parse(owner.get("/samverkan")).title.text != parse(owner.get("/")).title.text


def test_a_role_for_an_actor_that_has_left_is_not_told(
    owner: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        left = world.memberships["sergels", "traffic"]
        add(RoleGrant(user_id=world.users["owner"], membership_id=left, role=Role.REPORT_OFFICER))
        db.session.get(Membership, left).left_on = date(2024, 1, 1)
        db.session.commit()
    page = parse(owner.get("/samverkan"))
    assert page.select_one('td[data-label="Din behörighet"]').text.strip() == "Deltagare, Fastighetsbolaget"


def test_the_fragment_is_the_part_of_the_page(coordinator: FlaskClient, parse: Parse) -> None:
    page = parse(coordinator.get("/samverkan?q=klara"))
    fragment = parse(coordinator.get("/samverkan?q=klara", headers={"HX-Request": "true"}))
    assert str(page.find(id="partnerships")) == str(fragment.find(id="partnerships"))


def test_the_list_costs_the_same_however_long(
    coordinator: FlaskClient, app: Flask, world: World, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def cost() -> int:
        with count_queries() as statements:
            assert coordinator.get("/samverkan").status_code == 200
        return len(statements)

    few = cost()
    with app.app_context():
        for number in range(20):
            row = add(Partnership(slug=f"s-{number}", name=f"Samverkan {number}", lead_actor_id=world.actors["owner"]))
            member = add(Membership(partnership_id=row.id, actor_id=world.actors["district"]))
            add(RoleGrant(user_id=world.users["coordinator"], membership_id=member.id, role=Role.READER))
        db.session.commit()
    assert cost() == few


def a_new_one(world: World) -> dict[str, str]:
    return {
        "name": "Ny",
        "lead_actor_id": str(world.actors["owner"]),
        "coordinator_id": str(world.users["stranger"]),
    }


def test_the_administrator_makes_one_that_its_coordinator_can_enter(sign_in: SignIn, app: Flask, world: World) -> None:
    assert sign_in("admin").post("/samverkan/ny", data=a_new_one(world)).status_code == 303
    with app.app_context():
        made = db.session.scalar(select(Partnership).order_by(Partnership.id.desc()))
        assert made.slug == "ny-2"
        # A company that OSL does not bind is not taken to answer for personal data.
        assert (made.lead_actor_id, made.data_controller_id) == (world.actors["owner"], None)
        slug = made.slug
    assert sign_in("stranger").get(f"/samverkan/{slug}/om/andra").status_code == 200
    # Administering is not reading.
    assert sign_in("admin").get(f"/samverkan/{slug}/om").status_code == 404


def labels(page: Any) -> dict[str, str]:
    """Return field → what its label says, in the order of the page."""
    return {label["for"]: " ".join(label.get_text().split()) for label in page.select("form.form label[for]")}


def test_what_is_asked_for_in_one_of_two_fields_is_not_called_voluntary(sign_in: SignIn, parse: Any) -> None:
    told = labels(parse(sign_in("admin").get("/samverkan/ny")))
    assert told["lead_actor_id"] == "Samordnande aktör"
    assert told["new_actor_name"] == "Den nya aktörens namn"
    assert told["municipality"] == "Kommun (frivilligt)"


def test_the_form_of_an_actor_first_asks_who_it_is(coordinator: FlaskClient, parse: Any) -> None:
    told = labels(parse(coordinator.get("/samverkan/klara/aktorer/ny")))
    assert list(told.values())[:4] == [
        "Aktör", "Den nya aktörens namn", "Den nya aktörens typ", "Uppgift i samverkan (frivilligt)"
    ]  # fmt: skip


def test_a_new_actor_can_lead(sign_in: SignIn, app: Flask, world: World) -> None:
    data = a_new_one(world) | {
        "lead_actor_id": "",
        "new_actor_name": "Bromma",
        "new_actor_kind": "district_administration",
    }
    assert sign_in("admin").post("/samverkan/ny", data=data).status_code == 303
    with app.app_context():
        membership = db.session.scalar(select(Membership).order_by(Membership.id.desc()))
        assert membership.task == "Samordnar"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": ""}, "Skriv vad samverkan heter."),
        ({"coordinator_id": ""}, "Välj vem som ska vara samordnare."),
        ({"lead_actor_id": ""}, "Välj en aktör, eller skriv namnet på en ny."),
        ({"lead_actor_id": "", "new_actor_name": "Bromma"}, "Välj vilken typ"),
        ({"new_actor_name": "Bromma", "new_actor_kind": "other"}, "inte båda"),
        ({"lead_actor_id": "", "new_actor_name": "Polisen", "new_actor_kind": "police"}, "Aktören finns redan."),
    ],
)
def test_nothing_is_made_of_a_wrong_form(
    sign_in: SignIn, app: Flask, world: World, changed: dict[str, str], message: str
) -> None:
    response = sign_in("admin").post("/samverkan/ny", data=a_new_one(world) | changed)
    assert response.status_code == 422
    assert message in response.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(func.count(Partnership.id))) == 2


def test_only_administrators_make_partnerships(coordinator: FlaskClient, world: World) -> None:
    assert coordinator.get("/samverkan/ny").status_code == 403
    assert coordinator.post("/samverkan/ny", data=a_new_one(world)).status_code == 403


@pytest.fixture
def orphan(app: Flask, world: World) -> int:
    """The id of a partnership that nobody coordinates any more."""
    with app.app_context():
        left = add(Partnership(slug="jakobsberg", name="Jakobsberg"))
        db.session.commit()
        return int(left.id)


def test_the_administrator_appoints_a_coordinator_where_there_is_none(
    sign_in: SignIn, world: World, orphan: int, parse: Parse
) -> None:
    admin, stranger = sign_in("admin"), sign_in("stranger")
    page = parse(admin.get(parse(admin.get("/")).select_one(".empty a")["href"]))
    (link,) = page.select("section[aria-labelledby=orphans] a")
    asked = {"lead_actor_id": str(world.actors["owner"]), "coordinator_id": str(world.users["stranger"])}
    assert stranger.get("/samverkan/jakobsberg/om").status_code == 404
    assert admin.post(link["href"], data={**asked, "coordinator_id": ""}).status_code == 422
    assert admin.post(link["href"], data=asked).status_code == 303
    assert stranger.get("/samverkan/jakobsberg/om/andra").status_code == 200
    assert not parse(admin.get("/samverkan")).find(id="orphans")


def test_the_start_page_tells_the_administrator_where_nobody_coordinates(
    sign_in: SignIn, coordinator: FlaskClient, orphan: int, parse: Parse
) -> None:
    def told(client: FlaskClient) -> Tag | None:
        return parse(client.get("/")).find("a", string=re.compile("Utse samordnare"))

    link = told(sign_in("admin"))
    assert link.text == "Utse samordnare i 1\xa0samverkan"
    assert link["href"] == "/samverkan#orphans"
    assert parse(sign_in("admin").get("/samverkan")).find(id="orphans")
    assert told(coordinator) is None


def test_before_an_account_is_closed_it_says_where_nobody_else_coordinates(
    app: Flask, sign_in: SignIn, world: World, parse: Parse
) -> None:
    def told(user: str) -> list[str]:
        page = parse(sign_in("admin").get(f"/anvandare/{world.users[user]}/stang"))
        return [name.text for name in page.select(".notice-warning li")]

    assert told("coordinator") == ["Sergels torg", "Vision Klara"]
    assert told("police") == []
    with app.app_context():
        police = world.memberships["klara", "police"]
        second = db.session.scalar(select(RoleGrant).where(RoleGrant.membership_id == police))
        second.role = Role.COORDINATOR
        db.session.commit()
    assert (told("coordinator"), told("police")) == (["Sergels torg"], [])
    with app.app_context():
        db.session.get(User, world.users["coordinator"]).is_enabled = False
        db.session.commit()
    assert (told("coordinator"), told("police")) == ([], ["Vision Klara"])


def test_what_has_ended_needs_no_coordinator(app: Flask, sign_in: SignIn, orphan: int, parse: Parse) -> None:
    admin, address = sign_in("admin"), f"/samverkan/utan-samordnare/{orphan}"
    assert admin.get(address).status_code == 200
    with app.app_context():
        db.session.get(Partnership, orphan).is_active = False
        db.session.commit()
    assert not parse(admin.get("/samverkan")).find(id="orphans")
    assert admin.get(address).status_code == 404


def test_nobody_is_put_beside_a_coordinator(sign_in: SignIn, world: World) -> None:
    address = f"/samverkan/utan-samordnare/{world.partnerships['sergels']}"
    asked = {"lead_actor_id": str(world.actors["owner"]), "coordinator_id": str(world.users["stranger"])}
    assert sign_in("admin").get(address).status_code == 404
    assert sign_in("admin").post(address, data=asked).status_code == 404
    assert sign_in("coordinator").get(address).status_code == 403


def test_a_coordinator_whose_account_is_closed_leaves_room_for_one_who_reads_there(
    app: Flask, sign_in: SignIn, world: World
) -> None:
    with app.app_context():
        db.session.get(User, world.users["coordinator"]).is_enabled = False
        db.session.commit()
    slug, reader = "sergels", sign_in("reader")
    assert reader.get(f"/samverkan/{slug}/om/andra").status_code == 403
    with app.app_context():
        grant = db.session.scalar(select(RoleGrant).where(RoleGrant.user_id == world.users["reader"]))
        actor = db.session.get(Membership, grant.membership_id).actor_id
    asked = {"lead_actor_id": str(actor), "coordinator_id": str(world.users["reader"])}
    address = f"/samverkan/utan-samordnare/{world.partnerships[slug]}"
    assert sign_in("admin").post(address, data=asked).status_code == 303
    assert reader.get(f"/samverkan/{slug}/om/andra").status_code == 200


def appoint_for_one_that_left(app: Flask, sign_in: SignIn, world: World) -> None:
    """Let the administrator appoint the stranger for the owner, who has left a partnership without coordinator."""
    with app.app_context():
        db.session.get(User, world.users["coordinator"]).is_enabled = False
        db.session.get(Membership, world.memberships["sergels", "owner"]).left_on = date(2025, 1, 1)
        db.session.commit()
    asked = {"lead_actor_id": str(world.actors["owner"]), "coordinator_id": str(world.users["stranger"])}
    address = f"/samverkan/utan-samordnare/{world.partnerships['sergels']}"
    assert sign_in("admin").post(address, data=asked).status_code == 303


def test_an_appointment_does_not_let_others_of_an_actor_that_left_in_again(
    app: Flask, sign_in: SignIn, world: World
) -> None:
    appoint_for_one_that_left(app, sign_in, world)
    assert sign_in("stranger").get("/samverkan/sergels/om").status_code == 200
    assert sign_in("owner").get("/samverkan/sergels/om").status_code == 404


def test_the_partnerships_own_log_tells_whom_the_administrator_let_in_and_whom_not(
    app: Flask, sign_in: SignIn, world: World, parse: Parse
) -> None:
    appoint_for_one_that_left(app, sign_in, world)
    log = parse(sign_in("stranger").get("/samverkan/sergels/logg?tabell=role_grant"))
    told = [" ".join(row.text.split()) for row in log.select("tbody tr") if "Admin" in row.text]
    assert any("Skapad: behörighet" in line for line in told)
    assert any("Borttagen: behörighet" in line for line in told)


def test_the_start_page_leads_to_the_list(owner: FlaskClient, parse: Parse) -> None:
    assert parse(owner.get("/")).select_one('a[href="/samverkan"]')
