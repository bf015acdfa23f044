"""Pages of platsaktivering: the list, one event, and logging one in a minute."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.activations import editing, queries, services, sheets
from platssamverkan.activations.forms import CancelForm, HeldForm
from platssamverkan.activations.models import ActivationEvent
from platssamverkan.core import clock, import_page
from platssamverkan.core.access import lets_others_save, requires
from platssamverkan.core.addresses import asked_id
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table, file_response, wants_file
from platssamverkan.goals.queries import goal_labels
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

bp = Blueprint("activations", __name__, url_prefix="/samverkan/<slug>/platsaktivering")
blueprints = [bp]


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    workspace = current_workspace()
    statement, spec = queries.event_list(workspace.partnership.id, workspace.reader, whole=wants_file())
    table = build_table(statement, spec, export=wants_file(), values={"partnership_id": workspace.partnership.id})
    if wants_file():
        columns = sheets.file_columns(workspace.partnership.id, workspace.reader)
        return file_response(table, "platsaktiveringar", columns)
    elsewhere = {row.partnership_id for row in table.rows} - {workspace.partnership.id}
    return render_page(
        "activations/index.html",
        fragment="activations/_list.html",
        table=table,
        standing=queries.standing,
        now=clock.now(),
        homes=queries.homes(elsewhere, current_user.id),
        roles=queries.organisation_roles(workspace.partnership.id),
    )


@bp.get("/<int:event_id>")
@requires(Permission.READ)
def show(event_id: int) -> ResponseReturnValue:
    workspace = current_workspace()
    event = queries.event_page(event_id, workspace.partnership.id, workspace.reader)
    is_here = event.partnership_id == workspace.partnership.id
    home = None if is_here else queries.homes({event.partnership_id}, current_user.id)[event.partnership_id]
    return render_template(
        "activations/show.html",
        event=event,
        home=home,
        is_here=is_here,
        may_change=is_here and editing.may_change(event),
        goals=goal_labels(queries.goal_ids(event.id), workspace.reader) if is_here else {},
        mentions=editing.mentions(event.id),
        standing=queries.standing,
        now=clock.now(),
    )


@bp.get("/ny")
@requires(Permission.LOG_ACTIVATION)
def new() -> ResponseReturnValue:
    workspace = current_workspace()
    again = asked_id("likadan")
    values: dict[str, object] = {"day": clock.today(), "organiser_id": workspace.actor.id}
    if again is not None:
        values |= editing.values_of(queries.event_with_goals(again, workspace.partnership.id, workspace.reader))
        values |= {"day": clock.today(), "last_day": None, "status": None, "visitor_count": None, "count_method": None}
    return render_template("activations/new.html", form=editing.new_form(values))


@bp.post("/ny")
@requires(Permission.LOG_ACTIVATION)
def create() -> ResponseReturnValue:
    workspace = current_workspace()
    form = editing.new_form({})
    if not form.validate_on_submit():
        return render_page("activations/new.html", form=form, status=422)
    event = services.log_event(
        partnership_id=workspace.partnership.id,
        owner_actor_id=workspace.actor.id,
        details=editing.details_of(form),
        status=form.status.data,
        now=form.now,
    )
    return commit_and_go(editing.saved_words(event, form), url_for(".show", event_id=event.id))


@bp.get("/importera")
@requires(Permission.LOG_ACTIVATION)
def import_form() -> ResponseReturnValue:
    return import_page.show("activations/import.html", sheets.importer())


@bp.post("/importera")
@lets_others_save
@requires(Permission.LOG_ACTIVATION)
def import_rows() -> ResponseReturnValue:
    return import_page.read_or_save("activations/import.html", sheets.importer(), then=url_for(".index"))


@bp.get("/<int:event_id>/andra")
@requires(Permission.LOG_ACTIVATION)
def edit(event_id: int) -> ResponseReturnValue:
    event = editing.own_event(event_id)
    form = editing.edit_form(event, editing.values_of(event))
    return render_template("activations/edit.html", form=form, event=event)


@bp.post("/<int:event_id>/andra")
@requires(Permission.LOG_ACTIVATION)
def change(event_id: int) -> ResponseReturnValue:
    event = editing.own_event(event_id)
    form = editing.edit_form(event, {})
    if not form.validate_on_submit():
        return render_page("activations/edit.html", form=form, event=event, status=422)
    try:
        services.change_event(
            event,
            version=form.version.data,
            details=editing.details_of(form, event),
            status=form.status.data if "status" in form else None,
            now=form.now,
        )
    except EditConflict:
        cancel_url = url_for(".show", event_id=event.id)
        return conflict_page(form, editing.values_of(event), title=f"Ändra {event.title}", cancel_url=cancel_url)
    return commit_and_go(editing.saved_words(event, form), url_for(".show", event_id=event.id))


@bp.get("/<int:event_id>/genomford")
@requires(Permission.LOG_ACTIVATION)
def hold_form(event_id: int) -> ResponseReturnValue:
    event = editing.own_event(event_id)
    services.check_begun(event, clock.now())
    return render_template("activations/held.html", event=event, form=HeldForm(obj=event))


@bp.post("/<int:event_id>/genomford")
@requires(Permission.LOG_ACTIVATION)
def hold(event_id: int) -> ResponseReturnValue:
    event = editing.own_event(event_id)
    form = HeldForm()
    if not form.validate_on_submit():
        return render_page("activations/held.html", event=event, form=form, status=422)
    services.hold_event(
        event,
        version=form.version.data,
        visitor_count=form.visitor_count.data,
        count_method=form.count_method.data or None,
        now=clock.now(),
    )
    return _saved(event, f"{event.title} är genomförd.")


@bp.get("/<int:event_id>/stall-in")
@requires(Permission.LOG_ACTIVATION)
def cancel_form(event_id: int) -> ResponseReturnValue:
    event = editing.own_event(event_id)
    services.check_planned(event)
    return render_template("activations/cancel.html", event=event, form=CancelForm(obj=event))


@bp.post("/<int:event_id>/stall-in")
@requires(Permission.LOG_ACTIVATION)
def cancel(event_id: int) -> ResponseReturnValue:
    event = editing.own_event(event_id)
    form = CancelForm()
    if not form.validate_on_submit():
        return render_page("activations/cancel.html", event=event, form=form, status=422)
    services.cancel_event(event, version=form.version.data, reason=form.reason.data)
    return _saved(event, f"{event.title} är inställd.")


@bp.post("/<int:event_id>/angra-stall-in")
@requires(Permission.LOG_ACTIVATION)
def reinstate(event_id: int) -> ResponseReturnValue:
    event = editing.own_event(event_id)
    services.reinstate_event(event)
    return _saved(event, f"{event.title} är planerad igen.")


@bp.get("/<int:event_id>/ta-bort")
@requires(Permission.LOG_ACTIVATION)
def remove_form(event_id: int) -> ResponseReturnValue:
    event = editing.own_event(event_id)
    return render_template("activations/remove.html", event=event, removable=services.is_removable(event))


@bp.post("/<int:event_id>/ta-bort")
@requires(Permission.LOG_ACTIVATION)
def remove(event_id: int) -> ResponseReturnValue:
    event = editing.own_event(event_id)
    services.remove_event(event)
    return commit_and_go(f"{event.title} är borttagen.", url_for(".index"))


def _saved(event: ActivationEvent, message: str) -> ResponseReturnValue:
    return commit_and_go(message, url_for(".show", event_id=event.id))
