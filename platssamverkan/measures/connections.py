"""What the room tells the registry: its tab, what measures serve, and how they are found."""

from collections.abc import Sequence
from datetime import date

from flask import url_for
from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select
from sqlalchemy.orm import joinedload, raiseload

from platssamverkan.core.db import db
from platssamverkan.core.registry import Hit, Mention, Registry
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.measures import mail, queries
from platssamverkan.measures.models import FollowUp, Measure, MeasureStatus, Problem, measure_goal
from platssamverkan.partnerships.models import Partnership


def _measure_url(measure_id: int, slug: str, anchor: str | None = None) -> str:
    return url_for("measures.show", slug=slug, measure_id=measure_id, _anchor=anchor)


def goal_mentions(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    """Return goal id → the measures that serve the goal. One query."""
    statement = (
        select(measure_goal.c.goal_id, Measure.id, Measure.number, Measure.title, Measure.status, Partnership.slug)
        .join(Measure, Measure.id == measure_goal.c.measure_id)
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .where(measure_goal.c.goal_id.in_(ids), Measure.partnership_id == partnership_id, visible_to(Measure, reader))
        .order_by(Measure.number)
    )
    found: dict[int, list[Mention]] = {}
    for goal_id, measure_id, number, title, status, slug in db.session.execute(statement):
        kind = f"Åtgärd, {status.label.lower()}" if status else "Åtgärd"
        mention = Mention(f"Åtgärd {number}: {title}", _measure_url(measure_id, slug), kind=kind)
        found.setdefault(goal_id, []).append(mention)
    return found


def indicator_mentions(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    """Return indicator id → the follow-ups that read their effect from it. One query."""
    statement = _follow_ups(partnership_id, reader).where(FollowUp.indicator_id.in_(ids))
    found: dict[int, list[Mention]] = {}
    for row, slug in db.session.execute(statement.order_by(FollowUp.on, FollowUp.id)).unique():
        label = f"Uppföljning av åtgärd {row.measure.number}: {row.measure.title}"
        url = _measure_url(row.measure_id, slug, f"uppfoljning-{row.id}")
        found.setdefault(row.indicator_id, []).append(Mention(label, url, row.on, row.effect.label))
    return found


def linkable_measures(partnership_id: int, reader: Reader, first: date, last: date) -> list[tuple[int, str, str]]:
    """Return the measures that an assessment of the period may rest on: at work in it, or decided. One query."""
    decided = and_(Measure.status == MeasureStatus.DECIDED, or_(Measure.due_on.is_(None), Measure.due_on >= first))
    statement = (
        select(Measure.id, Measure.number, Measure.title, Partnership.slug)
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .where(Measure.partnership_id == partnership_id, visible_to(Measure, reader))
        .where(or_(queries.active_between(first, last), decided))
        .order_by(Measure.number)
    )
    return [
        (measure_id, f"Åtgärd {number}: {title}", _measure_url(measure_id, slug))
        for measure_id, number, title, slug in db.session.execute(statement)
    ]


def find_measures(partnership_id: int, reader: Reader, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the measures whose text or number holds every word."""
    columns = Measure.title, Measure.description, Measure.place_text, Measure.outcome_text, cast(Measure.number, String)
    statement = (
        select(Measure, Partnership.slug, Partnership.name)
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .where(
            Measure.partnership_id == partnership_id, visible_to(Measure, reader), contains(" ".join(words), *columns)
        )
        .options(joinedload(Measure.responsible))
        .order_by(Measure.number.desc())
        .limit(limit)
    )
    return [
        Hit(
            kind="Åtgärd",
            title=f"Åtgärd {row.number}: {row.title}",
            url=_measure_url(row.id, slug),
            text=row.description or row.outcome_text or "",
            at=row.due_on,
            by=row.responsible.name if row.responsible else "",
            partnership=name,
        )
        for row, slug, name in db.session.execute(statement)
    ]


def find_problems(partnership_id: int, reader: Reader, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the problems whose text holds every word."""
    statement = (
        select(Problem, Partnership.slug, Partnership.name)
        .join(Partnership, Partnership.id == Problem.partnership_id)
        .where(Problem.partnership_id == partnership_id, visible_to(Problem, reader))
        .where(contains(" ".join(words), Problem.text, Problem.spot, Problem.consequences))
        .order_by(Problem.number.desc())
        .limit(limit)
    )
    return [
        Hit(
            kind="Problem",
            title=f"Problem {row.number}: {row.text}",
            url=url_for("measures.show_problem", slug=slug, problem_id=row.id),
            text=row.consequences or "",
            at=row.noted_on,
            partnership=name,
        )
        for row, slug, name in db.session.execute(statement)
    ]


def _lately(
    partnership_id: int, reader: Reader, limit: int, condition: ColumnElement[bool], day: ColumnElement[date]
) -> list[tuple[Measure, str]]:
    statement = (
        select(Measure, Partnership.slug)
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .where(Measure.partnership_id == partnership_id, visible_to(Measure, reader), condition)
        .options(joinedload(Measure.responsible), raiseload("*"))
        .order_by(day.desc(), Measure.id.desc())
        .limit(limit)
    )
    return [(row, slug) for row, slug in db.session.execute(statement)]


def closed_lately(partnership_id: int, reader: Reader, limit: int) -> list[Hit]:
    """Return the measures closed last, the latest first. One query."""
    is_closed = and_(Measure.closed_on.is_not(None), Measure.status.in_(queries.CLOSED))
    words = {MeasureStatus.COMPLETED: "är klar", MeasureStatus.MAINTAINED: "är klar och vidmakthålls"}
    return [
        Hit(
            kind="Åtgärd",
            title=row.title,
            url=_measure_url(row.id, slug),
            text=words.get(row.status, "är avbruten") if row.status else "",
            at=row.closed_on,
            by=row.responsible.name if row.responsible else "",
            minor=True,
        )
        for row, slug in _lately(partnership_id, reader, limit, is_closed, Measure.closed_on)  # type: ignore[arg-type]
    ]


def started_lately(partnership_id: int, reader: Reader, limit: int) -> list[Hit]:
    """Return the measures that began last, where the day is known, the latest first. One query."""
    # Only a whole day ("2026-05-12") tells when; years and months do not belong in a list of events.
    has_day = and_(func.length(Measure.starts) == 10, Measure.status.in_(queries.STARTED))
    return [
        Hit(
            kind="Åtgärd",
            title=row.title,
            url=_measure_url(row.id, slug),
            text="har börjat",
            at=date.fromisoformat(row.starts),
            by=row.responsible.name if row.responsible else "",
            minor=True,
        )
        for row, slug in _lately(partnership_id, reader, limit, has_day, Measure.starts)  # type: ignore[arg-type]
        if row.starts
    ]


def _follow_ups(partnership_id: int, reader: Reader):  # type: ignore[no-untyped-def]
    return (
        select(FollowUp, Partnership.slug)
        .join(FollowUp.measure)
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .where(Measure.partnership_id == partnership_id, visible_to(Measure, reader), visible_to(FollowUp, reader))
        .options(joinedload(FollowUp.measure).joinedload(Measure.responsible), raiseload("*"))
    )


def followed_up_lately(partnership_id: int, reader: Reader, limit: int) -> list[Hit]:
    """Return the latest follow-ups, the latest first. One query."""
    statement = _follow_ups(partnership_id, reader).where(FollowUp.on.is_not(None))
    latest = db.session.execute(statement.order_by(FollowUp.on.desc(), FollowUp.id.desc()).limit(limit))
    return [
        Hit(
            kind="Uppföljning",
            title=row.measure.title,
            url=_measure_url(row.measure_id, slug, f"uppfoljning-{row.id}"),
            text=f"{row.effect.label}. {row.text or ''}".strip(),
            at=row.on,
            by=row.measure.responsible.name if row.measure.responsible else "",
        )
        for row, slug in latest.unique()
    ]


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(30, "Åtgärder", "measures.index")
    registry.add_mentions("goal", goal_mentions)
    registry.add_mentions("indicator", indicator_mentions)
    registry.linkables["measure"] = linkable_measures
    registry.searches["measures"] = find_measures
    registry.searches["problems"] = find_problems
    registry.feeds["measures_closed"] = closed_lately
    registry.feeds["measures_started"] = started_lately
    registry.feeds["measures_followed_up"] = followed_up_lately
    registry.questions["overdue_measures"] = queries.overdue
    registry.questions["measure_rows"] = queries.measure_rows_for
    registry.mail_topics[mail.TOPIC] = mail.TOPIC_OF_REMINDERS
    registry.daily_tasks["reminders"] = mail.remind
