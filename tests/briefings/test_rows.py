"""The rows of an evening's sheet: who writes, changes and removes which, and two at the same row."""

from platssamverkan.briefings import limits
from platssamverkan.briefings.models import (
    BriefingItem,
    BriefingSection,
    StaffingEntry,
)
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.partnerships.models import RoleGrant
from platssamverkan.partnerships.roles import Role
from tests.briefings.builders import a_line, staffing
from tests.builders import add

URL = "/samverkan/sergels/utstallningar"


def test_who_works_tonight_is_added_by_the_own_actor_only(owner, saved, read, world):
    briefing_id = saved()
    data = {
        "staffing-actor_id": world.actors["owner"], "staffing-function": "Ordningsvakter", "staffing-headcount": "3",
        "staffing-from_time": "18.00", "staffing-until_time": "02.00", "staffing-contact": "Talgrupp 4",
        "staffing-visibility": "partnership",
    }  # fmt: skip
    assert owner.post(f"{URL}/{briefing_id}/bemanning", data=data).status_code == 303
    assert read(StaffingEntry.headcount) == [3]
    for change in (
        {"staffing-actor_id": world.actors["police"]}, {"staffing-headcount": "0"}, {"staffing-headcount": "tre"},
        {"staffing-visibility": "public"}, {"staffing-from_time": "25"}, {"staffing-function": "x" * 41},
        {"staffing-contact": "070-123 45 67"},
    ):  # fmt: skip
        assert owner.post(f"{URL}/{briefing_id}/bemanning", data={**data, **change}).status_code == 422, change
    assert read(StaffingEntry.headcount) == [3]


def test_the_actor_that_holds_the_briefing_writes_for_all(police, saved, read, world):
    data = {
        "staffing-actor_id": world.actors["owner"], "staffing-function": "Väktare", "staffing-headcount": "2",
        "staffing-visibility": "partnership",
    }  # fmt: skip
    assert police.post(f"{URL}/{saved()}/bemanning", data=data).status_code == 303
    held_by_another = saved(held_by_id=world.actors["district"])
    assert police.post(f"{URL}/{held_by_another}/bemanning", data=data).status_code == 422
    assert read(StaffingEntry.actor_id) == [world.actors["owner"]]


def test_staffing_fills_no_more_rows_than_the_page_has(police, saved, made, world):
    briefing_id = saved()
    for _ in range(limits.STAFFING_ROWS):
        made(staffing, briefing_id)
    data = {
        "staffing-actor_id": world.actors["police"], "staffing-function": "En till", "staffing-headcount": "2",
        "staffing-visibility": "partnership",
    }  # fmt: skip
    assert police.post(f"{URL}/{briefing_id}/bemanning", data=data).status_code == 422


def test_an_internal_row_is_not_opened_to_others_where_the_page_is_full(police, saved, made, read, parse):
    briefing_id = saved()
    line = made(a_line, briefing_id, visibility=Visibility.ACTOR_INTERNAL)
    for _ in range(limits.SECTIONS[BriefingSection.SITUATION].lines):
        made(a_line, briefing_id)
    change = {"text": "Till alla.", "visibility": "partnership", "version": 1}
    page = parse(police.post(f"{URL}/rader/{line}/andra", data=change))
    assert page.select_one("#text").text.strip() == "Till alla."
    assert "rader plats" in page.select_one("#text-error").text
    assert Visibility.ACTOR_INTERNAL in read(BriefingItem.visibility)
    entry = made(staffing, briefing_id, visibility=Visibility.ACTOR_INTERNAL)
    for _ in range(limits.STAFFING_ROWS):
        made(staffing, briefing_id)
    data = {"actor_id": 2, "function": "Hundförare", "headcount": 8, "visibility": "partnership", "version": 1}
    page = parse(police.post(f"{URL}/bemanning/{entry}/andra", data=data))
    assert page.select_one("#function")["value"] == "Hundförare"
    assert "rader får plats" in page.select_one("#function-error").text
    assert Visibility.ACTOR_INTERNAL in read(StaffingEntry.visibility)


def test_another_actors_rows_are_not_changed(owner, saved, made):
    briefing_id = saved()
    line, entry = made(a_line, briefing_id), made(staffing, briefing_id)
    hidden = made(a_line, briefing_id, visibility=Visibility.AUTHORITIES_ONLY)
    for path in (f"rader/{line}", f"bemanning/{entry}"):
        for action in ("andra", "ta-bort"):
            assert owner.get(f"{URL}/{path}/{action}").status_code == 403
            assert owner.post(f"{URL}/{path}/{action}").status_code == 403
    assert owner.get(f"{URL}/rader/{hidden}/andra").status_code == 404
    assert owner.post(f"{URL}/rader/{hidden}/lyft", data={"raised": "1"}).status_code == 404


def test_nobody_shuts_another_actors_row_from_the_own_sight(police, owner, saved, made, read, parse):
    briefing_id = saved()
    line = f"{URL}/rader/{made(a_line, briefing_id, 'owner')}/andra"
    entry = f"{URL}/bemanning/{made(staffing, briefing_id, 'owner')}/andra"
    internal = {"visibility": "actor_internal", "version": 1, "text": "Ny text", "function": "Vakter", "headcount": 2}
    for address in (line, entry):
        assert parse(police.get(address)).select_one("#visibility option[value=actor_internal]") is None
        actor = parse(police.get(address)).select_one("#actor_id option[selected]")["value"]
        assert police.post(address, data={**internal, "actor_id": actor}).status_code == 422
        assert owner.post(address, data={**internal, "actor_id": actor}).status_code == 303
    assert [*read(BriefingItem.visibility), *read(StaffingEntry.visibility)] == [Visibility.ACTOR_INTERNAL] * 2


def test_one_who_reads_for_another_actor_does_not_write_for_it(app, owner, saved, made, world, parse):
    with app.app_context():
        membership = world.memberships["sergels", "police"]
        add(RoleGrant(user_id=world.users["owner"], membership_id=membership, role=Role.READER))
        db.session.commit()
    briefing_id = saved()
    line, entry = made(a_line, briefing_id), made(staffing, briefing_id)
    hidden = made(a_line, briefing_id, visibility=Visibility.AUTHORITIES_ONLY)
    page = parse(owner.get(f"{URL}/{briefing_id}"))
    assert page.find(id=f"rad-{hidden}")
    assert not page.select("a[href$='/andra']")
    assert "Polisen" not in page.select_one("#situation-actor_id").text
    for path in (f"rader/{line}", f"bemanning/{entry}"):
        assert owner.get(f"{URL}/{path}/andra").status_code == 403


def test_rows_are_changed_and_removed(police, saved, made, read):
    briefing_id = saved()
    line, entry = made(a_line, briefing_id), made(staffing, briefing_id)
    changed = {"text": "Ny text", "visibility": "partnership", "version": 1}
    assert police.post(f"{URL}/rader/{line}/andra", data={**changed, "text": ""}).status_code == 422
    assert police.post(f"{URL}/rader/{line}/andra", data=changed).status_code == 303
    assert read(BriefingItem.text) == ["Ny text"]
    data = {"actor_id": 2, "function": "Patruller", "headcount": 8, "visibility": "partnership", "version": 1}
    assert police.post(f"{URL}/bemanning/{entry}/andra", data=data).status_code == 303
    assert read(StaffingEntry.headcount) == [8]
    assert police.get(f"{URL}/rader/{line}/ta-bort").status_code == 200
    assert police.post(f"{URL}/rader/{line}/ta-bort").status_code == 303
    assert police.post(f"{URL}/bemanning/{entry}/ta-bort").status_code == 303
    assert read(BriefingItem.id) == []
    assert read(StaffingEntry.id) == []


def test_the_same_line_changed_twice_shows_both_texts(police, coordinator, saved, made, read, parse):
    line = made(a_line, saved())
    data = {"visibility": "partnership", "version": 1}
    police.post(f"{URL}/rader/{line}/andra", data={**data, "text": "Först"})
    response = coordinator.post(f"{URL}/rader/{line}/andra", data={**data, "text": "Sen"})
    assert response.status_code == 409
    page = parse(response)
    assert page.select_one(".conflict-saved").text == "Först"
    assert page.select_one("textarea[name=text]").text.strip() == "Sen"
    assert read(BriefingItem.text) == ["Först"]
    fields = {field["name"]: field.get("value", field.text) for field in page.select("main form [name]")}
    assert coordinator.post(f"{URL}/rader/{line}/andra", data=fields).status_code == 303
    assert read(BriefingItem.text) == ["Sen"]


def test_the_same_staffing_row_changed_twice_shows_both(police, coordinator, saved, made, read, parse):
    entry = made(staffing, saved())
    data = {"actor_id": 2, "function": "Vakter", "visibility": "partnership", "version": 1}
    police.post(f"{URL}/bemanning/{entry}/andra", data={**data, "headcount": 7})
    response = coordinator.post(f"{URL}/bemanning/{entry}/andra", data={**data, "headcount": 9})
    assert response.status_code == 409
    assert parse(response).select_one("#conflict input[name=headcount]")["value"] == "9"
    assert read(StaffingEntry.headcount) == [7]
