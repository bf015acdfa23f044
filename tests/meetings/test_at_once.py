"""Two who write in meetings at the same moment."""

from collections.abc import Callable
from functools import partial

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from platssamverkan.core.db import db
from platssamverkan.measures.models import Measure
from platssamverkan.meetings import series
from platssamverkan.meetings.models import Decision, Meeting, MeetingState, MinutesItem, decision_measure
from platssamverkan.partnerships.models import partnership_place
from tests.builders import World
from tests.conftest import SignIn
from tests.goals.builders import a_goal
from tests.measures.builders import a_measure
from tests.meetings.conftest import Forum, MakeForum
from tests.meetings.test_approval import approval as approval_of
from tests.meetings.test_decisions import decision_data
from tests.meetings.test_series import a_series
from tests.support.at_once import overlapping

#: What locks a row: SQLite's way and PostgreSQL's (`core.db.lock_row`).
LOCK = "(?s)^UPDATE partnership SET id|FROM partnership .*FOR NO KEY UPDATE"


@pytest.fixture
def another(sign_in: SignIn) -> FlaskClient:
    """The coordinator at another screen."""
    return sign_in("coordinator")


def test_two_decisions_get_a_number_each(
    app: Flask, world: World, coordinator: FlaskClient, another: FlaskClient, forum: Forum
) -> None:
    decide = f"{forum.item_url(forum.decided)}/beslut"
    answers = overlapping(*(partial(who.post, decide, data=decision_data(world)) for who in (coordinator, another)))
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        assert sorted(db.session.scalars(select(Decision.number))) == [1, 2, 3]


@pytest.mark.parametrize("klara_first", [True, False])
def test_two_forums_lay_measures_with_each_other(
    app: Flask, world: World, coordinator: FlaskClient, another: FlaskClient, make_forum: MakeForum, klara_first: bool
) -> None:
    forums = {name: make_forum(where=name) for name in ("klara", "sergels")}
    with app.app_context():
        goals = {name: a_goal(world.partnerships[name]).id for name in forums}
        link = {"partnership_id": world.partnerships["klara"], "place_id": world.places["square"]}
        db.session.execute(insert(partnership_place).values(link))
        db.session.commit()
    # In each partnership there is one measure before, of the forum itself.
    acts = [
        partial(
            who.post,
            f"/samverkan/{here}/moten/{forums[here].id}/punkt/{forums[here].decided}/beslut",
            data=decision_data(
                world,
                **{
                    "rader": "2",
                    "atgard1-title": "Byt lampor",
                    "atgard1-responsible_actor_id": str(world.actors["traffic"]),
                    "atgard1-method": "situational",
                    "atgard1-goal_id": str(goals[there]),
                },
            ),
        )
        for who, here, there in ((coordinator, "klara", "sergels"), (another, "sergels", "klara"))
    ]
    answers = overlapping(*(acts if klara_first else acts[::-1]), meet_at=LOCK)
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        for name in forums:
            numbers = select(Measure.number).where(Measure.partnership_id == world.partnerships[name])
            assert sorted(db.session.scalars(numbers)) == [1, 2, 3]


def test_a_decision_whose_measures_were_changed_meanwhile_is_not_saved_over(
    app: Flask, world: World, coordinator: FlaskClient, forum: Forum
) -> None:
    change = f"{forum.item_url(forum.decided)}/beslut/{forum.decision}/andra"
    with app.app_context():
        more = a_measure(world, title="Röj under trappan").id
        db.session.commit()
    data = {"text": "Samtliga trasiga armaturer byts.", "visibility": "partnership", "version": "1"}
    data["keep_ids"] = str(forum.measure)
    assert coordinator.post(change, data={**data, "link_id": str(more)}).status_code == 303
    assert coordinator.post(change, data=data).status_code == 409
    with app.app_context():
        linked = select(decision_measure.c.measure_id).where(decision_measure.c.decision_id == forum.decision)
        assert set(db.session.scalars(linked)) == {forum.measure, more}


@pytest.mark.parametrize("pair", [("coordinator", "another"), ("worker", "coordinator"), ("coordinator", "worker")])
def test_two_make_the_coming_meetings_once(
    app: Flask, world: World, coordinator: FlaskClient, another: FlaskClient, pair: tuple[str, str]
) -> None:
    with app.app_context():
        a_series(world)
        db.session.commit()

    def work() -> int:
        with app.app_context():
            series.all_ahead()
            db.session.commit()
        return 303

    def ask(client: FlaskClient) -> int:
        return client.post("/samverkan/sergels/moten/kommande").status_code

    makers = {"worker": work, "coordinator": partial(ask, coordinator), "another": partial(ask, another)}
    assert overlapping(*(makers[name] for name in pair)) == (303, 303)
    with app.app_context():
        made = list(db.session.scalars(select(Meeting.occurrence)))
        assert made
        assert len(made) == len(set(made))


@pytest.mark.parametrize("what", ["write", "decide", "tick", "approve"])
@pytest.mark.parametrize("approved_first", [True, False])
def test_minutes_are_approved_as_they_were_read_and_not_written_in_after(
    app: Flask,
    world: World,
    coordinator: FlaskClient,
    another: FlaskClient,
    forum: Forum,
    parse: Callable[..., BeautifulSoup],
    what: str,
    approved_first: bool,
) -> None:
    approval = partial(coordinator.post, f"{forum.url}/godkann", data=approval_of(parse, coordinator, forum))
    meanwhile = {
        "write": (forum.item_url(forum.opening), {"text": "Sent tillägg", "version": "1"}),
        "decide": (f"{forum.item_url(forum.decided)}/beslut", decision_data(world)),
        "tick": (f"{forum.url}/narvaro", {f"present-{world.actors['district']}": "1"}),
        "approve": (f"{forum.url}/godkann", approval_of(parse, another, forum)),
    }
    url, data = meanwhile[what]
    acts = [approval, partial(another.post, url, data=data)]
    answers = overlapping(*(acts if approved_first else acts[::-1]))
    assert [answer.status_code for answer in answers] == [303, 409]
    with app.app_context():
        state, by = db.session.execute(select(Meeting.state, Meeting.approved_at)).one()
        assert (state is MeetingState.APPROVED, by is not None) == ((approved_first or what == "approve"),) * 2
        # One was there before, and comes or does not come with the other one's act.
        is_saved = not approved_first
        assert len(db.session.scalars(select(Decision.id)).all()) == 1 + (what == "decide" and is_saved)
        assert len(db.session.scalars(select(Measure.id)).all()) == 1 + (what == "decide" and is_saved)
        texts = set(db.session.scalars(select(MinutesItem.text)))
        assert ("Sent tillägg" in texts) is (what == "write" and is_saved)
