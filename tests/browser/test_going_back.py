"""What Safari does on the way back, as far as another browser can be made to do it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

#: The page is told that it was kept, and given time to go.
COMES_BACK = """() => new Promise(done => {
  dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  setTimeout(done, 500);
})"""


@pytest.fixture
def page_in(signed_in: Callable[..., Page]) -> Callable[[str], Page]:
    """Return the coordinator's page in a browser of the maker that is named."""

    def in_browser_of(maker: str) -> Page:
        page = signed_in("coordinator")
        page.add_init_script(f"Object.defineProperty(navigator, 'vendor', {{ value: '{maker}' }})")
        return page

    return in_browser_of


def test_a_page_that_was_kept_as_it_was_left_is_asked_for_again(site: str, page_in: Callable[[str], Page]) -> None:
    page = page_in("Apple Computer, Inc.")
    page.goto(f"{site}/samverkan/sergels/")
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.get_by_label("Lösenord")).to_be_visible()


@pytest.mark.parametrize(("maker", "is_refused"), [("Google Inc.", False), ("Apple Computer, Inc.", True)])
def test_what_is_kept_whole_or_would_be_sent_again_stays(
    site: str, page_in: Callable[[str], Page], maker: str, is_refused: bool
) -> None:
    page = page_in(maker)
    page.goto(f"{site}/samverkan/sergels/moten/serie/ny")
    if is_refused:
        page.get_by_role("button", name="Spara").click()
        expect(page.locator("[data-error-summary]")).to_be_visible()
    page.get_by_label("Plats").fill("Lokalen")
    asked: list[dict[str, str]] = []
    devtools = page.context.new_cdp_session(page)

    def note(going: dict[str, str]) -> None:
        asked.append(going)

    devtools.on("Page.frameRequestedNavigation", note)
    devtools.send("Page.enable")
    page.evaluate(COMES_BACK)
    assert asked == []
    expect(page.get_by_label("Plats")).to_have_value("Lokalen")
