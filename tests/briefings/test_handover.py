"""Ending a briefing, and what it hands over to those that come."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor
from platssamverkan.briefings.models import Briefing, BriefingItem, BriefingSection, BriefingState
from platssamverkan.core import clock
from platssamverkan.core.audit import AuditEntry
from platssamverkan.core.db import db
from tests.briefings.builders import a_line
from tests.briefings.test_filling import URL, a_row


def test_what_was_handed_over_stands_first_until_it_is_settled(police, saved, made, parse):
    earlier = saved(state=BriefingState.HELD, starts_at=datetime(2026, 9, 1, 16, tzinfo=UTC))
    line = made(a_line, earlier, section=BriefingSection.HANDOVER, text="Stäm av belysningen.")
    tonight = saved()
    sections = parse(police.get(f"{URL}/{tonight}")).select("#sheet section[id]")
    assert sections[0]["id"] == "forra"
    assert "Stäm av belysningen." in sections[0].text
    police.post(f"{URL}/{tonight}/overlamning/{line}", data={"done": "1"})
    assert "Ta upp igen" in parse(police.get(f"{URL}/{tonight}")).select_one("#forra").text
    later = saved(state=BriefingState.PLANNED, starts_at=clock.now() + timedelta(days=2))
    assert parse(police.get(f"{URL}/{later}")).select_one("#forra") is None
    # The sheet of an evening in between is not emptied afterwards.
    between = saved(state=BriefingState.HELD, starts_at=datetime(2026, 9, 15, 16, tzinfo=UTC))
    stood = parse(police.get(f"{URL}/{between}")).select_one("#forra")
    assert stood.select_one(f'a[href="{URL}/{tonight}"]').text == "Klart vid en senare utställning"
    assert not stood.select("form")
    police.post(f"{URL}/{tonight}/overlamning/{line}", data={"done": "0"})
    assert parse(police.get(f"{URL}/{later}")).select_one("#forra")


def test_a_handover_is_settled_at_one_briefing_that_is_filled_in_or_has_been(police, saved, made, read, parse):
    earlier = saved(state=BriefingState.HELD, starts_at=datetime(2026, 9, 1, 16, tzinfo=UTC))
    line = made(a_line, earlier, section=BriefingSection.HANDOVER)
    off = {"closed": {"state": BriefingState.CANCELLED}, "missed": {"state": BriefingState.MISSED}}
    off |= {"far": {"state": BriefingState.PLANNED, "starts_at": clock.now() + timedelta(days=9)}}
    for name, facts in off.items():
        briefing_id = saved(**facts)
        assert not parse(police.get(f"{URL}/{briefing_id}")).select("#forra form"), name
        assert police.post(f"{URL}/{briefing_id}/overlamning/{line}", data={"done": "1"}).status_code == 409, name
    tonight = saved()
    assert police.post(f"{URL}/{tonight}/overlamning/{line}", data={"done": "1"}).status_code == 303
    # From a page that was made before: another briefing neither takes it over nor takes it up again.
    other = saved(starts_at=clock.now() + timedelta(hours=1))
    for done in "10":
        assert police.post(f"{URL}/{other}/overlamning/{line}", data={"done": done}).status_code == 409
    assert read(BriefingItem.settled_in_id) == [tonight]


def test_only_an_earlier_handover_is_settled(police, saved, made, parse):
    tonight = saved()
    cancelled = saved(state=BriefingState.CANCELLED, starts_at=datetime(2026, 9, 1, 16, tzinfo=UTC))
    for briefing_id in (tonight, cancelled):
        line = made(a_line, briefing_id, section=BriefingSection.HANDOVER)
        assert parse(police.get(f"{URL}/{tonight}")).select_one("#forra") is None
        assert police.post(f"{URL}/{tonight}/overlamning/{line}", data={"done": "1"}).status_code == 409


def test_closing_asks_what_is_missing_and_then_only_handover_is_settled(police, saved, made, read, parse):
    earlier = saved(state=BriefingState.HELD, starts_at=datetime(2026, 9, 1, 16, tzinfo=UTC))
    handed = made(a_line, earlier, section=BriefingSection.HANDOVER)
    tonight = saved(state=BriefingState.PLANNED)
    page = parse(police.get(f"{URL}/{tonight}/avsluta"))
    assert [item.text for item in page.select(".notice-warning li")] == [
        "Ingen är markerad som närvarande", "Lägesbilden är tom", "Ingen bemanning är ifylld",
        "Inget är överlämnat till nästa gång",
    ]  # fmt: skip
    assert "Utställningen har inte börjat" not in page.text
    early = saved(state=BriefingState.PLANNED, starts_at=clock.now() + timedelta(hours=3))
    assert "Utställningen har inte börjat" in parse(police.get(f"{URL}/{early}/avsluta")).text
    assert police.post(f"{URL}/{tonight}/avsluta").status_code == 303
    assert read(Briefing.state)[1] is BriefingState.HELD
    assert read(Briefing.closed_by_function)[1] == "Police, Polisen"
    for path, data in (
        ("narvaro", {}), ("avsluta", {}), ("rader/situation", a_row("situation")),
        ("deltagare", {"attendance-actor_id": "2"}),
    ):  # fmt: skip
        assert police.post(f"{URL}/{tonight}/{path}", data=data).status_code == 409, path
    page = parse(police.get(f"{URL}/{tonight}"))
    assert page.select("#forra form")
    assert len(page.select("#sheet form")) == len(page.select("#forra form"))
    assert police.post(f"{URL}/{tonight}/overlamning/{handed}", data={"done": "1"}).status_code == 303


def test_a_line_of_a_closed_briefing_is_not_changed(police, saved, made, read):
    line = made(a_line, saved(state=BriefingState.HELD))
    data = {"text": "Ny", "visibility": "partnership", "version": 1}
    assert police.post(f"{URL}/rader/{line}/andra", data=data).status_code == 409
    assert police.post(f"{URL}/rader/{line}/ta-bort").status_code == 409
    assert read(BriefingItem.id) == [line]


def test_the_coordinator_opens_again_and_the_log_keeps_it(app, coordinator, saved, read):
    briefing_id = saved(state=BriefingState.HELD)
    assert coordinator.post(f"{URL}/{briefing_id}/oppna-igen").status_code == 303
    assert read(Briefing.state) == [BriefingState.OPEN]
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry.changes["state"] == ["held", "open"]
    assert coordinator.post(f"{URL}/{briefing_id}/oppna-igen").status_code == 409


def test_who_closed_it_has_room_also_with_the_longest_names(app, world, police, saved):
    tonight = saved()
    with app.app_context():
        db.session.get(User, world.users["police"]).function = "f" * 120
        db.session.get(Actor, world.actors["police"]).name = "a" * 160
        db.session.commit()
    assert police.post(f"{URL}/{tonight}/avsluta").status_code == 303
    with app.app_context():
        assert db.session.get(Briefing, tonight).closed_by_function == "f" * 120
