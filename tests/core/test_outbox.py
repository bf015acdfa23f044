"""The outbox: a mail waits in the database until the server has taken it, and is about what holds as it leaves."""

import smtplib
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from platssamverkan.accounts import services as accounts
from platssamverkan.accounts.models import User
from platssamverkan.briefings import mail as briefing_mail
from platssamverkan.briefings.models import Briefing, BriefingState
from platssamverkan.core import clock, mail, outbox
from platssamverkan.core.db import db
from platssamverkan.core.outbox import MailState, OutboxMail
from platssamverkan.core.registry import MailText, MailTopic, registry
from platssamverkan.core.visibility import Reader
from platssamverkan.meetings import mail as meeting_mail
from platssamverkan.partnerships.models import Membership
from platssamverkan.partnerships.readers import readers_of
from platssamverkan.partnerships.workspace import my_workspaces
from tests.briefings.builders import a_briefing
from tests.builders import World, add
from tests.meetings.builders import a_meeting, approve, attend
from tests.support.smtp import Inbox, free_port, mail_server

MINUTES, BRIEFINGS = meeting_mail.TOPIC, briefing_mail.TOPIC


@pytest.fixture
def inbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    """A mail server that the app sends through."""
    with mail_server() as server:
        for name, value in {
            "SMTP_HOST": "127.0.0.1", "SMTP_PORT": server.port, "SMTP_SECURITY": "none",
            "MAIL_SENDER": "platssamverkan@staden.example", "SITE_URL": "https://plats.example/",
        }.items():  # fmt: skip
            monkeypatch.setitem(app.config, name, value)
        yield server


@pytest.fixture
def minutes(app: Flask, world: World) -> int:
    """The id of a meeting at the square whose minutes have just been approved, by the coordinator."""
    with app.app_context():
        meeting = a_meeting(world)
        attend(world, meeting, "police")
        approve(meeting)
        db.session.commit()
        return meeting.id


def mails() -> list[OutboxMail]:
    db.session.expire_all()
    return list(db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def send_after(minutes: float = 6) -> int:
    """Send what is due when so many minutes have passed."""
    with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
        return mail.send_due()


def test_members_are_told_of_approved_minutes_in_plain_swedish(app: Flask, inbox: Inbox, minutes: int) -> None:
    with app.app_context():
        assert mail.send_due() == 0
        assert send_after() == 6
        assert {row.state for row in mails()} == {MailState.SENT}
        assert send_after() == 0
    names = ("auditor", "coordinator", "officer", "owner", "police", "reader")
    assert inbox.recipients == [f"{name}@exempel.se" for name in names]
    message = inbox.messages[0]
    assert message["Subject"] == "Sergels torg: minnesanteckningar från 5 november 2026"
    assert message["From"] == "platssamverkan@staden.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    text = message.get_content().replace("\r\n", "\n")
    # Spaces that hold a date together on pages would keep a letter from being broken into lines.
    assert "från mötet 5 november 2026 i Sergels torg" in text
    assert f"https://plats.example/samverkan/sergels/moten/{minutes}\n" in text
    assert "är godkända." in text
    assert "https://plats.example/mitt-konto" in text


def test_several_changes_to_the_same_thing_become_one_mail(app: Flask, world: World, inbox: Inbox) -> None:
    with app.app_context():
        briefing = a_briefing(world, state=BriefingState.HELD).id
        other = a_briefing(world, state=BriefingState.HELD).id
        user = world.users["police"]
        outbox.choose(user, [BRIEFINGS])
        for _ in range(3):
            outbox.tell(BRIEFINGS, briefing, [user])
        outbox.tell(BRIEFINGS, other, [user])
        db.session.commit()
        assert len(mails()) == 2
        assert send_after() == 2
        outbox.tell(BRIEFINGS, briefing, [user])
        db.session.commit()
        assert [row.state for row in mails()] == [MailState.SENT, MailState.SENT, MailState.WAITING]


def test_what_happens_while_a_mail_is_on_its_way_comes_in_the_next(app: Flask, world: World, inbox: Inbox) -> None:
    with app.app_context():
        briefing = a_briefing(world, state=BriefingState.HELD).id
        outbox.choose(world.users["police"], [BRIEFINGS])
        outbox.tell(BRIEFINGS, briefing, [world.users["police"]])
        db.session.commit()

        def meanwhile() -> bool:
            outbox.tell(BRIEFINGS, briefing, [world.users["police"]])
            db.session.commit()
            return True

        with time_machine.travel(clock.now() + timedelta(minutes=6)):
            mail.send_due(meanwhile)
        assert [row.state for row in mails()] == [MailState.WAITING]
        assert send_after(12) == 1
    # Servers drop a message whose id they have seen.
    assert len({message["Message-ID"] for message in inbox.messages}) == 2


def test_only_those_who_want_a_topic_get_it_and_not_the_one_who_did_it(app: Flask, world: World) -> None:
    with app.app_context():
        police, owner = world.users["police"], world.users["owner"]
        assert outbox.topics_of(police) == {"minutes", "reminders"}
        outbox.choose(police, ["briefings"])
        outbox.choose(police, ["briefings", "reminders"])
        assert outbox.topics_of(police) == {"briefings", "reminders"}
        assert outbox.tell(MINUTES, 1, [police, owner]) == 1
        assert outbox.tell(BRIEFINGS, 1, [police, owner], but=police) == 0


def test_a_closed_account_gets_nothing(app: Flask, world: World, inbox: Inbox, minutes: int) -> None:
    with app.app_context():
        accounts.set_enabled(db.session.get(User, world.users["police"]), is_enabled=False)
        db.session.commit()
        assert send_after() == 5
        assert len(mails()) == 5
        assert world.users["police"] not in readers_of(world.partnerships["sergels"], clock.today())
    assert "police@exempel.se" not in inbox.recipients


def test_one_who_has_left_the_partnership_gets_nothing(app: Flask, world: World, inbox: Inbox, minutes: int) -> None:
    with app.app_context():
        db.session.get(Membership, world.memberships["sergels", "owner"]).left_on = date(2026, 1, 1)
        db.session.commit()
        assert send_after() == 5
    assert "owner@exempel.se" not in inbox.recipients


def test_nothing_is_sent_of_what_is_a_draft_again(app: Flask, world: World, inbox: Inbox) -> None:
    with app.app_context():
        briefing = a_briefing(world, state=BriefingState.HELD)
        outbox.choose(world.users["police"], [BRIEFINGS])
        outbox.tell(BRIEFINGS, briefing.id, [world.users["police"]])
        db.session.commit()
        row = db.session.get(Briefing, briefing.id)
        row.state, row.closed_at = BriefingState.OPEN, None
        db.session.commit()
        assert send_after() == 0
        assert mails() == []
    assert inbox.messages == []


def test_a_mail_is_not_kept_when_the_change_was_not(app: Flask, world: World) -> None:
    with app.app_context():
        outbox.tell(MINUTES, 1, [world.users["police"]])
        db.session.rollback()
        assert mails() == []


def test_without_a_server_mails_wait(app: Flask, minutes: int) -> None:
    with app.app_context():
        assert send_after() == 0
        assert {(row.state, row.attempts) for row in mails()} == {(MailState.WAITING, 0)}


def test_a_failed_mail_is_tried_again_with_growing_pauses_and_then_given_up(
    app: Flask, world: World, inbox: Inbox, minutes: int, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.refused.add("police@exempel.se")
    with app.app_context():
        assert send_after() == 5
        assert "550 no such mailbox" in caplog.text
        assert "police@exempel.se" not in caplog.text
        pauses = []
        for attempt in range(1, len(mail.PAUSES) + 1):
            row = next(one for one in mails() if one.user_id == world.users["police"])
            assert (row.state, row.attempts) == (MailState.WAITING, attempt)
            assert "550 no such mailbox" in row.error
            with time_machine.travel(row.due_at, tick=False):
                mail.send_due()
            pauses.append(row.due_at)
        assert pauses == sorted(pauses)
        failed = next(one for one in mails() if one.user_id == world.users["police"])
        assert failed.state is MailState.FAILED
        inbox.refused.clear()
        assert outbox.retry(failed.id) == 1
        db.session.commit()
        assert mail.send_due() == 1
    assert inbox.recipients.count("police@exempel.se") == 1


def test_no_server_to_reach_is_shown_and_tried_again(
    app: Flask, inbox: Inbox, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMTP_PORT", free_port())
    with app.app_context():
        assert send_after() == 0
        assert {(row.state, row.attempts) for row in mails()} == {(MailState.WAITING, 1)}
        assert "refused" in mails()[0].error


def test_a_server_that_hangs_up_at_one_mail_has_failed_with_no_other(app: Flask, inbox: Inbox, minutes: int) -> None:
    first, second = "coordinator@exempel.se", "police@exempel.se"
    inbox.hung_up_at.update({first, second})
    with app.app_context():
        assert send_after() == 0
        assert [row.attempts for row in mails()] == [1, 0, 0, 0, 0, 0]
        assert send_after() == 0
        assert [row.attempts for row in mails()] == [1, 1, 0, 0, 0, 0]
        assert send_after(6) == 4
    assert {first, second}.isdisjoint(inbox.recipients)


def test_a_server_without_encryption_is_not_used_when_it_is_asked_for(
    app: Flask, inbox: Inbox, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMTP_SECURITY", "starttls")
    with app.app_context():
        assert send_after() == 0
        assert "STARTTLS" in mails()[0].error
    assert inbox.messages == []


def test_one_mail_that_cannot_be_written_does_not_stop_the_others(
    app: Flask, world: World, inbox: Inbox, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_about_id: int, _user_id: int) -> MailText:
        raise ZeroDivisionError("boom")

    monkeypatch.setitem(registry.mail_topics, "broken", MailTopic("Trasigt", "", is_on=True, compose=broken))
    with app.app_context():
        outbox.tell("broken", 1, [world.users["police"]])
        db.session.commit()
        assert send_after() == 6
        assert [row.error for row in mails() if row.topic == "broken"] == ["boom"]


def test_of_two_that_failed_about_the_same_thing_the_newer_is_tried_again(
    app: Flask, inbox: Inbox, minutes: int
) -> None:
    with app.app_context():
        older = mails()[0]
        newer = OutboxMail(
            user_id=older.user_id, topic=older.topic, about_id=older.about_id, created_at=older.created_at,
            changed_at=older.changed_at, due_at=older.due_at,
        )  # fmt: skip
        older.state = newer.state = MailState.FAILED
        db.session.add(newer)
        db.session.commit()
        gone, left = older.id, newer.id
        assert outbox.retry() == 1
        db.session.commit()
        assert {row.state for row in mails()} == {MailState.WAITING}
        assert gone not in {row.id for row in mails()}
        assert left in {row.id for row in mails()}


def test_old_news_is_not_sent_when_a_server_comes_at_last(app: Flask, inbox: Inbox, minutes: int) -> None:
    with app.app_context():
        assert send_after(60 * 24 * 8) == 0
        assert {(row.state, row.error) for row in mails()} == {(MailState.FAILED, mail.TOO_OLD)}
        assert outbox.retry() == 6
        db.session.commit()
        assert mail.send_due() == 6


def test_a_retry_gives_way_to_a_newer_mail_about_the_same(app: Flask, world: World) -> None:
    with app.app_context():
        user, now = world.users["police"], clock.now()
        old = add(
            OutboxMail(
                user_id=user,
                topic=MINUTES,
                about_id=1,
                state=MailState.FAILED,
                created_at=now,
                changed_at=now,
                due_at=now,
            )
        ).id
        outbox.tell(MINUTES, 1, [user])
        db.session.commit()
        assert outbox.retry(old) == 0
        assert outbox.retry() == 0
        assert [row.state for row in mails()] == [MailState.WAITING]


def test_a_mail_stops_leaving_when_the_worker_is_told_to_stop(app: Flask, inbox: Inbox, minutes: int) -> None:
    answers = iter([True, True, False])
    with app.app_context():
        with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
            assert mail.send_due(lambda: next(answers)) == 2
        assert send_after() == 4


def test_sent_mails_are_taken_away_in_time(app: Flask, inbox: Inbox, minutes: int) -> None:
    with app.app_context():
        send_after()
        assert outbox.prune(clock.now() - timedelta(days=30)) == 0
        assert outbox.prune(clock.now() + timedelta(hours=1)) == 6


def test_the_words_of_a_server_are_kept_short() -> None:
    assert mail._words(smtplib.SMTPAuthenticationError(535, b"bad")) == "535 bad"
    assert mail._words(TimeoutError()) == "E-postservern svarar inte: TimeoutError"
    assert mail._words(smtplib.SMTPNotSupportedError("no STARTTLS")) == "no STARTTLS"
    assert len(mail._words(OSError("x" * 900))) == 300


def test_readers_are_the_same_as_in_the_workspace(app: Flask, world: World) -> None:
    with app.app_context():
        today = clock.today()
        for name, partnership_id in world.partnerships.items():
            readers = readers_of(partnership_id, today)
            for person, user_id in world.users.items():
                own = [one.reader for one in my_workspaces(user_id, today) if one.partnership.id == partnership_id]
                assert [readers[user_id]] == own if user_id in readers else own == [], (name, person)
        assert (
            Reader(frozenset({world.actors["owner"]}), True, False)
            == readers_of(world.partnerships["sergels"], today)[world.users["owner"]]
        )
