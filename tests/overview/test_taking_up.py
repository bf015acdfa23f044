"""Lines of briefings that ask to be taken up: what the start page, the meeting and the briefing say of them."""

from collections.abc import Callable
from datetime import time, timedelta
from itertools import product

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from platssamverkan.briefings.models import BriefingState
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.formatting import day
from platssamverkan.core.visibility import Visibility
from platssamverkan.meetings.models import Meeting, MeetingState, MinutesItem
from platssamverkan.partnerships.models import MeetingKind
from tests.briefings.builders import a_briefing, a_line
from tests.builders import World, add

Parse = Callable[..., BeautifulSoup]
PLANNED, HELD, CANCELLED = MeetingState.PLANNED, MeetingState.HELD, MeetingState.CANCELLED


def test_lines_to_take_up_wait_for_those_who_hold_the_meetings(
    app: Flask, world: World, coordinator: FlaskClient, police: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        klara = world.partnerships["klara"]
        briefing = a_briefing(world, state=BriefingState.HELD)
        line_id, *_ = [a_line(world, briefing, raise_to_forum=is_raised).id for is_raised in (True, True, False)]
        a_line(world, briefing, raise_to_forum=True, visibility=Visibility.ACTOR_INTERNAL)
        a_line(world, a_briefing(world, state=BriefingState.PLANNED), raise_to_forum=True)
        starts = clock.at_local(clock.today() + timedelta(days=9), time(13))
        sooner = {"kind": MeetingKind.WORKING_GROUP, "starts_at": starts - timedelta(days=2)}
        add(Meeting(partnership_id=klara, **sooner))
        kind = MeetingKind.STRATEGIC_FORUM
        meeting_id = add(Meeting(partnership_id=klara, kind=kind, starts_at=starts)).id
        off = add(Meeting(partnership_id=klara, kind=kind, starts_at=starts, state=MeetingState.CANCELLED))
        add(MinutesItem(meeting_id=off.id, position=1, heading="Mörkt", briefing_item_id=line_id))
        db.session.commit()

    def told(client: FlaskClient) -> dict[str, str]:
        links = parse(client.get("/")).select("section[aria-labelledby=waiting] a[href*='/moten']")
        return {link["href"]: link.text.replace("\xa0", " ") for link in links}

    meeting = f"/samverkan/klara/moten/{meeting_id}"
    on = day(starts).replace("\xa0", " ")
    assert told(coordinator) == {meeting: f"Ta upp 2 rader från utställningarna på strategiskt möte {on}"}
    assert told(police) == {}
    with app.app_context():
        add(MinutesItem(meeting_id=meeting_id, position=1, heading="Mörkt", briefing_item_id=line_id))
        db.session.commit()
    assert told(coordinator) == {meeting: f"Ta upp 1 rad från utställningarna på strategiskt möte {on}"}
    # Where no strategic meeting is planned the list of meetings shows what there is.
    with app.app_context():
        db.session.get_one(Meeting, meeting_id).kind = MeetingKind.EST
        db.session.commit()
    assert told(coordinator) == {"/samverkan/klara/moten": "Ta upp 1 rad från utställningarna på strategiskt möte"}


def test_the_start_page_counts_the_lines_that_the_meeting_offers(
    app: Flask, world: World, coordinator: FlaskClient, parse: Parse
) -> None:
    with app.app_context():
        klara = world.partnerships["klara"]
        starts = clock.at_local(clock.today() + timedelta(days=9), time(13))
        forum, kind = {"partnership_id": klara, "starts_at": starts}, MeetingKind.STRATEGIC_FORUM
        agendas = {state: add(Meeting(kind=kind, state=state, **forum)).id for state in (PLANNED, HELD, CANCELLED)}
        for state, visibility, agenda in product(BriefingState, Visibility, (None, *agendas.values())):
            line = a_line(world, a_briefing(world, state=state), raise_to_forum=True, visibility=visibility)
            a_line(world, a_briefing(world, state=state), visibility=visibility)
            if agenda:
                add(MinutesItem(meeting_id=agenda, position=1, heading="Mörkt", briefing_item_id=line.id))
        db.session.commit()
    # Open or held, of no other actor's own, on no agenda or that of a meeting that does not come off.
    wanted = 2 * (len(Visibility) - 1) * 2
    [told] = parse(coordinator.get("/")).select(
        "section[aria-labelledby=waiting] a[href*='/moten/']:-soup-contains(upp)"
    )
    assert told.text.replace("\xa0", " ").startswith(f"Ta upp {wanted} rader")
    page = parse(coordinator.get(f"/samverkan/klara/moten/{agendas[PLANNED]}"))
    assert len(page.select("input[name=briefing_item_id]")) == wanted
