"""What the room tells the registry: where evidence is used, what an assessment may rest on, search and feed."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import bindparam, or_, select

from platssamverkan.accounts.models import User
from platssamverkan.core import clock
from platssamverkan.core.audit import AuditAction, AuditEntry
from platssamverkan.core.db import db, first_of_each, prepared, rows, swedish
from platssamverkan.core.registry import Hit, Mention, MentionProvider, Registry, Window, day_in_window, in_window
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, Readers, in_each, visible_to
from platssamverkan.goals import assessment_queries, wording
from platssamverkan.goals.goal_queries import has_begun_on, holding_on, in_order, with_words
from platssamverkan.goals.indicator_queries import recent_observations, running, with_latest
from platssamverkan.goals.models import Goal, GoalAssessment, GoalVersion, Indicator, Observation, Study, indicator_goal
from platssamverkan.goals.observed import OBSERVED, Columns
from platssamverkan.partnerships.models import Partnership
from platssamverkan.partnerships.queries import slug_by_id


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(50, "Mål", "goals.index")
    for kind in ("measure", "activation_event", "decision", "indicator", "study"):
        registry.add_mentions(kind, MENTIONS[kind])
    registry.add_mentions("indicator", goals_of_indicator)
    registry.linkables["goal"] = linkable_goals
    registry.linkables["indicator"] = linkable_indicators
    registry.linkables["study"] = linkable_studies
    registry.names["indicator"] = indicator_names
    registry.names["goal_version"] = version_names
    registry.names["goal_assessment"] = assessment_names
    registry.names["observation"] = observation_names
    registry.tied_to_goal["indicator"] = indicators_of_goal
    registry.searches["goal"] = search_goals
    registry.searches["indicator"] = search_indicators
    registry.feeds["observation"] = latest_observations
    registry.feeds["assessment"] = latest_assessments


def _assessment_url(slug: str, row: Columns) -> str:
    return url_for("goals.assessment", slug=slug, goal_id=row.goal_id, year=row.year, period=row.period.value)


def assessments_resting_on(kind: str) -> MentionProvider:
    """Return the provider that tells which assessments rest on rows of `kind`."""

    def provider(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
        found: dict[int, list[Mention]] = {}
        slug = slug_by_id(partnership_id)
        for row in assessment_queries.resting_on(kind, partnership_id, ids, reader):
            mention = Mention(
                label=f"{wording.goal_name(row)}, {wording.period_text(row.year, row.period)}",
                url=_assessment_url(slug, row),
                on=row.assessed_on,
                kind="Bedömning",
            )
            found.setdefault(row.row_id, []).append(mention)
        return found

    return provider


#: One provider a kind, made once: the registry knows by them what it has already been told.
MENTIONS: dict[str, Callable[[int, Sequence[int], Reader], dict[int, list[Mention]]]] = {
    kind: assessments_resting_on(kind) for kind in assessment_queries.EVIDENCE_KINDS
}


def indicators_of_goal(goal_id: int) -> set[int]:
    """Return the ids of the indicators that measure the goal. One query."""
    return set(rows(select(indicator_goal.c.indicator_id).where(indicator_goal.c.goal_id == goal_id)))


@prepared
def _measured_goals(reader: Reader) -> Any:
    return (
        select(indicator_goal.c.indicator_id, Goal.id, Goal.level, Goal.number, GoalVersion.text)
        .join(Goal, Goal.id == indicator_goal.c.goal_id)
        .join(GoalVersion, GoalVersion.goal_id == Goal.id)
        .where(indicator_goal.c.indicator_id.in_(bindparam("ids", expanding=True)), visible_to(Goal, reader))
        .where(holding_on(bindparam("day")))
        .order_by(Goal.number)
    )


def goals_of_indicator(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    """Tell which goals the indicators measure."""
    slug = slug_by_id(partnership_id)
    found: dict[int, list[Mention]] = {}
    for goal in db.session.execute(_measured_goals(reader), {"ids": list(ids), "day": clock.today().isoformat()}):
        url = url_for("goals.show", slug=slug, goal_id=goal.id)
        mention = Mention(wording.goal_label(goal, goal.text), url, kind="Mål")
        found.setdefault(goal.indicator_id, []).append(mention)
    return found


@prepared
def _linkable_goals(reader: Reader, *, by_id: bool) -> Any:
    statement = in_order(
        with_words(Goal.id, Goal.level, Goal.number, GoalVersion.text)
        .where(Goal.partnership_id == bindparam("partnership_id"), visible_to(Goal, reader))
        .where(running(Goal, bindparam("first_day")))
    )
    return statement.where(Goal.id.in_(bindparam("ids", expanding=True))) if by_id else statement


def linkable_goals(
    partnership_id: int, reader: Reader, first_day: date, last_day: date, ids: Sequence[int] | None = None
) -> list[tuple[int, str, str]]:
    """Return the goals that had not ended before the period, in today's words and the order of the tree, for measures
    to serve."""
    slug = slug_by_id(partnership_id)
    values = {"partnership_id": partnership_id, "first_day": first_day, "day": clock.today().isoformat()} | _ids(ids)
    return [
        (goal.id, wording.goal_label(goal, goal.text), url_for("goals.show", slug=slug, goal_id=goal.id))
        for goal in db.session.execute(_linkable_goals(reader, by_id=ids is not None), values)
    ]


def _ids(ids: Sequence[int] | None) -> dict[str, Any]:
    return {} if ids is None else {"ids": list(ids)}


@prepared
def _linkable_indicators(reader: Reader, *, by_id: bool) -> Any:
    statement = (
        select(Indicator.id, Indicator.name, Indicator.unit)
        .where(Indicator.partnership_id == bindparam("partnership_id"), visible_to(Indicator, reader))
        .where(running(Indicator, bindparam("first_day")))
        .order_by(swedish(Indicator.name), Indicator.id)
    )
    return statement.where(Indicator.id.in_(bindparam("ids", expanding=True))) if by_id else statement


def linkable_indicators(
    partnership_id: int, reader: Reader, first_day: date, last_day: date, ids: Sequence[int] | None = None
) -> list[tuple[int, str, str]]:
    """Return the indicators that were followed during the period, with the latest value that it had in the label."""
    slug = slug_by_id(partnership_id)
    values = {"partnership_id": partnership_id, "first_day": first_day} | _ids(ids)
    followed = db.session.execute(_linkable_indicators(reader, by_id=ids is not None), values).all()
    observed = recent_observations([indicator.id for indicator in followed], reader, periods=1, until=last_day)
    found = []
    for indicator in followed:
        label = with_latest(indicator.name, observed[indicator.id], indicator.unit)
        found.append((indicator.id, label, url_for("goals.indicator", slug=slug, indicator_id=indicator.id)))
    return found


def linkable_studies(
    partnership_id: int, reader: Reader, first_day: date, last_day: date, ids: Sequence[int] | None = None
) -> list[tuple[int, str, str]]:
    """Return the partnership's studies, whatever their year: research holds longer than a report period."""
    slug = slug_by_id(partnership_id)
    statement = select(Study).where(Study.partnership_id == partnership_id).order_by(swedish(Study.title))
    if ids is not None:
        statement = statement.where(Study.id.in_(ids))
    return [
        (study.id, f"{study.title}, {study.years}" if study.years else study.title, _study_url(slug, study.id))
        for study in rows(statement)
    ]


def _study_url(slug: str, study_id: int) -> str:
    return url_for("goals.studies", slug=slug, _anchor=f"studie-{study_id}")


@prepared
def _named_versions(reader: Reader) -> Any:
    return (
        select(GoalVersion.id, GoalVersion.text, Goal.id.label("goal_id"), Goal.level, Goal.number)
        .join(Goal, GoalVersion.goal_id == Goal.id)
        .where(Goal.partnership_id == bindparam("partnership_id"), visible_to(Goal, reader))
        .where(GoalVersion.id.in_(bindparam("ids", expanding=True)))
    )


def version_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Return the id of words of a goal → the goal as those words have it, and its page."""
    slug, values = slug_by_id(partnership_id), {"partnership_id": partnership_id, "ids": ids}
    return {
        row.id: Mention(wording.goal_label(row, row.text), url_for("goals.show", slug=slug, goal_id=row.goal_id))
        for row in db.session.execute(_named_versions(reader), values)
    }


@prepared
def _named_assessments(reader: Reader) -> Any:
    return (
        select(GoalAssessment.id, Goal.id.label("goal_id"), Goal.level, Goal.number)
        .add_columns(GoalAssessment.year, GoalAssessment.period)
        .join(GoalVersion, GoalAssessment.goal_version_id == GoalVersion.id)
        .join(Goal, GoalVersion.goal_id == Goal.id)
        .where(
            Goal.partnership_id == bindparam("partnership_id"), GoalAssessment.id.in_(bindparam("ids", expanding=True))
        )
        .where(visible_to(Goal, reader), visible_to(GoalAssessment, reader))
    )


def assessment_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Tell which goal and period the assessments are of."""
    slug, values = slug_by_id(partnership_id), {"partnership_id": partnership_id, "ids": ids}
    return {
        row.id: Mention(
            f"{wording.goal_name(row)}, {wording.period_text(row.year, row.period)}", _assessment_url(slug, row)
        )
        for row in db.session.execute(_named_assessments(reader), values)
    }


@prepared
def _named_indicators(reader: Reader) -> Any:
    return (
        select(Indicator.id, Indicator.name)
        .where(
            Indicator.partnership_id == bindparam("partnership_id"), Indicator.id.in_(bindparam("ids", expanding=True))
        )
        .where(visible_to(Indicator, reader))
    )


def indicator_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Return indicator id → its name and page."""
    slug, values = slug_by_id(partnership_id), {"partnership_id": partnership_id, "ids": ids}
    return {
        row.id: Mention(row.name, url_for("goals.indicator", slug=slug, indicator_id=row.id))
        for row in db.session.execute(_named_indicators(reader), values)
    }


@prepared
def _named_observations(reader: Reader) -> Any:
    return (
        select(Observation.id, Observation.indicator_id, Indicator.name)
        .join(Indicator, Indicator.id == Observation.indicator_id)
        .where(
            Indicator.partnership_id == bindparam("partnership_id"),
            Observation.id.in_(bindparam("ids", expanding=True)),
        )
        .where(visible_to(Indicator, reader), visible_to(Observation, reader))
    )


def observation_names(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, Mention]:
    """Tell which indicator the observations are of."""
    slug, values = slug_by_id(partnership_id), {"partnership_id": partnership_id, "ids": ids}
    return {
        row.id: Mention(row.name, url_for("goals.indicator", slug=slug, indicator_id=row.indicator_id))
        for row in db.session.execute(_named_observations(reader), values)
    }


def search_goals(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    """Return goals whose words, now, earlier or to come, hold all of `words`."""
    day = clock.today().isoformat()
    holds, has_begun = holding_on(day).label("holds"), has_begun_on(day).label("has_begun")
    statement = (
        select(Goal.id, Goal.level, Goal.number, GoalVersion.text, holds, has_begun)
        .add_columns(Goal.partnership_id, Partnership.slug)
        .join(GoalVersion, GoalVersion.goal_id == Goal.id)
        .join(Partnership, Partnership.id == Goal.partnership_id)
        .where(in_each(readers, Goal.partnership_id, lambda reader: visible_to(Goal, reader)))
        .where(contains(" ".join(words), GoalVersion.text))
    )
    order = holds.desc(), Goal.number, Goal.id, GoalVersion.number.desc()
    found: dict[int, Hit] = {}
    for goal in db.session.execute(first_of_each(statement, GoalVersion.id, Goal.partnership_id, *order, most=limit)):
        text = "Kommande lydelse" if not goal.has_begun else "" if goal.holds else "Tidigare lydelse"
        url = url_for("goals.show", slug=goal.slug, goal_id=goal.id)
        title = wording.goal_label(goal, goal.text)
        hit = Hit(kind="Mål", title=title, url=url, text=text, partnership_id=goal.partnership_id)
        found.setdefault(goal.id, hit)
    return list(found.values())


def search_indicators(readers: Readers, words: Sequence[str], limit: int) -> list[Hit]:
    """Return indicators whose name, method or area hold all of `words`."""
    text = " ".join(words)
    statement = (
        select(Indicator.id, Indicator.name, Indicator.kind, Indicator.caveat)
        .add_columns(Indicator.partnership_id, Partnership.slug)
        .join(Partnership, Partnership.id == Indicator.partnership_id)
        .where(in_each(readers, Indicator.partnership_id, lambda reader: visible_to(Indicator, reader)))
        .where(contains(text, Indicator.name, Indicator.method, Indicator.area_text))
    )
    order = swedish(Indicator.name), Indicator.id
    return [
        Hit(
            kind="Indikator",
            title=indicator.name,
            url=url_for("goals.indicator", slug=indicator.slug, indicator_id=indicator.id),
            text=" ".join(indicator.kind.caveats(indicator.caveat)),
            partnership_id=indicator.partnership_id,
        )
        for indicator in db.session.execute(
            first_of_each(statement, Indicator.id, Indicator.partnership_id, *order, most=limit)
        )
    ]


@prepared
def _entered(reader: Reader) -> Any:
    return (
        select(*OBSERVED, Indicator.name, Indicator.unit, AuditEntry.at, User.function, Partnership.slug)
        .select_from(AuditEntry)
        .join(Observation, Observation.id == AuditEntry.row_id)
        .join(Indicator, Observation.indicator_id == Indicator.id)
        .join(Partnership, Partnership.id == Indicator.partnership_id)
        .outerjoin(User, User.id == AuditEntry.user_id)
        .where(AuditEntry.table_name == "observation", AuditEntry.action == AuditAction.INSERT)
        # What was loaded from a document did not happen when it was loaded.
        .where(Observation.source_id.is_(None), Indicator.partnership_id == bindparam("partnership_id"))
        .where(visible_to(Indicator, reader), visible_to(Observation, reader), in_window(AuditEntry.at))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(bindparam("most"))
    )


def latest_observations(partnership_id: int, reader: Reader, window: Window) -> list[Hit]:
    """Return the observations that people entered last."""
    found = []
    for row in db.session.execute(_entered(reader), window.values(partnership_id)):
        period = wording.observed_period(row)
        text = wording.value_text(row, row.unit) + (f" ({period})" if period else "")
        url = url_for("goals.indicator", slug=row.slug, indicator_id=row.indicator_id)
        found.append(Hit("Mätvärde", row.name, url, text=text, at=row.at, by=row.function or "", minor=True))
    return found


@prepared
def _assessed(reader: Reader) -> Any:
    made = (GoalAssessment.year, GoalAssessment.period, GoalAssessment.grade, GoalAssessment.assessed_on)
    return (
        select(Goal.id.label("goal_id"), Goal.level, Goal.number, *made, Partnership.slug)
        .add_columns(GoalAssessment.locked_at, GoalAssessment.assessed_by_function)
        .select_from(GoalAssessment)
        .join(GoalVersion, GoalAssessment.goal_version_id == GoalVersion.id)
        .join(Goal, GoalVersion.goal_id == Goal.id)
        .join(Partnership, Partnership.id == Goal.partnership_id)
        .where(Goal.partnership_id == bindparam("partnership_id"))
        .where(visible_to(Goal, reader), visible_to(GoalAssessment, reader))
        .where(or_(day_in_window(GoalAssessment.assessed_on), in_window(GoalAssessment.locked_at)))
        .order_by(GoalAssessment.assessed_on.desc(), GoalAssessment.id.desc())
        .limit(bindparam("most"))
    )


def latest_assessments(partnership_id: int, reader: Reader, window: Window) -> list[Hit]:
    """Return the assessments made last."""
    return [
        Hit(
            kind="Bedömning",
            title=f"{wording.goal_name(row)}: {row.grade.label}",
            url=_assessment_url(row.slug, row),
            text=wording.period_text(row.year, row.period),
            at=row.locked_at or row.assessed_on,
            by=row.assessed_by_function,
        )
        for row in db.session.execute(_assessed(reader), window.values(partnership_id))
    ]
