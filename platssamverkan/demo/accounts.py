"""Demo accounts: who can sign in when PLATSSAMVERKAN_DEMO is set, and the refusal to start with them otherwise."""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from platssamverkan.accounts.models import User
from platssamverkan.accounts.services import hash_password
from platssamverkan.actors.models import Actor
from platssamverkan.core import schema
from platssamverkan.core.db import db
from platssamverkan.partnerships.models import Membership, Partnership, RoleGrant
from platssamverkan.partnerships.roles import Role

PASSWORD = "platssamverkan-demo"  # noqa: S105  (printed by make demo; the accounts exist only in a demo)
DOMAIN = "demo.example"
NORRMALM = ("vision-klara", "platssamverkan-sergels-torg", "samverkan-odenplan")
SERGELS = ("platssamverkan-sergels-torg",)


@dataclass(frozen=True)
class Account:
    """One demo account; `actor` and `partnerships` are keys of the seed file."""

    name: str
    function: str
    role: Role | None = None
    actor: str = ""
    partnerships: tuple[str, ...] = ()


ACCOUNTS = (
    Account("samordnare", "Samordnare", Role.COORDINATOR, "norra-innerstaden-sdf", NORRMALM),
    Account("polis", "Operativ samordnare", Role.PARTICIPANT, "polisen-lpo-norrmalm", NORRMALM),
    Account("fastighetsagare", "Förvaltare", Role.PARTICIPANT, "vasakronan", SERGELS),
    Account("handlaggare", "Handläggare", Role.REPORT_OFFICER, "norra-innerstaden-sdf", NORRMALM),
    Account("lasare", "Säkerhetsstrateg", Role.READER, "city-i-samverkan", SERGELS),
    Account("blackeberg", "Samordnare", Role.COORDINATOR, "bromma-sdf", ("platssamverkan-blackeberg",)),
    Account("admin", "Administratör"),
)


def make_accounts() -> int:
    """Make the demo accounts that are missing, with their roles; return how many. Does not commit."""
    existing = set(db.session.scalars(select(User.email).where(User.is_demo)))
    made = 0
    # One for all: the password is printed by make demo, and each hash takes its time by design.
    password_hash = hash_password(PASSWORD) if len(existing) < len(ACCOUNTS) else ""
    for account in ACCOUNTS:
        email = f"{account.name}@{DOMAIN}"
        if email in existing:
            continue
        user = User(
            email=email,
            function=account.function,
            password_hash=password_hash,
            is_admin=account.name == "admin",
            is_demo=True,
        )
        db.session.add(user)
        db.session.flush()
        for slug in account.partnerships:
            membership = _membership(account.actor, slug)
            db.session.add(RoleGrant(user_id=user.id, membership_id=membership.id, role=account.role))
        made += 1
    db.session.flush()
    return made


def _membership(actor_key: str, slug: str) -> Membership:
    """Return the actor's part in the partnership; where the sources tell of none, one that is marked as an example."""
    actor_id = db.session.scalars(select(Actor.id).where(Actor.seed_key == actor_key)).one()
    partnership_id = db.session.scalars(select(Partnership.id).where(Partnership.slug == slug)).one()
    found: Membership | None = db.session.scalar(
        select(Membership).where(Membership.actor_id == actor_id, Membership.partnership_id == partnership_id)
    )
    if found is None:
        found = Membership(
            actor_id=actor_id,
            partnership_id=partnership_id,
            is_operative=True,
            is_example=True,
            source_note="Exempel: deltagandet finns för demokontot och står inte i källorna.",
        )
        db.session.add(found)
        db.session.flush()
    return found


def refuse_outside_demo(app: Flask) -> None:
    """Stop a start without PLATSSAMVERKAN_DEMO on a database that holds demo accounts, whose password is printed.

    A database without tables, or out of reach, holds none yet; whoever uses it meets its own message. The program's own
    commands, such as `flask report`, let nobody sign in and may work on any database.

    :raises SystemExit: with one line that says what to do
    """
    if app.config["DEMO"] or schema.is_command():
        return
    with app.app_context():
        try:
            count = db.session.scalar(select(func.count()).select_from(User).where(User.is_demo))
        except SQLAlchemyError:
            count = 0
        finally:
            db.session.remove()
            db.engine.dispose()
    if count:
        raise SystemExit(
            "Databasen innehåller demokonton med känt lösenord. "
            "Starta med PLATSSAMVERKAN_DEMO=1 eller använd en annan databas."
        )
