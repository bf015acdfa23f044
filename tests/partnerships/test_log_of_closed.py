"""The log of what was done tells nothing of what is closed to the reader, or was when it went."""

from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from platssamverkan.core import clock
from platssamverkan.core.audit import AuditAction, AuditEntry
from platssamverkan.core.db import db
from platssamverkan.goals.models import Goal, GoalVersion
from platssamverkan.measures import services
from platssamverkan.measures.models import Measure
from tests.agreements.builders import a_commitment, an_agreement
from tests.builders import World, add
from tests.conftest import SignIn
from tests.goals.builders import a_goal, an_assessment
from tests.measures.builders import a_follow_up, a_measure

Parse = Callable[..., BeautifulSoup]
LOG = "/samverkan/sergels/logg"


def close(world: World, *rows: Any) -> None:
    """Make the rows the police's own from here on; what they are part of and what is part of them stays as it was."""
    for row in rows:
        row.visibility, row.owner_actor_id = "actor_internal", world.actors["police"]
    db.session.commit()


def test_closed_text_is_not_in_the_log(sign_in: SignIn, app: Flask, world: World, parse: Parse) -> None:
    with app.app_context():
        hidden = an_agreement(world, title="Hemlig rubrik", visibility="authorities_only")
        a_commitment(hidden, text="hemligt åtagande")
        later = an_agreement(world, title="Öppen först")
        db.session.commit()
        close(world, later)
    text = parse(sign_in("auditor").get(LOG)).text
    assert "Hemlig rubrik" not in text
    assert "hemligt åtagande" not in text
    # Open when it was written, closed now: the reader is no longer shown it.
    assert "Öppen först" not in text
    assert "(text som inte loggas)" in text


def test_what_is_part_of_a_closed_row_or_was_closed_when_it_went_is_not_in_the_log(
    sign_in: SignIn, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        whole, gone = an_agreement(world, title="Lokalt avtal"), an_agreement(world, title="Borttaget avtal")
        a_commitment(whole, text="åtagandet som alla fick läsa")
        lost = a_commitment(gone, text="åtagandet som är borta")
        kept = an_agreement(world, title="Öppet och borttaget")
        db.session.commit()
        close(world, whole, gone)
        for row in (lost, gone, kept):
            db.session.delete(row)
            db.session.commit()
    text = parse(sign_in("auditor").get(LOG)).text
    assert "åtagandet som alla fick läsa" not in text
    assert "åtagandet som är borta" not in text
    assert "Borttaget avtal" not in text
    assert "Öppet och borttaget" in text


def test_what_all_could_read_of_what_is_closed_now_is_not_in_the_log(
    sign_in: SignIn, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        measure, goal = a_measure(world, title="Belysning"), a_goal(here, "Torget är tryggt")
        words = db.session.scalars(select(GoalVersion)).one()
        follow_up = a_follow_up(measure, text="Lamporna släcks igen")
        assessment = an_assessment(words, motivation="Målet är nått på kvällarna")
        for row, field in ((follow_up, "text"), (assessment, "motivation")):
            entry = {"action": AuditAction.INSERT, "table_name": row.__tablename__, "row_id": row.id}
            add(AuditEntry(at=clock.now(), partnership_id=here, changes={field: [None, getattr(row, field)]}, **entry))
        db.session.commit()
        wholes = (measure.id, goal.id)
    written = parse(sign_in("auditor").get(LOG)).text
    with app.app_context():
        # Their own class stays as it was; they are read where the measure and the goal are.
        close(world, *(db.session.get(model, row_id) for model, row_id in zip((Measure, Goal), wholes, strict=True)))
    text = parse(sign_in("auditor").get(LOG)).text
    for told in ("Lamporna släcks igen", "Målet är nått på kvällarna"):
        assert told in written
        assert told not in text


def test_the_log_does_not_tell_what_a_closed_row_is_called_or_points_at(
    sign_in: SignIn, app: Flask, world: World, parse: Parse
) -> None:
    closed: dict[str, Any] = {"visibility": "actor_internal", "owner_actor_id": world.actors["owner"]}
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"], "Hemligt mål", **closed)
        hidden = a_measure(world, title="Spaning", actor="owner", place_id=world.places["square"], **closed)
        shown = a_measure(world, title="Belysning")
        services.set_goals(shown, [goal.id])
        db.session.commit()
        hidden_id, goal_id = hidden.id, goal.id
    rows = parse(sign_in("auditor").get(LOG)).select("tbody tr")
    assert not [row for row in rows if "Spaning" in row.text or "Hemligt" in row.text]
    row = next(row for row in rows if f"Skapad: åtgärd {hidden_id}" in " ".join(row.text.split()))
    assert not row.select("a")
    assert "Ansvarig aktör: (text som inte loggas)" in " ".join(row.text.split())
    assert "Fastighetsbolaget" not in row.text
    # The measure that all may read serves a goal that not all may.
    assert [row for row in rows if "Belysning" in row.text and f"Mål: mål {goal_id}" in " ".join(row.text.split())]
