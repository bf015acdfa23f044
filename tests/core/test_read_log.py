"""Reading text that only authorities may read is logged, in whatever way a statement asks for it."""

from collections.abc import Callable

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import func, select, union_all
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import aliased

from platssamverkan.agreements.models import Agreement, AgreementKind, Commitment, CommitmentKind
from platssamverkan.core import read_log
from platssamverkan.core.audit import AuditAction, AuditEntry
from platssamverkan.core.db import db
from platssamverkan.core.forms import PrivacyOverride
from platssamverkan.core.visibility import Visibility
from tests.builders import World

_other = aliased(Agreement)
_ranked = select(Agreement.id, Agreement.title, func.lower(Agreement.title).label("name")).subquery()


@pytest.fixture
def closed_id(app: Flask, world: World) -> int:
    """An agreement with a commitment that only authorities may read, beside an open one."""
    with app.app_context():
        for title, visibility in (("Öppet", Visibility.PARTNERSHIP), ("Slutet", Visibility.AUTHORITIES_ONLY)):
            agreement = Agreement(
                partnership_id=world.partnerships["sergels"], kind=AgreementKind.CITIZEN_PROMISE, title=title,
                visibility=visibility, focus_areas=[],
            )  # fmt: skip
            commitment = Commitment(agreement=agreement, number=1, text="Ronder", kind=CommitmentKind.COMMITMENT)
            db.session.add_all([agreement, commitment])
        db.session.commit()
        return int(agreement.id)


def read(app: Flask, ask: Callable[[], object]) -> dict[str, set[int]]:
    """Return table → ids of the closed rows that a request reads by asking so."""
    with app.test_request_context():
        ask()
        return dict(g.get("authorities_read", {}))


@pytest.mark.parametrize(
    "statement",
    [
        select(Agreement),
        select(Agreement.title),
        select(Agreement.title.label("name"), func.count().over()),
        select(_other.title, Agreement.kind).join(_other, _other.id == Agreement.id),
        select(Commitment.text),
        select(Agreement.id, Commitment.text).join(Agreement.commitments),
        select(func.lower(Agreement.title)),
        select(Agreement.title).join(_ranked, _ranked.c.id == Agreement.id),
    ],
)
def test_who_reads_closed_text_is_noted(app: Flask, closed_id: int, statement) -> None:
    assert read(app, lambda: db.session.execute(statement).all()) == {"agreement": {closed_id}}


@pytest.mark.parametrize(
    "statement", [select(func.count(Agreement.id)), select(Agreement.id, Agreement.kind), select(Commitment.number)]
)
def test_who_counts_or_reads_no_text_is_not(app: Flask, closed_id: int, statement) -> None:
    assert read(app, lambda: db.session.execute(statement).all()) == {}


@pytest.mark.parametrize(
    "statement",
    [
        select(Agreement.title).distinct(),
        select(Agreement.title, func.count()).group_by(Agreement.title),
        select(Commitment.text).distinct(),
        select(_ranked.c.title),
        select(_ranked.c.name),
        select(Agreement.id, select(func.max(_other.title)).scalar_subquery()),
        union_all(select(Agreement.id, Agreement.title), select(Commitment.id, Commitment.text)),
        select(Agreement.__table__.c.title),
    ],
)
def test_text_that_does_not_tell_where_it_comes_from_is_refused(app: Flask, closed_id: int, statement) -> None:
    with pytest.raises(read_log.UnseenText):
        read(app, lambda: db.session.execute(statement).all())


@pytest.mark.parametrize(
    "statement",
    [
        select(Agreement.kind).distinct(),
        select(Agreement.kind, func.count()).group_by(Agreement.kind),
        select(_ranked.c.id),
        select(func.count(Agreement.title.distinct())),
        union_all(select(Agreement.id), select(Commitment.id)),
    ],
)
def test_what_holds_no_text_may_come_in_any_way(app: Flask, closed_id: int, statement) -> None:
    assert read(app, lambda: db.session.execute(statement).all()) == {}


def test_the_rows_are_those_that_were_asked_for(app: Flask, closed_id: int) -> None:
    with app.test_request_context():
        statement = select(Agreement.title, Commitment.text).join(Agreement.commitments).order_by(Agreement.title)
        rows = db.session.execute(statement).all()
        assert [tuple(row) for row in rows] == [("Slutet", "Ronder"), ("Öppet", "Ronder")]
        assert rows[0].text == "Ronder"
        assert db.session.scalars(select(Agreement.title).order_by(Agreement.title)).all() == ["Slutet", "Öppet"]
        assert db.session.execute(select(Commitment.text, Agreement.id).join(Agreement)).unique().first() is not None


def readings(app: Flask) -> list[dict[str, list[int]]]:
    """Return what the log says was read."""
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry.changes).where(AuditEntry.action == AuditAction.READ)))


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("", None, 200),
        ("/andra", {"version": "9", "title": "Annat"}, 409),
        ("/andra", {"version": "1", "title": ""}, 422),
    ],
)
def test_whatever_page_shows_closed_text_is_logged(
    app: Flask, closed_id: int, coordinator: FlaskClient, path: str, form: dict[str, str] | None, status: int
) -> None:
    url = f"/samverkan/sergels/avtal/{closed_id}{path}"
    response = coordinator.get(url) if form is None else coordinator.post(url, data=form)
    assert response.status_code == status
    assert "Slutet" in response.text
    assert readings(app) == [{"ids": [closed_id]}]


def test_the_log_saves_nothing_but_itself(app: Flask, closed_id: int, coordinator: FlaskClient) -> None:
    # The reason for keeping a number waits to be saved with the text.
    form = {"title": "", "note": "Ring 08-508 00 000.", "privacy_reason": "Växeln, ingens eget.", "version": "1"}
    response = coordinator.post(f"/samverkan/sergels/avtal/{closed_id}/andra", data=form)
    assert response.status_code == 422
    assert "Varför måste uppgiften stå kvar?" in response.text
    assert len(readings(app)) == 1
    with app.app_context():
        assert db.session.scalar(select(func.count(PrivacyOverride.id))) == 0


def test_a_page_of_an_error_shows_nothing_and_is_not_logged(app: Flask, closed_id: int, owner: FlaskClient) -> None:
    assert owner.get(f"/samverkan/sergels/avtal/{closed_id}").status_code == 404
    assert readings(app) == []


def test_what_cant_be_logged_is_not_shown(
    closed_id: int, coordinator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(_read: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(read_log, "write_reads", give_up)
    response = coordinator.get(f"/samverkan/sergels/avtal/{closed_id}")
    assert response.status_code == 503
    assert "Flera sparar samtidigt. Vänta en stund och ladda om sidan." in response.text
    assert "Slutet" not in response.text
    assert response.headers["Cache-Control"] == "no-store"
