"""Makes the room's forms: what can be chosen in them, and the values they start from."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from platssamverkan.core import clock
from platssamverkan.core.fields import named
from platssamverkan.core.registry import registry
from platssamverkan.measures import neighbours, problem_queries, queries
from platssamverkan.measures.forms import (
    NEW_STATUSES,
    CloseForm,
    FollowUpForm,
    MaintenanceNeed,
    MeasureForm,
)
from platssamverkan.measures.models import CauseAnalysis, FollowUp, Measure, Problem
from platssamverkan.measures.problem_forms import CauseForm, ProblemForm
from platssamverkan.measures.services import EDITABLE
from platssamverkan.partnerships.queries import actor_choices, place_choices
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace


def measure_data(measure: Measure, goal_ids: list[int]) -> dict[str, Any]:
    """Return the values that a form of the measure starts from."""
    return {name: getattr(measure, name) for name in EDITABLE | {"version"}} | {
        "methods": [link.method for link in measure.methods],
        "cpted": [link.category for link in measure.cpted],
        "affected_actor_ids": [actor.id for actor in measure.affected],
        "goal_ids": goal_ids,
    }


def measure_form(measure: Measure | None = None, *, start: dict[str, Any] | None = None, **kwargs: Any) -> MeasureForm:
    """Return the form of a new or saved measure. A participant may let only the own actor answer for it.

    `formdata=None` gives the form as it is saved, whatever was posted.
    """
    goal_ids = queries.goal_ids_of([measure.id])[measure.id] if measure else []
    data = measure_data(measure, goal_ids) if measure else (start or {})
    form = MeasureForm(data=data, **kwargs)
    offer_choices(form, measure, goal_ids)
    return form


def offer_choices(form: MeasureForm, measure: Measure | None = None, goal_ids: Sequence[int] = ()) -> None:
    """Set what can be chosen for a new measure, or for a saved one that serves the goals with `goal_ids`."""
    workspace = current_workspace()
    partnership_id, reader = workspace.partnership.id, workspace.reader
    actors = actor_choices(partnership_id)
    form.affected_actor_ids.offer(actors, kept=named(*measure.affected) if measure else ())
    if not workspace.allows(Permission.MANAGE_MEASURES):
        actors = workspace.actors_with(Permission.EDIT_OWN_MEASURES)
    if measure and measure.responsible is None:
        form.let_responsible_be_unknown()
    form.responsible_actor_id.offer(actors, kept=named(measure.responsible) if measure else ())
    form.place_id.offer(place_choices(partnership_id), kept=named(measure.place) if measure else ())
    cause_id = measure.cause_id if measure else None
    hidden = [(cause_id, "Orsak som din aktör inte får läsa")] if cause_id else []
    form.cause_id.offer(problem_queries.cause_choices(partnership_id, reader, cause_id), kept=hidden)
    goals = neighbours.goals_to_serve(partnership_id, reader, clock.today(), goal_ids)
    form.goal_ids.offer([(goal.id, goal.label) for goal in goals])
    form.visibility.offer(current_workspace().visibilities(measure.owner_actor_id if measure else None))
    if measure:
        form.saved_status = measure.status
        form.decided_on = decided_on(measure) if form.is_submitted() else None
        del form.status
    else:
        form.status.offer(NEW_STATUSES)


def decided_on(measure: Measure) -> date | None:
    """Return the day of the first meeting that decided the measure, as far as the user may read; None for none.

    A meeting that is still to come has decided nothing, whatever is prepared for it.
    """
    workspace, today = current_workspace(), clock.today()
    mentions = registry.mentions_of("measure", workspace.partnership.id, [measure.id], workspace.reader)[measure.id]
    return min((one.on for one in mentions if one.kind == "Beslut" and one.on and one.on <= today), default=None)


def follow_up_form(measure: Measure, follow_up: FollowUp | None = None, **kwargs: Any) -> FollowUpForm:
    """Return the form of a new or saved follow-up; a new one is read by those who read the measure."""
    workspace = current_workspace()
    data: dict[str, Any] = {"on": clock.today(), "visibility": measure.visibility}
    form = FollowUpForm(obj=follow_up, data=None if follow_up else data, **kwargs)
    known = neighbours.indicators(workspace.partnership.id, workspace.reader)
    chosen = follow_up.indicator_id if follow_up else None
    hidden = [(chosen, "Indikator som din aktör inte får läsa")] if chosen else []
    form.indicator_id.offer([(row.id, row.label) for row in known.values()], kept=hidden)
    owner = follow_up.owner_actor_id if follow_up else None
    form.visibility.offer(current_workspace().visibilities(owner))
    return form


def close_form(measure: Measure, **kwargs: Any) -> CloseForm:
    """Return the form that closes the measure, or changes the answer it was closed with."""
    answer = measure.maintenance
    data: dict[str, Any] = {"version": measure.version, "closed_on": measure.closed_on or clock.today()}
    if answer:
        data |= {"need": MaintenanceNeed.YES if answer.is_needed else MaintenanceNeed.NO}
        names = ("reason", "what", "actor_id", "until_on", "funding", "relapse_signal", "review_on")
        data |= {name: getattr(answer, name) for name in names}
    form = CloseForm(began=measure.starts, data=data, **kwargs)
    form.actor_id.offer(actor_choices(current_workspace().partnership.id))
    return form


def problem_form(problem: Problem | None = None, **kwargs: Any) -> ProblemForm:
    """Return the form of a new or saved problem."""
    form = ProblemForm(obj=problem, data=None if problem else {"noted_on": clock.today()}, **kwargs)
    places = place_choices(current_workspace().partnership.id)
    form.place_id.offer(places, kept=named(problem.place) if problem else ())
    form.visibility.offer(current_workspace().visibilities(problem.owner_actor_id if problem else None))
    return form


def cause_form(cause: CauseAnalysis | None = None, **kwargs: Any) -> CauseForm:
    """Return the form of a new or saved cause."""
    form = CauseForm(obj=cause, **kwargs)
    actors = actor_choices(current_workspace().partnership.id)
    form.mandate_actor_id.offer(actors, kept=named(cause.mandate_actor) if cause else ())
    form.visibility.offer(current_workspace().visibilities(cause.owner_actor_id if cause else None))
    return form
