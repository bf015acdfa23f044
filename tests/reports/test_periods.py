"""What the report of a period says of what began, ended or was changed outside it."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from platssamverkan.core.db import db
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.goals.models import GoalLevel, GoalVersion
from platssamverkan.measures import services
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.meetings.models import Meeting
from tests.activations.builders import an_event
from tests.builders import World, add
from tests.goals.builders import a_goal
from tests.measures.builders import a_follow_up, a_measure
from tests.reports.builders import a_forum
from tests.support.pdf_check import pdf_attachments

T1 = "/samverkan/sergels/rapporter/maluppfyllelse/2026/t1"
VB = T1.replace("t1", "vb")
AUTUMN = date(2026, 10, 3)


@pytest.fixture(autouse=True)
def _a_day_in_november() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        yield


def rows(page: BeautifulSoup, table: str) -> dict[str, str]:
    """Return title → status of the measures in the table with the label."""
    told = {}
    for row in page.select(f"[aria-label='Åtgärder, {table}'] tbody tr"):
        _responsible, *status = row.select_one("td[data-label='Ansvarig och läge']").stripped_strings
        told[row.th.text.split("]", 1)[1].split("Utan")[0].strip()] = " ".join(status).replace("\xa0", " ")
    return told


def test_what_ended_later_had_not_ended_when_the_period_did(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        begun = {"starts": "2026-02", "due_on": date(2026, 4, 1), "goal_ids": [goal.id]}
        done = a_measure(world, title="Klar i oktober", outcome_text="Lugnare kvällar.", **begun)
        services.close(done, on=AUTUMN, is_needed=False, reason="Klart")
        services.cancel(a_measure(world, title="Avbruten i oktober", **begun), reason="Pengarna är slut", on=AUTUMN)
        unknown = a_measure(world, title="Okänd början", due_on=None, goal_ids=[goal.id])
        services.close(unknown, on=AUTUMN, is_needed=False, reason="Klart")
        db.session.commit()
    page = parse(coordinator.get(T1))
    going_on = f"{page.select_one('h3.goal-title').text}, pågår eller är beslutade"
    later = "Inte avslutad vid periodens slut klart senast 1 april 2026"
    assert rows(page, going_on) == {"Klar i oktober": later, "Avbruten i oktober": later}
    risks = page.select_one("#deviations").find_next("ul").text
    assert risks.count("Försenad:") == 2
    assert "Avbruten:" not in risks
    assert "Lugnare kvällar." not in page.text
    assert "Lugnare kvällar." in coordinator.get(VB).text
    counted = parse(coordinator.get(f"{T1}/underlag/atgarder-pagar"))
    assert [row.select("td")[1].text for row in counted.select("#counted tbody tr")] == [
        later.removesuffix(" klart senast 1 april 2026")
    ] * 2
    content = pdf_attachments(coordinator.get(f"{T1}.pdf").data)["underlag.csv"].decode("utf-8-sig")
    attached = [row for row in csv.DictReader(io.StringIO(content), delimiter=";") if row["Avsnitt"] == "Åtgärd"]
    ended_later = "Inte avslutad vid periodens slut"
    assert [(row["Period"], row["I ord"]) for row in attached] == [
        *([("", ended_later)] * 2),
        ("", "Började: uppgift saknas"),
    ]


def test_what_no_source_tells_the_start_of_is_told_as_such_and_not_counted_as_going_on_in_a_period_that_is_over(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        goal = a_goal(here)
        a_measure(world, title="Okänd början", due_on=None, goal_ids=[goal.id])
        late = a_measure(world, title="Sen utan dag", due_on=None, goal_ids=[goal.id])
        services.delay(late, due_on=None, on=AUTUMN)
        followed = a_measure(world, title="Följdes upp", due_on=None, goal_ids=[goal.id])
        a_follow_up(followed, on=date(2025, 12, 1))
        unseen = a_measure(world, title="Följdes upp i det dolda", due_on=None, goal_ids=[goal.id])
        a_follow_up(unseen, on=date(2025, 12, 1), visibility=Visibility.AUTHORITIES_ONLY)
        a_measure(world, title="Började i mars", due_on=None, starts="2026-03", goal_ids=[goal.id])
        a_measure(world, title="Började i juni", due_on=None, starts="2026-06", goal_ids=[goal.id])
        closed = {"visibility": Visibility.AUTHORITIES_ONLY, "due_on": None}
        a_measure(world, title="Dold", **closed)
        db.session.commit()
        with app.test_request_context():
            offered = registry.linkables["measure"](here, Reader(), date(2026, 1, 1), date(2026, 4, 30))
    page = parse(coordinator.get(f"{T1}?for=partnership"))
    goal_title = page.select_one("h3.goal-title").text
    unclear = rows(page, f"{goal_title}, kan ha pågått")
    assert unclear == dict.fromkeys(
        ("Okänd början", "Sen utan dag", "Följdes upp i det dolda"), "Började: uppgift saknas"
    )
    going_on = rows(page, f"{goal_title}, pågår eller är beslutade")
    now = "Pågår enligt uppgift den 22 november 2026"
    assert going_on == dict.fromkeys(("Följdes upp", "Började i mars"), now)
    figure = page.select_one("a[href*='atgarder-utan-start']")
    assert figure.text == "3 till"
    assert figure.find_parent("li").text.endswith(" kan ha pågått, men uppgift om när de började saknas.")
    assert "Försenad:" not in page.text
    assert page.select_one(".left-out").text.startswith("2 punkter är utelämnade")
    listed = parse(coordinator.get(f"{T1}/underlag/atgarder-utan-start?for=partnership")).select("#counted tbody th a")
    assert [link.text.split(": ")[1] for link in listed] == list(unclear)
    # What an assessment may rest on is what its report tells of.
    assert {label.split(": ")[1] for _, label, _ in offered} == {*unclear, *going_on}
    running = parse(coordinator.get(f"{VB}?for=partnership"))
    assert len(rows(running, f"{goal_title}, pågår eller är beslutade")) == 6
    assert running.select("a[href*='atgarder-utan-start']") == []
    assert running.text.count("Försenad:") == 1


def test_a_measure_decided_in_the_period_is_not_said_to_go_on_before_it_began(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    said = []
    for starts in ("2026-06", "2026-04", None):
        with app.app_context():
            meeting_id, measure_id = a_forum(world, approved=False, due_on=None, starts=starts)
            april = datetime(2026, 4, 9, 12, 0, tzinfo=UTC)
            db.session.execute(update(Meeting).where(Meeting.id == meeting_id).values(starts_at=april))
            title = db.session.get_one(Measure, measure_id).title = f"Började {starts}"
            db.session.commit()
        said.append(rows(parse(coordinator.get(T1)), "utan koppling till mål")[title])
    now = "Pågår enligt uppgift den 22 november 2026"
    assert said == ["Beslutad, ej påbörjad", now, "Började: uppgift saknas"]


def test_a_measure_whose_source_tells_only_its_period_is_done_when_that_has_ended(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        add(Measure(
            partnership_id=world.partnerships["sergels"], number=90, title="Från källan", source_id=world.source,
            status=MeasureStatus.COMPLETED, starts="2024", ends="2026", methods=[],
        ))  # fmt: skip
        db.session.commit()
    counted = {year: parse(coordinator.get(VB.replace("2026", year))) for year in ("2025", "2026")}
    done = {year: page.select_one("a[href*='atgarder-genomforda']").text for year, page in counted.items()}
    assert done == {"2025": "0\xa0åtgärder", "2026": "1\xa0åtgärd"}


def test_a_measure_done_before_the_period_is_told_of_for_what_was_seen_of_it_and_not_counted_as_done_in_it(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        for title, on in (("Klar i fjol", date(2025, 12, 31)), ("Klar i år", date(2026, 1, 1))):
            done = a_measure(world, title=title, starts="2025-02", goal_ids=[goal.id])
            services.close(done, on=on, is_needed=False, reason="Klart")
            a_follow_up(done, on=date(2026, 2, 3))
        db.session.commit()
    page = parse(coordinator.get(T1))
    heading = page.select_one("h3.goal-title").text
    assert rows(page, heading) == {"Klar i år": "Genomförd 1 januari 2026"}
    assert rows(page, f"{heading}, genomförda före perioden") == {"Klar i fjol": "Genomförd 31 december 2025"}
    figure = page.select_one("a[href*='underlag/atgarder-genomforda']")
    assert figure.text == "1\xa0åtgärd"
    listed = parse(coordinator.get(figure["href"]))
    assert [row.th.text for row in listed.select("#counted tbody tr")] == ["Åtgärd 2: Klar i år"]


def test_a_cancelled_measure_is_told_of_as_such_and_not_counted_as_going_on(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        measure = a_measure(world, title="Struken", goal_ids=[goal.id])
        services.save_follow_up(
            measure, None, version=None, on=date(2026, 5, 1), done="partly", effect="unchanged", displacement="no"
        )
        services.cancel(measure, reason="Pengarna är slut", on=AUTUMN)
        db.session.commit()
    page = parse(coordinator.get(VB))
    assert rows(page, f"{page.select_one('h3.goal-title').text}, avbrutna") == {"Struken": "Avbruten 3 oktober 2026"}
    assert page.select_one("a[href*='atgarder-pagar']").text.startswith("0 ")


def test_vision_and_goals_stand_in_the_words_that_held_when_the_period_ended(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        a_goal(here)
        for level in (GoalLevel.VISION, GoalLevel.OVERALL):
            goal = a_goal(here, f"Ett levande torg ({level.value})", level=level, number=None)
            words = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal.id)).one()
            words.ends = "2026-09"
            add(GoalVersion(goal_id=goal.id, number=2, text=f"Torget för alla ({level.value})", starts="2026-09"))
            a_goal(here, f"Ännu inte ({level.value})", level=level, number=9, starts="2027")
        db.session.commit()
    texts = {url: parse(coordinator.get(url)).select_one("main").text for url in (T1, VB)}
    for level in ("vision", "overall"):
        assert f"Ett levande torg ({level})" in texts[T1]
        assert f"Torget för alla ({level})" not in texts[T1]
        assert f"Torget för alla ({level})" in texts[VB]
        assert f"Ännu inte ({level})" not in texts[VB]


def test_a_goal_tells_of_its_measures_that_were_never_begun_or_were_cancelled(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        a_measure(world, title="Sen", status=MeasureStatus.DECIDED, goal_ids=[goal.id])
        gone = a_measure(world, title="Struken", goal_ids=[goal.id])
        services.cancel(gone, reason="Pengarna är slut", on=AUTUMN)
        db.session.commit()
    page = parse(coordinator.get(VB))
    heading = next(h4 for h4 in page.select("h4") if h4.text == "Avvikelser")
    told = heading.find_next_sibling().text.replace("\xa0", " ")
    assert "Åtgärd 1 Sen: försenad, klart senast 7 november 2026" in told
    assert "Åtgärd 2 Struken: avbruten, 3 oktober 2026. Pengarna är slut" in told


def test_the_period_begins_and_ends_at_midnight_in_stockholm(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    moments = {
        "Före nyår": datetime(2025, 12, 31, 22, 30, tzinfo=UTC),
        "Nyårsnatten": datetime(2025, 12, 31, 23, 30, tzinfo=UTC),
        "Valborg": datetime(2026, 4, 30, 21, 30, tzinfo=UTC),
        "Första maj": datetime(2026, 4, 30, 22, 30, tzinfo=UTC),
    }
    with app.app_context():
        meeting = db.session.get_one(Meeting, a_forum(world, approved=False)[0])
        for title, at in moments.items():
            an_event(world, title=title, starts_at=at, ends_at=at + timedelta(hours=1))
        db.session.commit()
        meeting_id = meeting.id
    page = parse(coordinator.get(T1))
    titles = [link.text for link in page.select(".columns-events tbody th a")]
    assert titles == ["Nyårsnatten", "Valborg"]
    assert "2\xa0genomförda platsaktiveringar. Flest i januari, april: 1." in page.text
    for title, at in moments.items():
        with app.app_context():
            db.session.execute(update(Meeting).where(Meeting.id == meeting_id).values(starts_at=at))
            db.session.commit()
        expected = "1" if title in titles else "0"
        assert parse(coordinator.get(T1)).select_one("a[href*='underlag/beslut']").text == f"{expected}\xa0beslut"
