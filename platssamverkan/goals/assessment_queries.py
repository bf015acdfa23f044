"""Assessments per period, and what they rest on, followed back to its own page through the registry."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import contains_eager, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from platssamverkan.core import clock
from platssamverkan.core.db import db, prepared, rows, with_related
from platssamverkan.core.registry import ALWAYS, registry
from platssamverkan.core.sources import Source
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.goals import wording
from platssamverkan.goals.goal_queries import PERIOD_ORDER, GoalNow, goals_with_current, is_ended
from platssamverkan.goals.indicator_queries import RECENT_PERIODS, with_latest
from platssamverkan.goals.models import (
    AssessmentCorrection,
    EvidenceLink,
    Goal,
    GoalAssessment,
    GoalLevel,
    GoalVersion,
    ReportingPeriod,
)
from platssamverkan.goals.observed import Columns, IndicatorNow

#: What an assessment may rest on, in the order of the form.
EVIDENCE_KINDS = {
    "indicator": "Indikatorer",
    "measure": "Åtgärder",
    "activation_event": "Platsaktiveringar",
    "decision": "Beslut",
    "study": "Studier",
}
EVIDENCE_NOUNS = {
    "indicator": "Indikator",
    "measure": "Åtgärd",
    "activation_event": "Platsaktivering",
    "decision": "Beslut",
    "study": "Studie",
}
#: Levels that the reports assess (DOMAIN 7).
ASSESSED_LEVELS = (GoalLevel.OVERALL, GoalLevel.DIRECTION)
#: How many assessments a goal's page shows in full: those of a year. The earlier ones stand below as a list.
SHOWN_IN_FULL = 3


@dataclass(frozen=True)
class Evidence:
    """A record that an assessment rests on."""

    kind: str
    label: str
    url: str

    @property
    def noun(self) -> str:
        return EVIDENCE_NOUNS[self.kind]

    @property
    def name(self) -> str:
        """Return what it is and which, saying the kind once: "Åtgärd 5: Extra städning", "Beslut Forum, § 10"."""
        return self.label if self.label.startswith(self.noun) else f"{self.noun} {self.label}"


@dataclass
class AssessedGoal:
    """A goal in one period: the words that held, and the assessment if there is one."""

    now: GoalNow
    version: GoalVersion
    assessment: GoalAssessment | None = None
    #: Whether there is an assessment that is kept from the reader.
    is_hidden: bool = False
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def goal(self) -> Goal:
        return self.now.goal

    @property
    def label(self) -> str:
        """Return "Mål 2: text" in the words that were assessed."""
        return wording.goal_label(self.goal, self.version.text)

    @property
    def is_locked(self) -> bool:
        return self.assessment is not None and self.assessment.is_locked


def assessments_for(partnership_id: int, year: int, period: ReportingPeriod, reader: Reader) -> list[AssessedGoal]:
    """Return the overall goals and inriktningsmål of the period in their order, each with assessment and evidence.

    A goal that had begun and had not ended when the period began stands there; one that was assessed always does,
    whatever has become of it.
    Their indicators are as they were when the period ended. A constant number of queries.
    """
    first_day, last_day = period.days(year)
    goals = goals_with_current(partnership_id, reader, include_ended=True, on=last_day, until=last_day)
    ids = [one.id for one in goals]
    assessments = {one.goal_version.goal_id: one for one in _of_period(ids, year, period, reader)}
    made = _assessed_in(ids, year, period)
    found = []
    for one in goals:
        assessment = assessments.get(one.id)
        held = one.version.has_begun(last_day) and not is_ended(one.goal, first_day)
        if assessment or (one.goal.level in ASSESSED_LEVELS and held):
            version = assessment.goal_version if assessment else one.version
            found.append(AssessedGoal(one, version, assessment, is_hidden=assessment is None and one.id in made))
    evidence = evidence_of(partnership_id, assessments.values(), reader)
    for item in found:
        item.evidence = evidence.get(item.assessment.id, []) if item.assessment else []
    return found


def goals_on(partnership_id: int, reader: Reader, day: date) -> list[GoalNow]:
    """Return the goals that held on `day`, vision first, each in the words that held then. Three queries."""
    return [one for one in goals_with_current(partnership_id, reader, on=day) if one.version.has_begun(day)]


@prepared
def _in_period(reader: Reader) -> Any:
    return (
        select(GoalAssessment, GoalVersion, Source)
        .join(GoalVersion, GoalVersion.id == GoalAssessment.goal_version_id)
        .outerjoin(Source, Source.id == GoalAssessment.source_id)
        .where(GoalVersion.goal_id.in_(bindparam("goal_ids", expanding=True)), visible_to(GoalAssessment, reader))
        .where(GoalAssessment.year == bindparam("year"), GoalAssessment.period == bindparam("period"))
        .order_by(GoalVersion.number)
    )


def _of_period(goal_ids: Sequence[int], year: int, period: ReportingPeriod, reader: Reader) -> list[GoalAssessment]:
    if not goal_ids:
        return []
    values = {"goal_ids": goal_ids, "year": year, "period": period}
    found = [with_related(row, "goal_version", "source") for row in db.session.execute(_in_period(reader), values)]
    _load_parts(found)
    return found


def assessment_of(goal: Goal, year: int, period: ReportingPeriod, reader: Reader) -> GoalAssessment | None:
    """Return the goal's assessment of the period with evidence and corrections, or None."""
    found = _of_period([goal.id], year, period, reader)
    return found[-1] if found else None


def _assessed_in(goal_ids: Sequence[int], year: int, period: ReportingPeriod) -> set[int]:
    """Return the ids of the goals that the period has an assessment of, whoever may read it. One query."""
    statement = select(GoalVersion.goal_id).join(GoalAssessment, GoalAssessment.goal_version_id == GoalVersion.id)
    in_period = GoalAssessment.year == year, GoalAssessment.period == period
    return set(db.session.scalars(statement.where(GoalVersion.goal_id.in_(goal_ids), *in_period)))


def is_assessed(goal: Goal, year: int, period: ReportingPeriod) -> bool:
    """Say whether the period has an assessment of the goal, whoever may read it. One query."""
    return bool(_assessed_in([goal.id], year, period))


@prepared
def _newest_first(reader: Reader, *columns: Any) -> Any:
    period = case({period.value: place for period, place in PERIOD_ORDER.items()}, value=GoalAssessment.period)
    return (
        select(*columns)
        .join(GoalVersion, GoalVersion.id == GoalAssessment.goal_version_id)
        .where(GoalVersion.goal_id == bindparam("goal_id"), visible_to(GoalAssessment, reader))
        .order_by(GoalAssessment.year.desc(), period.desc(), GoalAssessment.id.desc())
    )


@prepared
def _latest(reader: Reader) -> Any:
    return _newest_first(reader, GoalAssessment).limit(SHOWN_IN_FULL)


@prepared
def _earlier(reader: Reader) -> Any:
    columns = (GoalAssessment.year, GoalAssessment.period, GoalAssessment.grade, GoalAssessment.locked_at)
    return _newest_first(reader, *columns, GoalAssessment.visibility, GoalAssessment.is_example).offset(SHOWN_IN_FULL)


def latest_assessments(goal: Goal, reader: Reader) -> list[GoalAssessment]:
    """Return the assessments that the goal's page shows in full, newest first, with evidence and corrections.

    Of every version of the goal, whose versions are loaded. Three queries.
    """
    found = rows(_latest(reader), goal_id=goal.id)
    versions = {version.id: version for version in goal.versions}
    for assessment in found:
        set_committed_value(assessment, "goal_version", versions[assessment.goal_version_id])
    _load_parts(found)
    return found


def earlier_assessments(goal: Goal, reader: Reader) -> list[Columns]:
    """Return year, period, grade and who may read it of the goal's other assessments, newest first. One query."""
    return list(db.session.execute(_earlier(reader), {"goal_id": goal.id}))


@prepared
def _parts(model: Any) -> Any:
    return select(model).where(model.assessment_id.in_(bindparam("ids", expanding=True))).order_by(model.id)


def _load_parts(assessments: Sequence[GoalAssessment]) -> None:
    """Give the assessments their evidence and corrections. Two queries."""
    ids = [assessment.id for assessment in assessments]
    for name, model in (("evidence", EvidenceLink), ("corrections", AssessmentCorrection)):
        found: dict[int, list[Any]] = {assessment_id: [] for assessment_id in ids}
        for part in rows(_parts(model), ids=ids) if ids else []:
            found[part.assessment_id].append(part)
        for assessment in assessments:
            set_committed_value(assessment, name, found[assessment.id])


def evidence_of(
    partnership_id: int,
    assessments: Iterable[GoalAssessment],
    reader: Reader,
    *,
    loaded: Iterable[IndicatorNow] = (),
) -> dict[int, list[Evidence]]:
    """Return assessment id → what it rests on, as far as `reader` may see it; of an indicator, what was known when the
    period ended. One question to each room concerned and period, but none of indicators that are `loaded` as far back.
    """
    links = [(_as_of(one, link), *link.target, one.id) for one in assessments for link in one.evidence]
    near = {one.id: one for one in loaded}
    told = {
        (day, kind, row_id): _told(near[row_id], day)
        for day, kind, row_id, _ in links
        if kind == "indicator" and row_id in near and _reaches_back(near[row_id], day)
    }
    wanted: dict[tuple[date, str], set[int]] = {}
    for day, kind, row_id, _ in links:
        if (day, kind, row_id) not in told:
            wanted.setdefault((day, kind), set()).add(row_id)
    for (day, kind), ids in wanted.items():
        asked = _linkable(partnership_id, kind, reader, ALWAYS[0], day, ids=ids)
        told |= {(day, kind, row_id): label_and_url for row_id, label_and_url in asked.items()}
    found: dict[int, list[Evidence]] = {}
    for day, kind, row_id, assessment_id in links:
        if (day, kind, row_id) in told:
            found.setdefault(assessment_id, []).append(Evidence(kind, *told[day, kind, row_id]))
    return found


def _as_of(assessment: GoalAssessment, link: EvidenceLink) -> date:
    """Return the day of which the assessment tells what it rests on: what is no figure is the same whenever."""
    return assessment.period.days(assessment.year)[1] if link.indicator_id else ALWAYS[1]


def _reaches_back(indicator: IndicatorNow, day: date) -> bool:
    """Say whether what is loaded of the indicator is all of it, or begins by `day`."""
    loaded = indicator.observations
    return len(loaded) < RECENT_PERIODS or loaded[0].sort_key <= day.isoformat()


def _told(indicator: IndicatorNow, day: date) -> tuple[str, str]:
    known = [one for one in indicator.observations if one.sort_key <= day.isoformat()]
    return with_latest(indicator.name, known, indicator.unit), url_for("goals.indicator", indicator_id=indicator.id)


def _linkable(
    partnership_id: int, kind: str, reader: Reader, first: date, last: date, *, ids: Collection[int] | None = None
) -> dict[int, tuple[str, str]]:
    provider = registry.linkables.get(kind)
    if provider is None:
        return {}
    rows = provider(partnership_id, reader, first, last, ids=None if ids is None else sorted(ids))
    return {row_id: (label, url) for row_id, label, url in rows}


def evidence_choices(
    partnership_id: int,
    year: int,
    period: ReportingPeriod,
    reader: Reader,
    assessment: GoalAssessment | None = None,
) -> dict[str, list[tuple[int, str]]]:
    """Return kind → (id, label) of what an assessment of the period may rest on, with what it already rests on."""
    first_day, last_day = period.days(year)
    chosen: dict[str, set[int]] = {}
    for link in assessment.evidence if assessment else []:
        kind, row_id = link.target
        chosen.setdefault(kind, set()).add(row_id)
    found = {}
    for kind in EVIDENCE_KINDS:
        offered = _linkable(partnership_id, kind, reader, first_day, last_day)
        if chosen.get(kind, set()) - offered.keys():
            last = last_day if kind == "indicator" else ALWAYS[1]
            always = _linkable(partnership_id, kind, reader, ALWAYS[0], last, ids=chosen[kind])
            offered |= {row_id: always[row_id] for row_id in chosen[kind] if row_id in always}
        found[kind] = [(row_id, label) for row_id, (label, _url) in offered.items()]
    return found


def tied_to(goal: Goal) -> dict[str, set[int]]:
    """Return kind → the ids of what is tied to the goal, which its assessment most likely rests on; whoever may read
    it. One question to each room."""
    return {kind: provider(goal.id) for kind, provider in registry.tied_to_goal.items()}


def unlocked_of_period(partnership_id: int, year: int, period: ReportingPeriod, reader: Reader) -> list[GoalAssessment]:
    """Return the assessments of the period that are not yet approved, with the words assessed and the evidence."""
    statement = (
        select(GoalAssessment)
        .join(GoalAssessment.goal_version)
        .join(GoalVersion.goal)
        .where(Goal.partnership_id == partnership_id, visible_to(Goal, reader), visible_to(GoalAssessment, reader))
        .where(GoalAssessment.year == year, GoalAssessment.period == period, GoalAssessment.locked_at.is_(None))
        .options(contains_eager(GoalAssessment.goal_version), selectinload(GoalAssessment.evidence))
        .order_by(GoalAssessment.id)
    )
    return rows(statement)


def periods_with_assessments(partnership_id: int, reader: Reader) -> list[tuple[int, ReportingPeriod]]:
    """Return (year, period) of all assessments, newest first. One query."""
    statement = (
        select(GoalAssessment.year, GoalAssessment.period)
        .join(GoalAssessment.goal_version)
        .join(GoalVersion.goal)
        .where(Goal.partnership_id == partnership_id, visible_to(Goal, reader), visible_to(GoalAssessment, reader))
        .distinct()
    )
    found = [(year, period) for year, period in db.session.execute(statement)]
    return sorted(found, key=lambda one: (one[0], PERIOD_ORDER[one[1]]), reverse=True)


def has_assessments(goal: Goal) -> bool:
    """Say whether any version of the goal has been assessed, whoever may read it. One query."""
    versions = [version.id for version in goal.versions]
    return db.session.scalar(select(GoalAssessment.id).where(GoalAssessment.goal_version_id.in_(versions))) is not None


def version_is_assessed(version: GoalVersion) -> bool:
    """Say whether these words have been assessed: then they can't be changed, only followed by new ones."""
    return db.session.scalar(select(GoalAssessment.id).where(GoalAssessment.goal_version_id == version.id)) is not None


@prepared
def _resting(kind: str, reader: Reader) -> Any:
    column = getattr(EvidenceLink, f"{kind}_id")
    return (
        select(column.label("row_id"), Goal.id.label("goal_id"), Goal.level, Goal.number)
        .add_columns(GoalAssessment.year, GoalAssessment.period, GoalAssessment.assessed_on)
        .join(GoalAssessment, EvidenceLink.assessment_id == GoalAssessment.id)
        .join(GoalVersion, GoalAssessment.goal_version_id == GoalVersion.id)
        .join(Goal, GoalVersion.goal_id == Goal.id)
        .where(column.in_(bindparam("ids", expanding=True)), Goal.partnership_id == bindparam("partnership_id"))
        .where(visible_to(GoalAssessment, reader), visible_to(Goal, reader))
    )


def resting_on(kind: str, partnership_id: int, ids: Sequence[int], reader: Reader) -> list[Columns]:
    """Return the assessments that rest on rows of `kind`: row_id, goal_id, level, number, year, period, assessed_on.

    One query.
    """
    return list(db.session.execute(_resting(kind, reader), {"ids": list(ids), "partnership_id": partnership_id}))


def current_period() -> tuple[int, ReportingPeriod]:
    """Return the period that is being assessed today: T1 from April, T2 from September, VB from November to March."""
    today = clock.today()
    if today.month >= 9:
        return today.year, ReportingPeriod.VB if today.month >= 11 else ReportingPeriod.T2
    return (today.year, ReportingPeriod.T1) if today.month >= 4 else (today.year - 1, ReportingPeriod.VB)


def is_evidence(kind: str, row_id: int, *, partnership_ids: Collection[int] | None = None) -> bool:
    """Say whether any assessment rests on the row of `kind`, whoever may read it; where partnerships are given, any of
    theirs. One query."""
    found = select(EvidenceLink.id).where(getattr(EvidenceLink, f"{kind}_id") == row_id).limit(1)
    if partnership_ids is not None:
        found = (
            found.join(GoalAssessment, GoalAssessment.id == EvidenceLink.assessment_id)
            .join(GoalAssessment.goal_version)
            .join(GoalVersion.goal)
            .where(Goal.partnership_id.in_(partnership_ids))
        )
    return db.session.scalar(found) is not None
