"""Who is called to a meeting, and who was there."""

from collections.abc import Callable
from datetime import date

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from platssamverkan.core.db import db
from platssamverkan.meetings.models import Attendance, AttendanceStatus
from platssamverkan.partnerships.models import MeetingKind, Membership
from tests.builders import World
from tests.meetings.builders import a_meeting
from tests.meetings.conftest import Forum

Parse = Callable[..., BeautifulSoup]
LIST = "/samverkan/sergels/moten"


def test_attendance_is_ticked_off_without_script(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    owner, traffic, police = (world.actors[name] for name in ("owner", "traffic", "police"))
    data = {
        f"present-{owner}": "1",
        f"before-{owner}": "",
        f"excused-{traffic}": "1",
        f"before-{traffic}": "",
        # The police stood as present when the page was made; now it is unticked.
        f"before-{police}": "present",
    }
    assert coordinator.post(f"{forum.url}/narvaro", data=data).status_code == 303
    with app.app_context():
        found = {row.actor_id: row.status for row in db.session.scalars(select(Attendance))}
    assert found == {
        owner: AttendanceStatus.PRESENT,
        traffic: AttendanceStatus.EXCUSED,
        police: AttendanceStatus.ABSENT,
    }
    assert "1\u00a0av\u00a04" in parse(coordinator.get(forum.url)).select_one("#attendance").text


def test_a_tick_made_by_someone_else_in_between_stays(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum
) -> None:
    owner, traffic = world.actors["owner"], world.actors["traffic"]
    coordinator.post(f"{forum.url}/narvaro", data={f"present-{owner}": "1"})
    # Sent from a page that was made before the tick above.
    coordinator.post(f"{forum.url}/narvaro", data={f"before-{owner}": "", f"present-{traffic}": "1"})
    with app.app_context():
        present = set(
            db.session.scalars(select(Attendance.actor_id).where(Attendance.status == AttendanceStatus.PRESENT))
        )
    assert {owner, traffic} <= present


def test_a_tick_with_script_returns_the_list_of_actors(
    world: World, coordinator: FlaskClient, forum: Forum, parse: Parse
) -> None:
    owner = world.actors["owner"]
    response = coordinator.post(f"{forum.url}/narvaro", data={f"present-{owner}": "1"}, headers={"HX-Request": "true"})
    page = parse(response)
    assert response.status_code == 200
    assert page.select_one(f"#seat-{owner} input[checked]")
    assert not page.select("h1")


def test_who_is_called_speaks_for_an_actor_that_takes_part_that_day(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        meeting = a_meeting(world)
        for actor, part in (
            ("owner", {"left_on": date(2026, 11, 4)}),
            ("traffic", {"joined_on": date(2026, 11, 6)}),
            ("police", {"is_strategic": False}),
        ):
            db.session.execute(
                update(Membership).where(Membership.id == world.memberships["sergels", actor]).values(**part)
            )
        forum, est = meeting.id, a_meeting(world, kind=MeetingKind.EST).id
        db.session.commit()

    def called(meeting_id: int) -> list[str]:
        seats = parse(coordinator.get(f"{LIST}/{meeting_id}")).select("#attendance li > label:first-of-type > span")
        return [next(seat.stripped_strings) for seat in seats]

    assert called(forum) == ["Stadsdelsförvaltningen"]
    assert called(est) == ["Polisen", "Stadsdelsförvaltningen"]
