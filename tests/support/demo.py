"""The demo as a site to walk, for tests of the site as a whole."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import flask_migrate
import pytest
from flask_login import login_user
from sqlalchemy import select

from config import Testing
from platssamverkan import create_app
from platssamverkan.accounts.models import User
from platssamverkan.core.db import db
from platssamverkan.partnerships.models import Membership, Partnership, RoleGrant
from platssamverkan.partnerships.roles import Role
from platssamverkan.partnerships.workspace import load_workspace
from tests.builders import a_user, add
from tests.support.site import Site, walk


def open_site(database: Path) -> Site:
    """Return the site on a database file. Forms are taken without a token, so that what answers is the view itself."""
    config = Testing(f"sqlite:///{database}", database.parent)
    config.WTF_CSRF_ENABLED = False  # type: ignore[attr-defined]
    return walk(create_app(config))


def close_site(site: Site) -> None:
    """Let go of the database file."""
    allowed.cache_clear()
    with site.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database file of a fresh demo."""
    file: Path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    app = create_app(Testing(f"sqlite:///{file}", file.parent))
    with app.app_context():
        flask_migrate.upgrade()
    result = app.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        _add_other_roles()
        db.session.remove()
        db.engine.dispose()
    return file


def _add_other_roles() -> None:
    """Add an account for each role that no account of the demo has, in the leading actor's name."""
    where = select(Membership.id).join(Membership.partnership).where(Membership.actor_id == Partnership.lead_actor_id)
    membership_id = db.session.scalars(where.where(Partnership.slug == "platssamverkan-sergels-torg")).one()
    for name, role in (("redaktor", Role.PUBLIC_EDITOR), ("revisor", Role.AUDITOR)):
        add(RoleGrant(user_id=a_user(name).id, membership_id=membership_id, role=role))
    db.session.commit()


@pytest.fixture(scope="module")
def site(demo_file: Path) -> Iterator[Site]:
    """The demo, for tests that only read."""
    site = open_site(demo_file)
    yield site
    close_site(site)


@pytest.fixture
def own_site(demo_file: Path, tmp_path: Path) -> Iterator[Site]:
    """The demo on a copy of its own, for tests that write."""
    site = open_site(Path(shutil.copy(demo_file, tmp_path / "site.sqlite3")))
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
