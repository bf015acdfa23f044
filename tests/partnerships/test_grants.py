"""Who may do what, and the log of what was done."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.accounts.models import User
from platssamverkan.core import clock
from platssamverkan.core.audit import SILENT_FIELDS, SILENT_TABLES, AuditAction, AuditEntry
from platssamverkan.core.db import Base, db
from platssamverkan.goals.models import Goal, GoalVersion
from platssamverkan.measures import services
from platssamverkan.measures.models import Measure
from platssamverkan.partnerships import labels
from platssamverkan.partnerships.models import RoleGrant
from platssamverkan.partnerships.roles import Role
from tests.agreements.builders import a_commitment, an_agreement
from tests.builders import World, a_user, add
from tests.conftest import SignIn
from tests.goals.builders import a_goal, an_assessment
from tests.measures.builders import a_follow_up, a_measure

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


def test_the_log_tells_who_did_what_in_swedish(coordinator: FlaskClient, sign_in: SignIn, parse: Parse) -> None:
    data = {"name": "Sergels torg", "numbering": "per_year", "version": "1", "municipality": "Stockholm"}
    coordinator.post("/samverkan/sergels/om/andra", data=data)
    page = parse(sign_in("auditor").get(f"{LOG}?tabell=partnership&handling=update"))
    row = page.select_one("tbody tr")
    assert "Coordinator" in row.text
    assert "Ändrad: samverkan" in row.text
    assert "Kommun: Stockholm" in " ".join(row.text.split())
    assert "Börjar om vid varje möte → Löpande under kalenderåret" in " ".join(row.text.split())
    assert "coordinator@" not in page.text
    assert parse(sign_in("auditor").get(f"{LOG}?till=2020-01-01")).find(id="log").text.count("Coordinator") == 0


def test_the_log_has_a_word_for_each_table_and_field_and_for_nothing_else() -> None:
    tables = {table for table in Base.metadata.sorted_tables if table.name not in SILENT_TABLES}
    ties = {tie.key for mapper in Base.registry.mappers for tie in mapper.relationships if tie.secondary is not None}
    columns = {column.name for table in tables for column in table.columns} - SILENT_FIELDS
    assert {table.name for table in tables} == set(labels.TABLES)
    assert columns <= set(labels.FIELDS) <= columns | ties


def test_the_log_tells_what_a_row_is_tied_to(sign_in: SignIn, app: Flask, world: World, parse: Parse) -> None:
    with app.app_context():
        one, two = (a_goal(world.partnerships["sergels"], number=number).id for number in (1, 2))
        measure = a_measure(world)
        services.set_goals(measure, [one])
        services.set_goals(measure, [one, two])
        db.session.commit()
    row = parse(sign_in("auditor").get(f"{LOG}?tabell=measure&handling=update")).select_one("tbody tr")
    assert f"Mål: {one} → {one}, {two}" in " ".join(row.text.split())


def test_the_log_belongs_to_its_partnership_and_its_readers(
    coordinator: FlaskClient, reader: FlaskClient, stranger: FlaskClient, parse: Parse
) -> None:
    data = {"name": "Vision Klara", "numbering": "per_meeting", "version": "1", "municipality": "Nacka"}
    coordinator.post("/samverkan/klara/om/andra", data=data)
    assert "Nacka" not in coordinator.get(LOG).get_data(as_text=True)
    assert reader.get(LOG).status_code == 403
    assert stranger.get(LOG).status_code == 404


def test_closed_text_is_not_in_the_log(sign_in: SignIn, app: Flask, world: World, parse: Parse) -> None:
    with app.app_context():
        hidden = an_agreement(world, title="Hemlig rubrik", visibility="authorities_only")
        a_commitment(hidden, text="hemligt åtagande")
        later = an_agreement(world, title="Öppen först")
        db.session.commit()
        later.visibility = "actor_internal"
        later.owner_actor_id = world.actors["police"]
        db.session.commit()
    text = parse(sign_in("auditor").get(LOG)).text
    assert "Hemlig rubrik" not in text
    assert "hemligt åtagande" not in text
    # Open when it was written, closed now: the reader is no longer shown it.
    assert "Öppen först" not in text
    assert "(text som inte loggas)" in text


def test_what_is_part_of_a_closed_row_or_was_closed_when_it_went_is_not_in_the_log(
    sign_in: SignIn, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        whole, gone = an_agreement(world, title="Lokalt avtal"), an_agreement(world, title="Borttaget avtal")
        a_commitment(whole, text="åtagandet som alla fick läsa")
        lost = a_commitment(gone, text="åtagandet som är borta")
        kept = an_agreement(world, title="Öppet och borttaget")
        db.session.commit()
        for agreement in (whole, gone):
            agreement.visibility, agreement.owner_actor_id = "actor_internal", world.actors["police"]
        db.session.commit()
        for row in (lost, gone, kept):
            db.session.delete(row)
            db.session.commit()
    text = parse(sign_in("auditor").get(LOG)).text
    assert "åtagandet som alla fick läsa" not in text
    assert "åtagandet som är borta" not in text
    assert "Borttaget avtal" not in text
    assert "Öppet och borttaget" in text


def test_what_all_could_read_of_what_is_closed_now_is_not_in_the_log(
    sign_in: SignIn, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        measure, goal = a_measure(world, title="Belysning"), a_goal(here, "Torget är tryggt")
        words = db.session.scalars(select(GoalVersion)).one()
        follow_up = a_follow_up(measure, text="Lamporna släcks igen")
        assessment = an_assessment(words, motivation="Målet är nått på kvällarna")
        for row, field in ((follow_up, "text"), (assessment, "motivation")):
            entry = {"action": AuditAction.INSERT, "table_name": row.__tablename__, "row_id": row.id}
            add(AuditEntry(at=clock.now(), partnership_id=here, changes={field: [None, getattr(row, field)]}, **entry))
        db.session.commit()
        wholes = (measure.id, goal.id)
    written = parse(sign_in("auditor").get(LOG)).text
    with app.app_context():
        # Their own class stays as it was; they are read where the measure and the goal are.
        for model, row_id in zip((Measure, Goal), wholes, strict=True):
            row = db.session.get(model, row_id)
            row.visibility, row.owner_actor_id = "actor_internal", world.actors["police"]
        db.session.commit()
    text = parse(sign_in("auditor").get(LOG)).text
    for told in ("Lamporna släcks igen", "Målet är nått på kvällarna"):
        assert told in written
        assert told not in text


def test_the_fragments_are_parts_of_their_pages(coordinator: FlaskClient, parse: Parse) -> None:
    for path, part in ((LIST, "grants"), (LOG, "log")):
        page, fragment = parse(coordinator.get(path)), parse(coordinator.get(path, headers={"HX-Request": "true"}))
        assert str(page.find(id=part)) == str(fragment.find(id=part))
