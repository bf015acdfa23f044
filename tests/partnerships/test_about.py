"""Om samverkan: what is known of a partnership, and the places it covers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core import clock
from platssamverkan.core.audit import AuditEntry
from platssamverkan.core.db import db
from platssamverkan.core.formatting import day
from platssamverkan.measures.models import Problem
from platssamverkan.partnerships import services
from platssamverkan.partnerships.models import Partnership, RoleGrant, partnership_place
from platssamverkan.partnerships.queries import covered_place_ids, known_places
from platssamverkan.partnerships.roles import Role
from platssamverkan.places.models import Place, SceneState
from tests.builders import World, add
from tests.conftest import SignIn

Parse = Callable[..., BeautifulSoup]
Count = Callable[[], AbstractContextManager[list[str]]]
ABOUT = "/samverkan/sergels/om"
FACTS = {"name": "Sergels torg", "numbering": "per_meeting", "version": "1"}


def the_partnership(app: Flask, world: World, name: str = "sergels") -> Partnership:
    with app.app_context():
        return db.session.get(Partnership, world.partnerships[name])


def test_what_is_unknown_says_so(reader: FlaskClient, parse: Parse) -> None:
    page = parse(reader.get(ABOUT))
    assert page.h1.text == "Om samverkan"
    personal = page.find(id="personal-data").find_parent("section")
    assert personal.text.count("uppgift saknas") == 4
    assert not page.select(f'a[href="{ABOUT}/andra"]')


def test_the_coordinator_writes_purpose_and_personal_data(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    data = FACTS | {
        "aliases": "Plattan\n\nSergelplattan\nPlattan",
        "mandate": "Budget 2019",
        "data_controller_id": str(world.actors["district"]),
        "legal_basis": "Allmänt intresse",
    }
    response = coordinator.post(f"{ABOUT}/andra", data=data)
    assert response.status_code == 303
    page = parse(coordinator.get(response.location))
    assert "Plattan, Sergelplattan" in page.text
    assert "Allmänt intresse" in page.text
    assert the_partnership(app, world).data_controller_id == world.actors["district"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": ""}, "Skriv vad samverkan heter."),
        ({"started_year": "i fjol"}, "Skriv ett heltal med siffror."),
        ({"lead_actor_id": "999"}, "Välj ett av alternativen i listan."),
        ({"mandate": "Se 19850709-9805"}, "personnummer"),
        ({"aliases": "å" * 161}, "högst 160 tecken på varje rad"),
    ],
)
def test_wrong_facts_are_kept_on_the_page_and_not_saved(
    coordinator: FlaskClient, app: Flask, world: World, changed: dict[str, str], message: str
) -> None:
    response = coordinator.post(f"{ABOUT}/andra", data=FACTS | {"municipality": "Nyköping"} | changed)
    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert message in text
    assert "Nyköping" in text
    assert the_partnership(app, world).municipality is None


def test_two_who_edit_see_both_texts(coordinator: FlaskClient, app: Flask, world: World, parse: Parse) -> None:
    coordinator.post(f"{ABOUT}/andra", data=FACTS | {"mandate": "Den första texten"})
    response = coordinator.post(f"{ABOUT}/andra", data=FACTS | {"mandate": "Den andra texten"})
    page = parse(response)
    assert response.status_code == 409
    assert "Den första texten" in page.text
    assert page.find("textarea", {"name": "mandate"}).text.strip() == "Den andra texten"
    assert the_partnership(app, world).mandate == "Den första texten"
    sent = {field["name"]: field.get("value", field.text) for field in page.select("#conflict [name]")}
    assert coordinator.post(f"{ABOUT}/andra", data=sent).status_code == 303
    assert the_partnership(app, world).mandate == "Den andra texten"


@pytest.mark.parametrize(
    "path",
    ["/andra", "/avsluta", "/ateruppta", "/platser/ny", "/platser/befintlig", "/platser/2/andra", "/platser/2/ta-bort"],
)
def test_only_those_who_manage_the_partnership_change_it(reader: FlaskClient, stranger: FlaskClient, path: str) -> None:
    assert reader.post(ABOUT + path).status_code == 403
    assert stranger.post(ABOUT + path).status_code == 404
    assert stranger.get(ABOUT).status_code == 404


def test_a_partnership_that_ends_can_be_taken_up_again(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    assert "Avsluta samverkan" in parse(coordinator.get(f"{ABOUT}/avsluta")).text
    assert coordinator.post(f"{ABOUT}/avsluta").status_code == 303
    page = parse(coordinator.get(ABOUT))
    assert f"Samverkan avslutades den {day(clock.today())}." in page.text
    assert not page.select(f'a[href="{ABOUT}/platser/ny"]')
    assert coordinator.post(page.select_one("form[action$=ateruppta]")["action"]).status_code == 303
    assert the_partnership(app, world).is_active
    assert the_partnership(app, world).ended_on is None
    assert "avslutades" not in coordinator.get(ABOUT).text


def test_in_what_has_ended_facts_and_rights_can_be_put_right(
    coordinator: FlaskClient, reader: FlaskClient, app: Flask, world: World
) -> None:
    coordinator.post(f"{ABOUT}/avsluta")
    assert coordinator.post(f"{ABOUT}/andra", data=FACTS | {"retention": "Tio år"}).status_code == 409
    assert coordinator.post(f"{ABOUT}/andra", data=FACTS | {"retention": "Tio år", "version": "2"}).status_code == 303
    assert coordinator.get("/samverkan/sergels/behorigheter/ny").status_code == 200
    refused = coordinator.post("/samverkan/sergels/moten/nytt", data={"title": "Ett extra möte"})
    assert refused.status_code == 403
    assert "inget kan ändras" in refused.text
    assert "Ett extra möte" in refused.text
    # Who never had the right is told so, as always.
    assert "Be samordnaren om behörighet" in reader.get("/samverkan/sergels/logg").text


PLACE = {"name": "Hötorget", "band": "arcs", "types": ["square", "station"], "scene_state": "classified"}


def test_a_new_place_is_covered_and_the_log_knows(coordinator: FlaskClient, app: Flask, world: World) -> None:
    data = PLACE | {"part_of_id": str(world.places["klara"]), "prioritised": "no"}
    assert coordinator.post(f"{ABOUT}/platser/ny", data=data).status_code == 303
    with app.app_context():
        place = db.session.scalar(select(Place).where(Place.slug == "hotorget"))
        assert place.id in covered_place_ids(world.partnerships["sergels"])
        assert place.types == ["square", "station"]
        assert place.scene_state is SceneState.CLASSIFIED
        assert place.prioritised is False
        assert db.session.scalar(select(AuditEntry).where(AuditEntry.table_name == "partnership_place"))


def test_a_place_has_a_public_page_from_the_day_it_was_reviewed(coordinator: FlaskClient, app: Flask) -> None:
    stranger = app.test_client()
    assert coordinator.post(f"{ABOUT}/platser/ny", data=PLACE).status_code == 303
    assert stranger.get("/plats/hotorget").status_code == 404
    with app.app_context():
        place_id = db.session.scalar(select(Place.id).where(Place.slug == "hotorget"))
    url = f"{ABOUT}/platser/{place_id}/andra"
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    refused = coordinator.post(url, data=PLACE | {"version": "1", "reviewed_on": tomorrow})
    assert refused.status_code == 422
    assert "Datumet har inte varit än." in refused.text
    today = clock.today().isoformat()
    assert coordinator.post(url, data=PLACE | {"version": "1", "reviewed_on": today}).status_code == 303
    assert "Hötorget" in stranger.get("/plats/hotorget").text
    assert f'value="{today}"' in coordinator.get(url).text
    assert coordinator.post(url, data=PLACE | {"version": "2", "reviewed_on": ""}).status_code == 303
    assert stranger.get("/plats/hotorget").status_code == 404


def test_a_year_of_priority_needs_the_priority(coordinator: FlaskClient, app: Flask) -> None:
    response = coordinator.post(f"{ABOUT}/platser/ny", data=PLACE | {"prioritised_since": "2016"})
    assert response.status_code == 422
    assert "kräver att platsen är prioriterad" in response.get_data(as_text=True)
    with app.app_context():
        assert not db.session.scalar(select(Place).where(Place.slug == "hotorget"))


def test_a_place_of_somebody_elses_partnership_cannot_be_taken_in(
    coordinator: FlaskClient, app: Flask, world: World
) -> None:
    with app.app_context():
        theirs = add(Place(slug="annans", name="Annans torg"))
        add(Partnership(slug="annan", name="Annan", places=[theirs]))
        free = add(Place(slug="fri", name="Fri plats"))
        theirs_id, free_id = theirs.id, free.id
        db.session.commit()
    page = coordinator.get(f"{ABOUT}/platser/befintlig").get_data(as_text=True)
    assert "Fri plats" in page
    assert "Annans torg" not in page
    refused = coordinator.post(f"{ABOUT}/platser/befintlig", data={"place_id": theirs_id})
    assert refused.status_code == 422
    assert coordinator.post(f"{ABOUT}/platser/befintlig", data={"place_id": free_id}).status_code == 303
    with app.app_context():
        assert free_id in covered_place_ids(world.partnerships["sergels"])


def test_reading_in_a_partnership_gives_none_of_its_places_to_another(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    def offered() -> set[str]:
        return {option.text for option in parse(coordinator.get(f"{ABOUT}/platser/befintlig")).select("option")}

    assert "Klaraområdet" in offered()
    with app.app_context():
        where = world.memberships["klara", "district"]
        mine = RoleGrant.user_id == world.users["coordinator"], RoleGrant.membership_id == where
        db.session.scalar(select(RoleGrant).where(*mine)).role = Role.READER
        db.session.commit()
    assert "Klaraområdet" not in offered()


def test_a_place_is_never_part_of_its_own_part(coordinator: FlaskClient, world: World) -> None:
    data = {"name": "Klara", "band": "arcs", "version": "1", "part_of_id": str(world.places["square"])}
    response = coordinator.post(f"/samverkan/klara/om/platser/{world.places['klara']}/andra", data=data)
    assert response.status_code == 422


def test_the_service_knows_of_no_place_inside_itself(app: Flask, world: World) -> None:
    with app.app_context():
        klara = db.session.get(Place, world.places["klara"])
        for inside in world.places.values():
            with pytest.raises(services.PartOfItself):
                services.change_place(klara, posted_version=klara.version, values={"part_of_id": inside})


def test_places_that_two_have_put_inside_each_other_hold_nobody_up(app: Flask, world: World) -> None:
    with app.app_context():
        one, other = (add(Place(slug=slug, name=slug)) for slug in ("ett", "tva"))
        one.part_of_id, other.part_of_id = other.id, one.id
        db.session.flush()
        assert {one, other} <= set(known_places(world.users["coordinator"]))


def test_a_place_outside_the_partnership_is_not_found(coordinator: FlaskClient, world: World) -> None:
    assert coordinator.get(f"{ABOUT}/platser/{world.places['klara']}/andra").status_code == 404
    assert coordinator.get(f"/samverkan/klara/om/platser/{world.places['square']}/andra").status_code == 200
    assert coordinator.get(f"/samverkan/klara/om/platser/{world.places['square']}/ta-bort").status_code == 404


def test_a_place_that_rows_hang_on_stays_and_the_page_says_why(
    coordinator: FlaskClient, app: Flask, world: World
) -> None:
    path = f"{ABOUT}/platser/{world.places['square']}/ta-bort"
    with app.app_context():
        add(
            Problem(
                partnership_id=world.partnerships["sergels"],
                place_id=world.places["square"],
                number=1,
                text="Mörkt vid trappan",
            )
        )
        db.session.commit()
    assert "Här finns 1 problem" in coordinator.get(path).get_data(as_text=True)
    refused = coordinator.post(path)
    assert refused.status_code == 409
    assert "Här finns 1 problem" in refused.text
    with app.app_context():
        assert world.places["square"] in covered_place_ids(world.partnerships["sergels"])


def test_what_others_have_at_a_place_does_not_hold_it_here_but_keeps_the_place(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        ours, theirs = (world.partnerships[name] for name in ("sergels", "klara"))
        square, klara = world.places["square"], world.places["klara"]
        add(Problem(partnership_id=theirs, place_id=square, number=1, text="Mörkt vid trappan"))
        add(Problem(partnership_id=ours, place_id=klara, number=1, text="Mörkt vid tunneln"))
        db.session.commit()
    path = f"{ABOUT}/platser/{square}/ta-bort"
    assert "Här finns" not in parse(coordinator.get(path)).find("main").text
    assert coordinator.post(path).status_code == 303
    with app.app_context():
        assert square not in covered_place_ids(ours)
        assert db.session.get(Place, square) is not None


def test_a_place_with_nothing_on_it_is_let_go_but_kept_for_others(
    coordinator: FlaskClient, app: Flask, world: World
) -> None:
    with app.app_context():
        mine = add(Place(slug="min", name="Min plats"))
        db.session.execute(
            partnership_place.insert().values(partnership_id=world.partnerships["sergels"], place_id=mine.id)
        )
        db.session.execute(
            partnership_place.insert().values(
                partnership_id=world.partnerships["sergels"], place_id=world.places["klara"]
            )
        )
        mine_id = mine.id
        db.session.commit()
    assert coordinator.post(f"{ABOUT}/platser/{mine_id}/ta-bort").status_code == 303
    assert coordinator.post(f"{ABOUT}/platser/{world.places['klara']}/ta-bort").status_code == 303
    with app.app_context():
        assert db.session.get(Place, mine_id) is None
        assert db.session.get(Place, world.places["klara"]) is not None


def test_a_part_of_what_another_partnership_covers_stays_there(
    coordinator: FlaskClient, app: Flask, world: World
) -> None:
    with app.app_context():
        stairs = add(Place(slug="trappan", name="Trappan", part_of_id=world.places["square"]))
        db.session.execute(
            partnership_place.insert().values(partnership_id=world.partnerships["sergels"], place_id=stairs.id)
        )
        stairs_id = stairs.id
        db.session.commit()
    assert coordinator.post(f"{ABOUT}/platser/{stairs_id}/ta-bort").status_code == 303
    with app.app_context():
        assert stairs_id in covered_place_ids(world.partnerships["klara"])


def test_the_page_costs_the_same_however_many_places(
    coordinator: FlaskClient, app: Flask, world: World, count_queries: Count
) -> None:
    def cost() -> int:
        with count_queries() as statements:
            assert coordinator.get(ABOUT).status_code == 200
        return len(statements)

    few = cost()
    with app.app_context():
        for number in range(20):
            place = add(Place(slug=f"plats-{number}", name=f"Plats {number}", part_of_id=world.places["square"]))
            db.session.execute(
                partnership_place.insert().values(partnership_id=world.partnerships["sergels"], place_id=place.id)
            )
        db.session.commit()
    assert cost() == few


def test_the_public_page_is_reached_from_the_place_that_has_one(
    coordinator: FlaskClient, app: Flask, world: World
) -> None:
    link = 'href="/plats/torget"'
    assert link not in coordinator.get(ABOUT).get_data(as_text=True)
    with app.app_context():
        db.session.get(Place, world.places["square"]).source_id = world.source
        db.session.commit()
    assert link in coordinator.get(ABOUT).get_data(as_text=True)


def test_the_editor_of_the_public_page_writes_and_publishes_but_moves_no_place(
    sign_in: SignIn, app: Flask, world: World, parse: Parse
) -> None:
    editor, place_id = sign_in("reader"), world.places["square"]
    with app.app_context():
        grant = db.session.scalar(select(RoleGrant).where(RoleGrant.user_id == world.users["reader"]))
        grant.role = Role.PUBLIC_EDITOR
        db.session.commit()
    url = f"{ABOUT}/platser/{place_id}/andra"
    about = parse(editor.get(ABOUT))
    assert about.select_one(f'a[href="{url}"]')
    assert not about.select_one(f'a[href="{ABOUT}/platser/{place_id}/ta-bort"], a[href="{ABOUT}/platser/ny"]')
    assert not parse(editor.get(url)).select_one("[name=part_of_id]")
    data = PLACE | {"version": "1", "reviewed_on": clock.today().isoformat(), "part_of_id": ""}
    assert editor.post(url, data=data | {"scene_state_note": "Enligt polisen."}).status_code == 303
    assert "Enligt polisen." in app.test_client().get("/plats/torget").text
    assert editor.post(url, data=data | {"scene_state_note": "För sent."}).status_code == 409
    with app.app_context():
        assert db.session.get(Place, place_id).part_of_id == world.places["klara"]
    for path in ("ny", "befintlig", f"{place_id}/ta-bort"):
        assert editor.get(f"{ABOUT}/platser/{path}").status_code == 403
        assert editor.post(f"{ABOUT}/platser/{path}").status_code == 403
