"""The trail of a figure is walked by links, in both directions and without a detour."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.goals.models import EvidenceLink
from platssamverkan.meetings.models import Decision
from tests.builders import World, add
from tests.reports.builders import a_period

HOME = "/samverkan/sergels"
REPORT = f"{HOME}/rapporter/maluppfyllelse/2026/vb"


@pytest.fixture
def addresses(app: Flask, world: World) -> dict[str, str]:
    """Return the addresses of a decision, its measure and the assessment that rests on the decision."""
    with app.app_context():
        ids = a_period(world)
        decision = db.session.scalars(select(Decision)).one()
        add(EvidenceLink(assessment_id=ids["assessment"], decision_id=decision.id))
        db.session.commit()
        return {
            "decision": f"{HOME}/moten/{ids['meeting']}/punkt/{decision.item_id}#beslut-{decision.id}",
            "measure": f"{HOME}/atgarder/{ids['measure']}",
            "assessment": f"{HOME}/mal/{ids['goal']}/bedomning/2026/vb",
            "report": REPORT,
        }


@pytest.mark.parametrize(
    ("place", "leads_to"),
    [
        ("report", ["decision", "measure", "assessment"]),
        ("counted", ["decision"]),
        ("decision", ["measure", "assessment"]),
        ("measure", ["decision"]),
        ("assessment", ["decision", "report"]),
    ],
)
def test_each_record_leads_to_its_neighbours(
    coordinator: FlaskClient, addresses: dict[str, str], parse: Any, place: str, leads_to: list[str]
) -> None:
    address = (addresses | {"counted": f"{REPORT}/underlag/beslut?for=partnership"})[place]
    page = parse(coordinator.get(address))
    links = {a["href"] for a in page.select("main a[href]")}
    assert {addresses[name] for name in leads_to} <= links
