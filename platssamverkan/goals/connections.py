"""What the room tells the registry: where evidence is used, what an assessment may rest on, search and feed."""

from collections.abc import Callable, Sequence
from datetime import date

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import raiseload

from platssamverkan.accounts.models import User
from platssamverkan.core.audit import AuditAction, AuditEntry
from platssamverkan.core.db import db, rows
from platssamverkan.core.registry import Hit, Mention, MentionProvider, Registry
from platssamverkan.core.tables import contains
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals import assessment_queries, wording
from platssamverkan.goals.indicator_queries import latest_by_indicator, latest_words
from platssamverkan.goals.models import Goal, GoalAssessment, GoalVersion, Indicator, Observation, Study
from platssamverkan.partnerships.models import Partnership


def connect(registry: Registry) -> None:
    """Register the room's tab and what it can answer."""
    registry.add_tab(50, "Mål", "goals.index")
    for kind in ("measure", "activation_event", "decision", "indicator", "study"):
        registry.add_mentions(kind, MENTIONS[kind])
    registry.add_mentions("indicator", goals_of_indicator)
    registry.linkables["goal"] = linkable_goals
    registry.linkables["indicator"] = linkable_indicators
    registry.linkables["study"] = linkable_studies
    registry.searches["goal"] = search_goals
    registry.searches["indicator"] = search_indicators
    registry.feeds["observation"] = latest_observations
    registry.feeds["assessment"] = latest_assessments


def slug_of(partnership_id: int) -> str:
    """Return the slug that the partnership's addresses have; one query in a session."""
    partnership: Partnership = db.session.get_one(Partnership, partnership_id)
    return partnership.slug


def _assessment_url(slug: str, goal_id: int, assessment: GoalAssessment) -> str:
    return url_for("goals.assessment", slug=slug, goal_id=goal_id, year=assessment.year, period=assessment.period.value)


def assessments_resting_on(kind: str) -> MentionProvider:
    """Return the provider that tells which assessments rest on rows of `kind`."""

    def provider(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
        found: dict[int, list[Mention]] = {}
        slug = slug_of(partnership_id)
        for row_id, assessment, goal in assessment_queries.resting_on(kind, partnership_id, ids, reader):
            mention = Mention(
                label=f"{wording.goal_name(goal)}, {wording.period_text(assessment.year, assessment.period)}",
                url=_assessment_url(slug, goal.id, assessment),
                on=assessment.assessed_on,
                kind="Bedömning",
            )
            found.setdefault(row_id, []).append(mention)
        return found

    return provider


#: One provider a kind, made once: the registry knows by them what it has already been told.
MENTIONS: dict[str, Callable[[int, Sequence[int], Reader], dict[int, list[Mention]]]] = {
    kind: assessments_resting_on(kind) for kind in assessment_queries.EVIDENCE_KINDS
}


def goals_of_indicator(partnership_id: int, ids: Sequence[int], reader: Reader) -> dict[int, list[Mention]]:
    """Tell which goals the indicators measure."""
    slug = slug_of(partnership_id)
    statement = (
        select(Indicator.id, Goal, GoalVersion.text)
        .join(Indicator.goals)
        .join(GoalVersion, (GoalVersion.goal_id == Goal.id) & GoalVersion.is_current)
        .where(Indicator.id.in_(ids), visible_to(Goal, reader))
        .order_by(Goal.number)
    )
    found: dict[int, list[Mention]] = {}
    for indicator_id, goal, text in db.session.execute(statement):
        url = url_for("goals.show", slug=slug, goal_id=goal.id)
        found.setdefault(indicator_id, []).append(Mention(wording.goal_label(goal, text), url, kind="Mål"))
    return found


def linkable_goals(partnership_id: int, reader: Reader, first_day: date, last_day: date) -> list[tuple[int, str, str]]:
    """Return the goals that held during the period, in the order of the tree, for measures to serve."""
    slug = slug_of(partnership_id)
    statement = (
        select(Goal, GoalVersion.text)
        .join(GoalVersion, (GoalVersion.goal_id == Goal.id) & GoalVersion.is_current)
        .where(Goal.partnership_id == partnership_id, visible_to(Goal, reader))
        .where(Goal.ended_on.is_(None) | (Goal.ended_on >= first_day))
        .order_by(Goal.parent_id.is_not(None), Goal.level, Goal.number, Goal.id)
    )
    return [
        (goal.id, wording.goal_label(goal, text), url_for("goals.show", slug=slug, goal_id=goal.id))
        for goal, text in db.session.execute(statement)
    ]


def linkable_indicators(
    partnership_id: int, reader: Reader, first_day: date, last_day: date
) -> list[tuple[int, str, str]]:
    """Return the indicators that were followed during the period, with their latest value in the label."""
    slug = slug_of(partnership_id)
    statement = (
        select(Indicator)
        .where(Indicator.partnership_id == partnership_id, visible_to(Indicator, reader))
        .where(Indicator.ended_on.is_(None) | (Indicator.ended_on >= first_day))
        .options(raiseload(Indicator.source))
        .order_by(Indicator.name, Indicator.id)
    )
    found = []
    observed = latest_by_indicator(partnership_id, reader)
    for indicator in rows(statement):
        latest = latest_words(observed.get(indicator.id, []), indicator.unit)
        label = f"{indicator.name}: {latest}" if latest else indicator.name
        found.append((indicator.id, label, url_for("goals.indicator", slug=slug, indicator_id=indicator.id)))
    return found


def linkable_studies(
    partnership_id: int, reader: Reader, first_day: date, last_day: date
) -> list[tuple[int, str, str]]:
    """Return the partnership's studies, whatever their year: research holds longer than a report period."""
    slug = slug_of(partnership_id)
    statement = select(Study).where(Study.partnership_id == partnership_id).order_by(Study.title)
    return [
        (study.id, f"{study.title}, {study.years}" if study.years else study.title, _study_url(slug, study.id))
        for study in rows(statement)
    ]


def _study_url(slug: str, study_id: int) -> str:
    return url_for("goals.studies", slug=slug, _anchor=f"studie-{study_id}")


def search_goals(partnership_id: int, reader: Reader, words: Sequence[str], limit: int) -> list[Hit]:
    """Return goals whose words, now or earlier, hold all of `words`."""
    statement = (
        select(Goal, GoalVersion, Partnership.slug, Partnership.name)
        .join(GoalVersion, GoalVersion.goal_id == Goal.id)
        .join(Partnership, Partnership.id == Goal.partnership_id)
        .where(Goal.partnership_id == partnership_id, visible_to(Goal, reader))
        .where(contains(" ".join(words), GoalVersion.text))
        .order_by(GoalVersion.is_current.desc(), Goal.number, Goal.id)
        .limit(limit)
    )
    found: dict[int, Hit] = {}
    for goal, version, slug, name in db.session.execute(statement):
        text = "" if version.is_current else "Tidigare lydelse"
        url = url_for("goals.show", slug=slug, goal_id=goal.id)
        title = wording.goal_label(goal, version.text)
        found.setdefault(goal.id, Hit(kind="Mål", title=title, url=url, text=text, partnership=name))
    return list(found.values())


def search_indicators(partnership_id: int, reader: Reader, words: Sequence[str], limit: int) -> list[Hit]:
    """Return indicators whose name, method or area hold all of `words`."""
    text = " ".join(words)
    statement = (
        select(Indicator, Partnership.slug, Partnership.name)
        .join(Partnership, Partnership.id == Indicator.partnership_id)
        .where(Indicator.partnership_id == partnership_id, visible_to(Indicator, reader))
        .where(contains(text, Indicator.name, Indicator.method, Indicator.area_text))
        .order_by(Indicator.name, Indicator.id)
        .limit(limit)
    )
    return [
        Hit(
            kind="Indikator",
            title=indicator.name,
            url=url_for("goals.indicator", slug=slug, indicator_id=indicator.id),
            text=" ".join(indicator.caveats),
            partnership=name,
        )
        for indicator, slug, name in db.session.execute(statement)
    ]


def latest_observations(partnership_id: int, reader: Reader, limit: int) -> list[Hit]:
    """Return the observations that people entered last."""
    statement = (
        select(Observation, Indicator, AuditEntry.at, User.function, Partnership.slug)
        .join(Indicator, Observation.indicator_id == Indicator.id)
        .join(Partnership, Partnership.id == Indicator.partnership_id)
        .join(AuditEntry, (AuditEntry.table_name == "observation") & (AuditEntry.row_id == Observation.id))
        .outerjoin(User, User.id == AuditEntry.user_id)
        .where(AuditEntry.action == AuditAction.INSERT, Indicator.partnership_id == partnership_id)
        # What was loaded from a document did not happen when it was loaded.
        .where(Observation.source_id.is_(None))
        .where(visible_to(Indicator, reader), visible_to(Observation, reader))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
        .options(raiseload("*"))
    )
    found = []
    for observation, indicator, at, function, slug in db.session.execute(statement):
        period = wording.observed_period(observation)
        text = wording.value_text(observation, indicator.unit) + (f" ({period})" if period else "")
        url = url_for("goals.indicator", slug=slug, indicator_id=indicator.id)
        found.append(Hit("Mätvärde", indicator.name, url, text=text, at=at, by=function or "", minor=True))
    return found


def latest_assessments(partnership_id: int, reader: Reader, limit: int) -> list[Hit]:
    """Return the assessments made last."""
    statement = (
        select(GoalAssessment, Goal, Partnership.slug)
        .join(GoalVersion, GoalAssessment.goal_version_id == GoalVersion.id)
        .join(Goal, GoalVersion.goal_id == Goal.id)
        .join(Partnership, Partnership.id == Goal.partnership_id)
        .where(Goal.partnership_id == partnership_id)
        .where(visible_to(Goal, reader), visible_to(GoalAssessment, reader))
        .order_by(GoalAssessment.assessed_on.desc(), GoalAssessment.id.desc())
        .limit(limit)
        .options(raiseload("*"))
    )
    return [
        Hit(
            kind="Bedömning",
            title=f"{wording.goal_name(goal)}: {assessment.grade.label}",
            url=_assessment_url(slug, goal.id, assessment),
            text=wording.period_text(assessment.year, assessment.period),
            at=assessment.locked_at or assessment.assessed_on,
            by=assessment.assessed_by_function,
        )
        for assessment, goal, slug in db.session.execute(statement)
    ]
