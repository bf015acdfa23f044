"""What the rows of the goal-fulfilment report print."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.recurrence import Recurrence
from platssamverkan.meetings.models import Decision
from tests.agreements.builders import a_commitment, an_agreement
from tests.builders import World
from tests.goals.builders import a_goal
from tests.measures.builders import a_measure
from tests.reports.builders import a_forum, decide

VB = "/samverkan/sergels/rapporter/maluppfyllelse/2026/vb"


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
