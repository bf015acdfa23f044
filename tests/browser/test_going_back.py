"""What Safari does on the way back, as far as another browser can be made to do it."""

from playwright.sync_api import expect

from tests.browser.conftest import WorkAs


def test_a_page_that_was_kept_as_it_was_left_is_asked_for_again(site: str, signed_in: WorkAs) -> None:
    page = signed_in("owner")
    page.goto(f"{site}/samverkan/sergels/")
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.get_by_label("Lösenord")).to_be_visible()
