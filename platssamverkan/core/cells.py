"""What a cell of a file stands for in a form: choices are written by their labels."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, Field, RadioField, SelectField, SelectMultipleField

from platssamverkan.core.fields import DateField, DecimalField, IntegerField, PartialDateField, TimeField

#: The most choices that a message counts up.
_MOST_CHOICES = 8
#: What is written in a field of a kind.
_WRITTEN: tuple[tuple[type[Field], str], ...] = (
    (BooleanField, "Ja eller Nej."),
    (DateField, "En dag, till exempel 2026-11-21."),
    (TimeField, "Ett klockslag, till exempel 18.00."),
    (PartialDateField, "Ett år, en månad eller en dag: 2026, 2026-05 eller 2026-05-12."),
    (DecimalField, "Ett tal, till exempel 4,6."),
    (IntegerField, "Ett heltal."),
)
_TRUE, _FALSE = {"ja", "x", "sant", "1"}, {"nej", "falskt", "0"}


def posted_values(field: Field, text: str) -> list[str]:
    """Return what a browser would post for a cell's text: choices by their labels, several with a comma or semicolon
    between.

    :raises ValueError: with a Swedish sentence, when the text names no choice
    """
    if isinstance(field, BooleanField):
        if text.casefold() in _TRUE | _FALSE:
            return ["y"] if text.casefold() in _TRUE else []
        raise ValueError("Skriv Ja eller Nej.")
    if not isinstance(field, SelectField | RadioField | SelectMultipleField):
        return [text]
    by_label = _choices(field)
    if _key(text) in by_label or not isinstance(field, SelectMultipleField):
        return [_chosen(field, by_label, text)]
    for mark in (";", "\n", ","):
        parts = [part.strip() for part in text.split(mark) if part.strip()]
        if all(_key(part) in by_label for part in parts):
            return [_chosen(field, by_label, part) for part in parts]
    raise ValueError(_unknown(field))


def how_to_write(field: Field) -> str:
    """Return in words what a cell for the field may hold: its form, or its choices by their names."""
    for kind, words in _WRITTEN:
        if isinstance(field, kind):
            return words
    if isinstance(field, SelectField | RadioField | SelectMultipleField):
        listed = "; ".join(choice_names(field))
        first = "Ett eller flera, med semikolon mellan" if isinstance(field, SelectMultipleField) else "Något av"
        return f"{first}: {listed}." if listed else "Det finns inget att välja här än. Lämna tomt."
    limit = getattr(field.flags, "max_length", None)
    return f"Text, högst {limit} tecken." if limit else "Text."


def choice_names(field: Any) -> list[str]:
    """Return the names of what can be chosen in the field: the short ones, the whole where several share the short."""
    labels = [str(choice.label) for choice in _offered(field)]
    shared = Counter(_short(label) for label in labels)
    return [label if shared[_short(label)] > 1 else _short(label).rstrip(".") for label in labels]


def _offered(field: Any) -> list[Any]:
    return [choice for choice in field.choices or () if choice.value not in ("", None)]


def _short(label: str) -> str:
    # Some labels go on with an explanation after a colon.
    return label.partition(": ")[0]


def _key(text: str) -> str:
    # Labels hold spaces that don't break; whoever types has the common one.
    return " ".join(text.split()).casefold()


def _choices(field: Any) -> dict[str, str | None]:
    """Return label in lower case → value; None for a label that several choices share."""
    found: dict[str, str | None] = {}
    for choice in _offered(field):
        for label in {str(choice.label), _short(str(choice.label))}:
            found[_key(label)] = None if _key(label) in found else str(choice.value)
    return found


def _chosen(field: Any, by_label: dict[str, str | None], text: str) -> str:
    if _key(text) not in by_label:
        raise ValueError(_unknown(field))
    value = by_label[_key(text)]
    if value is None:
        whole = [str(one.label) for one in _offered(field) if _key(_short(str(one.label))) == _key(text)]
        if len({_key(label) for label in whole}) == len(whole):
            raise ValueError(f"Flera val börjar så. Skriv hela namnet: {_either(whole)}.")
        raise ValueError("Flera val heter så. Lämna cellen tom och välj efteråt.")
    return value


def _either(labels: Sequence[str]) -> str:
    return " eller ".join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels)


def _unknown(field: Any) -> str:
    labels = choice_names(field)
    if not labels:
        return "Det finns inget att välja här än. Lämna cellen tom."
    if len(labels) > _MOST_CHOICES:
        return "Namnet finns inte bland dem som kan väljas. Skriv det som i formuläret."
    return f"Skriv {_either(labels)}."
