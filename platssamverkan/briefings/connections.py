"""What the room tells the registry."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Row, Select, bindparam, select

from platssamverkan.actors.models import Actor
from platssamverkan.briefings import counts, mail, planning, queries
from platssamverkan.briefings.models import Briefing, BriefingItem, BriefingState
from platssamverkan.core.db import db, first_of_each, prepared
from platssamverkan.core.formatting import NBSP, count, day, weekday_day
from platssamverkan.core.registry import Hit, Mention, Registry, Window, in_window
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, Readers, in_each, visible_to
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.queries import slug_by_id

HAPPENED = (BriefingState.HELD, BriefingState.CANCELLED, BriefingState.MISSED)


def briefing_url(briefing_id: int, slug: str, anchor: str | None = None) -> str:
    """Return the address of the briefing's page in the partnership with this slug."""
    return url_for("briefings.show", slug=slug, briefing_id=briefing_id, _anchor=anchor)


@prepared
def _lines(reader: Reader) -> Select[*tuple[Any, ...]]:
    """Return (id, text, visibility, owner_actor_id, briefing_id, starts_at) of the lines in a partnership."""
    return (
        select(
            BriefingItem.id,
            BriefingItem.text,
            BriefingItem.visibility,
            BriefingItem.owner_actor_id,
            BriefingItem.briefing_id,
            Briefing.starts_at,
        )
        .join(BriefingItem.briefing)
        .where(Briefing.partnership_id == bindparam("partnership_id"), visible_to(BriefingItem, reader))
        .order_by(Briefing.starts_at, BriefingItem.id)
    )


@prepared
def _lines_by_id(reader: Reader) -> Select[*tuple[Any, ...]]:
    return _lines(reader).where(BriefingItem.id.in_(bindparam("ids", expanding=True)))


@prepared
def _raised_lines(reader: Reader) -> Select[*tuple[Any, ...]]:
    return _lines(reader).where(counts.is_raised())


def briefing_lines(partnership_id: int, ids: Sequence[int], reader: Reader) -> Sequence[Row[Any]]:
    """Return the lines with these ids that the reader may see, as `_lines` gives them. One query."""
    found: Sequence[Row[Any]] = db.session.execute(
        _lines_by_id(reader), {"partnership_id": partnership_id, "ids": ids}
    ).all()
    return found


def raised_items(partnership_id: int, reader: Reader) -> list[Row[Any]]:
    """Return the lines that are to be taken up at a strategic meeting, also those that have been, oldest first, as
    `_lines` gives them."""
    return list(db.session.execute(_raised_lines(reader), {"partnership_id": partnership_id}))


def briefing_names(partnership_id: int, ids: Sequence[int], _reader: Reader) -> dict[int, Mention]:
    """Return briefing id → its day, and its page. One query."""
    slug = slug_by_id(partnership_id)
    statement = select(Briefing.id, Briefing.starts_at).where(
        Briefing.partnership_id == partnership_id, Briefing.id.in_(ids)
    )
    return {
        row.id: Mention(f"Utställning {day(row.starts_at)}", briefing_url(row.id, slug))
        for row in db.session.execute(statement)
    }


def line_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Return the id of a line → the briefing that it was said at, and where it stands on the sheet. One query."""
    slug = slug_by_id(partnership_id)
    return {
        row.id: Mention(f"Utställning {day(row.starts_at)}", briefing_url(row.briefing_id, slug, f"rad-{row.id}"))
        for row in briefing_lines(partnership_id, ids, reader)
    }


def _search(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    statement = (
        select(BriefingItem.id, BriefingItem.briefing_id, BriefingItem.section, BriefingItem.text, BriefingItem.spot)
        .add_columns(Briefing.partnership_id, Briefing.starts_at, Partnership.slug, Actor.name.label("actor"))
        .join(BriefingItem.briefing)
        .join(Partnership, Partnership.id == Briefing.partnership_id)
        .outerjoin(Actor, Actor.id == BriefingItem.actor_id)
        .where(in_each(readers, Briefing.partnership_id, lambda reader: visible_to(BriefingItem, reader)))
        .where(contains(" ".join(words), BriefingItem.text, BriefingItem.spot))
    )
    order = Briefing.starts_at.desc(), BriefingItem.id
    return [
        Hit(
            kind="Utställning",
            title=f"{line.section.label}, {weekday_day(line.starts_at).lower()}",
            url=briefing_url(line.briefing_id, line.slug, f"rad-{line.id}"),
            text=f"{line.spot}. {line.text}" if line.spot else line.text,
            at=line.starts_at,
            by=line.actor or "",
            partnership_id=line.partnership_id,
        )
        for line in db.session.execute(
            first_of_each(statement, BriefingItem.id, Briefing.partnership_id, *order, most=limit)
        )
    ]


@prepared
def _happened(reader: Reader) -> Select[*tuple[Any, ...]]:
    raised = counts.lines(reader, BriefingItem.raise_to_forum.is_(True))
    return (
        queries.briefing_rows()
        .add_columns(counts.present(), counts.situation(reader), raised)
        .where(Briefing.partnership_id == bindparam("partnership_id"), Briefing.state.in_(HAPPENED))
        .where(in_window(Briefing.starts_at))
        .order_by(Briefing.starts_at.desc(), Briefing.id)
        .limit(bindparam("most"))
    )


def _held_on(at: datetime, state: BriefingState) -> str:
    """Return the day; with what it is of where a feed prints no kind before it."""
    day = weekday_day(at)
    return day if state is BriefingState.HELD else f"Utställning {day[0].lower()}{day[1:]}"


def _told(briefing: queries.BriefingRow, present: int, situation: int, raised: int) -> str:
    """Return what became of the briefing: what its sheet holds, or why it was not held."""
    if briefing.state is not BriefingState.HELD:
        return ". ".join(filter(None, (briefing.state.label, briefing.cancel_reason)))
    told = [f"{present}{NBSP}på plats"] if present else []
    told += [f"{count(situation, 'rad', 'rader')} i lägesbilden"] if situation else []
    told += [f"{raised}{NBSP}till strategiskt möte"] if raised else []
    return ", ".join(told) or briefing.state.label


def _feed(partnership_id: int, reader: Reader, window: Window) -> list[Hit]:
    slug, width = slug_by_id(partnership_id), len(queries.BriefingRow._fields)
    found = db.session.execute(_happened(reader), window.values(partnership_id))
    return [
        Hit(
            kind="Utställning",
            title=_held_on(briefing.starts_at, briefing.state),
            url=briefing_url(briefing.id, slug),
            text=_told(briefing, *told),
            at=briefing.starts_at,
            by=briefing.held_by or "",
            minor=briefing.state is not BriefingState.HELD,
            is_example=briefing.is_example,
        )
        for briefing, told in ((queries.BriefingRow._make(row[:width]), row[width:]) for row in found)
    ]


def connect(registry: Registry) -> None:
    """Register the room's tabs and what it can answer."""
    registry.add_tab(10, "Utställningar", "briefings.index")
    registry.add_tab(15, "Lägesbild", "situation.index")
    registry.questions["briefing_lines"] = briefing_lines
    registry.names["briefing"] = briefing_names
    registry.names["briefing_item"] = line_names
    registry.searches["Utställningar"] = _search
    registry.feeds["Utställningar"] = _feed
    registry.questions["raised_briefing_items"] = raised_items
    registry.mail_topics[mail.TOPIC] = mail.TOPIC_OF_BRIEFINGS
    registry.daily_tasks["briefings_ahead"] = planning.ahead_of_today
