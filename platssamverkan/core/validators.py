"""What is asked of a form field, with messages in plain Swedish that say what to do."""

from typing import Any

from wtforms import Field
from wtforms.validators import StopValidation, ValidationError

from platssamverkan.core import clock


class Needed:
    """The field must be filled in; `message` says what to write or choose."""

    field_flags = {"required": True}  # noqa: RUF012  (WTForms reads it so)

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: Any, field: Field) -> None:
        if field.errors:
            raise StopValidation()
        if field.data is None or field.data == [] or (isinstance(field.data, str) and not field.data.strip()):
            raise StopValidation(self.message)


class Voluntary:
    """The field may be empty; nothing else is then asked of it."""

    field_flags: dict[str, bool] = {"optional": True}  # noqa: RUF012

    def __call__(self, form: Any, field: Field) -> None:
        raw = field.raw_data
        if not raw or all(isinstance(value, str) and not value.strip() for value in raw):
            field.errors = []
            raise StopValidation()


class OrElse(Voluntary):
    """The field may be empty when another is filled in, or is empty too, which the form asks for; it is not called
    voluntary."""

    field_flags: dict[str, bool] = {}  # noqa: RUF012


class Limit:
    """At most `maximum` characters. The text is never cut; the message tells how much too long it is."""

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.field_flags = {"max_length": maximum}

    def __call__(self, form: Any, field: Field) -> None:
        length = len(field.data or "")
        if length > self.maximum:
            raise StopValidation(f"Texten är {length - self.maximum} tecken för lång. Högst {self.maximum} får plats.")


class Between:
    """A number from `minimum` to `maximum`, ends included."""

    def __init__(self, minimum: int, maximum: int) -> None:
        self.minimum, self.maximum = minimum, maximum

    def __call__(self, form: Any, field: Field) -> None:
        if field.data is not None and not self.minimum <= field.data <= self.maximum:
            raise StopValidation(f"Skriv ett tal från {self.minimum} till {self.maximum}.")


def not_ahead(_form: Any, field: Field) -> None:
    """Refuse a day that has not been."""
    if field.data and field.data > clock.today():
        raise ValidationError("Datumet har inte varit än. Skriv en dag till och med i dag.")


class OnDay:
    """An hour that there is on the day of the first of the fields `days` that is filled in."""

    def __init__(self, *days: str) -> None:
        self.days = days

    def __call__(self, form: Any, field: Field) -> None:
        day = next((form[name].data for name in self.days if form[name].data), None)
        if day and field.data is not None and clock.is_skipped(day, field.data):
            # What was written stays in the field; other checks do without it.
            field.data = None
            raise StopValidation("Klockan ställs fram från 2.00 till 3.00 den natten. Skriv ett klockslag som finns.")
