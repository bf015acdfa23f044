"""Pages outside the workspace: my partnerships, and making a new one."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.accounts.models import User
from platssamverkan.actors.models import Actor
from platssamverkan.core.access import admin_only, signed_in
from platssamverkan.core.errors import DomainError
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table, file_response, wants_file
from platssamverkan.partnerships import queries, services
from platssamverkan.partnerships.forms import CoordinatorForm, NewPartnershipForm
from platssamverkan.partnerships.models import Partnership

bp = Blueprint("partnership_list", __name__, url_prefix="/samverkan")


@bp.get("")
@signed_in
def index() -> ResponseReturnValue:
    statement, spec = queries.mine(current_user.id)
    table = build_table(statement, spec, export=wants_file())
    if wants_file():
        return file_response(table, "samverkan")
    roles = queries.roles_of(current_user.id)
    orphans = queries.without_coordinator() if current_user.is_admin else []
    return render_page(
        "partnerships/mine.html", fragment="partnerships/_mine.html", table=table, roles=roles, orphans=orphans
    )


def _form(kind: type[NewPartnershipForm] = NewPartnershipForm) -> NewPartnershipForm:
    form = kind()
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
    coordinator = _coordinator(form)
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


@bp.get("/utan-samordnare/<int:partnership_id>")
@admin_only
def ask_coordinator(partnership_id: int) -> ResponseReturnValue:
    return _coordinator_page(queries.without_coordinator_or_404(partnership_id), _form(CoordinatorForm))


@bp.post("/utan-samordnare/<int:partnership_id>")
@admin_only
def appoint_coordinator(partnership_id: int) -> ResponseReturnValue:
    """Only where nobody coordinates: whoever administers users must not come past a coordinator."""
    services.lock_partnership(partnership_id)
    partnership, form = queries.without_coordinator_or_404(partnership_id), _form(CoordinatorForm)
    if not form.validate_on_submit():
        return _coordinator_page(partnership, form, 422)
    try:
        actor = _lead(form)
    except DomainError as error:
        form.new_actor_name.errors = [error.message]
        return _coordinator_page(partnership, form, 422)
    user = _coordinator(form)
    services.appoint_coordinator(partnership, actor=actor, user=user)
    return commit_and_go(f"{user.function} är samordnare i {partnership.name}.", url_for(".index"))


def _coordinator_page(partnership: Partnership, form: NewPartnershipForm, status: int = 200) -> ResponseReturnValue:
    return render_page("partnerships/coordinator.html", form=form, partnership=partnership, status=status)


def _coordinator(form: NewPartnershipForm) -> User:
    return next(user for user in queries.enabled_users() if user.id == form.coordinator_id.data)


def _lead(form: NewPartnershipForm) -> Actor:
    if form.lead_actor_id.data:
        return next(actor for actor in queries.all_actors() if actor.id == form.lead_actor_id.data)
    return services.new_actor(name=form.new_actor_name.data or "", kind=form.new_actor_kind.data)
