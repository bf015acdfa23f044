"""The sheet of a briefing: seven numbered parts on one A4 page, whatever is written."""

import itertools
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.activations.models import EventStatus
from platssamverkan.actors.models import ActorKind
from platssamverkan.briefings import limits
from platssamverkan.briefings.models import BriefingSection, BriefingState
from platssamverkan.core.db import db
from platssamverkan.core.pdf import render_document
from platssamverkan.core.visibility import Audience, Visibility
from platssamverkan.reports.briefing_sheet import SIZES
from platssamverkan.reports.cli import partnership_called
from platssamverkan.reports.documents import html_of, left_out_text, make, may_fit
from platssamverkan.reports.registry import BRIEFING
from tests.activations.builders import an_event
from tests.briefings.builders import a_briefing, a_line, someone_present, staffing
from tests.builders import World, an_actor
from tests.reports.builders import CLOSED, SECRET
from tests.support.pdf_check import page_count, pdf_text

HEADINGS = [
    "1 Närvarande aktörer",
    "2 Aktuell lägesbild",
    "3 Vilka arbetar i kväll",
    "4 Behov av samverkan i kväll",
    "5 Kommande dagar (evenemang, insatser)",
    "6 Platsens skick (helt, rent, belysning)",
    "7 Överlämning och att följa upp",
]
#: Words of the length that Swedish has; letters as wide as one or two units may be, and many short words.
PROSE = "Ordningsvakterna rör sig mellan gångstråken och vattentrappan medan belysningen mäts upp "
LETTERS = {"prose": PROSE, "W": "W", "Å": "Å", "m": "m", "n": "n", "long words": f"{'n' * 24} ", "short words": "ett "}


def url(briefing_id: int, rest: str = "", where: str = "klara") -> str:
    return f"/samverkan/{where}/rapporter/utstallning/{briefing_id}{rest}"


def filled(world: World, letters: str) -> int:
    """Save a briefing with every field as long as the form allows; each text begins with a mark of its own."""
    marks = iter(range(1000))

    def text(length: int) -> str:
        """Return a text that takes just as much room as the form allows, with a mark of its own first."""
        made = f"M{next(marks):03}"
        for letter in itertools.cycle(letters):
            if limits.units(made + letter) > length:
                return made
            made += letter
        raise AssertionError("a cycle does not end")

    briefing = a_briefing(world, location=text(limits.LOCATION), state=BriefingState.OPEN)
    names = [text(limits.NAME) for _ in range(limits.ATTENDANCE_ROWS)]
    actors = {name: an_actor(name, ActorKind.POLICE).id for name in names}
    world.actors.update(actors)
    for name in names:
        someone_present(world, briefing, name, function=text(limits.FUNCTION))
    for section, limit in limits.SECTIONS.items():
        for _ in range(limit.lines):
            line = {"section": section, "text": text(limit.characters), "spot": text(limits.SPOT)}
            a_line(world, briefing, names[0], **line)
    for name in names[: limits.STAFFING_ROWS]:
        staffing(
            world, briefing, name, function=text(limits.FUNCTION), contact=text(limits.CONTACT), headcount=500,
            from_time=time(16, 0), until_time=time(23, 30),
        )  # fmt: skip
    start = datetime(2026, 10, 7, 10, 0, tzinfo=UTC)
    for number in range(limits.EVENTS_PRINTED + 2):
        at = start + timedelta(hours=number)
        an_event(
            world, "klara", names[0], title=text(limits.EVENT), spot="x" * 80, starts_at=at,
            ends_at=at + timedelta(hours=1), status=EventStatus.PLANNED,
        )  # fmt: skip
    a_line(world, briefing, names[0], text=SECRET, visibility=CLOSED)
    earlier = a_briefing(world, state=BriefingState.HELD, starts_at=datetime(2026, 10, 1, 16, 0, tzinfo=UTC))
    for _ in range(8):
        a_line(world, earlier, names[0], section=BriefingSection.HANDOVER, text=text(140), spot=text(limits.SPOT))
    db.session.commit()
    return int(briefing.id)


def test_the_seven_parts_are_numbered_and_the_reminder_stands_last(
    app: Flask, world: World, police: FlaskClient, parse: Any
) -> None:
    with app.app_context():
        briefing = a_briefing(world)
        a_line(world, briefing)
        db.session.commit()
        briefing_id = briefing.id
    page = parse(police.get(url(briefing_id)))
    assert [heading.text for heading in page.select("main h2")] == HEADINGS
    assert page.select_one(".reminder").text == (
        "Påminnelse: Inga personuppgifter om enskilda. Sprids inte utanför samverkan."
    )
    assert page.select_one(".draft-mark").text == "Utkast"


@pytest.mark.parametrize("letters", LETTERS.values(), ids=LETTERS.keys())
def test_it_is_one_page_of_readable_type_however_much_is_written(
    app: Flask, world: World, police: FlaskClient, letters: str
) -> None:
    with app.app_context():
        briefing_id = filled(world, letters)
    with app.app_context(), app.test_request_context():
        document = make(BRIEFING, partnership_called("klara"), f"briefing:{briefing_id}", Audience.PARTNERSHIP)
        assert left_out_text(document)
        assert document.content.is_draft
        html = html_of(document, size="size-85")
        assert render_document(html, base_url_static=Path(str(app.static_folder))).page_count == 1
    content = police.get(url(briefing_id, ".pdf")).data
    assert page_count(content) == 1
    text = "".join(pdf_text(content).split())
    page = police.get(url(briefing_id)).text
    marks = [f"M{number:03}" for number in range(1000) if f"M{number:03}" in page]
    assert len(marks) > 60
    assert [mark for mark in marks if mark not in text] == []


def test_an_evening_of_few_lines_is_set_in_the_largest_type(app: Flask, world: World) -> None:
    with app.app_context():
        briefing = a_briefing(world)
        a_line(world, briefing)
        db.session.commit()
        with app.test_request_context():
            document = make(BRIEFING, partnership_called("klara"), f"briefing:{briefing.id}", Audience.PARTNERSHIP)
            html = html_of(document, size=SIZES[0])
        assert render_document(html, base_url_static=Path(str(app.static_folder))).page_count == 1
        assert 'class="one-page size-130"' in html


def test_handed_over_lines_that_the_audience_may_not_read_are_told_of_as_left_out(app: Flask, world: World) -> None:
    with app.app_context():
        briefing = a_briefing(world)
        earlier = a_briefing(world, state=BriefingState.HELD, starts_at=datetime(2026, 10, 1, 16, 0, tzinfo=UTC))
        a_line(world, earlier, section=BriefingSection.HANDOVER, text=SECRET, visibility=CLOSED)
        settled = a_line(world, earlier, section=BriefingSection.HANDOVER, text="Avklarat", visibility=CLOSED)
        settled.settled_in_id = earlier.id
        db.session.commit()
        with app.test_request_context():
            told = {}
            for audience in (Audience.PARTNERSHIP, Audience.AUTHORITIES):
                document = make(BRIEFING, partnership_called("klara"), f"briefing:{briefing.id}", audience)
                told[audience] = left_out_text(document).split(" i den")[0], SECRET in html_of(document)
    assert told == {Audience.PARTNERSHIP: ("1 punkt är utelämnad", False), Audience.AUTHORITIES: ("", True)}


def test_sizes_that_cannot_fit_are_not_tried() -> None:
    assert may_fit(SIZES[1:], "size-130", 2) == list(SIZES[1:])
    assert may_fit(SIZES[1:], "size-130", 3)[0] == "size-90"
    assert may_fit(SIZES[1:], "size-130", 99) == ["size-50"]


def test_no_size_that_the_forms_can_lead_to_is_below_eight_and_a_half_points(app: Flask) -> None:
    css = (Path(str(app.static_folder)) / "css" / "document.css").read_text()
    sizes = {name: float(size) for name, size in re.findall(r"body\.(size-\d+) \{ font-size: ([\d.]+)pt", css)}
    assert [sizes[name] for name in SIZES[: SIZES.index("size-85") + 1]] == [13, 11.5, 10, 9, 8.5]
    small = re.findall(r"\.one-page [^{]*\{[^}]*font-size: ([\d.]+)(em|pt)", css.split("@media screen")[0])
    assert all(float(number) >= (1 if unit == "em" else 8.5) for number, unit in small)


def test_closed_lines_and_staffing_are_left_out_and_counted(app: Flask, world: World, police: FlaskClient) -> None:
    with app.app_context():
        briefing = a_briefing(world)
        a_line(world, briefing, text=SECRET, visibility=CLOSED)
        staffing(world, briefing, function=SECRET, visibility=CLOSED)
        an_event(
            world, "klara", "police", title=SECRET, visibility=Visibility.AUTHORITIES_ONLY,
            starts_at=datetime(2026, 10, 8, 10, 0, tzinfo=UTC), ends_at=datetime(2026, 10, 8, 12, 0, tzinfo=UTC),
            status=EventStatus.PLANNED,
        )  # fmt: skip
        db.session.commit()
        briefing_id = briefing.id
    content = police.get(url(briefing_id, ".pdf")).data
    assert SECRET not in pdf_text(content)
    assert "3 punkter är utelämnade i den här versionen" in " ".join(pdf_text(content).split())
    assert "Ingen bemanning antecknad" not in pdf_text(content)
    assert SECRET in police.get(url(briefing_id, "?for=authorities")).text


def test_the_first_day_of_an_event_of_several_days_is_told_once(app: Flask, world: World, police: FlaskClient) -> None:
    with app.app_context():
        start = datetime(2026, 10, 8, 10, 0, tzinfo=UTC)
        for days in (0, 2):
            end = start + timedelta(days=days, hours=2)
            an_event(world, "klara", starts_at=start, ends_at=end, status=EventStatus.PLANNED)
        briefing_id = a_briefing(world).id
        db.session.commit()
    told = police.get(url(briefing_id)).text.replace("\xa0", " ")
    assert "<li>8 okt kl. 12.00–14.00: Kvällsdans" in told
    assert "<li>8 oktober kl. 12.00–10 oktober kl. 14.00: Kvällsdans" in told


def test_there_is_never_a_public_version(
    app: Flask, world: World, coordinator: FlaskClient, owner: FlaskClient
) -> None:
    with app.app_context():
        briefing_id = a_briefing(world, "sergels").id
        db.session.commit()
    assert coordinator.get(url(briefing_id, "?for=public", "sergels")).status_code == 404
    assert coordinator.get(url(briefing_id, ".pdf?for=public", "sergels")).status_code == 404
    assert owner.get(url(briefing_id, "?for=authorities", "sergels")).status_code == 403
    assert owner.get(url(briefing_id)).status_code == 404
