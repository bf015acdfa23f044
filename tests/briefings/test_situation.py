"""Lägesbild: what is known of the places now, each reader's own view of it."""

from datetime import UTC, date, datetime

import pytest

from platssamverkan.briefings.models import BriefingSection, BriefingState
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from tests.briefings.builders import a_briefing, a_line
from tests.measures.builders import a_problem

URL = "/samverkan/sergels/lagesbild"


@pytest.fixture
def told(app, world):
    """Two evenings' lines of several kinds, and a solved, an open and a closed problem."""
    with app.app_context():
        early = a_briefing(world, "sergels", state=BriefingState.HELD)
        late = a_briefing(world, "sergels", starts_at=datetime(2026, 10, 9, 16, tzinfo=UTC))
        a_line(world, early, text="Mörkt vid trappan", spot="Trappan")
        a_line(world, early, text="Hemlig rad", visibility=Visibility.AUTHORITIES_ONLY)
        a_line(world, late, text="Rent och helt", section=BriefingSection.CONDITION)
        a_line(world, late, text="Följ upp bommen", section=BriefingSection.HANDOVER)
        a_line(world, a_briefing(world, "klara"), text="Sagt i Klara")
        a_problem(world, text="Försäljning vid hissen")
        a_problem(world, number=2, text="Löst sedan länge", resolved_on=date(2026, 9, 1))
        a_problem(world, number=3, text="Hemligt problem", visibility=Visibility.AUTHORITIES_ONLY)
        db.session.commit()


def said(page):
    return [row.th.a.text for row in page.select("#situation tbody tr")]


def test_the_latest_word_comes_first_and_leads_to_its_line_on_the_sheet(owner, told, parse):
    page = parse(owner.get(URL))
    assert said(page) == ["Rent och helt", "Mörkt vid trappan"]
    leads_to = parse(owner.get(page.select_one("#situation tbody a")["href"].split("#")[0]))
    assert leads_to.find(id=page.select_one("#situation tbody a")["href"].split("#")[1])


def test_problems_that_remain_and_the_places_are_told(owner, told, parse):
    text = parse(owner.get(URL)).text
    assert "Försäljning vid hissen" in text
    assert "Löst sedan länge" not in text
    assert "Sergels torg" in text


def test_closed_words_are_only_for_those_bound_by_secrecy(owner, police, told, parse):
    for question in ("", "?text=hemlig", "?format=csv"):
        assert "Hemlig" not in owner.get(URL + question).text.replace("hemlig", "")
    page = parse(police.get(URL))
    assert said(page) == ["Rent och helt", "Mörkt vid trappan", "Hemlig rad"]
    assert "Hemligt problem" in page.text


def test_the_list_is_filtered_and_sorted_in_the_address(owner, told, parse):
    assert said(parse(owner.get(f"{URL}?text=trappan"))) == ["Mörkt vid trappan"]
    assert said(parse(owner.get(f"{URL}?del=place_condition"))) == ["Rent och helt"]
    assert said(parse(owner.get(f"{URL}?till=2026-10-08"))) == ["Mörkt vid trappan"]
    assert said(parse(owner.get(f"{URL}?sortera=text"))) == ["Mörkt vid trappan", "Rent och helt"]


def test_only_members_read_it(stranger, anonymous, told):
    assert stranger.get(URL).status_code == 404
    assert anonymous.get(URL).status_code == 302


def test_queries_do_not_grow_with_the_rows(app, world, owner, count_queries):
    def cost(*numbers):
        with app.app_context():
            for number in numbers:
                a_line(world, a_briefing(world, "sergels"))
                a_problem(world, number=number)
            db.session.commit()
        with count_queries() as statements:
            owner.get(URL)
        return len(statements)

    assert cost(1) == cost(*range(2, 15))
