"""Pages: who may do what in the partnership."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.accounts.models import User
from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.addresses import asked_id
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.formatting import day
from platssamverkan.core.forms import VersionedForm
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table, file_response, wants_file
from platssamverkan.partnerships import actor_queries
from platssamverkan.partnerships import actor_services as acts
from platssamverkan.partnerships.actor_forms import GrantForm, RoleForm, grant_form, saved_role
from platssamverkan.partnerships.models import Membership, RoleGrant
from platssamverkan.partnerships.roles import RIGHTS, Permission
from platssamverkan.partnerships.workspace import current_workspace

bp = Blueprint("grants", __name__, url_prefix="/samverkan/<slug>/behorigheter")


@bp.get("")
@requires(Permission.READ_LOG)
def index() -> ResponseReturnValue:
    workspace = current_workspace()
    may_change = workspace.allows(Permission.MANAGE_GRANTS)
    statement, spec = actor_queries.grants(workspace.partnership.id, with_addresses=may_change)
    table = build_table(statement, spec, export=wants_file())
    if wants_file():
        return file_response(table, "behorigheter")
    return render_page(
        "grants/index.html", fragment="grants/_list.html", table=table, may_change=may_change, rights=RIGHTS,
        today=clock.today(),
    )  # fmt: skip


def _grantable() -> list[Membership]:
    """Return the memberships that the user may let someone act for: an actor bound by OSL only if the user reads the
    authorities' text too."""
    workspace = current_workspace()
    memberships = actor_queries.lasting_memberships(workspace.partnership.id)
    return [m for m in memberships if workspace.reader.sees_authorities or not m.actor.subject_to_osl]


def _new_page(form: GrantForm, status: int = 200) -> Response:
    return render_page("grants/new.html", form=form, rights=RIGHTS, status=status)


def _edit_page(grant: RoleGrant, form: RoleForm, status: int = 200) -> Response:
    return render_page("grants/edit.html", grant=grant, form=form, rights=RIGHTS, status=status)


def _refusal(form: GrantForm, user: User | None) -> str:
    """Return why the user named can't get the right; "" when nothing stands in the way."""
    if user is None:
        return "Ingen användare har den adressen. Be administratören lägga upp kontot."
    if not user.is_enabled:
        return "Användarens konto är stängt. Be administratören öppna det."
    chosen = next(m for m in _grantable() if m.id == form.membership_id.data)
    if user.id == current_user.id and chosen.actor_id not in current_workspace().actor_ids:
        return "Du kan inte ge dig själv behörighet för en annan aktör."
    if actor_queries.has_grant(user.id, chosen.id):
        return "Användaren har redan en behörighet för aktören. Ändra den i listan."
    return ""


@bp.get("/ny")
@requires(Permission.MANAGE_GRANTS)
def new() -> ResponseReturnValue:
    form = grant_form(_grantable())
    form.membership_id.data = asked_id("aktor")
    return _new_page(form)


@bp.post("/ny")
@requires(Permission.MANAGE_GRANTS)
def create() -> ResponseReturnValue:
    form = grant_form(_grantable())
    if not form.validate_on_submit():
        return _new_page(form, 422)
    user = actor_queries.user_by_email(form.email.data or "")
    refusal = _refusal(form, user)
    if refusal or user is None:
        form.email.errors = [refusal]
        return _new_page(form, 422)
    membership = next(m for m in _grantable() if m.id == form.membership_id.data)
    acts.give_right(user=user, membership=membership, role=form.role.data)
    message = f"{user.function} har nu rollen {form.role.data.label} för {membership.actor.name}."
    if acts.begins_later(membership):
        message += f" Den gäller från och med {day(membership.joined_on)}, när aktören börjar delta."
    return commit_and_go(message, url_for(".index"))


@bp.get("/<int:grant_id>/andra")
@requires(Permission.MANAGE_GRANTS)
def edit(grant_id: int) -> ResponseReturnValue:
    grant = actor_queries.grant(current_workspace().partnership.id, grant_id)
    return _edit_page(grant, RoleForm(data=saved_role(grant)))


@bp.post("/<int:grant_id>/andra")
@requires(Permission.MANAGE_GRANTS)
def edit_post(grant_id: int) -> ResponseReturnValue:
    grant = actor_queries.grant(current_workspace().partnership.id, grant_id)
    form = RoleForm()
    if not form.validate_on_submit():
        return _edit_page(grant, form, 422)
    try:
        acts.change_role(grant, posted_version=form.version.data, role=form.role.data)
    except EditConflict:
        return conflict_page(form, saved_role(grant), title="Ändra roll", cancel_url=url_for(".index"))
    except acts.LastCoordinator as error:
        form.role.errors = [error.message]
        return _edit_page(grant, form, 422)
    return commit_and_go(f"{grant.user.function} har nu rollen {grant.role.label}.", url_for(".index"))


@bp.get("/<int:grant_id>/ta-bort")
@requires(Permission.MANAGE_GRANTS)
def withdraw(grant_id: int) -> ResponseReturnValue:
    grant = actor_queries.grant(current_workspace().partnership.id, grant_id)
    return _withdraw_page(grant)


def _withdraw_page(grant: RoleGrant, status: int = 200, **told: str) -> Response:
    form = VersionedForm(formdata=None, data={"version": grant.version})
    return render_page("grants/withdraw.html", grant=grant, form=form, status=status, **told)


@bp.post("/<int:grant_id>/ta-bort")
@requires(Permission.MANAGE_GRANTS)
def withdraw_post(grant_id: int) -> ResponseReturnValue:
    grant = actor_queries.grant(current_workspace().partnership.id, grant_id)
    form = VersionedForm()
    try:
        acts.withdraw_right(grant, posted_version=form.version.data)
    except EditConflict:
        return _withdraw_page(grant, 409, changed="Någon annan har ändrat behörigheten. Så här är den nu.")
    except acts.LastCoordinator as error:
        return _withdraw_page(grant, 409, refusal=error.message)
    # Someone who has taken away their own right can't open the list.
    url = url_for("overview.home") if grant.user_id == current_user.id else url_for(".index")
    return commit_and_go(f"{grant.user.function} har inte längre behörigheten.", url)
