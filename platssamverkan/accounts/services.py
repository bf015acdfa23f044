"""Signing in: passwords by Argon2, and a pause for an address that has been guessed at. Accounts."""

import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask import current_app
from sqlalchemy import delete, func, select

from platssamverkan.accounts.models import EndedSession, SignInAttempt, User
from platssamverkan.core import clock
from platssamverkan.core.db import db, lock_row
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.core.outbox import upsert

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
    # A start on their database is refused outside a demo, but not while the database does not answer.
    is_known_to_all = user is not None and user.is_demo and not current_app.config["DEMO"]
    if user is None or not user.is_enabled or is_known_to_all:
        db.session.add(SignInAttempt(email=address[:200], at=clock.now()))
        return None
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.email == address))
    user.last_sign_in_at = clock.now()
    return user


def forget_attempts() -> int:
    """Take away failures that are too old to count; return how many. Does not commit."""
    return int(db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < clock.now() - PAUSE)).rowcount)


def end_session(key: str) -> None:
    """Let no copy of the session's cookie in again; other sessions of the user go on. Does not commit."""
    statement = upsert(EndedSession).values(key=key, ended_at=clock.now())
    db.session.execute(statement.on_conflict_do_nothing())


def forget_sessions() -> int:
    """Forget ended sessions whose cookies are too old by now; return how many. Does not commit."""
    oldest = clock.now() - current_app.permanent_session_lifetime
    return int(db.session.execute(delete(EndedSession).where(EndedSession.ended_at < oldest)).rowcount)


class AddressTaken(DomainError):
    """Another account signs in with the address."""

    def __init__(self) -> None:
        super().__init__("Det finns redan ett konto med den adressen.")


class LastAdministrator(DomainError):
    """Somebody must be able to let others in."""

    def __init__(self) -> None:
        super().__init__("Det här är den sista administratören. Gör någon annan till administratör först.")


def _check_address(address: str, but: int | None) -> None:
    if db.session.scalar(select(User.id).where(User.email == address, User.id != (but or 0))):
        raise AddressTaken


def _keep_an_administrator(user: User) -> None:
    if not user.is_admin:
        return
    administrators = select(User.id).where(User.is_admin.is_(True), User.is_enabled.is_(True)).order_by(User.id)
    # Two who take it from each other at the same moment do so one after the other.
    for user_id in db.session.scalars(administrators).all():
        lock_row(User, user_id)
    if not set(db.session.scalars(administrators)) - {user.id}:
        raise LastAdministrator


def create_account(*, email: str, function: str, password: str, is_admin: bool) -> User:
    """Return a new account that can sign in. Does not commit.

    :raises AddressTaken: when the address has an account
    """
    address = email.strip().lower()
    _check_address(address, None)
    user = User(email=address, function=function, password_hash=hash_password(password), is_admin=is_admin)
    db.session.add(user)
    db.session.flush()
    return user


def change_account(user: User, *, posted_version: int | None, email: str, function: str, is_admin: bool) -> None:
    """Set address, function and whether the user administers. Does not commit.

    :raises EditConflict: if someone saved first
    :raises AddressTaken: when another account has the address
    :raises LastAdministrator: when nobody would be left to administer
    """
    address = email.strip().lower()
    _check_address(address, user.id)
    if not is_admin:
        _keep_an_administrator(user)
    lock_row(User, user.id)
    db.session.refresh(user)
    check_version(user, posted_version)
    user.email, user.function, user.is_admin = address, function, is_admin
    user.version += 1
    db.session.flush()


def set_enabled(user: User, *, is_enabled: bool) -> None:
    """Open or close the account; closing ends its sessions. What the user has done stays. Does not commit.

    :raises LastAdministrator: when nobody would be left to administer
    """
    if not is_enabled:
        _keep_an_administrator(user)
        _end_sessions(user)
    user.is_enabled = is_enabled
    db.session.flush()


def set_password(user: User, password: str) -> None:
    """Set a new password and end every session of the user. Does not commit."""
    user.password_hash = hash_password(password)
    _end_sessions(user)
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.email == user.email))
    db.session.flush()


def holds_password(user: User, password: str) -> bool:
    """Say whether the password is the user's."""
    try:
        return _hasher.verify(user.password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def _end_sessions(user: User) -> None:
    user.session_token = secrets.token_hex(16)
