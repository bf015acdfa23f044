"""The page where measures are brought in from a file."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.core import importing
from platssamverkan.core.access import requires
from platssamverkan.core.db import db
from platssamverkan.core.importing import Importer, ImportForm, Outcome
from platssamverkan.core.rendering import render_page
from platssamverkan.measures import sheets
from platssamverkan.measures.blueprint import bp
from platssamverkan.partnerships.roles import Permission


@bp.get("/importera")
@requires(Permission.MANAGE_MEASURES)
def import_form() -> Response:
    return _import_page(sheets.importer(), ImportForm())


@bp.post("/importera")
@requires(Permission.MANAGE_MEASURES)
def import_rows() -> ResponseReturnValue:
    form = ImportForm()
    importer = sheets.importer()
    outcome = importing.take(importer, form)
    if not importing.may_save(outcome, form):
        return _import_page(importer, form, outcome)
    saved = importing.save_all(importer, outcome)
    db.session.commit()
    flash(importing.saved_message(importer, saved))
    return redirect(url_for("measures.index"), code=303)


def _import_page(importer: Importer, form: ImportForm, outcome: Outcome | None = None) -> Response:
    status = 422 if form.errors else 200
    return render_page("measures/import.html", importer=importer, form=form, outcome=outcome, status=status)
