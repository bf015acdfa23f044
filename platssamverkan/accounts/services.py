"""Signing in: passwords by Argon2, and a pause for an address that has been guessed at."""

from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete, func, select

from platssamverkan.accounts.models import SignInAttempt, User
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError

_hasher = PasswordHasher()
#: Spent on unknown addresses too, so that the time taken does not tell which addresses exist.
_NOBODY = _hasher.hash("no one has this password")
ATTEMPTS, PAUSE = 8, timedelta(minutes=15)


class TooManyAttempts(DomainError):
    """The address has failed too often lately."""

    status = 429


def hash_password(password: str) -> str:
    """Return the Argon2 hash to store."""
    return _hasher.hash(password)


def authenticate(email: str, password: str) -> User | None:
    """Return the enabled user with this address and password, or None. Notes a failure. Does not commit.

    :raises TooManyAttempts: after eight failures within a quarter of an hour
    """
    address = email.strip().lower()
    since = clock.now() - PAUSE
    failures = db.session.scalar(
        select(func.count()).select_from(SignInAttempt).where(SignInAttempt.email == address, SignInAttempt.at > since)
    )
    if failures and failures >= ATTEMPTS:
        raise TooManyAttempts("För många försök. Vänta en kvart och försök igen.")
    user: User | None = db.session.scalar(select(User).where(User.email == address))
    try:
        _hasher.verify(user.password_hash if user else _NOBODY, password)
    except (Argon2Error, InvalidHashError):
        user = None
    if user is None or not user.is_enabled:
        db.session.add(SignInAttempt(email=address[:200], at=clock.now()))
        return None
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.email == address))
    user.last_sign_in_at = clock.now()
    return user
