"""A visitor without JavaScript: reads pages, follows their links and sends their forms as a browser would."""

from dataclasses import dataclass
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

Values = str | list[str] | None


def fields_of(form: Tag) -> "MultiDict[str, str]":
    """Return what a browser would send of `form` as it stands, without its buttons."""
    sent: MultiDict[str, str] = MultiDict()
    for control in form.select("[name]:not([disabled])"):
        name, kind = str(control["name"]), control.get("type")
        if control.name == "select":
            options = control.select("option")
            chosen = [option for option in options if option.has_attr("selected")] or options[:1]
            for option in chosen:
                sent.add(name, str(option.get("value", option.text)))
        elif control.name == "textarea":
            sent.add(name, control.text.removeprefix("\n"))
        elif kind in {"checkbox", "radio"}:
            if control.has_attr("checked"):
                sent.add(name, str(control.get("value", "on")))
        elif control.name == "input" and kind not in {"submit", "button"}:
            sent.add(name, str(control.get("value", "")))
    return sent


def filled(form: Tag, **values: Values) -> "MultiDict[str, str]":
    """Return what would be sent when the controls named in `values` are filled in so. None leaves a box unticked.

    :raises AssertionError: if the form has no such control, or no such choice
    """
    sent = fields_of(form)
    for given, wanted in values.items():
        name = next((n for n in (given, given.replace("_", "-", 1)) if form.select(f'[name="{n}"]')), None)
        assert name, f"no control {given} in {form.get('action')}"
        controls = form.select(f'[name="{name}"]')
        offered = {str(tag.get("value", "on")) for tag in controls if tag.get("type") in {"checkbox", "radio"}}
        offered |= {str(option["value"]) for tag in controls for option in tag.select("option")}
        chosen = [] if wanted is None else wanted if isinstance(wanted, list) else [wanted]
        assert not offered or set(chosen) <= offered, f"{chosen} is not offered at {name}: {sorted(offered)}"
        sent.setlist(name, chosen)
    return sent


@dataclass
class Visitor:
    """Someone at a browser; stands on `page` at `address`."""

    client: FlaskClient
    address: str = "/"
    page: BeautifulSoup | None = None
    status: int = 0

    def _read(self, response: TestResponse, address: str) -> BeautifulSoup:
        while response.status_code in {302, 303}:
            address = urljoin(address, response.location)
            response = self.client.get(address)
        self.address, self.status = address, response.status_code
        self.page = BeautifulSoup(response.text, "lxml")
        return self.page

    def go(self, address: str) -> BeautifulSoup:
        """Open an address, and follow where it leads."""
        return self._read(self.client.get(address), address)

    def follow(self, text: str) -> BeautifulSoup:
        """Follow the first link of the page whose text begins so."""
        assert self.page
        links = [a for a in self.page.select("a[href]") if " ".join(a.text.split()).startswith(text)]
        assert links, f"no link {text} on {self.address}"
        return self.go(urljoin(self.address, str(links[0]["href"])))

    def form(self, action: str = "") -> Tag:
        """Return the first form that is sent by POST to an address that holds `action`, signing out aside."""
        assert self.page
        forms = [form for form in self.page.select("form[method=post]") if action in str(form["action"])]
        found = [form for form in forms if not str(form["action"]).endswith("/logga-ut")]
        assert found, f"no form {action} on {self.address}"
        return next((form for form in found if form["action"] == action), found[0])

    def send(self, action: str = "", **values: Values) -> BeautifulSoup:
        """Fill in that form and send it; the page that follows is where the visitor then stands."""
        form = self.form(action)
        return self.post(str(form["action"]), filled(form, **values))

    def post(self, address: str, fields: "MultiDict[str, str]") -> BeautifulSoup:
        """Send fields to an address."""
        target = urljoin(self.address, address)
        return self._read(self.client.post(target, data=fields), target)
