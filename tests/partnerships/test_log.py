"""The log of what was done: who, what, and nothing that the reader may not see."""

from collections.abc import Callable
from datetime import time
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core import clock
from platssamverkan.core.audit import SILENT_FIELDS, SILENT_TABLES, AuditAction, AuditEntry
from platssamverkan.core.db import Base, db
from platssamverkan.core.recurrence import Recurrence
from platssamverkan.core.registry import registry
from platssamverkan.core.sources import Source
from platssamverkan.core.visibility import Reader
from platssamverkan.goals.models import GoalVersion, Study
from platssamverkan.measures import services
from platssamverkan.measures.models import Measure
from platssamverkan.partnerships import labels
from platssamverkan.partnerships.models import (
    MeetingKind,
    MeetingSeries,
    RepresentationLevel,
    Representative,
    RoleGrant,
)
from platssamverkan.places.models import Place
from platssamverkan.reports.models import IssuedDocument
from tests.activations.builders import an_event
from tests.agreements.builders import a_commitment, a_party, an_agreement
from tests.briefings.builders import a_briefing, a_line
from tests.builders import World, add
from tests.conftest import SignIn
from tests.goals.builders import a_goal, an_assessment, an_indicator, an_observation
from tests.measures.builders import a_follow_up, a_measure, a_problem
from tests.meetings.builders import a_decision, a_meeting, item_at

Parse = Callable[..., BeautifulSoup]
LOG = "/samverkan/sergels/logg"


def words(tag: object) -> str:
    return " ".join(tag.text.split())  # type: ignore[attr-defined]


def test_the_log_tells_who_did_what_in_swedish(coordinator: FlaskClient, sign_in: SignIn, parse: Parse) -> None:
    data = {"name": "Sergels torg", "numbering": "per_year", "version": "1", "municipality": "Stockholm"}
    data["mandate"] = "Budget 2019"
    coordinator.post("/samverkan/sergels/om/andra", data=data)
    page = parse(sign_in("auditor").get(f"{LOG}?tabell=partnership&handling=update"))
    row = page.select_one("tbody tr")
    assert "Coordinator" in row.text
    assert "Ändrad: samverkan" in row.text
    assert "Kommun: Stockholm" in " ".join(row.text.split())
    # Called as in the form; of an actor, a mandate is its rådighet.
    assert "Uppdrag: Budget 2019" in words(row)
    assert "Börjar om vid varje möte → Löpande under kalenderåret" in " ".join(row.text.split())
    assert "coordinator@" not in page.text
    assert parse(sign_in("auditor").get(f"{LOG}?till=2020-01-01")).find(id="log").text.count("Coordinator") == 0


def test_the_log_has_a_word_for_each_table_and_field_and_for_nothing_else() -> None:
    tables = {table for table in Base.metadata.sorted_tables if table.name not in SILENT_TABLES}
    ties = {tie.key for mapper in Base.registry.mappers for tie in mapper.relationships if tie.secondary is not None}
    columns = {column.name for table in tables for column in table.columns} - SILENT_FIELDS
    assert {table.name for table in tables} == set(labels.TABLES)
    assert columns <= set(labels.FIELDS) <= columns | ties


def test_the_log_leaves_out_a_mark_that_goals_no_longer_have(
    sign_in: SignIn, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        here = world.partnerships["sergels"]
        changes = {"is_current": [True, False], "ends": [None, "2026"]}
        about = {"table_name": "goal_version", "row_id": 1, "partnership_id": here, "changes": changes}
        add(AuditEntry(at=clock.now(), user_id=None, action=AuditAction.UPDATE, **about))
        db.session.commit()
    row = parse(sign_in("auditor").get(f"{LOG}?tabell=goal_version")).select_one("tbody tr")
    assert "Slutar" in row.text
    assert "current" not in row.text


def test_the_log_tells_what_a_row_is_tied_to(sign_in: SignIn, app: Flask, world: World, parse: Parse) -> None:
    with app.app_context():
        one, two = (a_goal(world.partnerships["sergels"], number=number).id for number in (1, 2))
        measure = a_measure(world)
        services.set_goals(measure, [one])
        services.set_goals(measure, [one, two])
        db.session.commit()
    row = parse(sign_in("auditor").get(f"{LOG}?tabell=measure&handling=update")).select_one("tbody tr")
    first, second = "Mål 1: Torget är en trygg plats", "Mål 2: Torget är en trygg plats"
    assert f"Mål: {first} → {first}; {second}" in words(row)


def test_the_log_belongs_to_its_partnership_and_its_readers(
    coordinator: FlaskClient, reader: FlaskClient, stranger: FlaskClient, parse: Parse
) -> None:
    data = {"name": "Vision Klara", "numbering": "per_meeting", "version": "1", "municipality": "Nacka"}
    coordinator.post("/samverkan/klara/om/andra", data=data)
    assert "Nacka" not in coordinator.get(LOG).get_data(as_text=True)
    assert reader.get(LOG).status_code == 403
    assert stranger.get(LOG).status_code == 404


def test_the_log_names_rows_and_what_they_point_at_and_leads_to_them(
    sign_in: SignIn, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        measure = a_measure(world, title="Byt armaturer", actor="owner")
        db.session.commit()
        measure_id = measure.id
    (row,) = parse(sign_in("auditor").get(f"{LOG}?tabell=measure&handling=insert")).select("tbody tr")
    assert words(row.select("td")[1]).startswith("Skapad: åtgärd Åtgärd 1: Byt armaturer")
    assert [link["href"] for link in row.select("td a")] == [f"/samverkan/sergels/atgarder/{measure_id}"]
    assert "Ansvarig aktör: Fastighetsbolaget" in words(row)
    assert "Klart senast: 7 november 2026" in words(row)


def test_what_is_gone_keeps_its_number(sign_in: SignIn, app: Flask, world: World, parse: Parse) -> None:
    with app.app_context():
        agreement = an_agreement(world, title="Borta")
        db.session.commit()
        number = agreement.id
        db.session.delete(agreement)
        db.session.commit()
    (row,) = parse(sign_in("auditor").get(f"{LOG}?tabell=agreement&handling=delete")).select("tbody tr")
    assert f"Borttagen: avtal {number}" in words(row)
    assert not row.select("a")


def test_each_room_tells_what_its_rows_are_called_and_where_they_stand(
    coordinator: FlaskClient, app: Flask, world: World
) -> None:
    with app.app_context():
        named = rows_by_name(world)
        db.session.commit()
        told = {}
        with app.test_request_context():
            for table, (row, label) in named.items():
                mention = registry.names_of(table, world.partnerships["sergels"], [row], Reader(is_member=True))[row]
                assert mention.label.replace("\N{NO-BREAK SPACE}", " ") == label
                told[table] = mention.url
    assert set(named) == {*registry.names, *registry.linkables}
    for table, url in told.items():
        page = coordinator.get(url) if url else None
        assert page is None or page.status_code == 200, table
        _, _, anchor = url.partition("#")
        assert f'id="{anchor}"' in page.text if page and anchor else True, table


def rows_by_name(world: World) -> dict[str, tuple[int, str]]:
    """Return table → (id, name) of a row of each kind that has a name."""
    here = world.partnerships["sergels"]
    agreement = an_agreement(world)
    goal = a_goal(here)
    version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal.id)).one()
    indicator = an_indicator(here)
    measure = a_measure(world)
    meeting = a_meeting(world)
    item = item_at(meeting, 1)
    briefing = a_briefing(world, "sergels")
    membership = world.memberships["sergels", "owner"]
    right = select(RoleGrant.id).where(RoleGrant.membership_id == membership)
    speaker = Representative(membership_id=membership, level=RepresentationLevel.STRATEGIC, function="Förvaltare")
    text = "Strategiskt samverkansforum 5 november 2026"
    return {
        "actor": (world.actors["owner"], "Fastighetsbolaget"),
        "membership": (membership, "Fastighetsbolaget"),
        "representative": (add(speaker).id, "Förvaltare, Fastighetsbolaget"),
        "role_grant": (db.session.scalars(right).one(), "Owner, Fastighetsbolaget"),
        "place": (world.places["square"], "Sergels torg"),
        "user": (world.users["owner"], "Owner"),
        "source": (world.source, db.session.get_one(Source, world.source).title),
        "agreement": (agreement.id, "Platssamverkan på torget"),
        "agreement_party": (a_party(agreement, name="Butikerna").id, "Butikerna, Platssamverkan på torget"),
        "commitment": (a_commitment(agreement).id, "Åtagande 1, Platssamverkan på torget"),
        "goal": (goal.id, "Mål 2: Torget är en trygg plats"),
        "goal_version": (version.id, "Mål 2: Torget är en trygg plats"),
        "goal_assessment": (an_assessment(version).id, "Mål 2, Verksamhetsberättelse 2025"),
        "indicator": (indicator.id, "Störs av narkotikahandel"),
        "observation": (an_observation(indicator, "2025", "4").id, "Störs av narkotikahandel"),
        "study": (add(Study(partnership_id=here, title="Utvärdering")).id, "Utvärdering"),
        "measure": (measure.id, "Åtgärd 1: Byt trasiga armaturer"),
        "problem": (a_problem(world).id, "Problem 1: Öppen försäljning vid trappan"),
        "follow_up": (a_follow_up(measure).id, "Uppföljning av åtgärd 1: Byt trasiga armaturer"),
        "meeting": (meeting.id, text),
        "minutes_item": (item.id, f"{text}: {item.heading}"),
        "decision": (
            a_decision(world, item).id,
            f"{text}, § 1, beslut 1: Samtliga trasiga armaturer byts.",
        ),
        "briefing": (briefing.id, "Utställning 6 oktober 2026"),
        "briefing_item": (a_line(world, briefing).id, "Utställning 6 oktober 2026"),
        "activation_event": (an_event(world).id, "Kvällsdans, 2 oktober 2026"),
        "issued_document": (an_issued_document(here), "Minnesanteckningar, version 1"),
    }


def an_issued_document(partnership_id: int) -> int:
    values = {"kind": "minutes", "subject": "meeting:1", "title": "Minnesanteckningar", "audience": "partnership"}
    issued = {"issued_at": clock.now(), "issued_by_function": "Samordnare", "sha256": "0" * 64, "size": 4}
    document = IssuedDocument(partnership_id=partnership_id, version=1, content=b"%PDF", **values, **issued)
    row: IssuedDocument = add(document)
    return row.id


def test_a_row_leads_those_who_read_the_log_to_its_own_entries(
    sign_in: SignIn, reader: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        one, other = a_measure(world, title="Byt armaturer"), a_measure(world, title="Klipp häcken")
        db.session.commit()
        pages = [f"/samverkan/sergels/atgarder/{measure.id}" for measure in (one, other)]
    assert not parse(reader.get(pages[0])).find("a", string="Ändringar i loggen")
    auditor = sign_in("auditor")
    log = parse(auditor.get(parse(auditor.get(pages[0])).find("a", string="Ändringar i loggen")["href"]))
    assert log.select_one("#log-post option[selected]").text == "Åtgärd 1: Byt armaturer"
    assert log.select("tbody tr")
    assert {link["href"] for link in log.select("tbody a")} == {pages[0]}


def test_the_log_writes_times_numbers_and_keys_as_people_do(
    sign_in: SignIn, app: Flask, world: World, parse: Parse
) -> None:
    here = world.partnerships["sergels"]
    with app.app_context():
        rule = {"recurrence": Recurrence.WEEKLY, "rule": "FREQ=WEEKLY;BYDAY=TU", "starts_at": time(9, 5)}
        add(MeetingSeries(partnership_id=here, kind=MeetingKind.STRATEGIC_FORUM, starts_on=clock.today(), **rule))
        an_indicator(here, baseline_value=Decimal("1250.5000"), baseline_period="2025")
        place = db.session.get_one(Place, world.places["square"])
        changes = {"types": [[], ["square", "park"]]}
        entry = {"action": AuditAction.UPDATE, "table_name": "place", "row_id": place.id}
        add(AuditEntry(at=clock.now(), partnership_id=here, changes=changes, **entry))
        db.session.commit()
    text = words(parse(sign_in("auditor").get(LOG)).find(id="log"))
    for told in ("Börjar: 9.05", "Regel: varje vecka, tisdag", "Utgångsläge: 1 250,5", "Typer: Torg; Park"):
        assert told in text


def test_the_places_of_a_partnership_can_be_chosen_in_the_log(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    assert coordinator.post("/samverkan/sergels/om/platser/ny", data={"name": "Trappan", "band": "arcs"}).location
    log = parse(coordinator.get(f"{LOG}?tabell=partnership_place"))
    assert log.select_one("#log-tabell option[selected]").text == "Plats i samverkan"
    assert [words(row.select("td")[2]) for row in log.select("tbody tr")] == ["Plats: Trappan"]


def test_an_address_that_is_made_up_does_not_tell_who_the_users_are(
    coordinator: FlaskClient, world: World, parse: Parse
) -> None:
    log = parse(coordinator.get(f"{LOG}?tabell=user&post={world.users['stranger']}"))
    assert "Stranger" not in log.text
    assert log.select_one("#log-post option[selected]").text == f"användare {world.users['stranger']}"


def test_a_row_is_not_taken_for_one_of_another_kind_with_the_same_number(
    coordinator: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    with app.app_context():
        a_measure(world)
        db.session.commit()
    log = parse(coordinator.get(f"{LOG}?tabell=measure&post=1"))
    assert [option.text for option in log.select("#log-tabell option")] == ["Alla", "Åtgärd"]
    assert len(parse(coordinator.get(LOG)).select("#log-tabell option")) > 2


@pytest.mark.parametrize(
    ("question", "same_as"),
    [("tabell=measure&post=x", "tabell=measure"), ("tabell=task_lease&post=1", ""), ("post=1", "")],
)
def test_a_question_that_makes_no_sense_narrows_nothing(
    sign_in: SignIn, app: Flask, world: World, parse: Parse, question: str, same_as: str
) -> None:
    with app.app_context():
        a_measure(world)
        db.session.commit()
    told, wanted = (parse(sign_in("auditor").get(f"{LOG}?{one}")).select("tbody") for one in (question, same_as))
    assert len(told) == 1
    assert told == wanted


def test_a_made_up_row_has_no_entries(sign_in: SignIn, app: Flask, world: World, parse: Parse) -> None:
    with app.app_context():
        a_measure(world)
        db.session.commit()
    counts = [len(parse(sign_in("auditor").get(f"{LOG}?tabell=measure&post={n}")).select("tbody tr")) for n in (1, 99)]
    assert counts == [1, 0]


def test_a_long_text_that_was_changed_can_be_read_whole(
    sign_in: SignIn, reader: FlaskClient, stranger: FlaskClient, app: Flask, world: World, parse: Parse
) -> None:
    long = "Armaturerna i gången. " * 20 + "Sist."
    with app.app_context():
        measure = a_measure(world, title="Byt armaturer", description=long)
        db.session.commit()
        measure.description = "Kort."
        db.session.commit()
        measure.visibility, measure.owner_actor_id = "partnership", world.actors["owner"]
        db.session.commit()
    auditor = sign_in("auditor")
    (row,) = parse(auditor.get(f"{LOG}?tabell=measure&handling=update&post=1&sortera=at")).select("tbody tr")[:1]
    assert "Sist." not in row.text
    url = row.select_one('a[href*="/logg/"]')["href"]
    page = parse(auditor.get(url))
    (change,) = (one for one in page.select("tbody tr") if one.th.text == "Beskrivning")
    assert [cell.text for cell in change.select("td")] == [long, "Kort."]
    assert page.select_one(".lead a").text == "Åtgärd 1: Byt armaturer"
    assert reader.get(url).status_code == 403
    assert stranger.get(url).status_code == 404
    elsewhere = url.replace("sergels", "klara")
    assert sign_in("coordinator").get(elsewhere).status_code == 404
    with app.app_context():
        db.session.get_one(Measure, 1).visibility = "actor_internal"
        db.session.commit()
    assert "Armaturerna" not in auditor.get(url).text
