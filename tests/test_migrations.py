"""What a migration does with rows that it can't take: `support.migrations_check` tries the rest."""

from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from config import Testing
from platssamverkan import create_app
from platssamverkan.core.db import db
from tests.agreements.builders import an_agreement
from tests.builders import build_world


def run(statement: str) -> None:
    db.session.execute(text(statement))
    db.session.commit()


def test_agreements_prolonged_twice_stop_the_upgrade_until_they_are_put_right(tmp_path: Path) -> None:
    app = create_app(Testing(f"sqlite:///{tmp_path}/old.sqlite3", tmp_path))
    with app.app_context():
        flask_migrate.upgrade()
        world = build_world()
        for title in ("2020", "2023", "2023 igen"):
            an_agreement(world, title=title)
        db.session.commit()
        flask_migrate.downgrade(revision="accounts_1")
        run("UPDATE agreement SET extends_id = 1 WHERE id > 1")
        with pytest.raises(IntegrityError, match="extends_id"):
            flask_migrate.upgrade()
        run("UPDATE agreement SET extends_id = 2 WHERE id = 3")
        flask_migrate.upgrade()
        assert db.session.scalars(text("SELECT extends_id FROM agreement ORDER BY id")).all() == [None, 1, 2]
        db.session.remove()
        db.engine.dispose()
