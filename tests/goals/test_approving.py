"""Assessments approved for a period, then only corrected."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.goals.models import (
    AssessmentCorrection,
    EvidenceLink,
    GoalAssessment,
    GoalVersion,
    Grade,
)
from tests.builders import add
from tests.goals.builders import an_assessment
from tests.goals.test_assessment_views import HERE, MADE, given_locked, path, saved


def asked_to_approve(client: FlaskClient, parse) -> dict[str, str]:
    """Return what the page that asks about the period sends."""
    page = parse(client.get(f"{HERE}/bedomning/faststall?ar=2025&period=vb"))
    fields = page.select("form[action$=faststall] input[name]")
    return {field["name"]: field["value"] for field in fields if field["name"] != "csrf_token"}


def test_an_approved_assessment_is_locked_and_only_corrected(
    app: Flask, goal_id: int, officer: FlaskClient, parse
) -> None:
    officer.post(path(goal_id), data=MADE)
    approve = asked_to_approve(officer, parse)
    assert officer.post(f"{HERE}/bedomning/faststall", data=approve).status_code == 303
    assert officer.post(f"{HERE}/bedomning/faststall", data=approve).status_code == 409
    (assessment,) = saved(app)
    assert assessment.locked_by_function == "Officer"
    version = str(assessment.version)
    refused = officer.post(path(goal_id), data={**MADE, "version": version, "motivation": "Skönmålning"})
    assert refused.status_code == 409
    assert "Skönmålning" in refused.get_data(as_text=True)
    assert officer.get(path(goal_id)).status_code == 409
    assert officer.post(path(goal_id, then="/ta-bort")).status_code == 409
    assert officer.post(path(goal_id, then="/rattelse"), data={"text": "", "reason": ""}).status_code == 422
    correction = {"text": "Antalet ronder var 48.", "reason": "Räknefel i underlaget."}
    assert officer.post(path(goal_id, then="/rattelse"), data=correction).status_code == 303
    assert saved(app)[0].motivation == MADE["motivation"]
    for page in (path(goal_id, then=""), f"{HERE}/{goal_id}", f"{HERE}/bedomning?ar=2025&period=vb"):
        shown = parse(officer.get(page)).get_text(" ", strip=True)
        assert "Antalet ronder var 48." in shown, page
        assert "Räknefel i underlaget." in shown, page


def test_what_was_written_after_the_page_was_opened_is_not_approved_unread(
    app: Flask, goal_id: int, officer: FlaskClient, parse
) -> None:
    officer.post(path(goal_id), data=MADE)
    approve = asked_to_approve(officer, parse)
    changed = {**MADE, "version": "1", "motivation": "Något annat än det som lästes."}
    assert officer.post(path(goal_id), data=changed).status_code == 303
    refused = officer.post(f"{HERE}/bedomning/faststall", data=approve)
    assert refused.status_code == 409
    assert "Bedömningarna har ändrats sedan du öppnade sidan." in refused.get_data(as_text=True)
    assert saved(app)[0].locked_at is None
    approve = asked_to_approve(officer, parse)
    assert officer.post(f"{HERE}/bedomning/faststall", data=approve).status_code == 303


def test_what_rests_on_nothing_is_not_approved(
    app: Flask, goal_id: int, indicator_id: int, officer: FlaskClient, parse
) -> None:
    with app.app_context():
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal_id)).one()
        assessment_id = an_assessment(version, lacks_evidence=False).id
        db.session.commit()
        lock = "UPDATE goal_assessment SET locked_at = '2026-01-31 12:00:00', locked_by_function = 'Samordnare'"
        with pytest.raises(DatabaseError, match="rests on evidence"):
            db.session.execute(text(lock))
        db.session.rollback()
    approve = asked_to_approve(officer, parse)
    refused = officer.post(f"{HERE}/bedomning/faststall", data=approve)
    assert refused.status_code == 409
    assert "har inget underlag" in refused.get_data(as_text=True)
    with app.app_context():
        add(EvidenceLink(assessment_id=assessment_id, indicator_id=indicator_id))
        db.session.commit()
    assert officer.post(f"{HERE}/bedomning/faststall", data=approve).status_code == 303


def test_a_draft_is_changed_and_removed_but_not_corrected(app: Flask, goal_id: int, officer: FlaskClient) -> None:
    officer.post(path(goal_id), data=MADE)
    correction = {"text": "Fel", "reason": "Fel"}
    assert officer.post(path(goal_id, then="/rattelse"), data=correction).status_code == 409
    assert officer.post(path(goal_id), data={**MADE, "grade": "full", "version": "1"}).status_code == 303
    assert [one.grade for one in saved(app)] == [Grade.FULL]
    assert officer.post(path(goal_id, then="/ta-bort")).status_code == 303
    assert saved(app) == []
    assert officer.post(path(goal_id, then="/ta-bort")).status_code == 404


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE goal_assessment SET grade = 'full'",
        "UPDATE goal_assessment SET locked_at = NULL, locked_by_function = NULL",
        "DELETE FROM goal_assessment",
        "UPDATE evidence_link SET assessment_id = assessment_id",
        "DELETE FROM evidence_link",
        "INSERT INTO evidence_link (assessment_id, indicator_id) SELECT assessment_id, indicator_id FROM evidence_link",
        "UPDATE assessment_correction SET text = 'Annat'",
        "DELETE FROM assessment_correction",
        "UPDATE goal_version SET text = 'Lättare mål'",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_approved(app: Flask, goal_id: int, statement: str) -> None:
    assessment_id = given_locked(app, goal_id)
    with app.app_context():
        values = {"by_function": "Samordnare", "text": "Rättat", "reason": "Fel", "at": clock.now()}
        add(AssessmentCorrection(assessment_id=assessment_id, **values))
        db.session.commit()
        with pytest.raises(DatabaseError):
            db.session.execute(text(statement))
        db.session.rollback()
        kept = db.session.get_one(GoalAssessment, assessment_id)
        assert (kept.grade, kept.locked_by_function) == (Grade.PARTIAL, "Samordnare")
