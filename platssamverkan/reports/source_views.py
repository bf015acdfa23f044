"""The documents that rows rest on: what each is, what its dates say, and what an official report among them holds."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from platssamverkan.core.access import signed_in
from platssamverkan.reports import queries

bp = Blueprint("sources", __name__, url_prefix="/kallor")


@bp.get("")
@signed_in
def index() -> ResponseReturnValue:
    """Show the documents that rows were taken from."""
    return render_template("reports/sources.html", sources=queries.sources(), reports=queries.official_reports())
