"""Page: the change log of a partnership."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from platssamverkan.core.access import requires
from platssamverkan.core.addresses import asked_id
from platssamverkan.core.audit import AuditEntry
from platssamverkan.core.db import one_or_404
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
    return render_page(
        "change_log/index.html",
        fragment="change_log/_list.html",
        table=table,
        lines=lines,
        longest=log_lines.LONGEST,
    )


@bp.get("/<int:entry_id>")
@requires(Permission.READ_LOG)
def show(entry_id: int) -> ResponseReturnValue:
    """Show one entry with all that it says."""
    workspace = current_workspace()
    entry = one_or_404(log_queries.log_entries(workspace.partnership.id).where(AuditEntry.id == entry_id))
    line = log_lines.lines_of(workspace.partnership.id, [entry], workspace.reader)[entry.id]
    return render_page("change_log/show.html", line=line)
