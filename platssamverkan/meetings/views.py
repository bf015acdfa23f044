"""Pages of the room."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from platssamverkan.core.access import requires
from platssamverkan.partnerships.roles import Permission

bp = Blueprint("meetings", __name__, url_prefix="/samverkan/<slug>/moten")
blueprints = [bp]


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    return render_template("layouts/workspace.html")


@bp.get("/<int:meeting_id>")
@requires(Permission.READ)
def show(meeting_id: int) -> ResponseReturnValue:
    return render_template("layouts/workspace.html")


@bp.get("/<int:meeting_id>/punkt/<int:item_id>")
@requires(Permission.READ)
def show_item(meeting_id: int, item_id: int) -> ResponseReturnValue:
    return render_template("layouts/workspace.html")
