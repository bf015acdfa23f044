"""axe-core on every page of the demo, at every width, light and dark; nothing may scroll sideways or be too small."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from platssamverkan.core.access import rule_of
from tests.browser.demo import demo_site, signed_in
from tests.support.axe import check_colours, check_page
from tests.support.browser import WIDTHS
from tests.support.site import walk

SLUG = "platssamverkan-sergels-torg"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    with demo_site(tmp_path_factory.mktemp("demo")) as site:
        yield site


def pages_of(app: Flask, account: str) -> list[str]:
    """Return one address for every view that gives the account a page."""
    site = walk(app)
    client = site.client(account)
    found = []
    for rule in site.rules("GET"):
        access = rule_of(rule.endpoint, app)
        if access and access.kind == "admin" and account != "admin":
            continue
        addresses = list(site.addresses(rule))
        # The square first: it has goals, events and an agreement; the area where the square has no such row.
        addresses.sort(key=lambda pair: pair[0] != SLUG)
        for _slug, address in addresses:
            response = client.get(address)
            if response.status_code == 200 and response.mimetype == "text/html":
                found.append(address)
                break
    return found


@pytest.mark.parametrize("account", ["samordnare", "admin"])
def test_every_page_is_accessible_at_every_width_in_light_and_dark(
    demo: tuple[Flask, str], session_of: Callable[..., BrowserContext], account: str
) -> None:
    app, address = demo
    page = signed_in(session_of(), address, account)
    faults = []
    addresses = pages_of(app, account)
    assert len(addresses) > (60 if account == "samordnare" else 5)
    for path in addresses:
        page.goto(address + path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme="light")
            faults += [f"{path} at {width}: {fault}" for fault in check_page(page)]
            # The dark scheme changes colours and nothing else.
            page.emulate_media(color_scheme="dark")
            faults += [f"{path} at {width} dark: {fault}" for fault in check_colours(page)]
    assert faults == []
