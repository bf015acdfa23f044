"""Pages of the room."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from platssamverkan.core.access import requires
from platssamverkan.partnerships.roles import Permission

bp = Blueprint("agreements", __name__, url_prefix="/samverkan/<slug>/avtal")
blueprints = [bp]


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    return render_template("layouts/workspace.html")
