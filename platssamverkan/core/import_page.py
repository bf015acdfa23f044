"""The page where a room brings in rows: looks them through, says what is wrong, and saves them when that is asked."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from platssamverkan.core import formatting
from platssamverkan.core.importing import Importer, ImportForm, Outcome, take
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go


def show(template: str, importer: Importer, **context: object) -> Response:
    """Return the page before anything is chosen, or the file of examples when that is asked for."""
    if "exempel" in request.args:
        return importer.example_file()
    return _page(template, importer, ImportForm(), None, context)


def read_or_save(template: str, importer: Importer, *, then: str, **context: object) -> ResponseReturnValue:
    """Look the posted rows through and return the page; when they may be saved, save them all and go on to `then`."""
    form = ImportForm()
    outcome = take(importer, form)
    if not outcome or not outcome.fresh or not form.wants_save or form.errors:
        return _page(template, importer, form, outcome, context)
    saved = save_all(importer, outcome)
    return commit_and_go(
        f"{formatting.count(saved, importer.noun, importer.nouns)} {'är sparad' if saved == 1 else 'är sparade'}.", then
    )


def save_all(importer: Importer, outcome: Outcome) -> int:
    """Add the fresh rows to the session and return how many they were; those that someone else has saved since they
    were looked through are left out. Does not commit."""
    importer.lock()
    known = importer.known()
    fresh = [value for key, value in outcome.fresh.items() if key not in known]
    importer.save(fresh)
    return len(fresh)


def _page(
    template: str, importer: Importer, form: ImportForm, outcome: Outcome | None, context: dict[str, Any]
) -> Response:
    status = 422 if form.errors else 200
    return render_page(template, importer=importer, form=form, outcome=outcome, status=status, **context)
