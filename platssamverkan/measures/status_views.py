"""What the buttons of a measure do: decide, start, pause, delay, cancel and close."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict, check_version
from platssamverkan.core.saving import commit_and_go
from platssamverkan.measures import form_makers, services
from platssamverkan.measures.blueprint import bp, changeable_measure
from platssamverkan.measures.forms import CancelForm, CloseForm, DelayForm, MaintenanceNeed
from platssamverkan.measures.models import Measure, MeasureStatus
from platssamverkan.partnerships.roles import Permission


def _saved(measure: Measure, sentence: str) -> Response:
    return commit_and_go(sentence, url_for("measures.show", measure_id=measure.id))


def _move(measure_id: int, status: MeasureStatus, sentence: str) -> Response:
    measure = changeable_measure(measure_id)
    services.move(measure, status, on=clock.today())
    return _saved(measure, sentence.format(measure.number))


@bp.post("/<int:measure_id>/besluta")
@requires(Permission.EDIT_OWN_MEASURES)
def decide(measure_id: int) -> ResponseReturnValue:
    """Decide a proposed measure."""
    return _move(measure_id, MeasureStatus.DECIDED, "Åtgärd {} är beslutad.")


@bp.post("/<int:measure_id>/starta")
@requires(Permission.EDIT_OWN_MEASURES)
def start(measure_id: int) -> ResponseReturnValue:
    """Start a measure, or take it up again."""
    return _move(measure_id, MeasureStatus.ONGOING, "Åtgärd {} pågår.")


@bp.post("/<int:measure_id>/pausa")
@requires(Permission.EDIT_OWN_MEASURES)
def pause(measure_id: int) -> ResponseReturnValue:
    """Pause a measure."""
    return _move(measure_id, MeasureStatus.PAUSED, "Åtgärd {} är pausad.")


@bp.get("/<int:measure_id>/forsenad")
@requires(Permission.EDIT_OWN_MEASURES)
def ask_delay(measure_id: int) -> ResponseReturnValue:
    """Ask until when the measure is late."""
    measure = changeable_measure(measure_id)
    return render_template("measures/delay.html", measure=measure, form=DelayForm(data={"version": measure.version}))


@bp.post("/<int:measure_id>/forsenad")
@requires(Permission.EDIT_OWN_MEASURES)
def delay(measure_id: int) -> ResponseReturnValue:
    """Say that the measure is late."""
    measure = changeable_measure(measure_id)
    form = DelayForm(decided_on=form_makers.decided_on(measure))
    if not form.validate_on_submit():
        return render_template("measures/delay.html", measure=measure, form=form), 422
    try:
        check_version(measure, form.version.data)
    except EditConflict:
        saved = {"due_on": measure.due_on, "version": measure.version}
        cancel_url = url_for("measures.show", measure_id=measure.id)
        return conflict_page(form, saved, title=f"Försenad åtgärd {measure.number}", cancel_url=cancel_url)
    services.delay(measure, due_on=form.due_on.data, on=clock.today())
    told = services.told_of_due(form.due_on.data)
    return _saved(measure, f"Åtgärd {measure.number} är försenad.{told}")


@bp.get("/<int:measure_id>/avbryt")
@requires(Permission.EDIT_OWN_MEASURES)
def ask_cancel(measure_id: int) -> ResponseReturnValue:
    """Ask why the measure is cancelled."""
    measure = changeable_measure(measure_id)
    services.check_not_closed(measure)
    return render_template("measures/cancel.html", measure=measure, form=CancelForm())


@bp.post("/<int:measure_id>/avbryt")
@requires(Permission.EDIT_OWN_MEASURES)
def cancel(measure_id: int) -> ResponseReturnValue:
    """End the measure without result."""
    measure = changeable_measure(measure_id)
    form = CancelForm()
    if not form.validate_on_submit():
        return render_template("measures/cancel.html", measure=measure, form=form), 422
    services.cancel(measure, reason=form.reason.data or "", on=clock.today())
    return _saved(measure, f"Åtgärd {measure.number} är avbruten.")


def _close_page(measure: Measure, form: CloseForm, status: int = 200) -> ResponseReturnValue:
    return render_template("measures/close.html", measure=measure, form=form), status


@bp.get("/<int:measure_id>/avsluta")
@requires(Permission.EDIT_OWN_MEASURES)
def ask_close(measure_id: int) -> ResponseReturnValue:
    """Ask what keeps the result, or why nothing has to."""
    measure = changeable_measure(measure_id)
    return _close_page(measure, form_makers.close_form(measure))


@bp.post("/<int:measure_id>/avsluta")
@requires(Permission.EDIT_OWN_MEASURES)
def close(measure_id: int) -> ResponseReturnValue:
    """Close the measure with its answer, or change the answer of a closed one."""
    measure = changeable_measure(measure_id)
    form = form_makers.close_form(measure)
    if not form.validate_on_submit():
        return _close_page(measure, form, 422)
    names = ("reason", "what", "actor_id", "until_on", "funding", "relapse_signal", "review_on")
    try:
        check_version(measure, form.version.data)
    except EditConflict:
        saved = form_makers.close_form(measure, formdata=None).data
        cancel_url = url_for("measures.show", measure_id=measure.id)
        return conflict_page(form, saved, title=f"Avsluta åtgärd {measure.number}", cancel_url=cancel_url)
    needed = form.need.data is MaintenanceNeed.YES
    services.close(measure, on=form.closed_on.data, is_needed=needed, **{name: form[name].data for name in names})
    return _saved(measure, f"Åtgärd {measure.number} är avslutad.")
