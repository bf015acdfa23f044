"""Do the migrations build what the models say, on SQLite and on PostgreSQL, can they be undone, and does every row of
the demo outlive that?

Run as `python -m tests.support.migrations_check`; the exit status is 1 unless all of it holds.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import flask_migrate
from sqlalchemy import create_engine, func, inspect, select, table

from config import ROOT, Testing
from platssamverkan import create_app
from tests.support.postgresql import as_sqlalchemy, fresh_database, server_url

MIGRATIONS = str(ROOT / "migrations")


def check(uri: str, instance: Path) -> None:
    """Upgrade the empty database at `uri`, compare it with the models and fill it with the demo; downgrade to the first
    tables and upgrade again, then to nothing and upgrade again.

    :raises SystemExit: if models and migrations differ, a row is lost, or a table is left after the downgrade
    """
    app = create_app(Testing(uri, instance))
    with app.app_context():
        flask_migrate.upgrade(directory=MIGRATIONS)
        flask_migrate.check(directory=MIGRATIONS)
        demo = app.test_cli_runner().invoke(args=["demo", "load"])
        if demo.exception:
            raise SystemExit(f"The demo could not be loaded: {demo.output}")
        before = rows_of(uri)
        flask_migrate.downgrade(directory=MIGRATIONS, revision="0001")
        flask_migrate.upgrade(directory=MIGRATIONS)
        after = rows_of(uri)
        if before != after:
            changed = sorted(name for name in before if before[name] != after.get(name))
            raise SystemExit(f"Rows were lost on the way down and up: {', '.join(changed)}")
        flask_migrate.downgrade(directory=MIGRATIONS, revision="base")
        left = rows_of(uri).keys() - {"alembic_version"}
        if left:
            raise SystemExit(f"Left after downgrade to base: {', '.join(sorted(left))}")
        flask_migrate.upgrade(directory=MIGRATIONS)


def rows_of(uri: str) -> dict[str, int]:
    """Return how many rows each table of the database holds."""
    engine = create_engine(uri)
    with engine.connect() as connection:
        found = {
            name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
            for name in inspect(connection).get_table_names()
        }
    engine.dispose()
    return found


def check_two_at_once(url: str, instance: Path) -> None:
    """Upgrade the empty database at `url` from two processes, as when two machines start. Raises SystemExit if either
    fails."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    environment = os.environ | {"DATABASE_URL": url, "INSTANCE_PATH": str(instance)}
    both = [subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        _, errors = process.communicate()
        if process.returncode:
            raise SystemExit(f"One of two migrations at once failed:\n{errors}")


def main() -> None:
    """Check on SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        check(f"sqlite:///{folder}/migrations.sqlite3", Path(folder))
        sys.stdout.write("migrations: SQLite upgrade, check, fill, downgrade, upgrade: ok\n")
        with server_url() as server, fresh_database(server, "platssamverkan_migrations") as url:
            check(as_sqlalchemy(url), Path(folder))
            sys.stdout.write("migrations: PostgreSQL upgrade, check, fill, downgrade, upgrade: ok\n")
            with fresh_database(server, "platssamverkan_two_at_once") as empty:
                check_two_at_once(empty, Path(folder))
            sys.stdout.write("migrations: PostgreSQL two at once: ok\n")


if __name__ == "__main__":
    main()
