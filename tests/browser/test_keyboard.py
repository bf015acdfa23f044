"""Where the focus stands for those who use the keyboard, with scripts and without: the text is near, and a save tells
what came of it at the place where the work goes on."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import update

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.meetings.models import Meeting, MeetingState
from tests.briefings.builders import a_briefing, someone_present
from tests.browser.conftest import WorkAs
from tests.builders import World
from tests.meetings.builders import a_meeting


@pytest.fixture
def address_of_meeting(app: Flask, world: World, site: str) -> str:
    """The page of a meeting that is to be written."""
    with app.app_context():
        meeting_id = a_meeting(world).id
        db.session.commit()
    return f"{site}/samverkan/sergels/moten/{meeting_id}"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_minutes_are_written_without_a_mouse(address_of_meeting: str, work_as: WorkAs) -> None:
    page = work_as("coordinator")
    page.goto(address_of_meeting)
    focused = page.locator(":focus")
    press(page, "Tab", "Tab", "Enter")
    expect(focused).to_have_attribute("name", "text")
    page.keyboard.type("Ordföranden öppnade mötet.")
    press(page, "Tab", "Enter")
    expect(focused).to_have_text("§ 1 är sparad.")
    expect(focused).to_be_in_viewport()
    press(page, "Tab")
    expect(focused).to_have_value("Ordföranden öppnade mötet.")
    page.get_by_role("link", name="Godkännande av dagordning").first.click()
    expect(page.locator(":target")).to_contain_text("2. Godkännande av dagordning")
    expect(page.locator(":target")).to_be_in_viewport()


def test_a_decision_with_errors_leads_to_its_fields(address_of_meeting: str, work_as: WorkAs) -> None:
    page = work_as("coordinator")
    page.goto(address_of_meeting)
    focused = page.locator(":focus")
    page.get_by_text("Nytt beslut").click()
    page.get_by_role("button", name="En åtgärd till").click()
    expect(focused).to_have_attribute("name", "atgard1-title")
    page.keyboard.type("Byt armaturer")
    page.get_by_role("button", name="Spara beslut och åtgärd").click()
    expect(focused).to_contain_text("Rätta tre saker")
    expect(focused).to_be_in_viewport()
    press(page, "Tab", "Enter")
    expect(focused).to_have_attribute("name", "beslut-text")
    expect(page.get_by_text("Vad beslutade mötet?")).to_be_in_viewport(ratio=1)


def test_a_new_line_of_a_briefing_is_where_the_page_opens(address_of_briefing: str, work_as: WorkAs) -> None:
    page = work_as("police")
    page.goto(address_of_briefing)
    page.get_by_text("Lägg till i lägesbilden").click()
    form = page.locator("form[action*=situation]")
    form.get_by_role("button", name="Lägg till").click()
    expect(page.locator(":focus")).to_contain_text("Rätta en sak")
    # The way to a field with an error shows what it asks for, below the bar that stays at the top.
    press(page, "Tab", "Enter")
    label = form.locator("label", has_text="Vad har hänt?").bounding_box()
    bar = page.locator(".outdoor-nav").bounding_box()
    assert label
    assert bar
    assert label["y"] >= bar["y"] + bar["height"]
    form.get_by_role("textbox").nth(1).fill("Lugnt på torget.")
    form.get_by_role("button", name="Lägg till").click()
    expect(page.locator(":target")).to_contain_text("Lugnt på torget.")
    expect(page.locator(":target")).to_be_in_viewport()


#: Says of what has the focus whether something else lies over it.
COVERED = """() => {
  const focused = document.activeElement, box = focused.getBoundingClientRect();
  if (focused === document.body) return null;
  const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 20), box.top + box.height / 2);
  return !top || !(focused.contains(top) || top.contains(focused)) ? focused.outerHTML : null;
}"""


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_nothing_that_has_the_focus_on_the_sheet_is_behind_its_bars(
    app: Flask, world: World, site: str, work_as: WorkAs, key: str
) -> None:
    with app.app_context():
        briefing = a_briefing(world, "sergels", starts_at=clock.now())
        for number in range(12):
            someone_present(world, briefing, function=f"Funktion {number}")
        address = f"{site}/samverkan/sergels/utstallningar/{briefing.id}"
        db.session.commit()
    page = work_as("police")
    page.goto(address)
    covered = []
    for _ in range(45):
        press(page, key)
        covered.append(page.evaluate(COVERED))
    assert not [one for one in covered if one]


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
def test_the_menu_of_a_phone_covers_nothing_that_has_the_focus(address_of_meeting: str, work_as: WorkAs) -> None:
    page = work_as("coordinator")
    page.goto(address_of_meeting)
    focused, menu = page.locator(":focus"), page.locator("#section-menu")
    page.get_by_role("button", name="Meny").press("Enter")
    press(page, "Tab", "Escape")
    expect(menu).not_to_be_visible()
    expect(focused).to_have_text("Meny")
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    for _ in range(menu.locator("a, button").count()):
        page.keyboard.press("Tab")
    expect(focused).to_have_text("Logga ut")
    page.keyboard.press("Tab")
    expect(menu).not_to_be_visible()
    assert page.evaluate(COVERED) is None


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
def test_whoever_is_ticked_off_is_counted_aloud(
    address_of_briefing: str, address_of_meeting: str, work_as: WorkAs
) -> None:
    for person, address, box in (
        ("police", address_of_briefing, "#narvaro input[type=checkbox]"),
        ("coordinator", address_of_meeting, "#attendance input[name^=present]"),
    ):
        page = work_as(person)
        page.goto(address)
        page.locator(box).first.click()
        expect(page.locator("#announcements")).to_contain_text("på plats")
        expect(page.locator("#announcements")).to_contain_text("1\u00a0av")


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
def test_a_line_that_outgrows_its_room_is_told_of_aloud(address_of_briefing: str, work_as: WorkAs) -> None:
    page = work_as("police")
    page.goto(address_of_briefing)
    page.get_by_text("Lägg till i lägesbilden").click()
    said = page.locator("#announcements")
    page.get_by_label("Vad har hänt?").fill("Lugnt på torget.")
    expect(said).to_contain_text("Utkast sparat")
    page.get_by_label("Vad har hänt?").fill("Lugnt på torget. " * 10)
    expect(said).to_contain_text("tecken för mycket")


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
def test_a_text_that_is_too_long_to_be_sent_stays_on_the_page(address_of_meeting: str, work_as: WorkAs) -> None:
    page = work_as("coordinator")
    page.goto(address_of_meeting)
    text = page.get_by_label("Vad sades?")
    text.evaluate("area => { area.style.display = 'block'; area.value = 'x'.repeat(3_100_000) }")
    page.get_by_role("button", name="Spara §").click()
    expect(page.locator("#announcements")).to_contain_text("för lång för att skickas")
    assert page.url == address_of_meeting
    text.fill("Kortare text.")
    page.get_by_role("button", name="Spara §").click()
    expect(page.locator(":focus")).to_have_text("§ 1 är sparad.")


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
def test_a_tick_that_is_refused_goes_back_and_says_so(app: Flask, address_of_meeting: str, work_as: WorkAs) -> None:
    page = work_as("coordinator")
    page.goto(address_of_meeting)
    with app.app_context():
        db.session.execute(update(Meeting).values(state=MeetingState.CANCELLED))
        db.session.commit()
    box = page.locator("#attendance input[name^=present]").first
    box.click()
    expect(page.locator("#messages")).to_contain_text("Det gick inte att spara")
    expect(box).not_to_be_checked()


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
def test_a_draft_is_told_of_once_and_comes_back_in_another_browser(address_of_meeting: str, work_as: WorkAs) -> None:
    page = work_as("coordinator")
    page.goto(address_of_meeting)
    page.get_by_label("Vad sades?").fill("Halvskrivet.")
    expect(page.locator("#announcements")).to_contain_text("Utkast sparat")
    expect(page.locator("[data-draft-status]").first).to_contain_text("Utkast sparat kl.")
    page.goto(address_of_meeting)
    expect(page.locator(".draft-notice")).to_contain_text("inte sparat och har lagts tillbaka")
    expect(page.locator(".draft-notice")).to_have_count(1)
    # A browser that has no copy of its own is as good as another computer.
    page.evaluate("localStorage.clear()")
    page.goto(address_of_meeting)
    expect(page.get_by_label("Vad sades?")).to_have_value("")
    page.get_by_role("link", name="Lägg in utkastet").click()
    expect(page.get_by_label("Vad sades?")).to_have_value("Halvskrivet.")


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
def test_the_focus_stays_or_goes_to_the_outcome_when_a_part_of_the_page_is_replaced(
    world: World, site: str, work_as: WorkAs
) -> None:
    page = work_as("coordinator")
    focused = page.locator(":focus")
    page.goto(f"{site}/kalender")
    for _ in range(2):
        title = page.locator("#calendar h2").inner_text()
        page.get_by_role("link", name="Nästa månad").press("Enter")
        expect(page.locator("#calendar h2")).not_to_have_text(title)
        expect(focused).to_have_text("Nästa månad")
    page.goto(f"{site}/samverkan/sergels/aktorer?q=polisen")
    page.get_by_role("link", name="Rensa filter").press("Enter")
    expect(focused).to_contain_text("aktörer")
    page.goto(f"{site}/sok")
    for words, told in (("polisen", "träff"), ("polisen utan motsvarighet", "Inget som du får se")):
        page.get_by_label("Sök i dina samverkan").fill(words)
        page.keyboard.press("Enter")
        expect(page.locator("#announcements")).to_contain_text(told)


@pytest.mark.parametrize("work_as", [True], indirect=True, ids=["with scripts"])
def test_the_navigation_of_a_briefing_marks_the_part_that_is_read_until_it_has_passed(
    address_of_briefing: str, work_as: WorkAs
) -> None:
    page = work_as("police")
    page.goto(address_of_briefing)
    page.get_by_text("Lägg till vilka som arbetar").click()
    marked = page.locator(".outdoor-nav [aria-current]")
    # Its end comes up the screen, and the next part with it.
    for left, part in ((400, "I kväll"), (10, "I kväll"), (-60, "Överens")):
        page.evaluate(
            "left => scrollBy(0, document.getElementById('resurser').getBoundingClientRect().bottom"
            " - innerHeight * .2 - left)",
            left,
        )
        page.wait_for_timeout(300)
        expect(marked).to_contain_text(part)


def test_an_ended_session_says_so_first_and_keeps_the_text(address_of_meeting: str, work_as: WorkAs) -> None:
    page = work_as("coordinator")
    page.goto(address_of_meeting)
    page.get_by_label("Vad sades?").fill("Skrivet när sessionen tog slut.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Spara §").click()
    expect(page.locator(":focus")).to_contain_text("Du behöver logga in igen")
    expect(page.locator("input[name='_held.text']")).to_have_value("Skrivet när sessionen tog slut.")
