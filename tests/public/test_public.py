"""The public page of a place holds what is public, and nothing else."""

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.sources import Source, SourceKind
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import Goal, GoalLevel, GoalVersion
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.places.models import Place, SceneState
from tests.builders import World, add


def publish(app: Flask, world: World) -> None:
    with app.app_context():
        place = db.session.get(Place, world.places["square"])
        place.source_id, place.scene_state = world.source, SceneState.CLASSIFIED
        for number, (text, visibility) in enumerate(
            [("Torget är tryggt", Visibility.PUBLIC), ("Internt mål", Visibility.PARTNERSHIP)], start=1
        ):
            goal = Goal(partnership_id=world.partnerships["sergels"], level=GoalLevel.DIRECTION, number=number)
            goal.visibility = visibility
            add(goal)
            add(GoalVersion(goal_id=goal.id, text=text))
        for number, visibility in enumerate(Visibility, start=1):
            add(
                Measure(
                    partnership_id=world.partnerships["sergels"],
                    number=number,
                    title=f"Åtgärd {visibility.value}",
                    place_id=world.places["square"],
                    responsible_actor_id=world.actors["district"],
                    status=MeasureStatus.ONGOING,
                    visibility=visibility,
                )
            )
        db.session.commit()


def test_anyone_reads_the_class_of_the_place_what_it_means_and_the_public_texts(
    app: Flask, world: World, anonymous: FlaskClient
) -> None:
    publish(app, world)
    text = anonymous.get("/plats/torget").get_data(as_text=True)
    assert "är klassad som öppen drogscen" in text
    assert "Källa: Tjänsteutlåtande" in text
    assert "Torget är tryggt" in text
    assert "Åtgärd public" in text
    assert "Uppdaterad: uppgift saknas" in text
    for closed in ("Internt mål", "Åtgärd partnership", "Åtgärd authorities_only", "Åtgärd actor_internal"):
        assert closed not in text


def test_a_place_that_nobody_has_sourced_or_reviewed_has_no_public_page(world: World, anonymous: FlaskClient) -> None:
    assert anonymous.get("/plats/torget").status_code == 404
    assert anonymous.get("/plats/finns-inte").status_code == 404


def test_what_anyone_reads_says_where_it_comes_from_and_what_is_not_known_is_not_denied(
    app: Flask, world: World, anonymous: FlaskClient
) -> None:
    publish(app, world)
    with app.app_context():
        place = db.session.get(Place, world.places["square"])
        place.scene_state = None
        party = add(Source(key="parti", title="Torget är fritt", kind=SourceKind.POLITICAL))
        measure = db.session.scalars(select(Measure).where(Measure.visibility == Visibility.PUBLIC)).one()
        goal = db.session.scalars(select(Goal).where(Goal.visibility == Visibility.PUBLIC)).one()
        goal.source_id = party.id
        db.session.commit()
        title = measure.title
    page = BeautifulSoup(anonymous.get("/plats/torget").get_data(as_text=True), "lxml")
    goals, measures = (
        page.select_one("section[aria-labelledby=goals]"),
        page.select_one("#measures").find_parent("section"),
    )
    assert "Källa: Torget är fritt (politisk källa)" in goals.text
    assert title in measures.text
    assert "Ansvarig: Stadsdelsförvaltningen" in measures.text
    state = page.select_one("section[aria-labelledby=state]").text
    assert "uppgift saknas" in state
    assert "är inte klassad" not in state
