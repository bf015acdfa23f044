"""Follow-ups of a measure: added and corrected."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import DomainError, EditConflict
from platssamverkan.core.saving import commit_and_go
from platssamverkan.measures import form_makers, queries, services
from platssamverkan.measures.blueprint import bp, changeable_measure
from platssamverkan.measures.forms import FollowUpForm
from platssamverkan.measures.models import FollowUp, FollowUpEffect, Measure
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

FIELDS = (
    *("on", "done", "done_count", "effect", "indicator_id", "text", "displacement", "displacement_text"),
    *("unintended_effect", "next_step", "by_function", "visibility"),
)


def _page(measure: Measure, form: FollowUpForm, *, is_new: bool = True, status: int = 200) -> ResponseReturnValue:
    return render_template("measures/follow_up.html", measure=measure, form=form, is_new=is_new), status


def _save(measure: Measure, form: FollowUpForm, follow_up: FollowUp | None = None) -> ResponseReturnValue:
    """Save what the form says; a rule that refuses it stands at the effect, which is where it can be put right."""
    values = {name: form[name].data for name in FIELDS}
    values["owner_actor_id"] = (follow_up and follow_up.owner_actor_id) or current_workspace().actor.id
    try:
        saved = services.save_follow_up(measure, follow_up, version=form.version.data, **values)
    except EditConflict:
        raise
    except DomainError as error:
        form.effect.errors = [error.message]
        return _page(measure, form, status=422)
    url = url_for("measures.show", measure_id=measure.id, _anchor=f"uppfoljning-{saved.id}")
    return commit_and_go("Uppföljningen är sparad.", url)


@bp.get("/<int:measure_id>/uppfoljning/ny")
@requires(Permission.EDIT_OWN_MEASURES)
def new_follow_up(measure_id: int) -> ResponseReturnValue:
    """Show the form of a new follow-up; the button of a relapse has chosen its effect."""
    measure = changeable_measure(measure_id)
    form = form_makers.follow_up_form(measure)
    form.by_function.data = current_user.function
    if "aterfall" in request.args:
        form.effect.data = FollowUpEffect.RELAPSE
    return _page(measure, form)


@bp.post("/<int:measure_id>/uppfoljning/ny")
@requires(Permission.EDIT_OWN_MEASURES)
def create_follow_up(measure_id: int) -> ResponseReturnValue:
    """Add a follow-up; one that tells of a relapse takes the measure up again."""
    measure = changeable_measure(measure_id)
    form = form_makers.follow_up_form(measure)
    if not form.validate_on_submit():
        return _page(measure, form, status=422)
    return _save(measure, form)


def _follow_up(measure_id: int, follow_up_id: int) -> tuple[Measure, FollowUp]:
    measure = changeable_measure(measure_id)
    return measure, queries.follow_up_or_404(follow_up_id, measure.id, current_workspace().reader)


@bp.get("/<int:measure_id>/uppfoljning/<int:follow_up_id>/andra")
@requires(Permission.EDIT_OWN_MEASURES)
def edit_follow_up(measure_id: int, follow_up_id: int) -> ResponseReturnValue:
    """Show the form of a follow-up."""
    measure, follow_up = _follow_up(measure_id, follow_up_id)
    return _page(measure, form_makers.follow_up_form(measure, follow_up), is_new=False)


@bp.post("/<int:measure_id>/uppfoljning/<int:follow_up_id>/andra")
@requires(Permission.EDIT_OWN_MEASURES)
def update_follow_up(measure_id: int, follow_up_id: int) -> ResponseReturnValue:
    """Save a changed follow-up."""
    measure, follow_up = _follow_up(measure_id, follow_up_id)
    form = form_makers.follow_up_form(measure, follow_up)
    if not form.validate_on_submit():
        return _page(measure, form, is_new=False, status=422)
    try:
        return _save(measure, form, follow_up)
    except EditConflict:
        saved = form_makers.follow_up_form(measure, follow_up, formdata=None).data
        cancel_url = url_for("measures.show", measure_id=measure.id)
        return conflict_page(form, saved, title=f"Ändra uppföljning av åtgärd {measure.number}", cancel_url=cancel_url)
