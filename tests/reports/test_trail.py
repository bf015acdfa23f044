"""The trail of a figure is walked by links, in both directions and without a detour."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.activations.models import EventStatus
from platssamverkan.briefings.models import BriefingState
from platssamverkan.core.db import db
from platssamverkan.goals.models import EvidenceLink, QualitativeDirection, Study
from platssamverkan.measures.models import Measure
from platssamverkan.meetings.models import Decision, MinutesItem
from tests.activations.builders import an_event
from tests.briefings.builders import a_briefing, a_line
from tests.builders import World, add
from tests.goals.builders import a_goal, an_indicator, an_observation
from tests.measures.builders import a_cause, a_follow_up, a_problem
from tests.reports.builders import a_period
from tests.support.pdf_check import pdf_links

HOME = "/samverkan/sergels"
REPORT = f"{HOME}/rapporter/maluppfyllelse/2026/vb"


@pytest.fixture
def addresses(app: Flask, world: World) -> dict[str, str]:
    """Return the addresses of a chain: what a briefing raised, decided as a measure, seen and assessed."""
    with app.app_context():
        ids = a_period(world, approved=False)
        decision = db.session.scalars(select(Decision)).one()
        briefing = a_briefing(world, "sergels", state=BriefingState.HELD)
        line = a_line(world, briefing, text="Mörkt vid trappan")
        db.session.get_one(MinutesItem, decision.item_id).briefing_item_id = line.id
        problem = a_problem(world)
        measure = db.session.get_one(Measure, ids["measure"])
        measure.cause_id = a_cause(world, problem).id
        a_follow_up(measure, indicator_id=ids["indicator"])
        study = add(Study(partnership_id=world.partnerships["sergels"], title="Flickor på torget"))
        rests_on = {"decision": decision.id, "measure": measure.id, "indicator": ids["indicator"], "study": study.id}
        for kind, row_id in (*rests_on.items(), ("activation_event", ids["event"])):
            add(EvidenceLink(assessment_id=ids["assessment"], **{f"{kind}_id": row_id}))
        db.session.commit()
        item = f"{HOME}/moten/{ids['meeting']}/punkt/{decision.item_id}"
        return {
            "decision": f"{item}#beslut-{decision.id}",
            "item": f"{item}#punkt-{decision.item_id}",
            "meeting": f"{HOME}/moten/{ids['meeting']}",
            "minutes": f"{HOME}/rapporter/minnesanteckningar/{ids['meeting']}",
            "line": f"{HOME}/utstallningar/{briefing.id}#rad-{line.id}",
            "measure": f"{HOME}/atgarder/{ids['measure']}",
            "problem": f"{HOME}/atgarder/problem/{problem.id}",
            "indicator": f"{HOME}/mal/indikatorer/{ids['indicator']}",
            "event": f"{HOME}/platsaktivering/{ids['event']}",
            "study": f"{HOME}/mal/studier#studie-{study.id}",
            "goal": f"{HOME}/mal/{ids['goal']}",
            "assessment": f"{HOME}/mal/{ids['goal']}/bedomning/2026/vb",
            "report": REPORT,
            "counted": f"{REPORT}/underlag/beslut?for=partnership",
        }


EVIDENCE = ["decision", "measure", "indicator", "event", "study"]


@pytest.mark.parametrize(
    ("place", "leads_to"),
    [
        ("report", ["assessment", "goal", "meeting", *EVIDENCE]),
        ("counted", ["decision"]),
        ("assessment", ["report", "goal", *EVIDENCE]),
        ("goal", ["assessment", *EVIDENCE]),
        ("indicator", ["assessment", "goal"]),
        ("event", ["assessment", "goal"]),
        ("study", ["assessment"]),
        ("measure", ["decision", "problem", "goal", "indicator", "assessment"]),
        ("problem", ["measure"]),
        ("decision", ["line", "measure", "assessment", "minutes"]),
        ("meeting", ["item", "minutes"]),
        ("minutes", ["line", "measure"]),
        ("line", ["item"]),
    ],
)
def test_each_record_leads_to_its_neighbours(
    coordinator: FlaskClient, addresses: dict[str, str], parse: Any, place: str, leads_to: list[str]
) -> None:
    page = parse(coordinator.get(addresses[place]))
    links = {a["href"] for a in page.select("main a[href]")}
    assert [name for name in leads_to if addresses[name] not in links] == []


def test_links_in_the_file_lead_to_the_site(coordinator: FlaskClient, addresses: dict[str, str]) -> None:
    links = pdf_links(coordinator.get(f"{REPORT}.pdf").data)
    assert {link.split("/samverkan/")[0] for link in links} == {"http://localhost"}
    for name in ("assessment", "goal", *EVIDENCE):
        assert f"http://localhost{addresses[name]}" in links
    assert f"http://localhost{REPORT}/underlag/platsaktiveringar-genomforda-10?for=partnership" in links


def test_each_observation_in_figures_or_words_cites_what_it_was_taken_from(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        figures, words = (an_indicator(world.partnerships["sergels"], name, goals=[goal]) for name in ("Störs", "Våld"))
        for year in ("2024", "2025", "2026"):
            an_observation(figures, year, year[-2:], origin=f"Enkät {year}")
        said = {"direction": QualitativeDirection.DECREASED, "statement": "Färre anmälningar"}
        an_observation(words, "2026", origin="Polisen", **said)
        db.session.commit()
    page = parse(coordinator.get(REPORT))

    def cited(cell: Any) -> str:
        source = page.select_one(cell.select_one("sup a")["href"])
        return str(source.a.next_sibling).strip().removeprefix(". Ursprung: ")

    observed = {item.text.split("[")[0].replace("\xa0", " "): cited(item) for item in page.select("ul.observations li")}
    assert observed == {
        **{f"{year}: {year[-2:]} procent": f"Enkät {year}" for year in ("2024", "2025", "2026")},
        "2026: minskat. Färre anmälningar": "Polisen",
    }
    latest = page.select("td[data-label='Senaste uppgift']")
    assert [cited(cell) for cell in latest] == ["Enkät 2026", "Polisen"]


def test_a_measure_that_an_assessment_rests_on_is_one_source_with_its_origin(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        made = a_period(world)
        add(EvidenceLink(assessment_id=made["assessment"], measure_id=made["measure"]))
        db.session.get_one(Measure, made["measure"]).source_id = world.source
        db.session.commit()
    page = parse(coordinator.get(REPORT))
    cited = page.select(f".sources li > a[href$='/atgarder/{made['measure']}']")
    assert ["Ursprung: Tjänsteutlåtande" in link.next_sibling for link in cited] == [True]


def test_the_latest_value_beside_newer_words_cites_a_source_of_its_own(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        for name, origin in (("Störs", "Enkät 2024"), ("Våld", "Polisen")):
            indicator = an_indicator(world.partnerships["sergels"], name, goals=[goal])
            an_observation(indicator, "2024", "37", origin=origin)
            an_observation(indicator, "2025", direction=QualitativeDirection.DECREASED, origin="Polisen")
        db.session.commit()
    page = parse(coordinator.get(REPORT))
    cited = [
        [page.select_one(mark["href"]).a.next_sibling.strip() for mark in cell.select("sup a")]
        for cell in page.select("td[data-label='Senaste uppgift']")
    ]
    assert cited == [[". Ursprung: Polisen", ". Ursprung: Enkät 2024"], [". Ursprung: Polisen"]]


def test_a_cancelled_event_is_not_said_to_serve_the_goal(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        for status in (EventStatus.HELD, EventStatus.PLANNED, EventStatus.CANCELLED):
            reason = "Regn" if status is EventStatus.CANCELLED else None
            an_event(world, title=status.label, goals=[goal], status=status, cancel_reason=reason)
        db.session.commit()
        figure = f"a[href*='platsaktiveringar-for-mal-{goal.id}']"
    page = parse(coordinator.get(REPORT))
    assert page.select_one(figure).text == "2\xa0platsaktiveringar"
    # It is told of as cancelled among the goal's events.
    assert len(page.select(".columns-events tbody tr")) == 3


def test_what_a_goal_rests_on_is_told_in_good_swedish(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        made = a_period(world)
        decision = db.session.scalars(select(Decision)).one()
        add(EvidenceLink(assessment_id=made["assessment"], decision_id=decision.id))
        db.session.commit()
    told = [line.text for line in parse(coordinator.get(REPORT)).select("main p")]
    (evidence,) = [text for text in told if text.startswith("Underlag: ")]
    assert evidence.rpartition("[")[0].endswith("Polisen tar fram en plan.")
    assert evidence.endswith("]")
    (events,) = [text for text in told if "bidrar till målet" in text]
    assert events.endswith(" Den står under Platsaktivering.")
