"""The constraints of the models are in the database: `flask db check` compares tables, columns and indexes only."""

import re

from flask import Flask
from sqlalchemy import CheckConstraint, Table, inspect

from platssamverkan.core.db import db


def wanted(table: Table) -> dict[str, list[str]]:
    """Return the words in quotes of each constraint of the model, by its name."""
    checks = [one for one in table.constraints if isinstance(one, CheckConstraint)]
    compiled = {str(one.name): str(one.sqltext.compile(compile_kwargs={"literal_binds": True})) for one in checks}
    return {name: words(sql) for name, sql in compiled.items()}


def words(sql: str) -> list[str]:
    return sorted(re.findall("'([^']*)'", sql))


def test_the_database_refuses_what_the_models_say_and_knows_every_choice_on_their_lists(app: Flask) -> None:
    with app.app_context():
        held = {
            name: {one["name"]: words(one["sqltext"]) for one in inspect(db.engine).get_check_constraints(name)}
            for name in db.metadata.tables
        }
    assert held == {name: wanted(table) for name, table in db.metadata.tables.items()}
