"""`flask --app wsgi worker`: what happens without anyone pressing a button. Huey wakes the tasks; what they do is told
by the rooms (`Registry.daily_tasks`), and the database lets one worker at a time do each (`core.leases`)."""

import logging
import signal
import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from huey import RedisHuey, SqliteHuey, crontab
from redis.exceptions import RedisError

from platssamverkan.core import clock, drafts, leases, mail, once, outbox, schema
from platssamverkan.core.db import AWAY, db
from platssamverkan.core.registry import registry

MAIL = "mail"
#: So long a stopping worker waits for the task at hand, in seconds.
PATIENCE = 30
#: When the daily tasks run, in UTC: early in the morning in Sweden.
DAILY_HOUR = 5


def init_app(app: Flask) -> None:
    """Add the command, and what the ground floor itself does each day."""
    app.cli.add_command(worker)
    registry.daily_tasks["drafts"] = _old_drafts
    registry.daily_tasks["outbox"] = _old_mail
    registry.daily_tasks["sent_forms"] = once.prune


def _old_drafts() -> int:
    return drafts.prune(clock.now() - timedelta(days=current_app.config["DRAFT_KEEP_DAYS"]))


def _old_mail() -> int:
    return outbox.prune(clock.now() - timedelta(days=current_app.config["MAIL_KEEP_DAYS"]))


def run_alone(name: str, task: Callable[[leases.Lease], object]) -> bool:
    """Do the task unless another worker is doing it, and say whether it was done. A crash is logged and goes no
    further: the next turn comes anyway."""
    try:
        with leases.leased(name) as lease:
            if lease is None:
                return False
            task(lease)
    except AWAY as error:
        current_app.logger.error("task %s was not done. %s", name, schema.silence(error))
        return False
    except Exception:
        current_app.logger.exception("task %s failed", name)
        return False
    return True


def run_daily() -> None:
    """Do every daily task, each in a transaction of its own."""
    for name, task in sorted(registry.daily_tasks.items()):

        def in_one(_lease: leases.Lease, task: Callable[[], int] = task) -> None:
            task()
            db.session.commit()

        run_alone(name, in_one)


def run_mail(is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Send the mail that is due."""
    run_alone(MAIL, lambda lease: mail.send_due(lambda: not is_stopping() and lease.extend()))


def make_queue(app: Flask) -> Any:
    """Return where tasks wait: a file in the instance folder, or Redis when REDIS_URL says so.

    :raises SystemExit: with one line when the file or Redis can't be used
    """
    url = app.config["REDIS_URL"]
    if not url:
        file = Path(app.config["INSTANCE"]) / "tasks.sqlite3"
        try:
            return SqliteHuey("platssamverkan", filename=str(file))
        except sqlite3.Error as error:
            raise SystemExit(f"Filen {file} går inte att använda: {error}") from error
    try:
        queue = RedisHuey("platssamverkan", url=url)
        queue.pending_count()
    except ValueError as error:
        raise SystemExit(f"REDIS_URL går inte att läsa: {error}") from error
    except RedisError as error:
        raise SystemExit(f"REDIS_URL är angiven, men Redis svarar inte: {error}") from error
    return queue


def _start_line(config: Any) -> str:
    mails = (
        f"e-post genom {config['SMTP_HOST']}" if config["SMTP_HOST"] else "e-post väntar (SMTP_HOST är inte angiven)"
    )
    return f"Bakgrundsarbetet är igång: upprepningar och gallring varje morgon, {mails}. Avsluta med Ctrl+C."


@click.command("worker")
@schema.with_database
def worker() -> None:
    """Gör bakgrundsarbetet: lägger upp det som återkommer, gallrar utkast och skickar e-post."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    logging.getLogger("huey").setLevel(logging.WARNING)
    queue, stopping = make_queue(app), threading.Event()

    def daily() -> None:
        with app.app_context():
            run_daily()

    def send_mail() -> None:
        with app.app_context():
            run_mail(stopping.is_set)

    tasks = [
        queue.periodic_task(crontab(hour=str(DAILY_HOUR), minute="0"), name="daily")(daily),
        queue.periodic_task(crontab(), name="mail")(send_mail),
    ]
    consumer = queue.create_consumer(workers=1, max_delay=1.0, shutdown_timeout=PATIENCE)
    consumer.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    click.echo(_start_line(app.config))
    for task in tasks:
        task()
    while not stopping.wait(1):
        consumer.check_worker_health()
    consumer.stop(graceful=True)
    click.echo("Bakgrundsarbetet är avslutat.")
