"""Agreements: lists, pages, chains."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.agreements.models import Agreement, AgreementParty, AgreementStatus
from platssamverkan.core.db import db
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Reader
from platssamverkan.partnerships.models import RoleGrant
from platssamverkan.partnerships.roles import Role
from tests.agreements.builders import LIST, a_commitment, a_party, an_agreement, titles
from tests.builders import World
from tests.conftest import SignIn

Parse = Callable[..., BeautifulSoup]
Count = Callable[[], AbstractContextManager[list[str]]]
NEW = {"title": "Avtal om torget", "kind": "place_agreement", "visibility": "partnership", "version": "1"}


def found(app: Flask, agreement_id: int) -> Agreement:
    with app.app_context():
        return db.session.get(Agreement, agreement_id)


def test_the_list_filters_sorts_and_searches(
    reader: FlaskClient, world: World, parse: Parse, saved: Callable[..., int]
) -> None:
    saved(("police",), title="B", starts="2023", status=AgreementStatus.ACTIVE, kind="police_municipal")
    saved(("owner",), title="A", starts="2024-05", note="Drift av torget")
    assert titles(reader, parse) == ["A", "B"]
    assert titles(reader, parse, "?sortera=start") == ["B", "A"]
    assert titles(reader, parse, "?typ=police_municipal") == ["B"]
    assert titles(reader, parse, "?status=active") == ["B"]
    assert titles(reader, parse, f"?part={world.actors['owner']}") == ["A"]
    assert titles(reader, parse, "?q=drift") == ["A"]
    assert titles(reader, parse, "?part=x&typ=nonsens") == ["A", "B"]


def test_list_and_search_find_an_agreement_by_the_same_words(
    reader: FlaskClient, app: Flask, world: World, parse: Parse, saved: Callable[..., int]
) -> None:
    agreement_id = saved(title="Avtal", note="Drift", diary_number="2024/17", parties_text="Några bolag")
    saved(title="Ett annat")
    with app.app_context():
        agreement = db.session.get(Agreement, agreement_id)
        a_party(agreement, name="Gålöstiftelsen")
        a_commitment(agreement, text="hålla vandringar", done_note="Ställdes in i mars")
        db.session.commit()
    for word in ("drift", "2024/17", "bolag", "gålöstiftelsen", "vandringar", "ställdes"):
        assert titles(reader, parse, f"?q={word}") == ["Avtal"], word
        with app.test_request_context():
            hits = registry.searches["agreements"]({world.partnerships["sergels"]: Reader()}, [word], 5)
            assert [hit.title for hit in hits] == ["Avtal"], word


def test_the_fragment_is_the_part_of_the_page(reader: FlaskClient, parse: Parse, saved: Callable[..., int]) -> None:
    saved()
    page, fragment = parse(reader.get(LIST)), parse(reader.get(LIST, headers={"HX-Request": "true"}))
    assert str(page.find(id="agreements")) == str(fragment.find(id="agreements"))


def test_what_may_not_be_read_is_nowhere(
    owner: FlaskClient, police: FlaskClient, app: Flask, world: World, parse: Parse, saved: Callable[..., int]
) -> None:
    open_id = saved(title="Öppet")
    hidden = saved(("owner",), title="Dolt", visibility="authorities_only", extends_id=open_id)
    with app.app_context():
        a_commitment(db.session.get(Agreement, hidden), text="dolt åtagande")
        db.session.commit()
    membership = world.memberships["sergels", "owner"]
    for path in (LIST, f"{LIST}/{open_id}", f"{LIST}/ataganden", f"/samverkan/sergels/aktorer/{membership}",
                 "/samverkan/sergels/om", f"{LIST}?format=csv"):  # fmt: skip
        assert "olt" not in owner.get(path).get_data(as_text=True).replace("Utställning", "").replace("olta", ""), path
    # Who is party to it is no less closed.
    assert "Fastighetsbolaget" not in parse(owner.get(LIST)).select_one("select[name=part]").text
    assert "Fastighetsbolaget" in parse(police.get(LIST)).select_one("select[name=part]").text
    assert owner.get(f"{LIST}/{hidden}").status_code == 404
    assert police.get(f"{LIST}/{hidden}").status_code == 200
    assert "Dolt" in police.get(f"{LIST}/{open_id}").get_data(as_text=True)
    with app.test_request_context():
        search = registry.searches["agreements"]
        assert search({world.partnerships["sergels"]: Reader()}, ["dolt"], 5) == []
        seen = search({world.partnerships["sergels"]: Reader(sees_authorities=True)}, ["dolt"], 5)
        assert [hit.title for hit in seen] == ["Dolt"]


def test_an_agreement_is_made_and_shown(coordinator: FlaskClient, parse: Parse) -> None:
    data = NEW | {"starts": "maj 2023", "ends": "2025", "focus_areas": "Trygghet\nRenhållning", "signed": "2023-05-02"}
    response = coordinator.post(f"{LIST}/nytt", data=data)
    assert response.status_code == 303
    page = parse(coordinator.get(response.location))
    assert page.h1.text == "Avtal om torget"
    text = page.text.replace("\xa0", " ")
    assert "2 maj 2023" in text
    assert [item.text for item in page.select("aside .bullets li")] == ["Trygghet", "Renhållning"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"title": ""}, "Skriv vad avtalet heter."),
        ({"title": "a" * 201}, "1 tecken för lång"),
        ({"kind": "nonsens"}, "Välj ett av alternativen i listan."),
        ({"starts": "2024", "ends": "2023-12"}, "Avtalet slutar innan det börjar."),
        ({"starts": "i våras"}, "Skriv"),
        ({"extends_id": "999"}, "Välj ett av alternativen i listan."),
        ({"note": "19850709-9805"}, "personnummer"),
        ({"visibility": "secret"}, "Välj ett av alternativen i listan."),
    ],
)
def test_nothing_is_saved_of_a_wrong_form(
    coordinator: FlaskClient, app: Flask, changed: dict[str, str], message: str
) -> None:
    response = coordinator.post(f"{LIST}/nytt", data=NEW | {"diary_number": "2024/17"} | changed)
    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert message in text
    assert "2024/17" in text
    with app.app_context():
        assert not db.session.scalar(select(func.count(Agreement.id)))


def test_two_who_edit_see_both_texts(
    coordinator: FlaskClient, app: Flask, parse: Parse, saved: Callable[..., int]
) -> None:
    agreement_id = saved()
    path = f"{LIST}/{agreement_id}/andra"
    assert coordinator.post(path, data=NEW | {"note": "Först"}).status_code == 303
    response = coordinator.post(path, data=NEW | {"note": "Sedan", "kind": "citizen_promise"})
    page = parse(response)
    assert response.status_code == 409
    assert "Först" in page.text
    assert page.find("textarea", {"name": "note"}).text.strip() == "Sedan"
    assert "Du valde: Medborgarlöfte Sparat nu: Avtal om platssamverkan" in page.get_text(" ", strip=True)
    assert found(app, agreement_id).note == "Först"


@pytest.mark.parametrize("path", ["", "/andra", "/forlang", "/ta-bort", "/parter/ny", "/ataganden/nytt"])
def test_only_those_who_manage_agreements_change_them(
    police: FlaskClient, stranger: FlaskClient, saved: Callable[..., int], path: str
) -> None:
    one = f"{LIST}/{saved()}"
    assert stranger.get(one).status_code == 404
    if path:
        assert police.get(one + path).status_code == 403
        assert police.post(one + path).status_code == 403
    assert police.post(f"{LIST}/nytt", data=NEW).status_code == 403


def test_an_agreement_of_another_partnership_is_not_found(
    coordinator: FlaskClient, world: World, saved: Callable[..., int]
) -> None:
    elsewhere = saved(partnership_id=world.partnerships["klara"])
    for path in ("", "/andra", "/forlang", "/ta-bort"):
        assert coordinator.get(f"{LIST}/{elsewhere}{path}").status_code == 404


def test_a_prolonged_agreement_links_both_ways(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse, saved: Callable[..., int]
) -> None:
    old = saved(("police", "owner"), title="2020–2022", starts="2020", ends="2022", focus_areas=["Trygghet"])
    with app.app_context():
        keep = db.session.scalar(select(AgreementParty.id).where(AgreementParty.actor_id == world.actors["police"]))
    data = {"title": "2023–2025", "starts": "2023", "ends": "2025", "party_ids": [str(keep)], "version": "1"}
    response = coordinator.post(f"{LIST}/{old}/forlang", data=data)
    assert response.status_code == 303
    new = parse(coordinator.get(response.location))
    assert new.select_one(f'aside a[href="{LIST}/{old}"]').text == "2020–2022"
    assert [row.th.text for row in new.find(id="parties").find_parent("section").select("tbody tr")] == ["Polisen"]
    page = parse(coordinator.get(f"{LIST}/{old}"))
    assert page.select_one(f'aside a[href="{response.location}"]').text == "2023–2025"
    assert found(app, old).status is AgreementStatus.EXTENDED
    assert coordinator.post(f"{LIST}/{old}/forlang", data=data).status_code == 422


def test_a_draft_is_not_prolonged(
    coordinator: FlaskClient, app: Flask, parse: Parse, saved: Callable[..., int]
) -> None:
    draft, agreed = saved(title="Utkastet", status=AgreementStatus.DRAFT), saved(title="Avtalet")
    for one, shown in ((draft, False), (agreed, True)):
        page = parse(coordinator.get(f"{LIST}/{one}"))
        assert bool(page.select(f'a[href="{LIST}/{one}/forlang"]')) is shown
    refused = coordinator.post(f"{LIST}/{draft}/forlang", data={"title": "2026–2028", "version": "1"})
    assert refused.status_code == 409
    assert "Avtalet är ett utkast" in refused.text
    assert "2026–2028" in refused.text
    assert found(app, draft).status is AgreementStatus.DRAFT


@pytest.mark.parametrize("visibility", ["public", "authorities_only", "actor_internal"])
def test_a_prolonged_agreement_is_read_by_those_who_read_the_first(
    coordinator: FlaskClient, app: Flask, world: World, saved: Callable[..., int], visibility: str
) -> None:
    old = saved(title="2020–2022", visibility=visibility)
    response = coordinator.post(f"{LIST}/{old}/forlang", data={"title": "2023–2025", "version": "1"})
    new = found(app, int(response.location.rpartition("/")[2]))
    assert (new.visibility.value, new.owner_actor_id) == (visibility, world.actors["district"])


def test_what_was_changed_meanwhile_is_not_prolonged_unseen(
    coordinator: FlaskClient, app: Flask, parse: Parse, saved: Callable[..., int]
) -> None:
    old = saved(title="2020–2022", starts="2020", ends="2022")
    changed = {"title": "2020–2023", "starts": "2020", "ends": "2023", "version": "1"}
    changed |= {"kind": "place_agreement", "visibility": "partnership"}
    assert coordinator.post(f"{LIST}/{old}/andra", data=changed).status_code == 303
    new = {"title": "2023–2025", "starts": "2023", "ends": "2025", "version": "1"}
    late = coordinator.post(f"{LIST}/{old}/forlang", data=new)
    assert late.status_code == 409
    assert [one.text.strip() for one in parse(late).select(".conflict-saved")] == ["2020–2023", "2020", "2023"]
    assert parse(late).find("input", {"name": "title"})["value"] == "2023–2025"
    assert found(app, old).status is not AgreementStatus.EXTENDED
    assert coordinator.post(f"{LIST}/{old}/forlang", data=new | {"version": "2"}).status_code == 303


def test_a_chain_is_no_circle_and_does_not_fork(
    coordinator: FlaskClient, app: Flask, saved: Callable[..., int]
) -> None:
    first = saved(title="Första")
    second = saved(title="Andra", extends_id=first)
    circle = coordinator.post(f"{LIST}/{first}/andra", data=NEW | {"extends_id": str(second)})
    assert circle.status_code == 422
    assert "sig självt" in circle.get_data(as_text=True)
    fork = coordinator.post(f"{LIST}/nytt", data=NEW | {"extends_id": str(first)})
    assert fork.status_code == 422
    assert "redan förlängt" in fork.get_data(as_text=True)
    assert found(app, first).extends_id is None


def test_an_agreement_goes_only_when_nothing_rests_on_it(
    coordinator: FlaskClient, app: Flask, parse: Parse, saved: Callable[..., int]
) -> None:
    agreement_id = saved(("police",))
    path = f"{LIST}/{agreement_id}/ta-bort"
    with app.app_context():
        commitment = a_commitment(db.session.get(Agreement, agreement_id))
        db.session.commit()
        commitment_id = commitment.id
    assert "1 åtagande" in coordinator.get(path).get_data(as_text=True)
    refused = coordinator.post(path)
    assert refused.status_code == 409
    assert "På det vilar 1 åtagande" in refused.text
    one = f"{LIST}/{agreement_id}/ataganden/{commitment_id}/ta-bort"
    assert coordinator.get(one).status_code == 200
    assert coordinator.post(one).status_code == 303
    assert coordinator.post(path).status_code == 303
    with app.app_context():
        assert not db.session.scalar(select(func.count(Agreement.id)))
        assert not db.session.scalar(select(func.count(AgreementParty.id)))


def test_list_and_page_cost_the_same_however_many(
    reader: FlaskClient, app: Flask, world: World, saved: Callable[..., int], count_queries: Count
) -> None:
    agreement_id = saved(("police",), extends_id=saved(title="Före"))

    def cost(path: str) -> int:
        with count_queries() as statements:
            assert reader.get(path).status_code == 200
        return len(statements)

    membership = f"/samverkan/sergels/aktorer/{world.memberships['sergels', 'police']}"
    paths = (LIST, f"{LIST}/{agreement_id}", f"{LIST}/ataganden", membership, "/samverkan/sergels/om")
    with app.app_context():
        a_commitment(db.session.get(Agreement, agreement_id))
        db.session.commit()
    few = [cost(path) for path in paths]
    with app.app_context():
        agreement = db.session.get(Agreement, agreement_id)
        for number in range(2, 22):
            party = a_party(agreement, name=f"Part {number}")
            a_commitment(agreement, number, party_id=party.id)
            more = an_agreement(world, title=f"Avtal {number}", parent_id=agreement_id)
            a_party(more, actor_id=world.actors["police"])
        db.session.commit()
    assert [cost(path) for path in paths] == few


@pytest.fixture
def coordinating_owner(sign_in: SignIn, app: Flask, world: World) -> FlaskClient:
    """Samordnare for the property owner, whom OSL does not bind."""
    with app.app_context():
        grant = db.session.scalar(select(RoleGrant).where(RoleGrant.user_id == world.users["owner"]))
        grant.role = Role.COORDINATOR
        db.session.commit()
    return sign_in("owner")


def test_what_cannot_be_read_is_still_prolonged_when_the_rest_is_changed(
    coordinating_owner: FlaskClient, app: Flask, parse: Parse, saved: Callable[..., int]
) -> None:
    hidden, other = (
        saved(title="Dolt", visibility="authorities_only"),
        saved(title="Även dolt", visibility="actor_internal"),
    )
    agreement_id = saved(title="Öppet", extends_id=hidden, parent_id=hidden)
    form = parse(coordinating_owner.get(f"{LIST}/{agreement_id}/andra"))
    assert "Dolt" not in form.text
    chosen = {name: form.select_one(f"#{name} option[selected]")["value"] for name in ("extends_id", "parent_id")}
    data = NEW | chosen | {"title": "Nytt namn"}
    refused = coordinating_owner.post(f"{LIST}/{agreement_id}/andra", data=data | {"extends_id": str(other)})
    assert refused.status_code == 422
    assert coordinating_owner.post(f"{LIST}/{agreement_id}/andra", data=data).status_code == 303
    row = found(app, agreement_id)
    assert (row.title, row.extends_id, row.parent_id) == ("Nytt namn", hidden, hidden)


def test_one_commitment_is_told_as_one(reader: FlaskClient, app: Flask, world: World, parse: Parse) -> None:
    with app.app_context():
        a_commitment(an_agreement(world), target_count=2, done_count=2)
        db.session.commit()
    line = " ".join(parse(reader.get(f"{LIST}/ataganden")).select_one(".lead").text.split())
    assert line == "1 åtagande, 1 uppföljt. 1 av 1 med målantal är uppnått."


def test_an_actor_without_osl_is_not_offered_what_it_cannot_read(
    coordinator: FlaskClient, coordinating_owner: FlaskClient
) -> None:
    assert "authorities_only" in coordinator.get(f"{LIST}/nytt").get_data(as_text=True)
    assert "authorities_only" not in coordinating_owner.get(f"{LIST}/nytt").get_data(as_text=True)
    assert coordinating_owner.post(f"{LIST}/nytt", data=NEW | {"visibility": "authorities_only"}).status_code == 422


def test_what_a_partnership_rests_on_is_told_but_no_contract_for_guards(
    reader: FlaskClient, parse: Parse, saved: Callable[..., int]
) -> None:
    def told() -> list[str]:
        fact = parse(reader.get("/samverkan/sergels/om")).find("dt", string="Överenskommelser").find_next_sibling("dd")
        return [link.text for link in fact.select("a")] or [fact.text.strip()]

    assert told() == ["inga egna är inlagda"]
    saved(title="Ordningsvakter", kind="service_contract")
    saved(title="Medborgarlöftet", kind="citizen_promise")
    saved(title="Torgavtalet", kind="place_agreement")
    assert told() == ["Torgavtalet", "Medborgarlöftet"]
