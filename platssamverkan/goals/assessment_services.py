"""What happens with assessments: they are written, and approved for a whole period."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.exc import IntegrityError

from platssamverkan.core import locks
from platssamverkan.core.columns import touch
from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError, EditConflict, check_version
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals import assessment_queries
from platssamverkan.goals.models import (
    EvidenceLink,
    Goal,
    GoalAssessment,
    GoalVersion,
    Grade,
    ReportingPeriod,
)

ALREADY = "Målet är redan bedömt för perioden. Öppna bedömningen och ändra den. Syns den inte, tala med samordnaren."


def check_not_assessed(goal: Goal, year: int, period: ReportingPeriod) -> None:
    """Raise `DomainError` if the period has an assessment of the goal, also one that the writer may not read."""
    if assessment_queries.is_assessed(goal, year, period):
        raise DomainError(ALREADY)


def assess(
    goal: Goal,
    version: GoalVersion,
    *,
    year: int,
    period: ReportingPeriod,
    grade: Grade,
    motivation: str,
    evidence: Mapping[str, Sequence[int]],
    lacks_evidence: bool,
    on: date,
    by_function: str,
    deviations: str | None = None,
    continued_work: str | None = None,
    proposed_change: str | None = None,
    visibility: Visibility = Visibility.PARTNERSHIP,
    owner_actor_id: int | None = None,
) -> GoalAssessment:
    """Add the assessment of a goal for a period. `evidence` is kind → ids. Flushes, does not commit.

    :raises DomainError: if the period is assessed already, or if there is neither evidence nor the word that it lacks
    """
    check_not_assessed(goal, year, period)
    check_evidence(evidence, lacks_evidence)
    assessment = GoalAssessment(
        goal_version_id=version.id,
        year=year,
        period=period,
        grade=grade,
        motivation=motivation,
        deviations=deviations,
        continued_work=continued_work,
        proposed_change=proposed_change,
        lacks_evidence=lacks_evidence,
        assessed_on=on,
        assessed_by_function=by_function,
        visibility=visibility,
        owner_actor_id=owner_actor_id,
        evidence=_links(evidence),
    )
    db.session.add(assessment)
    try:
        db.session.flush()
    except IntegrityError:
        # Two assessed at the same instant; the database lets one through.
        raise DomainError(ALREADY) from None
    return assessment


def revise(
    assessment: GoalAssessment,
    *,
    posted_version: int | None,
    grade: Grade,
    motivation: str,
    evidence: Mapping[str, Sequence[int]],
    lacks_evidence: bool,
    on: date,
    by_function: str,
    owner_actor_id: int,
    deviations: str | None = None,
    continued_work: str | None = None,
    proposed_change: str | None = None,
    visibility: Visibility = Visibility.PARTNERSHIP,
) -> None:
    """Change an assessment that is not yet approved. `evidence` is all that it rests on from now. One that no actor
    owns becomes that of `owner_actor_id`.

    :raises Locked: if it has been approved
    :raises EditConflict: if someone saved first
    :raises DomainError: if there is neither evidence nor the word that it lacks
    """
    locks.check_open(assessment)
    check_version(assessment, posted_version)
    check_evidence(evidence, lacks_evidence)
    assessment.grade, assessment.motivation, assessment.visibility = grade, motivation, visibility
    assessment.deviations, assessment.continued_work = deviations, continued_work
    assessment.proposed_change, assessment.lacks_evidence = proposed_change, lacks_evidence
    assessment.assessed_on, assessment.assessed_by_function = on, by_function
    assessment.owner_actor_id = assessment.owner_actor_id or owner_actor_id
    wanted = {(kind, row_id) for kind, ids in evidence.items() for row_id in ids}
    kept = [link for link in assessment.evidence if link.target in wanted]
    new = wanted - {link.target for link in kept}
    if new or len(kept) < len(assessment.evidence):
        touch(assessment)
    assessment.evidence = [*kept, *(_link(kind, row_id) for kind, row_id in sorted(new))]
    db.session.flush()


def check_evidence(evidence: Mapping[str, Sequence[int]], lacks_evidence: bool) -> None:
    """Raise `DomainError` unless there is evidence, kind → ids, or the word that it lacks; never both."""
    given = any(evidence.values())
    if not given and not lacks_evidence:
        raise DomainError("Välj minst ett underlag, eller kryssa i att underlag saknas.")
    if given and lacks_evidence:
        raise DomainError("Underlag är valt. Kryssa ur att underlag saknas, eller ta bort underlaget.")


def _links(evidence: Mapping[str, Sequence[int]]) -> list[EvidenceLink]:
    return [_link(kind, row_id) for kind, ids in evidence.items() for row_id in ids]


def _link(kind: str, row_id: int) -> EvidenceLink:
    return EvidenceLink(**{f"{kind}_id": row_id})


def mark_of(assessments: Sequence[GoalAssessment]) -> str:
    """Return what the assessments, as they stand now, are known by: another when one is written, changed or removed."""
    return " ".join(f"{one.id}:{one.version}" for one in assessments)


def approve(assessments: Sequence[GoalAssessment], *, mark: str, by_function: str) -> None:
    """Lock the assessments of a period, whose words and evidence are loaded. Flushes, does not commit.

    :param mark: `mark_of` those that were to be locked when it was asked
    :raises EditConflict: if others, or other words, would be locked than were there then
    :raises DomainError: if there is none to lock, or one rests on nothing and does not say so
    """
    if not assessments:
        raise DomainError("Det finns ingen bedömning att fastställa för perioden. Någon annan kan ha hunnit före dig.")
    if mark != mark_of(assessments):
        raise EditConflict("Bedömningarna har ändrats sedan du öppnade sidan. Läs dem igen och fastställ sedan.")
    for one in assessments:
        if not one.evidence and not one.lacks_evidence:
            raise DomainError(
                f"Bedömningen av målet ”{one.goal_version.text}” har inget underlag."
                " Välj underlag eller kryssa i att underlag saknas, och fastställ sedan."
            )
    locks.lock(assessments, by_function=by_function)
