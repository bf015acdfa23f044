"""Do the migrations build what the models say, on an empty SQLite and an empty PostgreSQL, and can they be undone?

Run as `python -m tests.support.migrations_check`; the exit status is 1 unless all of it holds.
"""

import sys
import tempfile
from pathlib import Path

import flask_migrate
from sqlalchemy import create_engine, inspect

from config import Testing
from platssamverkan import create_app
from tests.support.postgresql import as_sqlalchemy, fresh_database, server_url

MIGRATIONS = str(Path(__file__).resolve().parents[2] / "migrations")


def check(uri: str, instance: Path) -> None:
    """Upgrade the empty database at `uri`, compare it with the models, downgrade to nothing and upgrade again.

    :raises SystemExit: if models and migrations differ, or a table is left after the downgrade
    """
    app = create_app(Testing(uri, instance))
    with app.app_context():
        flask_migrate.upgrade(directory=MIGRATIONS)
        flask_migrate.check(directory=MIGRATIONS)
        flask_migrate.downgrade(directory=MIGRATIONS, revision="base")
        engine = create_engine(uri)
        left = set(inspect(engine).get_table_names()) - {"alembic_version"}
        engine.dispose()
        if left:
            raise SystemExit(f"Left after downgrade to base: {', '.join(sorted(left))}")
        flask_migrate.upgrade(directory=MIGRATIONS)


def main() -> None:
    """Check on SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        check(f"sqlite:///{folder}/migrations.sqlite3", Path(folder))
        sys.stdout.write("migrations: SQLite upgrade, check, downgrade, upgrade: ok\n")
        with server_url() as server, fresh_database(server, "platssamverkan_migrations") as url:
            check(as_sqlalchemy(url), Path(folder))
        sys.stdout.write("migrations: PostgreSQL upgrade, check, downgrade, upgrade: ok\n")


if __name__ == "__main__":
    main()
