"""The sheet of a briefing: seven numbered parts on one A4 page, whatever is written."""

from datetime import UTC, datetime, time, timedelta
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
from platssamverkan.reports.documents import html_of, make
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
#: Words of the length that Swedish has, and letters wider than any word is.
PROSE = "Ordningsvakterna rör sig mellan gångstråken och vattentrappan medan belysningen mäts upp "
WIDE = "W"


def url(briefing_id: int, rest: str = "", where: str = "klara") -> str:
    return f"/samverkan/{where}/rapporter/utstallning/{briefing_id}{rest}"


def filled(world: World, letters: str) -> int:
    """Save a briefing with every field as long as the form allows; each text begins with a mark of its own."""
    marks = iter(range(1000))

    def text(length: int) -> str:
        return (f"M{next(marks):03}" + letters * length)[:length]

    briefing = a_briefing(world, location=text(limits.LOCATION), state=BriefingState.HELD)
    names = [text(40) for _ in range(limits.ATTENDANCE_ROWS)]
    actors = {name: an_actor(name, ActorKind.POLICE).id for name in names}
    world.actors.update(actors)
    for name in names:
        someone_present(world, briefing, name, function=text(limits.FUNCTION))
    for section, limit in limits.SECTIONS.items():
        for _ in range(limit.lines):
            a_line(world, briefing, names[0], section=section, text=text(limit.characters), spot=text(limits.SPOT))
    for name in names[: limits.STAFFING_ROWS]:
        staffing(
            world, briefing, name, function=text(limits.FUNCTION), contact=text(limits.CONTACT), headcount=500,
            from_time=time(16, 0), until_time=time(23, 30),
        )  # fmt: skip
    start = datetime(2026, 10, 7, 10, 0, tzinfo=UTC)
    for number in range(limits.EVENTS_PRINTED + 2):
        at = start + timedelta(hours=number)
        an_event(
            world, "klara", names[0], title=text(120), spot=text(80), starts_at=at, ends_at=at + timedelta(hours=1),
            status=EventStatus.PLANNED,
        )  # fmt: skip
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


@pytest.mark.parametrize("letters", [PROSE, WIDE, "Å", "ett "], ids=["prose", "wide", "ring", "short words"])
def test_it_is_one_page_with_all_text_however_much_is_written(
    app: Flask, world: World, police: FlaskClient, letters: str
) -> None:
    with app.app_context():
        briefing_id = filled(world, letters)
    content = police.get(url(briefing_id, ".pdf")).data
    assert page_count(content) == 1
    text = "".join(pdf_text(content).split())
    page = police.get(url(briefing_id)).text
    marks = [f"M{number:03}" for number in range(1000) if f"M{number:03}" in page]
    assert len(marks) > 60
    assert [mark for mark in marks if mark not in text] == []


def test_the_longest_prose_is_still_easy_to_read(app: Flask, world: World) -> None:
    with app.app_context():
        briefing_id = filled(world, PROSE)
    with app.app_context(), app.test_request_context():
        from platssamverkan.reports.cli import _partnership  # noqa: PLC0415

        document = make(BRIEFING, _partnership("klara"), f"briefing:{briefing_id}", Audience.PARTNERSHIP)
        html = html_of(document, size="size-85")
        from pathlib import Path  # noqa: PLC0415

        assert render_document(html, base_url_static=Path(str(app.static_folder))).page_count == 1
    assert "size-85" in SIZES


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
    assert SECRET in police.get(url(briefing_id, "?for=authorities")).text


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
