"""Goals on the page: shown, set, reworded, ended and removed."""

from datetime import date
from decimal import Decimal

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.assessment_queries import current_period
from platssamverkan.goals.models import (
    DesiredDirection,
    Goal,
    GoalLevel,
    GoalVersion,
    IndicatorKind,
    TargetOperator,
)
from tests.activations.builders import an_event
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment, an_indicator, an_observation
from tests.measures.builders import a_measure

HERE = "/samverkan/sergels/mal"
WORDS = {"text": "Torget är tryggt dygnet runt", "starts": "2026-01", "reason": "Beslut i styrgruppen", "version": "1"}


def given_goal(app: Flask, world: World, partnership: str = "sergels", **changes: object) -> int:
    with app.app_context():
        goal_id = a_goal(world.partnerships[partnership], **changes).id
        db.session.commit()
        return goal_id


def versions(app: Flask, goal_id: int) -> list[tuple[int, str, str | None]]:
    with app.app_context():
        found = db.session.scalars(
            select(GoalVersion).where(GoalVersion.goal_id == goal_id).order_by(GoalVersion.number)
        )
        return [(one.number, one.text, one.ends) for one in found]


def assess(app: Flask, goal_id: int) -> None:
    with app.app_context():
        an_assessment(db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one())
        db.session.commit()


def test_the_tree_shows_vision_meter_trend_grade_and_caveat(
    app: Flask, world: World, reader: FlaskClient, parse
) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        a_goal(here, "Ett levande torg", level=GoalLevel.VISION, number=None)
        goal = a_goal(here)
        indicator = an_indicator(here, goals=[goal], target_value=Decimal(40), target_operator=TargetOperator.AT_MOST)
        an_observation(indicator, "2024", "44")
        an_observation(indicator, "2025", "37")
        drugs = an_indicator(
            here,
            "Narkotikabrott",
            kind=IndicatorKind.REPORTED_DRUG_CRIME,
            desired_direction=DesiredDirection.NONE,
            goals=[goal],
        )
        an_observation(drugs, "2025", "900")
        a_goal(here, "Färre störs", level=GoalLevel.SUBGOAL, parent_id=goal.id, number=1)
        an_assessment(db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal.id)).one())
        db.session.commit()
    page = parse(reader.get(HERE))
    assert "Ett levande torg" in page.select_one(".lead").text
    cells = [cell.get_text(" ", strip=True) for cell in page.select_one("tbody tr").select("td, th")]
    assert cells[1:] == [
        "Torget är en trygg plats",
        "1\xa0av\xa01",
        "Förbättras",
        "Uppfylls delvis Verksamhetsberättelse 2025 , inte fastställd".replace(" ,", ","),
    ]
    section = page.select_one(".goal-section").get_text(" ", strip=True)
    assert "Speglar i hög grad polisens insatser, inte faktisk förekomst." in section
    assert "Måste tolkas" in section
    assert "Delmål\xa01: Färre störs" in section
    assert page.select_one(".goal-section figure svg") is not None
    assert "frågans lydelse" in page.select_one(".goal-section figcaption").text


def test_a_goal_has_the_same_figures_on_its_page_as_in_the_tree(
    app: Flask, world: World, reader: FlaskClient, parse
) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        goal = a_goal(here)
        target = {"target_value": Decimal(40), "target_operator": TargetOperator.AT_MOST, "goals": [goal]}
        for name, last, before, after in (
            ("Följs", None, "44", "37"),
            ("Avslutad", date(2025, 12, 31), "44", "50"),
        ):
            indicator = an_indicator(here, name, ended_on=last, **target)
            an_observation(indicator, "2023", before)
            an_observation(indicator, "2024", after)
        goal_id = goal.id
        db.session.commit()
    tree = parse(reader.get(HERE)).select_one("tbody tr")
    assert [cell.get_text(" ", strip=True) for cell in tree.select("td")][1:3] == ["1\xa0av\xa01", "Förbättras"]
    section = parse(reader.get(f"{HERE}/{goal_id}")).select_one("section[aria-labelledby=figures]")
    assert section.select_one(".actions").get_text(" ", strip=True) == "1\xa0av\xa01 Förbättras"
    assert "Följs till och med 31\xa0december\xa02025" in section.select("tbody tr")[1].text


def test_an_empty_tree_says_what_to_do(coordinator: FlaskClient, reader: FlaskClient, parse) -> None:
    assert parse(coordinator.get(HERE)).select_one(".empty a")["href"] == f"{HERE}/nytt"
    assert parse(reader.get(HERE)).select_one(".empty a") is None


def test_the_list_filters_by_level_words_and_state(app: Flask, world: World, reader: FlaskClient, parse) -> None:
    given_goal(app, world)
    given_goal(app, world, text="Åtgärda klotter", level=GoalLevel.SUBGOAL)
    given_goal(app, world, text="Förr", ended_on=date(2020, 1, 1))

    def shown(query: str) -> list[str]:
        return [a.text for a in parse(reader.get(f"{HERE}/alla?{query}")).select("tbody th a")]

    assert shown("") == ["Torget är en trygg plats", "Förr", "Åtgärda klotter"]
    assert shown("niva=subgoal") == ["Åtgärda klotter"]
    assert shown("q=åtgärda") == ["Åtgärda klotter"]
    assert shown("lage=avslutade") == ["Förr"]
    assert "Förr" in reader.get(f"{HERE}/alla?format=csv").get_data(as_text=True)


def test_the_list_is_the_same_alone_as_in_its_page(app: Flask, world: World, reader: FlaskClient, parse) -> None:
    given_goal(app, world)
    fragment = parse(reader.get(f"{HERE}/alla", headers={"HX-Request": "true"})).select_one("#goals")
    assert str(fragment) == str(parse(reader.get(f"{HERE}/alla")).select_one("#goals"))


def test_a_coordinator_sets_a_goal(app: Flask, world: World, coordinator: FlaskClient, parse) -> None:
    data = {
        "text": "Torget är rent",
        "level": "direction",
        "number": "1",
        "starts": "2026",
        "visibility": "partnership",
    }
    response = coordinator.post(f"{HERE}/nytt", data=data)
    assert response.status_code == 303
    page = parse(coordinator.get(response.location))
    assert page.h1.text.strip() == "Mål\xa01"
    assert "Torget är rent" in page.select_one(".lead").text


def test_wrong_input_is_kept_on_the_page_and_nothing_is_saved(app: Flask, coordinator: FlaskClient, parse) -> None:
    response = coordinator.post(f"{HERE}/nytt", data={"text": "", "level": "", "number": "hundra", "starts": "i fjol"})
    assert response.status_code == 422
    page = parse(response)
    assert page.title.text.startswith("Fel: ")
    assert page.select_one("#number")["value"] == "hundra"
    assert {"Skriv målet.", "Välj målets nivå."} <= {item.text for item in page.select("[data-error-summary] li")}
    with app.app_context():
        assert db.session.scalar(select(Goal.id)) is None


def test_readers_may_not_change_goals(app: Flask, world: World, reader: FlaskClient, officer: FlaskClient) -> None:
    goal_id = given_goal(app, world)
    for client in (reader, officer):
        for path in ("nytt", f"{goal_id}/andra", f"{goal_id}/lydelse", f"{goal_id}/avsluta", f"{goal_id}/ta-bort"):
            assert client.get(f"{HERE}/{path}").status_code == 403
            assert client.post(f"{HERE}/{path}", data={}).status_code == 403
        assert client.post(f"{HERE}/{goal_id}/ateroppna").status_code == 403


def test_other_partnerships_goals_and_hidden_ones_are_not_found(
    app: Flask, world: World, owner: FlaskClient, police: FlaskClient, stranger: FlaskClient
) -> None:
    elsewhere = given_goal(app, world, "klara")
    hidden = given_goal(app, world, visibility=Visibility.AUTHORITIES_ONLY)
    assert police.get(f"{HERE}/{elsewhere}").status_code == 404
    assert police.get(f"{HERE}/{hidden}").status_code == 200
    assert owner.get(f"{HERE}/{hidden}").status_code == 404
    assert stranger.get(HERE).status_code == 404
    assert "trygg plats" not in owner.get(f"{HERE}/alla").get_data(as_text=True)
    assert "trygg plats" not in owner.get(HERE).get_data(as_text=True)


def test_a_goal_ends_with_a_reason_and_can_hold_again(app: Flask, world: World, coordinator: FlaskClient) -> None:
    goal_id = given_goal(app, world)
    assert coordinator.post(f"{HERE}/{goal_id}/avsluta", data={"ended_on": "2024-12-31"}).status_code == 422
    ended = {"ended_on": "2024-12-31", "reason": "Ersatt av avtalet", "version": "1"}
    assert coordinator.post(f"{HERE}/{goal_id}/avsluta", data=ended).status_code == 303
    for again in (
        coordinator.post(f"{HERE}/{goal_id}/avsluta", data=ended),
        coordinator.get(f"{HERE}/{goal_id}/avsluta"),
    ):
        assert again.status_code == 409
        assert "Målet är redan avslutat." in again.text
    assert "trygg plats" not in coordinator.get(HERE).get_data(as_text=True)
    assert "Ersatt av avtalet" in coordinator.get(f"{HERE}/{goal_id}").get_data(as_text=True)
    assert coordinator.post(f"{HERE}/{goal_id}/ateroppna").status_code == 303
    assert "trygg plats" in coordinator.get(HERE).get_data(as_text=True)
    assert "Målet är inte avslutat." in coordinator.post(f"{HERE}/{goal_id}/ateroppna").text


def test_what_ends_later_is_not_said_to_have_ended(app: Flask, world: World, coordinator: FlaskClient, parse) -> None:
    goal_id = given_goal(app, world)
    with app.app_context():
        indicator_id = an_indicator(world.partnerships["sergels"]).id
        db.session.commit()
    later = {"ended_on": "2190-12-31", "reason": "Ersatt av avtalet", "version": "1"}
    for path in (f"{HERE}/{goal_id}", f"{HERE}/indikatorer/{indicator_id}"):
        assert coordinator.post(f"{path}/avsluta", data=later).status_code == 303
        page = parse(coordinator.get(path)).get_text(" ", strip=True).replace("\xa0", " ")
        assert page.count("avslutas 31 december 2190") + page.count("följs till och med 31 december 2190") == 2
        assert "avslutat" not in page
        assert "avslutad" not in page
    assert "Följs till och med" in coordinator.get(f"{HERE}/indikatorer").text


def test_a_goal_does_not_end_before_it_began(app: Flask, world: World, coordinator: FlaskClient, parse) -> None:
    goal_id = given_goal(app, world, starts="2025-06")
    early = {"ended_on": "2025-05-31", "reason": "Ersatt av avtalet", "version": "1"}
    response = coordinator.post(f"{HERE}/{goal_id}/avsluta", data=early)
    assert response.status_code == 422
    assert "före den dag då målet började gälla" in parse(response).select_one("#ended_on-error").text
    assert coordinator.post(f"{HERE}/{goal_id}/avsluta", data=early | {"ended_on": "2025-06-01"}).status_code == 303


def test_a_goal_that_was_changed_meanwhile_is_not_ended_unseen(
    app: Flask, world: World, coordinator: FlaskClient, parse
) -> None:
    path = f"{HERE}/{given_goal(app, world)}"
    shown = parse(coordinator.get(f"{path}/avsluta")).find("input", {"name": "version"})["value"]
    moved = {"level": "direction", "number": "7", "visibility": "partnership", "version": shown}
    assert coordinator.post(f"{path}/andra", data=moved).status_code == 303
    ended = {"ended_on": "2024-12-31", "reason": "Ersatt av avtalet", "version": shown}
    late = coordinator.post(f"{path}/avsluta", data=ended)
    assert late.status_code == 409
    form = parse(late).select_one("#conflict form")
    assert form.find("input", {"name": "reason"})["value"] == "Ersatt av avtalet"
    version = form.find("input", {"name": "version"})["value"]
    assert coordinator.post(f"{path}/avsluta", data=ended | {"version": version}).status_code == 303


def test_a_goal_that_something_hangs_on_is_not_removed(
    app: Flask, world: World, coordinator: FlaskClient, parse
) -> None:
    goal_id = given_goal(app, world)
    assess(app, goal_id)
    page = parse(coordinator.get(f"{HERE}/{goal_id}/ta-bort"))
    assert "bedömningar" in page.select_one(".notice").text
    assert page.select_one("form[method=post] .button-danger") is None
    assert coordinator.post(f"{HERE}/{goal_id}/ta-bort").status_code == 409
    free = given_goal(app, world, text="Fel inlagt")
    assert coordinator.post(f"{HERE}/{free}/ta-bort").status_code == 303
    assert coordinator.get(f"{HERE}/{free}").status_code == 404
    assert versions(app, free) == []


def test_whatever_hangs_on_a_goal_keeps_it_whoever_may_read_that(
    app: Flask, world: World, coordinator: FlaskClient
) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        own = {"visibility": Visibility.ACTOR_INTERNAL, "owner_actor_id": world.actors["police"]}
        goals = [a_goal(here, number=number) for number in range(4)]
        a_goal(here, level=GoalLevel.SUBGOAL, parent_id=goals[0].id, **own)
        an_indicator(here, goals=[goals[1]], **own)
        a_measure(world, goal_ids=[goals[2].id], **own)
        an_event(world, goals=[goals[3]], **own)
        ids = [goal.id for goal in goals]
        db.session.commit()
    hanging = ("mål som ligger under det", "indikatorer", *["åtgärder, platsaktiveringar eller annat"] * 2)
    for goal_id, said in zip(ids, hanging, strict=True):
        refused = coordinator.post(f"{HERE}/{goal_id}/ta-bort")
        assert refused.status_code == 409
        assert f"eftersom det har {said}" in refused.text


def test_a_goal_is_never_placed_below_itself(app: Flask, world: World, coordinator: FlaskClient) -> None:
    parent = given_goal(app, world)
    child = given_goal(app, world, text="Under", parent_id=parent, level=GoalLevel.SUBGOAL)
    data = {"level": "direction", "parent_id": str(child), "visibility": "partnership"}
    assert coordinator.post(f"{HERE}/{parent}/andra", data=data).status_code == 422
    moved = {"level": "subgoal", "number": "7", "parent_id": "", "visibility": "public", "version": "1"}
    assert coordinator.post(f"{HERE}/{child}/andra", data=moved).status_code == 303
    with app.app_context():
        goal = db.session.get_one(Goal, child)
        assert (goal.number, goal.parent_id, goal.visibility) == (7, None, Visibility.PUBLIC)


def test_a_late_save_does_not_open_a_goal_that_another_has_closed(
    app: Flask, world: World, coordinator: FlaskClient, parse
) -> None:
    path = f"{HERE}/{given_goal(app, world)}/andra"
    version = parse(coordinator.get(path)).find("input", {"name": "version"})["value"]
    mine = {"level": "direction", "parent_id": "", "version": version}
    closed = mine | {"number": "1", "visibility": "authorities_only"}
    assert coordinator.post(path, data=closed).status_code == 303
    response = coordinator.post(path, data=mine | {"number": "2", "visibility": "partnership"})
    assert response.status_code == 409
    assert parse(response).find("input", {"name": "number"})["value"] == "2"
    with app.app_context():
        assert db.session.scalar(select(Goal.visibility)) is Visibility.AUTHORITIES_ONLY


def test_pages_cost_the_same_for_one_goal_and_many(
    app: Flask, world: World, reader: FlaskClient, count_queries
) -> None:
    def cost(path: str, goals: int) -> int:
        with app.app_context():
            here = world.partnerships["sergels"]
            for number in range(goals):
                goal = a_goal(here, number=number)
                indicator = an_indicator(here, goals=[goal])
                an_observation(indicator, "2024", "5")
                an_assessment(add(GoalVersion(goal_id=goal.id, number=2, text="Nu")))
            db.session.commit()
        with count_queries() as statements:
            assert reader.get(path).status_code == 200
        return len(statements)

    for path in (HERE, f"{HERE}/alla", f"{HERE}/indikatorer", f"{HERE}/bedomning?ar=2025&period=vb"):
        assert cost(path, 1) == cost(path, 8), path


def test_a_goal_shows_the_assessments_of_a_year_in_full_and_the_earlier_ones_with_their_grades(
    app: Flask, world: World, reader: FlaskClient, parse
) -> None:
    goal_id = given_goal(app, world)
    with app.app_context():
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one()
        for year in range(2020, 2025):
            an_assessment(version, year=year, motivation=f"Så var det {year}.")
        an_assessment(version, year=2019, visibility=Visibility.ACTOR_INTERNAL)
        db.session.commit()
    page = parse(reader.get(f"{HERE}/{goal_id}"))
    assert [h3.text for h3 in page.select("article h3")] == [
        f"Verksamhetsberättelse {year}" for year in (2024, 2023, 2022)
    ]
    section = page.select_one("section[aria-labelledby=assessments]")
    rows = [row.get_text(" ", strip=True) for row in section.select("tbody tr")]
    assert rows == [f"Verksamhetsberättelse {year} Uppfylls delvis Inte fastställd" for year in (2021, 2020)]
    assert section.select_one("tbody a")["href"] == f"{HERE}/{goal_id}/bedomning/2021/vb"


def test_the_goal_leads_to_the_assessment_of_the_period_until_it_is_made(
    app: Flask, world: World, coordinator: FlaskClient, reader: FlaskClient, parse
) -> None:
    goal_id = given_goal(app, world)
    year, period = current_period()

    def button(client: FlaskClient) -> str | None:
        found = parse(client.get(f"{HERE}/{goal_id}")).select_one("section[aria-labelledby=assessments] a.button")
        return found and found.text

    assert button(coordinator) == f"Bedöm för {period.label.lower()} {year}"
    assert button(reader) is None
    with app.app_context():
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one()
        an_assessment(version, year=year, period=period)
        db.session.commit()
    assert button(coordinator) is None
