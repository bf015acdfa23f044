"""Planning briefings: single ones, rhythms made ahead, moving and cancelling."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from platssamverkan.briefings import planning, queries
from platssamverkan.briefings.models import Briefing, BriefingSection, BriefingState
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.recurrence import Recurrence
from platssamverkan.partnerships.models import MeetingSeries, Partnership
from platssamverkan.partnerships.services import end_partnership
from tests.briefings.builders import a_briefing, a_line

URL = "/samverkan/klara/utstallningar"


@pytest.fixture
def one(app):
    """Return a function that reads the only briefing there is."""

    def read():
        with app.app_context():
            briefing = db.session.scalars(select(Briefing)).one()
            db.session.expunge(briefing)
            return briefing

    return read


@pytest.fixture
def planned(app, world):
    """A planned briefing three days ahead; its id."""
    with app.app_context():
        briefing = a_briefing(world, state=BriefingState.PLANNED, starts_at=clock.now() + timedelta(days=3))
        briefing_id = briefing.id
        db.session.commit()
        return briefing_id


def a_series(world, **changes) -> MeetingSeries:
    values = {
        "partnership_id": world.partnerships["klara"], "recurrence": Recurrence.TWICE_WEEKLY, "weekdays": [],
        "starts_on": date(2026, 10, 19), "starts_at": time(18), "location": None, "led_by_id": world.actors["police"],
    }  # fmt: skip
    return planning.start_series(**{**values, **changes})


def test_the_coordinator_plans_one(coordinator, one, world):
    data = {"day": "2026-12-01", "at": "18.00", "location": "Lokalen", "held_by_id": world.actors["police"]}
    assert coordinator.post(f"{URL}/ny", data=data).status_code == 303
    assert one().starts_at == datetime(2026, 12, 1, 17, tzinfo=UTC)
    for change in ({"day": ""}, {"at": "sex"}, {"held_by_id": "99"}, {"location": "x" * 81}):
        assert coordinator.post(f"{URL}/ny", data={**data, **change}).status_code == 422
    one()


def test_occurrences_are_made_once_and_keep_their_hour_when_clocks_change(app, world):
    with app.app_context():
        # None is made for the evenings that have been.
        series = a_series(world, starts_on=date(2026, 10, 12))
        made = planning.make_occurrences(series, today=date(2026, 10, 20), horizon_days=9)
        assert [clock.to_local(row.starts_at).isoformat() for row in made] == [
            "2026-10-20T18:00:00+02:00", "2026-10-22T18:00:00+02:00",
            "2026-10-27T18:00:00+01:00", "2026-10-29T18:00:00+01:00",
        ]  # fmt: skip
        assert planning.make_occurrences(series, today=date(2026, 10, 20), horizon_days=9) == []
        assert len(planning.make_occurrences(series, today=date(2026, 10, 20), horizon_days=16)) == 2


def test_a_moved_or_cancelled_one_is_not_made_again(app, world):
    with app.app_context():
        series = a_series(world)
        first, second = planning.make_occurrences(series, today=date(2026, 10, 20), horizon_days=2)
        planning.change_briefing(
            first, version=1, starts_at=first.starts_at + timedelta(days=1), location=None, held_by_id=None,
            now=clock.now(),
        )  # fmt: skip
        planning.cancel_briefing(second, version=1, reason="Helg")
        db.session.flush()
        assert planning.make_occurrences(series, today=date(2026, 10, 20), horizon_days=2) == []


def test_the_command_makes_what_is_missing(app, world):
    with app.app_context():
        a_series(world, starts_on=clock.today())
        db.session.commit()
    runner = app.test_cli_runner()
    first, second = runner.invoke(args=["briefings", "ahead"]), runner.invoke(args=["briefings", "ahead"])
    assert first.exit_code == 0, first.output
    assert int(first.output.split()[0]) >= 16
    assert second.output == "0 utställningar inlagda.\n"


def test_nothing_is_made_ahead_in_what_has_ended(app, world):
    with app.app_context():
        a_series(world, starts_on=clock.today())
        end_partnership(db.session.get_one(Partnership, world.partnerships["klara"]), on=clock.today())
        db.session.flush()
        assert planning.ahead_of_today() == 0


def test_a_rhythm_is_started_and_ended_on_the_pages(app, coordinator, parse):
    data = {
        "recurrence": "twice_weekly",
        "weekdays": ["1", "3"],
        "starts_on": clock.today().isoformat(),
        "starts_at": "18",
    }
    assert coordinator.post(f"{URL}/serie/ny", data={**data, "recurrence": "ofta"}).status_code == 422
    assert coordinator.post(f"{URL}/serie/ny", data=data).status_code == 303
    # The same rhythm would give every briefing twice.
    again = coordinator.post(f"{URL}/serie/ny", data={**data, "weekdays": []})
    assert again.status_code == 422
    assert "Det finns redan en likadan serie" in parse(again).find(id="starts_on-error").text
    page = parse(coordinator.get(URL))
    assert "Två gånger i veckan, tisdag och torsdag" in page.select_one("section[aria-labelledby=rhythm]").text
    with app.app_context():
        series_id = db.session.scalars(select(MeetingSeries.id)).one()
        assert len(db.session.scalars(select(Briefing.id)).all()) >= 16
    assert coordinator.get(f"{URL}/serie/{series_id}/avsluta").status_code == 200
    assert coordinator.post(f"{URL}/serie/{series_id}/fyll-pa").status_code == 303
    assert coordinator.get(f"/samverkan/sergels/utstallningar/serie/{series_id}/avsluta").status_code == 404
    coordinator.post(f"{URL}/serie/{series_id}/avsluta")
    with app.app_context():
        later = select(Briefing.id).where(Briefing.starts_at > clock.now())
        assert db.session.scalars(later).all() == []


def test_one_is_moved(coordinator, planned, one, parse):
    assert coordinator.get(f"{URL}/{planned}/flytta").status_code == 200
    data = {"day": "2026-12-24", "at": "17.30", "version": 1}
    assert coordinator.post(f"{URL}/{planned}/flytta", data=data).status_code == 303
    assert one().starts_at == datetime(2026, 12, 24, 16, 30, tzinfo=UTC)
    assert "Julafton" in parse(coordinator.get(f"{URL}/{planned}")).text


def test_moving_from_an_old_page_shows_both(coordinator, planned, one, parse):
    data = {"day": "2026-12-24", "at": "17.30", "version": 1}
    coordinator.post(f"{URL}/{planned}/flytta", data=data)
    response = coordinator.post(f"{URL}/{planned}/flytta", data={**data, "day": "2026-12-25"})
    assert response.status_code == 409
    page = parse(response)
    assert page.select_one("#conflict input[name=day]")["value"] == "2026-12-25"
    assert page.select_one(".conflict-saved").text == "2026-12-24"
    assert one().starts_at == datetime(2026, 12, 24, 16, 30, tzinfo=UTC)


def test_one_is_cancelled_with_its_reason_and_planned_again(coordinator, planned, one, parse):
    assert coordinator.post(f"{URL}/{planned}/stall-in", data={"version": 1}).status_code == 422
    coordinator.post(f"{URL}/{planned}/stall-in", data={"version": 1, "reason": "Helgdag"})
    assert one().state is BriefingState.CANCELLED
    assert "Helgdag" in parse(coordinator.get(f"{URL}/{planned}")).text
    assert (
        coordinator.post(f"{URL}/{planned}/flytta", data={"day": "2026-12-24", "at": "17.30", "version": 2}).status_code
        == 409
    )
    for path in ("flytta", "stall-in"):
        assert "kan flyttas eller ställas in." in coordinator.get(f"{URL}/{planned}/{path}").text
    assert coordinator.post(f"{URL}/{planned}/planera-igen").status_code == 303
    assert one().state is BriefingState.PLANNED


def test_one_that_nobody_has_begun_to_fill_in_is_planned_again_and_not_open(app, world):
    with app.app_context():
        now = clock.now()
        briefing = a_briefing(world, state=BriefingState.CANCELLED, starts_at=now + timedelta(hours=1))
        queries.load_attendance(briefing)
        planning.plan_again(briefing, now=now)
        assert briefing.state is BriefingState.PLANNED


def test_one_that_was_never_held_is_noted(app, coordinator, planned, one, world):
    assert coordinator.post(f"{URL}/{planned}/blev-inte-av").status_code == 409
    with app.app_context():
        db.session.get_one(Briefing, planned).starts_at = clock.now() - timedelta(days=1)
        db.session.commit()
    assert coordinator.post(f"{URL}/{planned}/blev-inte-av").status_code == 303
    assert one().state is BriefingState.MISSED


def test_the_list_has_tonight_first_and_what_has_been_below(app, coordinator, world, planned, parse):
    with app.app_context():
        a_briefing(world, state=BriefingState.PLANNED, starts_at=clock.at_local(clock.today(), time(23, 59)))
        a_briefing(world, state=BriefingState.HELD)
        db.session.commit()
    page = parse(coordinator.get(URL))
    coming = [link.text for link in page.select("section[aria-labelledby=coming] .timeline a")]
    assert coming[0].replace("\xa0", " ") == "I dag kl. 23.59"
    assert len(coming) == 2
    assert len(page.select("#briefings tbody tr")) == 2
    assert len(parse(coordinator.get(f"{URL}?tillstand=planned")).select("#briefings tbody tr")) == 2


@pytest.fixture
def begun(app, planned, police):
    """Tonight's briefing, which the police has begun to fill in; its id."""
    with app.app_context():
        db.session.get_one(Briefing, planned).starts_at = clock.now() + timedelta(hours=3)
        db.session.commit()
    data = {"situation-text": "Mer folk än vanligt.", "situation-visibility": "partnership"}
    assert police.post(f"{URL}/{planned}/rader/situation", data=data).status_code == 303
    return planned


def test_one_that_someone_has_begun_to_fill_in_is_moved_all_the_same(coordinator, begun, one, parse):
    assert one().state is BriefingState.OPEN
    assert parse(coordinator.get(f"{URL}/{begun}")).select(f'a[href="{URL}/{begun}/flytta"]')
    data = {"day": "2099-12-24", "at": "17.30", "version": one().version}
    assert coordinator.post(f"{URL}/{begun}/flytta", data=data).status_code == 303
    assert one().starts_at == datetime(2099, 12, 24, 16, 30, tzinfo=UTC)
    assert "Mer folk än vanligt." in parse(coordinator.get(f"{URL}/{begun}")).text


def move(coordinator, briefing_id, one, starts_at):
    at = clock.to_local(starts_at)
    data = {"day": at.date().isoformat(), "at": at.strftime("%H.%M"), "version": one().version}
    assert coordinator.post(f"{URL}/{briefing_id}/flytta", data=data).status_code == 303


@pytest.fixture
def ticked(begun, police, parse):
    """The key of a function that was ticked off at the begun briefing."""
    box = parse(police.get(f"{URL}/{begun}")).select_one("#narvaro input[type=checkbox]")
    assert police.post(f"{URL}/{begun}/narvaro", data={"here": box["value"]}).status_code == 303
    return box["value"]


def test_one_that_is_begun_and_moved_weeks_ahead_is_planned_and_comes_back_with_its_words(
    coordinator, police, begun, ticked, one, parse
):
    line = {"situation-text": "För tidigt.", "situation-visibility": "partnership"}
    move(coordinator, begun, one, clock.now() + timedelta(days=21))
    assert one().state is BriefingState.PLANNED
    page = parse(police.get(f"{URL}/{begun}"))
    assert "Mer folk än vanligt." in page.select_one("#lage").text
    assert "ett dygn innan" in page.select_one("#sheet").text
    # Nobody has come to what is weeks ahead.
    assert page.select_one("#attendance-count").text.replace("\xa0", " ") == "0 av 3"
    assert "Pågår" not in parse(police.get(URL)).select_one("section[aria-labelledby=coming]").text
    assert "på plats" not in parse(police.get("/samverkan/klara/")).select_one(".now").text
    assert police.post(f"{URL}/{begun}/rader/situation", data=line).status_code == 409
    # Cancelled and planned again it is no nearer.
    coordinator.post(f"{URL}/{begun}/stall-in", data={"version": one().version, "reason": "Sjukdom"})
    coordinator.post(f"{URL}/{begun}/planera-igen")
    assert one().state is BriefingState.PLANNED
    move(coordinator, begun, one, clock.now() + timedelta(hours=2))
    assert one().state is BriefingState.OPEN
    assert parse(police.get(f"{URL}/{begun}")).select_one("#attendance-count").text.replace("\xa0", " ") == "0 av 3"
    assert police.post(f"{URL}/{begun}/rader/situation", data=line).status_code == 303


def test_one_that_is_begun_and_moved_by_an_hour_goes_on_as_it_was(coordinator, police, begun, ticked, one, parse):
    move(coordinator, begun, one, clock.now() + timedelta(hours=4))
    assert one().state is BriefingState.OPEN
    boxes = parse(police.get(f"{URL}/{begun}")).select("#narvaro input[checked]")
    assert [box["value"] for box in boxes] == [ticked]


def test_what_was_written_before_the_move_can_be_changed_when_its_evening_comes(
    app, coordinator, police, begun, one, parse
):
    change = parse(police.get(f"{URL}/{begun}")).select_one("#lage li a[href$='/andra']")["href"]
    new = {"text": "Lugnare nu.", "visibility": "partnership", "version": 1}
    move(coordinator, begun, one, clock.now() + timedelta(days=21))
    assert not parse(police.get(f"{URL}/{begun}")).select("#lage li a")
    assert police.post(change, data=new).status_code == 409
    with app.app_context():
        db.session.get_one(Briefing, begun).starts_at = clock.now() + timedelta(hours=3)
        db.session.commit()
    assert parse(police.get(f"{URL}/{begun}")).select_one("#lage li a[href$='/andra']")["href"] == change
    assert police.post(change, data=new).status_code == 303
    assert one().state is BriefingState.OPEN


def test_one_that_someone_has_begun_to_fill_in_is_cancelled_and_goes_on(coordinator, police, begun, one, parse):
    data = {"version": one().version, "reason": "Sjukdom"}
    assert coordinator.post(f"{URL}/{begun}/stall-in", data=data).status_code == 303
    assert one().state is BriefingState.CANCELLED
    line = {"situation-text": "För sent.", "situation-visibility": "partnership"}
    assert police.post(f"{URL}/{begun}/rader/situation", data=line).status_code == 409
    assert coordinator.post(f"{URL}/{begun}/planera-igen").status_code == 303
    assert one().state is BriefingState.OPEN
    page = parse(police.get(f"{URL}/{begun}"))
    change = page.select_one("#lage li a[href$='/andra']")["href"]
    new = {"text": "Lugnare nu.", "visibility": "partnership", "version": 1}
    assert police.post(change, data=new).status_code == 303


def test_one_that_someone_has_begun_to_fill_in_may_prove_never_to_be_held(app, coordinator, begun, one):
    with app.app_context():
        db.session.get_one(Briefing, begun).starts_at = clock.now() - timedelta(hours=1)
        db.session.commit()
    assert coordinator.post(f"{URL}/{begun}/blev-inte-av").status_code == 303
    assert one().state is BriefingState.MISSED


def test_ending_a_rhythm_leaves_what_someone_has_changed_or_settled_in(app, coordinator, world, parse):
    with app.app_context():
        series = a_series(world, starts_on=clock.today())
        made = planning.make_occurrences(series, today=clock.today(), horizon_days=30)[1:]
        elsewhere, settling = made[0], made[1]
        planning.change_briefing(
            elsewhere, version=1, starts_at=elsewhere.starts_at, location="Kulturhuset",
            held_by_id=elsewhere.held_by_id, now=clock.now(),
        )  # fmt: skip
        earlier = a_briefing(world, state=BriefingState.HELD)
        a_line(world, earlier, section=BriefingSection.HANDOVER, settled_in_id=settling.id)
        kept, series_id = {elsewhere.id, settling.id}, series.id
        db.session.commit()
    coordinator.post(f"{URL}/serie/{series_id}/avsluta")
    with app.app_context():
        later = select(Briefing.id).where(Briefing.starts_at > clock.now() + timedelta(days=1))
        assert set(db.session.scalars(later)) == kept
    for address in (URL, "/samverkan/klara/om"):
        assert "Två gånger i veckan, avslutad" in parse(coordinator.get(address)).select_one("main").text, address
