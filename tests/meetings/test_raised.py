"""A line of a briefing is taken up at the forum; the chain can be followed both ways."""

from collections.abc import Callable
from datetime import date, time

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.briefings.models import Briefing, BriefingItem, BriefingSection, BriefingState
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.meetings.models import MinutesItem
from tests.builders import World, add
from tests.meetings.conftest import Forum

Parse = Callable[..., BeautifulSoup]


@pytest.fixture
def raised(app: Flask, world: World) -> dict[str, int]:
    """Lines that were raised at Sergels torg: one for all, one for authorities."""
    with app.app_context():
        briefing = add(
            Briefing(
                partnership_id=world.partnerships["sergels"],
                starts_at=clock.at_local(date(2026, 10, 29), time(18)),
                state=BriefingState.HELD,
                closed_at=clock.at_local(date(2026, 10, 29), time(19)),
            )
        )
        texts = {
            "open": ("Mörkt vid trappan", Visibility.PARTNERSHIP),
            "closed": ("Hemligt", Visibility.AUTHORITIES_ONLY),
        }
        ids = {
            name: add(
                BriefingItem(
                    briefing_id=briefing.id,
                    section=BriefingSection.CONDITION,
                    text=line,
                    visibility=visibility,
                    owner_actor_id=world.actors["police"],
                    raise_to_forum=True,
                )
            ).id
            for name, (line, visibility) in texts.items()
        }
        db.session.commit()
        return ids


def test_a_raised_line_is_taken_up_once_and_links_both_ways(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, raised: dict[str, int], parse: Parse
) -> None:
    page = parse(coordinator.get(forum.url))
    assert page.select_one(f'input[name="briefing_item_id"][value="{raised["open"]}"]')
    response = coordinator.post(f"{forum.url}/ta-upp", data={"briefing_item_id": raised["open"]})
    assert response.status_code == 303
    taken = parse(coordinator.get(response.location))
    assert taken.select_one("article h2").text.split(". ")[1].strip() == "Mörkt vid trappan"
    assert taken.select_one(f'article a[href$="#rad-{raised["open"]}"]')
    agenda = [entry.get_text(" ", strip=True) for entry in taken.select(".agenda ol li")]
    assert ["Mörkt vid trappan" in entry for entry in agenda].index(True) == 10
    assert "Övriga frågor" in agenda[11]
    assert not taken.select(f'input[name="briefing_item_id"][value="{raised["open"]}"]')
    again = coordinator.post(f"{forum.url}/ta-upp", data={"briefing_item_id": raised["open"]})
    assert again.status_code == 404
    with app.test_request_context():
        where = world.partnerships["sergels"]
        found = registry.mentions_of("briefing_item", where, [raised["open"]], Reader(is_member=True))
        assert found[raised["open"]][0].label.replace("\u00a0", " ").endswith("5 november 2026, § 11")


def test_a_line_on_the_agenda_of_a_cancelled_meeting_may_be_taken_up_again(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, raised: dict[str, int], parse: Parse
) -> None:
    data = {"kind": "strategic_forum", "on": "2026-12-03", "from_time": "9.00", "raised": str(raised["open"])}
    other = coordinator.post("/samverkan/sergels/moten/nytt", data=data).location
    offered = f'input[name="briefing_item_id"][value="{raised["open"]}"]'
    assert not parse(coordinator.get(forum.url)).select(offered)
    assert coordinator.post(f"{other}/stall-in", data={"reason": "Snö"}).status_code == 303
    assert parse(coordinator.get(forum.url)).select(offered)
    with app.test_request_context():
        found = registry.mentions_of("briefing_item", world.partnerships["sergels"], [raised["open"]], Reader())
        assert found == {raised["open"]: []}


def test_a_new_meeting_takes_up_the_chosen_lines_as_closed_as_they_are(
    coordinator: FlaskClient, owner: FlaskClient, raised: dict[str, int], parse: Parse
) -> None:
    data = {
        "kind": "strategic_forum",
        "on": "2026-12-03",
        "from_time": "9.00",
        "raised": [str(raised["open"]), str(raised["closed"])],
    }
    url = coordinator.post("/samverkan/sergels/moten/nytt", data=data).location
    assert len(parse(coordinator.get(url)).select(".agenda ol li")) == 14
    seen = parse(owner.get(url))
    assert len(seen.select(".agenda ol li")) == 13
    assert "Hemligt" not in seen.text
    assert "1\u00a0punkt visas inte för dig" in seen.text


def test_a_line_tells_where_it_was_taken_up_instead_of_that_it_will_be(
    coordinator: FlaskClient, forum: Forum, raised: dict[str, int], parse: Parse
) -> None:
    where = parse(coordinator.get(forum.url)).select_one(f'a[href$="#rad-{raised["open"]}"]')["href"].partition("#")[0]
    assert "Tas upp på strategiskt möte" in parse(coordinator.get(where)).select_one(f"#rad-{raised['open']}").text
    coordinator.post(f"{forum.url}/ta-upp", data={"briefing_item_id": raised["open"]})
    line = parse(coordinator.get(where)).select_one(f"#rad-{raised['open']}")
    assert "Punkt på strategiskt samverkansforum" in line.text
    assert "Tas upp" not in line.text
    assert line.select_one(f'a[href^="{forum.url}/punkt/"]')


def test_whoever_may_not_read_the_line_is_not_told_that_the_item_came_from_one(
    app: Flask, world: World, coordinator: FlaskClient, owner: FlaskClient, forum: Forum, raised: dict[str, int]
) -> None:
    with app.app_context():
        item = db.session.get_one(MinutesItem, forum.decided)
        item.briefing_item_id = raised["closed"]
        db.session.commit()
    for address in (forum.url, f"/samverkan/sergels/rapporter/minnesanteckningar/{forum.id}"):
        seen = owner.get(address).text
        assert "Belysningen är trasig" in seen
        assert "utställning 2" not in seen.replace("utställningen", "utställning")
        assert "från utställning" not in seen
        assert "#rad-" not in seen
    assert f"#rad-{raised['closed']}" in coordinator.get(f"{forum.item_url(forum.decided)}").text


def test_a_line_that_was_not_raised_cannot_be_taken_up(coordinator: FlaskClient, forum: Forum) -> None:
    for wrong in ("99999", "x", ""):
        assert coordinator.post(f"{forum.url}/ta-upp", data={"briefing_item_id": wrong}).status_code == 404
