"""A real mail server on the machine itself, that keeps what it is given."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

#: The one that lets in.
PASSWORD = "brevduva"


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Inbox:
    """What the server has taken, and the addresses that it refuses or hangs up at."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    hung_up_at: set[str] = field(default_factory=set)
    #: Who has signed in: (user, password, whether the line was encrypted).
    signed_in: list[tuple[str, str, bool]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  (aiosmtpd looks for this name and calls it so)
        self, server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Refuse the addresses that are to be refused."""
        if address in self.hung_up_at:
            server.transport.abort()
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the message."""
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def authenticate(self, _server: Any, session: Any, _envelope: Any, _how: str, given: LoginPassword) -> AuthResult:
        """Let in whoever knows the password."""
        self.signed_in.append((given.login.decode(), given.password.decode(), session.ssl is not None))
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False)

    @property
    def recipients(self) -> list[str]:
        """Return to whom the messages went, in order of name."""
        return sorted(str(message["To"]) for message in self.messages)


@contextmanager
def mail_server(encryption: ssl.SSLContext | None = None) -> Iterator[Inbox]:
    """Give a running mail server's inbox. With `encryption` it takes mail only over STARTTLS and a sign-in."""
    inbox = Inbox(free_port())
    is_closed = encryption is not None
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=inbox.port,
        tls_context=encryption,
        require_starttls=is_closed,
        auth_required=is_closed,
        authenticator=inbox.authenticate,
    )
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
