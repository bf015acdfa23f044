"""Every change is written down with it, in one transaction; what only authorities read is not written out."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import selectinload

from platssamverkan.core.audit import HIDDEN, AuditAction, AuditEntry
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import Goal, Indicator
from platssamverkan.measures import services
from platssamverkan.measures.models import Problem
from tests.builders import World
from tests.goals.builders import a_goal, an_indicator
from tests.measures.builders import a_measure


def entries(table: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.table_name == table).order_by(AuditEntry.id)))


def a_problem(world: World, **changes: Any) -> Problem:
    values = {"partnership_id": world.partnerships["klara"], "number": 1, "text": "Mörkt vid trappan"}
    problem = Problem(**{**values, **changes})
    db.session.add(problem)
    return problem


def test_a_change_says_what_was_and_what_is(app: Flask, world: World) -> None:
    with app.app_context():
        problem = a_problem(world)
        db.session.commit()
        problem.text = "Mörkt vid hissen"
        db.session.commit()
        made, changed = entries("problem")
        assert made.action is AuditAction.INSERT
        assert made.row_id == problem.id
        assert changed.changes == {"text": ["Mörkt vid trappan", "Mörkt vid hissen"]}
        assert changed.partnership_id == world.partnerships["klara"]


def test_a_change_that_is_undone_leaves_no_entry(app: Flask, world: World) -> None:
    with app.app_context():
        a_problem(world)
        db.session.flush()
        db.session.rollback()
        assert entries("problem") == []


def test_what_the_database_refused_is_not_told_with_the_next_change(app: Flask, world: World) -> None:
    with app.app_context():
        a_problem(world, partnership_id=999)
        with pytest.raises(DBAPIError):
            db.session.commit()
        db.session.rollback()
        a_problem(world, text="Mörkt vid hissen")
        db.session.commit()
        assert [entry.changes["text"] for entry in entries("problem")] == [[None, "Mörkt vid hissen"]]


def test_text_for_authorities_is_not_in_the_log(app: Flask, world: World) -> None:
    with app.app_context():
        problem = a_problem(world, visibility=Visibility.AUTHORITIES_ONLY)
        db.session.commit()
        problem.text = "Planerad insats"
        db.session.commit()
        made, changed = entries("problem")
        assert made.changes["text"] == [None, HIDDEN]
        assert changed.changes["text"] == [HIDDEN, HIDDEN]
        assert "insats" not in str(changed.changes)


def test_closing_a_text_hides_what_it_was_before(app: Flask, world: World) -> None:
    with app.app_context():
        problem = a_problem(world)
        db.session.commit()
        problem.visibility, problem.text = Visibility.AUTHORITIES_ONLY, "Planerad insats"
        db.session.commit()
        assert entries("problem")[1].changes["text"] == [HIDDEN, HIDDEN]


def test_what_a_row_is_tied_to_is_logged_by_its_ids(app: Flask, world: World) -> None:
    with app.app_context():
        where = world.partnerships["klara"]
        one, two, three = (a_goal(where, number=number).id for number in (1, 2, 3))
        an_indicator(where, goals=[db.session.get(Goal, one), db.session.get(Goal, two)])
        db.session.commit()
        indicator = db.session.scalar(select(Indicator).options(selectinload(Indicator.goals)))
        indicator.goals = [db.session.get(Goal, one), db.session.get(Goal, three)]
        db.session.commit()
        made, changed = entries("indicator")
        assert made.changes["goals"] == [[], [one, two]]
        assert changed.changes == {"goals": [[one, two], [one, three]]}


def test_ties_written_without_objects_are_logged_too_and_only_when_they_change(app: Flask, world: World) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"]).id
        owner = world.actors["owner"]
        measure = a_measure(world, affected_actor_ids=[owner])
        services.set_goals(measure, [goal])
        services.set_goals(measure, [goal])
        services.set_affected(measure, [])
        db.session.commit()
        ties = [entry.changes for entry in entries("measure") if entry.action is AuditAction.UPDATE]
        assert ties == [{"affected": [[], [owner]]}, {"goals": [[], [goal]]}, {"affected": [[owner], []]}]


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET row_id = 0", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_the_log(app: Flask, world: World, statement: str) -> None:
    with app.app_context():
        a_problem(world)
        db.session.commit()
        with pytest.raises(DBAPIError, match="only grows"):
            db.session.execute(text(statement))
        db.session.rollback()
