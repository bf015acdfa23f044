"""One browser and one running site for all tests in a real browser."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from tests.builders import World
from tests.support.browser import launched_browser, live_server, new_context

WorkAs = Callable[[str], Page]


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
def signed_in(app: Flask, world: World, site: str, session_of: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Return a page of someone signed in: signed_in("police", width=390)."""

    def as_person(name: str, **options: object) -> Page:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = world.tokens[name], True
        context = session_of(**options)
        context.add_cookies([{"name": "session", "value": client.get_cookie("session").value, "url": site}])
        return context.new_page()

    return as_person


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def work_as(signed_in: Callable[..., Page], request: pytest.FixtureRequest) -> WorkAs:
    """Return a page of someone signed in, on a phone."""
    return partial(signed_in, width=390, java_script_enabled=request.param)
