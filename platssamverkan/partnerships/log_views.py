"""Page: the change log of a partnership."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from platssamverkan.core.access import requires
from platssamverkan.core.addresses import asked_id
from platssamverkan.core.rendering import render_page
from platssamverkan.core.tables import build_table
from platssamverkan.partnerships import labels, log_lines, log_queries
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

bp = Blueprint("change_log", __name__, url_prefix="/samverkan/<slug>/logg")


@bp.get("")
@requires(Permission.READ_LOG)
def index() -> ResponseReturnValue:
    workspace = current_workspace()
    name, row_id = request.args.get("tabell", ""), asked_id("post")
    row = (name, row_id) if name in labels.TABLES and row_id else None
    table = build_table(*log_queries.log(workspace.partnership.id, row))
    lines = log_lines.lines_of(workspace.partnership.id, table.rows, workspace.reader)
    return render_page("change_log/index.html", fragment="change_log/_list.html", table=table, lines=lines)
