"""The links of figures in a report are as large as a finger needs, however short the figure."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page

from platssamverkan.core.db import db
from platssamverkan.goals.models import QualitativeDirection
from tests.builders import World
from tests.goals.builders import a_goal, an_indicator, an_observation
from tests.support.axe import check_page
from tests.support.browser import WIDTHS


def test_one_digit_and_two_sources_side_by_side_are_large_enough(
    app: Flask, world: World, site: str, signed_in: Callable[..., Page]
) -> None:
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"])
        indicator = an_indicator(world.partnerships["sergels"], goals=[goal], baseline_value=0)
        an_observation(indicator, "2024", "3", origin="Enkät 2024")
        an_observation(indicator, "2025", direction=QualitativeDirection.DECREASED, origin="Polisen")
        db.session.commit()
    page = signed_in("coordinator")
    page.goto(f"{site}/samverkan/sergels/rapporter/maluppfyllelse/2025/vb")
    assert page.locator("sup.cite + sup.cite").count() == 1
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        faults += check_page(page)
    assert faults == []
