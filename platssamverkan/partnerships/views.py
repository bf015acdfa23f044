"""Pages of the room."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from platssamverkan.core.access import requires
from platssamverkan.partnerships.roles import Permission

actors_bp = Blueprint("actors", __name__, url_prefix="/samverkan/<slug>/aktorer")
bp = Blueprint("partnerships", __name__, url_prefix="/samverkan/<slug>/om")
blueprints = [actors_bp, bp]


@actors_bp.get("", endpoint="index")
@requires(Permission.READ)
def actors_index() -> ResponseReturnValue:
    return render_template("layouts/workspace.html")


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    return render_template("layouts/workspace.html")
