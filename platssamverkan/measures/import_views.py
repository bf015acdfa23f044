"""The page where measures are brought in from a file."""

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.core import import_page
from platssamverkan.core.access import lets_others_save, requires
from platssamverkan.measures import sheets
from platssamverkan.measures.blueprint import bp
from platssamverkan.partnerships.roles import Permission


@bp.get("/importera")
@requires(Permission.MANAGE_MEASURES)
def import_form() -> Response:
    """Show where measures are brought in from a file."""
    return import_page.show("measures/import.html", sheets.importer())


@bp.post("/importera")
@lets_others_save
@requires(Permission.MANAGE_MEASURES)
def import_rows() -> ResponseReturnValue:
    """Look through or save rows of a file."""
    return import_page.read_or_save("measures/import.html", sheets.importer(), then=url_for("measures.index"))
