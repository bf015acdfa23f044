"""What happens with goals: they are set, reworded, ended. Their words are kept in versions, never overwritten once
they have been assessed (DOMAIN 6.1, invariant 7)."""

from datetime import date

from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError, EditConflict, check_version
from platssamverkan.core.formatting import partial
from platssamverkan.core.partial_date import earliest, latest
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals import assessment_queries, goal_queries, indicator_queries
from platssamverkan.goals.models import Goal, GoalLevel, GoalVersion


def create_goal(
    *,
    partnership_id: int,
    level: GoalLevel,
    text: str,
    number: int | None = None,
    parent_id: int | None = None,
    starts: str | None = None,
    visibility: Visibility = Visibility.PARTNERSHIP,
    owner_actor_id: int | None = None,
) -> Goal:
    """Add a goal with its first words, which hold from `starts` (a partial date). Flushes, does not commit."""
    goal = Goal(
        partnership_id=partnership_id,
        level=level,
        number=number,
        parent_id=parent_id,
        visibility=visibility,
        owner_actor_id=owner_actor_id,
    )
    db.session.add(goal)
    db.session.flush()
    db.session.add(GoalVersion(goal_id=goal.id, number=1, text=text, starts=starts))
    db.session.flush()
    return goal


def place_goal(
    goal: Goal,
    *,
    posted_version: int | None,
    level: GoalLevel,
    number: int | None,
    parent_id: int | None,
    visibility: Visibility,
    owner_actor_id: int,
) -> None:
    """Change where the goal stands in the tree and who may read it; its words are changed by `reword`. A goal that no
    actor owns, as from a source, becomes that of `owner_actor_id`.

    :raises EditConflict: if someone saved first
    :raises DomainError: if the goal would stand below itself
    """
    check_version(goal, posted_version)
    if parent_id is not None and parent_id in {goal.id, *goal_queries.ids_below(goal.id)}:
        raise DomainError("Ett mål kan inte ligga under sig självt. Välj ett annat överordnat mål.")
    goal.level, goal.number, goal.parent_id, goal.visibility = level, number, parent_id, visibility
    goal.owner_actor_id = goal.owner_actor_id or owner_actor_id


def words_version(goal: Goal) -> int:
    """Return what a form that changes the words of the goal carries: it grows with each change of any of them.

    The number of the latest words alone would not do: new words begin at 1 again.
    """
    return sum(version.version for version in goal.versions)


def _check_words(goal: Goal, posted: int | None) -> None:
    if posted != words_version(goal):
        raise EditConflict


def correct_spelling(goal: Goal, *, text: str, starts: str | None, posted_version: int | None) -> None:
    """Put the latest words right without a new version: only while they have never been assessed.

    :raises DomainError: if the words have been assessed, or would begin before the earlier ones or after their own end
    :raises EditConflict: if someone saved first
    """
    _check_words(goal, posted_version)
    *earlier, newest = goal.versions
    if assessment_queries.version_is_assessed(newest):
        raise DomainError("Målet har bedömts med den här lydelsen. Ändra det med en ny lydelse i stället.")
    if starts and newest.ends and earliest(starts) > latest(newest.ends):
        raise DomainError(f"Lydelsen kan inte börja gälla efter sitt slut, {partial(newest.ends)}. Ändra datumet.")
    if earlier and starts:
        _end_words(earlier[-1], starts, was=newest.starts)
    newest.text, newest.starts = text, starts
    db.session.flush()


def _end_words(version: GoalVersion, starts: str, *, was: str | None = None) -> None:
    """Let the words hold until those after them begin: now on `starts`, before this on the day `was`. Words that are
    known to have ended earlier still did."""
    if version.starts and earliest(starts) < earliest(version.starts):
        raise DomainError(f"Lydelsen kan inte börja gälla före den tidigare, {partial(version.starts)}. Ändra datumet.")
    if version.ends in {None, was} or latest(version.ends) > earliest(starts):
        version.ends = starts


def reword(goal: Goal, *, text: str, starts: str, reason: str, posted_version: int | None) -> GoalVersion:
    """Give the goal new words from `starts` (a partial date); the latest ones end there and keep their assessments.

    :raises DomainError: if the new words would begin before the latest ones
    :raises EditConflict: if someone saved first
    """
    _check_words(goal, posted_version)
    newest = goal.versions[-1]
    _end_words(newest, starts)
    version = GoalVersion(goal_id=goal.id, number=newest.number + 1, text=text, starts=starts, change_reason=reason)
    db.session.add(version)
    db.session.flush()
    return version


def check_last_day(goal: Goal, on: date) -> None:
    """Raise `DomainError` if the goal, whose versions are loaded, had not begun on the day `on`."""
    began = goal.versions[0].starts
    if began is not None and on < earliest(began):
        raise DomainError("Sista dagen kan inte ligga före den dag då målet började gälla. Ändra datumet.")


def check_not_ended(goal: Goal) -> None:
    """Raise `DomainError` if a last day is set already."""
    if goal.ended_on is not None:
        raise DomainError("Målet är redan avslutat.")


def end_goal(goal: Goal, *, on: date, reason: str, posted_version: int | None) -> None:
    """End the goal with the day `on` as its last. It keeps its versions, indicators and assessments.

    :raises DomainError: if it has ended already, or had not begun on that day
    :raises EditConflict: if someone saved first
    """
    check_not_ended(goal)
    check_version(goal, posted_version)
    check_last_day(goal, on)
    goal.ended_on, goal.ended_reason = on, reason


def reopen_goal(goal: Goal) -> None:
    """Let an ended goal hold again.

    :raises DomainError: if it has not ended
    """
    if goal.ended_on is None:
        raise DomainError("Målet är inte avslutat.")
    goal.ended_on = goal.ended_reason = None


def what_hangs_on(goal: Goal) -> list[str]:
    """Return, in Swedish, what keeps the goal from being removed; empty when nothing does.

    Everything counts, whoever may read it.
    """
    found = []
    if goal_queries.ids_below(goal.id):
        found.append("mål som ligger under det")
    if assessment_queries.has_assessments(goal):
        found.append("bedömningar")
    if indicator_queries.measures_goal(goal.id):
        found.append("indikatorer")
    everyone = indicator_queries.everyone()
    if registry.mentions_of("goal", goal.partnership_id, [goal.id], everyone)[goal.id]:
        found.append("åtgärder, platsaktiveringar eller annat som bidrar till det")
    return found


def delete_goal(goal: Goal) -> None:
    """Remove a goal that nothing hangs on.

    :raises DomainError: if something does; the message says what
    """
    hanging = what_hangs_on(goal)
    if hanging:
        raise DomainError(f"Målet kan inte tas bort, eftersom det har {', '.join(hanging)}. Avsluta det i stället.")
    for version in goal.versions:
        db.session.delete(version)
    db.session.flush()
    db.session.delete(goal)
    db.session.flush()
