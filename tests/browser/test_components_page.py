import pytest

from platssamverkan.core.visibility import Visibility
from tests.support.axe import axe_violations, check_page, sideways_scroll, small_targets
from tests.support.browser import WIDTHS


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_component_is_accessible(site, session_of, width, dark):
    page = session_of(width=width, dark=dark).new_page()
    page.goto(f"{site}/komponenter")
    assert check_page(page) == []


def test_the_check_finds_what_is_wrong(site, session_of):
    page = session_of(width=320).new_page()
    page.goto(f"{site}/komponenter")
    page.evaluate("""() => {
        const [wide, small, picture] = ['div', 'button', 'img'].map(name => document.createElement(name));
        wide.style.width = '2000px'; wide.textContent = 'bred';
        small.style.cssText = 'width: 10px; height: 10px; min-height: 0; padding: 0'; small.textContent = 'x';
        picture.src = '/favicon.ico';
        document.querySelector('main').append(wide, small, picture);
    }""")
    assert any(problem.startswith("image-alt") for problem in axe_violations(page))
    assert sideways_scroll(page)
    assert any("button" in target for target in small_targets(page))


def test_a_page_reaches_no_other_host(site, session_of):
    page = session_of().new_page()
    asked = []
    page.on("requestfailed", lambda request: asked.append(request.url))
    page.goto(f"{site}/komponenter")
    page.evaluate("fetch('https://example.se/').catch(() => null)")
    assert asked == ["https://example.se/"]


def test_a_ticked_box_is_printed_as_ticked(site, session_of):
    page = session_of().new_page()
    page.goto(f"{site}/komponenter")
    page.emulate_media(media="print")
    shown = page.locator(".attendance input:checked").first.evaluate("box => getComputedStyle(box).appearance")
    assert shown == "auto"


def test_no_word_is_parted_in_a_box_to_choose(site, session_of):
    page = session_of(width=390).new_page()
    page.goto(f"{site}/komponenter")
    lines = page.evaluate("""() => {
        const text = document.querySelector('.choice-boxes .choice > span');
        text.closest('.choice').querySelector('input').checked = true;
        text.textContent = 'Rapportansvarig';
        const range = document.createRange();
        range.selectNodeContents(text);
        return range.getClientRects().length;
    }""")
    assert lines == 1


@pytest.mark.parametrize("place", [".goal-header h2", "label.checkbox > span", ".section-heading > h2"])
def test_a_long_word_is_broken_in_a_heading_and_beside_a_box(site, session_of, place):
    page = session_of(width=320).new_page()
    page.goto(f"{site}/komponenter")
    page.evaluate(
        """place => {
        document.querySelector('.goal-header .ordinal').remove();
        document.querySelector(place).textContent = 'Trygghetsskapandeåtgärdsprogramuppföljningsgruppens';
    }""",
        place,
    )
    assert sideways_scroll(page) == []


def test_who_may_read_is_told_whole_on_a_small_phone(site, session_of):
    page = session_of(width=320).new_page()
    page.goto(f"{site}/komponenter")
    cut = page.evaluate(
        """answers => {
        const select = document.querySelector('.field select'), style = getComputedStyle(select);
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = `${style.fontSize} ${style.fontFamily}`;
        const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        return answers.filter(answer => pen.measureText(answer).width > room);
    }""",
        [one.choice for one in Visibility],
    )
    assert cut == []


def test_a_whole_date_has_room_beside_the_calendar_that_firefox_draws_in_the_field(site, session_of):
    page = session_of().new_page()
    page.goto(f"{site}/komponenter")
    widths = page.evaluate("() => [...document.querySelectorAll('[type=date]')].map(field => field.offsetWidth)")
    assert len(widths) > 1
    assert min(widths) >= 165


def test_every_control_is_as_high_as_a_finger_needs_where_fingers_are_used(site, session_of):
    page = session_of(width=390, has_touch=True, is_mobile=True).new_page()
    page.goto(f"{site}/komponenter")
    low = page.evaluate("""() =>
        [...document.querySelectorAll('button, .button, label:has(input), select, summary, .agenda a')]
        .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44)
        .map(one => one.className + ': ' + one.textContent.trim())""")
    assert low == []
