"""Page: the change log of a partnership."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from platssamverkan.core.access import requires
from platssamverkan.core.rendering import render_page
from platssamverkan.core.tables import build_table
from platssamverkan.partnerships import log_lines, log_queries
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

bp = Blueprint("change_log", __name__, url_prefix="/samverkan/<slug>/logg")


@bp.get("")
@requires(Permission.READ_LOG)
def index() -> ResponseReturnValue:
    workspace = current_workspace()
    table = build_table(*log_queries.log(workspace.partnership.id))
    lines = log_lines.lines_of(workspace.partnership.id, table.rows, workspace.reader)
    return render_page("change_log/index.html", fragment="change_log/_list.html", table=table, lines=lines)
