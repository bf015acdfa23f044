"""What now: my partnerships, a partnership's overview, calendar, search and help."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from platssamverkan.core.access import public, requires, signed_in
from platssamverkan.partnerships.roles import Permission

bp = Blueprint("overview", __name__)


@bp.get("/")
@signed_in
def home() -> ResponseReturnValue:
    return render_template("layouts/plain.html")


@bp.get("/samverkan/<slug>/")
@requires(Permission.READ)
def show() -> ResponseReturnValue:
    return render_template("layouts/workspace.html")


@bp.get("/sok")
@signed_in
def search() -> ResponseReturnValue:
    return render_template("layouts/plain.html")


@bp.get("/kalender")
@signed_in
def calendar() -> ResponseReturnValue:
    return render_template("layouts/plain.html")


@bp.get("/hjalp")
@signed_in
def help_page() -> ResponseReturnValue:
    return render_template("layouts/plain.html")


@bp.get("/tillganglighet")
@public
def accessibility() -> ResponseReturnValue:
    return render_template("layouts/plain.html")


@bp.get("/halsa")
@public
def health() -> ResponseReturnValue:
    return {"status": "ok"}
