"""Forms of platsaktivering. Logging one takes a minute on a phone: little is asked for, most is filled in."""

from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms.validators import ValidationError

from platssamverkan.activations.models import EventStatus, EventType
from platssamverkan.core import clock
from platssamverkan.core.fields import (
    DateField,
    EnumRadio,
    EnumSelect,
    ExplainedSelect,
    IdMany,
    IdRadio,
    IdSelect,
    IntegerField,
    TextField,
    TimeField,
)
from platssamverkan.core.forms import BaseForm, TextArea, VersionedForm
from platssamverkan.core.validators import Between, Limit, Needed, OnDay, Voluntary
from platssamverkan.core.visibility import Visibility

#: Until then it is still night.
MORNING = time(6)


def ends_at_night(starts: time, ends: time) -> bool:
    """Say whether an end without a day of its own is in the night after the start: "18.00–02.00"."""
    return time(0) < ends <= MORNING < starts


class EventForm(BaseForm):
    """An event at the place."""

    title: Any = TextField(
        "Vad?",
        validators=[Needed("Skriv vad som händer, till exempel Kvällsdans på Plattan."), Limit(120)],
        description="Kort namn, till exempel Kvällsdans på Plattan.",
    )
    type = EnumRadio("Typ", EventType, validators=[Needed("Välj vilken typ det är.")])
    day = DateField("Datum", validators=[Needed("Välj vilken dag det är.")])
    starts = TimeField("Från kl.", validators=[Needed("Skriv när det börjar, till exempel 18.00."), OnDay("day")])
    ends = TimeField(
        "Till kl.",
        to_midnight=True,
        description="Till och med 6.00 är natten efter.",
        validators=[Needed("Skriv när det slutar, till exempel 21.30."), OnDay("last_day", "day")],
    )
    place_id = IdRadio("Var?", validators=[Needed("Välj plats.")])
    spot = TextField("Var på platsen?", validators=[Voluntary(), Limit(80)], description="Till exempel Nedre plan.")
    organiser_id = IdSelect("Arrangör", empty="Välj arrangör", validators=[Needed("Välj arrangör.")])
    goal_ids: Any = IdMany("Vilka mål bidrar det till?", validators=[Voluntary()])
    last_day = DateField(
        "Sista dag",
        validators=[Voluntary()],
        description="Fyll i om det varar i flera dagar, inte om det slutar på natten efter. "
        "Midnatt hör till dagen som slutar.",
    )
    status: Any = EnumSelect(
        "Läge",
        EventStatus,
        empty="Bestäms av tiden",
        validators=[Voluntary()],
        description="Planerad om det inte har börjat, annars genomförd.",
    )
    visitor_count = IntegerField("Antal besök, om någon räknade", validators=[Voluntary(), Between(0, 1_000_000)])
    count_method = TextField(
        "Hur räknades de?",
        validators=[Voluntary(), Limit(120)],
        description="Till exempel klickräknare vid scenen.",
    )
    note = TextArea("Anteckning", validators=[Voluntary(), Limit(500)])
    visibility = ExplainedSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)

    #: The moment of saving, set by the form's maker.
    now: datetime

    def begins(self) -> datetime:
        """Return when the event begins. Only for a form that holds."""
        return clock.at_local(self.day.data, self.starts.data)

    def finishes(self) -> datetime:
        """Return when the event ends; 24.00 and 00.00 are both the midnight that ends the last day, and without a last
        day the hours before morning are those of the night after."""
        day: date = self.last_day.data or self.day.data
        if self.goes_on_at_night():
            day += timedelta(days=1)
        return clock.at_local_end(day, self.ends.data)

    def goes_on_at_night(self) -> bool:
        """Say whether the end is taken for one in the night after. Only for a form that holds."""
        return not self.last_day.data and ends_at_night(self.starts.data, self.ends.data)

    def validate_ends(self, field: TimeField) -> None:
        """Refuse an end that is not after the start, and tell where an end on a later day is written."""
        if not self.day.data or self.starts.data is None or field.data is None or self.last_day.data:
            return
        if self.finishes() <= self.begins():
            raise ValidationError("Sluttiden måste vara efter starttiden. Fyll i Sista dag om det slutar en annan dag.")

    def validate_last_day(self, field: DateField) -> None:
        """Refuse a last day before the first, and an end before the start."""
        if not field.data or not self.day.data:
            return
        if field.data < self.day.data:
            raise ValidationError("Sista dagen måste vara samma dag eller senare än den första.")
        if self.starts.data is not None and self.ends.data is not None and self.finishes() <= self.begins():
            raise ValidationError("Sluttiden måste vara efter starttiden.")

    def validate_status(self, field: EnumSelect) -> None:
        """Refuse to call held what has not begun."""
        if field.data is EventStatus.HELD and self._begins_later():
            raise ValidationError("Det har inte börjat än. Välj Planerad.")

    def validate_visitor_count(self, field: IntegerField) -> None:
        """Refuse a count of what is planned."""
        status = self.status.data if "status" in self else EventStatus.CANCELLED
        not_held = status in {EventStatus.PLANNED, EventStatus.CANCELLED}
        if field.data is not None and (self._begins_later() or not_held):
            raise ValidationError("Antal kan anges först när platsaktiveringen är genomförd.")
        ask_how(field, self.count_method)

    def validate_count_method(self, field: TextField) -> None:
        """Ask how it was counted, and what came of it."""
        ask_for_count(self.visitor_count, field)

    def _begins_later(self) -> bool:
        return bool(self.day.data and self.starts.data is not None and self.begins() > self.now)


def ask_how(count: IntegerField, method: TextField) -> None:
    """Refuse a count that nobody knows the origin of."""
    if count.data is not None and not method.data:
        raise ValidationError("Skriv också hur de räknades.")


def ask_for_count(count: IntegerField, method: TextField) -> None:
    """Refuse a way of counting that no count came of."""
    if count.data is None and method.data and not count.errors:
        raise ValidationError("Skriv antalet också, eller ta bort hur de räknades.")


class EventEditForm(EventForm, VersionedForm):
    """The same, on an event that others may change too."""


class CountField(IntegerField):
    """A number of people as the files of lists print it: a handful is not told, and so not read."""

    is_hidden = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.is_hidden = bool(valuelist) and str(valuelist[0]).casefold().startswith("färre än")
        super().process_formdata([] if self.is_hidden else valuelist)


class EventImportForm(EventForm):
    """A row of a file. One that was cancelled says why."""

    visitor_count = CountField("Antal besök, om någon räknade", validators=[Voluntary(), Between(0, 1_000_000)])
    cancel_reason = TextField("Varför ställdes den in?", validators=[Voluntary(), Limit(200)])

    def validate_count_method(self, field: TextField) -> None:
        """Ask for the count that the method gave, or leave out the method of a count that is not told."""
        if self.visitor_count.is_hidden:
            field.data = None
        else:
            super().validate_count_method(field)

    def validate(self, extra_validators: Any = None) -> bool:
        """Hold the status and its reason together."""
        valid = super().validate(extra_validators)
        is_cancelled = self.status.data is EventStatus.CANCELLED
        if is_cancelled and not self.cancel_reason.data:
            self.cancel_reason.errors = ["Skriv varför den ställdes in."]
        elif self.cancel_reason.data and not is_cancelled:
            self.cancel_reason.errors = ["Ta bort skälet, eller skriv Inställd som läge."]
        return valid and not self.cancel_reason.errors


class CancelForm(VersionedForm):
    """Why it is cancelled."""

    reason: Any = TextField("Varför ställs den in?", validators=[Needed("Skriv varför den ställs in."), Limit(200)])


class HeldForm(VersionedForm):
    """It took place; the count, if someone counted."""

    visitor_count = IntegerField("Antal besök, om någon räknade", validators=[Voluntary(), Between(0, 1_000_000)])
    count_method = TextField(
        "Hur räknades de?", validators=[Voluntary(), Limit(120)], description="Till exempel klickräknare vid scenen."
    )

    def validate_visitor_count(self, field: IntegerField) -> None:
        """Refuse a count that nobody knows the origin of."""
        ask_how(field, self.count_method)

    def validate_count_method(self, field: TextField) -> None:
        """Ask for the count that the method gave."""
        ask_for_count(self.visitor_count, field)
