"""The whole site on the demo data: every address of `app.url_map` with ids that lead somewhere, for every role."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, select
from werkzeug.routing import Rule

from platssamverkan.accounts.models import User
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.partnerships.models import Partnership

#: Partnerships of the demo in which the site is walked.
SLUGS = ("vision-klara", "platssamverkan-sergels-torg")
ROLES = (
    "samordnare", "polis", "fastighetsagare", "handlaggare", "lasare", "redaktor", "revisor", "blackeberg", "admin",
)  # fmt: skip
#: Where a role belongs. The demo has accounts for all but two, which the tests add.
HOMES = {
    "samordnare": set(SLUGS),
    "polis": set(SLUGS),
    "handlaggare": set(SLUGS),
    "fastighetsagare": {"platssamverkan-sergels-torg"},
    "lasare": {"platssamverkan-sergels-torg"},
    "redaktor": {"platssamverkan-sergels-torg"},
    "revisor": {"platssamverkan-sergels-torg"},
    "blackeberg": set(),
    "admin": set(),
}
#: URL parameter → table, where the name does not say it. A blueprint's own meaning comes first.
TABLES = {
    "event_id": "activation_event",
    "cause_id": "cause_analysis",
    "assessment_id": "goal_assessment",
    "grant_id": "role_grant",
    "round_id": "survey_round",
    "series_id": "meeting_series",
    "party_id": "agreement_party",
    "document_id": "issued_document",
    "issued_id": "issued_document",
    "entry_id": "staffing_entry",
    "change_log.entry_id": "audit_entry",
    "staffing_id": "staffing_entry",
    "line_id": "briefing_item",
    "meetings.item_id": "minutes_item",
    "briefings.item_id": "briefing_item",
    "version_id": "goal_version",
    "mail_id": "outbox_mail",
}
#: Parameters that are no ids, with values that hold.
VALUES: dict[str, list[Any]] = {
    "year": [2026],
    "period": ["vb"],
    "section": ["situation", "place_condition"],
    "what": ["mal", "indikatorer-med-malniva", "atgarder-pagar", "beslut", "platsaktiveringar-planerade"],
}
#: Parameters that are a row's own name.
NAMED = {"place_slug": ("place", "slug"), "key": ("survey_round", "key")}
#: How many rows of each kind an address is tried with, as far as there are so many: closed and open ones.
MOST_TRIED = 6
MOST_COMBINED = 12


@dataclass(eq=False)
class Site:
    """The app and, for each rule and partnership, the URL values to ask it with."""

    app: Flask
    tokens: dict[str, str] = field(default_factory=dict)
    partnership_ids: dict[str, int] = field(default_factory=dict)

    def client(self, role: str | None) -> FlaskClient:
        """Return a client signed in as a demo account; None: nobody."""
        client = self.app.test_client()
        if role:
            with client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = self.tokens[role], True
        return client

    def rules(self, method: str) -> list[Rule]:
        """Return the rules that take `method`, static files aside."""
        return [
            rule
            for rule in self.app.url_map.iter_rules()
            if method in (rule.methods or ()) and rule.endpoint != "static"
        ]

    def addresses(self, rule: Rule) -> Iterator[tuple[str | None, str]]:
        """Yield (slug or None, address) for the rule, by turns for each partnership and with ids of several rows."""
        arguments = sorted(rule.arguments)
        adapter = self.app.url_map.bind("localhost")
        slugs = SLUGS if "slug" in arguments else (None,)
        with self.app.app_context():
            values = [self._values(rule, slug, [name for name in arguments if name != "slug"]) for slug in slugs]
        for turn in zip_longest(*values):
            for slug, chosen in zip(slugs, turn, strict=True):
                if chosen is not None:
                    yield slug, adapter.build(rule.endpoint, chosen | ({"slug": slug} if slug else {}))

    def _values(self, rule: Rule, slug: str | None, names: list[str]) -> list[dict[str, Any]]:
        combined: list[dict[str, Any]] = [{}]
        # Those that hang on others come after them: goal before version, meeting before item.
        for name in sorted(names, key=lambda one: rule.rule.index(f":{one}>") if f":{one}>" in rule.rule else 0):
            combined = [
                values | {name: value} for values in combined for value in self._candidates(rule, slug, name, values)
            ]
        step = max(1, len(combined) // MOST_COMBINED)
        return combined[::step][:MOST_COMBINED]

    def _candidates(self, rule: Rule, slug: str | None, name: str, known: dict[str, Any]) -> list[Any]:
        if name in VALUES:
            return VALUES[name]
        if name in NAMED:
            table_name, column = NAMED[name]
            return list(db.session.scalars(select(db.metadata.tables[table_name].c[column])))
        table = self.table_of(rule, name)
        statement = select(table.c.id).order_by(table.c.id.desc())
        narrowed = False
        for other, value in known.items():
            if other in VALUES or other in NAMED:
                continue
            for key in table.foreign_keys:
                if key.column.table is self.table_of(rule, other):
                    statement, narrowed = statement.where(key.parent == value), True
        if slug and "partnership_id" in table.c and not narrowed:
            statement = statement.where(table.c.partnership_id == self.partnership_ids[slug])
        if "visibility" not in table.c:
            return list(db.session.scalars(statement.limit(MOST_TRIED))) or [1]
        closed = table.c.visibility == Visibility.AUTHORITIES_ONLY
        halves = [list(db.session.scalars(statement.where(half).limit(MOST_TRIED))) for half in (~closed, closed)]
        return [one for pair in zip_longest(*halves) for one in pair if one is not None][:MOST_TRIED] or [1]

    def table_of(self, rule: Rule, name: str) -> Table:
        """Return the table whose id the URL parameter is. Raises KeyError for a name that nobody has told of."""
        blueprint = rule.endpoint.split(".")[0]
        wanted = TABLES.get(f"{blueprint}.{name}") or TABLES.get(name) or name.removesuffix("_id")
        table: Table = db.metadata.tables[wanted]
        return table


def walk(app: Flask) -> Site:
    """Return the site of an app whose database holds the demo data and accounts."""
    site = Site(app)
    with app.app_context():
        for user in db.session.scalars(select(User)):
            site.tokens[user.email.split("@")[0]] = user.session_token
        for partnership in db.session.scalars(select(Partnership)):
            site.partnership_ids[partnership.slug] = partnership.id
    return site
