"""Series of meetings: the coming ones are made ahead, and a rhythm that changes takes them along."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from functools import partial

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.recurrence import Recurrence
from platssamverkan.core.visibility import Reader
from platssamverkan.meetings import queries, series
from platssamverkan.meetings.models import Meeting
from platssamverkan.partnerships.models import MeetingKind, MeetingSeries
from tests.builders import World, add
from tests.conftest import SignIn
from tests.meetings.builders import a_meeting, item_at
from tests.meetings.conftest import MakeForum
from tests.support.at_once import overlapping

Parse = Callable[..., BeautifulSoup]


def test_the_next_meeting_is_the_first_that_is_not_over(app: Flask, world: World) -> None:
    today = clock.today()
    with app.app_context():
        where = world.partnerships["sergels"]
        a_meeting(world, on=today - timedelta(days=3))
        coming = a_meeting(world, on=today + timedelta(days=3))
        a_meeting(world, on=today + timedelta(days=9))
        following = queries.next_meeting(where)
        assert following is not None
        assert following.id == coming.id
        assert queries.all_coming([where])[0] == following
        found = queries.meetings_between([where], today, today + timedelta(days=3))
        assert found == [following]


def a_series(world: World) -> MeetingSeries:
    first = clock.today() + timedelta(days=7)
    return series.save_series(
        None,
        partnership_id=world.partnerships["sergels"],
        version=None,
        kind=MeetingKind.STRATEGIC_FORUM,
        recurrence=Recurrence.WEEKLY,
        starts_on=first,
        starts_at=time(9),
        minutes_long=120,
        location="Samverkanslokalen",
    )


def test_occurrences_are_made_once_and_a_moved_one_breaks_nothing(app: Flask, world: World) -> None:
    until = clock.today() + timedelta(days=29)
    with app.app_context():
        where = world.partnerships["sergels"]
        a_series(world)
        made = series.make_occurrences(where, until)
        assert len(made) == 4
        made[0].starts_at += timedelta(days=1)
        made[0].ends_at += timedelta(days=1)
        db.session.flush()
        assert series.make_occurrences(where, until) == []


def test_a_rhythm_of_long_ago_makes_no_meetings_of_the_past(app: Flask, world: World) -> None:
    today = clock.today()
    with app.app_context():
        a_series(world).starts_on = today - timedelta(weeks=10)
        db.session.flush()
        made = series.make_occurrences(world.partnerships["sergels"], today + timedelta(days=13))
        assert [clock.to_local(one.starts_at).date() >= today for one in made] == [True, True]


def test_a_changed_rhythm_takes_along_meetings_that_nobody_has_touched(app: Flask, world: World) -> None:
    until = clock.today() + timedelta(days=29)
    with app.app_context():
        where = world.partnerships["sergels"]
        rhythm = a_series(world)
        made = series.make_occurrences(where, until)
        item_at(made[1], 1).text = "Förberett"
        db.session.flush()
        kept = made[1].id
        series.save_series(
            rhythm,
            partnership_id=where,
            version=rhythm.version,
            kind=rhythm.kind,
            recurrence=Recurrence.WEEKLY,
            starts_on=rhythm.starts_on,
            starts_at=time(13),
            minutes_long=60,
            location=None,
        )
        series.make_occurrences(where, until)
        starts = {row.id: clock.to_local(row.starts_at).hour for row in db.session.scalars(select(Meeting))}
        assert len(starts) == 4
        assert starts.pop(kept) == 9
        assert set(starts.values()) == {13}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"recurrence": Recurrence.MONTHLY, "rule": "FREQ=MONTHLY;BYDAY=1TH"}
            | {"starts_on": date(2026, 1, 1), "starts_at": time(9, 5)},
            "Varje månad, första torsdagen kl. 9.05",
        ),
        ({"recurrence": Recurrence.MONTHLY, "starts_on": date(2026, 1, 1)}, "Varje månad, avslutad"),
        ({"recurrence": Recurrence.MONTHLY}, "Varje månad"),
        ({"min_per_year": 2}, "Minst 2 gånger om året"),
        ({}, "uppgift saknas"),
    ],
)
def test_every_page_says_how_often_a_series_comes_back(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse, facts: dict[str, object], words: str
) -> None:
    with app.app_context():
        meeting, briefing = (
            add(MeetingSeries(partnership_id=world.partnerships["sergels"], kind=kind, **facts)).id
            for kind in (MeetingKind.STEERING_GROUP, MeetingKind.BRIEFING)
        )
        db.session.commit()
    for page in (
        "moten", f"moten/serie/{meeting}/avsluta", "utstallningar", f"utstallningar/serie/{briefing}/avsluta", "om",
    ):  # fmt: skip
        text = " ".join(parse(coordinator.get(f"/samverkan/sergels/{page}")).select_one("#innehall").text.split())
        assert words in text.replace("\N{NO-BREAK SPACE}", " "), page


def test_how_often_is_asked_where_the_series_has_no_rhythm(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        unsaid, when_needed = (
            add(MeetingSeries(partnership_id=world.partnerships["sergels"], kind=kind, recurrence=recurrence)).id
            for kind, recurrence in (
                (MeetingKind.SITUATION_MEETING, None),
                (MeetingKind.WORKING_GROUP, Recurrence.AD_HOC),
            )
        )
        db.session.commit()
    for series_id in (unsaid, when_needed):
        asked = parse(coordinator.get(f"/samverkan/sergels/moten/serie/{series_id}")).select_one("#recurrence")
        shown = asked.select_one("option[selected]") or asked.select_one("option")
        assert shown.text == "Välj hur ofta"


def test_the_coordinator_makes_the_coming_meetings(
    app: Flask, world: World, coordinator: FlaskClient, reader: FlaskClient, parse: Parse
) -> None:
    first = clock.today() + timedelta(days=7)
    data = {"kind": "strategic_forum", "recurrence": "monthly", "starts_on": first.isoformat(), "starts_at": "9.00"}
    url = "/samverkan/sergels/moten/serie/ny"
    assert reader.post(url, data=data).status_code == 403
    assert coordinator.post(url, data=data | {"starts_at": "25.00"}).status_code == 422
    assert coordinator.post(url, data=data).status_code == 303
    with app.app_context():
        made = db.session.scalar(select(func.count(Meeting.id)))
        row = db.session.scalars(select(MeetingSeries)).one()
        series_url = f"/samverkan/sergels/moten/serie/{row.id}"
    assert made >= 5
    assert coordinator.post("/samverkan/sergels/moten/kommande").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count(Meeting.id))) == made
    version = parse(coordinator.get(series_url)).select_one("#version")["value"]
    assert coordinator.post(series_url, data=data | {"version": version, "starts_at": "13.00"}).status_code == 303
    assert coordinator.post(series_url, data=data | {"version": version}).status_code == 409
    assert coordinator.get(series_url.replace("sergels", "klara")).status_code == 404


def test_the_command_makes_the_coming_meetings(app: Flask, world: World) -> None:
    with app.app_context():
        a_series(world)
        db.session.commit()
    runner = app.test_cli_runner()
    assert re.match(r"2\d möten är upplagda", runner.invoke(args=["meetings", "ahead"]).output)
    assert "0 möten är upplagda" in runner.invoke(args=["meetings", "ahead"]).output


def test_earlier_forums_are_not_followed_up_in_another_kind_of_meeting(
    app: Flask, world: World, make_forum: MakeForum
) -> None:
    make_forum(on=date(2026, 10, 1))
    with app.app_context():
        followed_up = {
            kind: len(queries.earlier_decisions(a_meeting(world, kind=kind), Reader(is_member=True)))
            for kind in (MeetingKind.STRATEGIC_FORUM, MeetingKind.EST)
        }
    assert followed_up == {MeetingKind.STRATEGIC_FORUM: 1, MeetingKind.EST: 0}


def test_a_rhythm_is_ended_and_what_nobody_has_touched_goes(
    app: Flask, world: World, coordinator: FlaskClient, reader: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        rhythm = a_series(world)
        made = series.make_occurrences(world.partnerships["sergels"], clock.today() + timedelta(days=29))
        item_at(made[2], 1).text = "Förberett"
        kept, url = made[2].id, f"/samverkan/sergels/moten/serie/{rhythm.id}"
        db.session.commit()
    assert parse(coordinator.get(url)).select(f'a[href="{url}/avsluta"]')
    assert coordinator.get(f"{url}/avsluta").status_code == 200
    assert reader.post(f"{url}/avsluta").status_code == 403
    told = parse(coordinator.get(coordinator.post(f"{url}/avsluta").location)).select_one("main").text
    assert "3\u00a0kommande möten togs bort" in told
    assert "Varje vecka, avslutad" in told
    with app.app_context():
        assert db.session.scalars(select(Meeting.id)).all() == [kept]
        assert series.all_ahead() == 0


def test_a_meeting_that_would_be_made_anew_is_cancelled_and_not_removed(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        rhythm = a_series(world)
        made = series.make_occurrences(world.partnerships["sergels"], clock.today() + timedelta(days=29))
        rhythm_url = f"/samverkan/sergels/moten/serie/{rhythm.id}"
        url = f"/samverkan/sergels/moten/{made[0].id}"
        db.session.commit()
    page = parse(coordinator.get(url))
    assert page.select(f'a[href="{url}/stall-in"]')
    assert not page.select(f'a[href="{url}/ta-bort"]')
    assert coordinator.post(f"{url}/ta-bort").status_code == 409
    coordinator.post(f"{url}/stall-in", data={"reason": "Helg"})
    # Nothing makes it anew once the rhythm has ended.
    coordinator.post(f"{rhythm_url}/avsluta")
    assert coordinator.post(f"{url}/ta-bort").status_code == 303


RHYTHM = {
    "kind": "working_group", "recurrence": "biweekly", "starts_at": "9.00", "location": "Lokalen", "version": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("days_later", "change", "status"),
    [
        (0, {}, 422),
        # What is not said may be the same.
        (0, {"location": "", "minutes_long": "60"}, 422),
        (28, {}, 422),
        (14, {"location": "Stadshuset"}, 303),
        # The weeks between.
        (7, {}, 303),
        (0, {"starts_at": "10.00"}, 303),
        (0, {"recurrence": "weekly"}, 303),
        (0, {"kind": "steering_group"}, 303),
    ],
)
def test_the_same_rhythm_is_not_entered_twice(
    coordinator: FlaskClient, app: Flask, parse: Parse, days_later: int, change: dict[str, str], status: int
) -> None:
    url, first = "/samverkan/sergels/moten/serie", clock.today() + timedelta(days=40)
    assert coordinator.post(f"{url}/ny", data=RHYTHM | {"starts_on": first.isoformat()}).status_code == 303
    data = RHYTHM | {"starts_on": (first + timedelta(days=days_later)).isoformat()} | change
    answer = coordinator.post(f"{url}/ny", data=data)
    assert answer.status_code == status
    with app.app_context():
        ids = list(db.session.scalars(select(MeetingSeries.id).order_by(MeetingSeries.id)))
    assert len(ids) == (1 if status == 422 else 2)
    if status == 422:
        told = parse(answer).find(id="starts_on-error").text
        assert "Det finns redan en likadan serie: Varannan vecka" in told
        # The series itself may be saved as it is, and be entered again when it has ended.
        assert coordinator.post(f"{url}/{ids[0]}", data=RHYTHM | {"starts_on": first.isoformat()}).status_code == 303
        coordinator.post(f"{url}/{ids[0]}/avsluta")
        assert coordinator.post(f"{url}/ny", data=data).status_code == 303
    else:
        same = RHYTHM | {"starts_on": first.isoformat()}
        assert coordinator.post(f"{url}/{ids[1]}", data=same).status_code == 422


def test_two_who_enter_the_same_rhythm_at_the_same_moment_get_one(
    app: Flask, coordinator: FlaskClient, sign_in: SignIn
) -> None:
    data = RHYTHM | {"starts_on": (clock.today() + timedelta(days=1)).isoformat()}
    save = [
        partial(one.post, "/samverkan/sergels/moten/serie/ny", data=data)
        for one in (coordinator, sign_in("coordinator"))
    ]
    assert sorted(answer.status_code for answer in overlapping(*save)) == [303, 422]
    with app.app_context():
        assert db.session.scalar(select(func.count(MeetingSeries.id))) == 1
