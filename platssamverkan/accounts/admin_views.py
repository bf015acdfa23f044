"""Pages: accounts, for administrators. An administrator reads no partnership by that."""

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from platssamverkan.accounts import queries, services
from platssamverkan.accounts.forms import AccountForm, NewAccountForm, PasswordForm
from platssamverkan.accounts.models import User
from platssamverkan.core.access import admin_only
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.db import db
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.registry import registry
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table

bp = Blueprint("users", __name__, url_prefix="/anvandare")


@bp.get("")
@admin_only
def index() -> ResponseReturnValue:
    table = build_table(*queries.users())
    return render_page("accounts/users.html", fragment="accounts/_users.html", table=table)


@bp.get("/ny")
@admin_only
def new() -> ResponseReturnValue:
    return render_page("accounts/new.html", form=NewAccountForm())


@bp.post("/ny")
@admin_only
def create() -> ResponseReturnValue:
    form = NewAccountForm()
    if not form.validate_on_submit():
        return render_page("accounts/new.html", form=form, status=422)
    try:
        user = services.create_account(
            email=form.email.data or "",
            function=form.function.data or "",
            password=form.new_password.data or "",
            is_admin=bool(form.is_admin.data),
        )
    except services.AddressTaken as error:
        form.email.errors = [error.message]
        return render_page("accounts/new.html", form=form, status=422)
    return commit_and_go(
        f"Kontot för {user.function} är skapat. Samordnaren ger behörighet i samverkan.", url_for(".index")
    )


def _facts(user: User) -> dict[str, object]:
    return {name: getattr(user, name) for name in ("email", "function", "is_admin", "version")}


def _edit_page(user: User, form: AccountForm, status: int = 200) -> Response:
    return render_page("accounts/edit.html", user=user, form=form, status=status)


@bp.get("/<int:user_id>/andra")
@admin_only
def edit(user_id: int) -> ResponseReturnValue:
    user = queries.user(user_id)
    return _edit_page(user, AccountForm(data=_facts(user)))


@bp.post("/<int:user_id>/andra")
@admin_only
def edit_post(user_id: int) -> ResponseReturnValue:
    user, form = queries.user(user_id), AccountForm()
    if not form.validate_on_submit():
        return _edit_page(user, form, 422)
    try:
        services.change_account(
            user,
            posted_version=form.version.data,
            email=form.email.data or "",
            function=form.function.data or "",
            is_admin=bool(form.is_admin.data),
        )
    except EditConflict:
        return conflict_page(form, _facts(user), title=f"Ändra {user.function}", cancel_url=url_for(".index"))
    except services.AddressTaken as error:
        form.email.errors = [error.message]
        return _edit_page(user, form, 422)
    except services.LastAdministrator as error:
        form.is_admin.errors = [error.message]
        return _edit_page(user, form, 422)
    # Someone who administers no longer can't open the list.
    url = url_for(".index") if current_user.is_admin else url_for("overview.home")
    return commit_and_go(f"Kontot för {user.function} är sparat.", url)


@bp.get("/<int:user_id>/losenord")
@admin_only
def password(user_id: int) -> ResponseReturnValue:
    return render_page("accounts/password.html", user=queries.user(user_id), form=PasswordForm())


@bp.post("/<int:user_id>/losenord")
@admin_only
def password_post(user_id: int) -> ResponseReturnValue:
    user, form = queries.user(user_id), PasswordForm()
    if not form.validate_on_submit():
        return render_page("accounts/password.html", user=user, form=form, status=422)
    services.set_password(user, form.new_password.data or "")
    db.session.commit()
    if user.id == current_user.id:
        login_user(user)
    flash(f"{user.function} har fått ett nytt lösenord och är utloggad överallt.")
    return redirect(url_for(".index"), code=303)


@bp.get("/<int:user_id>/stang")
@admin_only
def disable(user_id: int) -> ResponseReturnValue:
    left = registry.ask("coordinated_by_no_other", user_id)
    return render_page("accounts/disable.html", user=queries.user(user_id), left=left)


@bp.post("/<int:user_id>/stang")
@admin_only
def disable_post(user_id: int) -> ResponseReturnValue:
    user = queries.user(user_id)
    if user.id == current_user.id:
        refusal = "Du kan inte stänga ditt eget konto. Be en annan administratör."
        return render_page("accounts/disable.html", user=user, refusal=refusal, status=409)
    services.set_enabled(user, is_enabled=False)
    return commit_and_go(f"Kontot för {user.function} är stängt.", url_for(".index"))


@bp.post("/<int:user_id>/oppna")
@admin_only
def enable(user_id: int) -> ResponseReturnValue:
    user = queries.user(user_id)
    services.set_enabled(user, is_enabled=True)
    return commit_and_go(f"Kontot för {user.function} är öppet igen.", url_for(".index"))
