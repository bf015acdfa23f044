"""Pages outside the workspace: my partnerships, and making a new one."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.actors.models import Actor
from platssamverkan.core.access import admin_only, signed_in
from platssamverkan.core.errors import DomainError
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table, file_response, wants_file
from platssamverkan.partnerships import queries, services
from platssamverkan.partnerships.forms import NewPartnershipForm

bp = Blueprint("partnership_list", __name__, url_prefix="/samverkan")


@bp.get("")
@signed_in
def index() -> ResponseReturnValue:
    statement, spec = queries.mine(current_user.id)
    table = build_table(statement, spec, export=wants_file())
    if wants_file():
        return file_response(table, "samverkan")
    roles = queries.roles_of(current_user.id)
    return render_page("partnerships/mine.html", fragment="partnerships/_mine.html", table=table, roles=roles)


def _form() -> NewPartnershipForm:
    form = NewPartnershipForm()
    form.lead_actor_id.offer([(actor.id, actor.name) for actor in queries.all_actors()])
    form.coordinator_id.offer([(user.id, f"{user.function} ({user.email})") for user in queries.enabled_users()])
    return form


@bp.get("/ny")
@admin_only
def new() -> ResponseReturnValue:
    return render_page("partnerships/new.html", form=_form())


@bp.post("/ny")
@admin_only
def create() -> ResponseReturnValue:
    form = _form()
    if not form.validate_on_submit():
        return render_page("partnerships/new.html", form=form, status=422)
    try:
        lead = _lead(form)
    except DomainError as error:
        form.new_actor_name.errors = [error.message]
        return render_page("partnerships/new.html", form=form, status=422)
    coordinator = next(user for user in queries.enabled_users() if user.id == form.coordinator_id.data)
    partnership = services.create_partnership(
        name=form.name.data or "",
        municipality=form.municipality.data or None,
        started_year=form.started_year.data,
        lead=lead,
        coordinator=coordinator,
    )
    return commit_and_go(
        f"{partnership.name} är skapad. {coordinator.function} är samordnare och kan börja.", url_for(".index")
    )


def _lead(form: NewPartnershipForm) -> Actor:
    if form.lead_actor_id.data:
        return next(actor for actor in queries.all_actors() if actor.id == form.lead_actor_id.data)
    return services.new_actor(name=form.new_actor_name.data or "", kind=form.new_actor_kind.data)
