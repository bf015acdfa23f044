"""The list of meetings: what it can be filtered and sorted by, and what its file holds."""

from datetime import date, time

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.meetings.models import Decision, Meeting, MeetingState, MinutesItem
from platssamverkan.meetings.queries import KINDS


def _in_period(value: str) -> ColumnElement[bool]:
    now, today = clock.now(), clock.today()
    if value == "kommande":
        return Meeting.starts_at >= clock.at_local(today, time(0))
    if value == "tidigare":
        return Meeting.starts_at < now
    year = int(value)
    return (Meeting.starts_at >= clock.at_local(date(year, 1, 1), time(0))) & (
        Meeting.starts_at < clock.at_local(date(year + 1, 1, 1), time(0))
    )


def _years(partnership_id: int) -> list[tuple[str, str]]:
    first, last = db.session.execute(
        select(func.min(Meeting.starts_at), func.max(Meeting.starts_at)).where(Meeting.partnership_id == partnership_id)
    ).one()
    if first is None:
        return []
    years = range(clock.to_local(last).year, clock.to_local(first).year - 1, -1)
    return [(str(year), str(year)) for year in years]


def _holds(text: str, reader: Reader) -> ColumnElement[bool]:
    """Return the condition that the meeting, or something in its minutes in sight of `reader`, holds the words."""
    in_items = select(MinutesItem.meeting_id).where(
        visible_to(MinutesItem, reader), contains(text, MinutesItem.heading, MinutesItem.text)
    )
    in_decisions = (
        select(MinutesItem.meeting_id)
        .join(Decision, Decision.item_id == MinutesItem.id)
        .where(visible_to(MinutesItem, reader), visible_to(Decision, reader), contains(text, Decision.text))
    )
    return or_(
        contains(text, Meeting.location, Meeting.chair, Meeting.secretary),
        Meeting.id.in_(in_items),
        Meeting.id.in_(in_decisions),
    )


def meeting_list(partnership_id: int, reader: Reader) -> tuple[Select[Meeting], ListSpec]:
    """Return the select of the list's meetings and how it looks."""
    kind_order = case(*((Meeting.kind == kind, place) for place, kind in enumerate(KINDS)), else_=len(KINDS))
    state_order = case(*((Meeting.state == state, place) for place, state in enumerate(MeetingState)))
    periods = [("kommande", "Kommande"), ("tidigare", "Tidigare"), *_years(partnership_id)]
    spec = ListSpec(
        id="meetings",
        noun_singular="möte",
        noun_plural="möten",
        columns=[
            Column("datum", "Möte", Meeting.starts_at, value=lambda row: clock.to_local(row.starts_at).date()),
            Column("slag", "Slag", kind_order, value=lambda row: row.kind.label),
            Column("plats", "Plats", func.lower(Meeting.location), value=lambda row: row.location),
            Column("beslut", "Beslut", numeric=True),
            Column("lage", "Läge", state_order, value=lambda row: row.state.label),
        ],
        filters=[
            Filter("text", "Text", lambda text: _holds(text, reader), kind="text"),
            Filter(
                "slag",
                "Slag",
                lambda value: Meeting.kind == value,
                choices=[(kind.value, kind.label) for kind in KINDS],
            ),
            Filter("lage", "Läge", lambda value: Meeting.state == value, choices=MeetingState.choices()),
            Filter("period", "Period", _in_period, choices=periods),
        ],
        default_sort="datum",
        default_descending=True,
        tie=Meeting.id.desc(),
    )
    return select(Meeting).where(Meeting.partnership_id == partnership_id), spec


def decision_counts(meeting_ids: list[int], reader: Reader) -> dict[int, int]:
    """Return meeting id → how many decisions `reader` may read. One query."""
    statement = (
        select(MinutesItem.meeting_id, func.count(Decision.id))
        .join(Decision, Decision.item_id == MinutesItem.id)
        .where(MinutesItem.meeting_id.in_(meeting_ids))
        .where(visible_to(MinutesItem, reader), visible_to(Decision, reader))
        .group_by(MinutesItem.meeting_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}
