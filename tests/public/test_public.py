"""The public page of a place holds what is public, and nothing else."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.activations.models import ActivationEvent, EventType
from platssamverkan.agreements.models import Agreement, AgreementKind, AgreementStatus
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.sources import Source, SourceKind
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import (
    DesiredDirection,
    Goal,
    GoalLevel,
    GoalVersion,
    Indicator,
    IndicatorKind,
    Observation,
)
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.partnerships.models import Membership, Partnership
from platssamverkan.places.models import Place, SceneState
from platssamverkan.surveys.models import RoundStatus
from tests.builders import World, add
from tests.public.builders import page_of, plain, publish
from tests.support.site import Site
from tests.surveys.builders import a_round, an_entry


def test_anyone_reads_the_class_of_the_place_what_it_means_and_the_public_texts(
    app: Flask, world: World, anonymous: FlaskClient
) -> None:
    publish(app, world)
    text = anonymous.get("/plats/torget").get_data(as_text=True)
    assert "är klassad som öppen drogscen" in text
    assert "Källa: Tjänsteutlåtande" in text
    assert "Torget är tryggt" in text
    assert "Åtgärd public" in text
    assert "Klassningens år: uppgift saknas" in " ".join(BeautifulSoup(text, "lxml").text.split())
    for closed in ("Internt mål", "Åtgärd partnership", "Åtgärd authorities_only", "Åtgärd actor_internal"):
        assert closed not in text


@pytest.mark.parametrize("state", [*SceneState, None])
def test_what_is_written_of_the_class_is_told_whatever_the_class(
    app: Flask, world: World, anonymous: FlaskClient, state: SceneState | None
) -> None:
    publish(app, world)
    with app.app_context():
        place = db.session.get(Place, world.places["square"])
        place.scene_state, place.scene_state_note = state, "Bedöms på nytt i vår."
        db.session.commit()
    section = BeautifulSoup(anonymous.get("/plats/torget").text, "lxml").find(id="state").find_parent("section")
    assert " Bedöms på nytt i vår." in section.p.text
    assert "vår.." not in section.text


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
        page.select_one("#other-measures").find_parent("section"),
    )
    assert "Källa: Torget är fritt (politisk källa)" in goals.text
    assert title in measures.text
    assert "Ansvarig: Stadsdelsförvaltningen" in measures.text
    state = page.select_one("section[aria-labelledby=state]").text
    assert "uppgift saknas" in state
    assert "är inte klassad" not in state


def test_the_foot_of_an_open_page_leads_only_to_open_pages(anonymous: FlaskClient) -> None:
    links = BeautifulSoup(anonymous.get("/plats").text, "lxml").select(".footer a")
    assert {link.text: anonymous.get(link["href"]).status_code for link in links} == {
        "Alla platser": 200,
        "Tillgänglighet": 200,
    }


DEMO = {
    "klara": "Platssamverkan i Klaraområdet",
    "sergels-torg": "Platssamverkan på Sergels torg",
    "odenplan-observatorielunden": "Platssamverkan vid Odenplan/Observatorielunden",
    "blackeberg": "Platssamverkan i Blackeberg",
    "jakobsberg": "Platssamverkan vid Jakobsbergs centrum och Jakobsbergs station",
}


@pytest.mark.parametrize("slug", DEMO)
def test_every_place_of_the_demo_has_the_headings_in_their_order_and_its_day(site: Site, slug: str) -> None:
    page = page_of(site.client(None), slug)
    assert plain(page.h1) == DEMO[slug]
    assert "samverkar kring" in plain(page.select_one(".lead"))
    assert [plain(heading) for heading in page.select("h2")] == [
        "Utmaning och klassning",
        "Gemensamma mål",
        "Genomförda åtgärder",
        "Pågående och andra åtgärder",
        "Det här händer",
        "Metod",
        "Organisation",
        "Gruppen består av representanter från",
    ]
    assert re.search(r"Uppdaterad: \d+ \w+ 20\d\d\.", plain(page.select_one("main")))
    for section in page.select("section:not([aria-labelledby=events], [aria-labelledby=method])"):
        assert "Källa: " in section.text or section.select_one(".muted, .missing"), plain(section.h2)


def test_the_class_has_the_year_of_the_survey_that_says_so(site: Site) -> None:
    client = site.client(None)
    state = plain(page_of(client, "klara").select_one("section[aria-labelledby=state]"))
    assert "klassad som öppen drogscen i kartläggningen för Stockholms län 2023." in state
    # Only the place's type was classified here.
    assert "Klassningen är gjord" not in state
    state = plain(page_of(client, "blackeberg").select_one("section[aria-labelledby=state]"))
    assert "Upplevd trygghet: Utmaning jämfört med andra områden" in state
    assert "Stockholms stads trygghetsmätning 2023" in state
    assert "Klassad av: polisen. Källans år: uppgift saknas." in state
    assert "Klassningens år: uppgift saknas." in state


def test_a_proposal_a_draft_and_a_contract_for_guards_are_not_told(
    app: Flask, world: World, anonymous: FlaskClient
) -> None:
    publish(app, world)
    with app.app_context():
        partnership_id = world.partnerships["sergels"]
        db.session.scalars(
            select(Measure).where(Measure.visibility == Visibility.PUBLIC)
        ).one().status = MeasureStatus.PROPOSED
        told, guards = AgreementKind.PLACE_AGREEMENT, AgreementKind.SERVICE_CONTRACT
        for title, kind, status, visibility in (
            ("Avtal om torget", told, AgreementStatus.ACTIVE, Visibility.PUBLIC),
            ("Nytt avtal", told, AgreementStatus.DRAFT, Visibility.PUBLIC),
            ("Eget avtal", told, AgreementStatus.ACTIVE, Visibility.PARTNERSHIP),
            ("Avtal om vakter", guards, AgreementStatus.ACTIVE, Visibility.PUBLIC),
        ):
            add(Agreement(partnership_id=partnership_id, title=title, kind=kind, status=status, visibility=visibility))
        db.session.commit()
    text = plain(page_of(anonymous, "torget"))
    assert "Avtal om torget" in text
    for closed in ("Åtgärd public", "Nytt avtal", "Eget avtal", "Avtal om vakter"):
        assert closed not in text


def test_a_figure_is_told_when_it_is_public_and_says_where_it_comes_from(
    app: Flask, world: World, anonymous: FlaskClient
) -> None:
    publish(app, world)
    with app.app_context():
        for name, of_indicator, visibility, origin in (
            ("Trivsel", Visibility.PUBLIC, Visibility.PUBLIC, "Enkät på torget"),
            ("Städning", Visibility.PUBLIC, Visibility.PUBLIC, None),
            ("Närvaro", Visibility.PARTNERSHIP, Visibility.PUBLIC, "Egen räkning"),
            ("Anmälningar", Visibility.PUBLIC, Visibility.AUTHORITIES_ONLY, "Egen räkning"),
        ):
            indicator = add(
                Indicator(
                    partnership_id=world.partnerships["sergels"],
                    place_id=world.places["square"],
                    name=name,
                    kind=IndicatorKind.PERCEPTION_SURVEY,
                    desired_direction=DesiredDirection.UP,
                    visibility=of_indicator,
                )
            )
            for year, value in (("2024", 50), ("2025", 62)):
                observation = Observation(indicator_id=indicator.id, starts=year, ends=year, sort_key=year, value=value)
                observation.visibility, observation.origin = visibility, origin
                add(observation)
        db.session.commit()
    state = plain(page_of(anonymous, "torget").select_one("section[aria-labelledby=state]"))
    assert "Trivsel: 62 2025" in state
    assert "Källa: Enkät på torget" in state
    assert "Att tänka på:" in state
    for untold in ("Städning", "Närvaro", "Anmälningar", "50"):
        assert untold not in state


def test_only_those_who_take_part_and_what_goes_on_is_told(app: Flask, world: World, anonymous: FlaskClient) -> None:
    publish(app, world)
    with app.app_context():
        for name, changes in (("owner", {"left_on": date(2024, 1, 1)}), ("police", {"is_example": True})):
            membership = db.session.get(Membership, world.memberships["sergels", name])
            for field, value in changes.items():
                setattr(membership, field, value)
        square = db.session.get(Place, world.places["square"])
        add(Partnership(slug="forr", name="Förra samverkan", places=[square], is_active=False))
        db.session.commit()
    text = plain(page_of(anonymous, "torget"))
    assert "Trafikkontoret" in text
    for untold in ("Fastighetsbolaget", "Polisen", "Förra samverkan"):
        assert untold not in text


def test_neither_whole_nor_part_nor_survey_is_told_before_it_is_published(
    app: Flask, world: World, anonymous: FlaskClient
) -> None:
    publish(app, world)
    with app.app_context():
        add(Place(slug="trappan", name="Trappan", part_of_id=world.places["square"]))
        coming = a_round("kommande", 2026, status=RoundStatus.PLANNED)
        said = {"state": SceneState.CLASSIFIED, "source_id": world.source, "change_text": "Ska bedömas i vår"}
        an_entry(coming.id, world.places["square"], **said)
        db.session.commit()
    text = plain(page_of(anonymous, "torget"))
    for untold in ("Trappan", "Klaraområdet", "Ska bedömas i vår"):
        assert untold not in text


def test_the_page_asks_as_much_of_the_database_with_much_on_it_as_with_little(
    app: Flask,
    world: World,
    anonymous: FlaskClient,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    publish(app, world)
    with count_queries() as few:
        assert anonymous.get("/plats/torget").status_code == 200
    with app.app_context():
        for number in range(10, 60):
            other = add(Source(key=f"s{number}", title=f"Källa {number}", kind=SourceKind.AUTHORITY))
            goal = Goal(partnership_id=world.partnerships["sergels"], level=GoalLevel.SUBGOAL, number=number)
            goal.visibility, goal.source_id = Visibility.PUBLIC, other.id
            add(goal)
            add(GoalVersion(goal_id=goal.id, text=f"Delmål {number}"))
            measure = Measure(partnership_id=world.partnerships["sergels"], number=number, title=f"Klar {number}")
            measure.place_id, measure.status = world.places["square"], MeasureStatus.COMPLETED
            measure.visibility, measure.source_id = Visibility.PUBLIC, other.id
            measure.starts = "2020" if number < 58 else None
            add(measure)
        db.session.commit()
    with count_queries() as many:
        page = page_of(anonymous, "torget")
    assert len(many) == len(few) <= 16
    done = plain(page.select_one("#measures").find_parent("section"))
    # Those whose start is known come first, in both databases.
    assert done.count("Klar ") == 12
    assert "Klar 58" not in done
    assert "De 12 senast påbörjade visas." in done


def test_the_day_of_the_page_is_that_of_the_last_change_of_what_it_shows(
    app: Flask, world: World, anonymous: FlaskClient
) -> None:
    publish(app, world)
    with time_machine.travel("2090-05-04T12:00+02:00"), app.app_context():
        db.session.scalars(select(Goal).where(Goal.visibility == Visibility.PUBLIC)).one().number = 7
        db.session.commit()
    with time_machine.travel("2091-06-05T12:00+02:00"), app.app_context():
        db.session.scalars(select(Goal).where(Goal.visibility == Visibility.PARTNERSHIP)).one().number = 8
        db.session.commit()
    assert "Uppdaterad: 4 maj 2090." in plain(page_of(anonymous, "torget"))


def test_what_happens_on_a_part_of_the_place_is_told_with_its_name_and_only_when_public(
    app: Flask, world: World, anonymous: FlaskClient
) -> None:
    publish(app, world)
    with app.app_context():
        db.session.get(Place, world.places["klara"]).source_id = world.source
        for title, visibility, hours in (
            ("Konsert", Visibility.PUBLIC, 24),
            ("Över", Visibility.PUBLIC, -24),
            ("Internt", Visibility.PARTNERSHIP, 24),
        ):
            starts = clock.now() + timedelta(hours=hours)
            event = ActivationEvent(
                partnership_id=world.partnerships["sergels"],
                place_id=world.places["square"],
                title=title,
                type=EventType.PERFORMING_ARTS,
                starts_at=starts,
                ends_at=starts + timedelta(hours=2),
                organiser_id=world.actors["owner"],
            )
            event.visibility = visibility
            add(event)
        db.session.commit()
    page = page_of(anonymous, "klara")
    events = plain(page.select_one("section[aria-labelledby=events]"))
    assert "Konsert" in events
    assert "Sergels torg. Arrangör: Fastighetsbolaget" in events
    assert "Nästa platsaktiveringKonsert" in plain(page.select_one(".fact-row"))
    for untold in ("Över", "Internt"):
        assert untold not in events
    assert page.select_one('a[href="/plats/torget"]')


def test_anyone_finds_the_places_that_have_a_page(
    app: Flask, world: World, anonymous: FlaskClient, parse: Callable[..., BeautifulSoup], count_queries: Any
) -> None:
    publish(app, world)
    page = parse(anonymous.get("/plats"))
    # The area has neither a source nor been reviewed.
    assert [link["href"] for link in page.select("tbody th a")] == ["/plats/torget"]
    assert "Klaraområdet" not in page.get_text()
    assert parse(anonymous.get("/plats/torget")).select_one('.breadcrumbs a[href="/plats"]')
    assert "Inga platser passar filtret" in anonymous.get("/plats?text=finnsinte").get_data(as_text=True)
    with count_queries() as few:
        anonymous.get("/plats")
    with app.app_context():
        db.session.get(Place, world.places["klara"]).source_id = world.source
        db.session.commit()
    assert "Del av Klaraområdet" in parse(anonymous.get("/plats")).select("tbody th")[-1].get_text()
    with app.app_context():
        for number in range(30):
            add(Place(slug=f"plats-{number}", name=f"Plats {number}", types=[], source_id=world.source))
        db.session.commit()
    with count_queries() as many:
        assert "1–25\xa0av\xa032 platser" in parse(anonymous.get("/plats")).text
    assert len(many) == len(few)
