"""Two who change goals, indicators and assessments at the same moment, or one after the other from the same page."""

from collections.abc import Callable
from functools import partial

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.goals.models import EvidenceLink, Goal, GoalAssessment, GoalVersion, indicator_goal
from tests.builders import World, add
from tests.conftest import SignIn
from tests.goals.builders import a_goal, an_assessment, an_indicator
from tests.goals.test_approving import asked_to_approve
from tests.goals.test_assessment_views import MADE, path
from tests.goals.test_goal_views import HERE, WORDS
from tests.goals.test_indicator_views import INDICATOR, given_indicator
from tests.support.at_once import overlapping

Parse = Callable[..., BeautifulSoup]


def two_goals(app: Flask, world: World) -> list[int]:
    with app.app_context():
        ids = [a_goal(world.partnerships["sergels"], number=number).id for number in (1, 2)]
        db.session.commit()
        return ids


def test_two_goals_are_never_placed_below_each_other(
    app: Flask, world: World, coordinator: FlaskClient, sign_in: SignIn
) -> None:
    one, other = two_goals(app, world)
    below = {"level": "direction", "number": "1", "visibility": "partnership", "version": "1"}
    answers = overlapping(
        partial(coordinator.post, f"{HERE}/{one}/andra", data={**below, "parent_id": str(other)}),
        partial(sign_in("coordinator").post, f"{HERE}/{other}/andra", data={**below, "parent_id": str(one)}),
    )
    assert [answer.status_code for answer in answers] == [303, 422]
    with app.app_context():
        assert db.session.get_one(Goal, other).parent_id is None


def test_the_words_that_are_just_being_assessed_stand(
    app: Flask, world: World, coordinator: FlaskClient, officer: FlaskClient
) -> None:
    goal_id, _ = two_goals(app, world)
    spelling = {**WORDS, "manner": "spelling"}
    assessed, reworded = overlapping(
        partial(officer.post, f"{HERE}/{goal_id}/bedomning/2025/vb/andra", data=MADE),
        partial(coordinator.post, f"{HERE}/{goal_id}/lydelse", data=spelling),
    )
    assert assessed.status_code == 303
    assert reworded.status_code in {303, 422}
    with app.app_context():
        version = db.session.scalars(select(GoalVersion).join(GoalAssessment)).one()
        assert version.text == "Torget är en trygg plats"


def an_assessed_goal(app: Flask, world: World) -> tuple[int, list[int]]:
    """Return a goal whose assessment for 2025 rests on two indicators, and these."""
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        version = db.session.scalars(select(GoalVersion)).one()
        assessment = an_assessment(version, lacks_evidence=False)
        ids = [an_indicator(world.partnerships["sergels"], name=name).id for name in ("Störs", "Oroas")]
        for one in ids:
            add(EvidenceLink(assessment_id=assessment.id, indicator_id=one))
        made = goal.id, ids
        db.session.commit()
        return made


def shown(app: Flask) -> dict[str, str]:
    """Return what the form of the assessment holds, but for its evidence."""
    with app.app_context():
        assessment = db.session.scalars(select(GoalAssessment)).one()
        return {name: str(getattr(assessment, name)) for name in ("grade", "motivation", "visibility", "version")}


def test_what_an_assessment_rests_on_stands_from_the_moment_it_is_approved(
    app: Flask, world: World, coordinator: FlaskClient, officer: FlaskClient, parse: Parse
) -> None:
    goal_id, indicators = an_assessed_goal(app, world)
    approve = asked_to_approve(coordinator, parse)
    approved, late = overlapping(
        partial(coordinator.post, f"{HERE}/bedomning/faststall", data=approve),
        partial(officer.post, path(goal_id), data={**shown(app), "indicator": str(indicators[0])}),
    )
    assert (approved.status_code, late.status_code) == (303, 409)
    with app.app_context():
        assert sorted(db.session.scalars(select(EvidenceLink.indicator_id))) == sorted(indicators)


def test_who_approves_second_is_told_that_it_is_done(
    app: Flask, world: World, coordinator: FlaskClient, officer: FlaskClient, parse: Parse
) -> None:
    an_assessed_goal(app, world)
    asked = [asked_to_approve(who, parse) for who in (coordinator, officer)]
    _, late = overlapping(
        *(
            partial(who.post, f"{HERE}/bedomning/faststall", data=data)
            for who, data in zip((coordinator, officer), asked, strict=True)
        )
    )
    assert late.status_code == 409
    assert "Någon annan kan ha hunnit före dig." in late.text


def test_evidence_that_was_changed_meanwhile_is_not_saved_over(app: Flask, world: World, officer: FlaskClient) -> None:
    goal_id, indicators = an_assessed_goal(app, world)
    # The first save notes who assessed and on which day; from then on only the evidence differs.
    both = {**shown(app), "indicator": [str(one) for one in indicators]}
    assert officer.post(path(goal_id), data=both).status_code == 303
    page = shown(app)
    assert officer.post(path(goal_id), data={**page, "indicator": str(indicators[0])}).status_code == 303
    assert officer.post(path(goal_id), data={**page, "indicator": str(indicators[1])}).status_code == 409
    with app.app_context():
        assert list(db.session.scalars(select(EvidenceLink.indicator_id))) == [indicators[0]]


def test_the_goals_of_an_indicator_that_were_changed_meanwhile_are_not_saved_over(
    app: Flask, world: World, coordinator: FlaskClient
) -> None:
    goals = two_goals(app, world)
    indicator_id = given_indicator(app, world)

    def save(version: str, goal_id: int) -> int:
        data = {**INDICATOR, "version": version, "goals": str(goal_id)}
        return coordinator.post(f"{HERE}/indikatorer/{indicator_id}/andra", data=data).status_code

    assert [save("1", goals[0]), save("2", goals[1]), save("2", goals[0])] == [303, 303, 409]
    with app.app_context():
        assert list(db.session.scalars(select(indicator_goal.c.goal_id))) == [goals[1]]
