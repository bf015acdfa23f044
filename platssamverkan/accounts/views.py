"""Signing in and out, and drafts that save themselves."""

import secrets
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf

from platssamverkan.accounts import admin_views, mail_views, services
from platssamverkan.accounts.forms import MailForm, OwnPasswordForm, SignInForm
from platssamverkan.core import clock, drafts, held, outbox
from platssamverkan.core.access import public, signed_in
from platssamverkan.core.db import db
from platssamverkan.core.formatting import FILTERS
from platssamverkan.core.registry import registry
from platssamverkan.core.saving import commit_and_go

bp = Blueprint("accounts", __name__)
blueprints = [bp, admin_views.bp, mail_views.bp]


def _sign_in_page(form: SignInForm, status: int = 200) -> Response:
    kept = held.held_after_sign_in(request.form)
    target, fields = kept or (None, [])
    page = render_template("accounts/sign_in.html", form=form, held_url=target, held=fields, expired=bool(kept))
    return make_response(page, status)


@bp.get("/logga-in")
@public
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for("overview.home"))
    return _sign_in_page(SignInForm())


@bp.post("/logga-in")
@public
def sign_in_post() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, 422)
    try:
        user = services.authenticate(form.email.data or "", form.password.data or "")
    except services.TooManyAttempts as error:
        form.password.errors = [error.message]
        return _sign_in_page(form, error.status)
    db.session.commit()
    if user is None:
        form.password.errors = ["E-postadressen eller lösenordet stämmer inte."]
        return _sign_in_page(form, 422)
    kept = held.held_after_sign_in(request.form)
    session.clear()
    session.permanent = True
    session["key"] = secrets.token_hex(16)
    login_user(user)
    # The token of the page that is answered with belongs to the new session, not to the one that has just ended.
    g.pop("csrf_token", None)
    generate_csrf()
    if kept:
        return make_response(render_template("accounts/resume.html", held_url=kept[0], held=kept[1]), 200)
    return redirect(held.safe_path(request.args.get("nasta")) or url_for("overview.home"), code=303)


@bp.post("/logga-ut")
@signed_in
def sign_out() -> ResponseReturnValue:
    if "key" in session:
        services.end_session(session["key"])
        db.session.commit()
    logout_user()
    session.clear()
    flash("Du är utloggad.")
    return redirect(url_for(".sign_in"), code=303)


@bp.post("/utkast")
@signed_in
def keep_draft() -> ResponseReturnValue:
    """Keep what is being written; answers with the line shown at the field."""
    kept = drafts.keep(current_user.id, request.form.get("key", ""), request.form.get("text", ""))
    db.session.commit()
    if not kept:
        return make_response("Utkastet sparas inte: texten är för lång eller innehåller ett personnummer.", 200)
    return make_response(f"Utkast sparat kl. {FILTERS['clock'](clock.now())}", 200)


def _mail_form(**sent: Any) -> MailForm:
    chosen = sorted(outbox.topics_of(current_user.id))
    form = MailForm(prefix="mail", data={"topics": chosen, "base": " ".join(chosen)}, **sent)
    form.topics.offer([(key, topic.when) for key, topic in registry.mail_topics.items()])
    return form


def _own_page(form: OwnPasswordForm, status: int = 200) -> Response:
    return make_response(render_template("accounts/own.html", form=form, mail_form=_mail_form(formdata=None)), status)


@bp.get("/mitt-konto")
@signed_in
def own() -> ResponseReturnValue:
    return _own_page(OwnPasswordForm())


@bp.post("/mitt-konto/e-post")
@signed_in
def choose_mail() -> ResponseReturnValue:
    form = _mail_form()
    if not form.validate_on_submit():
        return make_response(
            render_template("accounts/own.html", form=OwnPasswordForm(formdata=None), mail_form=form), 422
        )
    outbox.choose(current_user.id, form.topics.data or [], seen=(form.base.data or "").split())
    return commit_and_go("Dina val av e-post är sparade.", url_for(".own"))


@bp.post("/mitt-konto")
@signed_in
def own_post() -> ResponseReturnValue:
    form = OwnPasswordForm()
    if not form.validate_on_submit():
        return _own_page(form, 422)
    if not services.holds_password(current_user, form.current_password.data or ""):
        form.current_password.errors = ["Det är inte lösenordet du har nu. Skriv det igen."]
        return _own_page(form, 422)
    services.set_password(current_user, form.new_password.data or "")
    db.session.commit()
    # The token has changed: this session goes on, all others end.
    login_user(current_user)
    flash("Lösenordet är bytt. Du är utloggad överallt utom här.")
    return redirect(url_for(".own"), code=303)
