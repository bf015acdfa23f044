"""What a posted form said, in the words that its page had: labels for fields and choices instead of names and values.

Used where the form itself is not at hand: its view has not run (the session or the token has ended), or was left by an
error. Which form it was is told by the names of its fields.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import g, has_request_context
from wtforms import BooleanField, Field, SelectFieldBase
from wtforms.meta import DefaultMeta

from platssamverkan.core.forms import BaseForm

#: Carried by forms for the program's own use.
UNSAID = {"version", "base", "mark", "key", "csrf_token"}


@dataclass(frozen=True)
class Said:
    """One field: its label, "" where it is not known, and what was written or chosen."""

    label: str
    text: str


def _descendants(cls: type[Any]) -> Iterator[type[Any]]:
    for child in cls.__subclasses__():
        yield child
        yield from _descendants(child)


@cache
def _fields_of(form: Any) -> dict[str, Field]:
    """Return the fields of a kind of form, unfilled, by name."""
    found: dict[str, Field] = {}
    for name in dir(form):
        unbound = getattr(form, name)
        if hasattr(unbound, "_formfield"):
            found[name] = unbound.bind(form=None, name=name, _meta=DefaultMeta())
    return found


def _nearest(names: set[str]) -> list[dict[str, Field]]:
    """Return the fields of the kinds of form that have most of `names`, and little beside; several when they tie."""
    scored = []
    # What begins with "_" is a part that forms share, never the form of a page.
    forms: set[Any] = {form for form in _descendants(BaseForm) if not form.__name__.startswith("_")}
    for form in forms:
        fields = _fields_of(form)
        common = len(names & fields.keys())
        if common:
            scored.append(((common, -len(fields)), fields))
    best = max((score for score, _ in scored), default=None)
    return [fields for score, fields in scored if score == best]


def labels(field: Any, values: Iterable[object]) -> list[str]:
    """Return the labels of the choices that hold `values`, in the order in which they are offered."""
    chosen = {str(value) for value in values}
    return [
        str(getattr(choice, "label", ""))
        for choice in getattr(field, "choices", None) or ()
        if str(getattr(choice, "value", "")) in chosen
    ]


def _choice(field: Any, value: str) -> str | None:
    """Return the label of a choice, "ja" for a ticked box, None for what is no choice on the list."""
    if isinstance(field, BooleanField):
        return "ja" if value else None
    if not isinstance(field, SelectFieldBase):
        return value
    return next(iter(labels(field, [value])), None)


def _said(fields: Sequence[Field], values: Sequence[str]) -> Said | None:
    """Return what was said at a field, as far as the kinds of form that it may belong to agree."""
    labels = {str(field.label.text) for field in fields}
    label = labels.pop() if len(labels) == 1 else ""
    told: list[str] = []
    for value in values:
        words = {_choice(field, value) for field in fields}
        word = words.pop() if len(words) == 1 else None
        if word:
            told.append(word)
    # A row's own number says nothing to a reader; what was chosen stands there again when the form is sent.
    return Said(label, ", ".join(told)) if told else None


def _by_form(posted: Iterable[tuple[str, str]]) -> dict[str, dict[str, list[str]]]:
    """Return prefix → field name → values: a page's several forms carry theirs before a hyphen."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for name, value in posted:
        prefix, _, own = name.rpartition("-")
        if value.strip():
            found[prefix].setdefault(own, []).append(value)
    return found


def said(posted: Iterable[tuple[str, str]]) -> list[Said]:
    """Return what the posted (name, value) pairs said, in the words of their page. Empty fields are left out."""
    made: list[BaseForm] = g.get("forms_made", []) if has_request_context() else []
    answers: list[Said] = []
    for prefix, values in _by_form(posted).items():
        mine = [form for form in made if form._prefix.rstrip("-") == prefix]
        here = [{field.short_name: field for field in form} for form in mine]
        near = [fields for fields in here if fields.keys() & values.keys() - UNSAID] or _nearest(values.keys() - UNSAID)
        known = any(len(values.keys() & fields.keys() - UNSAID) > 1 for fields in near)
        for name, texts in values.items():
            candidates = [fields[name] for fields in near if name in fields]
            if name in UNSAID or (known and not candidates):
                continue
            answer = _said(candidates, texts) if candidates else Said("", ", ".join(texts))
            if answer:
                answers.append(answer)
    return answers
