"""What a small phone, or a large text on one, must still show whole."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import insert

from platssamverkan.core.db import db
from platssamverkan.goals.models import indicator_goal
from tests.browser.conftest import WorkAs
from tests.builders import World
from tests.goals.builders import a_goal, an_indicator, an_observation
from tests.support.axe import sideways_scroll


@pytest.fixture
def work_as(signed_in: Callable[..., Page]) -> WorkAs:
    """Return a page of someone signed in, on the smallest phone."""
    return partial(signed_in, width=320)


def test_a_trend_with_its_line_has_room(app: Flask, world: World, site: str, work_as: WorkAs) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        for name, last in (("Störs av handel", "29"), ("Känner sig otrygga", "51")):
            indicator = an_indicator(world.partnerships["sergels"], name)
            db.session.execute(insert(indicator_goal).values(indicator_id=indicator.id, goal_id=goal.id))
            an_observation(indicator, "2022", "46")
            an_observation(indicator, "2024", last)
        db.session.commit()
    page = work_as("police")
    page.goto(f"{site}/samverkan/sergels/")
    expect(page.locator(".trend:has(.spark)")).to_contain_text("Åt olika håll")
    assert sideways_scroll(page) == []


def test_a_large_text_leaves_the_menu_and_the_way_on_within_reach(address_of_briefing: str, work_as: WorkAs) -> None:
    page = work_as("police")
    page.goto(address_of_briefing)
    row = [link.bounding_box() for link in page.locator(".outdoor-nav a").all()]
    assert len({box["y"] for box in row if box}) == 1
    page.set_viewport_size({"width": 390, "height": 844})
    page.add_style_tag(content="html { font-size: 200%; }")
    for reached in (
        page.get_by_role("button", name="Meny"),
        page.get_by_role("link", name="Avsluta utställningen"),
        *page.locator(".outdoor-nav a").all(),
    ):
        assert reached.evaluate("e => e.getBoundingClientRect().right <= innerWidth && e.scrollWidth <= e.clientWidth")
