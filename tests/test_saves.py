"""One save in each room, with its token checked: read the page, fill in its own form, send it as a browser would.

And what becomes of the text when the token is missing or has grown too old.
"""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask

from platssamverkan.core import clock
from tests.browser.demo import PASSWORD, demo_app
from tests.support.visitor import Visitor, filled

Visit = Callable[[str], Visitor]
TODAY = clock.today().isoformat()
SERGEL = "/samverkan/platssamverkan-sergels-torg"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demo as it runs in real life, with every form's token checked."""
    with demo_app(tmp_path_factory.mktemp("demo")) as app:
        assert app.config["WTF_CSRF_ENABLED"]
        yield app


@pytest.fixture
def visit(demo: Flask) -> Visit:
    """Return a demo account that has signed in by the form: visit("polis")."""

    def as_account(name: str) -> Visitor:
        visitor = Visitor(demo.test_client())
        visitor.go("/logga-in")
        visitor.send("logga-in", email=f"{name}@demo.example", password=PASSWORD)
        assert visitor.address == "/"
        return visitor

    return as_account


def said(visitor: Visitor) -> str:
    """Return the page's text as one line; the page must be a plain answer."""
    assert visitor.page
    assert visitor.status == 200, (visitor.address, visitor.page.text)
    return " ".join(visitor.page.text.split())


def answers(visitor: Visitor) -> dict[str, str]:
    """Return label → text of "Det du skrev"."""
    assert visitor.page
    pairs = [tag.get_text().split("\n", 1) for tag in visitor.page.select("section p.preserve")]
    assert all(len(pair) == 2 for pair in pairs), pairs
    return {pair[0]: pair[1] for pair in pairs}


def test_an_owner_logs_an_event(visit: Visit) -> None:
    owner = visit("fastighetsagare")
    owner.go(f"{SERGEL}/platsaktivering/ny")
    owner.send("platsaktivering/ny", title="Kvällsdans", type="co_created", day=TODAY, starts="18.00", ends="21.00")
    assert "Kvällsdans" in said(owner)


def test_a_coordinator_changes_a_measure(visit: Visit) -> None:
    coordinator = visit("samordnare")
    coordinator.go(f"{SERGEL}/atgarder/ny")
    form = coordinator.form("atgarder/ny")
    actor = form.select("[name=responsible_actor_id] option")[1]["value"]
    coordinator.send(
        "atgarder/ny", title="Byt armaturer", responsible_actor_id=actor, due_on=TODAY, methods=["situational"]
    )
    coordinator.follow("Ändra")
    coordinator.send("/andra", title="Byt alla armaturer")
    assert "Byt alla armaturer" in said(coordinator)


def test_a_coordinator_writes_approves_and_issues_minutes(visit: Visit) -> None:
    coordinator = visit("samordnare")
    coordinator.go(f"{SERGEL}/moten/nytt")
    coordinator.send("moten/nytt", on=TODAY, from_time="0.00", to_time="0.30", location="Samverkanslokalen")
    coordinator.follow("§ 11 Övriga frågor")
    coordinator.send("/punkt/", text="Trapporna är hala på helgerna.")
    assert "är sparad" in said(coordinator)
    present = coordinator.form("/narvaro").select_one("input[name^=present]")
    coordinator.send("/narvaro", **{present["name"]: present.get("value", "on")})
    coordinator.follow("Godkänn")
    coordinator.send("/godkann")
    assert "Godkända minnesanteckningar" in said(coordinator)
    coordinator.follow("Utskrift och PDF")
    coordinator.follow("Fastställ")
    coordinator.send("/utfarda", function="Samordnare")
    assert "Version 1 är utfärdad: Minnesanteckningar" in said(coordinator)


def test_two_moves_within_a_second_are_two_moves(visit: Visit) -> None:
    coordinator = visit("samordnare")
    coordinator.go(f"{SERGEL}/moten/nytt")
    # Pages that are made within one second share their token.
    with time_machine.travel(clock.now(), tick=False):
        coordinator.send("moten/nytt", on=TODAY, from_time="0.00", to_time="0.30", location="Rådhuset")
        coordinator.follow("§ 5 ")
        for _ in range(2):
            coordinator.send("/flytta", riktning="upp")
    assert "Punkten är nu § 3." in said(coordinator)


def test_the_police_fill_in_the_briefing(visit: Visit) -> None:
    police = visit("polis")
    police.go("/")
    police.follow("Utställning i dag")
    police.send("/rader/situation", situation_spot="Trappan", situation_text="Mörkt, två armaturer släckta")
    assert "Mörkt, två armaturer släckta" in said(police)


def test_an_officer_assesses_a_goal(visit: Visit) -> None:
    officer = visit("handlaggare")
    officer.go(f"{SERGEL}/mal/bedomning?period=vb&ar={clock.today().year}")
    officer.follow("Bedöm målet")
    officer.send("/bedomning/", grade="partial", motivation="Läget är bättre men inte bra nog.", lacks_evidence="y")
    assert "sparad" in said(officer)


def test_a_coordinator_changes_an_agreement_and_an_actor(visit: Visit) -> None:
    coordinator = visit("samordnare")
    coordinator.go(f"{SERGEL}/avtal")
    coordinator.follow("Platssamverkan på Sergels torg")
    coordinator.follow("Ändra avtal")
    coordinator.send("/andra", note="Ses över före sommaren.")
    assert "Ses över före sommaren." in said(coordinator)
    coordinator.go(f"{SERGEL}/aktorer")
    coordinator.follow("Kulturhuset Stadsteatern")
    coordinator.follow("Ändra aktörens uppgifter")
    coordinator.send("/uppgifter", former_name="Kulturhuset")
    assert "Uppgifterna om aktören är sparade" in said(coordinator)


def test_a_user_changes_the_password(visit: Visit) -> None:
    reader = visit("lasare")
    reader.go("/mitt-konto")
    new = "ett helt nytt och långt lösenord"
    reader.send("/mitt-konto", current_password=PASSWORD, new_password=new, new_password_again=new)
    assert reader.status == 200
    again = Visitor(reader.client.application.test_client())
    again.go("/logga-in")
    again.send("logga-in", email="lasare@demo.example", password=PASSWORD)
    assert again.status == 422
    again.send("logga-in", email="lasare@demo.example", password=new)
    assert again.address == "/"


FORMS = [
    ("fastighetsagare", "/platsaktivering/ny", "platsaktivering/ny"),
    ("samordnare", "/atgarder/ny", "atgarder/ny"),
    ("samordnare", "/atgarder/problem/nytt", "problem/nytt"),
    ("samordnare", "/avtal/nytt", "avtal/nytt"),
    ("samordnare", "/aktorer/ny", "aktorer/ny"),
    ("samordnare", "/behorigheter/ny", "behorigheter/ny"),
    ("samordnare", "/mal/nytt", "mal/nytt"),
    ("samordnare", "/moten/nytt", "moten/nytt"),
    ("samordnare", "/om/andra", "om/andra"),
    ("samordnare", "/om/platser/ny", "platser/ny"),
    ("samordnare", "/mal/indikatorer/ny", "indikatorer"),
]


@pytest.mark.parametrize(("account", "path", "action"), FORMS)
def test_an_answer_that_was_never_offered_is_told_at_its_field(
    visit: Visit, account: str, path: str, action: str
) -> None:
    visitor = visit(account)
    visitor.go(SERGEL + path)
    form = visitor.form(action)
    texts = [tag["name"] for tag in form.select("input[type=text], textarea") if tag["name"] != "privacy_reason"]
    names = {tag["name"] for tag in form.select("select, input[type=radio], input[type=checkbox]")}
    assert names
    for name in sorted(names):
        fields = filled(form)
        for text in texts:
            fields[text] = "Mörkt vid trappan"
        fields.setlist(name, ["påhittat"])
        page = visitor.post(str(form["action"]), fields)
        assert visitor.status == 422, name
        told = page.select_one(f'[name="{name}"]').find_parent(class_="field")
        assert told.select_one(".error-text"), name
        kept = {tag["name"]: tag.get("value", tag.text.strip()) for tag in page.select("input[type=text], textarea")}
        assert all(kept[text] == "Mörkt vid trappan" for text in texts), name


@pytest.mark.parametrize("token", [[], ["gammal"], ["IjAwIg.aQAAAA.sFoQ0hTgnb0yx0d6X9xkR6nR0pE"]])
def test_a_form_whose_token_does_not_hold_keeps_the_text_until_it_is_sent_again(visit: Visit, token: list[str]) -> None:
    owner = visit("fastighetsagare")
    owner.go(f"{SERGEL}/platsaktivering/ny")
    fields = filled(
        owner.form("platsaktivering/ny"), title="Julsång", type="co_created", day=TODAY, starts="18.00", ends="21.00"
    )
    fields.setlist("csrf_token", token)
    owner.post(f"{SERGEL}/platsaktivering/ny", fields)
    assert owner.status == 400
    assert answers(owner) == {
        "Vad?": "Julsång", "Typ": "Samskapande aktivitet", "Datum": TODAY, "Från kl.": "18.00", "Till kl.": "21.00",
        "Vem får läsa?": "Samverkan: alla aktörer",
    }  # fmt: skip
    owner.send("platsaktivering/ny")
    assert "Julsång" in said(owner)


def test_a_session_that_has_ended_keeps_the_text_through_sign_in(visit: Visit) -> None:
    owner = visit("fastighetsagare")
    owner.go(f"{SERGEL}/platsaktivering/ny")
    fields = filled(
        owner.form("platsaktivering/ny"), title="Luciatåg", type="co_created", day=TODAY, starts="18.00", ends="21.00"
    )
    nobody = Visitor(owner.client.application.test_client())
    nobody.post(f"{SERGEL}/platsaktivering/ny", fields)
    assert nobody.status == 400
    nobody.send("logga-in", email="fastighetsagare@demo.example", password=PASSWORD)
    assert answers(nobody)["Vad?"] == "Luciatåg"
    assert answers(nobody)["Typ"] == "Samskapande aktivitet"
    nobody.send("platsaktivering/ny")
    assert "Luciatåg" in said(nobody)
