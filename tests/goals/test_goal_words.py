"""The words of a goal: given anew, or put right while they have not been assessed."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.goals.models import GoalVersion
from tests.builders import World
from tests.goals.test_goal_views import HERE, WORDS, assess, given_goal, versions


def test_new_words_make_a_version_and_keep_the_earlier(
    app: Flask, world: World, coordinator: FlaskClient, parse
) -> None:
    goal_id = given_goal(app, world)
    response = coordinator.post(f"{HERE}/{goal_id}/lydelse", data=WORDS | {"manner": "version"})
    assert response.status_code == 303
    assert versions(app, goal_id) == [
        (1, "Torget är en trygg plats", "2026-01"),
        (2, "Torget är tryggt dygnet runt", None),
    ]
    page = parse(coordinator.get(response.location)).get_text(" ", strip=True)
    assert "Torget är en trygg plats" in page
    assert "Beslut i styrgruppen" in page


def test_words_that_are_to_come_are_not_said_to_hold(app: Flask, world: World, coordinator: FlaskClient, parse) -> None:
    goal_id = given_goal(app, world)
    coordinator.post(f"{HERE}/{goal_id}/lydelse", data=WORDS | {"manner": "version", "starts": "2190"})
    page = parse(coordinator.get(f"{HERE}/{goal_id}"))
    versions = page.select_one("section[aria-labelledby=versions]").get_text(" ", strip=True)
    assert versions.endswith("Torget är en trygg plats Gäller nu")
    assert page.select_one(".lead").text == "Torget är en trygg plats"
    notice = page.select_one(".notice-neutral").get_text(" ", strip=True)
    assert notice == "En ny lydelse börjar gälla 2190 Torget är tryggt dygnet runt"
    form = parse(coordinator.get(f"{HERE}/{goal_id}/lydelse"))
    assert "Lydelsen som ändras börjar gälla 2190." in form.select_one(".notice").text
    later = given_goal(app, world, starts="2190")
    notices = parse(coordinator.get(f"{HERE}/{later}")).select(".notice-neutral")
    assert [one.get_text(" ", strip=True) for one in notices] == ["Målet börjar gälla 2190"]
    offers = ["Bedöm för" in coordinator.get(f"{HERE}/{one}").text for one in (goal_id, later)]
    assert offers == [True, False]


def test_spelling_is_put_right_without_a_version_only_before_an_assessment(
    app: Flask, world: World, coordinator: FlaskClient, parse
) -> None:
    goal_id = given_goal(app, world)
    data = {"text": "Torget är en trygg plats.", "manner": "spelling", "version": "1"}
    assert coordinator.post(f"{HERE}/{goal_id}/lydelse", data=data).status_code == 303
    assert versions(app, goal_id) == [(1, "Torget är en trygg plats.", None)]
    assess(app, goal_id)
    assert parse(coordinator.get(f"{HERE}/{goal_id}/lydelse")).select_one("#manner") is None
    refused = coordinator.post(f"{HERE}/{goal_id}/lydelse", data=data | {"version": "2", "text": "Smyg"})
    assert refused.status_code == 422
    assert versions(app, goal_id) == [(1, "Torget är en trygg plats.", None)]
    assert coordinator.post(f"{HERE}/{goal_id}/lydelse", data=WORDS | {"version": "2"}).status_code == 303
    assert len(versions(app, goal_id)) == 2


def test_words_that_begin_before_the_present_ones_are_refused_at_the_field(
    app: Flask, world: World, coordinator: FlaskClient, parse
) -> None:
    goal_id = given_goal(app, world, starts="2025")
    response = coordinator.post(f"{HERE}/{goal_id}/lydelse", data=WORDS | {"starts": "2024"})
    assert response.status_code == 422
    assert "inte börja gälla före" in parse(response).select_one("#starts-error").text
    assert len(versions(app, goal_id)) == 1


def test_the_earlier_words_end_where_the_latest_begin_also_when_that_day_is_put_right(
    app: Flask, world: World, coordinator: FlaskClient, parse
) -> None:
    goal_id = given_goal(app, world, starts="2025")
    path = f"{HERE}/{goal_id}/lydelse"
    assert coordinator.post(path, data=WORDS | {"manner": "version"}).status_code == 303
    spelling = {"text": WORDS["text"], "manner": "spelling", "version": "3"}
    refused = coordinator.post(path, data=spelling | {"starts": "2024"})
    assert refused.status_code == 422
    assert "inte börja gälla före den tidigare, 2025" in parse(refused).select_one("#starts-error").text
    assert coordinator.post(path, data=spelling | {"starts": "2026-03"}).status_code == 303
    unsaid = spelling | {"starts": "", "version": "5"}
    assert coordinator.post(path, data=unsaid).status_code == 303
    assert versions(app, goal_id) == [(1, "Torget är en trygg plats", "2026-03"), (2, WORDS["text"], None)]
    page = parse(coordinator.get(f"{HERE}/{goal_id}")).select_one("section[aria-labelledby=versions]")
    assert "mars\xa02026" in page.text


def test_words_that_are_known_to_have_ended_keep_their_end(app: Flask, world: World, coordinator: FlaskClient) -> None:
    goal_id = given_goal(app, world, starts="2023")
    with app.app_context():
        db.session.scalars(select(GoalVersion)).one().ends = "2025"
        db.session.commit()
    late = {"text": WORDS["text"], "manner": "spelling", "starts": "2026-02", "version": "2"}
    refused = coordinator.post(f"{HERE}/{goal_id}/lydelse", data=late)
    assert refused.status_code == 422
    assert "Lydelsen kan inte börja gälla efter sitt slut, 2025." in refused.text
    assert WORDS["text"] in refused.text
    new = WORDS | {"manner": "version", "starts": "2027", "version": "2"}
    assert coordinator.post(f"{HERE}/{goal_id}/lydelse", data=new).status_code == 303
    assert versions(app, goal_id)[0] == (1, "Torget är en trygg plats", "2025")
    sooner = {"text": WORDS["text"], "manner": "spelling", "starts": "2025-07", "version": "3"}
    assert coordinator.post(f"{HERE}/{goal_id}/lydelse", data=sooner).status_code == 303
    assert versions(app, goal_id)[0] == (1, "Torget är en trygg plats", "2025-07")


def test_two_who_reword_at_once_see_both_texts(app: Flask, world: World, coordinator: FlaskClient) -> None:
    goal_id = given_goal(app, world)
    spelling = {"text": "Först sparat", "manner": "spelling", "version": "1"}
    coordinator.post(f"{HERE}/{goal_id}/lydelse", data=spelling)
    response = coordinator.post(f"{HERE}/{goal_id}/lydelse", data=WORDS | {"manner": "version"})
    assert response.status_code == 409
    html = response.get_data(as_text=True)
    assert "Först sparat" in html
    assert "Torget är tryggt dygnet runt" in html
    assert versions(app, goal_id) == [(1, "Först sparat", None)]


def test_words_made_for_a_version_that_has_been_replaced_are_not_saved_over_the_new_ones(
    app: Flask, world: World, coordinator: FlaskClient, parse
) -> None:
    goal_id = given_goal(app, world)
    path = f"{HERE}/{goal_id}/lydelse"
    shown = parse(coordinator.get(path)).find("input", {"name": "version"})["value"]
    assert coordinator.post(path, data=WORDS | {"manner": "version", "version": shown}).status_code == 303
    for late in ({"manner": "spelling"}, {"manner": "version", "starts": "2026-02", "reason": "Andra tankar"}):
        response = coordinator.post(path, data={"text": "Torget är trygt", "version": shown} | late)
        assert response.status_code == 409
        assert "Torget är tryggt dygnet runt" in response.get_data(as_text=True)
    assert [text for _, text, _ in versions(app, goal_id)] == [
        "Torget är en trygg plats",
        "Torget är tryggt dygnet runt",
    ]
    version = parse(response).select_one("#conflict form").find("input", {"name": "version"})["value"]
    again = {"text": "Torget är tryggt", "manner": "spelling", "version": version}
    assert coordinator.post(path, data=again).status_code == 303
    assert versions(app, goal_id)[-1] == (2, "Torget är tryggt", None)
