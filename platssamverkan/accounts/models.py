"""Users: professionals who sign in. Nobody else is a person in this program (DOMAIN 9, R1)."""

import secrets
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from platssamverkan.core.columns import UTCDateTime
from platssamverkan.core.db import Model


class User(Model, UserMixin):
    """An account. Shown by function; the address of mail is a work contact, for signing in and
    for the mails that the user has chosen; others never see it (R8)."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    #: "Samordnare, Norra innerstadens stadsdelsförvaltning": what others see.
    function: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_enabled: Mapped[bool] = mapped_column(default=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    #: Changed to end every session of the user.
    session_token: Mapped[str] = mapped_column(String(64), default=lambda: secrets.token_hex(16), unique=True)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: Counts the changes of the account's facts. A sign-in or a new password is none, so this is no `version_id_col`.
    version: Mapped[int] = mapped_column(default=1)

    def get_id(self) -> str:
        return self.session_token

    @property
    def is_active(self) -> bool:
        return self.is_enabled


class EndedSession(Model):
    """A session that was signed out of, kept for as long as a copy of its cookie could be used."""

    __tablename__ = "ended_session"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SignInAttempt(Model):
    """A failed sign-in, kept a day or so to slow down guessing; the same on every machine that serves the program."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
