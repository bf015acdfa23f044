"""Filling in an evening's sheet, alone and at the same time as others."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.briefings import limits, services
from platssamverkan.briefings.models import (
    Briefing,
    BriefingAttendance,
    BriefingItem,
    BriefingSection,
    BriefingState,
)
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from tests.briefings.builders import a_briefing, a_line, someone_present, staffing
from tests.meetings.builders import a_meeting, item_at

URL = "/samverkan/sergels/utstallningar"


def a_row(section: str, **changes):
    values = {"text": "Mörkt vid busshållplatsen.", "visibility": "partnership", **changes}
    return {f"{section}-{name}": value for name, value in values.items()}


def test_the_first_save_opens_the_briefing_and_notes_whom_it_expects(police, saved, read, parse):
    briefing_id = saved(state=BriefingState.PLANNED)
    page = parse(police.get(f"{URL}/{briefing_id}"))
    assert len(page.select("#narvaro input[type=checkbox]")) == 4
    keys = [box["value"] for box in page.select("#narvaro input[type=checkbox]")][:2]
    police.post(f"{URL}/{briefing_id}/narvaro", data={"here": keys})
    assert read(Briefing.state) == [BriefingState.OPEN]
    assert sorted(read(BriefingAttendance.is_present)) == [False, False, True, True]
    page = parse(police.get(f"{URL}/{briefing_id}"))
    assert page.select_one("#attendance-count").text.replace("\xa0", " ") == "2 av 4"
    # The whole list was sent with its button; a single box tells by the count alone.
    assert "Närvaron är sparad." in page.select_one("#messages").text
    police.post(f"{URL}/{briefing_id}/narvaro", data={"only": keys[0]})
    assert not parse(police.get(f"{URL}/{briefing_id}")).select_one("#messages").text.strip()


def test_two_phones_tick_without_undoing_each_other(police, owner, saved, read, parse):
    briefing_id = saved(state=BriefingState.PLANNED)
    keys = [box["value"] for box in parse(police.get(f"{URL}/{briefing_id}")).select("#narvaro input[type=checkbox]")]
    police.post(f"{URL}/{briefing_id}/narvaro", data={"here": keys[0], "only": keys[0]})
    # The second phone's page is older: to it nobody had come.
    owner.post(f"{URL}/{briefing_id}/narvaro", data={"here": [keys[1]], "was": []})
    assert read(BriefingAttendance.is_present) == [True, True, False, False]
    police.post(f"{URL}/{briefing_id}/narvaro", data={"only": keys[0], "here": [keys[2]]})
    assert read(BriefingAttendance.is_present) == [False, True, False, False]


def test_a_tick_that_comes_too_late_brings_the_page_up_to_date(police, saved, made):
    line_id = made(a_line, saved(state=BriefingState.CANCELLED), section=BriefingSection.COOPERATION)
    for path in (f"{saved(state=BriefingState.HELD)}/narvaro", f"rader/{line_id}/lyft"):
        address, data = f"{URL}/{path}", {"here": "1:", "raised": "1"}
        assert police.post(address, data=data).status_code == 409
        response = police.post(address, data=data, headers={"HX-Request": "true"})
        assert (response.status_code, response.headers["HX-Refresh"]) == (204, "true")


def test_someone_unexpected_is_added_once(police, saved, read, world):
    briefing_id = saved()
    data = {"attendance-actor_id": world.actors["owner"], "attendance-function": "Väktare"}
    for _ in range(2):
        assert police.post(f"{URL}/{briefing_id}/deltagare", data=data).status_code == 303
    assert read(BriefingAttendance.function) == ["Väktare"]
    assert read(BriefingAttendance.is_present) == [True]
    assert police.post(f"{URL}/{briefing_id}/deltagare", data={"attendance-actor_id": "99"}).status_code == 422


@pytest.mark.parametrize("section", list(BriefingSection))
def test_a_line_is_added_to_each_section(police, saved, read, world, section):
    briefing_id = saved()
    data = a_row(section.value, actor_id=world.actors["police"], raise_to_forum="y")
    response = police.post(f"{URL}/{briefing_id}/rader/{section.value}", data=data)
    assert response.status_code == 303
    assert "#" in response.location
    assert read(BriefingItem.section) == [section]
    assert read(BriefingItem.raise_to_forum) == [True]
    assert read(BriefingItem.owner_actor_id) == [world.actors["police"]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": ""}, "Skriv vad raden ska säga."),
        ({"text": "x" * 141}, "Texten är 1 tecken för lång. Högst 140 får plats."),
        ({"spot": "x" * 31}, "Högst 30 får plats."),
        ({"actor_id": "99"}, "Välj ett av alternativen"),
        ({"visibility": "public"}, "Välj ett av alternativen"),
        ({"text": "Kontakta 19811218-9876"}, "personnummer"),
    ],
)
def test_a_wrong_line_is_told_at_the_field_and_kept(police, saved, read, changes, message):
    briefing_id = saved(state=BriefingState.PLANNED)
    response = police.post(f"{URL}/{briefing_id}/rader/situation", data=a_row("situation", **changes))
    page = BeautifulSoup(response.get_data(as_text=True), "lxml")
    assert response.status_code == 422
    assert any(message in error.text for error in page.select("#lage .error-text"))
    assert page.select_one("#lage details[open]")
    assert page.select_one("#situation-text").text.strip() == changes.get("text", "Mörkt vid busshållplatsen.")
    assert page.title.text.startswith("Fel: ")
    assert read(BriefingItem.id) == []
    assert read(Briefing.state) == [BriefingState.PLANNED]


def test_an_unknown_section_is_not_found(police, saved):
    assert police.post(f"{URL}/{saved()}/rader/staffing", data=a_row("staffing")).status_code == 404


def test_an_actor_outside_the_secrecy_act_cannot_close_a_line_to_authorities(owner, police, saved, read):
    briefing_id = saved()
    data = a_row("situation", visibility="authorities_only")
    assert owner.post(f"{URL}/{briefing_id}/rader/situation", data=data).status_code == 422
    assert police.post(f"{URL}/{briefing_id}/rader/situation", data=data).status_code == 303
    assert read(BriefingItem.visibility) == [Visibility.AUTHORITIES_ONLY]


def test_a_section_holds_no_more_than_the_page_has_room_for(police, saved, made, read):
    briefing_id = saved()
    most = limits.SECTIONS[BriefingSection.COOPERATION].lines
    for _ in range(most):
        made(a_line, briefing_id, section=BriefingSection.COOPERATION)
    address, data = f"{URL}/{briefing_id}/rader/cooperation_tonight", a_row("cooperation_tonight")
    response = police.post(address, data=data)
    assert response.status_code == 422
    assert f"högst {most} rader" in response.get_data(as_text=True)
    internal = {**data, "cooperation_tonight-visibility": "actor_internal"}
    assert police.post(address, data=internal).status_code == 303
    assert len(read(BriefingItem.id)) == most + 1


def test_what_no_longer_has_room_stays_in_its_field(police, saved, made, parse, world):
    """Another phone filled the last row meanwhile."""
    briefing_id = saved()
    for _ in range(limits.SECTIONS[BriefingSection.SITUATION].lines):
        made(a_line, briefing_id)
    for _ in range(limits.STAFFING_ROWS):
        made(staffing, briefing_id)
    for number in range(limits.ATTENDANCE_ROWS):
        made(someone_present, briefing_id, function=str(number))
    attendance = {"actor_id": world.actors["police"], "function": "Hundförare"}
    staff = {**attendance, "headcount": "2", "visibility": "partnership"}
    for path, data, field in (
        ("rader/situation", a_row("situation", text="Hundförare"), "situation-text"),
        ("bemanning", {f"staffing-{name}": value for name, value in staff.items()}, "staffing-function"),
        ("deltagare", {f"attendance-{name}": value for name, value in attendance.items()}, "attendance-function"),
    ):
        page = parse(police.post(f"{URL}/{briefing_id}/{path}", data=data))
        kept = page.find(id=field)
        assert kept, path
        assert kept.get("value", kept.text.strip()) == "Hundförare"
        assert " får " in page.select_one(f"[data-error-summary] a[href^='#{field.partition('-')[0]}']").text
    assert not parse(police.get(f"{URL}/{briefing_id}")).select("#lage form, #resurser form, #narvaro details")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("rader/situation", a_row("situation", text="Hundförare " * 20)),
        ("bemanning", {"staffing-function": "Hundförare"}),
        ("deltagare", {"attendance-function": "Hundförare"}),
    ],
)
def test_what_does_not_hold_is_not_lost_when_another_phone_has_ended_the_briefing(police, saved, parse, path, data):
    response = police.post(f"{URL}/{saved(state=BriefingState.HELD)}/{path}", data=data)
    assert response.status_code == 409
    page = parse(response).select_one("main").text
    assert "Utställningen är avslutad." in page
    assert "Hundförare" in page


def test_services_hold_the_lengths_too(app, world):
    with app.app_context():
        briefing = a_briefing(world)
        with pytest.raises(services.Full):
            services.add_line(
                briefing, section=BriefingSection.CONDITION, text="x" * 121, spot=None, actor_id=None,
                raise_to_forum=False, visibility=Visibility.PARTNERSHIP, owner_actor_id=1, now=clock.now(),
            )  # fmt: skip
        line = a_line(world, briefing)
        set_committed_value(line, "briefing", briefing)
        with pytest.raises(services.Full):
            services.change_line(
                line, version=line.version, text="x" * 141, spot=None, actor_id=None, raise_to_forum=False,
                visibility=Visibility.PARTNERSHIP, now=clock.now(),
            )  # fmt: skip


def test_a_line_that_stands_on_an_agenda_stays_also_for_who_may_not_read_that(app, world, owner, saved, made, read):
    line = made(a_line, saved(), "owner")
    with app.app_context():
        item = item_at(a_meeting(world), 3)
        item.briefing_item_id, item.visibility = line, Visibility.AUTHORITIES_ONLY
        db.session.commit()
    assert "Raden kan inte tas bort" in owner.get(f"{URL}/rader/{line}/ta-bort").text
    assert owner.post(f"{URL}/rader/{line}/ta-bort").status_code == 409
    assert read(BriefingItem.id) == [line]


def test_a_line_is_raised_to_the_forum_and_taken_back(owner, saved, made, read):
    line = made(a_line, saved(), section=BriefingSection.COOPERATION)
    assert owner.post(f"{URL}/rader/{line}/lyft", data={"raised": "1"}).status_code == 303
    assert read(BriefingItem.raise_to_forum) == [True]
    owner.post(f"{URL}/rader/{line}/lyft")
    assert read(BriefingItem.raise_to_forum) == [False]


@pytest.mark.parametrize("state", [BriefingState.CANCELLED, BriefingState.MISSED, BriefingState.PLANNED])
def test_what_has_told_nothing_asks_for_nothing(police, saved, made, read, parse, state):
    briefing_id = saved(state=state)
    agreed = made(a_line, briefing_id, section=BriefingSection.COOPERATION)
    told = made(a_line, briefing_id, raise_to_forum=True)
    page = parse(police.get(f"{URL}/{briefing_id}"))
    for line in (agreed, told):
        assert "trategiskt möte" not in page.find(id=f"rad-{line}").text
    assert police.post(f"{URL}/rader/{agreed}/lyft", data={"raised": "1"}).status_code == 409
    assert read(BriefingItem.raise_to_forum) == [False, True]


@pytest.mark.parametrize(
    ("state", "said"), [(BriefingState.CANCELLED, "är inställd"), (BriefingState.MISSED, "blev inte av")]
)
def test_what_did_not_come_off_says_so_and_not_that_functions_are_missing(police, saved, parse, state, said):
    briefing_id = saved(state=state)
    assert (
        parse(police.get(f"{URL}/{briefing_id}")).select_one("#narvaro p.muted").text == "Ingen närvaro är antecknad."
    )
    refused = police.post(f"{URL}/{briefing_id}/rader/situation", data=a_row("situation"))
    assert refused.status_code == 409
    assert f"Utställningen {said}." in refused.text


def test_a_briefing_far_ahead_is_not_filled_in(police, saved, read, parse):
    briefing_id = saved(state=BriefingState.PLANNED, starts_at=clock.now() + timedelta(days=2))
    assert "ett dygn innan" in parse(police.get(f"{URL}/{briefing_id}")).select_one("#sheet").text
    assert police.post(f"{URL}/{briefing_id}/rader/situation", data=a_row("situation")).status_code == 409
    assert read(Briefing.state) == [BriefingState.PLANNED]


def test_a_row_added_meanwhile_does_not_conflict(police, owner, saved, read, parse):
    briefing_id = saved()
    police.get(f"{URL}/{briefing_id}")
    owner.post(f"{URL}/{briefing_id}/rader/situation", data=a_row("situation", text="Ägarens"))
    police.post(f"{URL}/{briefing_id}/rader/situation", data=a_row("situation", text="Polisens"))
    assert read(BriefingItem.text) == ["Ägarens", "Polisens"]


def test_a_full_list_of_those_present_says_so(police, saved, made, world):
    briefing_id = saved()
    for number in range(limits.ATTENDANCE_ROWS):
        made(someone_present, briefing_id, function=str(number))
    data = {"attendance-actor_id": world.actors["owner"], "attendance-function": "En till"}
    response = police.post(f"{URL}/{briefing_id}/deltagare", data=data)
    assert response.status_code == 422
