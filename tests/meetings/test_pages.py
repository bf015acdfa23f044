"""Each page of the room: it works, refuses wrong input, and shows nobody what is not theirs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from platssamverkan.core.db import db
from platssamverkan.core.visibility import Reader
from platssamverkan.meetings import queries
from platssamverkan.meetings.models import Meeting, MeetingState, MinutesItem
from tests.builders import World
from tests.meetings.builders import NEW, a_meeting
from tests.meetings.conftest import Forum, MakeForum

Parse = Callable[..., BeautifulSoup]
Count = Callable[[], AbstractContextManager[list[str]]]
LIST = "/samverkan/sergels/moten"


def test_the_list_shows_meetings_and_filters_them(coordinator: FlaskClient, forum: Forum, parse: Parse) -> None:
    page = parse(coordinator.get(LIST))
    assert page.select_one(f'th a[href="{forum.url}"]')
    assert not parse(coordinator.get(f"{LIST}?slag=est")).select(f'th a[href="{forum.url}"]')
    assert parse(coordinator.get(f"{LIST}?text=armaturer&period=2026&lage=held")).select(f'th a[href="{forum.url}"]')
    assert not parse(coordinator.get(f"{LIST}?period=tidigare&text=snöröjning")).select(f'th a[href="{forum.url}"]')


def test_the_fragment_of_the_list_equals_its_part_of_the_page(
    coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    part = parse(coordinator.get(LIST, headers={"HX-Request": "true"})).select_one("#meetings")
    assert str(part) == str(parse(coordinator.get(LIST)).select_one("#meetings"))


def test_text_only_authorities_read_is_not_found_by_others(owner: FlaskClient, forum: Forum, parse: Parse) -> None:
    assert not parse(owner.get(f"{LIST}?text=hemlig")).select(f'th a[href="{forum.url}"]')


def test_the_list_needs_no_more_queries_with_more_meetings(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, count_queries: Count
) -> None:
    with count_queries() as few:
        coordinator.get(LIST)
    with app.app_context():
        for day in range(1, 13):
            a_meeting(world, on=date(2026, 10, day))
        db.session.commit()
    with count_queries() as many:
        coordinator.get(LIST)
    assert len(many) == len(few)


def test_the_page_needs_no_more_queries_with_more_decisions(
    coordinator: FlaskClient, reader: FlaskClient, forum: Forum, count_queries: Count
) -> None:
    with count_queries() as few:
        reader.get(forum.url)
    for item_id in (forum.decided, forum.opening, forum.police):
        coordinator.post(
            f"{forum.item_url(item_id)}/beslut",
            data={"beslut-text": "Ett beslut till", "beslut-visibility": "partnership"},
        )
    with count_queries() as many:
        reader.get(forum.url)
    assert len(many) == len(few)


def test_the_list_can_be_taken_as_a_file(coordinator: FlaskClient, forum: Forum) -> None:
    assert "2026-11-05" in coordinator.get(f"{LIST}?format=csv").get_data(as_text=True)


def test_a_reader_reads_the_whole_minutes_and_has_no_forms(reader: FlaskClient, forum: Forum, parse: Parse) -> None:
    page = parse(reader.get(forum.url))
    assert "Belysningen är trasig." in page.text
    assert "Byt fyra armaturer" in page.text
    assert not page.select(".minutes-layout form")
    assert len(page.select("article")) == 12


def test_an_owner_is_told_that_an_item_is_left_out_and_sees_nothing_of_it(
    owner: FlaskClient, police: FlaskClient, forum: Forum, parse: Parse
) -> None:
    page = parse(owner.get(forum.url))
    assert "1\u00a0punkt visas inte för dig" in page.text
    assert "Hemlig" not in page.text
    assert "Aktuell lägesbild" not in page.text
    assert [one.text.split(".")[0] for one in page.select("article h2")] == [
        str(number) for number in range(1, 13) if number != 4
    ]
    assert owner.get(forum.item_url(forum.police)).status_code == 404
    assert "Hemlig lägesbild" in police.get(forum.url).get_data(as_text=True)


def test_only_the_coordinator_may_write(reader: FlaskClient, police: FlaskClient, forum: Forum) -> None:
    for client in (reader, police):
        assert client.get(f"{LIST}/nytt").status_code == 403
        for path in ("", "/beslut", "/flytta", "/andra"):
            assert client.post(f"{forum.item_url(forum.opening)}{path}", data={"text": "X"}).status_code == 403
        for path in ("narvaro", "godkann", "hallet", "stall-in", "ta-upp", "ratta"):
            assert client.post(f"{forum.url}/{path}").status_code == 403


def test_nobody_reaches_a_meeting_through_another_partnership(
    coordinator: FlaskClient, stranger: FlaskClient, forum: Forum
) -> None:
    assert stranger.get(forum.url).status_code == 404
    for path in ("", f"/punkt/{forum.opening}", "/andra", "/godkann"):
        assert coordinator.get(f"/samverkan/klara/moten/{forum.id}{path}").status_code == 404


def test_items_are_added_renamed_moved_and_removed(
    app: Flask, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    def headings() -> list[str]:
        with app.app_context():
            return list(db.session.scalars(select(MinutesItem.heading).order_by(MinutesItem.position)))

    new = {
        "heading": "Vinterprogram",
        "minutes_planned": "20",
        "visibility": "partnership",
        "after_id": str(forum.opening),
    }
    assert coordinator.post(f"{forum.url}/punkt/ny", data=new | {"heading": ""}).status_code == 422
    response = coordinator.post(f"{forum.url}/punkt/ny", data=new)
    assert headings()[1] == "Vinterprogram"
    item_url = response.location.split("#")[0]
    assert coordinator.post(f"{item_url}/flytta", data={"riktning": "upp"}).status_code == 303
    assert headings()[0] == "Vinterprogram"
    version = parse(coordinator.get(f"{item_url}/andra")).select_one("#version")["value"]
    renamed = new | {"heading": "Program i vinter", "version": version}
    assert coordinator.post(f"{item_url}/andra", data=renamed).status_code == 303
    assert headings()[0] == "Program i vinter"
    assert coordinator.post(f"{item_url}/andra", data=renamed | {"heading": "Sent"}).status_code == 409
    assert coordinator.get(f"{item_url}/ta-bort").status_code == 200
    assert coordinator.post(f"{item_url}/ta-bort").status_code == 303
    assert headings()[0] == "Mötets öppnande"
    assert coordinator.post(f"{forum.item_url(forum.decided)}/ta-bort").status_code == 409


def test_an_item_is_closed_to_others_when_its_readers_are_changed(
    coordinator: FlaskClient, owner: FlaskClient, forum: Forum, parse: Parse
) -> None:
    url = forum.item_url(forum.opening)
    version = parse(coordinator.get(f"{url}/andra")).select_one("#version")["value"]
    data = {"heading": "Mötets öppnande", "visibility": "authorities_only", "version": version}
    assert owner.get(url).status_code == 200
    assert coordinator.post(f"{url}/andra", data=data).status_code == 303
    assert owner.get(url).status_code == 404
    assert "2\u00a0punkter visas inte för dig" in parse(owner.get(forum.url)).text


def test_only_the_latest_meeting_that_was_held_before_is_followed_up(
    app: Flask, world: World, make_forum: MakeForum
) -> None:
    first = make_forum(on=date(2026, 9, 1))
    make_forum(on=date(2026, 11, 10))
    with app.app_context():
        a_meeting(world, on=date(2026, 10, 1))
        found = queries.earlier_decisions(a_meeting(world, on=date(2026, 11, 1)), Reader())
        assert [past.meeting.id for past in found] == [first.id]


def test_decisions_of_a_meeting_that_was_not_held_are_in_no_period(app: Flask, world: World, forum: Forum) -> None:
    with app.app_context():
        period = world.partnerships["sergels"], Reader(), date(2026, 11, 1), date(2026, 11, 30)
        assert len(queries.decisions_in_period(*period)) == 1
        db.session.get(Meeting, forum.id).state = MeetingState.PLANNED
        db.session.flush()
        assert queries.decisions_in_period(*period) == []


def test_every_form_page_opens(coordinator: FlaskClient, forum: Forum) -> None:
    decision = f"{forum.item_url(forum.decided)}/beslut/{forum.decision}"
    for url in (
        f"{LIST}/nytt",
        f"{LIST}/serie/ny",
        f"{forum.url}/andra",
        f"{forum.url}/godkann",
        f"{forum.url}/punkt/ny?efter={forum.opening}",
        f"{forum.item_url(forum.opening)}/andra",
        f"{forum.item_url(forum.opening)}?utkast=1",
        f"{decision}/andra",
        f"{decision}/ta-bort",
    ):
        assert coordinator.get(url).status_code == 200, url


def test_earlier_decisions_are_followed_up_under_their_heading(
    coordinator: FlaskClient, make_forum: MakeForum, parse: Parse
) -> None:
    earlier = make_forum(approved=True, on=date(2026, 10, 1))
    url = coordinator.post(f"{LIST}/nytt", data=NEW).location
    third = parse(coordinator.get(url)).select(".agenda li a")[2]["href"]
    page = parse(coordinator.get(third))
    assert page.select_one(f"#earlier-{earlier.decision}")
    assert page.select_one(f'a[href="/samverkan/sergels/atgarder/{earlier.measure}"]')


def test_the_actors_are_heard_in_the_order_of_the_template(
    app: Flask, forum: Forum, coordinator: FlaskClient, parse: Parse
) -> None:
    situation = parse(coordinator.get(forum.item_url(forum.police))).select_one("#text-hint").text
    assert "I ordning: polisen, stadsdelsförvaltningen, övriga aktörer." in situation
    assert "I ordning" not in parse(coordinator.get(forum.item_url(forum.opening))).select_one("#text-hint").text
