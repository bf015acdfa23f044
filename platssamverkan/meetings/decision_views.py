"""Pages of decisions: a new one with the measures that follow from it, changing and removing."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.core import clock, drafts
from platssamverkan.core.access import lets_others_save, requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.formatting import local_day
from platssamverkan.core.saving import commit_and_go
from platssamverkan.measures import queries as measure_queries
from platssamverkan.measures.services import told_of_due
from platssamverkan.meetings import item_services, pages, queries
from platssamverkan.meetings.blueprint import bp, decision_key, lock_for_decision, open_decision, open_item
from platssamverkan.meetings.forms import ChangeDecisionForm, DecisionForm, MeasureForm
from platssamverkan.meetings.item_services import NewMeasure
from platssamverkan.meetings.minutes import measures_of
from platssamverkan.meetings.models import Decision, Meeting
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace, my_workspaces


@bp.get("/beslut/<int:decision_id>")
@requires(Permission.READ)
def show_decision(decision_id: int) -> ResponseReturnValue:
    """Show a decision that another partnership's meeting made for this one; its own stand in the minutes."""
    workspace = current_workspace()
    decision = queries.decision_page(decision_id, workspace.partnership.id, workspace.reader)
    if decision.made_in is None:
        return redirect(decision.url(workspace.partnership.slug))
    takes_part = {other.partnership.id for other in my_workspaces(current_user.id, clock.today())}
    return render_template(
        "meetings/decision.html",
        decision=decision, takes_part=takes_part, reads_minutes=decision.made_in.id in takes_part, today=clock.today(),
    )  # fmt: skip


def _rows_posted() -> int:
    text = request.form.get("rader", "1")
    return int(text) if text.isdecimal() and len(text) < 3 else 1


def _new_measures(forms: list[MeasureForm]) -> list[NewMeasure]:
    return [
        NewMeasure(
            title=form.title.data,
            responsible_actor_id=form.responsible_actor_id.data,
            due_on=form.due_on.data,
            method=form.method.data,
            goal_ids=[form.goal_id.data] if form.goal_id.data else [],
            partnership_id=form.laid_in.id if form.laid_in else None,
        )
        for form in forms
        if form.title.data
    ]


def _are_valid(form: DecisionForm, measures: list[MeasureForm], meeting: Meeting) -> bool:
    """Say whether the decision and its measures can be saved; each is asked, so that every message is shown at once."""
    is_valid = [form.validate_on_submit()]
    for one in measures:
        one.read_by = form.visibility.data or one.read_by
        one.decided_on = local_day(meeting.starts_at)
        is_valid.append(one.validate())
    return all(is_valid)


@bp.post("/<int:meeting_id>/punkt/<int:item_id>/beslut")
@lets_others_save
@requires(Permission.MANAGE_MEETINGS)
def decide(meeting_id: int, item_id: int) -> ResponseReturnValue:
    """Save a decision with its measures, or show one more row for a measure (`fler`)."""
    lock_for_decision()
    meeting, item = open_item(meeting_id, item_id)
    more = "fler" in request.form
    form = pages.decision_form(item)
    measures = pages.measure_forms(_rows_posted() + more)
    posted = pages.Posted(decision=form, measures=measures)
    if more:
        return pages.minutes_page(meeting_id, item_id, posted=posted)
    if not _are_valid(form, measures, meeting):
        return pages.minutes_page(meeting_id, item_id, posted=posted, status=422)
    new = _new_measures(measures)
    decision = item_services.add_decision(
        meeting,
        item,
        text=form.text.data or "",
        measures=new,
        visibility=form.visibility.data,
        owner_actor_id=item.owner_actor_id or current_workspace().actor.id,
    )
    drafts.settle(current_user.id, decision_key(item_id))
    what = {0: "är sparat", 1: "och åtgärden är sparade"}.get(len(new), f"och {len(new)} åtgärder är sparade")
    told = f"Beslut {decision.number} {what}.{told_of_due(*(one.due_on for one in new))}"
    return commit_and_go(told, _at(meeting_id, item_id, decision.id))


def _at(meeting_id: int, item_id: int, decision_id: int | None = None) -> str:
    anchor = f"beslut-{decision_id}" if decision_id else f"punkt-{item_id}"
    return url_for("meetings.show_item", meeting_id=meeting_id, item_id=item_id, _anchor=anchor)


def _form(decision: Decision, **kwargs: Any) -> ChangeDecisionForm:
    workspace = current_workspace()
    linked = measures_of([decision.id], workspace.reader).get(decision.id, [])
    ids = [measure.id for measure in linked]
    form = ChangeDecisionForm(obj=decision, data={"keep_ids": ids}, **kwargs)
    form.visibility.offer(current_workspace().visibilities(decision.owner_actor_id))
    form.keep_ids.offer([(measure.id, f"Åtgärd {measure.number}: {measure.title}") for measure in linked])
    form.link_id.offer(queries.measure_choices(workspace.partnership.id, workspace.reader, without=ids))
    return form


@bp.get("/<int:meeting_id>/punkt/<int:item_id>/beslut/<int:decision_id>/andra")
@requires(Permission.MANAGE_MEETINGS)
def edit_decision(meeting_id: int, item_id: int, decision_id: int) -> ResponseReturnValue:
    meeting, item, decision = open_decision(meeting_id, item_id, decision_id)
    return render_template(
        "meetings/decision_form.html",
        form=_form(decision), measure_forms=pages.measure_forms(1), meeting=meeting, item=item, decision=decision,
    )  # fmt: skip


@bp.post("/<int:meeting_id>/punkt/<int:item_id>/beslut/<int:decision_id>/andra")
@lets_others_save
@requires(Permission.MANAGE_MEETINGS)
def change_decision(meeting_id: int, item_id: int, decision_id: int) -> ResponseReturnValue:
    lock_for_decision()
    meeting, item, decision = open_decision(meeting_id, item_id, decision_id)
    form, measures = _form(decision), pages.measure_forms(1)
    if not _are_valid(form, measures, meeting):
        return render_template(
            "meetings/decision_form.html",
            form=form, measure_forms=measures, meeting=meeting, item=item, decision=decision,
        ), 422  # fmt: skip
    workspace, new = current_workspace(), _new_measures(measures)
    linked = {measure.id for measure in measures_of([decision.id], workspace.reader).get(decision.id, [])}
    link = None
    if form.link_id.data:
        link = measure_queries.measure_or_404(form.link_id.data, workspace.partnership.id, workspace.reader)
    try:
        item_services.change_decision(
            meeting,
            decision,
            version=form.version.data,
            text=form.text.data or "",
            visibility=form.visibility.data,
            add=new,
            link=link,
            unlink_ids=linked - set(form.keep_ids.data or []),
        )
    except EditConflict:
        saved = _form(decision, formdata=None).data
        return conflict_page(form, saved, title="Ändra beslut", cancel_url=_at(meeting_id, item_id))
    told = f"Beslut {decision.number} är sparat.{told_of_due(*(one.due_on for one in new))}"
    return commit_and_go(told, _at(meeting_id, item_id, decision_id))


@bp.get("/<int:meeting_id>/punkt/<int:item_id>/beslut/<int:decision_id>/ta-bort")
@requires(Permission.MANAGE_MEETINGS)
def ask_remove_decision(meeting_id: int, item_id: int, decision_id: int) -> ResponseReturnValue:
    meeting, item, decision = open_decision(meeting_id, item_id, decision_id)
    return render_template("meetings/remove_decision.html", meeting=meeting, item=item, decision=decision)


@bp.post("/<int:meeting_id>/punkt/<int:item_id>/beslut/<int:decision_id>/ta-bort")
@requires(Permission.MANAGE_MEETINGS)
def remove_decision(meeting_id: int, item_id: int, decision_id: int) -> ResponseReturnValue:
    meeting, _item, decision = open_decision(meeting_id, item_id, decision_id)
    item_services.remove_decision(meeting, decision)
    return commit_and_go("Beslutet är borttaget. Åtgärderna finns kvar.", _at(meeting_id, item_id))
