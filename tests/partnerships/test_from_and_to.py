"""An actor takes part from its first day to its last, and those who speak for it do so from theirs to theirs."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.accounts.models import User
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.formatting import day
from platssamverkan.partnerships.models import Membership, RepresentationLevel, Representative, RoleGrant
from platssamverkan.partnerships.readers import readers_of
from platssamverkan.partnerships.roles import Role
from platssamverkan.places.models import Place
from tests.agreements.builders import an_agreement
from tests.builders import World, add
from tests.conftest import SignIn

Parse = Callable[..., BeautifulSoup]
HERE = "/samverkan/sergels"
LIST = f"{HERE}/aktorer"


def in_days(number: int) -> date:
    return clock.today() + timedelta(days=number)


@pytest.fixture
def lasts(app: Flask, world: World) -> Callable[..., None]:
    """Set the days of an actor's part in Sergels torg."""

    def lasts(name: str, **days: date | None) -> None:
        with app.app_context():
            membership = db.session.get(Membership, world.memberships["sergels", name])
            for field, on in days.items():
                setattr(membership, field, on)
            db.session.commit()

    return lasts


def options(client: FlaskClient, parse: Parse, path: str) -> set[str]:
    return {option.text for option in parse(client.get(HERE + path)).select("main option")}


def test_an_actor_that_begins_later_takes_no_part_yet(
    owner: FlaskClient, coordinator: FlaskClient, anonymous: FlaskClient, app: Flask, world: World, parse: Parse,
    lasts: Callable[..., None],
) -> None:  # fmt: skip
    with app.app_context():
        db.session.get(Place, world.places["square"]).source_id = world.source
        db.session.commit()
    for days, takes_part in ((1, False), (0, True)):
        lasts("owner", joined_on=in_days(days))
        assert (owner.get(LIST).status_code == 200) is takes_part
        assert ("Sergels torg" in owner.get("/samverkan").text) is takes_part
        assert ("Deltagare, Fastighetsbolaget" in owner.get("/samverkan").text) is takes_part
        with app.app_context():
            readers = readers_of(world.partnerships["sergels"], clock.today())
            assert (world.users["owner"] in readers) is takes_part
        told = parse(coordinator.get(f"{HERE}/")).find("main").text, anonymous.get("/plats/torget").text
        assert ["Fastighetsbolaget" in page for page in told] == [takes_part, takes_part]
        for chosen, listed in (("nu", takes_part), ("senare", not takes_part), ("tidigare", False)):
            rows = parse(coordinator.get(f"{LIST}?deltar={chosen}")).select("tbody th")
            assert ("Fastighetsbolaget" in [row.text.strip() for row in rows]) is listed, chosen


def test_what_an_actor_that_begins_later_is_to_do_can_be_written_now(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse, lasts: Callable[..., None]
) -> None:
    with app.app_context():
        agreement_id = an_agreement(world).id
        db.session.commit()
    paths = ("/behorigheter/ny", f"/avtal/{agreement_id}/parter/ny", "/om/andra", "/atgarder/ny")
    lasts("owner", joined_on=in_days(30))
    for path in paths:
        assert "Fastighetsbolaget" in options(coordinator, parse, path), path
    lasts("owner", joined_on=None, left_on=in_days(-1))
    for path in paths:
        assert "Fastighetsbolaget" not in options(coordinator, parse, path), path


def test_the_words_say_from_which_day(coordinator: FlaskClient, app: Flask, world: World, parse: Parse) -> None:
    first = in_days(30)
    new = {"name": "Åhléns", "kind": "commercial_site", "joined_on": first.isoformat()}
    page = parse(coordinator.get(coordinator.post(f"{LIST}/ny", data=new).location))
    assert f"Åhléns deltar i samverkan från och med {day(first)}." in page.select_one("#messages").text
    with app.app_context():
        membership_id = db.session.scalar(select(Membership.id).order_by(Membership.id.desc()))
    data = {"email": "stranger@exempel.se", "membership_id": str(membership_id), "role": "reader"}
    page = parse(coordinator.get(coordinator.post(f"{HERE}/behorigheter/ny", data=data).location))
    assert f"Den gäller från och med {day(first)}" in page.select_one("#messages").text
    assert f"Från och med {day(first)}" in page.find(id="grants").text


def test_a_right_for_an_actor_that_has_left_says_so(
    coordinator: FlaskClient, parse: Parse, lasts: Callable[..., None]
) -> None:
    address = f"{HERE}/behorigheter?q=Fastighetsbolaget"
    assert "Lämnade" not in parse(coordinator.get(address)).find(id="grants").text
    lasts("owner", left_on=date(2026, 1, 31))
    assert f"Lämnade {day(date(2026, 1, 31))}" in parse(coordinator.get(address)).find(id="grants").text


def test_who_stays_after_all_is_not_said_to_be_back(
    coordinator: FlaskClient, world: World, parse: Parse, lasts: Callable[..., None]
) -> None:
    lasts("owner", left_on=in_days(30))
    address = f"{LIST}/{world.memberships['sergels', 'owner']}/ateruppta"
    page = parse(coordinator.get(coordinator.post(address).location))
    assert "Fastighetsbolaget fortsätter att delta." in page.select_one("#messages").text


def test_the_only_actor_that_coordinates_does_not_begin_later(
    coordinator: FlaskClient, app: Flask, world: World
) -> None:
    address = f"{LIST}/{world.memberships['sergels', 'district']}/andra"
    refused = coordinator.post(address, data={"joined_on": in_days(1).isoformat(), "version": "1"})
    assert refused.status_code == 422
    assert "sista samordnaren" in refused.text
    assert coordinator.post(address, data={"joined_on": in_days(0).isoformat(), "version": "1"}).status_code == 303


@pytest.mark.parametrize("field", ["left_on", "joined_on"])
def test_a_coordinator_who_leaves_or_begins_later_is_not_one_to_leave_it_to(
    coordinator: FlaskClient, app: Flask, world: World, lasts: Callable[..., None], field: str
) -> None:
    police, district = (world.memberships["sergels", name] for name in ("police", "district"))
    with app.app_context():
        db.session.scalar(select(RoleGrant).where(RoleGrant.membership_id == police)).role = Role.COORDINATOR
        db.session.commit()
    ends = {"on": in_days(10).isoformat(), "version": "1"}
    lasts("police", **{"joined_on": None, field: in_days(30)})
    assert coordinator.post(f"{LIST}/{district}/avsluta", data=ends).status_code == 422
    lasts("police", **{field: None})
    assert coordinator.post(f"{LIST}/{district}/avsluta", data=ends).status_code == 303


def test_who_is_appointed_to_coordinate_for_an_actor_that_begins_later_can_begin_today(
    app: Flask, sign_in: SignIn, world: World, lasts: Callable[..., None]
) -> None:
    with app.app_context():
        db.session.get(User, world.users["coordinator"]).is_enabled = False
        db.session.commit()
    lasts("owner", joined_on=in_days(30))
    asked = {"lead_actor_id": str(world.actors["owner"]), "coordinator_id": str(world.users["stranger"])}
    address = f"/samverkan/utan-samordnare/{world.partnerships['sergels']}"
    assert sign_in("admin").post(address, data=asked).status_code == 303
    assert sign_in("stranger").get(f"{HERE}/om").status_code == 200
    assert sign_in("admin").get(address).status_code == 404


def test_those_who_speak_for_an_actor_that_leaves_end_with_it_and_no_others(
    coordinator: FlaskClient, app: Flask, world: World
) -> None:
    owner = world.memberships["sergels", "owner"]
    last = in_days(10)
    spans = {
        "Nu": (in_days(-10), None, last),
        "Längre": (None, in_days(20), last),
        "Förr": (None, in_days(-5), in_days(-5)),
        "Senare": (in_days(15), None, None),
    }
    with app.app_context():
        for function, (first, until, _) in spans.items():
            level = RepresentationLevel.OPERATIVE
            add(Representative(
                membership_id=owner, function=function, level=level, valid_from=first, valid_to=until
            ))  # fmt: skip
        db.session.commit()
    left = coordinator.post(f"{LIST}/{owner}/avsluta", data={"on": last.isoformat(), "version": "1"})
    assert left.status_code == 303
    with app.app_context():
        now = {person.function: person.valid_to for person in db.session.scalars(select(Representative))}
    assert now == {function: ended for function, (_, _, ended) in spans.items()}


@pytest.mark.parametrize("last", [-10, 10])
def test_who_is_added_to_an_actor_that_leaves_ends_with_it(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse, lasts: Callable[..., None], last: int
) -> None:
    lasts("owner", left_on=in_days(last))
    page = f"{LIST}/{world.memberships['sergels', 'owner']}"
    data = {"function": "Fastighetschef", "level": "strategic", "version": "1"}
    proposed = parse(coordinator.get(f"{page}/representanter/ny"))
    assert proposed.select_one("#valid_to")["value"] == in_days(last).isoformat()
    for field in ("valid_from", "valid_to"):
        late = coordinator.post(f"{page}/representanter/ny", data=data | {field: in_days(last + 1).isoformat()})
        assert late.status_code == 422
        assert f"Aktörens sista dag i samverkan är {day(in_days(last))}." in late.text
    assert coordinator.post(f"{page}/representanter/ny", data=data).status_code == 303
    with app.app_context():
        person_id = db.session.scalar(select(Representative.id))
    # Nor does a change let it go on.
    changed = coordinator.post(f"{page}/representanter/{person_id}/andra", data=data)
    assert changed.status_code == 303
    told = parse(coordinator.get(page)).find(id="representatives").find_parent("section").text
    assert day(in_days(last)) in told
    assert "tills vidare" not in told


def test_list_and_file_name_only_those_who_speak_for_the_actor_today(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse, lasts: Callable[..., None]
) -> None:
    with app.app_context():
        membership = db.session.get(Membership, world.memberships["sergels", "police"])
        membership.is_strategic = False
        for function, days in (
            ("Områdespolis", {}),
            ("Kommunpolis", {"valid_from": in_days(0), "valid_to": in_days(0)}),
            ("Chef i morgon", {"valid_from": in_days(1)}),
            ("Chef i går", {"valid_to": in_days(-1)}),
        ):
            level = RepresentationLevel.STRATEGIC if "Chef" in function else RepresentationLevel.OPERATIVE
            add(Representative(membership_id=membership.id, function=function, level=level, **days))
        db.session.commit()
    cells = [cell.text for cell in parse(coordinator.get(f"{LIST}?q=polis")).select('td[data-label="Representanter"]')]
    for told in (*cells, coordinator.get(f"{LIST}?format=csv").get_data(as_text=True)):
        assert "Områdespolis" in told
        assert "Kommunpolis" in told
        assert "Chef" not in told
    assert len(cells) == 1
    named = [link.text for link in parse(coordinator.get(f"{LIST}?niva=strategic")).select("tbody th a")]
    assert "Polisen" not in named
