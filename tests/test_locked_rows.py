"""What is locked stands in the database itself, whichever of its parts is written to and by whatever statement."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from platssamverkan.agreements.models import Agreement, AgreementKind
from platssamverkan.core import locks
from platssamverkan.core.db import db
from platssamverkan.goals.models import EvidenceLink, GoalVersion, ReportingPeriod
from platssamverkan.measures.models import Maintenance, MeasureStatus
from platssamverkan.reports.models import PeriodSummary
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment, an_indicator
from tests.measures.builders import a_measure
from tests.meetings.builders import a_decision, a_meeting, approve, attend, item_at

Ids = dict[str, int]


def _a_meeting(world: World, *, is_locked: bool) -> Ids:
    meeting = a_meeting(world)
    item = item_at(meeting, 1)
    decision = a_decision(world, item, measure="Byt fyra armaturer")
    attend(world, meeting, "police")
    if is_locked:
        approve(meeting)
    return {"meeting": meeting.id, "item": item.id, "decision": decision.id}


def _an_assessment(version: GoalVersion, indicator_id: int, *, is_locked: bool) -> Ids:
    assessment = an_assessment(version, year=2024 if is_locked else 2025, lacks_evidence=False)
    evidence = add(EvidenceLink(assessment_id=assessment.id, indicator_id=indicator_id))
    if is_locked:
        locks.lock([assessment], by_function="Samordnare")
    return {"assessment": assessment.id, "evidence": evidence.id}


def _a_summary(world: World, *, is_locked: bool) -> Ids:
    summary = PeriodSummary(
        partnership_id=world.partnerships["sergels"], year=2024 if is_locked else 2025, period=ReportingPeriod.VB,
        text="Torget är tryggare.", written_on=date(2026, 1, 20), written_by_function="Rapportansvarig",
    )  # fmt: skip
    add(summary)
    if is_locked:
        locks.lock([summary], by_function="Rapportansvarig")
    return {"summary": summary.id}


def _a_measure(world: World, *, is_locked: bool) -> Ids:
    measure = a_measure(world)
    answer = add(Maintenance(measure_id=measure.id, is_needed=False, reason="Klart"))
    if is_locked:
        measure.status = MeasureStatus.COMPLETED
    return {"measure": measure.id, "answer": answer.id}


@pytest.fixture
def ids(app: Flask, world: World) -> Ids:
    """Ids of a locked row of each kind and of its parts ("locked_item"), and of an open one ("open_item")."""
    with app.app_context():
        a_goal(world.partnerships["sergels"])
        version = db.session.scalars(select(GoalVersion)).one()
        found = {
            "actor": world.actors["owner"], "version": version.id, "more": a_measure(world, title="Mer").id,
            "indicator": an_indicator(world.partnerships["sergels"]).id,
        }  # fmt: skip
        for is_locked in (True, False):
            made = (
                _a_meeting(world, is_locked=is_locked)
                | _an_assessment(version, found["indicator"], is_locked=is_locked)
                | _a_summary(world, is_locked=is_locked)
                | _a_measure(world, is_locked=is_locked)
            )
            found |= {f"{'locked' if is_locked else 'open'}_{name}": row_id for name, row_id in made.items()}
        db.session.commit()
        return found


def run(app: Flask, ids: Ids, statement: str) -> None:
    """Run the statement and undo it. Raises what the database says."""
    written = text(statement)
    with app.app_context():
        try:
            db.session.execute(written, {name: ids[name] for name in written.compile().params})
        finally:
            db.session.rollback()


MINUTES, ASSESSMENT, SUMMARY = "minutes are approved", "assessment is locked", "summary is locked"
ANSWER = "keeps its maintenance answer"
NEW_ITEM = (
    "INSERT INTO minutes_item (meeting_id, position, heading, version, visibility)"
    " VALUES (:X_meeting, 9, 'X', 1, 'public')"
)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE meeting SET location = 'X' WHERE id = :X_meeting", MINUTES),
        (NEW_ITEM, MINUTES),
        ("UPDATE minutes_item SET text = 'X' WHERE id = :X_item", MINUTES),
        ("UPDATE minutes_item SET meeting_id = :X_meeting WHERE id = :open_item", MINUTES),
        ("DELETE FROM minutes_item WHERE meeting_id = :X_meeting AND position = 2", MINUTES),
        ("INSERT INTO attendance (status, actor_id, meeting_id) VALUES ('present', :actor, :X_meeting)", MINUTES),
        ("UPDATE attendance SET status = 'absent' WHERE meeting_id = :X_meeting", MINUTES),
        (
            "UPDATE attendance SET actor_id = :actor, meeting_id = :X_meeting WHERE meeting_id = :open_meeting",
            MINUTES,
        ),
        ("DELETE FROM attendance WHERE meeting_id = :X_meeting", MINUTES),
        (
            "INSERT INTO decision (number, text, version, visibility, item_id) VALUES (9, 'X', 1, 'public', :X_item)",
            MINUTES,
        ),
        ("UPDATE decision SET text = 'X' WHERE id = :X_decision", MINUTES),
        ("UPDATE decision SET number = 9, item_id = :X_item WHERE id = :open_decision", MINUTES),
        ("DELETE FROM decision_measure WHERE decision_id = :X_decision", MINUTES),
        ("INSERT INTO decision_measure (measure_id, decision_id) VALUES (:more, :X_decision)", MINUTES),
        ("UPDATE decision_measure SET measure_id = :more WHERE decision_id = :X_decision", MINUTES),
        ("UPDATE decision_measure SET decision_id = :X_decision WHERE decision_id = :open_decision", MINUTES),
        ("UPDATE goal_assessment SET motivation = 'X' WHERE id = :X_assessment", ASSESSMENT),
        ("DELETE FROM goal_assessment WHERE id = :X_assessment", ASSESSMENT),
        ("INSERT INTO evidence_link (indicator_id, assessment_id) VALUES (:indicator, :X_assessment)", ASSESSMENT),
        ("UPDATE evidence_link SET indicator_id = :indicator WHERE id = :X_evidence", ASSESSMENT),
        ("UPDATE evidence_link SET assessment_id = :X_assessment WHERE id = :open_evidence", ASSESSMENT),
        ("DELETE FROM evidence_link WHERE id = :X_evidence", ASSESSMENT),
        ("UPDATE period_summary SET text = 'X' WHERE id = :X_summary", SUMMARY),
        ("DELETE FROM period_summary WHERE id = :X_summary", SUMMARY),
        ("UPDATE maintenance SET measure_id = :more WHERE id = :X_answer", ANSWER),
        ("DELETE FROM maintenance WHERE id = :X_answer", ANSWER),
    ],
)
def test_no_part_of_a_locked_row_is_written_added_moved_or_taken_away(
    app: Flask, ids: Ids, statement: str, reason: str
) -> None:
    run(app, ids, statement.replace(":X", ":open"))
    with pytest.raises(DBAPIError, match=reason):
        run(app, ids, statement.replace(":X", ":locked"))


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("minutes_correction", "visibility, meeting_id", "'public', :X_meeting"),
        ("assessment_correction", "assessment_id", ":X_assessment"),
        ("summary_correction", "summary_id", ":X_summary"),
    ],
)
def test_only_what_is_locked_is_corrected(app: Flask, ids: Ids, table: str, key: str, value: str) -> None:
    values = f"VALUES ('2026-01-20', 'X', 'X', 'X', {value})"
    mend = f"INSERT INTO {table} (at, by_function, text, reason, {key}) {values}"
    run(app, ids, mend.replace(":X", ":locked"))
    with pytest.raises(DBAPIError, match="changed, not corrected"):
        run(app, ids, mend.replace(":X", ":open"))


def test_no_assessment_is_born_locked_on_nothing(app: Flask, ids: Ids) -> None:
    born = (
        "INSERT INTO goal_assessment (goal_version_id, year, period, grade, motivation, lacks_evidence, assessed_on,"
        " assessed_by_function, locked_at, locked_by_function, version, visibility, basis, is_example)"
        " VALUES (:version, 2023, 'vb', 'full', 'X', {}, '2026-01-20', 'X', '2026-01-20', 'X', 1, 'public', '{{}}',"
        " false)"
    )
    run(app, ids, born.format("true"))
    with pytest.raises(DBAPIError, match="rests on evidence or says that it lacks"):
        run(app, ids, born.format("false"))


def test_an_answer_goes_with_the_measure_it_is_about(app: Flask, ids: Ids) -> None:
    run(app, ids, "DELETE FROM measure WHERE id = :locked_measure")


def test_nothing_locked_is_written_over(app: Flask, ids: Ids) -> None:
    with app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    columns = "partnership_id, year, period, written_on, written_by_function, version, visibility"
    again = f"SELECT id, 'X', {columns} FROM period_summary WHERE id = :X_summary"  # noqa: S608
    born_again = f"INTO period_summary (id, text, {columns}) {again}"
    # SQLite has a word of its own, which takes a row away to put another in its place.
    over = f"REPLACE {born_again}" if is_sqlite else f"INSERT {born_again} ON CONFLICT (id) DO UPDATE SET text = 'X'"
    run(app, ids, over.replace(":X", ":open"))
    with pytest.raises(DBAPIError, match=SUMMARY):
        run(app, ids, over.replace(":X", ":locked"))


def test_an_agreement_is_prolonged_once(app: Flask, world: World) -> None:
    values = {"partnership_id": world.partnerships["sergels"], "kind": AgreementKind.PLACE_AGREEMENT, "focus_areas": []}
    with app.app_context():
        first = add(Agreement(title="Avtal 2020", **values))
        add(Agreement(title="Avtal 2023", extends_id=first.id, **values))
        with pytest.raises(DBAPIError):
            add(Agreement(title="Avtal 2023 igen", extends_id=first.id, **values))
        db.session.rollback()
