"""Every change is written down with it, in one transaction; what only authorities read is not written out."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from platssamverkan.core.audit import HIDDEN, AuditAction, AuditEntry
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.models import Problem
from tests.builders import World


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


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET row_id = 0", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_the_log(app: Flask, world: World, statement: str) -> None:
    with app.app_context():
        a_problem(world)
        db.session.commit()
        with pytest.raises(DBAPIError, match="only grows"):
            db.session.execute(text(statement))
        db.session.rollback()
