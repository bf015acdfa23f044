"""Do the migrations build what the models say, on an empty SQLite and an empty PostgreSQL, and can they be undone?

Run as `python -m tests.support.migrations_check`; the exit status is 1 unless all of it holds.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import flask_migrate
from sqlalchemy import create_engine, inspect

from config import ROOT, Testing
from platssamverkan import create_app
from tests.support.postgresql import as_sqlalchemy, fresh_database, server_url

MIGRATIONS = str(ROOT / "migrations")


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
        sys.stdout.write("migrations: SQLite upgrade, check, downgrade, upgrade: ok\n")
        with server_url() as server, fresh_database(server, "platssamverkan_migrations") as url:
            check(as_sqlalchemy(url), Path(folder))
            sys.stdout.write("migrations: PostgreSQL upgrade, check, downgrade, upgrade: ok\n")
            with fresh_database(server, "platssamverkan_two_at_once") as empty:
                check_two_at_once(empty, Path(folder))
            sys.stdout.write("migrations: PostgreSQL two at once: ok\n")


if __name__ == "__main__":
    main()
