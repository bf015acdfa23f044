"""What a browser puts back is what the server knows again."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from platssamverkan.core import once

AGED = """age => {
  const [key, kept] = Object.entries(sessionStorage).find(([key]) => key.endsWith(":skickat"));
  sessionStorage.setItem(key, JSON.stringify({ ...JSON.parse(kept), at: Date.now() - age }));
}"""


def test_a_form_that_the_server_has_forgotten_is_not_put_back(site: str, signed_in: Callable[..., Page]) -> None:
    page = signed_in("coordinator")
    address = f"{site}/samverkan/sergels/moten/serie/ny"
    page.goto(address)
    page.get_by_label("Plats").fill("Lokalen")
    page.context.route("**/ny", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Spara").click()
    page.wait_for_url("chrome-error:**")
    for age, there in ((once.KEPT - timedelta(minutes=1), "Lokalen"), (once.KEPT + timedelta(minutes=1), "")):
        page.goto(address)
        page.evaluate(AGED, age / timedelta(milliseconds=1))
        page.reload()
        expect(page.get_by_label("Plats")).to_have_value(there)
