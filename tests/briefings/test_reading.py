"""Who reads what of a briefing, and what other rooms ask for."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from platssamverkan.briefings import limits, queries
from platssamverkan.briefings.models import BriefingSection, BriefingState
from platssamverkan.briefings.sheet import expected_functions, sheet_of
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.formatting import weekday_day
from platssamverkan.core.registry import Window, registry
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.partnerships.models import Membership, RepresentationLevel, Representative
from tests.activations.builders import an_event
from tests.briefings.builders import a_briefing, a_line, someone_present, staffing
from tests.builders import add

URL = "/samverkan/sergels/utstallningar"


@pytest.fixture
def sheet(app, world):
    """A held briefing at the square with open and closed lines; its id."""
    with app.app_context():
        briefing = a_briefing(world, "sergels", state=BriefingState.HELD)
        a_line(world, briefing, text="Delad rad")
        a_line(world, briefing, text="Hemlig rad", visibility=Visibility.AUTHORITIES_ONLY)
        a_line(world, briefing, "owner", text="Intern rad", visibility=Visibility.ACTOR_INTERNAL)
        staffing(world, briefing, function="Synliga vakter")
        staffing(world, briefing, function="Dolda vakter", visibility=Visibility.AUTHORITIES_ONLY)
        someone_present(world, briefing)
        briefing_id = briefing.id
        db.session.commit()
        return briefing_id


def test_an_authorities_line_is_on_no_page_of_the_owner(owner, police, sheet):
    addresses = (f"{URL}/{sheet}", URL, f"{URL}?text=Hemlig", f"{URL}?format=csv", f"{URL}/{sheet}/avsluta")
    texts = {address: owner.get(address).get_data(as_text=True) for address in addresses}
    assert not [address for address, text in texts.items() if "Hemlig rad" in text or "Dolda vakter" in text]
    assert "Delad rad" in texts[addresses[0]]
    assert "Intern rad" in texts[addresses[0]]
    assert "2 rader visas bara för myndigheter" in texts[addresses[0]]
    page = police.get(f"{URL}/{sheet}").get_data(as_text=True)
    assert "Hemlig rad" in page
    assert "Dolda vakter" in page
    assert "Intern rad" not in page


def test_the_owner_cannot_find_a_briefing_by_a_hidden_line(owner, police, sheet, parse):
    assert "passar filtret" in parse(owner.get(f"{URL}?text=hemlig")).text
    assert len(parse(police.get(f"{URL}?text=hemlig")).select("#briefings tbody tr")) == 1


def test_strangers_and_other_partnerships_get_nothing(owner, stranger, anonymous, coordinator, sheet):
    assert stranger.get(f"{URL}/{sheet}").status_code == 404
    assert anonymous.get(f"{URL}/{sheet}").status_code == 302
    assert coordinator.get(f"/samverkan/klara/utstallningar/{sheet}").status_code == 404
    assert owner.get("/samverkan/klara/utstallningar").status_code == 404
    assert owner.get(f"{URL}/99999").status_code == 404


def test_a_reader_reads_and_has_no_forms(reader, app, world, parse):
    with app.app_context():
        briefing = a_briefing(world, "sergels", starts_at=clock.now())
        line, entry = a_line(world, briefing), staffing(world, briefing)
        ids = briefing.id, line.id, entry.id
        db.session.commit()
    page = parse(reader.get(f"{URL}/{ids[0]}"))
    assert "Mer öppen försäljning" in page.text
    assert not page.select("#sheet form")
    for path in (
        f"{ids[0]}/narvaro", f"{ids[0]}/deltagare", f"{ids[0]}/rader/situation", f"{ids[0]}/bemanning",
        f"{ids[0]}/avsluta", f"{ids[0]}/oppna-igen", f"rader/{ids[1]}/andra", f"rader/{ids[1]}/lyft",
        f"rader/{ids[1]}/ta-bort", f"bemanning/{ids[2]}/andra", f"bemanning/{ids[2]}/ta-bort", "ny", "serie/ny",
        f"{ids[0]}/flytta", f"{ids[0]}/stall-in", f"{ids[0]}/blev-inte-av", f"{ids[0]}/overlamning/{ids[1]}",
    ):  # fmt: skip
        assert reader.post(f"{URL}/{path}").status_code == 403, path


def test_a_participant_does_not_plan(police, app, world):
    with app.app_context():
        briefing_id = a_briefing(world, "sergels").id
        db.session.commit()
    for path in ("ny", "serie/ny", f"{briefing_id}/flytta", f"{briefing_id}/stall-in"):
        assert police.get(f"{URL}/{path}").status_code == 403
        assert police.post(f"{URL}/{path}").status_code == 403
    assert police.post(f"{URL}/{briefing_id}/oppna-igen").status_code == 403


def test_the_part_equals_the_page(coordinator, sheet, parse):
    whole = parse(coordinator.get(f"{URL}/{sheet}")).select_one("#sheet")
    part = parse(coordinator.get(f"{URL}/{sheet}", headers={"HX-Request": "true"})).select_one("#sheet")
    assert str(part) == str(whole)
    whole = parse(coordinator.get(f"{URL}?tillstand=held")).select_one("#briefings")
    part = parse(coordinator.get(f"{URL}?tillstand=held", headers={"HX-Request": "true"})).select_one("#briefings")
    assert str(part) == str(whole)


def test_queries_grow_neither_with_lines_nor_with_briefings(app, coordinator, world, count_queries):
    def cost(path: str) -> int:
        with count_queries() as statements:
            assert coordinator.get(path).status_code == 200
        return len(statements)

    def fill(rows: int) -> int:
        with app.app_context():
            earlier = a_briefing(world, state=BriefingState.HELD, starts_at=datetime(2026, 9, 1, 16, tzinfo=UTC))
            briefing = a_briefing(world)
            for number in range(rows):
                a_line(world, earlier, section=BriefingSection.HANDOVER)
                for section in BriefingSection:
                    a_line(world, briefing, section=section)
                staffing(world, briefing)
                someone_present(world, briefing, function=str(number))
                start = datetime(2026, 10, 7, 16, tzinfo=UTC)
                an_event(world, "klara", "police", starts_at=start, ends_at=start + timedelta(hours=1))
            briefing_id = briefing.id
            db.session.commit()
            return briefing_id

    first, list_first = cost(f"/samverkan/klara/utstallningar/{fill(1)}"), cost("/samverkan/klara/utstallningar")
    assert cost(f"/samverkan/klara/utstallningar/{fill(12)}") == first
    for _ in range(6):
        fill(1)
    assert cost("/samverkan/klara/utstallningar") == list_first


def test_events_of_the_square_come_to_the_briefing_of_the_area(app, police, world, parse):
    with app.app_context():
        briefing_id = a_briefing(world).id
        for title, day in (("Ljusverkstad", 7), ("Sista dagen", 13), ("För sent", 14), ("För tidigt", 5)):
            start = datetime(2026, 10, day, 16, tzinfo=UTC)
            an_event(world, title=title, starts_at=start, ends_at=start + timedelta(hours=2))
        start = datetime(2026, 10, 8, 16, tzinfo=UTC)
        an_event(
            world, title="Ägarens egen", starts_at=start, ends_at=start + timedelta(hours=2),
            visibility=Visibility.ACTOR_INTERNAL,
        )  # fmt: skip
        db.session.commit()
    page = parse(police.get(f"/samverkan/klara/utstallningar/{briefing_id}"))
    assert [link.text for link in page.select("#kommande .timeline a")] == ["Ljusverkstad", "Sista dagen"]


def test_the_sheet_for_a_document_says_how_much_is_left_out(app, world, sheet):
    with app.app_context():
        found = sheet_of(sheet, world.partnerships["sergels"], Reader())
        assert [line.text for line in found.situation] == ["Delad rad"]
        assert (found.headcount, found.left_out) == (6, 2)
        authorities = sheet_of(sheet, world.partnerships["sergels"], Reader(sees_authorities=True))
        assert [line.text for line in authorities.situation] == ["Delad rad", "Hemlig rad"]
        assert (authorities.headcount, authorities.left_out) == (12, 0)


def test_a_planned_briefing_expects_the_operative_functions(app, world):
    with app.app_context():
        membership = world.memberships["klara", "police"]
        for function, level in (
            ("Uppsökarteamet", RepresentationLevel.OPERATIVE),
            ("Ungdomsjouren", RepresentationLevel.OPERATIVE),
            ("Chefer", RepresentationLevel.STRATEGIC),
        ):
            add(Representative(membership_id=membership, level=level, function=function))
        add(
            Representative(
                membership_id=membership, level=RepresentationLevel.OPERATIVE, function="Förra",
                valid_to=date(2020, 1, 1),
            )
        )  # fmt: skip
        found = expected_functions(world.partnerships["klara"], date(2026, 10, 6))
        assert [(row.actor, row.function) for row in found] == [
            ("Polisen", "Uppsökarteamet"), ("Polisen", "Ungdomsjouren"),
            ("Stadsdelsförvaltningen", ""), ("Trafikkontoret", ""),
        ]  # fmt: skip


def test_no_more_are_expected_than_the_page_has_room_for(app, world):
    with app.app_context():
        member = {"membership_id": world.memberships["klara", "police"], "level": RepresentationLevel.OPERATIVE}
        for number in range(limits.ATTENDANCE_ROWS + 2):
            add(Representative(function=f"Funktion {number}", **member))
        found = expected_functions(world.partnerships["klara"], date(2026, 10, 6))
        assert len(found) == limits.ATTENDANCE_ROWS


def test_the_sheet_tells_since_when_it_speaks(app, police, world, parse):
    with app.app_context():
        for day in (1, 3, 8):
            a_briefing(world, state=BriefingState.HELD, starts_at=datetime(2026, 10, day, 16, tzinfo=UTC))
        a_briefing(world, state=BriefingState.CANCELLED, starts_at=datetime(2026, 10, 5, 16, tzinfo=UTC))
        a_briefing(world, "sergels", state=BriefingState.HELD, starts_at=datetime(2026, 10, 4, 16, tzinfo=UTC))
        briefing_id = a_briefing(world).id
        db.session.commit()
    told = parse(police.get(f"/samverkan/klara/utstallningar/{briefing_id}")).select_one("#lage .section-heading").text
    assert "sedan lördag 3 oktober" in told.replace("\xa0", " ")


def test_an_actor_is_expected_while_it_takes_part(app, world):
    with app.app_context():
        for actor, part in (("police", {"left_on": date(2026, 10, 5)}), ("traffic", {"joined_on": date(2026, 10, 7)})):
            here = Membership.id == world.memberships["klara", actor]
            db.session.execute(update(Membership).where(here).values(**part))
        found = expected_functions(world.partnerships["klara"], date(2026, 10, 6))
        assert [row.actor for row in found] == ["Stadsdelsförvaltningen"]


def test_statistics_take_whole_local_days(app, world):
    with app.app_context():
        for minute in (datetime(2026, 9, 30, 22, 5, tzinfo=UTC), datetime(2026, 10, 31, 22, 55, tzinfo=UTC)):
            a_briefing(world, starts_at=minute, state=BriefingState.HELD)
            outside = minute - timedelta(minutes=10) if minute.month == 9 else minute + timedelta(minutes=10)
            a_briefing(world, starts_at=outside, state=BriefingState.HELD)
        found = queries.statistics(world.partnerships["klara"], date(2026, 10, 1), date(2026, 10, 31))
        assert found.planned == 2


def test_raised_lines_of_what_has_begun_are_told_to_those_who_may_read_them(app, world):
    with app.app_context():
        briefing = a_briefing(world, state=BriefingState.HELD)
        raised = a_line(world, briefing, raise_to_forum=True)
        a_line(world, briefing)
        cancelled = a_briefing(world, state=BriefingState.CANCELLED)
        a_line(world, cancelled, raise_to_forum=True)
        a_line(world, briefing, raise_to_forum=True, visibility=Visibility.AUTHORITIES_ONLY)
        lines = registry.ask("raised_briefing_items", world.partnerships["klara"], Reader())
        assert [line.id for line in lines] == [raised.id]


def test_statistics_count_the_planned_ones_too(app, world):
    with app.app_context():
        first = a_briefing(world, state=BriefingState.HELD)
        for function in ("a", "b", "c"):
            someone_present(world, first, function=function)
        a_briefing(world, state=BriefingState.HELD)
        a_briefing(world, state=BriefingState.CANCELLED, cancel_reason="Helg")
        a_briefing(world, state=BriefingState.MISSED)
        a_briefing(world, state=BriefingState.PLANNED)
        someone_present(
            world, a_briefing(world, state=BriefingState.CANCELLED, starts_at=datetime(2025, 1, 1, tzinfo=UTC))
        )
        found = queries.statistics(world.partnerships["klara"], date(2026, 10, 1), date(2026, 10, 31))
        facts = {"planned": 5, "held": 2, "cancelled": 1, "missed": 1, "mean_attendance": 1.5, "is_example": False}
        assert found == queries.Statistics(**facts)
        nothing = queries.statistics(world.partnerships["klara"], date(2024, 1, 1), date(2024, 1, 2))
        assert nothing == queries.Statistics(0, 0, 0, 0, None, False)


def test_the_list_tells_how_the_last_year_went(app, world, owner, parse):
    url = "/samverkan/sergels/utstallningar"
    assert parse(owner.get(url)).find(id="last-year") is None
    with app.app_context():
        held = a_briefing(world, "sergels", state=BriefingState.HELD, starts_at=clock.now() - timedelta(days=300))
        for function in ("a", "b"):
            someone_present(world, held, function=function)
        a_briefing(
            world, "sergels", state=BriefingState.HELD, starts_at=clock.now() - timedelta(days=3), is_example=True
        )
        missed = {"state": BriefingState.MISSED, "starts_at": clock.now() - timedelta(days=2)}
        a_briefing(world, "sergels", **missed)
        a_briefing(world, "sergels", state=BriefingState.HELD, starts_at=clock.now() - timedelta(days=400))
        # Tonight's has not been held yet, nor has it failed to be.
        a_briefing(world, "sergels", state=BriefingState.PLANNED, starts_at=clock.now() + timedelta(minutes=1))
        a_briefing(world, "sergels", state=BriefingState.PLANNED, starts_at=clock.now() + timedelta(days=2))
        db.session.commit()
    told = parse(owner.get(url)).find(id="last-year").get_text()
    assert " ".join(told.split()) == (
        "Senaste året: 2 av 3 planerade utställningar hölls, 1 blev inte av. I snitt var 1,0 närvarande. Exempel"
    )


def test_next_and_between(app, world):
    with app.app_context():
        now = clock.now()
        a_briefing(world, state=BriefingState.HELD, starts_at=now)
        later = a_briefing(world, state=BriefingState.PLANNED, starts_at=now + timedelta(days=3))
        soon = a_briefing(world, state=BriefingState.PLANNED, starts_at=now + timedelta(days=1))
        klara = world.partnerships["klara"]
        found = queries.next_briefing(klara, Reader())
        assert found is not None
        assert found[0].id == soon.id
        assert [row.id for row in queries.coming_briefings(klara, 5)] == [soon.id, later.id]
        today = clock.today()
        assert len(queries.briefings_between([klara], today, today + timedelta(days=3))) == 3


def test_search_and_feed_follow_the_reader(app, world, sheet):
    sergels = world.partnerships["sergels"]
    with app.test_request_context():
        assert registry.searches["Utställningar"]({sergels: Reader()}, ["hemlig"], 5) == []
        hits = registry.searches["Utställningar"]({sergels: Reader(sees_authorities=True)}, ["hemlig"], 5)
        assert [hit.text for hit in hits] == ["Hemlig rad"]
        [held] = registry.feeds["Utställningar"](sergels, Reader(), Window(5))
        assert (held.kind, held.title) == ("Utställning", weekday_day(held.at))
        assert held.text == "1\xa0på plats, 1\xa0rad i lägesbilden"
        [seen] = registry.feeds["Utställningar"](sergels, Reader(sees_authorities=True), Window(5))
        assert seen.text == "1\xa0på plats, 2\xa0rader i lägesbilden"


def test_the_feed_tells_of_what_became_of_briefings_and_of_none_that_is_still_ahead(app, world):
    with app.test_request_context():
        for state in BriefingState:
            a_briefing(world, state=state, cancel_reason="Storm" if state is BriefingState.CANCELLED else None)
        told = registry.feeds["Utställningar"](world.partnerships["klara"], Reader(), Window(9))
        assert sorted(hit.minor for hit in told) == [False, True, True]
