"""Sending what waits in the outbox, over SMTP. Run by the worker; no transaction is open while the server answers."""

import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from flask import current_app
from sqlalchemy import ColumnElement, select, update

from platssamverkan.core import clock
from platssamverkan.core.db import db, rows
from platssamverkan.core.outbox import MailState, OutboxMail, path_to, wanting
from platssamverkan.core.registry import MailText, registry

#: How long to wait after each failure; after the last one the mail is given up until someone presses retry.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
)
#: News that has waited longer, as when no mail server was known, is no news.
STALE = timedelta(days=7)
TOO_OLD = "Brevet väntade i mer än en vecka och skickades inte."
BATCH = 100
TIMEOUT = 30


@contextmanager
def connected(config: Mapping[str, object]) -> Iterator[smtplib.SMTP]:
    """Give a connection to the mail server of the settings. Raises OSError or SMTPException when there is none."""
    host, port, security = str(config["SMTP_HOST"]), int(str(config["SMTP_PORT"])), config["SMTP_SECURITY"]
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if security == "tls":
        server = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    with server:
        if security == "starttls":
            server.starttls(context=context)
        if config["SMTP_USER"]:
            server.login(str(config["SMTP_USER"]), str(config["SMTP_PASSWORD"]))
        yield server


def compose(mail_id: int, changed_at: datetime, address: str, text: MailText) -> EmailMessage:
    """Return the message in plain text, each link on a line of its own. `changed_at` is when something was last added
    to what it tells of."""
    site = str(current_app.config["SITE_URL"] or "http://127.0.0.1:5000/").rstrip("/")
    sender = str(current_app.config["MAIL_SENDER"])
    parts = [*text.lines, *(f"{label}\n{site}{path}" for label, path in text.links)]
    parts.append(f"Du väljer själv vilka brev du får:\n{site}{path_to('accounts.own')}")
    message = EmailMessage()
    message["From"], message["To"] = sender, address
    message["Subject"] = " ".join(text.subject.split())
    message["Date"] = format_datetime(clock.now())
    # The same at every try, so that a server that took the mail without our hearing it can tell; another when there is
    # more to tell, or the server would take that for the mail it has.
    message["Message-ID"] = f"<{mail_id}.{changed_at:%Y%m%d%H%M%S%f}.outbox@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    # Pages keep "5 november" on one line by a no-break space; a letter is broken by whoever reads it.
    message.set_content("\n\n".join(parts).replace("\xa0", " ") + "\n")
    return message


def send_due(keep_going: Callable[[], bool] = lambda: True) -> int:
    """Send the mails whose time has come and return how many left. Commits after each.

    Without SMTP_HOST they wait. `keep_going` is asked before each mail.
    """
    if not current_app.config["SMTP_HOST"]:
        return 0
    now = clock.now()
    due = [OutboxMail.state == MailState.WAITING, OutboxMail.due_at <= now]
    _give_up_stale(now)
    mails = rows(select(OutboxMail).where(*due).order_by(OutboxMail.due_at, OutboxMail.id).limit(BATCH))
    ready = [message for mail in mails if (message := _ready(mail))]
    db.session.commit()
    return _deliver(ready, keep_going) if ready else 0


#: (mail, when it was last changed, message); the message is the error when it could not be written.
Ready = tuple[int, datetime, EmailMessage | Exception]


def _ready(mail: OutboxMail) -> Ready | None:
    """Return the message as things stand now; a mail that nobody wants or may read any more is taken away."""
    topic = registry.mail_topics.get(mail.topic)
    address = registry.ask("mail_addresses", [mail.user_id]).get(mail.user_id)
    try:
        text = topic.compose(mail.about_id, mail.user_id) if topic and address else None
        if text is None or not wanting(mail.topic, [mail.user_id]):
            db.session.delete(mail)
            return None
        return mail.id, mail.changed_at, compose(mail.id, mail.changed_at, address, text)
    except Exception as error:
        # One mail that can't be written must not keep the others from leaving.
        current_app.logger.exception("mail %s could not be written", mail.id)
        return mail.id, mail.changed_at, error


def _deliver(ready: list[Ready], keep_going: Callable[[], bool]) -> int:
    sent, is_open = 0, False
    left = list(ready)
    try:
        with connected(current_app.config) as server:
            is_open = True
            while left and keep_going():
                mail_id, changed_at, message = left[0]
                try:
                    if isinstance(message, Exception):
                        raise message
                    server.send_message(message)
                except smtplib.SMTPServerDisconnected:
                    raise
                except Exception as error:
                    _failed(mail_id, error)
                else:
                    _sent(mail_id, changed_at)
                    sent += 1
                left.pop(0)
    except (OSError, smtplib.SMTPException) as error:
        # No server: nobody gets anything. A server that hung up did so at one mail; the others are tried again soon.
        for mail_id, *_ in left[:1] if is_open else left:
            _failed(mail_id, error)
    return sent


def _set(mail_id: int, *conditions: "ColumnElement[bool]", **values: object) -> bool:
    statement = update(OutboxMail).where(OutboxMail.id == mail_id, *conditions).values(values)
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.commit()
    return bool(result.rowcount)


def _sent(mail_id: int, changed_at: datetime) -> None:
    now = clock.now()
    as_written = OutboxMail.changed_at == changed_at
    if not _set(mail_id, as_written, state=MailState.SENT, sent_at=now, error=None, attempts=OutboxMail.attempts + 1):
        # Something was added while the mail was on its way: that is news of its own.
        _set(mail_id, due_at=now + timedelta(minutes=current_app.config["MAIL_WAIT_MINUTES"]), attempts=0)


def _failed(mail_id: int, error: Exception) -> None:
    # Not the error itself, which names the address.
    current_app.logger.warning("mail %s was not sent: %s", mail_id, _words(error))
    attempts = (db.session.scalar(select(OutboxMail.attempts).where(OutboxMail.id == mail_id)) or 0) + 1
    told = {"attempts": attempts, "error": _words(error)}
    if attempts > len(PAUSES):
        _set(mail_id, state=MailState.FAILED, **told)
    else:
        _set(mail_id, due_at=clock.now() + PAUSES[attempts - 1], **told)


def _words(error: Exception) -> str:
    """Return what went wrong in one short line, as the server says it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answer = next(iter(error.recipients.values()))
        return f"Mottagaren nekades: {_answer(*answer)}"[:300]
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)[:300]
    words = str(error) or type(error).__name__
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        words = f"E-postservern svarar inte: {words}"
    return words[:300]


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text if isinstance(text, str) else text.decode(errors='replace')}"


def _give_up_stale(now: datetime) -> None:
    waiting = OutboxMail.state == MailState.WAITING
    db.session.execute(
        update(OutboxMail)
        .where(waiting, OutboxMail.changed_at < now - STALE)
        .values(state=MailState.FAILED, error=TOO_OLD)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
