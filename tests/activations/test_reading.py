"""Who reads which platsaktivering, in lists, pages, searches and what other rooms ask for."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from platssamverkan.activations import queries
from platssamverkan.activations.models import EventStatus, EventType, OrganisationRole
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.registry import Window, registry
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.partnerships.models import Membership
from platssamverkan.places.models import Place
from tests.activations.builders import an_event
from tests.builders import add
from tests.goals.builders import a_goal

URL = "/samverkan/sergels/platsaktivering"


@pytest.fixture
def events(app, world):
    """One event of each visibility at the square, and one in the wider area logged in Klara; ids by name."""
    with app.app_context():
        made = {
            "open": an_event(world, title="Öppen", visibility=Visibility.PUBLIC),
            "shared": an_event(world, title="Delad"),
            "authorities": an_event(
                world, title="Myndigheternas", organiser="police", visibility=Visibility.AUTHORITIES_ONLY
            ),
            "internal": an_event(world, title="Intern", visibility=Visibility.ACTOR_INTERNAL),
            "area": an_event(
                world, "klara", "district", title="Områdets", place_id=world.places["klara"], type=EventType.CLEANING
            ),
        }
        ids = {name: event.id for name, event in made.items()}
        db.session.commit()
        return ids


def titles(parse, response):
    return {link.text for link in parse(response).select("#events tbody th a")}


def test_each_member_sees_what_visibility_and_place_allow(sign_in, events, parse):
    owner, police, coordinator, reader = map(sign_in, ("owner", "police", "coordinator", "reader"))
    assert titles(parse, owner.get(URL)) == {"Öppen", "Delad", "Intern"}
    assert titles(parse, police.get(URL)) == {"Öppen", "Delad", "Myndigheternas"}
    assert titles(parse, reader.get(URL)) == {"Öppen", "Delad", "Myndigheternas"}
    klara = URL.replace("sergels", "klara")
    assert titles(parse, coordinator.get(klara)) == {"Öppen", "Delad", "Myndigheternas", "Områdets"}


def test_pages_follow_the_same_rule(owner, police, events):
    assert owner.get(f"{URL}/{events['internal']}").status_code == 200
    assert owner.get(f"{URL}/{events['authorities']}").status_code == 404
    assert police.get(f"{URL}/{events['internal']}").status_code == 404
    assert owner.get(f"{URL}/{events['area']}").status_code == 404
    assert owner.get(f"{URL}/99999").status_code == 404


@pytest.mark.parametrize(
    ("ends_at", "told"),
    [
        (datetime(2026, 10, 2, 19, 30, tzinfo=UTC), "Fredag 2 oktober 2026 kl. 18.00–21.30"),
        (datetime(2026, 10, 2, 22, tzinfo=UTC), "Fredag 2 oktober 2026 kl. 18.00–24.00"),
        (datetime(2026, 10, 2, 23, 30, tzinfo=UTC), "Fredag 2 oktober 2026 kl. 18.00–1.30"),
        (datetime(2026, 10, 4, 19, tzinfo=UTC), "2 oktober kl. 18.00–4 oktober kl. 21.00"),
    ],
)
def test_the_page_tells_which_day_it_is(app, owner, world, parse, ends_at, told):
    with app.app_context():
        event_id = an_event(world, ends_at=ends_at).id
        db.session.commit()
    lead = parse(owner.get(f"{URL}/{event_id}")).select_one(".lead").text
    assert lead.replace("\xa0", " ") == told


def test_an_event_of_the_square_is_read_in_klara_and_changed_at_home_only(coordinator, events, parse):
    address = f"/samverkan/klara/platsaktivering/{events['shared']}"
    page = parse(coordinator.get(address))
    assert page.select_one(f"a[href='{URL}/{events['shared']}']").text == "Sergels torg"
    assert not page.select("a[href$='/andra']")
    assert coordinator.get(f"{address}/andra").status_code == 403
    assert coordinator.post(f"{address}/stall-in", data={"version": 1, "reason": "Nej"}).status_code == 403


def test_the_home_of_an_event_is_not_linked_for_one_who_is_no_member_there(app, world, events):
    with app.app_context():
        found = queries.homes({world.partnerships["klara"]}, world.users["owner"])
        assert found[world.partnerships["klara"]] == queries.Home("Vision Klara", None)


def test_all_who_ask_agree_on_which_events_reach_a_partnership(app, world):
    with app.app_context():
        elsewhere = add(Place(slug="odenplan", name="Odenplan")).id
        square, area = world.places["square"], world.places["klara"]
        for home in ("sergels", "klara"):
            for title, place in (("torget", square), ("området", area), ("annan plats", elsewhere)):
                an_event(world, home, title=f"{home}: {title}", place_id=place)
        db.session.commit()
    # What was logged in a partnership stays there, also at a place that it no longer covers.
    own = {"sergels: torget", "sergels: området", "sergels: annan plats"}
    wanted = {"sergels": own | {"klara: torget"}}
    wanted["klara"] = {title.replace("sergels", "klara") for title in own} | {"sergels: torget", "sergels: området"}
    october = date(2026, 10, 1), date(2026, 10, 31)
    for where, titles in wanted.items():
        here = world.partnerships[where]
        with app.app_context():
            statement, _ = queries.event_list(here, Reader())
            listed = queries.events(statement, partnership_id=here)
            told = queries.events_in_period(here, Reader(), *october)
            assert {event.title for event in listed} == {event.title for event in told} == titles


def test_strangers_get_nothing(stranger, anonymous, owner, events):
    assert stranger.get(URL).status_code == 404
    assert owner.get("/samverkan/klara/platsaktivering").status_code == 404
    assert anonymous.get(URL).status_code == 302


def test_the_list_is_filtered_and_the_part_equals_the_page(owner, app, world, events, parse):
    with app.app_context():
        an_event(
            world, title="Vinterljus", type=EventType.ART, starts_at=datetime(2026, 12, 1, 16, tzinfo=UTC),
            ends_at=datetime(2026, 12, 1, 18, tzinfo=UTC), status=EventStatus.PLANNED,
        )  # fmt: skip
        db.session.commit()
    for question in ("typ=art", "status=planned", "text=vinter", "fran=2026-11-01", "text=VINTERLJUS&mal=99"):
        assert titles(parse, owner.get(f"{URL}?{question}")) == {"Vinterljus"}, question
    assert titles(parse, owner.get(f"{URL}?till=2026-10-31")) == {"Öppen", "Delad", "Intern"}
    owners = f"{URL}?arrangor={world.actors['owner']}&till=2026-10-31"
    assert titles(parse, owner.get(owners)) == {"Öppen", "Delad", "Intern"}
    whole = parse(owner.get(f"{URL}?typ=art")).select_one("#events")
    part = parse(owner.get(f"{URL}?typ=art", headers={"HX-Request": "true"})).select_one("#events")
    assert str(part) == str(whole)


def test_the_filter_names_no_organiser_of_events_that_are_kept_from_the_reader(owner, police, world, events, parse):
    def organisers(client):
        return {option.text for option in parse(client.get(URL)).select("select[name=arrangor] option[value]")} - {
            "Alla"
        }

    asked = f"{URL}?arrangor={world.actors['police']}"
    assert organisers(owner) == {"Fastighetsbolaget"}
    assert "Valet i adressen finns inte" in owner.get(asked).text
    assert organisers(police) == {"Fastighetsbolaget", "Polisen"}
    assert titles(parse, police.get(asked)) == {"Myndigheternas"}


def test_the_file_holds_the_same_rows(owner, events):
    text = owner.get(f"{URL}?format=csv").get_data(as_text=True).removeprefix("\ufeff")
    table = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {row["Vad"] for row in table} == {"Öppen", "Delad", "Intern"}
    assert [table[0][head] for head in ("Datum", "Från kl.", "Till kl.")] == ["2026-10-02", "18.00", "21.30"]


def test_queries_do_not_grow_with_the_list(app, owner, world, count_queries):
    def cost(events: int) -> int:
        with app.app_context():
            for _ in range(events):
                an_event(world)
            db.session.commit()
        with count_queries() as statements:
            owner.get(URL)
        return len(statements)

    assert cost(1) == cost(20)


def test_the_organisation_is_shown_by_function(app, owner, world, parse):
    with app.app_context():
        add(OrganisationRole(partnership_id=world.partnerships["sergels"], title="Platsansvarig"))
        add(OrganisationRole(partnership_id=world.partnerships["sergels"], title="Kommunikation", is_group=True))
        db.session.commit()
    page = parse(owner.get(URL))
    section = page.select_one("section[aria-labelledby=organisation]")
    assert [" ".join(item.text.split()) for item in section.select("li")] == ["Platsansvarig", "KommunikationGrupp"]


def test_what_other_rooms_ask_follows_the_reader(app, world, events):
    start, end = datetime(2026, 10, 2, tzinfo=UTC), datetime(2026, 10, 3, tzinfo=UTC)
    plain = Reader(actor_ids=frozenset({world.actors["owner"]}))
    authority = Reader(actor_ids=frozenset({world.actors["district"]}), sees_authorities=True)
    sergels, klara = world.partnerships["sergels"], world.partnerships["klara"]
    with app.test_request_context():
        assert {event.title for event in registry.ask("events_ahead", sergels, plain, start, end)} == {
            "Öppen", "Delad", "Intern",
        }  # fmt: skip
        ahead = registry.ask("events_ahead", klara, authority, start, end)
        assert {event.title for event in ahead} == {"Öppen", "Delad", "Myndigheternas", "Områdets"}
        linkable = registry.linkables["activation_event"](sergels, plain, date(2026, 10, 1), date(2026, 10, 31))
        assert {row_id for row_id, _, _ in linkable} == {events["open"], events["shared"], events["internal"]}
        hits = registry.searches["Platsaktiveringar"]({sergels: plain}, ["myndigheternas"], 10)
        assert hits == []
        assert len(registry.feeds["Platsaktiveringar"](sergels, plain, Window(10))) == 3


def test_what_an_assessment_may_rest_on_says_whether_it_was_held(app, world):
    month = date(2026, 10, 1), date(2026, 10, 31)
    month_begins = datetime(2026, 9, 30, 22, tzinfo=UTC)
    with app.test_request_context():
        an_event(world, title="Dans")
        an_event(world, title="Kör", status=EventStatus.PLANNED)
        # It began before the month and goes on.
        an_event(world, title="Park", starts_at=datetime(2026, 9, 20, 8, tzinfo=UTC))
        an_event(world, title="Förra månaden", starts_at=datetime(2026, 9, 20, 8, tzinfo=UTC), ends_at=month_begins)
        off = an_event(world, title="Teater", status=EventStatus.CANCELLED, cancel_reason="Regn").id
        offered = registry.linkables["activation_event"]
        found = offered(world.partnerships["sergels"], Reader(), *month)
        assert [label.partition(", ")[2].replace("\N{NO-BREAK SPACE}", " ") for _, label, _ in found] == [
            "20 september 2026", "2 oktober 2026", "2 oktober 2026, planerad",
        ]  # fmt: skip
        ((_, label, _),) = offered(world.partnerships["sergels"], Reader(), *month, ids=[off])
        assert label.endswith(", inställd")


def test_a_goal_tells_of_the_latest_events_that_serve_it_as_far_as_they_are_seen(app, world):
    sergels = world.partnerships["sergels"]
    with app.test_request_context():
        goal, other = a_goal(sergels, number=1), a_goal(sergels, number=2)
        for day in range(1, 13):
            at = datetime(2026, 10, day, 16, tzinfo=UTC)
            an_event(world, title=f"Dans {day}", starts_at=at, ends_at=at + timedelta(hours=1), goals=[goal])
        an_event(world, title="Spaning", goals=[goal, other], visibility=Visibility.AUTHORITIES_ONLY)
        an_event(world, title="Inställd", goals=[goal], status=EventStatus.CANCELLED, cancel_reason="Storm")
        for asked in ([goal.id], [goal.id, other.id]):
            found = registry.mentions_of("goal", sergels, asked, Reader())
            assert [mention.label for mention in found[goal.id]] == [f"Dans {day}" for day in range(12, 2, -1)]
        assert found[other.id] == []
        seen = registry.mentions_of("goal", sergels, [other.id], Reader(sees_authorities=True))
        assert [mention.label for mention in seen[other.id]] == ["Spaning"]


def test_what_goes_on_is_ahead_and_what_is_cancelled_is_not(app, world):
    start, end = datetime(2026, 10, 2, 10, tzinfo=UTC), datetime(2026, 10, 3, 10, tzinfo=UTC)
    days = timedelta(days=3)
    with app.app_context():
        an_event(world, title="Sedan länge", starts_at=start - days, ends_at=start + days)
        an_event(world, title="Slut när det börjar", starts_at=start - days, ends_at=start)
        an_event(world, title="Inställd", status=EventStatus.CANCELLED, cancel_reason="Storm")
        ahead = registry.ask("events_ahead", world.partnerships["klara"], Reader(), start, end)
        assert [event.title for event in ahead] == ["Sedan länge"]


def test_one_who_no_longer_takes_part_is_not_led_to_the_home_of_an_event(app, world):
    with app.app_context():
        sergels = world.partnerships["sergels"]
        assert queries.homes({sergels}, world.users["owner"])[sergels].slug == "sergels"
        membership = db.session.get_one(Membership, world.memberships["sergels", "owner"])
        membership.left_on = clock.today() - timedelta(days=1)
        db.session.flush()
        assert queries.homes({sergels}, world.users["owner"])[sergels].slug is None


def test_now_and_next(app, world):
    with app.app_context():
        an_event(world, title="Nu")
        later = datetime(2026, 10, 4, 10, tzinfo=UTC)
        an_event(world, title="Sen", starts_at=later, ends_at=later + timedelta(hours=1), status=EventStatus.PLANNED)
        an_event(
            world, title="Inställd", starts_at=later, ends_at=later + timedelta(hours=1),
            status=EventStatus.CANCELLED, cancel_reason="Storm",
        )  # fmt: skip
        at = datetime(2026, 10, 2, 17, tzinfo=UTC)
        klara = world.partnerships["klara"]
        assert [event.title for event in queries.now_and_next(klara, Reader(), at)] == ["Nu", "Sen"]
        following = queries.now_and_next(klara, Reader(), at + timedelta(days=1))
        assert [event.title for event in following] == ["Sen"]
        assert queries.now_and_next(klara, Reader(), later + timedelta(days=1)) == []


def test_the_hours_of_an_evening_stand_on_one_line_past_midnight_too(app, owner, world, parse):
    with app.app_context():
        night = an_event(world, ends_at=datetime(2026, 10, 2, 23, 30, tzinfo=UTC)).id
        days = an_event(world, ends_at=datetime(2026, 10, 4, 19, tzinfo=UTC)).id
        db.session.commit()
    assert parse(owner.get(f"{URL}/{night}")).select_one(".lead .nowrap").text == "kl.\xa018.00–1.30"
    assert not parse(owner.get(f"{URL}/{days}")).select(".lead .nowrap")


def test_what_is_over_and_not_answered_for_says_so(app, owner, world, parse):
    with app.app_context():
        ago = clock.now() - timedelta(days=1)
        times = {
            "Var": (ago, ago + timedelta(hours=1)),
            "Är": (ago, clock.now() + timedelta(hours=1)),
            "Blir": (clock.now() + timedelta(days=1), clock.now() + timedelta(days=2)),
        }
        ids = {
            title: an_event(world, title=title, starts_at=start, ends_at=end, status=EventStatus.PLANNED).id
            for title, (start, end) in times.items()
        }
        db.session.commit()
    rows = parse(owner.get(URL)).select("#events tbody tr")
    told = {row.th.a.text: row.select_one("td[data-label=Läge]").text.strip() for row in rows}
    assert told == {"Var": "Besked saknas", "Är": "Pågår nu", "Blir": "Planerad"}
    assert "Besked saknas" in parse(owner.get(f"{URL}/{ids['Var']}")).select_one("main").text
