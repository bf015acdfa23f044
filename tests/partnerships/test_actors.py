"""The actors of a partnership and the functions that speak for them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.actors.models import Actor, ActorKind, Sector
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Reader
from platssamverkan.partnerships.models import Membership, Partnership, RepresentationLevel, Representative, RoleGrant
from platssamverkan.partnerships.roles import Role
from tests.builders import World, add, an_actor

Parse = Callable[..., BeautifulSoup]
Count = Callable[[], AbstractContextManager[list[str]]]
LIST = "/samverkan/sergels/aktorer"


@pytest.fixture
def of(world: World) -> Callable[[str], str]:
    """Return the address of an actor's page at Sergels torg."""
    return lambda name: f"{LIST}/{world.memberships['sergels', name]}"


def names(client: FlaskClient, parse: Parse, query: str = "") -> list[str]:
    return [link.text for link in parse(client.get(LIST + query)).select("tbody th a")]


def speaks_for(app: Flask, world: World, name: str, **changes: object) -> int:
    with app.app_context():
        values = {"level": RepresentationLevel.STRATEGIC, "function": "Enhetschef", "valid_from": date(2023, 1, 1)}
        person = add(Representative(membership_id=world.memberships["sergels", name], **(values | changes)))
        person_id: int = person.id
        db.session.commit()
        return person_id


def test_the_list_filters_sorts_and_searches(reader: FlaskClient, app: Flask, world: World, parse: Parse) -> None:
    speaks_for(app, world, "traffic", function="Driftingenjör")
    assert names(reader, parse) == ["Fastighetsbolaget", "Polisen", "Stadsdelsförvaltningen", "Trafikkontoret"]
    assert names(reader, parse, "?typ=police") == ["Polisen"]
    assert names(reader, parse, "?osl=nej") == ["Fastighetsbolaget"]
    assert names(reader, parse, "?q=driftingenjör") == ["Trafikkontoret"]
    assert names(reader, parse, "?sortera=-name")[0] == "Trafikkontoret"
    assert names(reader, parse, "?deltar=tidigare") == []
    assert len(names(reader, parse, "?niva=strategic")) == 4
    assert len(names(reader, parse, "?typ=nonsens")) == 4


def test_the_fragment_is_the_part_of_the_page(reader: FlaskClient, parse: Parse) -> None:
    page, fragment = parse(reader.get(LIST)), parse(reader.get(LIST, headers={"HX-Request": "true"}))
    assert str(page.find(id="actors")) == str(fragment.find(id="actors"))


def test_list_and_page_cost_the_same_however_many(
    coordinator: FlaskClient, app: Flask, world: World, of: Callable[[str], str], count_queries: Count
) -> None:
    def cost(path: str) -> int:
        with count_queries() as statements:
            assert coordinator.get(path).status_code == 200
        return len(statements)

    speaks_for(app, world, "police")
    few = cost(LIST), cost(of("police"))
    for number in range(20):
        speaks_for(app, world, "police", function=f"Funktion {number}")
        with app.app_context():
            actor = an_actor(f"Aktör {number}", ActorKind.SCHOOL)
            membership = add(Membership(partnership_id=world.partnerships["sergels"], actor_id=actor.id))
            add(Representative(membership_id=membership.id, level=RepresentationLevel.OPERATIVE, function="Rektor"))
            db.session.commit()
    assert (cost(LIST), cost(of("police"))) == few


def test_the_page_tells_who_speaks_for_the_actor(
    reader: FlaskClient, app: Flask, world: World, of: Callable[[str], str], parse: Parse
) -> None:
    speaks_for(app, world, "police", function="Lokalpolisområdeschef")
    page = parse(reader.get(of("police")))
    assert page.h1.text == "Polisen"
    row = page.find(id="representatives").find_parent("section").tbody.tr
    assert [cell.text.strip() for cell in row.find_all(["th", "td"])][:2] == ["Lokalpolisområdeschef", "Strategisk"]
    assert not page.select(f'a[href="{of("police")}/andra"]')


def test_a_page_of_another_partnership_is_not_found(coordinator: FlaskClient, owner: FlaskClient, world: World) -> None:
    elsewhere = world.memberships["klara", "police"]
    assert coordinator.get(f"{LIST}/{elsewhere}").status_code == 404
    assert owner.get(f"/samverkan/klara/aktorer/{elsewhere}").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/andra", "/uppgifter", "/avsluta", "/ateruppta", "/representanter/ny"],
)
def test_only_those_who_manage_actors_change_them(
    police: FlaskClient, stranger: FlaskClient, of: Callable[[str], str], path: str
) -> None:
    assert police.post(of("police") + path).status_code == 403
    assert police.post(f"{LIST}/ny").status_code == 403
    assert stranger.post(of("police") + path).status_code == 404


def test_an_actor_is_added_new_or_known(coordinator: FlaskClient, app: Flask, parse: Parse) -> None:
    with app.app_context():
        known = an_actor("MTR", ActorKind.TRANSPORT_OPERATOR).id
        db.session.commit()
    first = coordinator.post(f"{LIST}/ny", data={"actor_id": known, "task": "Vakter i stationen", "is_operative": "y"})
    second = coordinator.post(f"{LIST}/ny", data={"name": "Åhléns", "kind": "commercial_site"})
    assert (first.status_code, second.status_code) == (303, 303)
    assert "Vakter i stationen" in coordinator.get(first.location).get_data(as_text=True)
    assert coordinator.post(f"{LIST}/ny", data={"name": "Tullverket", "kind": "state_agency"}).status_code == 303
    with app.app_context():
        new = select(Actor.name, Actor.subject_to_osl, Actor.sector).where(Actor.name.in_(["Åhléns", "Tullverket"]))
        assert {tuple(row) for row in db.session.execute(new)} == {
            ("Åhléns", False, Sector.PRIVATE), ("Tullverket", True, Sector.PUBLIC),
        }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Välj en aktör, eller skriv namnet på en ny."),
        ({"name": "Åhléns"}, "Välj vilken typ av aktör den nya är."),
        ({"name": "Polisen", "kind": "police"}, "Aktören finns redan."),
        ({"actor_id": "2"}, "Välj ett av alternativen i listan."),
        ({"actor_id": "5", "name": "Åhléns", "kind": "school"}, "inte båda"),
        ({"name": "Åhléns", "kind": "school", "joined_on": "i går"}, "Skriv datumet som år-månad-dag"),
        ({"name": "Åhléns", "kind": "school", "mandate": "Ring 070-123 45 67"}, "telefonnummer"),
    ],
)
def test_nothing_is_added_of_a_wrong_form(
    coordinator: FlaskClient, app: Flask, data: dict[str, str], message: str
) -> None:
    with app.app_context():
        assert an_actor("MTR", ActorKind.TRANSPORT_OPERATOR).id == 5
        db.session.commit()
    response = coordinator.post(f"{LIST}/ny", data=data)
    assert response.status_code == 422
    assert message in response.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(func.count(Membership.id))) == 7


def test_the_part_in_the_partnership_is_changed(
    coordinator: FlaskClient, of: Callable[[str], str], parse: Parse
) -> None:
    data = {"task": "Håller i utställningarna", "is_strategic": "y", "joined_on": "2020-01-01", "version": "1"}
    response = coordinator.post(of("police") + "/andra", data=data)
    page = parse(coordinator.get(response.location))
    assert "Håller i utställningarna" in page.text
    assert "1 januari 2020" in page.text.replace("\xa0", " ")


def test_two_who_change_a_part_see_both(coordinator: FlaskClient, of: Callable[[str], str], parse: Parse) -> None:
    path = of("police") + "/andra"
    first = {"task": "Håller i utställningarna", "is_operative": "y", "version": "1"}
    assert coordinator.post(path, data=first).status_code == 303
    late = coordinator.post(path, data={"task": "Samordnar", "is_strategic": "y", "version": "1"})
    page = parse(late)
    assert late.status_code == 409
    assert "Håller i utställningarna" in page.select_one(".conflict-saved").text
    assert page.select_one("#conflict input[name=task]")["value"] == "Samordnar"
    assert "Deltar på strategisk nivå Du valde: ja Sparat nu: nej" in page.select_one("#conflict dl").get_text(
        " ", strip=True
    )
    sent = {field["name"]: field.get("value", field.text) for field in page.select("#conflict [name]")}
    assert coordinator.post(path, data=sent).status_code == 303
    assert "Samordnar" in coordinator.get(of("police")).text


ACTOR = {"name": "Polisen", "kind": "police", "sector": "public", "subject_to_osl": "yes", "version": "1"}


def test_facts_of_an_actor_are_versioned(coordinator: FlaskClient, of: Callable[[str], str], parse: Parse) -> None:
    path = of("police") + "/uppgifter"
    assert coordinator.post(path, data=ACTOR | {"former_name": "Norrmalmspolisen"}).status_code == 303
    late = coordinator.post(path, data=ACTOR | {"former_name": "Citypolisen", "kind": "other"})
    page = parse(late)
    assert late.status_code == 409
    assert [tag.text for tag in page.select(".conflict-saved")] == ["Norrmalmspolisen"]
    assert page.select_one("#conflict input[name=former_name]")["value"] == "Citypolisen"
    assert page.select_one("#conflict dl").get_text(" ", strip=True) == "Typ Du valde: Annan Sparat nu: Polis"


def test_two_actors_do_not_share_a_name(coordinator: FlaskClient, of: Callable[[str], str]) -> None:
    response = coordinator.post(of("police") + "/uppgifter", data=ACTOR | {"name": "Trafikkontoret"})
    assert response.status_code == 422


def test_who_is_bound_by_osl_is_changed_only_by_someone_who_coordinates_everywhere(
    coordinator: FlaskClient, app: Flask, world: World, of: Callable[[str], str]
) -> None:
    assert "subject_to_osl" in coordinator.get(of("owner") + "/uppgifter").get_data(as_text=True)
    with app.app_context():
        other = add(Partnership(slug="annan", name="Annan"))
        add(Membership(partnership_id=other.id, actor_id=world.actors["owner"]))
        db.session.commit()
    assert "subject_to_osl" not in coordinator.get(of("owner") + "/uppgifter").get_data(as_text=True)
    data = {"name": "Fastighetsbolaget", "kind": "property_owner", "subject_to_osl": "yes", "version": "1"}
    assert coordinator.post(of("owner") + "/uppgifter", data=data).status_code == 303
    with app.app_context():
        assert db.session.get(Actor, world.actors["owner"]).subject_to_osl is False


def test_nobody_binds_their_own_actor_by_osl_to_read_what_authorities_read(
    owner: FlaskClient, app: Flask, world: World, of: Callable[[str], str]
) -> None:
    with app.app_context():
        db.session.scalar(select(RoleGrant).where(RoleGrant.user_id == world.users["owner"])).role = Role.COORDINATOR
        db.session.commit()
    data = {"name": "Fastighetsbolaget", "kind": "property_owner", "subject_to_osl": "yes", "version": "1"}
    assert "subject_to_osl" not in owner.get(of("owner") + "/uppgifter").text
    assert owner.post(of("owner") + "/uppgifter", data=data).status_code == 303
    with app.app_context():
        assert db.session.get(Actor, world.actors["owner"]).subject_to_osl is False


def test_the_page_names_only_ones_own_other_partnerships(
    owner: FlaskClient, coordinator: FlaskClient, of: Callable[[str], str]
) -> None:
    assert "Vision Klara" in coordinator.get(of("police")).text
    assert "Vision Klara" not in owner.get(of("police")).text


def test_an_actor_that_leaves_stays_in_the_list_and_its_users_are_let_out(
    coordinator: FlaskClient, owner: FlaskClient, app: Flask, world: World, of: Callable[[str], str], parse: Parse
) -> None:
    person_id = speaks_for(app, world, "owner")
    until_summer = speaks_for(app, world, "owner", valid_to=date(2026, 6, 30))
    assert coordinator.post(of("owner") + "/avsluta", data={"on": "2026-01-31", "version": "1"}).status_code == 303
    assert names(coordinator, parse, "?deltar=tidigare") == ["Fastighetsbolaget"]
    assert owner.get(LIST).status_code == 404
    with app.app_context():
        for one in (person_id, until_summer):
            assert db.session.get(Representative, one).valid_to == date(2026, 1, 31)
    page = parse(coordinator.get(of("owner")))
    assert "får ingen tillbaka sin behörighet" in page.select_one(".notice").text
    page = parse(coordinator.get(coordinator.post(of("owner") + "/ateruppta").location))
    assert "Ge behörighet till dem som ska in" in page.select_one("#messages").text
    assert owner.get(LIST).status_code == 404
    with app.app_context():
        left = select(RoleGrant).where(RoleGrant.membership_id == world.memberships["sergels", "owner"])
        assert db.session.scalars(left).all() == []


def test_who_has_not_left_yet_keeps_the_rights_when_staying_after_all(
    coordinator: FlaskClient, owner: FlaskClient, of: Callable[[str], str], parse: Parse
) -> None:
    today = clock.today().isoformat()
    assert coordinator.post(of("owner") + "/avsluta", data={"on": today, "version": "1"}).status_code == 303
    assert "tillbaka sin behörighet" not in parse(coordinator.get(of("owner"))).text
    coordinator.post(of("owner") + "/ateruppta")
    assert owner.get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("name", "day", "message"),
    [
        ("owner", "2022-12-31", "Sista dagen är före första dagen."),
        ("owner", "", "Skriv sista dagen"),
        ("district", "2026-01-31", "sista samordnaren"),
    ],
)
def test_an_actor_cannot_leave_so(
    coordinator: FlaskClient, app: Flask, world: World, of: Callable[[str], str], name: str, day: str, message: str
) -> None:
    response = coordinator.post(of(name) + "/avsluta", data={"on": day, "version": "1"})
    assert response.status_code == 422
    assert message in response.get_data(as_text=True)
    with app.app_context():
        assert db.session.get(Membership, world.memberships["sergels", name]).left_on is None


def test_ending_what_someone_has_changed_meanwhile_is_told(
    coordinator: FlaskClient, app: Flask, world: World, of: Callable[[str], str]
) -> None:
    for day, status in (("2026-01-31", 303), ("2026-02-28", 409)):
        response = coordinator.post(of("owner") + "/avsluta", data={"on": day, "version": "1"})
        assert response.status_code == status
    assert "2026-01-31" in response.text
    with app.app_context():
        assert db.session.get(Membership, world.memberships["sergels", "owner"]).left_on == date(2026, 1, 31)


def test_representatives_come_change_and_go(
    coordinator: FlaskClient, app: Flask, of: Callable[[str], str], parse: Parse
) -> None:
    data = {"function": "Kommunpolis", "level": "strategic", "valid_from": "2024-01-01"}
    assert coordinator.post(of("police") + "/representanter/ny", data=data).status_code == 303
    with app.app_context():
        person_id = db.session.scalar(select(Representative.id))
    one = f"{of('police')}/representanter/{person_id}"
    changed = data | {"level": "operative", "version": "1"}
    assert coordinator.post(one + "/andra", data=changed).status_code == 303
    late = coordinator.post(one + "/andra", data=changed | {"function": "Områdespolis"})
    assert late.status_code == 409
    assert [tag.text.strip() for tag in parse(late).select(".conflict-saved")] == ["Kommunpolis"]
    end = {"on": "2025-06-30", "version": "1"}
    assert coordinator.post(one + "/avsluta", data=end).status_code == 409
    assert coordinator.post(one + "/avsluta", data=end | {"version": "2"}).status_code == 303
    cells = [cell.text.strip() for cell in parse(coordinator.get(of("police"))).select("tbody tr > *")]
    assert [cell.replace("\xa0", " ") for cell in cells[:4]] == [
        "Kommunpolis",
        "Operativ",
        "1 januari 2024",
        "30 juni 2025",
    ]


def test_a_representative_needs_a_function_and_days_in_order(
    coordinator: FlaskClient, app: Flask, world: World, of: Callable[[str], str]
) -> None:
    new = of("police") + "/representanter/ny"
    backwards = {"function": "Chef", "level": "strategic", "valid_from": "2025-01-01", "valid_to": "2024-01-01"}
    assert coordinator.post(new, data={"level": "strategic"}).status_code == 422
    assert coordinator.post(new, data=backwards).status_code == 422
    person_id = speaks_for(app, world, "police")
    early = coordinator.post(
        f"{of('police')}/representanter/{person_id}/avsluta", data={"on": "2020-01-01", "version": "1"}
    )
    assert early.status_code == 422
    with app.app_context():
        assert db.session.scalar(select(func.count(Representative.id))) == 1


def test_a_representative_is_found_only_under_its_own_actor(
    coordinator: FlaskClient, app: Flask, world: World, of: Callable[[str], str]
) -> None:
    person_id = speaks_for(app, world, "owner")
    for path in ("/andra", "/avsluta"):
        assert coordinator.get(f"{of('police')}/representanter/{person_id}{path}").status_code == 404


def test_search_finds_an_actor_by_its_representatives(app: Flask, world: World) -> None:
    speaks_for(app, world, "police", function="Kommunpolis")
    with app.test_request_context():
        hits = registry.searches["actors"]({world.partnerships["sergels"]: Reader()}, ["kommunpolis"], 5)
        assert [(hit.title, hit.kind) for hit in hits] == [("Polisen", "Aktör")]
