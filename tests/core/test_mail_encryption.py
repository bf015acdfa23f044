"""Mail over an encrypted line, as most servers ask for: a certificate that is checked, then a sign-in."""

import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme

from platssamverkan.core.mail import connected
from tests.support.smtp import PASSWORD, Inbox, mail_server


@pytest.fixture
def authority() -> trustme.CA:
    """Who has signed the server's certificate."""
    return trustme.CA()


@pytest.fixture
def inbox(authority: trustme.CA) -> Iterator[Inbox]:
    """A server that takes mail only over an encrypted line, from who has signed in."""
    encryption = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(encryption)
    with mail_server(encryption) as server:
        yield server


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the authority, as it trusts those of the world."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def settings(inbox: Inbox, password: str = PASSWORD) -> dict[str, object]:
    return {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": inbox.port,
        "SMTP_SECURITY": "starttls",
        "SMTP_USER": "plats",
        "SMTP_PASSWORD": password,
    }


@pytest.mark.usefixtures("trusted")
def test_the_password_and_the_mail_go_over_an_encrypted_line(inbox: Inbox) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "plats@exempel.se", "polis@exempel.se", "Kvällens utställning"
    with connected(settings(inbox)) as server:
        server.send_message(message)
    assert inbox.signed_in == [("plats", PASSWORD, True)]
    assert [str(kept["Subject"]) for kept in inbox.messages] == ["Kvällens utställning"]


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_an_error(inbox: Inbox) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError), connected(settings(inbox, "fel")):
        pass


def test_a_server_that_nobody_vouches_for_gets_no_password(inbox: Inbox) -> None:
    with pytest.raises(ssl.SSLCertVerificationError), connected(settings(inbox)):
        pass
    assert inbox.signed_in == []


def test_a_server_without_encryption_gets_no_password() -> None:
    with mail_server() as inbox:
        with pytest.raises(smtplib.SMTPNotSupportedError), connected(settings(inbox)):
            pass
        assert inbox.signed_in == []
