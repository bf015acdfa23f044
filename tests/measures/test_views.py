"""The list of measures, the page with the chain, and the form."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.actors.models import Actor, ActorKind
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.models import (
    CptedCategory,
    Displacement,
    FollowUpEffect,
    Measure,
    MeasureCptedLink,
    MeasureMethod,
    MeasureMethodLink,
    MeasureStatus,
)
from tests.builders import World, add
from tests.measures.builders import a_cause, a_follow_up, a_measure, a_problem
from tests.measures.conftest import Make
from tests.support.visitor import filled

Parse = Callable[..., BeautifulSoup]
Count = Callable[[], AbstractContextManager[list[str]]]
LIST = "/samverkan/sergels/atgarder"


def posted(world: World, **changes: Any) -> dict[str, Any]:
    """Return a filled-in form of a measure."""
    values = {
        "title": "Klipp häcken vid trappan",
        "responsible_actor_id": str(world.actors["owner"]),
        "status": "decided",
        "methods": ["situational"],
        "cpted": ["surveillance"],
        "due_on": "2026-12-01",
        "starts": "maj 2026",
        "visibility": "partnership",
    }
    return {**values, **changes}


def titles(page: BeautifulSoup) -> list[str]:
    return [link.get_text(strip=True) for link in page.select("tbody th a")]


def test_the_list_filters_sorts_and_says_how_late_a_measure_is(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        a_measure(world, title="Belysning", due_on=date(2020, 1, 1))
        a_measure(
            world,
            title="Vandring",
            actor="district",
            due_on=None,
            methods=[MeasureMethod.SOCIAL],
            status=MeasureStatus.PAUSED,
        )
        a_measure(
            world,
            title="Klotter",
            actor="owner",
            due_on=date(2190, 1, 1),
            cpted=[CptedCategory.IMAGE],
            place_id=world.places["square"],
        )
        db.session.commit()
    page = parse(coordinator.get(LIST))
    assert titles(page) == ["Belysning", "Vandring", "Klotter"]
    assert "dagar sen" in page.select("tbody tr")[0].get_text()
    assert "Pausad" in page.select("tbody tr")[1].get_text()
    expected = {
        "forsenad=1": ["Belysning"],
        "lage=paused": ["Vandring"],
        "lage=oppna": ["Belysning", "Vandring", "Klotter"],
        "metod=social": ["Vandring"],
        "cpted=image": ["Klotter"],
        f"ansvarig={world.actors['owner']}": ["Klotter"],
        f"plats={world.places['square']}": ["Klotter"],
        "text=VANDR": ["Vandring"],
        "sortera=-titel": ["Vandring", "Klotter", "Belysning"],
        "sortera=klart": ["Belysning", "Klotter", "Vandring"],
        "sortera=ansvarig": ["Klotter", "Belysning", "Vandring"],
        "sortera=lage": ["Belysning", "Klotter", "Vandring"],
    }
    assert {query: titles(parse(coordinator.get(f"{LIST}?{query}"))) for query in expected} == expected
    assert "passar filtret" in coordinator.get(f"{LIST}?text=finnsinte").get_data(as_text=True)


def test_the_list_as_a_file_holds_methods_and_whether_causes_were_analysed(
    app: Flask, world: World, coordinator: FlaskClient, make_measure: Make
) -> None:
    make_measure(title="=Belysning")
    response = coordinator.get(f"{LIST}?format=csv")
    text = response.get_data(as_text=True)
    assert response.mimetype == "text/csv"
    assert text.startswith("\ufeffÅtgärd;Nr;Ansvarig aktör;Klart senast;Läge;Metod;CPTED;")
    assert "'=Belysning;1;Polisen;2026-11-07;Pågår;Situationell;;" in text


def test_methods_and_actors_stand_in_swedish_order_on_the_page_and_in_the_file(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        facts = {"kind": ActorKind.PROPERTY_OWNER, "subject_to_osl": False}
        actors = [add(Actor(name=name, **facts)) for name in ("Ägarna", "Åhléns")]
        measure_id = a_measure(
            world,
            methods=[MeasureMethod.ACTIVATION, MeasureMethod.KNOWLEDGE],
            affected_actor_ids=[actor.id for actor in actors],
        ).id
        db.session.commit()
    page = parse(coordinator.get(f"{LIST}/{measure_id}")).text
    file = coordinator.get(f"{LIST}?format=csv").text
    for text in (page, file):
        assert "Kunskap/studie, Platsaktivering" in text
    assert "Åhléns, Ägarna" in page
    assert "Åhléns; Ägarna" in file


def test_what_a_source_leaves_open_is_said_to_be_missing(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        measure = add(
            Measure(
                partnership_id=world.partnerships["sergels"],
                number=1,
                title="Synlighetsinsatser",
                source_id=world.source,
                source_note="under flera års tid",
                methods=[MeasureMethodLink(method=MeasureMethod.POLICE)],
            )
        )
        measure_id = measure.id
        db.session.commit()
    assert parse(coordinator.get(LIST)).select_one("tbody tr").get_text().count("uppgift saknas") == 3
    page = parse(coordinator.get(f"{LIST}/{measure_id}"))
    assert "Utan orsaksanalys" in page.select_one(".chain").get_text()
    assert "under flera års tid" in page.select_one(".source-note").get_text()


def test_the_page_shows_the_chain_with_links_both_ways(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        problem = a_problem(world)
        cause = a_cause(world, problem)
        measure = a_measure(world, cause_id=cause.id, planned_count=8, affected_actor_ids=[world.actors["owner"]])
        a_follow_up(measure, on=date(2026, 9, 1), effect=FollowUpEffect.TOO_EARLY)
        a_follow_up(
            measure,
            done_count=3,
            effect=FollowUpEffect.WORSENED,
            displacement=Displacement.YES,
            displacement_text="Till hissen, sena eftermiddagar",
            unintended_effect="Skarpt ljus",
            next_step="Pröva varmare ljus",
        )
        measure_id, problem_url = measure.id, f"{LIST}/problem/{problem.id}"
        db.session.commit()
    page = parse(coordinator.get(f"{LIST}/{measure_id}"))
    steps = page.select(".chain > li")
    assert [step.h3.get_text() for step in steps] == ["Problem", "Orsak", "Åtgärd", "Uppföljning", "Vidmakthållande"]
    assert steps[0].a["href"] == problem_url
    assert steps[3].a.get_text() == "Försämring"
    newest = page.select(".timeline > li")[0].get_text(" ", strip=True)
    for text in ("3\xa0av\xa08 planerade", "Till hissen", "Skarpt ljus", "Pröva varmare ljus"):
        assert text in newest
    assert "Fastighetsbolaget" in page.select_one(".facts").get_text()
    back = parse(coordinator.get(problem_url))
    assert back.select_one(f'a[href="{LIST}/{measure_id}"]') is not None


def test_a_coordinator_creates_a_measure_for_any_actor(app: Flask, world: World, coordinator: FlaskClient) -> None:
    data = posted(world, affected_actor_ids=[str(world.actors["police"])])
    response = coordinator.post(f"{LIST}/ny", data=data)
    assert response.status_code == 303
    page = coordinator.get(response.location).get_data(as_text=True)
    assert "Åtgärd 1 är sparad." in page
    with app.app_context():
        measure = db.session.scalar(select(Measure))
        assert (measure.number, measure.starts, measure.due_on) == (1, "2026-05", date(2026, 12, 1))
        assert db.session.scalar(select(MeasureCptedLink.category)) is CptedCategory.SURVEILLANCE


def test_a_participant_creates_measures_only_for_the_own_actor(
    app: Flask, world: World, police: FlaskClient, parse: Parse
) -> None:
    offered = parse(police.get(f"{LIST}/ny")).select("#responsible_actor_id option")
    assert [option.get_text() for option in offered] == ["Välj aktör", "Polisen"]
    assert police.post(f"{LIST}/ny", data=posted(world)).status_code == 422
    own = posted(world, responsible_actor_id=str(world.actors["police"]))
    assert police.post(f"{LIST}/ny", data=own).status_code == 303


def test_wrong_input_is_told_at_the_field_and_saves_nothing(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    wrong = {
        "title": "",
        "methods": [],
        "responsible_actor_id": "99999",
        "due_on": "i morgon",
        "ends": "2020",
        "status": "completed",
        "description": "Ring 19811218-9876",
        "planned_count": "0",
    }
    for name, value in wrong.items():
        response = coordinator.post(f"{LIST}/ny", data=posted(world, **{name: value}))
        page = parse(response)
        assert response.status_code == 422, name
        assert page.title.get_text().startswith("Fel: ")
        assert page.select(f"#{name}-error"), name
    assert parse(coordinator.post(f"{LIST}/ny", data=posted(world, methods=["social"]))).select("#cpted-error")
    with app.app_context():
        assert db.session.scalar(select(Measure)) is None


def test_a_change_keeps_status_and_number_and_can_drop_the_situational_method(
    app: Flask, world: World, coordinator: FlaskClient, make_measure: Make
) -> None:
    measure_id = make_measure(cpted=[CptedCategory.IMAGE])
    data = posted(world, methods=["social", "police"], cpted=[], title="Nytt namn", version="1")
    assert coordinator.post(f"{LIST}/{measure_id}/andra", data=data).status_code == 303
    with app.app_context():
        measure = db.session.get(Measure, measure_id)
        assert (measure.title, measure.status, measure.number) == ("Nytt namn", MeasureStatus.ONGOING, 1)
        assert set(db.session.scalars(select(MeasureMethodLink.method))) == {"social", "police"}
        assert db.session.scalar(select(MeasureCptedLink)) is None


def test_two_who_change_at_once_see_both_texts_and_nothing_is_overwritten(
    app: Flask, world: World, coordinator: FlaskClient, make_measure: Make, parse: Parse
) -> None:
    measure_id = make_measure()
    url = f"{LIST}/{measure_id}/andra"
    assert coordinator.post(url, data=posted(world, title="Först", version="1")).status_code == 303
    second = posted(world, title="Sist", version="1", responsible_actor_id=str(world.actors["police"]))
    response = coordinator.post(url, data=second)
    page = parse(response)
    assert response.status_code == 409
    assert page.select_one("#conflict input[name=title]")["value"] == "Sist"
    assert "Först" in page.select_one("#conflict").get_text()
    assert "Du valde: Polisen" in page.get_text()
    form = page.select_one("#conflict form")
    # What is edited here does not travel along hidden too, which would be read instead.
    assert len(form.select("[name=title]")) == 1
    assert coordinator.post(url, data=filled(form, title="Först och sist")).status_code == 303
    with app.app_context():
        assert db.session.get(Measure, measure_id).title == "Först och sist"


def test_a_proposed_measure_can_be_removed_and_a_decided_one_cannot(
    app: Flask, world: World, coordinator: FlaskClient, make_measure: Make
) -> None:
    proposed = make_measure(status=MeasureStatus.PROPOSED, cpted=[CptedCategory.IMAGE])
    decided = make_measure(status=MeasureStatus.DECIDED)
    assert coordinator.get(f"{LIST}/{proposed}/ta-bort").status_code == 200
    assert coordinator.post(f"{LIST}/{proposed}/ta-bort").status_code == 303
    assert coordinator.get(f"{LIST}/{proposed}").status_code == 404
    refused = coordinator.post(f"{LIST}/{decided}/ta-bort")
    assert refused.status_code == 409
    assert "Avbryt den i stället" in refused.get_data(as_text=True)


def test_only_those_who_may_change_reach_the_forms(
    app: Flask,
    world: World,
    reader: FlaskClient,
    police: FlaskClient,
    stranger: FlaskClient,
    make_measure: Make,
) -> None:
    of_owner = make_measure(actor="owner")
    paths = ("andra", "ta-bort", "forsenad", "avbryt", "avsluta", "uppfoljning/ny")
    for path in paths:
        url = f"{LIST}/{of_owner}/{path}"
        assert reader.get(url).status_code == 403
        assert police.get(url).status_code == 403
        assert police.post(url, data={}).status_code == 403
        assert stranger.get(url).status_code == 404
    for path in ("starta", "pausa", "besluta"):
        assert police.post(f"{LIST}/{of_owner}/{path}").status_code == 403
    assert reader.get(LIST).status_code == 200
    assert reader.get(f"{LIST}/ny").status_code == 403
    assert "Ny åtgärd" not in reader.get(LIST).get_data(as_text=True)


def test_a_measure_is_found_only_in_its_own_partnership(coordinator: FlaskClient, make_measure: Make) -> None:
    measure_id = make_measure(where="klara")
    assert coordinator.get(f"/samverkan/klara/atgarder/{measure_id}").status_code == 200
    assert coordinator.get(f"{LIST}/{measure_id}").status_code == 404


def test_what_a_reader_may_not_see_is_in_no_list_page_or_file(
    app: Flask, world: World, owner: FlaskClient, police: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        closed = a_measure(world, title="Dold insats", visibility=Visibility.AUTHORITIES_ONLY)
        problem = a_problem(world, text="Dolt problem", visibility=Visibility.AUTHORITIES_ONLY)
        cause = a_cause(world, problem, text="Dold orsak")
        shown = a_measure(world, title="Öppen insats", actor="owner", cause_id=cause.id)
        a_follow_up(
            shown, text="Dold iakttagelse", visibility=Visibility.ACTOR_INTERNAL, owner_actor_id=closed.owner_actor_id
        )
        closed_id, shown_id, cause_id, problem_id = closed.id, shown.id, cause.id, problem.id
        db.session.commit()
    for url in (LIST, f"{LIST}?format=csv", f"{LIST}/{shown_id}", f"{LIST}/{shown_id}/andra", f"{LIST}/problem"):
        assert "Dol" not in owner.get(url).get_data(as_text=True), url
    for url in (f"{LIST}/{closed_id}", f"{LIST}/problem/{problem_id}", f"{LIST}/ny?orsak={cause_id}"):
        assert owner.get(url).status_code == 404, url
    seen = police.get(f"{LIST}/{shown_id}").get_data(as_text=True)
    assert "Dold orsak" in seen
    assert "Dold iakttagelse" in seen
    offered = parse(owner.get(f"{LIST}/ny")).select("#visibility option")
    assert [option["value"] for option in offered] == ["public", "partnership", "actor_internal"]
    # The hidden cause stays when someone who may not read it saves the measure.
    data = posted(world, version="1", cause_id=str(cause_id))
    assert owner.post(f"{LIST}/{shown_id}/andra", data=data).status_code == 303
    with app.app_context():
        assert db.session.get(Measure, shown_id).cause_id == cause_id


def test_the_fragment_is_a_part_of_the_page(coordinator: FlaskClient, make_measure: Make, parse: Parse) -> None:
    make_measure()
    for url, selector in ((LIST, "#measures"), (f"{LIST}/problem", "#problems")):
        whole = parse(coordinator.get(url)).select_one(selector)
        part = parse(coordinator.get(url, headers={"HX-Request": "true"})).select_one(selector)
        assert part.decode() == whole.decode()


def test_queries_do_not_grow_with_the_list_or_the_chain(
    app: Flask, world: World, coordinator: FlaskClient, count_queries: Count
) -> None:
    def cost(url: str) -> int:
        with count_queries() as statements:
            assert coordinator.get(url).status_code == 200
        return len(statements)

    with app.app_context():
        cause = a_cause(world, a_problem(world))
        measure = a_measure(world, cause_id=cause.id, affected_actor_ids=[world.actors["owner"]])
        a_follow_up(measure)
        urls = [
            LIST,
            f"{LIST}?format=csv",
            f"{LIST}/{measure.id}",
            f"{LIST}/problem",
            f"{LIST}/problem/{cause.problem_id}",
        ]
        db.session.commit()
        ids = measure.id, cause.id, cause.problem_id
    before = [cost(url) for url in urls]
    with app.app_context():
        for number in range(2, 16):
            a_problem(world, number=number)
            a_measure(world, cause_id=ids[1], actor=("owner", "police", "traffic")[number % 3])
            a_follow_up(db.session.get(Measure, ids[0]))
        db.session.commit()
    assert [cost(url) for url in urls] == before


def test_a_place_that_the_source_does_not_name_is_not_the_whole_area(
    app: Flask, world: World, reader: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        entered, sourced = a_measure(world), a_measure(world)
        sourced.source_id = world.source
        db.session.commit()
        ids = entered.id, sourced.id
    shown = []
    for measure_id in ids:
        term = parse(reader.get(f"{LIST}/{measure_id}")).find("dt", string="Plats")
        shown.append(term.find_next("dd").get_text(strip=True))
    assert shown == ["Ingen särskild plats", "uppgift saknas"]


@pytest.mark.parametrize("address", ["ny", "1/andra"])
def test_saving_removes_the_draft_of_the_description(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse, address: str
) -> None:
    with app.app_context():
        a_measure(world, title="Belysning")
        db.session.commit()
    key = parse(coordinator.get(f"{LIST}/{address}")).select_one("textarea[data-draft]")["data-draft"]
    version = parse(coordinator.get(f"{LIST}/1/andra")).select_one("[name$=version]")["value"]
    assert coordinator.post(f"{LIST}/{address}", data=posted(world, version=version)).status_code == 303
    assert key in parse(coordinator.get(LIST)).select_one("[data-saved-drafts]")["data-saved-drafts"].split()
