"""What a place's public page leaves out: what is over, what has no source, and what does not hold."""

from datetime import date, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.activations.models import ActivationEvent, EventStatus, EventType
from platssamverkan.core import clock, formatting
from platssamverkan.core.db import db
from platssamverkan.core.sources import Source, SourceKind
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import Goal, GoalLevel, GoalVersion
from platssamverkan.partnerships.models import Membership, Partnership
from platssamverkan.places.models import SceneState
from tests.builders import World, add
from tests.goals.builders import a_goal, an_indicator, an_observation
from tests.public.builders import page_of, plain, publish
from tests.surveys.builders import a_round, an_entry

OPEN = {"visibility": Visibility.PUBLIC}


def test_each_fact_at_the_top_has_its_source_and_one_without_is_left_out(
    app: Flask, world: World, anonymous: FlaskClient
) -> None:
    publish(app, world)
    with app.app_context():
        partnership = db.session.get(Partnership, world.partnerships["sergels"])
        partnership.started_year = 2020
        goal = db.session.scalars(select(Goal).where(Goal.visibility == Visibility.PUBLIC)).one()
        goal.level = GoalLevel.OVERALL
        db.session.commit()
    assert page_of(anonymous, "torget").select_one(".fact-row") is None
    with app.app_context():
        db.session.get(Partnership, world.partnerships["sergels"]).source_id = world.source
        db.session.scalars(select(Goal).where(Goal.visibility == Visibility.PUBLIC)).one().source_id = world.source
        db.session.commit()
    facts = [plain(fact) for fact in page_of(anonymous, "torget").select(".fact-row > div")]
    assert facts == [
        "Gemensamt målTorget är tryggtKälla: Tjänsteutlåtande, 2024",
        "Arbetet pågår sedan2020Källa: Tjänsteutlåtande, 2024",
    ]


def test_goals_at_the_top_have_their_own_sources(app: Flask, world: World, anonymous: FlaskClient) -> None:
    publish(app, world)
    with app.app_context():
        other = add(Source(key="annan", title="Verksamhetsplan", kind=SourceKind.AUTHORITY)).id
        db.session.scalars(select(Goal).where(Goal.visibility == Visibility.PUBLIC)).one().visibility = "partnership"
        for number, (text, source) in enumerate(
            [("Ett", world.source), ("Två", world.source), ("Tre", other)], start=10
        ):
            goal = Goal(partnership_id=world.partnerships["sergels"], level=GoalLevel.OVERALL, number=number)
            goal.visibility, goal.source_id = Visibility.PUBLIC, source
            add(goal)
            add(GoalVersion(goal_id=goal.id, text=text))
        db.session.commit()
    (goals,) = page_of(anonymous, "torget").select(".fact-row > div")
    assert [plain(told) for told in goals.select("dd")] == [
        "Ett", "Två", "Källa: Tjänsteutlåtande, 2024", "Tre", "Källa: Verksamhetsplan",
    ]  # fmt: skip


def test_goals_of_lower_levels_are_not_at_the_top(app: Flask, world: World, anonymous: FlaskClient) -> None:
    publish(app, world)
    with app.app_context():
        a_goal(world.partnerships["sergels"], number=9, source_id=world.source, **OPEN)
        db.session.commit()
    page = page_of(anonymous, "torget")
    assert "Torget är en trygg plats" in page.find(id="goals").find_parent("section").text
    assert page.select_one(".fact-row") is None


@pytest.mark.parametrize(("ended", "told"), [(None, True), (0, True), (-1, False)])
def test_goals_and_figures_are_told_until_they_end(
    app: Flask, world: World, anonymous: FlaskClient, ended: int | None, told: bool
) -> None:
    publish(app, world)
    with app.app_context():
        on: date | None = None if ended is None else clock.today() + timedelta(days=ended)
        here = world.partnerships["sergels"]
        a_goal(here, "Ett mål till", number=9, ended_on=on, **OPEN)
        indicator = an_indicator(here, "Trivsel", place_id=world.places["square"], ended_on=on, **OPEN)
        an_observation(indicator, "2025", "62", origin="Enkät", **OPEN)
        db.session.commit()
    text = plain(page_of(anonymous, "torget"))
    assert ("Ett mål till" in text, "Trivsel: 62" in text) == (told, told)


def test_an_event_that_is_called_off_is_not_told(app: Flask, world: World, anonymous: FlaskClient) -> None:
    publish(app, world)
    # What was logged when it had begun is called held, and goes on all the same.
    starts = clock.now() - timedelta(hours=1)
    with app.app_context():
        for status in EventStatus:
            event = ActivationEvent(
                partnership_id=world.partnerships["sergels"], place_id=world.places["square"], type=EventType.ART,
                title=f"Dans {status.value}", starts_at=starts, ends_at=starts + timedelta(hours=24), status=status,
                organiser_id=world.actors["owner"], **OPEN,
                cancel_reason="Regn" if status is EventStatus.CANCELLED else None,
            )  # fmt: skip
            add(event)
        db.session.commit()
    text = plain(page_of(anonymous, "torget"))
    assert [status for status in EventStatus if f"Dans {status.value}" in text] == [
        EventStatus.PLANNED,
        EventStatus.HELD,
    ]


def test_an_event_of_several_days_tells_its_first_day_once(app: Flask, world: World, anonymous: FlaskClient) -> None:
    publish(app, world)
    first = clock.today() + timedelta(days=3)
    starts, ends = clock.at_local(first, time(10)), clock.at_local(first + timedelta(days=2), time(16))
    with app.app_context():
        add(
            ActivationEvent(
                partnership_id=world.partnerships["sergels"], place_id=world.places["square"], type=EventType.ART,
                title="Ljus på torget", starts_at=starts, ends_at=ends, status=EventStatus.PLANNED,
                organiser_id=world.actors["owner"], **OPEN,
            )
        )  # fmt: skip
        db.session.commit()
    page = page_of(anonymous, "torget")
    at_the_top = page.find("dt", string="Nästa platsaktivering").find_next_siblings("dd")[1]
    when = " ".join(formatting.span(starts, ends).split())
    assert [plain(at_the_top), plain(page.select_one("section[aria-labelledby=events] time"))] == [when, when]


def test_what_a_survey_says_without_a_source_is_not_told(app: Flask, world: World, anonymous: FlaskClient) -> None:
    publish(app, world)
    with app.app_context():
        round_id = a_round("lan-2023", 2023).id
        said = {"state": SceneState.CLASSIFIED, "change_text": "Ytan har minskat"}
        an_entry(round_id, world.places["square"], **said)
        db.session.commit()
    assert "Ytan har minskat" not in plain(page_of(anonymous, "torget"))
    with app.app_context():
        an_entry(round_id, world.places["square"], source_id=world.source, **said)
        db.session.commit()
    assert "Ytan har minskat" in plain(page_of(anonymous, "torget"))


def test_who_leads_is_named_first_only_when_taking_part(app: Flask, world: World, anonymous: FlaskClient) -> None:
    publish(app, world)
    lead = page_of(anonymous, "torget").select_one(".lead")
    assert plain(lead) == "Stadsdelsförvaltningen och 3 andra aktörer samverkar kring Sergels torg."
    with app.app_context():
        db.session.get(Membership, world.memberships["sergels", "district"]).left_on = date(2024, 1, 1)
        db.session.commit()
    lead = page_of(anonymous, "torget").select_one(".lead")
    assert plain(lead) == "3 aktörer samverkar kring Sergels torg."


def test_the_page_says_who_answers_for_it(app: Flask, world: World, anonymous: FlaskClient) -> None:
    publish(app, world)
    assert "Ansvarig för sidan: Stadsdelsförvaltningen." in plain(page_of(anonymous, "torget"))
    with app.app_context():
        db.session.get(Partnership, world.partnerships["sergels"]).lead_actor_id = None
        db.session.commit()
    assert "Ansvarig för sidan: uppgift saknas." in plain(page_of(anonymous, "torget"))
