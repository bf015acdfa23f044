"""Two who save at the same moment: one waits for the other, or is told."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from platssamverkan.core import drafts
from platssamverkan.core.db import db, lock_row
from platssamverkan.core.drafts import Draft
from platssamverkan.partnerships import services
from platssamverkan.partnerships.models import Partnership
from tests.builders import World
from tests.support.at_once import overlapping


def in_context(app: Flask, act: Callable[[], object]) -> Callable[[], None]:
    """Return what runs `act` and commits, as one of those who save."""

    def run() -> None:
        with app.app_context():
            act()
            db.session.commit()

    return run


def test_who_locks_a_row_reads_what_the_one_before_left(app: Flask, world: World) -> None:
    sergels = world.partnerships["sergels"]

    def add_to_focus() -> None:
        lock_row(Partnership, sergels)
        partnership = db.session.get_one(Partnership, sergels)
        partnership.focus = [*partnership.focus, f"Inriktning {len(partnership.focus) + 1}"]

    overlapping(in_context(app, add_to_focus), in_context(app, add_to_focus))
    with app.app_context():
        assert db.session.get_one(Partnership, sergels).focus == ["Inriktning 1", "Inriktning 2"]


Save = Callable[[FlaskClient, str], TestResponse]


@pytest.fixture
def while_another_saves(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Save]:
    """Plan a briefing in the partnership with this slug, while another saves in "sergels" and does not end. Nothing but
    the partnership's own lock is in the way of that."""
    monkeypatch.setattr("platssamverkan.core.db.LOCK_TIMEOUT", 200)
    with app.app_context():
        # SQLite is told how long to wait when it is connected to.
        db.engine.dispose()

    def save(client: FlaskClient, slug: str) -> TestResponse:
        form = {"day": "2030-05-02", "at": "18.00", "location": "Under valvet"}
        return pool.submit(client.post, f"/samverkan/{slug}/utstallningar/ny", data=form).result()

    with app.app_context(), ThreadPoolExecutor(1) as pool:
        lock_row(Partnership, world.partnerships["sergels"])
        yield save
        db.session.rollback()
    monkeypatch.undo()
    with app.app_context():
        db.engine.dispose()


def test_nobody_waits_without_end(coordinator: FlaskClient, while_another_saves: Save) -> None:
    answer = while_another_saves(coordinator, "sergels")
    assert answer.status_code == 409
    assert "Flera sparade samtidigt" in answer.text
    assert "Under valvet" in answer.text


def test_strangers_wait_for_nobody(stranger: FlaskClient, while_another_saves: Save) -> None:
    assert [while_another_saves(stranger, slug).status_code for slug in ("sergels", "finns-inte")] == [404, 404]


def test_the_same_draft_from_two_windows_is_kept_once(app: Flask, world: World) -> None:
    user = world.users["coordinator"]
    first, second = (
        in_context(app, lambda text=text: drafts.keep(user, "minutes_item:1:text", text)) for text in ("Ett", "Två")
    )
    overlapping(first, second)
    with app.app_context():
        assert list(db.session.scalars(select(Draft.text))) == ["Två"]


@pytest.mark.parametrize(("words", "sqlstate"), [("database is locked", None), ("deadlock detected", "40P01")])
def test_a_save_that_the_database_gives_up_is_told_with_what_was_written(
    coordinator: FlaskClient, monkeypatch: pytest.MonkeyPatch, words: str, sqlstate: str | None
) -> None:
    def give_up(*_args: object, **_facts: object) -> None:
        reason = Exception(words)
        reason.sqlstate = sqlstate  # type: ignore[attr-defined]
        raise OperationalError("UPDATE", {}, reason)

    monkeypatch.setattr(services, "change_partnership", give_up)
    page = coordinator.get("/samverkan/sergels/om/andra")
    assert page.status_code == 200
    response = coordinator.post("/samverkan/sergels/om/andra", data={"version": "1", "name": "Sergels nya torg"})
    assert response.status_code == 409
    assert "Flera sparade samtidigt" in response.text
    assert "Sergels nya torg" in response.text
