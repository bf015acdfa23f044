"""What now: the start page, a partnership's overview, calendar, search and help."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from platssamverkan.activations.models import ActivationEvent, EventStatus, EventType
from platssamverkan.briefings.models import Briefing, BriefingState
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import GoalVersion
from platssamverkan.measures.models import Measure, MeasureMethod, MeasureMethodLink, MeasureStatus
from platssamverkan.meetings.models import Meeting, MeetingState
from platssamverkan.overview.months import build_month
from platssamverkan.partnerships.models import MeetingKind, Partnership, partnership_place
from platssamverkan.partnerships.services import end_partnership
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment


def this_evening() -> datetime:
    return clock.at_local(clock.today(), time(23, 55))


def a_measure(world: World, number: int, **changes: Any) -> Measure:
    values = {
        "partnership_id": world.partnerships["klara"],
        "number": number,
        "title": f"Byt armatur {number}",
        "responsible_actor_id": world.actors["district"],
        "status": MeasureStatus.ONGOING,
        "methods": [MeasureMethodLink(method=MeasureMethod.SITUATIONAL)],
    }
    return add(Measure(**{**values, **changes}))


def an_event(world: World, **changes: Any) -> ActivationEvent:
    values = {
        "partnership_id": world.partnerships["sergels"],
        "place_id": world.places["square"],
        "title": "Kvällsdans",
        "type": EventType.EVENT,
        "starts_at": clock.now() + timedelta(days=2),
        "ends_at": clock.now() + timedelta(days=2, hours=1),
        "organiser_id": world.actors["owner"],
    }
    return add(ActivationEvent(**{**values, **changes}))


@pytest.fixture
def filled(app: Flask, world: World) -> World:
    """A briefing tonight, a meeting next week, two late measures, one of them for authorities, and an event."""
    with app.app_context():
        klara = world.partnerships["klara"]
        add(Briefing(partnership_id=klara, starts_at=this_evening(), held_by_id=world.actors["police"]))
        forum = {"kind": MeetingKind.STRATEGIC_FORUM, "starts_at": clock.now() + timedelta(days=7)}
        add(Meeting(partnership_id=klara, **forum))
        late = clock.today() - timedelta(days=3)
        a_measure(world, 1, due_on=late)
        a_measure(world, 2, due_on=late, title="Spaning vid hissen", visibility=Visibility.AUTHORITIES_ONLY)
        an_event(world)
        db.session.commit()
    return world


Parse = Callable[..., BeautifulSoup]


def test_the_overview_answers_what_to_do_next(filled: World, coordinator: FlaskClient, parse: Parse) -> None:
    page = parse(coordinator.get("/samverkan/klara/"))
    now = [section.get_text(" ", strip=True) for section in page.select(".now section")]
    assert "I dag kl. 23.55" in now[0].replace("\xa0", " ")
    assert "Kvällsdans" in now[1]
    assert "Strategiskt samverkansforum" in now[2]
    assert "Byt armatur 1" in page.select_one("section[aria-labelledby=overdue]").get_text()
    assert page.select_one(".calendar a[aria-current=date]")


def test_who_may_not_read_a_measure_does_not_meet_it_on_the_overview(
    app: Flask, filled: World, owner: FlaskClient
) -> None:
    with app.app_context():
        late = clock.today() - timedelta(days=3)
        sergels = filled.partnerships["sergels"]
        a_measure(filled, 1, partnership_id=sergels, due_on=late)
        closed = {"title": "Spaning vid hissen", "visibility": Visibility.AUTHORITIES_ONLY}
        a_measure(filled, 2, partnership_id=sergels, due_on=late, **closed)
        db.session.commit()
    text = owner.get("/samverkan/sergels/").get_data(as_text=True)
    assert "Byt armatur 1" in text
    assert "Spaning" not in text
    assert "Alla 1" in text.replace("\xa0", " ")


def test_who_coordinates_a_partnership_without_places_is_told_where_to_begin(
    app: Flask, world: World, coordinator: FlaskClient, police: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        db.session.execute(delete(partnership_place))
        db.session.commit()
    leads = [link["href"] for link in parse(coordinator.get("/samverkan/klara/")).select(".notice-info a")]
    assert leads == [f"/samverkan/klara/{page}" for page in ("om/platser/ny", "aktorer", "behorigheter")]
    assert {coordinator.get(address).status_code for address in leads} == {200}
    assert "Kom igång" not in police.get("/samverkan/klara/").text
    # Nor is anyone asked at which of no places an event is held.
    page = parse(coordinator.get("/samverkan/klara/platsaktivering/ny"))
    assert page.select_one(".empty a")["href"] == leads[0]
    assert not page.select("[name=title]")
    assert "Be samordnaren lägga till en." in police.get("/samverkan/klara/platsaktivering/ny").text


def test_nothing_waits_in_what_has_ended(coordinator: FlaskClient, app: Flask, filled: World) -> None:
    assert "Byt armatur" in coordinator.get("/").get_data(as_text=True)
    with app.app_context():
        for partnership in db.session.scalars(select(Partnership)):
            end_partnership(partnership, on=clock.today())
        db.session.commit()
    page = coordinator.get("/").get_data(as_text=True)
    assert "Byt armatur" not in page
    assert "23.55" not in page
    assert "Vision Klara" in page


def test_the_start_page_shows_my_partnerships_and_what_waits_for_me(
    filled: World, coordinator: FlaskClient, owner: FlaskClient, parse: Parse
) -> None:
    page = parse(coordinator.get("/"))
    waiting = page.select_one("section[aria-labelledby=waiting]").get_text(" ", strip=True).replace("\xa0", " ")
    assert "Utställning i dag kl. 23.55" in waiting
    assert "Byt armatur 1" in waiting
    assert [link.get_text() for link in page.select("tbody th a")] == ["Sergels torg", "Vision Klara"]
    assert "Vision Klara" not in owner.get("/").get_data(as_text=True)


def test_minutes_wait_for_those_who_may_approve_them(
    app: Flask, filled: World, coordinator: FlaskClient, police: FlaskClient
) -> None:
    with app.app_context():
        db.session.scalars(select(Meeting)).one().state = MeetingState.HELD
        db.session.commit()
    assert "Godkänn minnesanteckningarna" in coordinator.get("/").text
    assert "Godkänn minnesanteckningarna" not in police.get("/").text


def test_a_user_without_partnership_is_told_whom_to_ask(stranger: FlaskClient) -> None:
    assert "Be samordnaren" in stranger.get("/").get_data(as_text=True)


def test_search_finds_what_the_reader_may_see(filled: World, coordinator: FlaskClient, owner: FlaskClient) -> None:
    def hits(client: FlaskClient, words: str) -> str:
        return client.get(f"/sok?q={words}", headers={"HX-Request": "true"}).get_data(as_text=True)

    assert "Byt armatur 1" in hits(coordinator, "ARMATUR byt")
    assert "Spaning vid hissen" in hits(coordinator, "spaning")
    assert "Spaning vid hissen" not in hits(owner, "spaning")
    assert "Kvällsdans" in hits(owner, "kvällsdans")
    assert "Inget som du får se" in hits(coordinator, "%25")
    assert "Sökningen innehåller ett personnummer." in hits(coordinator, "19900101-0017")


def test_the_calendar_shows_the_months_of_all_my_partnerships(filled: World, coordinator: FlaskClient) -> None:
    first = (clock.now() + timedelta(days=2)).date()
    text = coordinator.get(f"/kalender?manad={first:%Y-%m}").get_data(as_text=True)
    assert text.count("Kvällsdans") == 1


def test_the_calendar_shows_an_event_on_each_day_that_it_lasts(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    def days(month: str) -> dict[str, list[str]]:
        cells = parse(coordinator.get(f"/kalender?manad={month}")).select("#calendar td:has(a)")
        return {cell.b.text: [link.contents[0] for link in cell.select("a")] for cell in cells}

    with app.app_context():
        for title, begins, ends, status in (
            # Until midnight: the second of November is not a day of it.
            ("Ljus", datetime(2026, 10, 30, 17, tzinfo=UTC), datetime(2026, 11, 1, 23, tzinfo=UTC), "held"),
            # One evening, past midnight.
            ("Dans", datetime(2026, 10, 30, 19, tzinfo=UTC), datetime(2026, 10, 31, 1, tzinfo=UTC), "held"),
            ("Tält", datetime(2026, 10, 30, 20, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC), "cancelled"),
        ):
            reason = "Storm" if status == "cancelled" else None
            an_event(
                world, title=title, starts_at=begins, ends_at=ends, status=EventStatus(status), cancel_reason=reason
            )
        db.session.commit()
    assert days("2026-10") == {"30": ["18.00 Ljus", "20.00 Dans", "21.00 Tält, inställd"], "31": ["Ljus, pågår"]}
    assert days("2026-11") == {"1": ["Ljus, pågår"]}


def test_what_is_on_one_day_stands_in_the_order_of_the_clock(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        klara = world.partnerships["klara"]
        for kind, hour in ((Briefing, 18), (Briefing, 7), (Meeting, 9)):
            more = {"kind": MeetingKind.STRATEGIC_FORUM} if kind is Meeting else {}
            add(kind(partnership_id=klara, starts_at=clock.at_local(date(2026, 11, 4), time(hour)), **more))
        db.session.commit()
    entries = parse(coordinator.get("/kalender?manad=2026-11")).select("#calendar td a")
    assert [entry.contents[0] for entry in entries] == [
        "7.00 Utställning", "9.00 Strategiskt samverkansforum", "18.00 Utställning"
    ]  # fmt: skip
    # Out of its table a link still says which day it leads to.
    assert {words.get_text().split(" ")[-1] for words in entries} == {"4\u00a0nov"}


def test_what_waits_is_what_the_user_may_do(
    app: Flask, world: World, sign_in: Callable[[str], FlaskClient], parse: Parse
) -> None:
    with app.app_context():
        klara, sergels = world.partnerships["klara"], world.partnerships["sergels"]
        add(Briefing(partnership_id=klara, starts_at=this_evening()))
        for number, (where, changes) in enumerate(
            ((klara, {}), (sergels, {}), (sergels, {"visibility": Visibility.AUTHORITIES_ONLY})), start=1
        ):
            goal = a_goal(where, f"Mål {number}", number=number)
            version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal.id)).one()
            an_assessment(version, **changes)
        db.session.commit()

    def waiting(person: str) -> list[str]:
        page = parse(sign_in(person).get("/"))
        found = page.select("section[aria-labelledby=waiting] li")
        assert bool(found) != ("Inget väntar på dig just nu." in page.text)
        return [" ".join(row.get_text(" ").replace("\xa0", " ").split()) for row in found]

    approve = [
        "Fastställ bedömningarna, verksamhetsberättelse 2025 Vision Klara. 1 bedömning är inte fastställd.",
        "Fastställ bedömningarna, verksamhetsberättelse 2025 Sergels torg. 2 bedömningar är inte fastställda.",
    ]
    tonight = ["Utställning i dag kl. 23.55 Vision Klara"]
    assert waiting("officer") == approve
    assert waiting("coordinator") == tonight + approve
    assert waiting("police") == tonight
    assert waiting("reader") == []


def test_the_calendars_tell_what_does_not_come_off(
    app: Flask, filled: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        briefing, meeting = db.session.scalars(select(Briefing)).one(), db.session.scalars(select(Meeting)).one()
        briefing.state, meeting.state = BriefingState.CANCELLED, MeetingState.CANCELLED
        meeting.starts_at = briefing.starts_at
        event = db.session.scalars(select(ActivationEvent)).one()
        event.starts_at, event.ends_at = briefing.starts_at, briefing.starts_at + timedelta(hours=1)
        event.status, event.cancel_reason = EventStatus.CANCELLED, "Storm"
        db.session.commit()
    told = parse(coordinator.get("/kalender")).select_one("#calendar").text
    for title in ("Utställning", "Strategiskt samverkansforum", "Kvällsdans"):
        assert f"{title}, inställ" in told, title
    assert "Utställning, inställd" in parse(coordinator.get("/samverkan/klara/")).select_one("table.calendar").text


def titles(page: BeautifulSoup) -> list[str]:
    return [link.get_text() for link in page.select(".timeline a")]


@pytest.fixture
def happened(app: Flask, filled: World) -> World:
    """Held events: 60 in May 2025, and one on each side of the turn of the month in Stockholm's time."""
    with app.app_context():
        edges = {
            "Sista april": datetime(2025, 4, 30, 21, 55, tzinfo=UTC),
            "Första juni": datetime(2025, 5, 31, 22, 5, tzinfo=UTC),
        }
        may = {f"Maj {number}": datetime(2025, 5, 2, 8, tzinfo=UTC) + timedelta(hours=number) for number in range(60)}
        for title, at in (edges | may).items():
            an_event(filled, title=title, starts_at=at, ends_at=at + timedelta(hours=1), status=EventStatus.HELD)
        db.session.commit()
    return filled


def test_the_history_goes_back_month_by_month(happened: World, coordinator: FlaskClient, parse: Parse) -> None:
    latest = parse(coordinator.get("/samverkan/sergels/historik"))
    assert len(titles(latest)) == 50
    assert titles(latest)[:2] == ["Första juni", "Maj 59"]
    older = latest.select_one("nav[aria-label=Månader] a")
    assert older.get_text() == "Äldre: maj 2025"
    may = parse(coordinator.get(older["href"]))
    assert titles(may) == [f"Maj {number}" for number in reversed(range(60))]
    assert titles(parse(coordinator.get("/samverkan/sergels/historik?manad=2025-04"))) == ["Sista april"]
    assert titles(parse(coordinator.get("/samverkan/sergels/historik?manad=2025-06"))) == ["Första juni"]
    empty = coordinator.get("/samverkan/sergels/historik?manad=2024-01")
    assert "Inga händelser med datum under månaden." in empty.text


def test_the_history_goes_on_in_the_local_month(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        # Half past midnight on the first of May in Stockholm.
        first = datetime(2025, 4, 30, 22, 30, tzinfo=UTC)
        for number in range(50):
            at = first + timedelta(minutes=number)
            an_event(world, starts_at=at, ends_at=at + timedelta(hours=1), status=EventStatus.HELD)
        db.session.commit()
    older = parse(coordinator.get("/samverkan/sergels/historik")).select_one("nav[aria-label=Månader] a")
    assert older.text == "Äldre: maj 2025"


def test_what_is_ahead_has_not_happened(app: Flask, filled: World, coordinator: FlaskClient, parse: Parse) -> None:
    with app.app_context():
        meeting = db.session.scalars(select(Meeting)).one()
        meeting.state, meeting.approved_at, meeting.approved_by_function = (
            MeetingState.APPROVED,
            clock.now(),
            "Ordförande",
        )
        db.session.commit()
    told = parse(coordinator.get("/samverkan/klara/")).select_one(".timeline").text
    assert "innesanteckningarna är godkända" in told
    assert "ar hållits" not in told


def test_the_help_page_prints_what_each_role_may_do(reader: FlaskClient, parse: Parse) -> None:
    rows = parse(reader.get("/hjalp")).select("section[aria-labelledby=roles] tbody tr")
    printed = {row.th.get_text(): row.td.get_text(strip=True) for row in rows}
    assert printed["Bedöma mål"] == "Samordnare, Rapportansvarig"


def test_health_answers_without_signing_in(anonymous: FlaskClient) -> None:
    assert anonymous.get("/halsa").get_json() == {"status": "ok"}


def more(few: list[str], many: list[str]) -> Counter[str]:
    """Return the statements that the longer list holds more of, whatever the number of their parameters."""

    def kinds(statements: list[str]) -> Counter[str]:
        return Counter(re.sub(r"\(\?.*?\)", "(…)", one)[:400] for one in statements)

    return kinds(many) - kinds(few)


@pytest.mark.parametrize(
    "address", ["/samverkan/klara/", "/", "/kalender", "/sok?q=armatur", "/samverkan/klara/historik"]
)
def test_queries_do_not_grow_with_the_rows(
    app: Flask, filled: World, coordinator: FlaskClient, count_queries: Any, address: str
) -> None:
    def cost() -> list[str]:
        coordinator.get(address)
        with count_queries() as statements:
            assert coordinator.get(address).status_code == 200
        return statements

    few = cost()
    with app.app_context():
        for number in range(10, 40):
            a_measure(filled, number, due_on=clock.today() - timedelta(days=number))
            an_event(filled, title=f"Dans {number}", partnership_id=filled.partnerships["klara"])
            starts = this_evening() + timedelta(days=number - 9)
            add(Briefing(partnership_id=filled.partnerships["klara"], starts_at=starts))
        db.session.commit()
    many = cost()
    # Fewer when the first page of rows no longer holds one for authorities, whose reading is logged.
    assert len(many) <= len(few), more(few, many)


def test_a_month_begins_on_monday_and_knows_its_week_numbers() -> None:
    month = build_month(date(2026, 11, 1), date(2026, 11, 22), [])
    assert month.title == "November 2026"
    assert [number for number, _ in month.weeks] == [44, 45, 46, 47, 48, 49]
    assert (month.previous, month.following) == ("2026-10", "2026-12")
    assert [day.on.day for _, days in month.weeks for day in days if day.today] == [22]


@pytest.mark.parametrize("asked", ["2026-13", "x", "0001-01", "2026-11-22-1"])
def test_a_month_that_there_is_not_is_told(world: World, coordinator: FlaskClient, parse: Parse, asked: str) -> None:
    for address in ("/kalender", "/samverkan/sergels/historik"):
        usual, page = (parse(coordinator.get(one)) for one in (address, f"{address}?manad={asked}"))
        told = page.select_one("#messages .frame").extract()
        assert told.get_text(strip=True) == "Månaden i adressen finns inte, så sidan visas utan den."
        assert page.select_one("main").get_text(strip=True) == usual.select_one("main").get_text(strip=True)


def test_the_briefing_is_called_what_the_setting_says(
    app: Flask, filled: World, coordinator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.jinja_env.globals, "briefing_label", "utsättning")
    page = coordinator.get("/samverkan/klara/").get_data(as_text=True)
    assert "Nästa utsättning" in page
    assert "amverkansutställning" not in page
