"""A decision for a partnership beside the one that meets: the forum of Klara decides on the square, which has goals of
its own. The measure is laid there, and the decision behind it can be read there."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from platssamverkan.core.db import db
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.goals.models import EvidenceLink, GoalVersion
from platssamverkan.measures.models import Measure
from platssamverkan.meetings import queries
from platssamverkan.meetings.agenda import headings_for
from platssamverkan.meetings.models import Decision, decision_measure
from platssamverkan.meetings.services import hold_meeting
from platssamverkan.partnerships.models import MeetingKind, Membership, Numbering, Partnership, RoleGrant
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment
from tests.measures.builders import a_measure
from tests.meetings.builders import a_decision, a_meeting, item_at
from tests.meetings.conftest import Forum, MakeForum
from tests.meetings.test_decisions import decision_data

Parse = Callable[..., BeautifulSoup]
DECISION = "Trapporna vid torget städas två gånger i veckan."
MEASURE = "Städa trapporna"
REPORT = "/rapporter/maluppfyllelse/2026/vb"


@dataclass(frozen=True)
class Laid:
    """Ids of a decision in the forum of Klara and of its measure, laid at the square."""

    forum: Forum
    goal: int
    decision: int
    measure: int

    @property
    def minutes(self) -> str:
        return f"/samverkan/klara/moten/{self.forum.id}/punkt/{self.forum.decided}"

    @property
    def page(self) -> str:
        return f"/samverkan/sergels/moten/beslut/{self.decision}"


@pytest.fixture(autouse=True)
def _a_day_in_november() -> object:
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)):
        yield


@pytest.fixture
def goal(app: Flask, world: World) -> int:
    """A goal of the square."""
    with app.app_context():
        made = a_goal(world.partnerships["sergels"], "Torget är helt och rent", number=1)
        db.session.commit()
        return made.id


@pytest.fixture
def forum_of_klara(make_forum: MakeForum) -> Forum:
    return make_forum(where="klara")


def posted(world: World, goal: int, **changes: str) -> dict[str, str]:
    """Return the decision as the form of Klara's minutes sends it."""
    own = {"beslut-text": DECISION, "atgard0-title": MEASURE, "atgard0-goal_id": str(goal)}
    return decision_data(world, **{**own, **changes})


@pytest.fixture
def laid(app: Flask, world: World, coordinator: FlaskClient, forum_of_klara: Forum, goal: int) -> Laid:
    """What saving the form gives."""
    url = f"/samverkan/klara/moten/{forum_of_klara.id}/punkt/{forum_of_klara.decided}/beslut"
    assert coordinator.post(url, data=posted(world, goal)).status_code == 303
    with app.app_context():
        decision = db.session.scalar(select(Decision.id).where(Decision.text == DECISION))
        measure = db.session.scalar(select(Measure.id).where(Measure.title == MEASURE))
        return Laid(forum_of_klara, goal, decision, measure)


def words(page: BeautifulSoup) -> str:
    return " ".join(page.select_one("main").text.split())


def test_the_measure_is_laid_where_its_goal_is(app: Flask, world: World, laid: Laid, coordinator: FlaskClient) -> None:
    with app.app_context():
        measure = db.session.get(Measure, laid.measure)
        assert (measure.partnership_id, measure.number) == (world.partnerships["sergels"], 1)
    listed = coordinator.get("/samverkan/sergels/atgarder").text
    assert f"/samverkan/sergels/atgarder/{laid.measure}" in listed
    assert MEASURE not in coordinator.get("/samverkan/klara/atgarder").text
    assert MEASURE in coordinator.get(f"/samverkan/sergels/mal/{laid.goal}").text


def test_the_minutes_say_where_it_lies_without_a_link_that_leads_nowhere(
    app: Flask, world: World, laid: Laid, coordinator: FlaskClient, police: FlaskClient, parse: Parse
) -> None:
    page = parse(coordinator.get(laid.minutes))
    assert f"{MEASURE}Ligger i Sergels torg" in page.select_one("main").text
    assert not page.select(f'a[href="/samverkan/klara/atgarder/{laid.measure}"]')
    there = f'a[href="/samverkan/sergels/atgarder/{laid.measure}"]'
    assert page.select(there)
    with app.app_context():
        at_the_square = select(Membership.id).where(Membership.partnership_id == world.partnerships["sergels"])
        db.session.execute(
            delete(RoleGrant).where(
                RoleGrant.user_id == world.users["police"], RoleGrant.membership_id.in_(at_the_square)
            )
        )
        db.session.commit()
    page = parse(police.get(laid.minutes))
    assert MEASURE in page.select_one("main").text
    assert not page.select(there)
    printed = parse(police.get(f"/samverkan/klara/rapporter/minnesanteckningar/{laid.forum.id}"))
    assert "Åtgärd 1 i Sergels torg: Städa trapporna." in words(printed)


def test_the_decision_is_read_where_the_measure_lies(
    laid: Laid, coordinator: FlaskClient, owner: FlaskClient, parse: Parse
) -> None:
    measure = parse(owner.get(f"/samverkan/sergels/atgarder/{laid.measure}"))
    link = measure.select_one(f'a[href="{laid.page}"]')
    assert link.text.startswith("Vision Klara, Strategiskt samverkansforum")
    seen = parse(owner.get(laid.page))
    assert DECISION in words(seen)
    assert seen.select(f'a[href="/samverkan/sergels/atgarder/{laid.measure}"]')
    assert not seen.select('main a[href^="/samverkan/klara/"]')
    assert owner.get(laid.minutes).status_code == 404
    # Those who take part in both get to the minutes too.
    assert parse(coordinator.get(laid.page)).select(f'a[href^="{laid.minutes}#beslut-"]')


def test_only_a_decision_that_led_there_is_read_there(laid: Laid, coordinator: FlaskClient) -> None:
    other = laid.forum.decision
    assert coordinator.get(f"/samverkan/sergels/moten/beslut/{other}").status_code == 404
    own = coordinator.get(f"/samverkan/klara/moten/beslut/{other}")
    assert own.headers["Location"].endswith(f"{laid.minutes}#beslut-{other}")


def test_a_decision_for_authorities_is_read_there_by_authorities_only(
    app: Flask, laid: Laid, coordinator: FlaskClient, owner: FlaskClient
) -> None:
    with app.app_context():
        db.session.get(Decision, laid.decision).visibility = Visibility.AUTHORITIES_ONLY
        db.session.commit()
    assert coordinator.get(laid.page).status_code == 200
    assert owner.get(laid.page).status_code == 404
    for url in (f"/samverkan/sergels/atgarder/{laid.measure}", f"/samverkan/sergels{REPORT}"):
        assert DECISION not in owner.get(url).text


def test_a_measure_that_is_hidden_there_is_not_told_of_by_its_decision(
    app: Flask, laid: Laid, coordinator: FlaskClient, owner: FlaskClient
) -> None:
    with app.app_context():
        db.session.get(Measure, laid.measure).visibility = Visibility.AUTHORITIES_ONLY
        db.session.commit()
    assert coordinator.get(laid.page).status_code == 200
    assert owner.get(laid.page).status_code == 404
    report = owner.get(f"/samverkan/sergels{REPORT}").text
    assert DECISION not in report
    assert DECISION in coordinator.get(f"/samverkan/sergels{REPORT}?for=authorities").text
    assert DECISION not in owner.get("/sok?q=trapporna").text


def test_the_report_of_the_square_tells_of_decision_and_measure(
    laid: Laid, officer: FlaskClient, owner: FlaskClient, parse: Parse
) -> None:
    page = parse(officer.get(f"/samverkan/sergels{REPORT}"))
    row = next(row for row in page.select("tr") if MEASURE in row.text)
    assert DECISION in row.text
    assert " 1 pågår eller är beslutad" in words(page)
    assert "1 pågår eller är beslutade" not in words(page)
    assert row.select_one(f'a[href="{laid.page}"]')
    assert "Beslut i Vision Klara" in " ".join(page.select_one("ol.sources, .sources").text.split())
    assert DECISION in owner.get(f"/samverkan/sergels{REPORT}").text
    counted = parse(officer.get(f"/samverkan/sergels{REPORT}/underlag/beslut"))
    assert counted.select_one(f'main a[href="{laid.page}"]')


def test_the_report_of_klara_tells_of_its_decision_and_where_the_measure_lies(
    laid: Laid, officer: FlaskClient, parse: Parse
) -> None:
    text = words(parse(officer.get(f"/samverkan/klara{REPORT}")))
    assert f"{DECISION} Åtgärden ligger i Sergels torg." in text


def test_two_measures_in_one_place_are_told_of_once(
    world: World, coordinator: FlaskClient, officer: FlaskClient, forum_of_klara: Forum, goal: int, parse: Parse
) -> None:
    url = f"/samverkan/klara/moten/{forum_of_klara.id}/punkt/{forum_of_klara.decided}/beslut"
    second = {name.replace("0", "1", 1): value for name, value in posted(world, goal).items() if "atgard0" in name}
    assert coordinator.post(url, data=posted(world, goal, rader="2", **second)).status_code == 303
    text = words(parse(officer.get(f"/samverkan/klara{REPORT}")))
    assert f"{DECISION} Åtgärderna ligger i Sergels torg." in text
    assert text.count("ligger i Sergels torg") == 1


def test_an_assessment_may_rest_on_it_and_then_it_stays(
    app: Flask,
    world: World,
    laid: Laid,
    coordinator: FlaskClient,
    officer: FlaskClient,
    owner: FlaskClient,
    parse: Parse,
) -> None:
    form = parse(officer.get(f"/samverkan/sergels/mal/{laid.goal}/bedomning/2026/vb/andra"))
    assert DECISION in form.select_one("main").text
    with app.app_context():
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == laid.goal)).one()
        assessment = an_assessment(version, year=2026, lacks_evidence=False, assessed_on=date(2026, 11, 20))
        add(EvidenceLink(assessment_id=assessment.id, decision_id=laid.decision))
        db.session.commit()
    assert laid.page in owner.get(f"/samverkan/sergels/mal/{laid.goal}/bedomning/2026/vb").text
    url = f"{laid.minutes}/beslut/{laid.decision}"
    refused = coordinator.post(f"{url}/ta-bort")
    assert "En bedömning vilar på beslutet." in refused.text
    fields = {"text": DECISION, "visibility": "partnership", "version": "1"}
    unlinked = coordinator.post(f"{url}/andra", data=fields)
    assert "Låt åtgärden vara kvar." in unlinked.text
    with app.app_context():
        assert db.session.get(Decision, laid.decision) is not None


def test_an_assessment_where_the_forum_met_does_not_hold_the_measure_there(
    app: Flask, world: World, laid: Laid, coordinator: FlaskClient
) -> None:
    with app.app_context():
        klara = a_goal(world.partnerships["klara"], "Klara är lugnt", number=7)
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == klara.id)).one()
        assessment = an_assessment(version, year=2026, lacks_evidence=False, assessed_on=date(2026, 11, 20))
        add(EvidenceLink(assessment_id=assessment.id, decision_id=laid.decision))
        db.session.commit()
    fields = {"text": DECISION, "visibility": "partnership", "version": "1"}
    assert coordinator.post(f"{laid.minutes}/beslut/{laid.decision}/andra", data=fields).status_code == 303
    assert coordinator.get(laid.page).status_code == 404


@pytest.mark.parametrize("actor", ["owner", "police"])
def test_who_answers_for_it_takes_part_where_it_lies(
    app: Flask, world: World, coordinator: FlaskClient, forum_of_klara: Forum, goal: int, actor: str, parse: Parse
) -> None:
    with app.app_context():
        # The police leaves the square but stays in Klara; the owner never was in Klara.
        db.session.get(Membership, world.memberships["sergels", "police"]).left_on = date(2026, 1, 1)
        db.session.commit()
    url = f"/samverkan/klara/moten/{forum_of_klara.id}/punkt/{forum_of_klara.decided}/beslut"
    changed = {"atgard0-responsible_actor_id": str(world.actors[actor])}
    response = coordinator.post(url, data=posted(world, goal, **changed))
    assert response.status_code == 422
    message = {"owner": "Välj", "police": "Aktören ingår inte i Sergels torg."}[actor]
    page = parse(response)
    assert message in page.select_one("#atgard0-responsible_actor_id-error").text
    assert page.select_one("#atgard0-title")["value"] == MEASURE


def test_goals_of_strangers_are_not_offered(
    app: Flask, world: World, sign_in: Callable[[str], FlaskClient], forum: Forum, goal: int, parse: Parse
) -> None:
    with app.app_context():
        a_goal(world.partnerships["klara"], "Klara är lugnt", number=7)
        db.session.commit()
    # The square does not name the area that it is a part of: its forum is not asked to decide for all of Klara.
    page = parse(sign_in("coordinator").get(forum.item_url(forum.decided)))
    options = [option.text for option in page.select("#atgard0-goal_id option")]
    assert any("Torget är helt och rent" in option for option in options)
    assert not any("Klara är lugnt" in option for option in options)


def test_decisions_of_many_forums_are_read_at_once_and_each_is_numbered_by_its_own(
    app: Flask, world: World, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    with app.test_request_context():
        square = world.partnerships["sergels"]
        measure = a_measure(world)

        def decided_by(number: int) -> None:
            """Let the second forum of the year of one more partnership decide on the measure."""
            where = f"samverkan-{number}"
            numbered = {"numbering": Numbering.PER_YEAR}
            world.partnerships[where] = add(Partnership(slug=where, name=f"Samverkan {number}", **numbered)).id
            held = [a_meeting(world, where=where, on=date(2026, month, number)) for month in (2, 3)]
            hold_meeting(held[1])
            decision = a_decision(world, item_at(held[1], number), text=f"Beslut {number}")
            link = {"decision_id": decision.id, "measure_id": measure.id}
            db.session.execute(decision_measure.insert().values(**link))

        def labels() -> tuple[list[str], int]:
            with count_queries() as statements:
                found = queries.decisions_in_period(square, Reader(), first, last)
            return [one.text.label.partition(", ")[2] for one in found], len(statements)

        decided_by(1)
        _, few = labels()
        for number in (2, 3, 4):
            decided_by(number)
        told, many = labels()
        agenda = len(headings_for(MeetingKind.STRATEGIC_FORUM))
        month = "Strategiskt samverkansforum {0} mars 2026, § {1}, beslut 1"
        assert [label.replace("\xa0", " ") for label in told] == [
            month.format(number, agenda + number) for number in (1, 2, 3, 4)
        ]
        assert many == few
        db.session.rollback()
