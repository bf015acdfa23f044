"""What a weak line does to those who write on a phone: nothing that was written is lost, and nothing is saved twice."""

import pytest
from flask import Flask
from playwright.sync_api import Route, expect
from sqlalchemy import select

from platssamverkan.activations.models import ActivationEvent, EventType
from platssamverkan.core.db import db
from tests.browser.conftest import SignIn, WorkAs, fill_in_event


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
def test_a_poor_line_loses_nothing_and_says_nothing_untrue(address_of_briefing: str, work_as: WorkAs) -> None:
    page = work_as("police")
    page.goto(address_of_briefing)
    form, box = page.locator("form[action*=situation]"), page.locator("#narvaro input[type=checkbox]").first
    page.get_by_text("Lägg till i lägesbilden").click()
    form.get_by_label("Var?").fill("Trappan")
    form.locator("textarea").fill("Mörkt på kvällen.")
    cookies = page.context.cookies()
    page.context.set_offline(True)
    box.click()
    expect(page.locator("#messages")).to_contain_text("Det senaste är inte sparat")
    expect(box).not_to_be_checked()
    form.get_by_role("button", name="Lägg till").click()
    expect(page.locator("#messages")).to_contain_text("står kvar på sidan")
    expect(form.locator("textarea")).to_have_value("Mörkt på kvällen.")
    # Nobody is signed out without a line, so nothing is cleared away.
    page.locator("[data-sign-out]").first.evaluate("form => form.requestSubmit()")
    page.context.set_offline(False)
    page.context.clear_cookies()
    box.click()
    expect(page.locator("#messages")).to_contain_text("Du behöver logga in igen")
    expect(box).not_to_be_checked()
    page.context.add_cookies(cookies)
    # What was written comes back with its place, in a part of the page that is opened for it.
    page.goto(address_of_briefing)
    expect(form.get_by_label("Var?")).to_have_value("Trappan")
    expect(form.locator("textarea + .saved")).to_be_visible()
    form.get_by_role("button", name="Lägg till").click()
    expect(page.locator(":target")).to_contain_text("Mörkt på kvällen.")
    expect(form.get_by_label("Var?")).to_have_value("")


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
@pytest.mark.parametrize("arrives", [False, True], ids=["on its way out", "on its way back"])
def test_what_was_sent_when_the_line_broke_is_put_back_and_saved_once(
    app: Flask, site: str, work_as: WorkAs, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    # A form is known again by its page's token.
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)

    def breaks(route: Route) -> None:
        if route.request.method == "POST":
            if arrives:
                # What the answer told of the session is lost with it.
                cookies = page.context.cookies()
                route.fetch(max_redirects=0)
                page.context.clear_cookies()
                page.context.add_cookies(cookies)
            route.abort("failed")
        else:
            route.continue_()

    page = work_as("owner")
    page.goto(f"{site}/samverkan/sergels/platsaktivering")
    page.get_by_role("link", name="Logga platsaktivering").click()
    fill_in_event(page, "Kvällsdans", note="Musik till nio.")
    page.context.route("**/ny", breaks)
    page.get_by_role("button", name="Spara platsaktivering").click()
    page.wait_for_url("chrome-error:**")
    page.go_back()
    page.get_by_role("link", name="Logga platsaktivering").click()
    expect(page.locator("#messages")).to_contain_text("Kontakten bröts")
    expect(page.get_by_label("Vad?")).to_have_value("Kvällsdans")
    expect(page.get_by_label("Till kl.")).to_have_value("21")
    expect(page.get_by_label("Anteckning")).to_be_visible()
    page.context.unroute("**/ny")
    page.get_by_role("button", name="Spara platsaktivering").click()
    expect(page.locator("h1")).to_have_text("Kvällsdans")
    expect(page.locator("#messages")).to_contain_text("redan sparat" if arrives else "Kvällsdans är sparad")
    with app.app_context():
        event = db.session.scalars(select(ActivationEvent)).one()
        assert (event.type, event.note) == (EventType.PERFORMING_ARTS, "Musik till nio.")
    # What has been answered is not put back.
    page.goto(f"{site}/samverkan/sergels/platsaktivering/ny")
    expect(page.get_by_label("Vad?")).to_have_value("")


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
def test_what_has_no_field_on_the_empty_form_is_put_back_too(app: Flask, site: str, work_as: WorkAs) -> None:
    page = work_as("owner")
    page.goto(f"{site}/samverkan/sergels/platsaktivering/ny")
    fill_in_event(page, "Kvällsdans", note="Ring 08-123 45 67.")
    page.get_by_role("button", name="Spara platsaktivering").click()
    page.get_by_label("Varför").fill("Växelns nummer")
    page.context.set_offline(True)
    # The phone has not noticed yet.
    page.evaluate("Object.defineProperty(navigator, 'onLine', { value: true })")
    page.get_by_role("button", name="Spara platsaktivering").click()
    page.wait_for_url("chrome-error:**")
    page.context.set_offline(False)
    page.goto(f"{site}/samverkan/sergels/platsaktivering/ny")
    page.get_by_role("button", name="Spara platsaktivering").click()
    expect(page.locator("#messages")).to_contain_text("Kvällsdans är sparad")
    with app.app_context():
        assert db.session.scalars(select(ActivationEvent.note)).one() == "Ring 08-123 45 67."


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
@pytest.mark.parametrize("signs_out", [False, True], ids=["session ended", "signed out"])
def test_what_one_sent_is_not_shown_to_the_next_on_the_same_phone(
    site: str, sign_in: SignIn, work_as: WorkAs, signs_out: bool
) -> None:
    page, address = work_as("owner"), f"{site}/samverkan/sergels/platsaktivering/ny"

    def sign_in_as(name: str) -> None:
        page.context.clear_cookies()
        sign_in(page.context, name)
        page.goto(address)

    page.goto(address)
    page.get_by_label("Vad?").fill("Kvällsdans")
    page.context.route("**/ny", lambda route: route.abort("failed"))
    page.get_by_role("button", name="Spara platsaktivering").click()
    page.wait_for_url("chrome-error:**")
    page.context.unroute("**/ny")
    page.goto(f"{site}/samverkan/sergels/")
    if signs_out:
        page.locator("[data-sign-out]").first.evaluate("form => form.requestSubmit()")
        page.wait_for_url("**/logga-in")
    sign_in_as("police")
    expect(page.get_by_label("Vad?")).to_have_value("")
    expect(page.locator("#messages")).to_have_text("")
    # Whoever signed out left nothing behind; a session that ended by itself loses nothing of its own.
    sign_in_as("owner")
    expect(page.get_by_label("Vad?")).to_have_value("" if signs_out else "Kvällsdans")
