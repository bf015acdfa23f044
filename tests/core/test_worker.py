"""The worker: tasks run alone, a crash goes no further, and the process itself starts, works and ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from config import Testing
from platssamverkan import create_app
from platssamverkan.core import clock, drafts, leases, worker
from platssamverkan.core.db import db
from platssamverkan.core.drafts import Draft
from platssamverkan.core.outbox import MailState, OutboxMail
from platssamverkan.core.registry import registry
from platssamverkan.meetings import mail as meeting_mail
from tests.builders import World, build_world
from tests.meetings.builders import a_meeting, approve, attend
from tests.support.smtp import free_port, mail_server

ROOT = Path(__file__).resolve().parents[2]


def test_a_task_is_done_by_one_worker_at_a_time(app: Flask) -> None:
    with app.app_context():
        with leases.leased("task") as first:
            assert first is not None
            with leases.leased("task") as second:
                assert second is None
            with leases.leased("other") as other:
                assert other is not None
            assert first.extend()
        assert leases.last_done("task") is not None
        with leases.leased("task") as again:
            assert again is not None


def test_a_lease_of_a_killed_worker_ends(app: Flask) -> None:
    with app.app_context():
        killed = leases.Lease("task")
        assert killed.take()
        assert not leases.Lease("task").take()
        with time_machine.travel(clock.now() + leases.LASTS + timedelta(seconds=1)):
            assert leases.Lease("task").take()
            assert not killed.extend()
            killed.give_back(done=True)
            assert not leases.Lease("task").take()


def test_a_task_that_crashes_is_logged_and_leaves_the_others(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash() -> int:
        drafts.keep(world.users["police"], "half", "Halvt")
        db.session.flush()
        raise ZeroDivisionError("boom")

    monkeypatch.setitem(registry.daily_tasks, "aaa", crash)
    with app.app_context():
        worker.run_daily()
        assert db.session.scalar(select(Draft.id)) is None
        assert leases.last_done("aaa") is None
        assert leases.last_done("reminders") is not None
        assert leases.Lease("aaa").take()
    assert "task aaa failed" in caplog.text
    assert "boom" in caplog.text


def test_the_daily_work_can_be_done_any_number_of_times(app: Flask, world: World) -> None:
    with app.app_context():
        worker.run_daily()
        worker.run_daily()
        assert set(registry.daily_tasks) >= {"briefings_ahead", "meetings_ahead", "reminders", "drafts", "outbox"}


def test_old_drafts_are_taken_away_and_new_ones_stay(app: Flask, world: World) -> None:
    with app.app_context():
        now = clock.now()
        with time_machine.travel(now - timedelta(days=app.config["DRAFT_KEEP_DAYS"] + 1)):
            drafts.keep(world.users["police"], "old", "Gammalt")
        drafts.keep(world.users["police"], "new", "Nytt")
        db.session.commit()
        worker.run_daily()
        assert list(db.session.scalars(select(Draft.key))) == ["new"]


def test_redis_that_does_not_answer_is_told_in_one_line(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    result = app.test_cli_runner().invoke(args=["worker"])
    assert result.exit_code == 1
    assert str(result.exception).startswith("REDIS_URL är angiven, men Redis svarar inte: ")


@pytest.mark.parametrize(
    ("address", "told"),
    [("redis://dator:port", "REDIS_URL går inte att läsa: "), (None, "Filen ")],
)
def test_a_queue_that_cannot_be_used_is_told_in_one_line(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str | None, told: str
) -> None:
    (tmp_path / "tasks.sqlite3").mkdir()
    monkeypatch.setitem(app.config, "INSTANCE", tmp_path)
    monkeypatch.setitem(app.config, "REDIS_URL", address)
    result = app.test_cli_runner().invoke(args=["worker"])
    assert result.exit_code == 1
    assert str(result.exception).startswith(told)


def waited_for(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Say whether the condition holds within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_the_worker_sends_what_waits_and_ends_when_told(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'worker.sqlite3'}"
    app = create_app(Testing(uri, tmp_path))
    with app.app_context():
        flask_migrate.upgrade()
        world = build_world()
        meeting = a_meeting(world)
        attend(world, meeting, "police")
        with time_machine.travel(clock.now() - timedelta(minutes=10)):
            approve(meeting)
        db.session.commit()

    def sent() -> int:
        with app.app_context():
            statement = select(OutboxMail.id).where(OutboxMail.state == MailState.SENT)
            return len(list(db.session.scalars(statement)))

    with mail_server() as inbox:
        environment = os.environ | {
            "DATABASE_URL": uri, "INSTANCE_PATH": str(tmp_path), "SECRET_KEY": "a test key of no use elsewhere",
            "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(inbox.port), "SMTP_SECURITY": "none",
            "MAIL_SENDER": "platssamverkan@staden.example", "SITE_URL": "https://plats.example",
        }  # fmt: skip
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
        # Two of them, as on two machines: each mail still leaves once. Each is ended in one of the two ways.
        workers = [
            subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        try:
            started = [process.stdout.readline() for process in workers if process.stdout]
            assert waited_for(lambda: sent() == 6)
        finally:
            for process, ending in zip(workers, (signal.SIGTERM, signal.SIGINT), strict=True):
                process.send_signal(ending)
            told = [process.communicate(timeout=40) for process in workers]
    assert [process.returncode for process in workers] == [0, 0]
    assert all(line.startswith("Bakgrundsarbetet är igång") for line in started)
    for output, errors in told:
        assert output == "Bakgrundsarbetet är avslutat.\n"
        assert errors == ""
    assert len(inbox.messages) == 6
    assert len(set(inbox.recipients)) == 6
    with app.app_context():
        assert {row.topic for row in db.session.scalars(select(OutboxMail))} == {meeting_mail.TOPIC}
        db.session.remove()
        db.engine.dispose()
