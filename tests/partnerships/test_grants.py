"""Who may do what, and the log of what was done."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.accounts.models import User
from platssamverkan.core import clock, formatting
from platssamverkan.core.db import db
from platssamverkan.partnerships.models import Membership, RoleGrant
from platssamverkan.partnerships.roles import Role
from tests.agreements.builders import an_agreement
from tests.builders import World, a_user, add
from tests.conftest import SignIn

Parse = Callable[..., BeautifulSoup]
Count = Callable[[], AbstractContextManager[list[str]]]
LIST = "/samverkan/sergels/behorigheter"
LOG = "/samverkan/sergels/logg"


def grant_id(app: Flask, world: World, who: str, actor: str, where: str = "sergels") -> int:
    with app.app_context():
        statement = select(RoleGrant.id).where(
            RoleGrant.user_id == world.users[who], RoleGrant.membership_id == world.memberships[where, actor]
        )
        found: int = db.session.scalar(statement)
        return found


def a_right(world: World, **changes: str) -> dict[str, str]:
    return {
        "email": "Stranger@exempel.se",
        "membership_id": str(world.memberships["sergels", "owner"]),
        "role": "reader",
    } | changes


def test_the_list_shows_addresses_only_to_those_who_give_rights(
    coordinator: FlaskClient, sign_in: SignIn, parse: Parse
) -> None:
    assert "police@exempel.se" in parse(coordinator.get(LIST)).text
    auditor = parse(sign_in("auditor").get(LIST)).text
    assert "Police" in auditor
    assert "@exempel.se" not in auditor
    assert "@" not in sign_in("auditor").get(f"{LIST}?format=csv").get_data(as_text=True)
    assert "Owner" not in parse(sign_in("auditor").get(f"{LIST}?q=exempel")).find(id="grants").text


def test_a_right_opens_the_door(coordinator: FlaskClient, stranger: FlaskClient, world: World) -> None:
    assert stranger.get("/samverkan/sergels/om").status_code == 404
    assert coordinator.post(f"{LIST}/ny", data=a_right(world)).status_code == 303
    assert stranger.get("/samverkan/sergels/om").status_code == 200


def test_who_gives_a_right_can_read_what_it_lets_others_do(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    for path in ("", "/ny", f"/{grant_id(app, world, 'reader', 'traffic')}/andra"):
        roles = parse(coordinator.get(LIST + path)).select("section[aria-labelledby=roles] details")
        told = {part.summary.text: part.ul.text for part in roles}
        assert set(told) == {role.label for role in Role}, path
        assert "Logga platsaktiveringar" in told["Deltagare"]
        assert "Logga platsaktiveringar" not in told["Läsare"]


def test_a_right_that_is_to_end_with_its_actor_says_when(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        membership = db.session.get_one(Membership, world.memberships["sergels", "owner"])
        membership.left_on = clock.today() + timedelta(days=3)
        last = formatting.day(membership.left_on)
        db.session.commit()
    row = parse(coordinator.get(f"{LIST}?q=Fastighetsbolaget")).select_one("#grants tbody tr")
    assert f"Till och med {last}" in row.text


def test_the_page_of_an_actor_leads_to_its_rights_for_those_who_give_them(
    coordinator: FlaskClient, police: FlaskClient, world: World, parse: Parse
) -> None:
    address = f"/samverkan/sergels/aktorer/{world.memberships['sergels', 'owner']}"
    link = parse(coordinator.get(address)).find("a", string="Behörigheter för aktören")
    assert [cell.text for cell in parse(coordinator.get(link["href"])).select("#grants tbody th .detail")] == [
        "owner@exempel.se"
    ]
    assert parse(police.get(address)).find("a", string="Behörigheter för aktören") is None


def test_a_right_given_from_the_page_of_an_actor_is_for_that_actor(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    membership_id = world.memberships["sergels", "owner"]

    def way() -> Tag | None:
        page = parse(coordinator.get(f"/samverkan/sergels/aktorer/{membership_id}"))
        return page.select_one("section[aria-labelledby=part] a[href*='behorigheter/ny']")

    chosen = parse(coordinator.get(way()["href"])).select("#membership_id option[selected]")
    assert [option.text for option in chosen] == ["Fastighetsbolaget"]
    for other in (world.memberships["klara", "district"], "x"):
        chosen = parse(coordinator.get(f"{LIST}/ny?aktor={other}")).select("#membership_id option[selected]")
        assert not any(option["value"] for option in chosen)
    with app.app_context():
        db.session.get_one(Membership, membership_id).left_on = clock.today() - timedelta(days=1)
        db.session.commit()
    assert way() is None


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"email": "ingen@exempel.se"}, "Ingen användare har den adressen."),
        ({"email": ""}, "Skriv användarens e-postadress."),
        ({"email": "owner@exempel.se"}, "har redan en behörighet"),
        ({"email": "coordinator@exempel.se"}, "Du kan inte ge dig själv behörighet för en annan aktör."),
        ({"role": "king"}, "Välj ett av alternativen i listan."),
        ({"membership_id": "1"}, "Välj ett av alternativen i listan."),
    ],
)
def test_a_right_is_not_given_so(
    coordinator: FlaskClient, app: Flask, world: World, changed: dict[str, str], message: str
) -> None:
    response = coordinator.post(f"{LIST}/ny", data=a_right(world, **changed))
    assert response.status_code == 422
    assert message in response.get_data(as_text=True)
    with app.app_context():
        assert not db.session.scalar(select(RoleGrant.id).where(RoleGrant.user_id == world.users["stranger"]))


def test_a_closed_account_gets_no_right(coordinator: FlaskClient, app: Flask, world: World) -> None:
    with app.app_context():
        db.session.get(User, world.users["stranger"]).is_enabled = False
        db.session.commit()
    assert "stängt" in coordinator.post(f"{LIST}/ny", data=a_right(world)).get_data(as_text=True)


def test_who_does_not_read_the_authorities_text_cannot_give_it_to_read(
    sign_in: SignIn, app: Flask, world: World
) -> None:
    with app.app_context():
        membership_id = world.memberships["sergels", "owner"]
        add(RoleGrant(user_id=world.users["stranger"], membership_id=membership_id, role=Role.COORDINATOR))
        db.session.commit()
    client = sign_in("stranger")
    page = client.get(f"{LIST}/ny").get_data(as_text=True)
    assert "Fastighetsbolaget</option>" in page
    assert "Polisen</option>" not in page
    data = a_right(world, email="reader@exempel.se", membership_id=str(world.memberships["sergels", "police"]))
    assert client.post(f"{LIST}/ny", data=data).status_code == 422


def test_a_role_is_changed_and_withdrawn(
    coordinator: FlaskClient, owner: FlaskClient, app: Flask, world: World
) -> None:
    one = f"{LIST}/{grant_id(app, world, 'owner', 'owner')}"
    assert coordinator.post(f"{one}/andra", data={"role": "reader", "version": "1"}).status_code == 303
    late = coordinator.post(f"{one}/andra", data={"role": "auditor", "version": "1"})
    assert late.status_code == 409
    assert "Du valde: Revisor" in late.text
    assert "Sparat nu: Läsare" in late.text
    assert owner.get("/samverkan/sergels/om").status_code == 200
    assert coordinator.get(f"{one}/ta-bort").status_code == 200
    late = coordinator.post(f"{one}/ta-bort", data={"version": "1"})
    assert late.status_code == 409
    assert "Någon annan har ändrat behörigheten." in late.text
    assert "är läsare för" in late.text
    assert coordinator.post(f"{one}/ta-bort", data={"version": "2"}).status_code == 303
    assert owner.get("/samverkan/sergels/om").status_code == 404


def test_the_last_coordinator_stays(coordinator: FlaskClient, app: Flask, world: World) -> None:
    mine = grant_id(app, world, "coordinator", "district")
    assert coordinator.post(f"{LIST}/{mine}/andra", data={"role": "reader", "version": "1"}).status_code == 422
    assert coordinator.post(f"{LIST}/{mine}/ta-bort", data={"version": "1"}).status_code == 409
    coordinator.post(f"{LIST}/ny", data=a_right(world, role="coordinator"))
    assert coordinator.post(f"{LIST}/{mine}/ta-bort", data={"version": "1"}).status_code == 303
    assert coordinator.get(LIST).status_code == 404


def test_a_coordinator_whose_account_is_closed_is_not_one_who_is_left(
    coordinator: FlaskClient, app: Flask, world: World
) -> None:
    coordinator.post(f"{LIST}/ny", data=a_right(world, role="coordinator"))
    with app.app_context():
        db.session.get(User, world.users["stranger"]).is_enabled = False
        db.session.commit()
    mine = grant_id(app, world, "coordinator", "district")
    assert coordinator.post(f"{LIST}/{mine}/ta-bort", data={"version": "1"}).status_code == 409


def test_rights_are_given_only_where_they_hold(
    coordinator: FlaskClient, police: FlaskClient, stranger: FlaskClient, app: Flask, world: World
) -> None:
    elsewhere = grant_id(app, world, "police", "police", "klara")
    assert coordinator.get(f"{LIST}/{elsewhere}/andra").status_code == 404
    assert police.get(LIST).status_code == 403
    assert police.post(f"{LIST}/ny", data=a_right(world)).status_code == 403
    assert stranger.get(LIST).status_code == 404


def test_lists_cost_the_same_however_long(
    coordinator: FlaskClient, app: Flask, world: World, count_queries: Count
) -> None:
    def cost(path: str) -> int:
        with count_queries() as statements:
            assert coordinator.get(path).status_code == 200
        return len(statements)

    with app.app_context():
        an_agreement(world)
        db.session.commit()
    few = cost(LIST), cost(f"{LOG}?tabell=agreement")
    with app.app_context():
        for number in range(20):
            user = a_user(f"user{number}")
            add(RoleGrant(user_id=user.id, membership_id=world.memberships["sergels", "owner"], role=Role.READER))
            an_agreement(world, title=f"Avtal {number}")
        db.session.commit()
    assert (cost(LIST), cost(f"{LOG}?tabell=agreement")) == few


def test_the_fragments_are_parts_of_their_pages(coordinator: FlaskClient, parse: Parse) -> None:
    for path, part in ((LIST, "grants"), (LOG, "log")):
        page, fragment = parse(coordinator.get(path)), parse(coordinator.get(path, headers={"HX-Request": "true"}))
        assert str(page.find(id=part)) == str(fragment.find(id=part))
