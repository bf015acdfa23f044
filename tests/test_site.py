"""The site as a whole, made from `app.url_map` on the demo data: doors, leaks, form and validity of every page."""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import flask_migrate
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_login import login_user
from sqlalchemy import Enum, String, select
from sqlalchemy.exc import DBAPIError
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config import Testing
from platssamverkan import create_app
from platssamverkan.accounts.models import User
from platssamverkan.core.access import rule_of
from platssamverkan.core.columns import Visible
from platssamverkan.core.db import Base, db
from platssamverkan.core.formatting import day
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import Goal, GoalAssessment, GoalVersion, Grade, ReportingPeriod
from platssamverkan.measures.models import CauseAnalysis, CauseKind, Maintenance, Measure, MeasureStatus, Problem
from platssamverkan.meetings.models import Decision, Meeting, MeetingState, MinutesCorrection, MinutesItem
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.roles import LEFT_WHEN_ENDED, Permission
from platssamverkan.partnerships.services import end_partnership
from platssamverkan.partnerships.workspace import load_workspace
from platssamverkan.reports.models import IssuedDocument, PeriodSummary
from tests.support.html_check import check_html
from tests.support.pdf_check import pdf_text
from tests.support.site import HOMES, ROLES, Site, walk

#: What anyone may see without signing in. A new one is a decision, so it is written here too.
OPEN = {
    "accounts.sign_in", "accounts.sign_in_post", "components.show", "overview.accessibility", "overview.health",
    "public.show",
}  # fmt: skip
SECRET = "Hemligmarkering"
#: What the database says when a row can't be changed any more.
LOCKS = (
    "minutes are approved", "assessment is locked", "an assessed goal gets a new version", "the summary is locked",
)  # fmt: skip
#: All kinds of rows that say who may read them. What is issued or corrected never changes; its room tests it.
TEXT_KINDS: list[Any] = [
    mapper.class_
    for mapper in Base.registry.mappers
    if issubclass(mapper.class_, Visible) and mapper.class_ not in {IssuedDocument, MinutesCorrection}
]


def open_site(database: Path) -> Site:
    """Return the site on a database file. Forms are taken without a token, so that what answers is the view itself."""
    config = Testing(f"sqlite:///{database}", database.parent)
    config.WTF_CSRF_ENABLED = False
    return walk(create_app(config))


def close_site(site: Site) -> None:
    """Let go of the database file."""
    allowed.cache_clear()
    with site.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database file of a fresh demo."""
    file: Path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    app = create_app(Testing(f"sqlite:///{file}", file.parent))
    with app.app_context():
        flask_migrate.upgrade()
    result = app.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return file


@pytest.fixture(scope="module")
def site(demo: Path) -> Iterator[Site]:
    """The demo, for tests that only read."""
    site = open_site(demo)
    yield site
    close_site(site)


@pytest.fixture
def own_site(demo: Path, tmp_path: Path) -> Iterator[Site]:
    """The demo on a copy of its own, for tests that write."""
    site = open_site(Path(shutil.copy(demo, tmp_path / "site.sqlite3")))
    yield site
    close_site(site)


@cache
def allowed(site: Site, role: str, slug: str, permission: str) -> bool:
    """Say whether the demo account may do this in that partnership."""
    with site.app.test_request_context("/"):
        user = db.session.scalar(select(User).where(User.session_token == site.tokens[role]))
        login_user(user)
        workspace = load_workspace(slug)
        return workspace is not None and workspace.allows(permission)


def test_every_view_states_its_rule_and_the_open_ones_are_known(site: Site) -> None:
    rules = {rule.endpoint: rule_of(rule.endpoint, site.app) for rule in site.app.url_map.iter_rules()}
    rules.pop("static")
    assert [endpoint for endpoint, rule in rules.items() if rule is None] == []
    assert {endpoint for endpoint, rule in rules.items() if rule and rule.kind == "public"} == OPEN


def test_a_view_without_a_rule_is_refused(app: Flask) -> None:
    app.view_functions["forgotten"] = lambda: "open"
    with app.test_request_context("/"):
        assert rule_of("forgotten", app) is None
    del app.view_functions["forgotten"]


def test_every_address_is_lower_case_ascii_with_hyphens(site: Site) -> None:
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint != "static":
            fixed = "".join(part for part in rule.rule.replace(">", "<").split("<")[::2])
            assert fixed == fixed.lower(), rule.rule
            assert fixed.isascii(), rule.rule
            assert "_" not in fixed, rule.rule


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_page_opens_for_those_it_should_and_nobody_else(site: Site, role: str | None) -> None:
    client = site.client(role)
    reached: Counter[str] = Counter()
    for rule in site.rules("GET"):
        access = rule_of(rule.endpoint, site.app)
        assert access is not None
        for slug, address in site.addresses(rule):
            status = client.get(address).status_code
            wanted = expected(site, role, slug, access.kind, access.permission)
            assert status in wanted, f"{role} GET {address}: {status}, not one of {sorted(wanted)}"
            reached[rule.endpoint] += status == 200
    if role == "samordnare":
        assert reached["overview.show"] == 2


def expected(site: Site, role: str | None, slug: str | None, kind: str, permission: str | None) -> set[int]:
    """Return the answers that are right: an id may lead nowhere (404) or elsewhere (302), a door stays shut."""
    if kind == "public":
        return {200, 302, 404}
    if role is None:
        return {302}
    if kind == "admin":
        return {200, 302, 404} if role == "admin" else {403}
    if permission and slug and slug not in HOMES[role]:
        return {404}
    if permission and slug and not allowed(site, role, slug, permission):
        return {403}
    return {200, 302, 303, 403, 404, 409}


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_save_is_refused_to_those_who_may_not_and_never_breaks(own_site: Site, role: str | None) -> None:
    site, client = own_site, own_site.client(role)
    for rule in site.rules("POST"):
        access = rule_of(rule.endpoint, site.app)
        assert access is not None
        if rule.endpoint in {"accounts.sign_out", "accounts.sign_in_post"}:
            continue
        for slug, address in islice(site.addresses(rule), 4):
            rights = bool(slug and role and allowed(site, role, slug, access.permission or ""))
            status = client.post(address, data={"text": "Prov", "version": "999"}).status_code
            where = f"{role} POST {address}: {status}"
            if access.kind != "public" and role is None:
                assert status in {302, 401}, where
            elif access.kind == "admin" and role != "admin":
                assert status == 403, where
            elif slug and slug not in HOMES[role or ""]:
                assert status == 404, where
            elif slug and not rights:
                assert status == 403, where
            else:
                assert status < 500, where


ENDED_ON = date(2026, 3, 2)
ENDED = f"Samverkan avslutades den {day(ENDED_ON)}."


def end_all(site: Site) -> None:
    """End every partnership of the demo."""
    with site.app.app_context():
        for partnership in db.session.scalars(select(Partnership)):
            end_partnership(partnership, on=ENDED_ON)
        db.session.commit()


def kept_when_ended(site: Site, rule: Rule) -> bool:
    """Say whether the view is one of the few that still write in what has ended."""
    access = rule_of(rule.endpoint, site.app)
    rights = LEFT_WHEN_ENDED - {Permission.READ}
    return rule.endpoint == "reports.issue" or (access is not None and access.permission in rights)


def test_what_has_ended_can_be_read_but_not_written_in(own_site: Site) -> None:
    site, client = own_site, own_site.client("samordnare")
    end_all(site)
    refused = 0
    for rule in site.rules("POST"):
        if not rule.rule.startswith("/samverkan/<slug>") or kept_when_ended(site, rule):
            continue
        for _slug, address in islice(site.addresses(rule), 4):
            response = client.post(address, data={"text": "Det jag skrev", "version": "1"})
            assert response.status_code == 403, address
            assert ENDED in response.text, address
            assert "Det jag skrev" in response.text, address
            refused += 1
    assert refused > 80


def test_pages_of_what_has_ended_say_so_and_lead_to_no_form(own_site: Site) -> None:
    site, client = own_site, own_site.client("samordnare")
    end_all(site)
    adapter = site.app.url_map.bind("localhost")
    writable = {rule.endpoint for rule in site.rules("POST") if kept_when_ended(site, rule)} | {"accounts.sign_out"}
    written: set[str] = set()
    #: endpoint → one address that a page leads to.
    led: dict[str, str] = {}
    for address, html in html_pages(site, "samordnare"):
        if not address.startswith("/samverkan/"):
            continue
        page = BeautifulSoup(html, "lxml")
        assert ENDED in page.text or "/rapporter/" in address, address
        written |= {adapter.match(form["action"], method="POST")[0] for form in page.select("main form[method=post]")}
        for link in page.select("main a[href^='/samverkan/']"):
            path = urlsplit(link["href"]).path
            led.setdefault(adapter.match(path)[0], path)
    assert written <= writable
    assert len(led) > 30
    assert [path for path in led.values() if client.get(path).status_code == 403] == []


def html_pages(site: Site, role: str | None) -> Iterator[tuple[str, str]]:
    """Yield (address, HTML) of up to three pages from each view that gives the account one."""
    client = site.client(role)
    for rule in site.rules("GET"):
        found = 0
        for _slug, address in site.addresses(rule):
            if found == 3 or address.endswith(".pdf"):
                break
            response = client.get(address)
            if response.mimetype == "text/html" and response.status_code == 200:
                found += 1
                yield address, response.get_data(as_text=True)


def test_every_page_is_valid_html_with_one_heading_and_a_name_for_every_control(site: Site) -> None:
    pages: dict[str, str] = {}
    for role in (None, "admin", "samordnare"):
        pages.update(html_pages(site, role))
    assert len(pages) > 150
    for address, html in pages.items():
        page = BeautifulSoup(html, "lxml")
        headings = page.find_all("h1")
        assert len(headings) == 1, address
        assert page.title.get_text().strip(), address
        ids = Counter(tag["id"] for tag in page.find_all(id=True))
        assert [name for name, count in ids.items() if count > 1] == [], address
        for field in page.select("input:not([type=hidden]):not([type=submit]), select, textarea"):
            named = (
                field.find_parent("label")
                or page.find("label", attrs={"for": field.get("id")})
                or field.get("aria-label")
            )
            assert named, (address, field)
        for form in page.find_all("form"):
            assert form.get("action"), (address, form.get("class"))
    assert check_html(list(pages.items())) == []


def add_kinds_the_demo_lacks(site: Site) -> None:
    """Add rows of the kinds that only people enter: a problem with its cause, maintenance, an assessment and so on."""
    with site.app.app_context():
        partnership_id = site.partnership_ids["platssamverkan-sergels-torg"]
        known = select(Measure.responsible_actor_id).where(Measure.responsible_actor_id.is_not(None))
        actor_id = db.session.scalars(known).first()
        for number in (901, 902):
            problem = Problem(
                partnership_id=partnership_id, number=number, text="Mörk trappa", consequences="Otrygghet"
            )
            cause = CauseAnalysis(problem=problem, number=1, kind=CauseKind.PHYSICAL, text="Trasig armatur")
            measure = Measure(
                partnership_id=partnership_id, number=number, title="Laga armaturen", cause=cause,
                responsible_actor_id=actor_id, status=MeasureStatus.ONGOING,
            )  # fmt: skip
            db.session.add_all(
                [measure, Maintenance(measure=measure, is_needed=False, reason="Armaturen håller länge")]
            )
        versions = select(GoalVersion).join(Goal).where(Goal.partnership_id == partnership_id).limit(2)
        for version in db.session.scalars(versions):
            assessment = GoalAssessment(
                goal_version_id=version.id, year=2026, period=ReportingPeriod.VB, grade=Grade.PARTIAL,
                motivation="Fler mår bra på torget", continued_work="Fortsätt så", lacks_evidence=True,
                assessed_on=date(2026, 11, 1), assessed_by_function="Handläggare",
            )  # fmt: skip
            db.session.add(assessment)
        open_item = select(MinutesItem.id).join(Meeting).where(Meeting.state != MeetingState.APPROVED).limit(1)
        db.session.add(Decision(item_id=db.session.scalar(open_item), number=901, text="Armaturen lagas"))
        for year in (2025, 2026):
            summary = PeriodSummary(
                partnership_id=partnership_id, year=year, period=ReportingPeriod.VB, text="Torget har blivit ljusare",
                written_on=date(2026, 11, 1), written_by_function="Handläggare",
            )  # fmt: skip
            db.session.add(summary)
        db.session.commit()


def mark_as_closed(site: Site) -> Counter[str]:
    """Close every other row of each kind that carries text, and mark its text. Returns the marked rows by table."""
    marked: Counter[str] = Counter()
    with site.app.app_context():
        for model in TEXT_KINDS:
            ids = db.session.scalars(select(model.id).order_by(model.id.desc())).all()
            for row_id in ids[::2]:
                marked[model.__tablename__] += close_row(model, row_id)
        closed_goals = select(Goal.id).where(Goal.visibility == Visibility.AUTHORITIES_ONLY)
        for version_id in db.session.scalars(select(GoalVersion.id).where(GoalVersion.goal_id.in_(closed_goals))).all():
            marked["goal_version"] += close_row(GoalVersion, version_id)
    return marked


def close_row(model: Any, row_id: int) -> bool:
    """Close one row and mark its texts. False if it is locked, as approved minutes are: that is tested elsewhere."""
    row = db.session.get_one(model, row_id)
    texts = [
        column.key
        for column in model.__mapper__.columns
        if isinstance(column.type, String) and not isinstance(column.type, Enum)
        and (column.type.length or 1000) >= 60 and column.key != "seed_key" and not column.foreign_keys
    ]  # fmt: skip
    filled = [key for key in texts if getattr(row, key)]
    try:
        with db.session.no_autoflush:
            if isinstance(row, Visible):
                row.visibility = Visibility.AUTHORITIES_ONLY
            for key in filled:
                setattr(row, key, f"{SECRET} {row.id}")
        db.session.commit()
    except DBAPIError as error:
        db.session.rollback()
        if not any(lock in str(error.orig) for lock in LOCKS):
            raise
        return False
    return bool(filled)


def test_nothing_for_authorities_leaks_to_those_outside(own_site: Site) -> None:
    site = own_site
    add_kinds_the_demo_lacks(site)
    marked = mark_as_closed(site)
    assert [model for model in TEXT_KINDS if not marked[model.__tablename__]] == []
    assert marked.total() > 50
    insider = site.client("polis")
    outsiders = {role: site.client(role) for role in ("fastighetsagare", "lasare")}
    seen_inside = 0
    for rule in site.rules("GET"):
        for address in read_addresses(site, rule):
            for role, outsider in outsiders.items():
                text = shown(outsider.get(address))
                assert SECRET.lower() not in text, f"{role} reads closed text at {address}: {around(text)}"
            if not address.endswith(".pdf"):
                seen_inside += SECRET.lower() in shown(insider.get(address))
    assert seen_inside > 10


def read_addresses(site: Site, rule: Rule) -> Iterator[str]:
    """Yield where text of the rule can be read: its pages, its lists as files, and the search for the mark."""
    for _slug, address in site.addresses(rule):
        yield address
        if rule.endpoint.endswith((".index", "goals.listing", "goals.indicators", "goals.indicator")):
            yield f"{address}?format=csv&antal=100"
    if rule.endpoint == "overview.search":
        yield f"/sok?q={SECRET.lower()}"


def around(text: str) -> str:
    """Return the text on both sides of the mark."""
    place = text.index(SECRET.lower())
    return text[max(0, place - 120) : place + 60]


def shown(response: TestResponse) -> str:
    """Return the text of a page, a file or a PDF in lower case, without the words that were searched for."""
    if response.status_code >= 400:
        return ""
    if response.mimetype == "application/pdf":
        return pdf_text(response.get_data()).lower()
    text = response.get_data(as_text=True).lower()
    return text.replace(f"sok?q={SECRET.lower()}", "").replace(f'value="{SECRET.lower()}"', "")
