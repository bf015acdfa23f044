"""Demo accounts, the refusal to start with them, and the examples around today."""

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
import time_machine
from flask import Flask
from flask.cli import FlaskGroup, run_command
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

import config
from platssamverkan import create_app
from platssamverkan.accounts.models import User
from platssamverkan.accounts.services import authenticate
from platssamverkan.activations.models import ActivationEvent, EventStatus
from platssamverkan.briefings.models import Briefing, BriefingItem, BriefingSection, BriefingState
from platssamverkan.core import clock, privacy
from platssamverkan.core.db import db
from platssamverkan.demo.accounts import ACCOUNTS, PASSWORD
from platssamverkan.measures.models import Measure
from platssamverkan.meetings.models import Decision, Meeting, MeetingState, MinutesItem
from platssamverkan.partnerships.models import Membership, Partnership, RoleGrant

KLARA, SERGELS, ODENPLAN = "vision-klara", "platssamverkan-sergels-torg", "samverkan-odenplan"
THREE = {KLARA, SERGELS, ODENPLAN}
#: Account → role, partnerships.
EXPECTED = {
    "samordnare": ("coordinator", THREE),
    "polis": ("participant", THREE),
    "fastighetsagare": ("participant", {SERGELS}),
    "handlaggare": ("report_officer", THREE),
    "lasare": ("reader", {SERGELS}),
    "blackeberg": ("coordinator", {"platssamverkan-blackeberg"}),
    "admin": (None, set()),
}


def test_the_accounts_have_the_roles_they_should(loaded: Flask) -> None:
    with loaded.app_context():
        grants = (
            select(User.email, RoleGrant.role, Partnership.slug)
            .join(RoleGrant, RoleGrant.user_id == User.id, isouter=True)
            .join(Membership, Membership.id == RoleGrant.membership_id, isouter=True)
            .join(Partnership, Partnership.id == Membership.partnership_id, isouter=True)
            .where(User.is_demo)
        )
        found: dict[str, tuple[str | None, set[str]]] = {}
        for email, role, slug in db.session.execute(grants):
            name = email.removesuffix("@demo.example")
            found.setdefault(name, (role, set()))[1].update({slug} - {None})
        assert found == EXPECTED
        assert len(ACCOUNTS) == len(EXPECTED)


def test_each_account_signs_in_and_one_is_administrator(loaded: Flask) -> None:
    with loaded.app_context():
        for name in EXPECTED:
            user = authenticate(f"{name}@demo.example", PASSWORD)
            assert user is not None
            assert user.is_admin == (name == "admin")


def test_no_demo_account_signs_in_outside_a_demo(loaded: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the program was started while the database with the accounts did not answer."""
    monkeypatch.setitem(loaded.config, "DEMO", False)
    answer = loaded.test_client().post("/logga-in", data={"email": "polis@demo.example", "password": PASSWORD})
    assert answer.status_code == 422


def test_the_reader_acts_for_an_actor_outside_the_secrecy_act(loaded: Flask) -> None:
    with loaded.app_context():
        statement = select(RoleGrant).options(joinedload(RoleGrant.membership).joinedload(Membership.actor))
        statement = statement.join(RoleGrant.user).where(User.email == "lasare@demo.example")
        assert not db.session.scalars(statement).one().membership.actor.subject_to_osl


def test_a_membership_that_the_sources_lack_is_marked_as_an_example(loaded: Flask) -> None:
    with loaded.app_context():
        rows = list(db.session.scalars(select(Membership).where(Membership.is_example)))
        assert len(rows) == 1
        assert rows[0].source_id is None
        assert "Exempel" in (rows[0].source_note or "")


def test_no_account_is_made_outside_a_demo(app: Flask) -> None:
    app.config["DEMO"] = False
    try:
        result = app.test_cli_runner().invoke(args=["demo", "load"])
    finally:
        app.config["DEMO"] = True
    assert result.exit_code == 0
    with app.app_context():
        assert list(db.session.scalars(select(User))) == []
        assert list(db.session.scalars(select(Briefing))) == []


class Production(config.Testing):
    """A start without PLATSSAMVERKAN_DEMO."""

    def __init__(self, uri: str, instance: Path) -> None:
        super().__init__(uri, instance)
        self.DEMO = False
        self.COMPONENTS_PAGE = False


def test_a_start_outside_a_demo_refuses_a_database_with_demo_accounts(
    loaded: Flask, database_uri: str, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as refused:
        create_app(Production(database_uri, tmp_path))
    message = str(refused.value)
    assert "demokonton" in message
    assert "\n" not in message


def test_a_command_outside_a_demo_works_on_its_database_but_the_development_server_does_not_start(
    loaded: Flask, database_uri: str, tmp_path: Path
) -> None:
    with click.Context(FlaskGroup()):
        printing = create_app(Production(database_uri, tmp_path))
    file = tmp_path / "rapport.pdf"
    arguments = ["report", "platssamverkan-sergels-torg", "--period", "2023-vb", "--out", str(file)]
    result = printing.test_cli_runner().invoke(args=arguments)
    with printing.app_context():
        db.engine.dispose()
    assert result.exit_code == 0, result.output
    assert file.read_bytes().startswith(b"%PDF-")
    with click.Context(run_command), pytest.raises(SystemExit):
        create_app(Production(database_uri, tmp_path))


def test_a_start_outside_a_demo_takes_a_database_without_accounts_or_tables(
    app: Flask, database_uri: str, tmp_path: Path
) -> None:
    create_app(Production(database_uri, tmp_path))
    create_app(Production(f"sqlite:///{tmp_path / 'new.sqlite3'}", tmp_path))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 27, 11, 0, tzinfo=UTC),
        datetime(2026, 10, 24, 17, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 21, 50, tzinfo=UTC),
        datetime(2027, 1, 1, 23, 5, tzinfo=UTC),
    ],
)
def test_there_is_a_briefing_ahead_this_very_day_and_an_event_going_on(app: Flask, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        assert app.test_cli_runner().invoke(args=["demo", "load"]).exit_code == 0
        with app.app_context():
            today, now = clock.today(), clock.now()
            briefings = list(db.session.scalars(select(Briefing).order_by(Briefing.starts_at)))
            tonight = [row for row in briefings if clock.to_local(row.starts_at).date() == today]
            assert len(tonight) == 1
            assert tonight[0].state is BriefingState.PLANNED
            assert tonight[0].starts_at > now
            assert all((row.state is BriefingState.PLANNED) == (row.starts_at > now) for row in briefings)
            events = list(db.session.scalars(select(ActivationEvent)))
            assert [row.spot for row in events if row.starts_at <= now < row.ends_at]
            assert any(row.status is EventStatus.CANCELLED for row in events)


def test_every_example_is_marked_in_words_and_names_nobody(loaded: Flask) -> None:
    with loaded.app_context():
        texts = [row.title for row in db.session.scalars(select(ActivationEvent))]
        texts += [row.text for row in db.session.scalars(select(BriefingItem))]
        texts += [row.text for row in db.session.scalars(select(MinutesItem)) if row.text]
        texts += [row.text for row in db.session.scalars(select(Decision))]
        texts += [row.title for row in db.session.scalars(select(Measure).where(Measure.is_example))]
        assert texts
        assert [text for text in texts if not text.startswith("Exempel: ")] == []
        assert [text for text in texts if privacy.find(text)] == []
        for model in (Briefing, Meeting, ActivationEvent):
            assert all(row.is_example and row.source_id is None for row in db.session.scalars(select(model)))


def test_the_chain_holds_from_briefing_to_forum_to_overdue_measure(loaded: Flask) -> None:
    with loaded.app_context():
        states = {row.state for row in db.session.scalars(select(Meeting))}
        assert states == {MeetingState.APPROVED, MeetingState.PLANNED}
        raised = db.session.scalars(select(BriefingItem).where(BriefingItem.raise_to_forum)).one()
        assert db.session.scalars(select(MinutesItem).where(MinutesItem.briefing_item_id == raised.id)).one()
        decisions = list(db.session.scalars(select(Decision).options(selectinload(Decision.measures))))
        measures = [measure for decision in decisions for measure in decision.measures]
        assert [measure.is_overdue(clock.today()) for measure in measures].count(True) == 1
        assert len(measures) == 2
        handovers = select(BriefingItem).where(BriefingItem.section == BriefingSection.HANDOVER)
        assert [row.settled_in_id is None for row in db.session.scalars(handovers)].count(True) == 1


def test_approved_example_minutes_are_locked_like_any_other(loaded: Flask) -> None:
    with loaded.app_context():
        meeting = db.session.scalars(select(Meeting).where(Meeting.state == MeetingState.APPROVED)).one()
        meeting.location = "Någon annanstans"
        with pytest.raises(Exception, match="approved"):
            db.session.flush()
        db.session.rollback()
