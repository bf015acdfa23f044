"""A place with a public page, and its page as it is read."""

from bs4 import BeautifulSoup
from bs4.element import Tag
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.core.db import db
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


def page_of(client: FlaskClient, slug: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(f"/plats/{slug}").get_data(as_text=True), "lxml")


def plain(tag: Tag) -> str:
    return " ".join(tag.text.split())
