"""Form fields whose messages are plain Swedish and say what to do."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, Field, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms import RadioField as WTRadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, DateInput, Input, ListWidget, TextInput

from platssamverkan.core import partial_date
from platssamverkan.core.plain_text import cleaned
from platssamverkan.core.validators import Needed, Voluntary

NOT_ON_LIST = "Välj ett av alternativen i listan."
#: Other years are slips of the pen, and near the calendar's ends moments cannot be reckoned with.
YEARS = range(1900, 2200)
#: Numbers with decimals are smaller than this: the database keeps twelve digits before the comma.
LARGEST = Decimal(10) ** 12


class _TextBacked(Field, ABC):
    """A field that shows again exactly what was written when it could not be read."""

    widget: Input = TextInput()
    #: Which keys a phone shows; None for those of text.
    keys: str | None = None

    def __call__(self, **kwargs: Any) -> Any:
        return super().__call__(**({"inputmode": self.keys} if self.keys else {}) | kwargs)

    def shown(self, value: Any) -> str:
        return str(value)

    @abstractmethod
    def parsed(self, text: str) -> Any:
        """Return the value that `text` stands for. Raises ValueError with a Swedish sentence when it is none."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.shown(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if text:
            self.data = self.parsed(text)


def day_of(text: str) -> date:
    """Return the day that `text` stands for. Raises ValueError with a Swedish sentence when it is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        why = "Dagen finns inte. " if re.fullmatch(r"\d{4}-\d\d-\d\d", text, flags=re.ASCII) else ""
        raise ValueError(f"{why}Skriv datumet som år-månad-dag, till exempel 2026-11-21.") from None
    if found.year not in YEARS:
        raise ValueError(f"Året måste vara mellan {YEARS[0]} och {YEARS[-1]}.")
    return found


class DateField(_TextBacked):
    """A day, written as 2026-11-21."""

    widget = DateInput()

    def parsed(self, text: str) -> date:
        return day_of(text)

    def shown(self, value: date) -> str:
        return value.isoformat()


class TimeField(_TextBacked):
    """A time of day, written as 18.00, 18:00, 1800 or 18, or as 18,00 where a phone shows keys for numbers in Swedish:
    they have a comma and no point. `to_midnight` says that 24.00 is the midnight that ends the day; elsewhere it is
    refused, since 0.00 of the same day is not what was meant."""

    #: Keys for whole numbers have no sign between hours and minutes.
    keys = "decimal"

    def __init__(self, label: str, *, to_midnight: bool = False, **kwargs: Any) -> None:
        self.to_midnight = to_midnight
        super().__init__(label, **kwargs)

    def parsed(self, text: str) -> time:
        match = re.fullmatch(r"(?:kl\.?\s*)?(\d{1,2})(?:[.:,]?(\d{2}))?", text, flags=re.ASCII)
        if not match:
            raise ValueError("Skriv klockslaget som 18.00.")
        hour, minute = int(match[1]), int(match[2] or 0)
        if (hour, minute) == (24, 0):
            if not self.to_midnight:
                raise ValueError("Klockan 24.00 är 0.00 dagen efter. Skriv 0.00 och den dagen.")
            hour = 0
        if hour > 23 or minute > 59:
            raise ValueError("Klockslaget finns inte. Skriv till exempel 18.00.")
        return time(hour, minute)

    def shown(self, value: time) -> str:
        return value.strftime("%H.%M")


class IntegerField(_TextBacked):
    """A whole number."""

    keys = "numeric"

    def parsed(self, text: str) -> int:
        compact = re.sub(r"[\s\u00a0\u202f]", "", text)
        if not re.fullmatch(r"-?\d{1,9}", compact, flags=re.ASCII):
            raise ValueError("Skriv ett heltal med siffror.")
        return int(compact)


class DecimalField(_TextBacked):
    """A number with decimal comma (a point is understood too)."""

    def parsed(self, text: str) -> Decimal:
        compact = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".").replace("−", "-")
        if not re.fullmatch(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)", compact):
            raise ValueError("Skriv ett tal med siffror, till exempel 4,6.")
        found = Decimal(compact)
        if abs(found) >= LARGEST:
            raise ValueError("Talet är för stort.")
        if -int(found.as_tuple().exponent) > 4:
            raise ValueError("Skriv talet med högst fyra decimaler.")
        return found

    def shown(self, value: Any) -> str:
        text = f"{Decimal(str(value)).normalize():f}"
        return text.replace(".", ",")


class PartialDateField(_TextBacked):
    """A year, a month or a day: 2023, 2023-05 or 2023-05-12. `data` is the text form that sorts by time."""

    def parsed(self, text: str) -> str:
        return partial_date.parse(text)

    def shown(self, value: Any) -> str:
        return str(value)


def _offered(field: Any) -> set[Any]:
    return {choice.value for choice in field.choices or ()}


def enum_options(members: Iterable[Any]) -> list[Any]:
    """Return the choices for members of an enumeration with Swedish labels."""
    return [SelectChoice(member.value, member.label) for member in members]


def _with_empty(label: str | None, choices: list[Any]) -> list[Any]:
    return choices if label is None else [SelectChoice("", label), *choices]


def _pairs(choices: Iterable[tuple[int, str]], kept: Iterable[tuple[int, str]]) -> list[Any]:
    offered = dict(choices)
    for value, label in kept:
        offered.setdefault(value, label)
    return [SelectChoice(value, label) for value, label in offered.items()]


def named(*rows: Any) -> list[tuple[int, str]]:
    """Return (id, name) of the rows that there are."""
    return [(row.id, row.name) for row in rows if row is not None]


class _Choice(SelectField):
    def pre_validate(self, form: Any) -> None:
        if self.data in (None, "") and any(isinstance(check, Voluntary | Needed) for check in self.validators):
            return
        if self.data not in _offered(self):
            raise StopValidation(NOT_ON_LIST)


def _enum_coerce(members: Iterable[Any]) -> Any:
    known = {member.value: member for member in members}

    def coerce(value: Any) -> Any:
        if value in (None, ""):
            return None
        # What is none of them is kept as written, so that the list check can refuse it with its own message.
        return known.get(value, str(value))

    return coerce


def _id_coerce(value: Any) -> Any:
    if value in (None, ""):
        return None
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 10 else text


class EnumSelect(_Choice):
    """One member of an enumeration, or None when `empty` (the label of the empty choice) is chosen."""

    def __init__(self, label: str, members: Iterable[Any], *, empty: str | None = None, **kwargs: Any) -> None:
        self.empty = empty
        super().__init__(label, choices=[], coerce=_enum_coerce(members), validate_choice=False, **kwargs)
        self.offer(members)

    def offer(self, members: Iterable[Any]) -> None:
        """Set what can be chosen."""
        self.choices = _with_empty(self.empty, enum_options(members))


class ExplainedSelect(EnumSelect):
    """One member of an enumeration whose members say in `choice` what they mean."""

    def offer(self, members: Iterable[Any]) -> None:
        """Set what can be chosen."""
        self.choices = _with_empty(self.empty, [SelectChoice(member.value, member.choice) for member in members])


class _Radio(WTRadioField):
    choices: Any

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in _offered(self):
            raise StopValidation(NOT_ON_LIST)


class EnumRadio(_Radio):
    """One member of an enumeration, as boxes to press."""

    def __init__(self, label: str, members: Iterable[Any], **kwargs: Any) -> None:
        choices, coerce = enum_options(members), _enum_coerce(members)
        super().__init__(label, choices=choices, coerce=coerce, validate_choice=False, **kwargs)


class IdRadio(_Radio):
    """One row by its id, as boxes to press."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, choices=[], coerce=_id_coerce, validate_choice=False, **kwargs)

    def offer(self, choices: Iterable[tuple[int, str]], *, kept: Iterable[tuple[int, str]] = ()) -> None:
        """Set what can be chosen, as `IdSelect` does."""
        self.choices = _pairs(choices, kept)


class IdSelect(_Choice):
    """One row by its id; `choices` are (id, label) pairs set by the form's maker."""

    def __init__(self, label: str, *, empty: str | None = None, **kwargs: Any) -> None:
        self.empty = empty
        super().__init__(label, choices=[], coerce=_id_coerce, validate_choice=False, **kwargs)

    def offer(self, choices: Iterable[tuple[int, str]], *, kept: Iterable[tuple[int, str]] = ()) -> None:
        """Set what can be chosen; what the row has already is `kept`, also when it is offered to others no longer."""
        self.choices = _with_empty(self.empty, _pairs(choices, kept))


class Tick(BooleanField):
    """One box to tick. Only its own value ticks it; any other is refused, never taken for a yes."""

    own = "y"

    def _value(self) -> str:
        return self.own

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = self.own in valuelist

    def pre_validate(self, form: Any) -> None:
        if any(value not in (self.own, "") for value in self.raw_data or ()):
            raise StopValidation("Svaret gick inte att läsa. Kryssa i rutan om det stämmer, annars lämna den tom.")


class _Many(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(list(dict.fromkeys(valuelist)))

    def pre_validate(self, form: Any) -> None:
        allowed = _offered(self)
        if any(value not in allowed for value in self.data or []):
            raise StopValidation(NOT_ON_LIST)


class EnumMany(_Many):
    """Any number of members of an enumeration, as tick boxes."""

    def __init__(self, label: str, members: Iterable[Any], **kwargs: Any) -> None:
        choices, coerce = enum_options(members), _enum_coerce(members)
        super().__init__(label, choices=choices, coerce=coerce, validate_choice=False, **kwargs)


class KeyMany(_Many):
    """Any number of things by their keys, as tick boxes; `offer` takes (key, label) pairs."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, choices=[], coerce=str, validate_choice=False, **kwargs)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Set what can be chosen."""
        self.choices = [SelectChoice(value, label) for value, label in choices]


class IdMany(_Many):
    """Any number of rows by their ids, as tick boxes."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, choices=[], coerce=_id_coerce, validate_choice=False, **kwargs)

    def offer(self, choices: Iterable[tuple[int, str]], *, kept: Iterable[tuple[int, str]] = ()) -> None:
        """Set what can be chosen, as `IdSelect` does."""
        self.choices = _pairs(choices, kept)


class VersionField(_TextBacked):
    """The row's version that the form was made from; the service compares it with the present one."""

    def parsed(self, text: str) -> int:
        return int(text) if text.isdecimal() and len(text) < 10 else -1

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data is None:
            self.data = -1


def is_written(field: Field) -> bool:
    """Say whether the user writes in the field, rather than chooses, and sees it."""
    return isinstance(field, StringField | _TextBacked) and not isinstance(field, HiddenField | VersionField)


def strip(value: Any) -> Any:
    """Return text without surrounding blanks and unseen signs, and with one kind of line end."""
    return cleaned(value) if isinstance(value, str) else value


def one_line(value: Any) -> Any:
    """Return text as `strip` does, its lines put together."""
    return " ".join(cleaned(value).splitlines()) if isinstance(value, str) else value


class TextField(StringField):
    """One line of text."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, filters=[one_line], **kwargs)
