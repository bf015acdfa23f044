"""Indicators and observations on the page."""

from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals import indicator_services
from platssamverkan.goals.indicator_services import Reading
from platssamverkan.goals.models import (
    DesiredDirection,
    EvidenceLink,
    GoalVersion,
    Indicator,
    IndicatorKind,
    Observation,
    QualitativeDirection,
)
from platssamverkan.measures.models import FollowUp
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment, an_indicator, an_observation
from tests.measures.builders import a_follow_up, a_measure

HERE = "/samverkan/sergels/mal/indikatorer"
INDICATOR = {
    "name": "Anmälda narkotikabrott",
    "kind": "reported_drug_crime",
    "unit": "brott",
    "desired_direction": "none",
    "visibility": "partnership",
}
VALUE = {
    "starts": "2025",
    "value": "34,5",
    "origin": "Attitydundersökning",
    "visibility": "partnership",
    "version": "1",
}


def given_indicator(app: Flask, world: World, partnership: str = "sergels", **changes: object) -> int:
    with app.app_context():
        indicator_id = an_indicator(world.partnerships[partnership], **changes).id
        db.session.commit()
        return indicator_id


def observations(app: Flask) -> list[Observation]:
    with app.app_context():
        return list(db.session.scalars(select(Observation).order_by(Observation.sort_key)))


def test_the_caveat_of_the_kind_is_printed_wherever_the_indicator_is(
    app: Flask, world: World, coordinator: FlaskClient
) -> None:
    with app.app_context():
        goal_id = a_goal(world.partnerships["sergels"]).id
        db.session.commit()
    response = coordinator.post(f"{HERE}/ny", data=INDICATOR | {"goals": [str(goal_id)]})
    assert response.status_code == 303
    caveat = "Speglar i hög grad polisens insatser, inte faktisk förekomst."
    for path in (response.location, HERE, f"/samverkan/sergels/mal/{goal_id}", "/samverkan/sergels/mal"):
        assert caveat in coordinator.get(path).get_data(as_text=True), path


def test_an_own_caveat_takes_the_place_of_the_kinds(app: Flask, world: World, reader: FlaskClient) -> None:
    indicator_id = given_indicator(app, world, caveat="Bara torget, inte gatorna.")
    html = reader.get(f"{HERE}/{indicator_id}").get_data(as_text=True)
    assert "Bara torget, inte gatorna." in html
    assert "frågans lydelse" not in html


def test_a_target_needs_both_a_side_and_a_value(app: Flask, coordinator: FlaskClient, parse) -> None:
    response = coordinator.post(f"{HERE}/ny", data=INDICATOR | {"target_value": "30"})
    assert response.status_code == 422
    assert "minst eller högst" in parse(response).select_one("#target_operator-error").text
    response = coordinator.post(f"{HERE}/ny", data=INDICATOR | {"target_operator": "at_most"})
    assert response.status_code == 422
    with app.app_context():
        assert db.session.scalar(select(Indicator.id)) is None


def test_the_list_filters_by_kind_goal_owner_and_words(app: Flask, world: World, reader: FlaskClient, parse) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        an_indicator(world.partnerships["sergels"], "Ägd", owner_id=world.actors["police"])
        an_indicator(world.partnerships["sergels"], "Kopplad", goals=[goal])
        an_indicator(world.partnerships["sergels"], "Städning", kind=IndicatorKind.CLEANLINESS)
        an_indicator(world.partnerships["sergels"], "Dold", visibility=Visibility.ACTOR_INTERNAL)
        db.session.commit()
        goal_id = goal.id

    def shown(query: str) -> list[str]:
        return [a.text for a in parse(reader.get(f"{HERE}?{query}")).select("tbody th a")]

    assert shown("") == ["Kopplad", "Städning", "Ägd"] or shown("") == ["Ägd", "Kopplad", "Städning"]
    assert shown("slag=cleanliness") == ["Städning"]
    assert shown(f"mal={goal_id}") == ["Kopplad"]
    assert shown(f"ansvarig={world.actors['police']}") == ["Ägd"]
    assert shown("q=städ") == ["Städning"]


def test_the_list_is_the_same_alone_as_in_its_page(app: Flask, world: World, reader: FlaskClient, parse) -> None:
    given_indicator(app, world)
    fragment = parse(reader.get(HERE, headers={"HX-Request": "true"})).select_one("#indicators")
    assert str(fragment) == str(parse(reader.get(HERE)).select_one("#indicators"))


def test_an_edit_from_an_old_page_meets_both_texts(app: Flask, world: World, coordinator: FlaskClient) -> None:
    indicator_id = given_indicator(app, world)
    data = INDICATOR | {"version": "1"}
    assert coordinator.post(f"{HERE}/{indicator_id}/andra", data=data | {"name": "Först"}).status_code == 303
    response = coordinator.post(f"{HERE}/{indicator_id}/andra", data=data | {"name": "Sist"})
    assert response.status_code == 409
    html = response.get_data(as_text=True)
    assert "Först" in html
    assert "Sist" in html


def test_an_edit_leaves_goals_that_the_editor_cannot_see(app: Flask, world: World, coordinator: FlaskClient) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        hidden = a_goal(here, visibility=Visibility.ACTOR_INTERNAL, owner_actor_id=world.actors["police"])
        seen = a_goal(here, "Syns")
        indicator_id = an_indicator(here, goals=[hidden, seen]).id
        db.session.commit()
        ids = {hidden.id}
    data = INDICATOR | {"version": "1"}
    assert coordinator.post(f"{HERE}/{indicator_id}/andra", data=data).status_code == 303
    with app.app_context():
        statement = select(Indicator).where(Indicator.id == indicator_id)
        found = db.session.scalars(statement.options(selectinload(Indicator.goals))).one()
        assert {goal.id for goal in found.goals} == ids


def test_an_indicator_that_was_changed_meanwhile_is_not_ended_unseen(
    app: Flask, world: World, coordinator: FlaskClient, parse
) -> None:
    path = f"{HERE}/{given_indicator(app, world)}"
    shown = parse(coordinator.get(f"{path}/avsluta")).find("input", {"name": "version"})["value"]
    assert coordinator.post(f"{path}/andra", data=INDICATOR | {"version": shown}).status_code == 303
    late = coordinator.post(f"{path}/avsluta", data={"ended_on": "2025-12-31", "version": shown})
    assert late.status_code == 409
    version = parse(late).select_one("#conflict form").find("input", {"name": "version"})["value"]
    ended = {"ended_on": "2025-12-31", "version": version}
    assert coordinator.post(f"{path}/avsluta", data=ended).status_code == 303


def test_an_indicator_with_values_is_ended_and_not_removed(app: Flask, world: World, coordinator: FlaskClient) -> None:
    with app.app_context():
        indicator = an_indicator(world.partnerships["sergels"])
        an_observation(indicator, "2025", "5")
        db.session.commit()
        indicator_id = indicator.id
    asked = coordinator.get(f"{HERE}/{indicator_id}/ta-bort").text
    assert "Den har mätvärden." in asked
    assert "Ta bort indikatorn</button>" not in asked
    assert coordinator.post(f"{HERE}/{indicator_id}/ta-bort").status_code == 409
    ended = {"ended_on": "2025-12-31", "version": "1"}
    assert coordinator.post(f"{HERE}/{indicator_id}/avsluta", data=ended).status_code == 303
    url = f"{HERE}/{indicator_id}/avsluta"
    for again in (coordinator.post(url, data=ended), coordinator.get(url)):
        assert again.status_code == 409
        assert "Indikatorn är redan avslutad." in again.text
    assert coordinator.post(f"{HERE}/{indicator_id}/ateroppna").status_code == 303
    assert "Indikatorn är inte avslutad." in coordinator.post(f"{HERE}/{indicator_id}/ateroppna").text
    empty = given_indicator(app, world)
    assert "Ta bort indikatorn</button>" in coordinator.get(f"{HERE}/{empty}/ta-bort").text
    assert coordinator.post(f"{HERE}/{empty}/ta-bort").status_code == 303
    assert coordinator.get(f"{HERE}/{empty}").status_code == 404


def test_an_indicator_that_something_rests_on_is_not_removed(
    app: Flask, world: World, coordinator: FlaskClient
) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        goal = a_goal(here)
        read, assessed, free = (an_indicator(here, name, goals=[goal]) for name in ("Avläst", "Bedömd", "Fri"))
        a_follow_up(a_measure(world), indicator_id=read.id, visibility=Visibility.ACTOR_INTERNAL)
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal.id)).one()
        add(EvidenceLink(assessment_id=an_assessment(version, lacks_evidence=False).id, indicator_id=assessed.id))
        db.session.commit()
        ids = [read.id, assessed.id, free.id]
    assert [coordinator.post(f"{HERE}/{one}/ta-bort").status_code for one in ids] == [409, 409, 303]
    with app.app_context():
        assert db.session.scalar(select(FollowUp.indicator_id)) == ids[0]


def test_only_those_who_manage_goals_change_indicators(
    app: Flask, world: World, reader: FlaskClient, officer: FlaskClient, police: FlaskClient, stranger: FlaskClient
) -> None:
    indicator_id = given_indicator(app, world)
    for client in (reader, officer, police):
        assert client.get(f"{HERE}/ny").status_code == 403
        assert client.post(f"{HERE}/{indicator_id}/andra", data=INDICATOR).status_code == 403
        assert client.post(f"{HERE}/{indicator_id}/ta-bort").status_code == 403
    assert stranger.get(f"{HERE}/{indicator_id}").status_code == 404
    elsewhere = given_indicator(app, world, "klara")
    assert reader.get(f"{HERE}/{elsewhere}").status_code == 404


def test_an_observation_is_recorded_and_sorted_by_the_end_of_its_period(
    app: Flask, world: World, officer: FlaskClient, parse
) -> None:
    indicator_id = given_indicator(app, world)
    about = VALUE | {"is_approximate": "y"}
    assert officer.post(f"{HERE}/{indicator_id}/matvarden/nytt", data=about).status_code == 303
    quarter = VALUE | {"starts": "2025-01", "ends": "2025-03", "value": "40"}
    assert officer.post(f"{HERE}/{indicator_id}/matvarden/nytt", data=quarter).status_code == 303
    assert [one.sort_key for one in observations(app)] == ["2025-03-31", "2025-12-31"]
    rows = parse(officer.get(f"{HERE}/{indicator_id}")).select("#matvarden tbody tr")
    assert [row.select_one("strong").text for row in rows] == ["omkring\xa034,5\xa0procent", "40\xa0procent"]
    assert "januari–mars\xa02025" in rows[1].text


def test_words_alone_are_an_observation_of_their_own(app: Flask, world: World, officer: FlaskClient, parse) -> None:
    indicator_id = given_indicator(app, world)
    words = {"period_text": "sedan 2014", "direction": "decreased", "origin": "Polisen", "visibility": "partnership"}
    assert officer.post(f"{HERE}/{indicator_id}/matvarden/nytt", data=words).status_code == 303
    page = parse(officer.get(f"{HERE}/{indicator_id}"))
    assert page.select_one("#matvarden tbody strong").text == "Minskat"
    assert page.select_one("figure.chart") is None
    assert observations(app)[0].sort_key == ""


def test_a_rate_is_computed_and_shown_with_count_and_area(
    app: Flask, world: World, officer: FlaskClient, parse
) -> None:
    indicator_id = given_indicator(app, world, kind=IndicatorKind.RATE_PER_AREA, unit="per hektar")
    data = {"starts": "2024", "numerator": "214", "origin": "Polisen", "visibility": "partnership"}
    refused = officer.post(f"{HERE}/{indicator_id}/matvarden/nytt", data=data)
    assert refused.status_code == 422
    assert officer.post(f"{HERE}/{indicator_id}/matvarden/nytt", data=data | {"area_hectares": "0"}).status_code == 422
    huge = officer.post(
        f"{HERE}/{indicator_id}/matvarden/nytt", data=data | {"numerator": "999999999999", "area_hectares": "0,5"}
    )
    assert huge.status_code == 422
    assert "Värdet per hektar blir för stort" in huge.text
    assert observations(app) == []
    saved = officer.post(f"{HERE}/{indicator_id}/matvarden/nytt", data=data | {"area_hectares": "4,2"})
    assert saved.status_code == 303
    assert observations(app)[0].value == Decimal("50.95")
    row = parse(officer.get(f"{HERE}/{indicator_id}")).select_one("#matvarden tbody tr").text
    assert "50,95\xa0per hektar" in row
    assert "214 på 4,2\xa0hektar" in row


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "mycket"},
        {"value": ""},
        {"starts": ""},
        {"starts": "2025", "ends": "2024"},
        {"origin": ""},
        {"statement": "Ring 070-123 45 67"},
        {"statement": "Gäller 19900101-0017"},
    ],
)
def test_wrong_observations_are_refused_and_kept_on_the_page(
    app: Flask, world: World, officer: FlaskClient, wrong: dict[str, str]
) -> None:
    indicator_id = given_indicator(app, world)
    response = officer.post(f"{HERE}/{indicator_id}/matvarden/nytt", data=VALUE | wrong)
    assert response.status_code == 422
    assert observations(app) == []


def test_a_participant_records_for_the_own_actors_indicators_only(
    app: Flask, world: World, police: FlaskClient, reader: FlaskClient
) -> None:
    own = given_indicator(app, world, owner_id=world.actors["police"])
    other = given_indicator(app, world, owner_id=world.actors["district"])
    readers = given_indicator(app, world, owner_id=world.actors["traffic"])
    assert police.post(f"{HERE}/{own}/matvarden/nytt", data=VALUE).status_code == 303
    assert police.get(f"{HERE}/{other}/matvarden/nytt").status_code == 403
    assert police.post(f"{HERE}/{other}/matvarden/nytt", data=VALUE).status_code == 403
    assert reader.post(f"{HERE}/{readers}/matvarden/nytt", data=VALUE).status_code == 403
    observation_id = observations(app)[0].id
    assert reader.post(f"{HERE}/{own}/matvarden/{observation_id}/ta-bort").status_code == 403
    assert police.post(f"{HERE}/{own}/matvarden/{observation_id}/ta-bort").status_code == 303
    assert observations(app) == []


def test_an_observation_is_put_right_and_old_pages_meet_both(app: Flask, world: World, officer: FlaskClient) -> None:
    indicator_id = given_indicator(app, world)
    officer.post(f"{HERE}/{indicator_id}/matvarden/nytt", data=VALUE)
    path = f"{HERE}/{indicator_id}/matvarden/{observations(app)[0].id}/andra"
    assert officer.get(path).status_code == 200
    assert officer.post(path, data=VALUE | {"value": "35", "starts": "2024"}).status_code == 303
    assert (observations(app)[0].value, observations(app)[0].sort_key) == (Decimal(35), "2024-12-31")
    assert officer.post(path, data=VALUE | {"value": "36"}).status_code == 409
    assert observations(app)[0].value == Decimal(35)
    assert (
        officer.get(f"{HERE}/{given_indicator(app, world)}/matvarden/{observations(app)[0].id}/andra").status_code
        == 404
    )


def test_hidden_observations_are_in_neither_table_nor_chart(
    app: Flask, world: World, owner: FlaskClient, parse
) -> None:
    with app.app_context():
        indicator = an_indicator(world.partnerships["sergels"])
        an_observation(indicator, "2023", "50")
        an_observation(indicator, "2024", "777", visibility=Visibility.AUTHORITIES_ONLY)
        an_observation(indicator, "2025", "40")
        db.session.commit()
        indicator_id = indicator.id
    page = parse(owner.get(f"{HERE}/{indicator_id}"))
    assert "777" not in page.text
    assert len(page.select("#matvarden tbody tr")) == 2
    assert len(page.select("figure.chart circle")) == 2


def test_the_service_refuses_an_observation_that_says_nothing(app: Flask, world: World) -> None:
    with app.app_context():
        indicator = an_indicator(world.partnerships["sergels"], desired_direction=DesiredDirection.UP)
        with pytest.raises(DomainError):
            indicator_services.record(indicator, Reading(starts="2025"))
        rate = an_indicator(world.partnerships["sergels"], kind=IndicatorKind.RATE_PER_AREA)
        with pytest.raises(DomainError):
            indicator_services.record(rate, Reading(starts="2025", value=Decimal(5)))
        words = Reading(starts="2025", direction=QualitativeDirection.NEARLY_DOUBLED)
        assert indicator_services.record(rate, words).value is None


def test_many_values_are_listed_by_the_page_while_the_chart_has_them_all(
    app: Flask, world: World, reader: FlaskClient, parse
) -> None:
    with app.app_context():
        indicator = an_indicator(world.partnerships["sergels"])
        for year in range(1990, 2020):
            an_observation(indicator, str(year), str(year - 1900))
        indicator_id = indicator.id
        db.session.commit()
    page = parse(reader.get(f"{HERE}/{indicator_id}"))
    assert [th.text.strip() for th in page.select("#observations tbody th")] == [str(y) for y in range(2019, 1994, -1)]
    assert page.select_one("figure path.chart-line")["d"].count("L") == 29
    second = parse(reader.get(f"{HERE}/{indicator_id}?sida=2"))
    assert len(second.select("#observations tbody tr")) == 5
    assert str(second.select_one("figure")) == str(page.select_one("figure"))


@pytest.mark.parametrize("direction", ["up", "down"])
def test_reported_drug_crime_has_no_better_direction(
    app: Flask, world: World, coordinator: FlaskClient, direction: str
) -> None:
    page = coordinator.post(f"{HERE}/ny", data={**INDICATOR, "desired_direction": direction})
    assert page.status_code == 422
    assert "speglar polisens insatser. Välj att riktningen måste tolkas." in page.get_data(as_text=True)
    with app.app_context(), pytest.raises(DomainError):
        indicator_services.check_direction(IndicatorKind.REPORTED_DRUG_CRIME, DesiredDirection(direction))


def test_a_made_up_kind_is_told_at_its_field(coordinator: FlaskClient, parse) -> None:
    response = coordinator.post(f"{HERE}/ny", data=INDICATOR | {"kind": "påhittat"})
    assert response.status_code == 422
    assert "Välj ett av alternativen" in parse(response).select_one('[name="kind"]').find_parent(class_="field").text
