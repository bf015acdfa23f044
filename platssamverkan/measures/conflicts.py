"""The page that is shown when someone saved first: both texts side by side, nothing overwritten (409)."""

from typing import Any

from flask import Response, make_response, render_template, request
from wtforms import StringField

from platssamverkan.core.db import db
from platssamverkan.core.fields import DateField, PartialDateField
from platssamverkan.core.forms import VersionedForm

_WRITTEN = (StringField, DateField, PartialDateField)
_CARRIED = {"csrf_token", "version"}


def _shown(field: Any) -> str:
    """Return the field's value in words."""
    if isinstance(field, _WRITTEN):
        value: str = field._value()  # type: ignore[union-attr]
        return value
    if isinstance(field.data, bool):
        return "Ja" if field.data else "Nej"
    if hasattr(field, "choices"):
        chosen = field.data if isinstance(field.data, list) else [field.data]
        return ", ".join(str(choice.label) for choice in field.choices or [] if choice.value in chosen)
    return "" if field.data is None else str(field.data)


def conflict_page(form: VersionedForm, saved: VersionedForm, *, title: str, cancel_url: str) -> Response:
    """Return the 409 page: `form` as posted beside `saved`, made anew from the row as it is now.

    Texts and days that differ can be changed there; other differences are told, and what was chosen travels along.
    """
    texts: list[dict[str, str]] = []
    told: list[dict[str, str]] = []
    for field in form:
        name = field.short_name
        if name in _CARRIED or name not in saved or _shown(field) == _shown(saved[name]):
            continue
        pair = {"name": name, "label": field.label.text, "saved": _shown(saved[name]), "yours": _shown(field)}
        (texts if isinstance(field, _WRITTEN) else told).append(pair)
    edited = {pair["name"] for pair in texts}
    others = [
        (name, value) for name, value in request.form.items(multi=True) if name not in _CARRIED and name not in edited
    ]
    page = render_template(
        "measures/conflict.html",
        page_title=title,
        action=request.path,
        version=saved["version"].data,
        cancel_url=cancel_url,
        texts=texts,
        told=told,
        others=others,
    )
    db.session.rollback()
    return make_response(page, 409)
