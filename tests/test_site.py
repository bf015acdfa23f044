"""The site as a whole, made from `app.url_map` on the demo data: doors, form and validity of every page."""

from collections import Counter
from itertools import islice

import pytest
from bs4 import BeautifulSoup

from platssamverkan.core.access import rule_of
from tests.support.demo import allowed, html_pages
from tests.support.html_check import check_html
from tests.support.site import HOMES, ROLES, Site

#: What anyone may see without signing in. A new one is a decision, so it is written here too.
OPEN = {
    "accounts.sign_in", "accounts.sign_in_post", "components.show", "overview.accessibility", "overview.health",
    "public.index",
    "public.show",
}  # fmt: skip


def test_every_view_states_its_rule_and_the_open_ones_are_known(site: Site) -> None:
    rules = {rule.endpoint: rule_of(rule.endpoint, site.app) for rule in site.app.url_map.iter_rules()}
    rules.pop("static")
    assert [endpoint for endpoint, rule in rules.items() if rule is None] == []
    assert {endpoint for endpoint, rule in rules.items() if rule and rule.kind == "public"} == OPEN


def test_every_address_is_lower_case_ascii_with_hyphens(site: Site) -> None:
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint != "static":
            fixed = "".join(part for part in rule.rule.replace(">", "<").split("<")[::2])
            assert fixed == fixed.lower(), rule.rule
            assert fixed.isascii(), rule.rule
            assert "_" not in fixed, rule.rule


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_page_opens_for_those_it_should_and_nobody_else(site: Site, role: str | None) -> None:
    client = site.client(role)
    reached: Counter[str] = Counter()
    for rule in site.rules("GET"):
        access = rule_of(rule.endpoint, site.app)
        assert access is not None
        for slug, address in site.addresses(rule):
            status = client.get(address).status_code
            wanted = expected(site, role, slug, access.kind, access.permission)
            assert status in wanted, f"{role} GET {address}: {status}, not one of {sorted(wanted)}"
            reached[rule.endpoint] += status == 200
    if role == "samordnare":
        assert reached["overview.show"] == 2


def expected(site: Site, role: str | None, slug: str | None, kind: str, permission: str | None) -> set[int]:
    """Return the answers that are right: an id may lead nowhere (404) or elsewhere (302), a door stays shut."""
    if kind == "public":
        return {200, 302, 404}
    if role is None:
        return {302}
    if kind == "admin":
        return {200, 302, 404} if role == "admin" else {403}
    if permission and slug and slug not in HOMES[role]:
        return {404}
    if permission and slug and not allowed(site, role, slug, permission):
        return {403}
    return {200, 302, 303, 403, 404, 409}


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_save_is_refused_to_those_who_may_not_and_never_breaks(own_site: Site, role: str | None) -> None:
    site, client = own_site, own_site.client(role)
    for rule in site.rules("POST"):
        access = rule_of(rule.endpoint, site.app)
        assert access is not None
        if rule.endpoint in {"accounts.sign_out", "accounts.sign_in_post"}:
            continue
        for slug, address in islice(site.addresses(rule), 4):
            rights = bool(slug and role and allowed(site, role, slug, access.permission or ""))
            status = client.post(address, data={"text": "Prov", "version": "999"}).status_code
            where = f"{role} POST {address}: {status}"
            if access.kind != "public" and role is None:
                assert status in {302, 400}, where
            elif access.kind == "admin" and role != "admin":
                assert status == 403, where
            elif slug and slug not in HOMES[role or ""]:
                assert status == 404, where
            elif slug and not rights:
                assert status == 403, where
            else:
                assert status < 500, where


def test_every_page_is_valid_html_with_one_heading_a_way_past_its_top_and_a_name_for_every_control(site: Site) -> None:
    pages: dict[str, str] = {}
    for role in (None, "admin", "samordnare"):
        pages.update(html_pages(site, role))
    assert len(pages) > 150
    for address, html in pages.items():
        page = BeautifulSoup(html, "lxml")
        headings = page.find_all("h1")
        assert len(headings) == 1, address
        assert page.title.get_text().strip(), address
        first_link = page.find("a")
        assert first_link["href"].startswith("#"), address
        assert page.find(id=first_link["href"][1:]), address
        # Two partnerships have pages of the same name; a document names its partnership itself.
        if menu := page.select_one("nav.tabs[aria-label]:not(.tabs-menu-only)"):
            assert menu["aria-label"] in page.title.get_text(), address
        for landmark in page.select("nav, aside"):
            assert landmark.get("aria-label") or landmark.get("aria-labelledby"), (address, landmark.get("class"))
        for table in page.find_all("table"):
            caption = table.caption or table.find_parent(attrs={"aria-label": True})
            assert caption or table.find_parent("header"), address
        ids = Counter(tag["id"] for tag in page.find_all(id=True))
        assert [name for name, count in ids.items() if count > 1] == [], address
        for field in page.select("input:not([type=hidden]):not([type=submit]), select, textarea"):
            named = (
                field.find_parent("label")
                or page.find("label", attrs={"for": field.get("id")})
                or field.get("aria-label")
            )
            assert named, (address, field)
        for form in page.find_all("form"):
            assert form.get("action"), (address, form.get("class"))
    assert check_html(list(pages.items())) == []
