"""Pages over all partnerships of a user: as many statements for twelve as for two, and of each what may be read."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.activations.models import EventStatus
from platssamverkan.core import clock
from platssamverkan.core.audit import AuditAction, AuditEntry
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Audience, Reader, Visibility
from platssamverkan.measures.models import Problem
from platssamverkan.meetings.models import Decision, Meeting, MinutesItem, decision_measure
from platssamverkan.overview.queries import home_page
from platssamverkan.partnerships.models import MeetingKind, Membership, Partnership, RoleGrant
from platssamverkan.partnerships.roles import Role
from platssamverkan.places.models import Place, PlaceType
from platssamverkan.reports.models import IssuedDocument
from tests.activations.builders import an_event
from tests.agreements.builders import an_agreement
from tests.briefings.builders import a_briefing, a_line
from tests.builders import World, add
from tests.goals.builders import a_goal, an_indicator
from tests.measures.builders import a_measure

MANY = 12
#: What the user is in every fourth partnership: the actors that the user acts for there, and the role.
STANDINGS = (
    (("police",), Role.COORDINATOR),
    (("owner",), Role.COORDINATOR),
    (("owner",), Role.READER),
    (("police", "owner"), Role.PARTICIPANT),
)
#: For whom each kind of row is written in every partnership, and whose internal text it is.
CLASSES: tuple[tuple[Visibility, str | None], ...] = (
    (Visibility.PUBLIC, None),
    (Visibility.PARTNERSHIP, None),
    (Visibility.AUTHORITIES_ONLY, None),
    (Visibility.ACTOR_INTERNAL, "police"),
    (Visibility.ACTOR_INTERNAL, "owner"),
)
KINDS = {"åtgärd", "problem", "mål", "indikator", "rad", "punkt", "beslut", "händelse", "avtal", "dokument"}
Parse = Callable[..., BeautifulSoup]


def name(number: int) -> str:
    return f"Samverkan {number:02}"


def tomorrow() -> datetime:
    return clock.at_local(clock.today() + timedelta(days=1), time(12))


def a_partnership(world: World, number: int) -> None:
    """Save a partnership with a place of its own, where both actors take part. The places of the second and the third
    are parts of the first one's."""
    whole = world.places.get("plats-0") if number in {1, 2} else None
    slug = f"plats-{number}"
    place = add(Place(slug=slug, name=f"Plats {number}", types=[PlaceType.SQUARE.value], part_of_id=whole))
    partnership = add(Partnership(slug=f"samverkan-{number}", name=name(number), places=[place]))
    world.places[slug], world.partnerships[name(number)] = place.id, partnership.id
    for actor in ("police", "owner"):
        membership = add(Membership(partnership_id=partnership.id, actor_id=world.actors[actor]))
        world.memberships[name(number), actor] = membership.id


def written(world: World, number: int, visibility: Visibility, actor: str | None) -> None:
    """Save a row of every kind in the partnership, with a text that tells kind, partnership and for whom it is."""
    where = world.partnerships[name(number)]
    read_by: dict[str, Any] = {"visibility": visibility, "owner_actor_id": world.actors[actor] if actor else None}

    def text(kind: str) -> str:
        return f"sökord-{kind}-{number}-{visibility.value}-{actor}"

    soon = tomorrow()
    late = clock.today() - timedelta(days=3)
    measure = {"title": text("åtgärd"), "due_on": late, "owner_actor_id": world.actors[actor or "police"]}
    a_measure(world, where=name(number), **{**read_by, **measure})
    problem_number = CLASSES.index((visibility, actor)) + 1
    add(Problem(partnership_id=where, number=problem_number, text=text("problem"), **read_by))
    a_goal(where, text("mål"), **read_by)
    an_indicator(where, text("indikator"), **read_by)
    briefing = a_briefing(world, name(number), starts_at=soon)
    a_line(world, briefing, text=text("rad"), raise_to_forum=True, **read_by)
    kind = MeetingKind.STRATEGIC_FORUM
    meeting = add(Meeting(partnership_id=where, kind=kind, starts_at=soon))
    add(MinutesItem(meeting_id=meeting.id, position=1, heading=text("punkt"), **read_by))
    item = add(MinutesItem(meeting_id=meeting.id, position=2, heading="Beslut"))
    add(Decision(item_id=item.id, number=1, text=text("beslut"), **read_by))
    when = {"starts_at": soon, "ends_at": soon + timedelta(hours=1), "status": EventStatus.PLANNED}
    place_id = world.places[f"plats-{number}"]
    an_event(world, name(number), place_id=place_id, title=text("händelse"), **when, **read_by)
    an_agreement(world, partnership_id=where, title=text("avtal"), **read_by)
    document = {"kind": "minutes", "audience": Audience.PARTNERSHIP, "version": 1, "issued_at": clock.now()}
    bytes_of = {"content": b"-", "size": 1, "sha256": "0" * 64, "issued_by_function": "Samordnare"}
    add(
        IssuedDocument(
            partnership_id=where, subject=text(""), title=text("dokument"), **document, **bytes_of, **read_by
        )
    )


def let_in(world: World, number: int) -> None:
    """Give the user what the user is in the partnership."""
    actors, role = STANDINGS[number % len(STANDINGS)]
    for actor in actors:
        membership_id = world.memberships[name(number), actor]
        add(RoleGrant(user_id=world.users["stranger"], membership_id=membership_id, role=role))


def reader_in(world: World, number: int) -> Reader:
    actors, _ = STANDINGS[number % len(STANDINGS)]
    return Reader(frozenset(world.actors[actor] for actor in actors), sees_authorities="police" in actors)


def allowed(world: World, reader: Reader, kind: str, *numbers: int) -> Iterator[str]:
    """Yield the texts of the kind that the reader may read, of those written in the partnerships."""
    for number in numbers:
        for visibility, actor in CLASSES:
            if reader.may_read(visibility, world.actors[actor] if actor else None):
                yield f"sökord-{kind}-{number}-{visibility.value}-{actor}"


def reached(number: int) -> list[int]:
    """Return the partnerships whose events reach this one: its own, and those at the parts of its place."""
    return [0, 1, 2] if number == 0 else [number]


def texts(found: Any) -> set[str]:
    return set(re.findall(r"sökord-[\w-]+", found.get_text(" ")))


@pytest.fixture
def many(app: Flask, world: World) -> World:
    """Twelve partnerships with rows of every kind for every class of readers. The user belongs to the first two."""
    with app.app_context():
        for number in range(MANY):
            a_partnership(world, number)
            for visibility, actor in CLASSES:
                written(world, number, visibility, actor)
        for number in (0, 1):
            let_in(world, number)
        db.session.commit()
    return world


@pytest.fixture
def in_all(app: Flask, many: World) -> World:
    """The user belongs to all twelve."""
    with app.app_context():
        for number in range(2, MANY):
            let_in(many, number)
        db.session.commit()
    return many


def test_no_page_asks_more_of_the_database_for_twelve_partnerships_than_for_two(
    app: Flask, many: World, stranger: FlaskClient, count_queries: Any
) -> None:
    slug = "samverkan-0"
    addresses = {"/sok?q=sökord"}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= {"slug"} and "filename" not in rule.arguments:
            addresses.add(rule.rule.replace("<slug>", slug))

    def costs() -> dict[str, int]:
        found = {}
        for address in sorted(addresses):
            if stranger.get(address).status_code == 200:
                with count_queries() as statements:
                    stranger.get(address)
                found[address] = len(statements)
        return found

    few = costs()
    assert {"/", "/kalender", "/sok?q=sökord", f"/samverkan/{slug}/", f"/samverkan/{slug}/atgarder"} <= set(few)
    with app.app_context():
        for number in range(2, MANY):
            let_in(many, number)
        db.session.commit()
    assert {address: cost for address, cost in costs().items() if cost > few.get(address, 0)} == {}


def test_the_search_finds_in_each_partnership_what_may_be_read_there(
    in_all: World, stranger: FlaskClient, parse: Parse
) -> None:
    page = parse(stranger.get("/sok?q=sökord"))
    found = {section.h2.find(string=True).strip(): texts(section) for section in page.select("#hits section")}
    assert list(found) == [name(number) for number in range(MANY)]
    for number in range(MANY):
        reader = reader_in(in_all, number)
        expected = {text for kind in KINDS - {"händelse"} for text in allowed(in_all, reader, kind, number)}
        expected |= set(allowed(in_all, reader, "händelse", *reached(number)))
        assert found[name(number)] == expected, number


def test_the_search_tells_of_as_many_in_each_partnership_whatever_the_others_hold(
    app: Flask, in_all: World, stranger: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        for number in range(25):
            a_measure(in_all, where=name(1), actor="owner", title=f"Måla bänk {number}")
        a_measure(in_all, where=name(3), title="Måla räcket")
        db.session.commit()
    page = parse(stranger.get("/sok?q=måla"))
    found = [[link.text for link in section.select("li a")] for section in page.select("#hits section")]
    newest = [f"Måla bänk {number}" for number in range(24, 4, -1)]
    assert [[title.partition(": ")[2] for title in titles] for titles in found] == [newest, ["Måla räcket"]]


def test_a_decision_is_found_where_its_measure_was_laid_by_those_who_may_see_both(
    app: Flask, in_all: World, stranger: FlaskClient, parse: Parse
) -> None:
    """The forum of the first decides on the others; the decision on the second is for authorities, which the user is no
    one of there, and that on the third led to a measure for authorities."""
    with app.app_context():
        item = add(MinutesItem(meeting_id=1, position=3, heading="Belysning"))
        for number in (1, 2, 3, 5):
            closed = Visibility.AUTHORITIES_ONLY
            measure = a_measure(
                in_all, where=name(number), visibility=closed if number in {2, 3} else Visibility.PARTNERSHIP
            )
            decision = {"number": number, "text": f"Laga lampa {number}"}
            decided = add(
                Decision(item_id=item.id, **decision, visibility=closed if number == 1 else Visibility.PARTNERSHIP)
            )
            link = {"decision_id": decided.id, "measure_id": measure.id}
            db.session.execute(decision_measure.insert().values(**link))
        db.session.commit()
    page = parse(stranger.get("/sok?q=lampa"))
    found = {
        section.h2.find(string=True).strip(): sorted(re.findall(r"Laga lampa \d", section.text))
        for section in page.select("#hits section")
    }
    everything = [f"Laga lampa {number}" for number in (1, 2, 3, 5)]
    assert found == {name(0): everything, name(3): ["Laga lampa 3"], name(5): ["Laga lampa 5"]}
    elsewhere = page.select("#hits section")[1].a
    assert elsewhere.text.startswith(f"{name(0)}, Strategiskt samverkansforum")
    assert stranger.get(elsewhere["href"]).status_code == 200


def test_the_calendar_tells_of_each_event_once_where_it_may_be_read(
    in_all: World, stranger: FlaskClient, parse: Parse
) -> None:
    month = f"{clock.today() + timedelta(days=1):%Y-%m}"
    entries = parse(stranger.get(f"/kalender?manad={month}")).select("#calendar td a[href*=platsaktivering]")
    links = {text: link["href"] for link in entries for text in texts(link)}
    first: dict[str, int] = {}
    for number in range(MANY):
        for text in allowed(in_all, reader_in(in_all, number), "händelse", *reached(number)):
            first.setdefault(text, number)
    assert len(entries) == len(links)
    assert set(links) == set(first)
    for text, number in first.items():
        assert links[text].startswith(f"/samverkan/samverkan-{number}/"), text
    assert {stranger.get(address).status_code for address in links.values()} == {200}


def test_the_start_page_tells_what_waits_in_each_as_far_as_it_may_be_read_there(app: Flask, in_all: World) -> None:
    def titles(numbers: list[int]) -> list[str]:
        return [text for number in numbers for text in allowed(in_all, reader_in(in_all, number), "åtgärd", number)]

    with app.test_request_context():
        home = home_page(in_all.users["stranger"], clock.now())
    # The police answers for every measure; where the user coordinates for another actor it is one of others.
    own = [number for number in range(MANY) if "police" in STANDINGS[number % 4][0]]
    assert [measure.title for measure in home.measures] == titles(own)[:20]
    assert [measure.title for measure in home.late] == titles([1, 5, 9])[:10]
    coordinated = [number for number in range(MANY) if STANDINGS[number % 4][1] is Role.COORDINATOR]
    assert home.raised == {
        in_all.partnerships[name(number)]: len(list(allowed(in_all, reader_in(in_all, number), "rad", number)))
        for number in coordinated
    }


def test_what_the_search_shows_for_authorities_alone_is_logged_as_read(
    app: Flask, in_all: World, stranger: FlaskClient
) -> None:
    stranger.get("/sok?q=sökord")
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == AuditAction.READ)).all()
    read = {entry.table_name: len(entry.changes["ids"]) for entry in entries}
    as_police = [number for number in range(MANY) if "police" in STANDINGS[number % 4][0]]
    of_others = {1, 2} - set(as_police)
    assert read.pop("activation_event") == len(as_police) + len(of_others)
    read_in_one = {"measure", "problem", "goal", "indicator", "briefing_item", "minutes_item", "decision", "agreement"}
    assert read == dict.fromkeys(read_in_one | {"issued_document"}, len(as_police))
