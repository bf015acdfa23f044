"""Logging, changing, holding, cancelling and removing a platsaktivering."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from platssamverkan.activations import queries
from platssamverkan.activations.models import ActivationEvent, EventStatus
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.formatting import NBSP
from platssamverkan.core.visibility import Audience, Reader, Visibility
from platssamverkan.goals.models import EvidenceLink, Goal, GoalLevel, GoalVersion
from platssamverkan.partnerships.models import RoleGrant
from platssamverkan.partnerships.roles import Role
from platssamverkan.reports.models import IssuedDocument
from tests.activations.builders import an_event
from tests.builders import World, add
from tests.goals.builders import a_goal, an_assessment

URL = "/samverkan/sergels/platsaktivering"
Saved = Callable[..., int]


@pytest.fixture
def saved(app: Flask, world: World) -> Saved:
    """Return a function that saves an event and gives its id."""

    def save(**changes: object) -> int:
        with app.app_context():
            event_id = an_event(world, **changes).id
            db.session.commit()
            return event_id

    return save


@pytest.fixture
def event_of(app: Flask) -> Callable[[int], ActivationEvent]:
    """Return a function that reads an event as it stands in the database."""

    def read(event_id: int) -> ActivationEvent:
        with app.app_context():
            event = db.session.get_one(ActivationEvent, event_id)
            db.session.expunge(event)
            return event

    return read


def a_form(world: World, **changes: object) -> dict[str, object]:
    return {
        "title": "Kvällsdans på Plattan",
        "type": "performing_arts",
        "day": "2026-10-02",
        "starts": "18.00",
        "ends": "21.30",
        "place_id": world.places["square"],
        "visibility": "partnership",
        **changes,
    }


@pytest.fixture
def count(app: Flask) -> Callable[[], int]:
    """Return a function that counts the events in the database."""

    def counted() -> int:
        with app.app_context():
            return len(list(db.session.scalars(select(ActivationEvent.id))))

    return counted


def test_the_form_is_filled_in_with_today_the_only_place_and_the_own_actor(owner, parse):
    page = parse(owner.get(f"{URL}/ny"))
    assert page.select_one("#day")["value"] == clock.today().isoformat()
    assert page.select_one("input[name=place_id][checked]")
    assert page.select_one("[name=organiser_id]") is None
    assert "Loggas för Fastighetsbolaget." in page.text


def test_an_owner_logs_an_event_of_the_past_and_it_is_held(app, owner, world, parse):
    response = owner.post(f"{URL}/ny", data=a_form(world))
    assert response.status_code == 303
    page = parse(owner.get(response.location))
    assert page.h1.text == "Kvällsdans på Plattan"
    with app.app_context():
        event = db.session.scalars(select(ActivationEvent)).one()
        assert event.status is EventStatus.HELD
        assert event.organiser_id == world.actors["owner"]
        assert event.visibility is Visibility.PARTNERSHIP
        assert event.starts_at == datetime(2026, 10, 2, 16, 0, tzinfo=UTC)


def test_an_event_to_come_is_planned(app, owner, world):
    owner.post(f"{URL}/ny", data=a_form(world, day=(clock.today() + timedelta(days=3)).isoformat()))
    with app.app_context():
        assert db.session.scalars(select(ActivationEvent.status)).one() is EventStatus.PLANNED


@pytest.mark.parametrize("ends", ["24.00", "00.00"])
def test_midnight_ends_the_day(app, owner, world, ends):
    owner.post(f"{URL}/ny", data=a_form(world, ends=ends))
    with app.app_context():
        assert db.session.scalars(select(ActivationEvent.ends_at)).one() == datetime(2026, 10, 2, 22, 0, tzinfo=UTC)


def test_midnight_ends_the_last_day_and_stands_so_in_the_form(app, owner, world, parse):
    response = owner.post(f"{URL}/ny", data=a_form(world, ends="00.00", last_day="2026-10-03"))
    with app.app_context():
        ends = datetime(2026, 10, 3, 22, 0, tzinfo=UTC)
        assert db.session.scalars(select(ActivationEvent.ends_at)).one() == ends
    page = parse(owner.get(f"{response.location}/andra"))
    assert (page.select_one("#ends")["value"], page.select_one("#last_day")["value"]) == ("00.00", "2026-10-03")
    assert "Midnatt hör till dagen som slutar." in page.select_one("#last_day-hint").text


def test_an_evening_may_end_in_the_night_after_and_stands_so_in_the_form(app, owner, world, parse, event_of):
    response = owner.post(f"{URL}/ny", data=a_form(world, ends="02"))
    event_id = int(response.location.rpartition("/")[2])
    assert event_of(event_id).ends_at == datetime(2026, 10, 3, 0, 0, tzinfo=UTC)
    told = parse(owner.get(response.location)).select_one("#messages").text.replace(NBSP, " ")
    assert "Den slutar natten efter, 3 oktober 2026 kl. 2.00." in told
    page = parse(owner.get(f"{URL}/{event_id}/andra"))
    assert "Till och med 6.00 är natten efter" in page.select_one("#ends-hint").text
    assert (page.select_one("#ends")["value"], page.select_one("#last_day").get("value", "")) == ("02.00", "")
    owner.post(f"{URL}/{event_id}/andra", data=a_form(world, version=1, ends="2.00", last_day="2026-10-04"))
    assert event_of(event_id).ends_at == datetime(2026, 10, 4, 0, 0, tzinfo=UTC)
    assert "natten" not in parse(owner.get(f"{URL}/{event_id}")).select_one("#messages").text
    page = parse(owner.get(f"{URL}/{event_id}/andra"))
    assert (page.select_one("#ends")["value"], page.select_one("#last_day")["value"]) == ("02.00", "2026-10-04")


def test_one_who_writes_an_end_on_a_later_day_is_led_to_the_last_day(owner, world, parse):
    late = a_form(world, ends="9.00")
    page = parse(owner.post(f"{URL}/ny", data=late))
    assert "Fyll i Sista dag om det slutar en annan dag." in page.select_one("#ends-error").text
    assert page.select_one("details[open] #last_day")
    assert not parse(owner.post(f"{URL}/ny", data={**late, "title": "", "ends": "21.30"})).select("details[open]")
    assert owner.post(f"{URL}/ny", data={**late, "last_day": "2026-10-03"}).status_code == 303


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, "Skriv vad som händer"),
        ({"ends": "17.30"}, "Sluttiden måste vara efter starttiden."),
        ({"ends": "18.00"}, "Sluttiden måste vara efter starttiden."),
        ({"last_day": "2026-10-01"}, "Sista dagen måste vara samma dag eller senare"),
        ({"day": "igår"}, "Skriv datumet som år-månad-dag"),
        ({"starts": "kvällen"}, "Skriv klockslaget som 18.00."),
        ({"type": "dans"}, "Välj ett av alternativen i listan."),
        ({"place_id": "99"}, "Välj ett av alternativen i listan."),
        ({"organiser_id": "1"}, "Välj ett av alternativen i listan."),
        ({"visibility": "authorities_only"}, "Välj ett av alternativen i listan."),
        ({"visitor_count": "40"}, "Skriv också hur de räknades."),
        ({"visitor_count": "många"}, "Skriv ett heltal med siffror."),
        ({"count_method": "klickräknare"}, "Skriv antalet också"),
        ({"status": "planned", "visitor_count": "40", "count_method": "klick"}, "Antal kan anges först när"),
        ({"status": "held", "day": "2199-01-01"}, "Det har inte börjat än."),
        ({"note": "Ring 19811218-9876"}, "personnummer"),
        ({"note": "x" * 501}, "1 tecken för lång"),
    ],
)
def test_wrong_input_is_told_at_the_field_and_nothing_is_saved(owner, world, count, changes, message):
    response = owner.post(f"{URL}/ny", data=a_form(world, **changes))
    assert response.status_code == 422
    page = BeautifulSoup(response.get_data(as_text=True), "lxml")
    assert any(message in error.text for error in page.select(".error-text")), [
        error.text for error in page.select(".error-text")
    ]
    if changes.get("title") is None:
        assert page.select_one("#title")["value"] == "Kvällsdans på Plattan"
    assert count() == 0


def test_the_coordinator_logs_for_another_actor(app, coordinator, world):
    coordinator.post(f"{URL}/ny", data=a_form(world, organiser_id=world.actors["owner"]))
    with app.app_context():
        event = db.session.scalars(select(ActivationEvent)).one()
        assert (event.organiser_id, event.owner_actor_id) == (world.actors["owner"], world.actors["district"])


def test_one_who_has_the_right_for_another_actor_than_the_first_logs_for_that(app, sign_in, world, parse):
    with app.app_context():
        membership = world.memberships["sergels", "owner"]
        add(RoleGrant(user_id=world.users["officer"], membership_id=membership, role=Role.PARTICIPANT))
        db.session.commit()
    officer = sign_in("officer")
    assert "Loggas för Fastighetsbolaget." in parse(officer.get(f"{URL}/ny")).text
    assert officer.post(f"{URL}/ny", data=a_form(world)).status_code == 303
    with app.app_context():
        event = db.session.scalars(select(ActivationEvent)).one()
        assert event.organiser_id == event.owner_actor_id == world.actors["owner"]


def test_goals_of_the_partnership_can_be_ticked(app, owner, world, parse):
    with app.app_context():
        goal = add(Goal(partnership_id=world.partnerships["sergels"], level=GoalLevel.DIRECTION, number=3))
        add(GoalVersion(goal_id=goal.id, text="Välkomnande"))
        other = add(Goal(partnership_id=world.partnerships["klara"], level=GoalLevel.DIRECTION, number=1))
        add(GoalVersion(goal_id=other.id, text="Hel och ren"))
        goal_id, other_id = goal.id, other.id
        db.session.commit()
    page = parse(owner.get(f"{URL}/ny"))
    assert [label.text.strip().replace("\xa0", " ") for label in page.select("#goal_ids label")] == [
        "Mål 3: Välkomnande"
    ]
    assert owner.post(f"{URL}/ny", data=a_form(world, goal_ids=other_id)).status_code == 422
    response = owner.post(f"{URL}/ny", data=a_form(world, goal_ids=goal_id))
    assert "Mål\xa03: Välkomnande" in parse(owner.get(response.location)).text


def test_one_likewise_has_everything_but_the_day(owner, saved, parse):
    page = parse(owner.get(f"{URL}/ny?likadan={saved(title='Ljusverkstad')}"))
    assert page.select_one("#title")["value"] == "Ljusverkstad"
    assert page.select_one("#ends")["value"] == "21.30"
    assert page.select_one("#day")["value"] == clock.today().isoformat()


def test_the_own_actor_changes_its_event(owner, saved, event_of, world):
    event_id = saved()
    response = owner.post(f"{URL}/{event_id}/andra", data=a_form(world, version=1, title="Dans"))
    assert response.status_code == 303
    assert event_of(event_id).title == "Dans"


def test_nobody_shuts_another_actors_event_from_the_own_sight(app, coordinator, owner, saved, event_of, world, parse):
    url = f"{URL}/{saved()}/andra"
    internal = a_form(world, version=1, organiser_id=world.actors["owner"], visibility="actor_internal")
    assert parse(coordinator.get(url)).select_one("#visibility option[value=actor_internal]") is None
    assert coordinator.post(url, data=internal).status_code == 422
    assert owner.post(url, data=internal).status_code == 303
    assert coordinator.get(url).status_code == 404


def test_a_stale_save_shows_both_texts_and_overwrites_nothing(sign_in, saved, event_of, parse, world):
    owner, coordinator, event_id = sign_in("owner"), sign_in("coordinator"), saved()
    coordinator.post(
        f"{URL}/{event_id}/andra", data=a_form(world, version=1, title="Först", organiser_id=world.actors["owner"])
    )
    response = owner.post(f"{URL}/{event_id}/andra", data=a_form(world, version=1, title="Sen", type="art"))
    assert response.status_code == 409
    page = parse(response)
    assert "Först" in page.select_one(".conflict-saved").text
    assert page.select_one("#conflict input[name=title]")["value"] == "Sen"
    assert page.select_one("input[name=type]")["value"] == "art"
    assert "Du valde: Konst/gestaltning" in page.text
    assert event_of(event_id).title == "Först"
    fields = {field["name"]: field.get("value", field.text) for field in page.select("form [name]")}
    again = owner.post(f"{URL}/{event_id}/andra", data=fields)
    assert again.status_code == 303
    assert event_of(event_id).title == "Sen"


def test_another_actors_event_is_read_but_not_changed(police, saved):
    event_id = saved()
    assert police.get(f"{URL}/{event_id}").status_code == 200
    for path in ("andra", "stall-in", "genomford", "ta-bort"):
        assert police.get(f"{URL}/{event_id}/{path}").status_code == 403
        assert police.post(f"{URL}/{event_id}/{path}").status_code == 403


def test_a_planned_event_is_cancelled_with_its_reason_and_planned_again(owner, saved, event_of):
    event_id = saved(status=EventStatus.PLANNED)
    assert owner.post(f"{URL}/{event_id}/stall-in", data={"version": 1, "reason": ""}).status_code == 422
    owner.post(f"{URL}/{event_id}/stall-in", data={"version": 1, "reason": "Storm"})
    assert event_of(event_id).status is EventStatus.CANCELLED
    owner.post(f"{URL}/{event_id}/angra-stall-in")
    assert event_of(event_id).status is EventStatus.PLANNED


def test_what_was_changed_meanwhile_is_neither_cancelled_nor_held_from_an_old_page(owner, saved, event_of, world):
    event_id = saved(status=EventStatus.PLANNED)
    later = a_form(world, version=1, status="planned", title="Dans inomhus")
    assert owner.post(f"{URL}/{event_id}/andra", data=later).status_code == 303
    for path, data in (("stall-in", {"reason": "Storm"}), ("genomford", {})):
        assert owner.post(f"{URL}/{event_id}/{path}", data={"version": 1, **data}).status_code == 409
    assert event_of(event_id).status is EventStatus.PLANNED


def test_a_cancelled_event_stays_cancelled_when_it_is_changed(owner, saved, event_of, world):
    event_id = saved(status=EventStatus.CANCELLED, cancel_reason="Storm")
    data = a_form(world, version=1, title="Dans inomhus", status="held")
    assert owner.post(f"{URL}/{event_id}/andra", data=data).status_code == 303
    assert (event_of(event_id).title, event_of(event_id).status) == ("Dans inomhus", EventStatus.CANCELLED)


def test_a_goal_that_the_writer_is_not_offered_stays_on_the_event(app, owner, saved, world):
    with app.app_context():
        where = world.partnerships["sergels"]
        shown = a_goal(where, "Torget är rent")
        hidden = a_goal(where, "Bara för myndigheter", number=3, visibility=Visibility.AUTHORITIES_ONLY)
        event_id = an_event(world, goals=[hidden]).id
        goals = {shown.id, hidden.id}
        db.session.commit()
        data = a_form(world, version=1, goal_ids=shown.id)
    assert owner.post(f"{URL}/{event_id}/andra", data=data).status_code == 303
    with app.app_context():
        assert {goal.id for goal in queries.event_with_goals(event_id, where, Reader()).goals} == goals


def test_a_held_event_can_be_neither_cancelled_nor_removed(owner, saved, event_of):
    event_id = saved()
    asked = owner.get(f"{URL}/{event_id}/stall-in")
    assert asked.status_code == 409
    assert "Bara en planerad platsaktivering kan ställas in." in asked.text
    assert owner.post(f"{URL}/{event_id}/stall-in", data={"version": 1, "reason": "Storm"}).status_code == 409
    asked = owner.get(f"{URL}/{event_id}/ta-bort").text
    assert "Den kan inte tas bort" in asked
    assert "ställa in den" not in asked
    assert owner.post(f"{URL}/{event_id}/ta-bort").status_code == 409
    assert event_of(event_id).status is EventStatus.HELD


def test_a_planned_event_that_has_been_is_marked_as_held_with_its_count(owner, saved, event_of, parse):
    event_id = saved(status=EventStatus.PLANNED)
    asked = parse(owner.get(f"{URL}/{event_id}/genomford"))
    assert asked.select(f'main p a[href="{URL}/{event_id}/stall-in"]')
    data = {"version": 1, "visitor_count": "120", "count_method": "Klickräknare"}
    assert owner.post(f"{URL}/{event_id}/genomford", data=data).status_code == 303
    assert (event_of(event_id).status, event_of(event_id).visitor_count) == (EventStatus.HELD, 120)


def test_an_event_to_come_cannot_be_held(owner, saved):
    start = clock.now() + timedelta(days=1)
    event_id = saved(status=EventStatus.PLANNED, starts_at=start, ends_at=start + timedelta(hours=1))
    assert owner.post(f"{URL}/{event_id}/genomford", data={"version": 1}).status_code == 409
    assert "har inte börjat än" in owner.get(f"{URL}/{event_id}/genomford").text


def test_a_planned_event_is_removed_after_asking(count, owner, saved, parse):
    event_id = saved(status=EventStatus.PLANNED)
    assert parse(owner.get(f"{URL}/{event_id}/ta-bort")).select_one("form .button-danger")
    assert owner.post(f"{URL}/{event_id}/ta-bort").status_code == 303
    assert count() == 0


def test_an_event_that_an_assessment_elsewhere_rests_on_is_not_removed(app, world, count, owner, saved, parse):
    event_id = saved(status=EventStatus.PLANNED)
    with app.app_context():
        goal = a_goal(world.partnerships["klara"])
        version = db.session.scalars(select(GoalVersion).where(GoalVersion.goal_id == goal.id)).one()
        assessment = an_assessment(version, lacks_evidence=False)
        add(EvidenceLink(assessment_id=assessment.id, activation_event_id=event_id))
        db.session.commit()
    assert not parse(owner.get(f"{URL}/{event_id}/ta-bort")).select("form .button-danger")
    refused = owner.post(f"{URL}/{event_id}/ta-bort")
    assert refused.status_code == 409
    assert "En bedömning eller utfärdad rapport vilar på platsaktiveringen." in refused.text
    assert count() == 1


@pytest.mark.parametrize("where", ["sergels", "klara"])
def test_an_event_that_an_issued_report_tells_of_is_not_removed(app, world, count, owner, saved, event_of, where):
    event_id = saved(status=EventStatus.PLANNED)
    day = clock.to_local(event_of(event_id).starts_at).date()

    def issue(subject: str) -> None:
        with app.app_context():
            add(
                IssuedDocument(
                    partnership_id=world.partnerships[where], kind="goal-fulfilment", subject=subject, title="Rapport",
                    audience=Audience.PARTNERSHIP, version=1, issued_at=clock.now(), issued_by_function="Direktör",
                    sha256="0" * 64, size=4, content=b"%PDF",
                )
            )  # fmt: skip
            db.session.commit()

    issue(f"{day.year - 1}-vb")
    assert "Platsaktiveringen tas bort helt." in owner.get(f"{URL}/{event_id}/ta-bort").text
    issue(f"{day.year}-vb")
    assert "ställa in den" in owner.get(f"{URL}/{event_id}/ta-bort").text
    assert owner.post(f"{URL}/{event_id}/ta-bort").status_code == 409
    assert count() == 1


def test_a_reader_logs_nothing(count, reader, saved, world):
    event_id = saved(status=EventStatus.PLANNED)
    assert reader.get(f"{URL}/ny").status_code == 403
    assert reader.post(f"{URL}/ny", data=a_form(world)).status_code == 403
    assert reader.post(f"{URL}/{event_id}/ta-bort").status_code == 403
    assert count() == 1


def test_goals_that_were_changed_meanwhile_are_not_saved_over(app, owner, saved, event_of, world):
    with app.app_context():
        goal = a_goal(world.partnerships["sergels"]).id
        db.session.commit()
    event_id = saved()
    url = f"{URL}/{event_id}/andra"
    assert owner.post(url, data=a_form(world, version=1)).status_code == 303
    shown = event_of(event_id).version
    assert owner.post(url, data=a_form(world, version=shown, goal_ids=goal)).status_code == 303
    assert owner.post(url, data=a_form(world, version=shown)).status_code == 409
