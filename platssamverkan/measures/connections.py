"""What the room tells the registry: its tab, what measures serve, and how they are found."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import Select, String, and_, bindparam, cast, func, or_, select

from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.db import db, first_of_each, prepared
from platssamverkan.core.registry import Hit, Mention, Registry, Window, day_in_window
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, Readers, in_each, visible_to
from platssamverkan.measures import mail, queries
from platssamverkan.measures.models import FollowUp, Measure, MeasureStatus, Problem, measure_goal
from platssamverkan.partnerships.models import Partnership

#: How many measures a goal's page tells of, beside the link to them all.
MEASURES_OF_A_GOAL = 10


def _measure_url(measure_id: int, slug: str, anchor: str | None = None) -> str:
    return url_for("measures.show", slug=slug, measure_id=measure_id, _anchor=anchor)


@prepared
def _serving(reader: Reader) -> Select[*tuple[Any, ...]]:
    place = func.row_number().over(partition_by=measure_goal.c.goal_id, order_by=Measure.number.desc())
    ranked = (
        select(measure_goal.c.goal_id, measure_goal.c.measure_id, place.label("place"))
        .join(Measure, Measure.id == measure_goal.c.measure_id)
        .where(measure_goal.c.goal_id.in_(bindparam("ids", expanding=True)), visible_to(Measure, reader))
        .where(Measure.partnership_id == bindparam("partnership_id"))
        .subquery()
    )
    return (
        select(Measure.id, ranked.c.goal_id, Measure.number, Measure.title, Measure.status, Partnership.slug)
        .join(ranked, (ranked.c.measure_id == Measure.id) & (ranked.c.place <= MEASURES_OF_A_GOAL))
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .order_by(Measure.number)
    )


def goal_mentions(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    """Return goal id → the latest measures that serve the goal; the list of measures has them all. One query."""
    found: dict[int, list[Mention]] = {}
    values = {"partnership_id": partnership_id, "ids": ids}
    for row in db.session.execute(_serving(reader), values):
        kind = f"Åtgärd, {row.status.label.lower()}" if row.status else "Åtgärd"
        mention = Mention(f"Åtgärd {row.number}: {row.title}", _measure_url(row.id, row.slug), kind=kind)
        found.setdefault(row.goal_id, []).append(mention)
    return found


@prepared
def _reading_from_indicators(reader: Reader) -> Select[*tuple[Any, ...]]:
    wanted = FollowUp.indicator_id.in_(bindparam("ids", expanding=True))
    return _follow_ups(reader).where(wanted).order_by(FollowUp.on, FollowUp.id)


def indicator_mentions(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    """Return indicator id → the follow-ups that read their effect from it. One query."""
    found: dict[int, list[Mention]] = {}
    values = {"partnership_id": partnership_id, "ids": ids}
    for row in db.session.execute(_reading_from_indicators(reader), values):
        found.setdefault(row.indicator_id, []).append(_follow_up(row))
    return found


def linkable_measures(
    partnership_id: int, reader: Reader, first: date, last: date, ids: Sequence[int] | None = None
) -> list[tuple[int, str, str]]:
    """Return the measures that an assessment of the period may rest on: those that its report tells of, and those
    decided. One query.

    Those asked for by `ids` are told of wherever they stand: what an assessment rests on may be cancelled later.
    """
    decided = and_(Measure.status == MeasureStatus.DECIDED, or_(Measure.due_on.is_(None), Measure.due_on >= first))
    statement = (
        select(Measure.id, Measure.number, Measure.title, Partnership.slug)
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .where(Measure.partnership_id == partnership_id, visible_to(Measure, reader))
        .where(
            or_(queries.told_between(first, last, clock.today(), reader), decided)
            if ids is None
            else Measure.id.in_(ids)
        )
        .order_by(Measure.number)
    )
    return [
        (measure_id, f"Åtgärd {number}: {title}", _measure_url(measure_id, slug))
        for measure_id, number, title, slug in db.session.execute(statement)
    ]


@prepared
def _named_problems(reader: Reader) -> Select[*tuple[Any, ...]]:
    return (
        select(Problem.id, Problem.number, Problem.text, Partnership.slug)
        .join(Partnership, Partnership.id == Problem.partnership_id)
        .where(Problem.partnership_id == bindparam("partnership_id"), Problem.id.in_(bindparam("ids", expanding=True)))
        .where(visible_to(Problem, reader))
    )


def problem_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Return problem id → "Problem 2: …" and its page. One query."""
    return {
        row.id: Mention(f"Problem {row.number}: {row.text}", _problem_url(row))
        for row in db.session.execute(_named_problems(reader), {"partnership_id": partnership_id, "ids": ids})
    }


def _problem_url(row: Any) -> str:
    return url_for("measures.show_problem", slug=row.slug, problem_id=row.id)


@prepared
def _named_follow_ups(reader: Reader) -> Select[*tuple[Any, ...]]:
    return _follow_ups(reader).where(FollowUp.id.in_(bindparam("ids", expanding=True)))


def follow_up_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Return follow-up id → the measure that it is of, and where it stands on its page. One query."""
    return {
        row.id: _follow_up(row)
        for row in db.session.execute(_named_follow_ups(reader), {"partnership_id": partnership_id, "ids": ids})
    }


def _follow_up(row: Any) -> Mention:
    url = _measure_url(row.measure_id, row.slug, f"uppfoljning-{row.id}")
    return Mention(f"Uppföljning av åtgärd {row.number}: {row.title}", url, row.on, row.effect.label)


def measures_of_goal(goal_id: int) -> set[int]:
    """Return the ids of the measures that serve the goal. One query."""
    return set(db.session.scalars(select(measure_goal.c.measure_id).where(measure_goal.c.goal_id == goal_id)))


def find_measures(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the measures whose text or number holds every word."""
    columns = Measure.title, Measure.description, Measure.place_text, Measure.outcome_text, cast(Measure.number, String)
    statement = (
        select(Measure.id, Measure.number, Measure.title, Measure.description, Measure.outcome_text, Measure.due_on)
        .add_columns(Actor.name.label("responsible"), Measure.partnership_id, Partnership.slug)
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .outerjoin(Actor, Actor.id == Measure.responsible_actor_id)
        .where(in_each(readers, Measure.partnership_id, lambda reader: visible_to(Measure, reader)))
        .where(contains(" ".join(words), *columns))
    )
    latest = first_of_each(statement, Measure.id, Measure.partnership_id, Measure.number.desc(), most=limit)
    return [
        Hit(
            kind="Åtgärd",
            title=f"Åtgärd {row.number}: {row.title}",
            url=_measure_url(row.id, row.slug),
            text=row.description or row.outcome_text or "",
            at=row.due_on,
            by=row.responsible or "",
            partnership_id=row.partnership_id,
        )
        for row in db.session.execute(latest)
    ]


def find_problems(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    """Return the problems whose text holds every word."""
    statement = (
        select(Problem.id, Problem.number, Problem.text, Problem.consequences, Problem.noted_on)
        .add_columns(Problem.partnership_id, Partnership.slug)
        .join(Partnership, Partnership.id == Problem.partnership_id)
        .where(in_each(readers, Problem.partnership_id, lambda reader: visible_to(Problem, reader)))
        .where(contains(" ".join(words), Problem.text, Problem.spot, Problem.consequences))
    )
    latest = first_of_each(statement, Problem.id, Problem.partnership_id, Problem.number.desc(), most=limit)
    return [
        Hit(
            kind="Problem",
            title=f"Problem {row.number}: {row.text}",
            url=_problem_url(row),
            text=row.consequences or "",
            at=row.noted_on,
            partnership_id=row.partnership_id,
        )
        for row in db.session.execute(latest)
    ]


def _happened(reader: Reader) -> Select[*tuple[Any, ...]]:
    return (
        select(Measure.id, Measure.title, Measure.status, Measure.starts, Measure.closed_on)
        .add_columns(Partnership.slug, Actor.name.label("responsible"))
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .outerjoin(Actor, Actor.id == Measure.responsible_actor_id)
        .where(Measure.partnership_id == bindparam("partnership_id"), visible_to(Measure, reader))
        .limit(bindparam("most"))
    )


@prepared
def _closed(reader: Reader) -> Select[*tuple[Any, ...]]:
    is_closed = Measure.closed_on.is_not(None), Measure.status.in_(queries.CLOSED), day_in_window(Measure.closed_on)
    return _happened(reader).where(*is_closed).order_by(Measure.closed_on.desc(), Measure.id.desc())


@prepared
def _started(reader: Reader) -> Select[*tuple[Any, ...]]:
    # Only a whole day ("2026-05-12") tells when; years and months do not belong in a list of events.
    has_day = func.length(Measure.starts) == len("2026-05-12"), Measure.status.in_(queries.BEGUN)
    started = _happened(reader).where(*has_day, day_in_window(Measure.starts))
    return started.order_by(Measure.starts.desc(), Measure.id.desc())


def closed_lately(partnership_id: int, reader: Reader, window: Window) -> list[Hit]:
    """Return the measures closed last, the latest first. One query."""
    words = {MeasureStatus.COMPLETED: "är klar", MeasureStatus.MAINTAINED: "är klar och vidmakthålls"}
    latest = db.session.execute(_closed(reader), window.values(partnership_id)).all()
    return [
        Hit(
            kind="Åtgärd",
            title=row.title,
            url=_measure_url(row.id, row.slug),
            text=words.get(row.status, "är avbruten"),
            at=row.closed_on,
            by=row.responsible or "",
            minor=True,
        )
        for row in latest
    ]


def started_lately(partnership_id: int, reader: Reader, window: Window) -> list[Hit]:
    """Return the measures that began last, where the day is known, the latest first. One query."""
    latest = db.session.execute(_started(reader), window.values(partnership_id)).all()
    return [
        Hit(
            kind="Åtgärd",
            title=row.title,
            url=_measure_url(row.id, row.slug),
            text="har börjat",
            at=date.fromisoformat(row.starts),
            by=row.responsible or "",
            minor=True,
        )
        for row in latest
    ]


def _follow_ups(reader: Reader) -> Select[*tuple[Any, ...]]:
    return (
        select(FollowUp.id, FollowUp.measure_id, FollowUp.indicator_id, FollowUp.on, FollowUp.effect, FollowUp.text)
        .add_columns(Measure.number, Measure.title, Partnership.slug, Actor.name.label("responsible"))
        .join(Measure, Measure.id == FollowUp.measure_id)
        .join(Partnership, Partnership.id == Measure.partnership_id)
        .outerjoin(Actor, Actor.id == Measure.responsible_actor_id)
        # Reckoned, so that databases begin with the few follow-ups that are wanted and not with all measures.
        .where(Measure.partnership_id + 0 == bindparam("partnership_id"))
        .where(visible_to(Measure, reader), visible_to(FollowUp, reader))
    )


@prepared
def _followed_up(reader: Reader) -> Select[*tuple[Any, ...]]:
    dated = _follow_ups(reader).where(day_in_window(FollowUp.on))
    return dated.order_by(FollowUp.on.desc(), FollowUp.id.desc()).limit(bindparam("most"))


def followed_up_lately(partnership_id: int, reader: Reader, window: Window) -> list[Hit]:
    """Return the latest follow-ups, the latest first. One query."""
    latest = db.session.execute(_followed_up(reader), window.values(partnership_id)).all()
    return [
        Hit(
            kind="Uppföljning",
            title=row.title,
            url=_measure_url(row.measure_id, row.slug, f"uppfoljning-{row.id}"),
            text=f"{row.effect.label}. {row.text or ''}".strip(),
            at=row.on,
            by=row.responsible or "",
        )
        for row in latest
    ]


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(30, "Åtgärder", "measures.index")
    registry.add_mentions("goal", goal_mentions)
    registry.add_mentions("indicator", indicator_mentions)
    registry.linkables["measure"] = linkable_measures
    registry.names["problem"] = problem_names
    registry.names["follow_up"] = follow_up_names
    registry.tied_to_goal["measure"] = measures_of_goal
    registry.searches["measures"] = find_measures
    registry.searches["problems"] = find_problems
    registry.feeds["measures_closed"] = closed_lately
    registry.feeds["measures_started"] = started_lately
    registry.feeds["measures_followed_up"] = followed_up_lately
    registry.mail_topics[mail.TOPIC] = mail.TOPIC_OF_REMINDERS
    registry.daily_tasks["reminders"] = mail.remind
