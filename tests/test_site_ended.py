"""What has ended, on the demo data: every page can still be read, none can be written in."""

from datetime import date
from itertools import islice
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from sqlalchemy import select
from werkzeug.routing import Rule

from platssamverkan.core.access import rule_of
from platssamverkan.core.db import db
from platssamverkan.core.formatting import day
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.roles import LEFT_WHEN_ENDED, Permission
from platssamverkan.partnerships.services import end_partnership
from tests.support.demo import html_pages
from tests.support.site import Site

ENDED_ON = date(2026, 3, 2)
ENDED = f"Samverkan avslutades den {day(ENDED_ON)}."


def end_all(site: Site) -> None:
    """End every partnership of the demo."""
    with site.app.app_context():
        for partnership in db.session.scalars(select(Partnership)):
            end_partnership(partnership, on=ENDED_ON)
        db.session.commit()


def kept_when_ended(site: Site, rule: Rule) -> bool:
    """Say whether the view is one of the few that still write in what has ended."""
    access = rule_of(rule.endpoint, site.app)
    rights = LEFT_WHEN_ENDED - {Permission.READ}
    return rule.endpoint == "reports.issue" or (access is not None and access.permission in rights)


def test_what_has_ended_can_be_read_but_not_written_in(own_site: Site) -> None:
    site, client = own_site, own_site.client("samordnare")
    end_all(site)
    refused = 0
    for rule in site.rules("POST"):
        if not rule.rule.startswith("/samverkan/<slug>") or kept_when_ended(site, rule):
            continue
        for _slug, address in islice(site.addresses(rule), 4):
            response = client.post(address, data={"text": "Det jag skrev", "version": "1"})
            assert response.status_code == 403, address
            assert ENDED in response.text, address
            assert "Det jag skrev" in response.text, address
            refused += 1
    assert refused > 80


def test_pages_of_what_has_ended_say_so_and_lead_to_no_form(own_site: Site) -> None:
    site, client = own_site, own_site.client("samordnare")
    end_all(site)
    adapter = site.app.url_map.bind("localhost")
    writable = {rule.endpoint for rule in site.rules("POST") if kept_when_ended(site, rule)} | {"accounts.sign_out"}
    written: set[str] = set()
    #: endpoint → one address that a page leads to.
    led: dict[str, str] = {}
    for address, html in html_pages(site, "samordnare"):
        if not address.startswith("/samverkan/"):
            continue
        page = BeautifulSoup(html, "lxml")
        assert ENDED in page.text or "/rapporter/" in address, address
        written |= {adapter.match(form["action"], method="POST")[0] for form in page.select("main form[method=post]")}
        for link in page.select("main a[href^='/samverkan/']"):
            path = urlsplit(link["href"]).path
            led.setdefault(adapter.match(path)[0], path)
    assert written <= writable
    assert len(led) > 30
    assert [path for path in led.values() if client.get(path).status_code == 403] == []
