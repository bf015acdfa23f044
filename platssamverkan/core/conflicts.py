"""The page shown when someone saved first: what is saved now beside what was written. Nothing is overwritten (409)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request
from wtforms import BooleanField, Field, SelectFieldBase

from platssamverkan.core.db import db
from platssamverkan.core.fields import is_written
from platssamverkan.core.forms import VersionedForm
from platssamverkan.core.posted import UNSAID, labels


@dataclass(frozen=True)
class Difference:
    """A field that two savers answer differently, with both answers in words."""

    field: Field
    saved: str
    yours: str


def _words(field: Any, value: Any) -> str:
    """Return a value of the field as its page shows it; "" for nothing written or chosen."""
    if isinstance(field, BooleanField):
        return "ja" if value else "nej"
    if value in (None, ""):
        return ""
    if is_written(field):
        return str(field.shown(value)) if hasattr(field, "shown") else str(value)
    if isinstance(value, list):
        return ", ".join(labels(field, value))
    return ", ".join(labels(field, [value])) or "annat val"


def _differences(form: VersionedForm, saved: Mapping[str, Any]) -> list[Difference]:
    compared = saved.keys() - UNSAID - {"privacy_reason"}
    found = [
        Difference(field, _words(field, saved[field.short_name]), _words(field, field.data))
        for field in form
        if field.short_name in compared and (is_written(field) or isinstance(field, SelectFieldBase | BooleanField))
    ]
    return [one for one in found if one.saved != one.yours]


def conflict_page(
    form: VersionedForm,
    saved: Mapping[str, Any],
    *,
    title: str,
    cancel_url: str,
    drafts: Mapping[str, str] | None = None,
) -> Response:
    """Return the page, with a form that sends the merged answers to the same address. Undoes what the request began.

    Texts, days and numbers that differ are edited there beside what is saved; choices that differ are told. Everything
    else that was posted travels along, whichever form of the page it belongs to.

    :param form: as it was posted; its choices must name what the row holds too
    :param saved: field name → what the row holds now, as given to a form when it is made, and its `version`
    :param drafts: field name → the key under which the text is kept in the browser while it is written
    """
    different = _differences(form, saved)
    texts = [one for one in different if is_written(one.field)]
    merged = {one.field.name for one in texts}
    page = render_template(
        "errors/conflict.html",
        page_title=title,
        action=request.path,
        version=saved["version"],
        cancel_url=cancel_url,
        texts=texts,
        choices=[one for one in different if one not in texts],
        others=[pair for pair in request.form.items(multi=True) if pair[0] not in UNSAID | merged],
        drafts=drafts or {},
    )
    db.session.rollback()
    return make_response(page, 409)
