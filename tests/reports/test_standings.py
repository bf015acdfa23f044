"""The report of a period that is over tells where its measures stood when it ended, and says when it can't."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures import services
from platssamverkan.measures.models import FollowUpEffect, Measure, MeasureStatus
from platssamverkan.measures.queries import form_options
from platssamverkan.meetings.models import Meeting
from tests.builders import World
from tests.goals.builders import a_goal
from tests.measures.builders import a_measure
from tests.reports.builders import a_forum

T1 = "/samverkan/sergels/rapporter/maluppfyllelse/2026/t1?for=authorities"
VB = T1.replace("t1", "vb")
NOW = " enligt uppgift den 22 november 2026"
BEGUN: dict[str, Any] = {"starts": "2026-02", "due_on": None}


@pytest.fixture(autouse=True)
def _a_day_in_november() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        yield


@contextmanager
def saved_on(app: Flask, month: int, day: int) -> Iterator[None]:
    """Do what stands inside on the day, and save it."""
    with time_machine.travel(datetime(2026, month, day, 9, 0, tzinfo=UTC)), app.app_context():
        yield
        db.session.commit()


def measure(number: int) -> Measure:
    return db.session.scalars(select(Measure).where(Measure.number == number).options(*form_options())).one()


def told(page: BeautifulSoup) -> dict[int, str]:
    """Return the number of each measure → its status and day."""
    found = {}
    for row in page.select(".columns-measures tbody tr"):
        _responsible, *status = row.select_one("td[data-label='Ansvarig och läge']").stripped_strings
        found[int(row.th.a.text.split()[1])] = " ".join(status).replace("\xa0", " ")
    return found


def risks(page: BeautifulSoup) -> list[str]:
    found = page.select_one("#deviations").find_next_sibling()
    return [line.text.replace("\xa0", " ").split("]")[1].strip() for line in found.select("li")]


def test_the_status_is_the_one_that_was_entered_when_the_period_ended(
    app: Flask, world: World, coordinator: FlaskClient, police: FlaskClient, parse: Any
) -> None:
    may = date(2026, 5, 2)
    with saved_on(app, 3, 1):
        a_measure(world, status=MeasureStatus.DECIDED, **BEGUN)
        for _ in range(3):
            a_measure(world, **BEGUN)
        a_measure(world, visibility=Visibility.AUTHORITIES_ONLY, **BEGUN)
        a_measure(world, due_on=None)
    with saved_on(app, 5, 2):
        services.move(measure(1), MeasureStatus.ONGOING, on=may)
        services.move(measure(2), MeasureStatus.PAUSED, on=may)
        services.move(measure(2), MeasureStatus.DELAYED, on=may)
        services.close(measure(3), on=may, is_needed=False, reason="Klart")
        services.move(measure(5), MeasureStatus.PAUSED, on=may)
        a_measure(world, **BEGUN)
    page = parse(police.get(T1))
    was = "Pågår"
    assert told(page) == {
        **{1: "Beslutad, ej påbörjad", 2: was, 3: was, 4: was},
        # The log keeps nothing of what only authorities may read, and what was entered later was nothing then.
        **{5: f"Pausad{NOW}", 6: was, 7: f"{was}{NOW}"},
    }
    assert page.select_one("a[href*='atgarder-pagar']").text.startswith("7 ")
    assert page.select("a[href*='atgarder-utan-start']") == []
    listed = parse(police.get(page.select_one("a[href*='atgarder-pagar']")["href"]))
    assert [row.select("td")[1].text.replace("\xa0", " ") for row in listed.select("#counted tbody tr")][:2] == [
        "Beslutad, ej påbörjad",
        was,
    ]
    method = "En åtgärds ansvariga aktör och läge är de som var antecknade när perioden slutade"
    assert method in page.text
    running = parse(coordinator.get(VB))
    assert NOW not in running.text
    assert method not in running.text


def test_a_start_that_was_written_down_later_holds(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with saved_on(app, 3, 1):
        for _ in range(2):
            a_measure(world, status=MeasureStatus.DECIDED, due_on=None)
    with saved_on(app, 5, 2):
        for number in (1, 2):
            services.move(measure(number), MeasureStatus.ONGOING, on=date(2026, 4, 20))
        services.close(measure(2), on=date(2026, 5, 1), is_needed=False, reason="Klart")
    assert told(parse(coordinator.get(T1))) == {1: f"Pågår{NOW}", 2: "Inte avslutad vid periodens slut"}


def test_what_was_taken_up_again_after_the_period_is_told_as_it_ended_in_it(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    april, june, autumn = date(2026, 4, 9), date(2026, 6, 1), date(2026, 9, 1)
    with saved_on(app, 4, 10):
        for _ in range(4):
            a_measure(world, **BEGUN)
        for number in (1, 3, 4):
            services.close(measure(number), on=april, is_needed=False, reason="Klart")
        services.cancel(measure(2), reason="Pengarna är slut", on=april)
    with saved_on(app, 6, 1):
        for number in (1, 3):
            services.save_follow_up(
                measure(number), None, version=None, on=june, done="yes", effect=FollowUpEffect.RELAPSE,
                displacement="no",
            )  # fmt: skip
        services.move(measure(2), MeasureStatus.ONGOING, on=june)
        # The day was wrong, and is told anew.
        services.close(measure(4), on=june, is_needed=False, reason="Klart")
    with saved_on(app, 9, 1):
        services.close(measure(3), on=autumn, is_needed=False, reason="Klart igen")
    page = parse(coordinator.get(T1))
    done = "Genomförd 9 april 2026"
    assert told(page) == {1: done, 2: "Avbruten 9 april 2026", 3: done, 4: "Inte avslutad vid periodens slut"}
    assert [line.removeprefix("Byt trasiga armaturer, Polisen, ") for line in risks(page)] == [
        "9 april 2026. Pengarna är slut"
    ]
    assert page.select_one("a[href*='atgarder-genomforda']").text == "2\xa0åtgärder"
    assert page.select_one("a[href*='atgarder-pagar']").text.startswith("1 ")


def test_how_a_measure_had_ended_is_told_as_it_was_answered_then(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    april = date(2026, 4, 9)
    kept = {"is_needed": True, "what": "Ljuset kontrolleras", "actor_id": world.actors["police"]}
    with saved_on(app, 4, 10):
        for _ in range(3):
            a_measure(world, **BEGUN)
        services.close(measure(1), on=april, is_needed=False, reason="Klart")
        services.close(measure(2), on=april, **kept)
    with saved_on(app, 6, 1):
        services.close(measure(1), on=april, **kept)
        services.close(measure(2), on=april, is_needed=False, reason="Trädet är borta")
        services.close(measure(3), on=april, **kept)
    assert told(parse(coordinator.get(T1))) == {
        **{1: "Genomförd 9 april 2026", 2: "Vidmakthålls 9 april 2026"},
        # Nothing was told of its end then.
        3: "Vidmakthålls 9 april 2026",
    }
    now = told(parse(coordinator.get(VB)))
    assert (now[1], now[2]) == ("Vidmakthålls 9 april 2026", "Genomförd 9 april 2026")


def test_what_was_decided_and_cancelled_in_the_period_and_begun_after_it_is_told_as_cancelled(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with saved_on(app, 4, 10):
        meeting_id, _ = a_forum(world, approved=False, due_on=None, status=MeasureStatus.DECIDED)
        db.session.get_one(Meeting, meeting_id).starts_at = datetime(2026, 4, 9, 12, 0, tzinfo=UTC)
    with saved_on(app, 4, 20):
        services.cancel(measure(1), reason="Pengarna är slut", on=date(2026, 4, 20))
    with saved_on(app, 6, 1):
        services.move(measure(1), MeasureStatus.ONGOING, on=date(2026, 6, 1))
        measure(1).starts = "2026-06"
    assert told(parse(coordinator.get(T1))) == {1: "Avbruten 20 april 2026"}


def test_the_actor_that_answered_for_a_measure_when_the_period_ended_is_told(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with saved_on(app, 3, 1):
        a_measure(world, due_on=date(2026, 4, 1), starts="2026-02")
        a_measure(world, actor="traffic", **BEGUN)
    with saved_on(app, 5, 2):
        for number, actor in ((1, "owner"), (2, "police")):
            measure(number).responsible_actor_id = world.actors[actor]
    page = parse(coordinator.get(T1))
    answered = [cell.p.text for cell in page.select("td[data-label='Ansvarig och läge']")]
    assert answered == ["Polisen", "Trafikkontoret"]
    assert risks(page) == ["Byt trasiga armaturer, Polisen, klart senast 1 april 2026"]
    listed = parse(coordinator.get(page.select_one("a[href*='atgarder-pagar']")["href"]))
    assert [row.td.text for row in listed.select("#counted tbody tr")] == answered
    page = parse(coordinator.get(VB))
    assert [cell.p.text for cell in page.select("td[data-label='Ansvarig och läge']")] == [
        "Fastighetsbolaget",
        "Polisen",
    ]


def test_what_was_cancelled_twice_is_told_with_the_reason_of_its_time(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with saved_on(app, 4, 10):
        a_measure(world, **BEGUN)
        services.cancel(measure(1), reason="Pengarna är slut", on=date(2026, 4, 9))
    with saved_on(app, 6, 1):
        services.move(measure(1), MeasureStatus.ONGOING, on=date(2026, 6, 1))
    with saved_on(app, 9, 1):
        services.cancel(measure(1), reason="Ingen vill längre", on=date(2026, 9, 1))
    page = parse(coordinator.get(T1))
    assert told(page) == {1: "Avbruten 9 april 2026"}
    assert [line.split(", ", 2)[2] for line in risks(page)] == ["9 april 2026. Pengarna är slut"]
    assert "Ingen vill längre" not in page.text


def test_who_may_read_a_measure_now_is_not_told_how_it_stood_when_they_might_not(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with saved_on(app, 3, 1):
        for _ in range(2):
            a_measure(world, status=MeasureStatus.PAUSED, visibility=Visibility.AUTHORITIES_ONLY, **BEGUN)
    with saved_on(app, 5, 2):
        for number in (1, 2):
            measure(number).visibility = Visibility.PARTNERSHIP
    with saved_on(app, 5, 3):
        services.move(measure(1), MeasureStatus.ONGOING, on=date(2026, 5, 3))
    page = parse(coordinator.get(T1.replace("authorities", "partnership")))
    assert told(page) == {1: f"Pågår{NOW}", 2: f"Pausad{NOW}"}


def test_what_was_only_proposed_or_had_no_last_day_then_is_told_so(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with saved_on(app, 3, 1):
        goal = a_goal(world.partnerships["sergels"])
        for status in (MeasureStatus.PROPOSED, MeasureStatus.ONGOING):
            a_measure(world, status=status, goal_ids=[goal.id], **BEGUN)
    with saved_on(app, 5, 4):
        services.move(measure(1), MeasureStatus.ONGOING, on=date(2026, 5, 4))
        services.delay(measure(2), due_on=date(2026, 10, 31), on=date(2026, 5, 4))
    page = parse(coordinator.get(T1))
    assert told(page) == {1: "Föreslagen", 2: "Pågår"}
    assert page.find("b", string="Föreslagna")
    assert page.select_one("a[href*='atgarder-pagar']").text.startswith("1 ")


def test_what_was_late_when_the_period_ended_is_told_as_late_though_it_was_given_more_time(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    april, autumn = date(2026, 4, 1), date(2026, 10, 31)
    with saved_on(app, 3, 1):
        goal = a_goal(world.partnerships["sergels"])
        a_measure(world, title="Byte", due_on=april, status=MeasureStatus.DECIDED, goal_ids=[goal.id])
        a_measure(world, title="Målning", due_on=autumn, status=MeasureStatus.DECIDED)
        services.delay(measure(2), due_on=None, on=april)
        a_measure(world, title="Skylt", due_on=autumn)
        a_measure(world, title="Klar", due_on=april, starts="2026-02")
        services.close(measure(4), on=april, is_needed=False, reason="Klart")
        a_measure(world, title="Bänkar", due_on=autumn, starts="2026-02")
        services.delay(measure(5), due_on=None, on=april)
    with saved_on(app, 5, 4):
        services.delay(measure(1), due_on=autumn, on=date(2026, 5, 4))
        services.move(measure(2), MeasureStatus.ONGOING, on=date(2026, 5, 4))
        services.delay(measure(2), due_on=None, on=date(2026, 5, 4))
        services.delay(measure(3), due_on=date(2026, 12, 1), on=date(2026, 5, 4))
        services.save_follow_up(
            measure(4), None, version=None, on=date(2026, 5, 4), done="yes", effect=FollowUpEffect.RELAPSE,
            displacement="no",
        )  # fmt: skip
        services.move(measure(5), MeasureStatus.ONGOING, on=date(2026, 5, 4))
    page = parse(coordinator.get(T1))
    # The last one is late no more, and was then.
    assert [line.split(", ", 1)[0] for line in risks(page)] == ["Byte", "Målning", "Bänkar"]
    assert risks(page)[0].endswith("klart senast 1 april 2026")
    heading = next(h4 for h4 in page.select("h4") if h4.text == "Avvikelser")
    assert "försenad, klart senast 1 april 2026" in heading.find_next_sibling().text.replace("\xa0", " ")


def test_a_measure_out_of_sight_that_was_given_more_time_is_counted_among_what_is_left_out(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with saved_on(app, 3, 1):
        a_measure(world, due_on=date(2026, 4, 1), status=MeasureStatus.DECIDED)
    with saved_on(app, 5, 4):
        measure(1).due_on = date(2026, 10, 31)
    page = parse(coordinator.get(T1.replace("authorities", "public")))
    assert page.select_one(".left-out").text.startswith("1 punkt är utelämnad")


def test_statements_are_as_many_however_many_measures_have_changed(
    app: Flask, world: World, coordinator: FlaskClient, count_queries: Any
) -> None:
    costs = []
    for number in (2, 12):
        with saved_on(app, 3, 1):
            added = [a_measure(world, **BEGUN).number for _ in range(number)]
        with saved_on(app, 5, 2):
            for one in added:
                services.move(measure(one), MeasureStatus.PAUSED, on=date(2026, 5, 2))
        with count_queries() as statements:
            coordinator.get(T1)
        costs.append(len(statements))
    assert costs[0] == costs[1]
