"""The list of meetings: what it can be filtered and sorted by, and what its file holds."""

from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from platssamverkan.core import clock
from platssamverkan.core.db import db, prepared
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.meetings.models import Decision, Meeting, MeetingState, MinutesItem
from platssamverkan.meetings.queries import KINDS, ROW


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


@prepared
def _meetings(reader: Reader) -> Select[*tuple[Any, ...]]:
    """Return the MeetingRow of every meeting, and how many decisions `reader` may read."""
    decisions = (
        select(func.count(Decision.id))
        .join(MinutesItem, MinutesItem.id == Decision.item_id)
        .where(MinutesItem.meeting_id == Meeting.id)
        .where(visible_to(MinutesItem, reader), visible_to(Decision, reader))
        .scalar_subquery()
    )
    return select(*ROW, decisions.label("decisions"))


def meeting_list(partnership_id: int, reader: Reader) -> tuple[Select[*tuple[Any, ...]], ListSpec]:
    """Return the select of the list's meetings, each with its `decisions`, and how the list looks."""
    periods = [("kommande", "Kommande"), ("tidigare", "Tidigare"), *_years(partnership_id)]
    spec = ListSpec(
        id="meetings",
        noun_singular="möte",
        noun_plural="möten",
        columns=[
            Column("datum", "Möte", Meeting.starts_at, value=lambda row: clock.to_local(row.starts_at).date()),
            Column("slag", "Slag", Meeting.kind, value=lambda row: row.kind.label),
            Column("plats", "Plats", func.lower(Meeting.location), value=lambda row: row.location),
            Column("beslut", "Beslut", numeric=True),
            Column("lage", "Läge", Meeting.state, value=lambda row: row.state.label),
        ],
        filters=[
            Filter("text", "Sök i möten", lambda text: _holds(text, reader), kind="text"),
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
    return _meetings(reader).where(Meeting.partnership_id == partnership_id), spec
