"""What the room tells others: search, feed, evidence and where records are spoken of."""

from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.registry import Window, registry
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.goals.models import EvidenceLink, GoalVersion
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment, an_indicator, an_observation

MEMBER = Reader()
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


def test_search_finds_goals_by_present_earlier_and_coming_words(app: Flask, world: World) -> None:
    with app.test_request_context():
        here = world.partnerships["sergels"]
        goal = a_goal(here, "Ingen handel med narkotika")
        add(GoalVersion(goal_id=goal.id, number=2, text="Torget är öppet för alla", starts="2024"))
        add(GoalVersion(goal_id=goal.id, number=3, text="Torget är öppet dygnet runt", starts="2190"))
        a_goal(here, "Öppet bara för några", visibility=Visibility.AUTHORITIES_ONLY)
        a_goal(world.partnerships["klara"], "Öppet i Klara")
        find = registry.searches["goal"]
        assert [hit.title for hit in find({here: MEMBER}, ["öppet"], 10)] == ["Mål\u00a02: Torget är öppet för alla"]
        assert [hit.text for hit in find({here: MEMBER}, ["öppet"], 10)] == [""]
        assert [hit.text for hit in find({here: MEMBER}, ["handel", "narkotika"], 10)] == ["Tidigare lydelse"]
        assert [hit.text for hit in find({here: MEMBER}, ["dygnet"], 10)] == ["Kommande lydelse"]
        assert find({here: MEMBER}, ["100%"], 10) == []
        park = a_goal(here, "Parken är ren", number=3)
        add(GoalVersion(goal_id=park.id, number=2, text="Parken är ren och lugn", starts="2024"))
        (hit,) = find({here: MEMBER}, ["parken", "ren"], 10)
        assert (hit.title, hit.text) == ("Mål\u00a03: Parken är ren och lugn", "")


def test_search_finds_indicators_with_their_caveat(app: Flask, world: World) -> None:
    with app.test_request_context():
        here = world.partnerships["sergels"]
        an_indicator(here, "Störs kvällstid")
        an_indicator(here, "Störs dolt", visibility=Visibility.AUTHORITIES_ONLY)
        (hit,) = registry.searches["indicator"]({here: MEMBER}, ["störs"], 10)
        assert hit.title == "Störs kvällstid"
        assert "frågans lydelse" in hit.text


def test_the_feed_tells_of_observations_and_assessments_newest_first(
    app: Flask, world: World, officer: FlaskClient
) -> None:
    with app.app_context():
        indicator = an_indicator(world.partnerships["sergels"])
        an_observation(indicator, "2024", "44")
        an_observation(indicator, "2025", "37")
        an_observation(indicator, "2026", "1", visibility=Visibility.AUTHORITIES_ONLY)
        a_goal(world.partnerships["sergels"])
        version = db.session.scalars(select(GoalVersion)).one()
        an_assessment(version)
        an_assessment(version, year=2024, visibility=Visibility.AUTHORITIES_ONLY)
        db.session.commit()
    with app.test_request_context():
        here = world.partnerships["sergels"]
        told = registry.feeds["observation"](here, MEMBER, Window(5))
        assert [hit.text for hit in told] == ["37\u00a0procent (2025)", "44\u00a0procent (2024)"]
        assert len(registry.feeds["observation"](here, MEMBER, Window(1))) == 1
        assert [hit.title for hit in registry.feeds["assessment"](here, MEMBER, Window(5))] == [
            "Mål\u00a02: Uppfylls delvis"
        ]


def test_evidence_is_offered_while_it_is_followed_and_seen(app: Flask, world: World) -> None:
    with app.test_request_context():
        here = world.partnerships["sergels"]
        kept = an_indicator(here, "Följs")
        an_indicator(here, "Slutade", ended_on=date(2024, 12, 31))
        an_indicator(here, "Dold", visibility=Visibility.AUTHORITIES_ONLY)
        an_observation(kept, "2025", "37")
        (offered,) = registry.linkables["indicator"](here, MEMBER, *YEAR)
        assert offered[:2] == (kept.id, "Följs: 37\u00a0procent (2025)")


def test_a_record_tells_which_assessments_rest_on_it_to_those_who_may_read_them(app: Flask, world: World) -> None:
    with app.test_request_context():
        here = world.partnerships["sergels"]
        indicator = an_indicator(here)
        a_goal(here)
        version = db.session.scalars(select(GoalVersion)).one()
        seen = an_assessment(version)
        hidden = an_assessment(version, year=2024, visibility=Visibility.AUTHORITIES_ONLY)
        for assessment in (seen, hidden):
            add(EvidenceLink(assessment_id=assessment.id, indicator_id=indicator.id))
        told = registry.mentions_of("indicator", here, [indicator.id], MEMBER)[indicator.id]
        assert [mention.label for mention in told] == ["Mål\u00a02, Verksamhetsberättelse 2025"]
        assert registry.mentions_of("indicator", world.partnerships["klara"], [indicator.id], MEMBER) == {
            indicator.id: []
        }
        assert {"measure", "activation_event", "decision", "study"} <= registry.mentions.keys()


def test_nothing_is_told_of_a_goal_that_the_reader_may_not_read(app: Flask, world: World) -> None:
    with app.test_request_context():
        here = world.partnerships["sergels"]
        seen = a_goal(here, "Syns", number=1)
        hidden = a_goal(here, "Dolt", number=2, visibility=Visibility.AUTHORITIES_ONLY)
        indicator = an_indicator(here, goals=[seen, hidden])
        closed = an_indicator(here, "Dold", goals=[seen], visibility=Visibility.AUTHORITIES_ONLY)
        an_observation(closed, "2025", "37")
        for version in db.session.scalars(select(GoalVersion)).all():
            assessment = an_assessment(version, lacks_evidence=False)
            add(EvidenceLink(assessment_id=assessment.id, indicator_id=indicator.id))
        told = registry.mentions_of("indicator", here, [indicator.id], MEMBER)[indicator.id]
        assert {mention.label for mention in told} == {"Mål\u00a01, Verksamhetsberättelse 2025", "Mål\u00a01: Syns"}
        assert [label for _, label, _ in registry.linkables["goal"](here, MEMBER, *YEAR)] == ["Mål\u00a01: Syns"]
        feeds = (registry.feeds[name](here, MEMBER, Window(5)) for name in ("assessment", "observation"))
        assert [[hit.title for hit in found] for found in feeds] == [["Mål\u00a01: Uppfylls delvis"], []]
        authority = Reader(sees_authorities=True)
        assert len(registry.mentions_of("indicator", here, [indicator.id], authority)[indicator.id]) == 4
