"""What the overview tells of the next briefing, event and meeting, of late measures and of what has happened: figures
of what the reader may see, and the way back to where they come from."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.activations.models import ActivationEvent, EventStatus, EventType
from platssamverkan.briefings.models import Briefing, BriefingSection, BriefingState
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.formatting import moment
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.services import set_goals
from platssamverkan.partnerships.models import RepresentationLevel, Representative
from tests.briefings.builders import a_briefing, a_line, someone_present
from tests.builders import World, add
from tests.goals.builders import a_goal
from tests.measures.builders import a_measure
from tests.meetings.builders import a_decision, a_meeting, approve, attend, hide, item_at

Parse = Callable[..., BeautifulSoup]
OVERVIEW = "/samverkan/sergels/"
CLOSED = {"visibility": Visibility.AUTHORITIES_ONLY}


def words(part: BeautifulSoup) -> str:
    return " ".join(part.get_text(" ", strip=True).split())


def now_of(page: BeautifulSoup) -> list[str]:
    return [words(section) for section in page.select(".now section")]


def an_event(world: World, title: str, starts_at: datetime, **changes: object) -> ActivationEvent:
    values = {
        "partnership_id": world.partnerships["sergels"],
        "place_id": world.places["square"],
        "title": title,
        "type": EventType.EVENT,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "organiser_id": world.actors["owner"],
    }
    return add(ActivationEvent(**{**values, **changes}))


def test_the_next_briefing_tells_how_far_its_sheet_has_come(
    app: Flask, world: World, owner: FlaskClient, police: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        handover = {"section": BriefingSection.HANDOVER}
        before = a_briefing(world, "sergels", state=BriefingState.HELD, starts_at=clock.now() - timedelta(days=3))
        a_line(world, before, text="Trasig armatur", **handover)
        a_line(world, before, text="Spaning", **handover, **CLOSED)
        a_line(world, before, text="Redan gjort", settled_in_id=before.id, **handover)
        # What a sheet that nobody ended holds is no handover to those before it.
        a_line(world, a_briefing(world, "sergels", starts_at=clock.now() + timedelta(days=3)), **handover)
        a_line(world, a_briefing(world, "klara", starts_at=clock.now() - timedelta(days=3)), **handover)
        tonight = a_briefing(world, "sergels", starts_at=clock.now() + timedelta(seconds=1))
        a_line(world, tonight)
        a_line(world, tonight, **CLOSED)
        someone_present(world, tonight)
        someone_present(world, tonight, "owner", is_present=False)
        db.session.commit()
    assert (
        "1 av 2 på plats. 1 rad att följa upp från tidigare. 1 rad i lägesbilden."
        in now_of(parse(owner.get(OVERVIEW)))[0]
    )
    assert (
        "1 av 2 på plats. 2 rader att följa upp från tidigare. 2 rader i lägesbilden."
        in now_of(parse(police.get(OVERVIEW)))[0]
    )


def test_after_the_next_event_stands_the_one_that_follows(
    app: Flask, world: World, owner: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        for days, title in ((4, "Torgkonsert"), (2, "Kvällsdans"), (3, "Bokbord")):
            an_event(world, title, clock.now() + timedelta(days=days))
        db.session.commit()
    event = now_of(parse(owner.get(OVERVIEW)))[1]
    assert "Kvällsdans" in event
    assert "Därefter: Bokbord" in event
    assert "Torgkonsert" not in event


def test_what_is_over_waits_until_someone_says_whether_it_took_place(
    app: Flask, world: World, sign_in: Callable[[str], FlaskClient], parse: Parse
) -> None:
    def asked(person: str) -> list[str]:
        waiting = parse(sign_in(person).get("/")).select("section[aria-labelledby=waiting] li a")
        return [link.text for link in waiting if link["href"].endswith("/genomford")]

    with app.app_context():
        ago, days = clock.now() - timedelta(days=3), {"organiser_id": world.actors["owner"]}
        an_event(world, "Kvällsdans", ago, **days)
        an_event(world, "Bokbord", ago + timedelta(days=1), organiser_id=world.actors["police"])
        an_event(world, "Pågår", ago, ends_at=clock.now() + timedelta(hours=1), **days)
        an_event(world, "Har varit", ago, status=EventStatus.HELD, **days)
        internal = {"visibility": Visibility.ACTOR_INTERNAL, "owner_actor_id": world.actors["owner"]}
        an_event(world, "Intern", ago - timedelta(days=1), **internal, **days)
        db.session.commit()
    # The latest first, and only those that the user may answer for.
    assert asked("coordinator") == ["Blev Bokbord av?", "Blev Kvällsdans av?"]
    assert asked("owner") == ["Blev Kvällsdans av?", "Blev Intern av?"]
    assert asked("police") == ["Blev Bokbord av?"]
    assert asked("reader") == []
    owner = sign_in("owner")
    link = parse(owner.get("/")).find("a", string="Blev Kvällsdans av?")["href"]
    form = parse(owner.get(link)).select_one("form[action$=genomford]")
    sent = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    assert owner.post(form["action"], data=sent).status_code == 303
    assert asked("owner") == ["Blev Intern av?"]


def test_the_feed_tells_of_what_nobody_has_answered_for(
    app: Flask, world: World, owner: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        an_event(world, "Kvällsdans", clock.now() - timedelta(days=3))
        an_event(world, "Pågår", clock.now() - timedelta(days=1), ends_at=clock.now() + timedelta(hours=1))
        db.session.commit()
    (entry,) = parse(owner.get(OVERVIEW)).select(".timeline li")
    assert "Kvällsdans . Sergels torg, planerad, besked saknas om den blev av" in words(entry)


def test_the_next_meeting_counts_the_items_that_the_reader_may_see(
    app: Flask, world: World, owner: FlaskClient, police: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        briefing = a_briefing(world, "sergels")
        line = a_line(world, briefing, raise_to_forum=True)
        forum = a_meeting(world, on=clock.today() + timedelta(days=7))
        item_at(forum, 2).briefing_item_id = line.id
        # The item was opened to more than may read the line that it came from.
        item_at(forum, 4).briefing_item_id = a_line(world, briefing, **CLOSED).id
        item_at(forum, 3).briefing_item_id = line.id
        hide(item_at(forum, 3), world.actors["police"])
        db.session.commit()
        count = len(db.session.scalars(db.select(type(item_at(forum, 1)).id)).all())
    assert f"Dagordningen har {count - 1} punkter, 1 från utställningarna." in now_of(parse(owner.get(OVERVIEW)))[2]
    assert f"Dagordningen har {count} punkter, 3 från utställningarna." in now_of(parse(police.get(OVERVIEW)))[2]


@pytest.fixture
def late_measure(app: Flask, world: World) -> tuple[int, int, int]:
    """The ids of a goal, the measure that serves it and is late, and the decision behind the measure."""
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        forum = a_meeting(world, on=date(2026, 9, 10))
        decision = a_decision(world, item_at(forum, 5), measure="Byt fyra armaturer")
        measure = decision.measures[0]
        measure.due_on = clock.today() - timedelta(days=2)
        set_goals(measure, [goal.id])
        attend(world, forum, "police")
        approve(forum)
        db.session.commit()
        return goal.id, measure.id, decision.id


def test_a_late_measure_leads_to_its_goal_and_its_decision(
    late_measure: tuple[int, int, int], owner: FlaskClient, parse: Parse
) -> None:
    goal_id, measure_id, decision_id = late_measure
    row = parse(owner.get(OVERVIEW)).select_one("section[aria-labelledby=overdue] tbody th")
    links = {words(link): link["href"] for link in row.select("a")}
    assert links["Byt fyra armaturer"] == f"{OVERVIEW}atgarder/{measure_id}"
    assert links["Mål 2"] == f"{OVERVIEW}mal/{goal_id}"
    assert links["10 september 2026"].endswith(f"#beslut-{decision_id}")
    told = parse(owner.get(links["10 september 2026"]))
    assert told.select_one(f"#beslut-{decision_id}")
    assert "Samtliga trasiga armaturer byts." in words(told)


def test_a_late_measure_with_neither_decision_nor_numbered_goal_has_no_empty_line(
    app: Flask, world: World, owner: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"], number=None)
        a_measure(world, due_on=date(2020, 1, 1), goal_ids=[goal.id])
        db.session.commit()
    row = parse(owner.get(OVERVIEW)).select_one("section[aria-labelledby=overdue] tbody th")
    assert words(row) == "Byt trasiga armaturer"
    assert not row.select(".detail")


def test_a_decision_that_the_reader_may_not_read_is_not_told_of(
    app: Flask, world: World, owner: FlaskClient, police: FlaskClient
) -> None:
    with app.app_context():
        forum = a_meeting(world, on=date(2026, 9, 10))
        decision = a_decision(world, item_at(forum, 5), measure="Byt fyra armaturer", **CLOSED)
        decision.measures[0].visibility = Visibility.PARTNERSHIP
        decision.measures[0].due_on = clock.today() - timedelta(days=2)
        attend(world, forum, "police")
        approve(forum)
        db.session.commit()
    assert "Byt fyra armaturer" in owner.get(OVERVIEW).get_data(as_text=True)
    assert "Beslutad" not in owner.get(OVERVIEW).get_data(as_text=True)
    assert "Beslutad" in police.get(OVERVIEW).get_data(as_text=True)


def test_the_feed_says_what_came_of_it(app: Flask, world: World, owner: FlaskClient, parse: Parse) -> None:
    with app.app_context():
        held = a_briefing(world, "sergels", state=BriefingState.HELD, starts_at=clock.now() - timedelta(days=1))
        someone_present(world, held)
        a_line(world, held, raise_to_forum=True)
        a_line(world, held, raise_to_forum=True, **CLOSED)
        an_event(
            world, "Kvällsdans", clock.now() - timedelta(days=2), status=EventStatus.HELD, visitor_count=140,
            count_method="handräkning",
        )  # fmt: skip
        forum = a_meeting(world, on=clock.today() - timedelta(days=3))
        a_decision(world, item_at(forum, 5), measure="Byt fyra armaturer")
        a_decision(world, item_at(forum, 6), **CLOSED)
        attend(world, forum, "police")
        held.is_example = forum.is_example = True
        approve(forum)
        db.session.commit()
    feed = [words(entry) for entry in parse(owner.get(OVERVIEW)).select(".timeline li")]
    # The briefing, the meeting and the approval of its minutes.
    assert sum(entry.endswith("Exempel") or "Exempel " in entry for entry in feed) == 3
    assert any("1 på plats, 1 rad i lägesbilden, 1 till strategiskt möte" in entry for entry in feed)
    assert any("Sergels torg, genomförd, 140 räknade besök" in entry for entry in feed)
    assert any("Har hållits, 1 beslut och 1 åtgärd" in entry for entry in feed)


def test_the_next_briefing_is_told_however_far_ahead_it_is(app: Flask, world: World, coordinator: FlaskClient) -> None:
    with app.app_context():
        starts = clock.at_local(clock.today() + timedelta(days=40), time(18))
        add(Briefing(partnership_id=world.partnerships["klara"], starts_at=starts))
        db.session.commit()
    assert moment(starts) in coordinator.get("/").text


def test_a_briefing_goes_on_past_midnight(
    app: Flask, world: World, sign_in: Callable[[str], FlaskClient], parse: Parse
) -> None:
    evening = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
    with app.app_context():
        where = world.partnerships["klara"]
        briefing_id = add(Briefing(partnership_id=where, starts_at=evening, state=BriefingState.OPEN)).id
        add(Briefing(partnership_id=where, starts_at=evening - timedelta(days=2), state=BriefingState.OPEN))
        # Nobody has begun to fill it in: it does not go on.
        add(Briefing(partnership_id=where, starts_at=evening - timedelta(hours=1)))
        add(Briefing(partnership_id=where, starts_at=evening + timedelta(days=3)))
        db.session.commit()

    def first(page: BeautifulSoup) -> str:
        return page.select_one("main a[href*='/utstallningar/']:not([href$='/ny'])")["href"]

    ours = f"/samverkan/klara/utstallningar/{briefing_id}"
    with time_machine.travel(datetime(2026, 11, 21, 0, 30, tzinfo=UTC), tick=False):
        client = sign_in("coordinator")
        home, overview = parse(client.get("/")), parse(client.get("/samverkan/klara/"))
        assert "Utställning som pågår sedan i går kl. 22.00" in home.text.replace("\xa0", " ")
        assert first(home) == first(overview) == ours
        assert "amverkansutställning pågår" in overview.select_one(".now").text
        coming = parse(client.get("/samverkan/klara/utstallningar")).select(
            "section[aria-labelledby=coming] .timeline a"
        )
        assert coming[0]["href"] == ours
    with time_machine.travel(datetime(2026, 11, 21, 12, 0, tzinfo=UTC), tick=False):
        assert first(parse(sign_in("coordinator").get("/samverkan/klara/"))) != ours


def test_who_speaks_later_is_not_named_yet(app: Flask, world: World, coordinator: FlaskClient, parse: Parse) -> None:
    with app.app_context():
        member = {"membership_id": world.memberships["klara", "police"], "level": RepresentationLevel.OPERATIVE}
        add(Representative(function="Områdespolis", **member))
        add(Representative(function="Kommunpolis", valid_from=clock.today() + timedelta(days=3), **member))
        db.session.commit()
    told = parse(coordinator.get("/samverkan/klara/")).select_one("section[aria-labelledby=actors]").text
    assert "Områdespolis" in told
    assert "Kommunpolis" not in told


def test_who_leads_stands_first_and_is_said_to(coordinator: FlaskClient, parse: Parse) -> None:
    page = parse(coordinator.get("/samverkan/klara/"))
    first = page.select_one("section[aria-labelledby=actors] li")
    assert " ".join(first.text.split()) == "Stadsdelsförvaltningen Samordnar"


def test_the_overview_does_not_lead_to_itself(coordinator: FlaskClient, parse: Parse) -> None:
    crumbs = parse(coordinator.get("/samverkan/klara/")).select_one(".breadcrumbs")
    assert [link["href"] for link in crumbs.select("a")] == ["/"]
    assert crumbs.select_one("[aria-current=page]").text == "Vision Klara"


def test_a_goal_that_nobody_has_assessed_is_told_of_as_on_the_page_of_goals(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        a_goal(world.partnerships["klara"])
        db.session.commit()

    def told(address: str) -> list[str]:
        row = next(row for row in parse(coordinator.get(address)).select("tbody tr") if "trygg plats" in row.text)
        return [words(cell) for cell in row.select("td")]

    whole = ["2", "Ingen målnivå satt", "Uppgift saknas", "Ej bedömt"]
    assert told("/samverkan/klara/") == told("/samverkan/klara/mal") == whole
