"""What the pages of accounts read."""

from typing import TYPE_CHECKING

from sqlalchemy import Select, select

from platssamverkan.accounts.models import User
from platssamverkan.core.db import one_or_404
from platssamverkan.core.tables import Column, Filter, ListSpec, contains

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def users() -> tuple["Select[User]", ListSpec]:
    """Return the list of accounts."""

    def has_state(value: str) -> "ColumnElement[bool]":
        return User.is_enabled.is_(value == "oppet")

    spec = ListSpec(
        id="users",
        noun_singular="användare",
        noun_plural="användare",
        columns=[
            Column("function", "Funktion", User.function),
            Column("email", "E-postadress", User.email),
            Column("admin", "Administratör", User.is_admin),
            Column("signed_in", "Senast inloggad", User.last_sign_in_at),
            Column("status", "Konto", User.is_enabled),
        ],
        filters=[
            Filter("q", "Sök funktion eller adress", lambda text: contains(text, User.function, User.email), "search"),
            Filter("konto", "Konto", has_state, choices=[("oppet", "Öppet"), ("stangt", "Stängt")]),
            Filter("administrator", "Bara administratörer", lambda _value: User.is_admin.is_(True), "checkbox"),
        ],
        default_sort="function",
        tie=User.id,
        export=False,
    )
    return select(User), spec


def user(user_id: int) -> User:
    """Return the account; 404 when there is none."""
    return one_or_404(select(User).where(User.id == user_id))
