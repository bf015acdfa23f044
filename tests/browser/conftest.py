"""One browser and one running site for all tests in a real browser."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from platssamverkan.core import clock
from platssamverkan.core.db import db
from tests.briefings.builders import a_briefing, someone_present
from tests.builders import World
from tests.support.browser import launched_browser, live_server, new_context

WorkAs = Callable[[str], Page]
SignIn = Callable[[BrowserContext, str], None]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the whole run."""
    with launched_browser() as browser:
        yield browser


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The address of the running program, on this test's database."""
    with live_server(app) as address:
        yield address


@pytest.fixture
def session_of(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open a fresh browser session, by width and colour scheme: `session_of(width=390, dark=True)`."""
    opened: list[BrowserContext] = []

    def open_session(**options: object) -> BrowserContext:
        opened.append(new_context(browser, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_session
    for context in opened:
        context.close()


@pytest.fixture
def sign_in(app: Flask, world: World, site: str) -> SignIn:
    """Make a browser session someone's, without the form: sign_in(context, "police")."""

    def as_person(context: BrowserContext, name: str) -> None:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = world.tokens[name], True
        context.add_cookies([{"name": "session", "value": client.get_cookie("session").value, "url": site}])

    return as_person


@pytest.fixture
def signed_in(sign_in: SignIn, session_of: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Return a page of someone signed in: signed_in("police", width=390)."""

    def as_person(name: str, **options: object) -> Page:
        context = session_of(**options)
        sign_in(context, name)
        return context.new_page()

    return as_person


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def work_as(signed_in: Callable[..., Page], request: pytest.FixtureRequest) -> WorkAs:
    """Return a page of someone signed in, on a phone."""
    return partial(signed_in, width=390, java_script_enabled=request.param)


@pytest.fixture
def address_of_briefing(app: Flask, world: World, site: str) -> str:
    """The sheet of this evening, with somebody expected who has not come."""
    with app.app_context():
        briefing = a_briefing(world, "sergels", starts_at=clock.now())
        someone_present(world, briefing, is_present=False)
        address = f"{site}/samverkan/sergels/utstallningar/{briefing.id}"
        db.session.commit()
    return address


def fill_in_event(page: Page, title: str, note: str) -> None:
    """Fill in the form of a platsaktivering that begins at six: what has to be there, and a note."""
    page.get_by_label("Vad?").fill(title)
    page.get_by_text("Scenkonst").click()
    page.get_by_label("Från kl.").fill("18")
    page.get_by_label("Till kl.").fill("21")
    page.get_by_text("Antal, anteckning").click()
    page.get_by_label("Anteckning").fill(note)
