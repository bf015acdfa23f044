"""What the rows of the goal-fulfilment report print."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.formatting import NBSP, day
from platssamverkan.core.recurrence import Recurrence
from platssamverkan.goals.models import GoalLevel, GoalVersion, TargetOperator
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.meetings.models import Decision
from tests.activations.builders import an_event
from tests.agreements.builders import a_commitment, an_agreement
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment, an_indicator, an_observation
from tests.measures.builders import a_measure
from tests.reports.builders import a_forum, decide

VB = "/samverkan/sergels/rapporter/maluppfyllelse/2026/vb"


@pytest.fixture(autouse=True)
def _a_day_in_november() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        yield


def test_the_text_of_a_decision_stands_once_and_its_other_measures_lead_there(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        goals = [a_goal(world.partnerships["sergels"], number=number).id for number in (1, 2)]
        a_forum(world, approved=False, goal_ids=goals)
        decision = db.session.scalars(select(Decision)).one()
        decision.text = "Polisen tar fram en plan för gången."
        for title in ("Skyltar", "Målning"):
            decide(decision, a_measure(world, title=title, goal_ids=goals[:1]))
        decision_id = decision.id
        db.session.commit()
    page = parse(coordinator.get(VB))
    assert page.text.count("Polisen tar fram en plan för gången.") == 1
    rows = page.select(".columns-measures tbody tr")
    cells = [row.select_one("td[data-label='Beslut']") for row in rows]
    assert [row.th.a.text[-1] for row in rows] == ["1", "2", "3", "1"]
    anchor = f"beslut-{decision_id}"
    assert cells[0].p["id"] == anchor
    for cell in cells[1:]:
        assert "id" not in cell.p.attrs
        assert "§ 10, beslut 1" in cell.text.replace("\xa0", " ")
        link = cell.select_one(f"a[href='#{anchor}']")
        assert link.text == "Texten står ovan, vid åtgärd\xa01"


def test_the_extent_of_a_commitment_is_told_as_in_the_agreement(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        agreement = an_agreement(world)
        a_commitment(agreement, 1, target_count=2, recurrence=Recurrence.YEARLY)
        a_commitment(agreement, 2, recurrence=Recurrence.WEEKLY)
        a_commitment(agreement, 3)
        db.session.commit()
    cells = parse(coordinator.get(VB)).select("td[data-label='Omfattning']")
    assert [cell.text for cell in cells] == ["minst 2, varje år", "varje vecka", "–"]


def test_measures_whose_source_tells_no_time_are_counted_as_not_told_of(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        source = {"partnership_id": world.partnerships["sergels"], "source_id": world.source, "methods": []}
        for number, (status, starts, ends) in enumerate((
            (None, None, None), (MeasureStatus.COMPLETED, "2024", None), (MeasureStatus.COMPLETED, None, "2026"),
            (MeasureStatus.COMPLETED, "2027", None), (MeasureStatus.ONGOING, None, None),
        ), start=90):  # fmt: skip
            add(Measure(number=number, title=f"Ur källan {number}", status=status, starts=starts, ends=ends, **source))
        db.session.commit()
    page = parse(coordinator.get(VB))
    figure = page.select_one("a[href*='atgarder-utan-tid']")
    assert figure.text == "2\xa0åtgärder"
    assert figure.find_parent("li").text.endswith("är inte med: läge eller tid saknas i källan.")
    listed = parse(coordinator.get(figure["href"]))
    assert [link.text[-2:] for link in listed.select("#counted tbody th a")] == ["90", "91"]
    told = [row.select("td")[1].text for row in listed.select("#counted tbody tr")]
    assert told == ["uppgift saknas", "Genomförd"]
    assert {row.th.a.text[-2:] for row in page.select(".columns-measures tbody tr")} == {"92", "94"}


def test_a_goal_is_told_with_the_time_that_its_words_hold(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    here = world.partnerships["sergels"]
    with app.app_context():
        goal = a_goal(here, "Torget är rent.", starts="2023")
        db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal.id)).one().ends = "2025"
        a_goal(here, "Ett levande torg", level=GoalLevel.VISION, number=None, starts=None)
        db.session.commit()
    page = parse(coordinator.get(VB.replace("2026", "2025")))
    assert page.select_one("#goals").find_next("ul").li.text.endswith("] Gäller 2023–2025.")
    page = parse(coordinator.get(VB))
    told = page.select_one("#goals").find_next("ul").li.text.partition("] ")[2].replace(NBSP, " ")
    assert told == "Gällde 2023–2025. Tiden har gått ut, och ingen nyare lydelse gällde 22 november 2026."
    assert page.select_one("#goals").find_next("p").text.endswith("]")
    with app.app_context():
        assessed = db.session.scalars(select(GoalVersion).where(GoalVersion.ends == "2025")).one()
        an_assessment(assessed, year=2026)
        add(GoalVersion(goal_id=assessed.goal_id, number=2, text="Torget är renare.", starts="2026-05-01"))
        db.session.commit()
    told = parse(coordinator.get(VB)).select_one("#goals").find_next("ul").li.text.partition("] ")[2]
    # The words that were assessed are told of; newer ones have held since.
    assert told.replace(NBSP, " ") == "Gällde 2023–2025."


def test_a_measure_that_was_decided_after_the_period_is_not_said_to_have_gone_on_in_it_perhaps(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        a_forum(world)
        older = db.session.get_one(Measure, a_forum(world)[1])
        older.source_id = world.source
        a_measure(world)
        db.session.commit()
    page = parse(coordinator.get(VB.replace("2026", "2025")))
    assert page.select_one("a[href*='atgarder-utan-start']").text == "2 till"
    assert {row.th.a.text[-1] for row in page.select(".columns-measures tbody tr")} == {"2", "3"}
    public = parse(coordinator.get(f"{VB.replace('2026', '2025')}?for=public"))
    assert public.select_one(".left-out").text.startswith("2 punkter är utelämnade")


def test_the_report_of_a_period_that_is_over_says_that_its_targets_are_those_of_today(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        indicator = an_indicator(world.partnerships["sergels"], target_value=30, target_operator=TargetOperator.AT_MOST)
        an_observation(indicator, "2024", "20")
        db.session.commit()
    said = f"Målnivåerna är de som var satta den {day(clock.today())}."
    texts = [parse(coordinator.get(VB.replace("2026", year))).text for year in ("2025", "2026")]
    assert [said in text for text in texts] == [True, False]


def test_the_first_day_of_an_event_of_several_days_is_told_once(
    app: Flask, world: World, coordinator: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        an_event(
            world, starts_at=datetime(2026, 5, 1, 10, 0, tzinfo=UTC), ends_at=datetime(2026, 5, 3, 18, 0, tzinfo=UTC)
        )
        an_event(
            world, starts_at=datetime(2026, 6, 1, 10, 0, tzinfo=UTC), ends_at=datetime(2026, 6, 1, 18, 0, tzinfo=UTC)
        )
        db.session.commit()
    told = [cell.text.replace("\xa0", " ") for cell in parse(coordinator.get(VB)).select("[data-label='När och var']")]
    several, one = (text.removesuffix("Sergels torg") for text in told)
    assert several.startswith("1 maj kl. 12.00–3 maj kl. 20.00")
    assert one.startswith("1 juni 2026 kl. 12.00–20.00")
