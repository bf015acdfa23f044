"""The 409 page of a form on a versioned row: what is saved now beside what was written. Nothing is overwritten."""

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template
from wtforms import Field, SelectFieldBase, StringField

from platssamverkan.core.fields import _TextBacked
from platssamverkan.core.forms import VersionedForm

SKIPPED = {"csrf_token", "version", "privacy_reason"}


def _raw(field: Field) -> list[str]:
    """Return the field's values as the browser would send them again."""
    if field.raw_data:
        return [str(value) for value in field.raw_data]
    if field.data is None or field.data is False or field.data == "":
        return []
    if field.data is True:
        return ["y"]
    return [str(value) for value in field.data] if isinstance(field.data, list) else [str(field.data)]


def _words(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(field, SelectFieldBase):
        chosen = value if isinstance(value, list) else [value]
        names = {str(key): label for key, label, *_ in field.iter_choices()}
        return ", ".join(names.get(str(key), "annat val") for key in chosen if key not in (None, "")) or "inget valt"
    return "" if value is None else str(value)


def conflict_page(
    form: VersionedForm, row: Any, saved: Mapping[str, Any], *, action: str, cancel_url: str, title: str
) -> Response:
    """Return the page with both texts, status 409. Nothing may have been changed on `row` yet.

    :param saved: field name → what the row holds now, in the form's own terms (as given to the form when it was made)
    """
    texts: list[dict[str, Any]] = []
    others: list[tuple[str, str]] = []
    choices: list[tuple[str, str, str]] = []
    for field in form:
        if field.short_name in SKIPPED:
            continue
        present = saved.get(field.short_name)
        if isinstance(field, StringField | _TextBacked):
            written = "\n".join(_raw(field))
            if written != ("" if present is None else str(present)):
                name, label = field.short_name, field.label.text
                texts.append({"name": name, "label": label, "saved": present, "yours": written})
                continue
        elif _words(field, field.data) != _words(field, present):
            choices.append((field.label.text, _words(field, present), _words(field, field.data)))
        others.extend((field.short_name, value) for value in _raw(field))
    html = render_template(
        "partnerships/conflict.html", page_title=title, action=action, cancel_url=cancel_url, version=row.version,
        texts=texts, others=others, choices=choices,
    )  # fmt: skip
    return make_response(html, 409)
