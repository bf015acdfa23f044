"""Is a page in the browser accessible? axe-core, sideways scroll, the size of what is tapped and hidden stops."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests" / "tools" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What a change of colour scheme alone can break.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
SMALLEST_TARGET = 24

#: Links in running text and choices whose label is the target are excepted, as WCAG 2.5.8 does.
SMALL_TARGETS = """(smallest) =>
  [...document.querySelectorAll('a, button, input, select, textarea, summary')]
    .filter(e => e.checkVisibility() && !e.closest('p, li li, td, th, dd, .visually-hidden'))
    .map(e => [e, (e.closest('label') || e.labels?.[0] || e).getBoundingClientRect(), e.getBoundingClientRect()])
    .filter(([, box, own]) => own.width && Math.max(box.height, own.height) < smallest
                              || own.width && Math.max(box.width, own.width) < smallest)
    .filter(([, box]) => box.top > -50)
    .map(([e, box]) => `${e.tagName.toLowerCase()}.${e.className} ${Math.round(box.width)}x${Math.round(box.height)}`
                       + ` ${e.textContent.trim().slice(0, 30)}`)"""

#: What takes the focus where no one can see it: cut away, with all that it stands in.
HIDDEN_STOPS = """() => {
  const cut = e => e && (getComputedStyle(e).clipPath !== 'none' || cut(e.parentElement));
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter(e => e.checkVisibility() && cut(e))
    .map(e => `${e.tagName.toLowerCase()} ${e.textContent.trim().slice(0, 30)}`);
}"""


@cache
def _axe() -> str:
    if not AXE.exists():
        raise RuntimeError("axe-core is missing: npm ci --prefix tests/tools")
    return AXE.read_text(encoding="utf-8")


def check_page(page: Page) -> list[str]:
    """Return one line for each fault of the page as it stands now, at its width and colour scheme; empty when none.

    The page's context must have been made with `bypass_csp=True` (`support.browser.new_context` does so), since
    axe-core is put into the page.
    """
    return [*axe_violations(page), *sideways_scroll(page), *small_targets(page), *hidden_stops(page)]


def check_colours(page: Page) -> list[str]:
    """Return what axe-core finds against the colours of a page that is otherwise checked, in another scheme."""
    return axe_violations(page, {"type": "rule", "values": COLOUR_RULES})


def axe_violations(page: Page, rules: dict[str, Any] | None = None) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 AA and good practice, or against some `rules` only."""
    if page.evaluate("typeof window.axe") == "undefined":
        page.evaluate(_axe())
    violations = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(r => r.violations)",
        rules or {"type": "tag", "values": TAGS},
    )
    return [
        f"{violation['id']}: {violation['help']} [{' '.join(str(part) for part in node['target'])}]"
        f" {' '.join(node.get('failureSummary', '').split())[:300]}"
        for violation in violations
        for node in violation["nodes"]
    ]


def sideways_scroll(page: Page) -> list[str]:
    """Return a line if the page is wider than its window."""
    extra = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"sideways scroll: {extra} px"] if extra > 0 else []


def small_targets(page: Page) -> list[str]:
    """Return what is smaller than 24 px to tap."""
    return [f"small target: {target}" for target in page.evaluate(SMALL_TARGETS, SMALLEST_TARGET)]


def hidden_stops(page: Page) -> list[str]:
    """Return what the keyboard stops at though it can't be seen."""
    return [f"hidden stop: {stop}" for stop in page.evaluate(HIDDEN_STOPS)]
