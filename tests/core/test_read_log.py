"""Reading text that only authorities may read is logged, in whatever way a statement asks for it."""

from collections.abc import Callable

import pytest
from flask import Flask, g
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from platssamverkan.agreements.models import Agreement, AgreementKind, Commitment, CommitmentKind
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from tests.builders import World

_other = aliased(Agreement)


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
    ],
)
def test_who_reads_closed_text_is_noted(app: Flask, closed_id: int, statement) -> None:
    assert read(app, lambda: db.session.execute(statement).all()) == {"agreement": {closed_id}}


@pytest.mark.parametrize(
    "statement", [select(func.count(Agreement.id)), select(Agreement.id, Agreement.kind), select(Commitment.number)]
)
def test_who_counts_or_reads_no_text_is_not(app: Flask, closed_id: int, statement) -> None:
    assert read(app, lambda: db.session.execute(statement).all()) == {}


def test_the_rows_are_those_that_were_asked_for(app: Flask, closed_id: int) -> None:
    with app.test_request_context():
        statement = select(Agreement.title, Commitment.text).join(Agreement.commitments).order_by(Agreement.title)
        rows = db.session.execute(statement).all()
        assert [tuple(row) for row in rows] == [("Slutet", "Ronder"), ("Öppet", "Ronder")]
        assert rows[0].text == "Ronder"
        assert db.session.scalars(select(Agreement.title).order_by(Agreement.title)).all() == ["Slutet", "Öppet"]
        assert db.session.execute(select(Commitment.text, Agreement.id).join(Agreement)).unique().first() is not None
