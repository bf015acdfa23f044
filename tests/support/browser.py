"""A real browser and a real server for the tests in tests/browser/."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import make_server

#: Without these Chromium looks up hosts of its maker at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: The widths that every page must hold: desktop, phone, small phone.
WIDTHS = (1280, 390, 320)


def chromium_path() -> str | None:
    """Return CHROMIUM or the machine's own Chromium; None means the one that Playwright has installed."""
    given = os.environ.get("CHROMIUM")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def launched_browser() -> Iterator[Browser]:
    """Give a headless Chromium; it takes about a second to start, so one for a whole test run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def new_context(browser: Browser, *, width: int = 1280, dark: bool = False, **options: Any) -> BrowserContext:
    """Return a fresh session, Swedish and in Stockholm time, whose pages axe-core may be put into.

    Only the program itself can be reached: a page that asks for anything else fails the request.
    """
    settings: dict[str, Any] = {
        "viewport": {"width": width, "height": 844},
        "color_scheme": "dark" if dark else "light",
        "locale": "sv-SE",
        "timezone_id": "Europe/Stockholm",
        # Colours are measured when they have changed, not on their way there.
        "reduced_motion": "reduce",
        "bypass_csp": True,
    }
    context = browser.new_context(**(settings | options))
    context.set_default_timeout(10_000)
    context.route(
        lambda url: not url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:")), lambda route: route.abort()
    )
    return context


@contextmanager
def live_server(app: Flask) -> Iterator[str]:
    """Serve `app` with threads on a free port of 127.0.0.1 and give its address, without a slash at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
