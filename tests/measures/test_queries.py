"""What other rooms are told of measures."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from platssamverkan.core.audit import AuditAction, AuditEntry
from platssamverkan.core.db import db
from platssamverkan.core.registry import Window, registry
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.goals.models import Goal, GoalLevel, GoalVersion
from platssamverkan.measures import queries, services
from platssamverkan.measures.models import Displacement, FollowUpEffect, Measure, MeasureStatus, measure_goal
from tests.builders import World, add
from tests.measures.builders import a_follow_up, a_measure, a_problem
from tests.measures.conftest import Make

TODAY = date(2026, 11, 21)
ANYONE = Reader()
Count = Callable[[], AbstractContextManager[list[str]]]


def a_goal(world: World) -> int:
    """Return the id of inriktningsmål 2."""
    goal = add(Goal(partnership_id=world.partnerships["sergels"], level=GoalLevel.DIRECTION, number=2))
    add(GoalVersion(goal_id=goal.id, text="Sergels torg är en trygg plats"))
    return int(goal.id)


def test_overdue_measures_come_longest_overdue_first(app: Flask, world: World) -> None:
    with app.app_context():
        partnership_id = world.partnerships["sergels"]
        a_measure(world, title="Sen", due_on=date(2026, 11, 18))
        a_measure(world, title="Senare", due_on=date(2026, 11, 7), status=MeasureStatus.PAUSED)
        a_measure(world, title="I dag", due_on=TODAY)
        a_measure(world, title="Avbruten", due_on=date(2026, 1, 1), status=MeasureStatus.CANCELLED)
        a_measure(world, title="Dold", due_on=date(2026, 1, 1), visibility=Visibility.AUTHORITIES_ONLY)
        found = queries.overdue(partnership_id, ANYONE, TODAY)
        assert [row.title for row in found] == ["Senare", "Sen"]
        assert found[0].responsible == "Polisen"
        assert len(queries.overdue(partnership_id, ANYONE, TODAY, limit=1)) == 1
        assert queries.measure_count(partnership_id, ANYONE) == 4
        db.session.rollback()


def test_the_measures_of_a_period_are_those_done_or_going_on_in_it(app: Flask, world: World) -> None:
    first, last = date(2026, 1, 1), date(2026, 8, 31)
    with app.app_context():
        goal_id = a_goal(world)
        going_on = a_measure(world, title="Pågår", starts="2026-05", goal_ids=[goal_id])
        a_follow_up(going_on, on=date(2026, 6, 1))
        a_follow_up(going_on, on=date(2026, 10, 1))
        done = a_measure(world, title="Klar i perioden")
        services.close(done, on=date(2026, 4, 1), is_needed=False, reason="Klart")
        later = a_measure(world, title="Klar senare", starts="2026")
        services.close(later, on=date(2026, 10, 1), is_needed=False, reason="Klart")
        earlier = a_measure(world, title="Klar tidigare")
        services.close(earlier, on=date(2025, 4, 1), is_needed=False, reason="Klart")
        a_measure(world, title="Börjar efter", starts="2026-09")
        a_measure(world, title="Ej påbörjad", status=MeasureStatus.DECIDED)
        loaded = Measure(
            partnership_id=world.partnerships["sergels"], number=90, title="Från källan", source_id=world.source,
            status=MeasureStatus.COMPLETED, starts="2024", ends="2026", methods=[],
        )  # fmt: skip
        add(loaded)
        db.session.flush()
        db.session.expire_all()
        found = queries.measures_in_period(world.partnerships["sergels"], ANYONE, first, last, today=TODAY)
        titles = {row.measure.title: row.measure.has_ended(last) for row in found}
        assert titles == {"Pågår": False, "Klar i perioden": True, "Klar senare": False, "Från källan": True}
        assert queries.goal_ids_of([found[0].measure.id]) == {found[0].measure.id: [goal_id]}
        assert [row.on for row in found[0].follow_ups] == [date(2026, 6, 1)]
        with app.test_request_context():
            linkable = registry.linkables["measure"](world.partnerships["sergels"], ANYONE, first, last)
        # What was decided and waits to be begun may be what an assessment rests on too.
        assert {label.split(": ")[1] for _, label, _ in linkable} == {*titles, "Ej påbörjad"}
        db.session.rollback()


def test_deviations_are_the_late_the_cancelled_and_the_worsened(app: Flask, world: World) -> None:
    partnership_id = world.partnerships["sergels"]
    with app.app_context():
        a_measure(world, title="Sen")
        cancelled = a_measure(world, title="Struken", due_on=None)
        services.cancel(cancelled, reason="Pengarna är slut", on=date(2026, 3, 1))
        worse = a_measure(world, title="Sämre", due_on=None)
        a_follow_up(worse, effect=FollowUpEffect.WORSENED, text="Mer handel", displacement=Displacement.YES,
                    displacement_text="Till hissen")  # fmt: skip
        a_follow_up(worse, effect=FollowUpEffect.RELAPSE, visibility=Visibility.AUTHORITIES_ONLY)
        moved = {"displacement": Displacement.YES, "displacement_text": "Dit ingen får läsa"}
        a_follow_up(worse, visibility=Visibility.AUTHORITIES_ONLY, **moved)
        a_follow_up(a_measure(world, title="Dold", visibility=Visibility.AUTHORITIES_ONLY), **moved)
        found = queries.deviations(partnership_id, ANYONE, TODAY)
        assert [(row.measure.title, row.kind, row.text) for row in found] == [
            ("Sen", "Försenad", ""),
            ("Struken", "Avbruten", "Pengarna är slut"),
            ("Sämre", "Försämring", "Mer handel"),
        ]
        autumn = queries.deviations(partnership_id, ANYONE, TODAY, date(2026, 9, 1), date(2026, 12, 31))
        assert [row.kind for row in autumn] == ["Försenad", "Försämring"]
        moved = queries.displacements(partnership_id, ANYONE, date(2026, 1, 1), date(2026, 12, 31))
        assert [(row.measure.title, row.displacement_text) for row in moved] == [("Sämre", "Till hissen")]
        db.session.rollback()


def test_open_measures_of_an_actor_come_from_the_partnerships_that_are_read(app: Flask, world: World) -> None:
    police = frozenset({world.actors["police"]})
    with app.app_context():
        a_measure(world, title="Utan dag", due_on=None)
        a_measure(world, title="Klara", where="klara", due_on=date(2026, 5, 1))
        a_measure(world, title="Torget")
        a_measure(world, title="Annans", actor="owner")
        a_measure(world, title="Förslag", status=MeasureStatus.PROPOSED)
        both = {partnership_id: Reader(actor_ids=police) for partnership_id in world.partnerships.values()}
        assert [row.title for row in queries.open_for_actor(both, TODAY)] == ["Klara", "Torget", "Utan dag"]
        one = {world.partnerships["klara"]: Reader(actor_ids=police)}
        assert [row.title for row in queries.open_for_actor(one, TODAY)] == ["Klara"]
        assert queries.open_for_actor({}, TODAY) == []
        db.session.rollback()


def test_a_goal_and_its_measures_lead_to_each_other(
    app: Flask, world: World, coordinator: FlaskClient, make_measure: Make
) -> None:
    measure_id = make_measure()
    with app.app_context():
        goal_id = a_goal(world)
        db.session.execute(insert(measure_goal).values(measure_id=measure_id, goal_id=goal_id))
        db.session.commit()
        with app.test_request_context():
            found = registry.mentions_of("goal", world.partnerships["sergels"], [goal_id], ANYONE)
    assert [mention.label for mention in found[goal_id]] == ["Åtgärd 1: Byt trasiga armaturer"]
    assert found[goal_id][0].url == f"/samverkan/sergels/atgarder/{measure_id}"
    page = coordinator.get(f"/samverkan/sergels/atgarder/{measure_id}").get_data(as_text=True)
    assert "Sergels torg är en trygg plats" in page
    filtered = coordinator.get(f"/samverkan/sergels/atgarder?mal={goal_id}").get_data(as_text=True)
    assert "Byt trasiga armaturer" in filtered


def test_measures_and_problems_are_found_and_what_is_closed_to_the_reader_is_not(app: Flask, world: World) -> None:
    partnership_id = world.partnerships["sergels"]
    with app.app_context(), app.test_request_context():
        a_measure(world, title="Ny belysning i gången", description="Åtta stolpar")
        a_measure(world, title="Belysning, dold", visibility=Visibility.AUTHORITIES_ONLY)
        a_problem(world, text="Mörkt i gången, belysning saknas")
        found = registry.searches["measures"]({partnership_id: ANYONE}, ["BELYSNING", "åtta"], 10)
        assert [(hit.title, hit.by) for hit in found] == [("Åtgärd 1: Ny belysning i gången", "Polisen")]
        problems = registry.searches["problems"]({partnership_id: ANYONE}, ["belysning"], 10)
        assert [hit.url for hit in problems] == ["/samverkan/sergels/atgarder/problem/1"]
        db.session.rollback()


def test_the_feed_tells_what_has_closed_started_and_been_followed_up(
    app: Flask, world: World, count_queries: Count
) -> None:
    partnership_id = world.partnerships["sergels"]
    with app.app_context(), app.test_request_context():
        measure = a_measure(world, title="Städrond", starts="2026-05-12")
        a_measure(world, title="Bara år", starts="2026")
        a_follow_up(measure, text="Renare")
        closed = a_measure(world, title="Klotter")
        services.close(closed, on=date(2026, 11, 18), is_needed=False, reason="Klart")
        db.session.flush()
        db.session.expire_all()
        names = ("measures_closed", "measures_started", "measures_followed_up")
        with count_queries() as statements:
            hits = [registry.feeds[name](partnership_id, ANYONE, Window(5)) for name in names]
        assert [[(hit.title, hit.text) for hit in found] for found in hits] == [
            [("Klotter", "är klar")],
            [("Städrond", "har börjat")],
            [("Städrond", "Förbättring. Renare")],
        ]
        assert len(statements) == len(names)
        db.session.rollback()


def test_measures_decided_at_the_same_moment_get_numbers_of_their_own(app: Flask, world: World) -> None:
    failures: list[BaseException] = []

    def decide() -> None:
        try:
            with app.app_context():
                a_measure(world)
                db.session.commit()
                db.session.remove()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=decide) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with app.app_context():
        assert sorted(db.session.scalars(select(Measure.number))) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("address", ["", "/atgarder", "/atgarder/{id}"])
def test_reading_what_only_authorities_may_read_is_logged_wherever_it_stands(
    app: Flask, police: FlaskClient, make_measure: Make, address: str
) -> None:
    make_measure(title="Öppen", due_on=date(2026, 1, 1))
    closed_id = make_measure(title="Dold", due_on=date(2026, 1, 1), visibility=Visibility.AUTHORITIES_ONLY)
    page = police.get(f"/samverkan/sergels{address or '/'}".format(id=closed_id))
    assert "Dold" in page.get_data(as_text=True)
    with app.app_context():
        read = select(AuditEntry).where(AuditEntry.action == AuditAction.READ, AuditEntry.table_name == "measure")
        assert [entry.changes for entry in db.session.scalars(read)] == [{"ids": [closed_id]}]
