"""Parties that join and leave, and what they bind themselves to."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.agreements import lists, queries, services
from platssamverkan.agreements.models import Agreement, AgreementParty, Commitment
from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError
from platssamverkan.core.visibility import Reader
from tests.agreements.builders import a_commitment, a_party, an_agreement
from tests.builders import World

Parse = Callable[..., BeautifulSoup]
LIST = "/samverkan/sergels/avtal"


@pytest.fixture
def agreement_id(app: Flask, world: World) -> int:
    """An agreement for 2023–2025 whose only party is the police."""
    with app.app_context():
        agreement = an_agreement(world, starts="2023", ends="2025")
        a_party(agreement, actor_id=world.actors["police"])
        db.session.commit()
        found: int = agreement.id
        return found


@pytest.fixture
def one(agreement_id: int) -> str:
    """The address of the agreement."""
    return f"{LIST}/{agreement_id}"


def the(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(model.id).order_by(model.id.desc()).limit(1))


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(model.id))) or 0


def test_a_party_joins_and_leaves(coordinator: FlaskClient, app: Flask, one: str, parse: Parse) -> None:
    assert coordinator.post(f"{one}/parter/ny", data={"name": "Gålöstiftelsen", "joined": "2023"}).status_code == 303
    party = f"{one}/parter/{the(app, AgreementParty)}"
    data = {"name": "Gålöstiftelsen", "joined": "2023", "withdrew": "2024-06", "version": "1"}
    assert coordinator.post(f"{party}/andra", data=data).status_code == 303
    row = parse(coordinator.get(one)).find("th", string="Gålöstiftelsen").find_parent("tr")
    assert [cell.text.replace("\xa0", " ") for cell in row.find_all("td")][:2] == ["2023", "juni 2024"]


def test_the_actors_page_tells_until_when_it_was_a_party(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse, agreement_id: int
) -> None:
    def told() -> str:
        page = parse(coordinator.get(f"/samverkan/sergels/aktorer/{world.memberships['sergels', 'police']}"))
        return " ".join(page.find(id="mentions").find_parent("section").text.split())

    assert "Avtalspart, 2023" in told()
    with app.app_context():
        db.session.scalar(select(AgreementParty)).withdrew = "2024-06"
        db.session.commit()
    assert "Avtalspart till juni 2024, 2023" in told()


def test_two_who_change_the_same_party_are_told_of_each_other(
    coordinator: FlaskClient, app: Flask, one: str, parse: Parse
) -> None:
    coordinator.post(f"{one}/parter/ny", data={"name": "Gålöstiftelsen"})
    path = f"{one}/parter/{the(app, AgreementParty)}/andra"
    mine = {
        "name": "Gålöstiftelsen",
        "version": parse(coordinator.get(path)).find("input", {"name": "version"})["value"],
    }
    assert coordinator.post(path, data=mine | {"joined": "2023"}).status_code == 303
    response = coordinator.post(path, data=mine | {"joined": "2024"})
    assert response.status_code == 409
    assert parse(response).find("input", {"name": "joined"})["value"] == "2024"
    with app.app_context():
        assert db.session.get(AgreementParty, the(app, AgreementParty)).joined == "2023"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Välj en aktör eller skriv ett namn, inte båda."),
        ({"actor_id": "2"}, "Parten finns redan i avtalet."),
        ({"actor_id": "999"}, "Välj ett av alternativen i listan."),
        ({"name": "Stiftelsen", "joined": "2026"}, "ansluter sig efter att avtalet har slutat"),
        ({"name": "Stiftelsen", "withdrew": "2022"}, "lämnar innan avtalet börjar"),
        ({"name": "Stiftelsen", "joined": "2022-12"}, "ansluter sig innan avtalet börjar"),
        ({"name": "Stiftelsen", "withdrew": "2026-01"}, "lämnar efter att avtalet har slutat"),
        ({"name": "Stiftelsen", "joined": "2024", "withdrew": "2023"}, "lämnar innan den anslöt sig"),
        ({"name": "Stiftelsen", "actor_id": "1"}, "inte båda"),
    ],
)
def test_a_party_is_not_added_so(
    coordinator: FlaskClient, app: Flask, world: World, one: str, data: dict[str, str], message: str
) -> None:
    assert world.actors["police"] == 2
    response = coordinator.post(f"{one}/parter/ny", data=data)
    assert response.status_code == 422
    assert message in response.get_data(as_text=True)
    assert count(app, AgreementParty) == 1


def test_a_party_that_is_bound_stays(coordinator: FlaskClient, app: Flask, one: str, agreement_id: int) -> None:
    party_id = the(app, AgreementParty)
    with app.app_context():
        a_commitment(db.session.get(Agreement, agreement_id), party_id=party_id)
        db.session.commit()
    path = f"{one}/parter/{party_id}/ta-bort"
    assert "1 åtagande" in coordinator.get(path).get_data(as_text=True)
    assert coordinator.post(path).status_code == 409
    coordinator.post(f"{one}/ataganden/{the(app, Commitment)}/ta-bort")
    assert coordinator.post(path).status_code == 303
    assert count(app, AgreementParty) == 0


NEW = {"text": "hålla två trygghetsvandringar", "kind": "commitment", "version": "1"}


def test_commitments_are_numbered_and_followed_up(coordinator: FlaskClient, app: Flask, one: str, parse: Parse) -> None:
    party_id = str(the(app, AgreementParty))
    data = NEW | {"party_id": party_id, "target_count": "2", "recurrence": "yearly"}
    first = coordinator.post(f"{one}/ataganden/nytt", data=data)
    second = coordinator.post(f"{one}/ataganden/nytt", data=NEW | {"is_joint": "y", "text": "ses varje månad"})
    assert (first.location, second.location) == (f"{one}#atagande-1", f"{one}#atagande-2")
    row = parse(coordinator.get(one)).find(id="atagande-1")
    assert "Polisen" in row.text
    assert "minst 2, varje år" in row.text
    assert "Ej uppföljt" in row.text
    with app.app_context():
        commitment_id = db.session.scalar(select(Commitment.id).where(Commitment.number == 1))
    path = f"{one}/ataganden/{commitment_id}/folj-upp"
    assert (
        coordinator.post(
            path, data={"done_count": "2", "done_period": "2026", "done_note": "Vår och höst", "version": "1"}
        ).status_code
        == 303
    )
    row = parse(coordinator.get(one)).find(id="atagande-1")
    assert "Målet uppnått" in row.text
    assert "Genomfört 2 av 2 (2026)" in row.text.replace("\xa0", " ")
    assert "Vår och höst" in row.text
    assert "1\xa0av\xa01 med målantal är uppnått" in parse(coordinator.get(f"{LIST}/ataganden")).text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"done_count": "2"}, "Skriv vilken tid antalet gäller"),
        ({"done_count": "0", "done_period": " "}, "Skriv vilken tid antalet gäller"),
        ({"done_period": "2026", "done_note": "Våren"}, "Skriv antalet, eller ta bort tiden"),
        ({"done_count": "många", "done_period": "2026"}, "Skriv ett heltal"),
    ],
)
def test_a_count_is_of_a_time(
    coordinator: FlaskClient, app: Flask, one: str, agreement_id: int, parse: Parse, data: dict[str, str], message: str
) -> None:
    with app.app_context():
        a_commitment(db.session.get(Agreement, agreement_id))
        db.session.commit()
    path = f"{one}/ataganden/{the(app, Commitment)}/folj-upp"
    assert "(frivilligt)" not in parse(coordinator.get(path)).select_one("label[for=done_period]").text
    refused = coordinator.post(path, data=data | {"version": "1"})
    assert refused.status_code == 422
    assert message in refused.text
    assert coordinator.post(path, data={"done_note": "Våren", "version": "1"}).status_code == 303


def test_nothing_done_is_not_a_target_partly_reached(
    coordinator: FlaskClient, app: Flask, one: str, agreement_id: int, parse: Parse
) -> None:
    with app.app_context():
        a_commitment(db.session.get(Agreement, agreement_id), target_count=2, done_count=0, done_period="2024")
        db.session.commit()
    for address in (one, f"{LIST}/ataganden"):
        page = parse(coordinator.get(address))
        assert [status.text.strip() for status in page.select("td .status")] == ["Uppföljt"], address
    assert "Genomfört 0 av 2 (2024)" in " ".join(parse(coordinator.get(one)).text.split())


def test_the_time_of_a_count_is_told_wherever_the_count_is(
    coordinator: FlaskClient, app: Flask, one: str, agreement_id: int, parse: Parse
) -> None:
    with app.app_context():
        agreement = db.session.get(Agreement, agreement_id)
        for number, period in enumerate(("hösten 2024", None), start=1):
            a_commitment(agreement, number, target_count=4, done_count=number, done_period=period)
        db.session.commit()
    report = "/samverkan/sergels/rapporter/maluppfyllelse/2024/vb"
    for address in (one, f"{LIST}/ataganden", report):
        text = " ".join(parse(coordinator.get(address)).text.split())
        assert "(hösten 2024)" in text, address
        assert "(tiden saknas)" in text, address
    assert "hösten 2024" in coordinator.get(f"{LIST}/ataganden?format=csv").get_data(as_text=True)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"text": ""}, "Skriv vad parten förbinder sig att göra."),
        ({}, "Välj vilken part det gäller"),
        ({"party_id": "999"}, "Välj ett av alternativen i listan."),
        ({"is_joint": "y", "party_id": "1"}, "inte båda"),
        ({"is_joint": "y", "target_count": "0"}, "Skriv ett tal från 1 till 9999."),
        ({"is_joint": "y", "recurrence": "nonsens"}, "Välj ett av alternativen i listan."),
    ],
)
def test_a_commitment_is_not_added_so(
    coordinator: FlaskClient, app: Flask, one: str, changed: dict[str, str], message: str
) -> None:
    response = coordinator.post(f"{one}/ataganden/nytt", data=NEW | changed)
    assert response.status_code == 422
    assert message in response.get_data(as_text=True)
    assert count(app, Commitment) == 0


def test_only_a_party_of_the_agreement_is_bound_by_it(
    coordinator: FlaskClient, app: Flask, world: World, one: str
) -> None:
    with app.app_context():
        other = a_party(an_agreement(world, title="Annat"), actor_id=world.actors["owner"])
        db.session.commit()
        other_id = other.id
    assert coordinator.post(f"{one}/ataganden/nytt", data=NEW | {"party_id": str(other_id)}).status_code == 422
    assert coordinator.get(f"{one}/parter/{other_id}/andra").status_code == 404


def test_a_late_follow_up_keeps_both_texts(coordinator: FlaskClient, app: Flask, one: str, agreement_id: int) -> None:
    with app.app_context():
        a_commitment(db.session.get(Agreement, agreement_id))
        db.session.commit()
    base = f"{one}/ataganden/{the(app, Commitment)}"
    assert coordinator.post(f"{base}/folj-upp", data={"done_note": "Första", "version": "1"}).status_code == 303
    late = coordinator.post(f"{base}/folj-upp", data={"done_note": "Andra", "version": "1"})
    assert late.status_code == 409
    assert "Första" in late.get_data(as_text=True)
    assert "Andra" in late.get_data(as_text=True)
    edited = coordinator.post(f"{base}/andra", data=NEW | {"is_joint": "y"})
    assert edited.status_code == 409
    wrong = coordinator.post(f"{base}/folj-upp", data={"done_count": "-1", "version": "2"})
    assert wrong.status_code == 422


def test_a_commitment_is_found_only_under_its_own_agreement(
    coordinator: FlaskClient, police: FlaskClient, app: Flask, world: World, one: str
) -> None:
    with app.app_context():
        a_commitment(an_agreement(world, title="Annat"))
        db.session.commit()
    commitment_id = the(app, Commitment)
    for path in ("andra", "folj-upp", "ta-bort"):
        assert coordinator.get(f"{one}/ataganden/{commitment_id}/{path}").status_code == 404
        assert police.get(f"{one}/ataganden/{commitment_id}/{path}").status_code == 403


def test_what_a_source_does_not_say_may_stay_unsaid(
    coordinator: FlaskClient, app: Flask, one: str, agreement_id: int, parse: Parse
) -> None:
    with app.app_context():
        a_commitment(db.session.get(Agreement, agreement_id), is_joint=False)
        db.session.commit()
    assert "uppgift saknas" in parse(coordinator.get(one)).find(id="atagande-1").text
    base = f"{one}/ataganden/{the(app, Commitment)}"
    assert coordinator.post(f"{base}/andra", data=NEW | {"text": "Ökad synlighet"}).status_code == 303


def test_reports_get_commitments_with_party_and_agreement(app: Flask, world: World, agreement_id: int) -> None:
    with app.app_context():
        agreement = db.session.get(Agreement, agreement_id)
        party_id = db.session.scalar(select(AgreementParty.id))
        a_commitment(agreement, 1, party_id=party_id, target_count=2, done_count=1)
        a_commitment(agreement, 2, target_count=1, done_count=1)
        a_commitment(an_agreement(world, title="Dolt", visibility="authorities_only"))
        db.session.commit()
    with app.app_context():
        found = queries.commitments_of(world.partnerships["sergels"], Reader())
        assert [(lists.bound(row), row.agreement.title) for row in found] == [
            ("Polisen", "Platssamverkan på torget"),
            ("Gemensamt", "Platssamverkan på torget"),
        ]
        counts = queries.fulfilment(world.partnerships["sergels"], Reader())
        assert (counts.total, counts.followed_up, counts.with_target, counts.reached) == (2, 2, 2, 1)


@pytest.mark.parametrize("whose", [{}, {"party_id": 1, "is_joint": True}])
def test_the_service_binds_one_party_or_all_together(app: Flask, agreement_id: int, whose: dict[str, Any]) -> None:
    with app.app_context():
        agreement = db.session.get_one(Agreement, agreement_id)
        joint = a_commitment(agreement)
        unsaid = a_commitment(agreement, 2, is_joint=False)
        with pytest.raises(DomainError):
            services.add_commitment(agreement, values={"text": "hålla vandringar", **whose})
        with pytest.raises(DomainError):
            services.change_commitment(joint, posted_version=1, values={"party_id": None, "is_joint": False, **whose})
        services.change_commitment(unsaid, posted_version=1, values={"party_id": None, "is_joint": False, "text": "gå"})
        assert unsaid.text == "gå"


@pytest.mark.parametrize(
    "times", [{"joined": "2022-12-31"}, {"joined": "2026"}, {"withdrew": "2022"}, {"withdrew": "2026"}]
)
def test_the_service_keeps_a_party_inside_the_period(app: Flask, agreement_id: int, times: dict[str, str]) -> None:
    with app.app_context():
        agreement = db.session.get(Agreement, agreement_id)
        party = db.session.scalar(select(AgreementParty))
        with pytest.raises(DomainError, match="avtalet"):
            services.add_party(agreement, values={"name": "Stiftelsen", **times})
        with pytest.raises(DomainError, match="avtalet"):
            services.change_party(agreement, party, posted_version=party.version, values=times)
        services.change_party(
            agreement, party, posted_version=party.version, values={"joined": "2023", "withdrew": "2025"}
        )


@pytest.mark.parametrize(
    ("period", "message"),
    [
        (
            {"starts": "2024-07", "ends": "2025"},
            "Avtalet börjar efter den tid då parter anslöt sig eller lämnade: Polisen",
        ),
        (
            {"starts": "2023", "ends": "2024-05"},
            "Avtalet slutar före den tid då parter anslöt sig eller lämnade: Polisen",
        ),
    ],
)
def test_a_period_does_not_shrink_past_its_parties(
    coordinator: FlaskClient, app: Flask, one: str, agreement_id: int, period: dict[str, str], message: str
) -> None:
    with app.app_context():
        party = db.session.scalar(select(AgreementParty))
        party.joined = "2024-06"
        db.session.commit()
    data = {"title": "Nytt namn", "kind": "place_agreement", "visibility": "partnership", "version": "1"}
    refused = coordinator.post(f"{one}/andra", data=data | period)
    assert refused.status_code == 422
    assert message in refused.get_data(as_text=True)
    with app.app_context():
        assert db.session.get(Agreement, agreement_id).title == "Platssamverkan på torget"
    fits = {"starts": "2024", "ends": "2024-06"}
    assert coordinator.post(f"{one}/andra", data=data | fits).status_code == 303
