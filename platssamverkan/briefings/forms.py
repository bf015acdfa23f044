"""Forms of briefings. Texts are as long as the printed page has room for (limits.py)."""

from typing import Any

from wtforms import Field
from wtforms.validators import StopValidation

from platssamverkan.briefings import limits
from platssamverkan.briefings.models import BriefingSection
from platssamverkan.core.fields import (
    DateField,
    EnumRadio,
    ExplainedSelect,
    IdMany,
    IdSelect,
    IntegerField,
    TextField,
    Tick,
    TimeField,
)
from platssamverkan.core.formatting import WEEKDAYS
from platssamverkan.core.forms import BaseForm, TextArea, VersionedForm
from platssamverkan.core.recurrence import RULES
from platssamverkan.core.validators import Between, Limit, Needed, OnDay, Voluntary
from platssamverkan.core.visibility import Visibility

_QUESTIONS = {
    BriefingSection.SITUATION: "Vad har hänt?",
    BriefingSection.COOPERATION: "Vad ska göras tillsammans?",
    BriefingSection.COMING_DAYS: "Vad är på gång?",
    BriefingSection.CONDITION: "Hur ser det ut på platsen?",
    BriefingSection.HANDOVER: "Vad ska nästa utställning följa upp?",
}
#: The sheet is one page, and a capital takes the room of two letters there.
DOUBLE = "Stora bokstäver räknas dubbelt."


class Room:
    """At most what `maximum` letters take on the sheet. The text is never cut; the message tells how much too long."""

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.field_flags = {"max_length": maximum}

    def __call__(self, form: Any, field: Field) -> None:
        over = limits.units(field.data or "") - self.maximum
        if over > 0:
            raise StopValidation(f"Texten är {over} tecken för lång. Högst {self.maximum} får plats. {DOUBLE}")


def short(maximum: int, hint: str = "") -> dict[str, Any]:
    """Return what a short text needs so that its limit and what is left are told."""
    said = f"{hint} Högst {maximum} tecken.".strip()
    return {"description": said, "render_kw": {"data-room": maximum}}


class LineForm(BaseForm):
    """One line of the sheet; as long as its section allows."""

    spot: Any = TextField("Var?", validators=[Voluntary(), Room(limits.SPOT)], **short(limits.SPOT))
    text: Any = TextArea("Text", validators=[Needed("Skriv vad raden ska säga.")], render_kw={"rows": 3})
    actor_id: Any = IdSelect("Vem berättar?", empty="Ingen särskild", validators=[Voluntary()])
    raise_to_forum: Any = Tick("Ta upp på strategiskt möte")
    visibility: Any = ExplainedSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)

    def fit(self, section: BriefingSection) -> None:
        """Let the text be as long as the section's lines may be, and ask what the section asks."""
        limit = Room(limits.SECTIONS[section].characters)
        self.text.validators = [*self.text.validators, limit]
        self.text.flags.max_length = limit.maximum
        self.text.render_kw = {**self.text.render_kw, "data-room": limit.maximum}
        self.text.label.text = _QUESTIONS[section]
        if section is BriefingSection.COOPERATION:
            self.actor_id.label.text = "Vem ansvarar?"


class LineEditForm(LineForm, VersionedForm):
    """The same, on a line that others may change too."""


class StaffingForm(BaseForm):
    """Who works tonight: function and number, never names."""

    actor_id: Any = IdSelect("Aktör", empty="Välj aktör", validators=[Needed("Välj aktör.")])
    function: Any = TextField(
        "Funktion",
        validators=[Needed("Skriv vilken funktion det är, till exempel Ordningsvakter."), Room(limits.FUNCTION)],
        **short(limits.FUNCTION, "Till exempel Ordningsvakter. Aldrig namn."),
    )
    headcount: Any = IntegerField("Antal", validators=[Needed("Skriv hur många som arbetar."), Between(1, 500)])
    from_time: Any = TimeField("Från kl.", to_midnight=True, validators=[Voluntary()])
    until_time: Any = TimeField("Till kl.", to_midnight=True, validators=[Voluntary()])
    contact: Any = TextField(
        "Nås genom",
        validators=[Voluntary(), Room(limits.CONTACT)],
        **short(limits.CONTACT, "Till exempel en talgrupp. Aldrig någons egna nummer."),
    )
    visibility: Any = ExplainedSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)


class StaffingEditForm(StaffingForm, VersionedForm):
    """The same, on a row that others may change too."""


class AttendanceForm(BaseForm):
    """Someone who came and was not expected."""

    actor_id: Any = IdSelect("Aktör", empty="Välj aktör", validators=[Needed("Välj aktör.")])
    function: Any = TextField(
        "Funktion",
        validators=[Voluntary(), Room(limits.FUNCTION)],
        **short(limits.FUNCTION, "Till exempel Uppsökarteamet."),
    )


class PlanForm(BaseForm):
    """When, where and by whom a briefing is held."""

    day: Any = DateField("Datum", validators=[Needed("Välj vilken dag den hålls.")])
    at: Any = TimeField("Kl.", validators=[Needed("Skriv när den börjar, till exempel 18.00."), OnDay("day")])
    location: Any = TextField("Plats", validators=[Voluntary(), Room(limits.LOCATION)], **short(limits.LOCATION))
    held_by_id: Any = IdSelect("Vem håller i den?", empty="Inte bestämt", validators=[Voluntary()])


class PlanEditForm(PlanForm, VersionedForm):
    """The same, on a briefing that others may move too."""


class SeriesForm(BaseForm):
    """A rhythm."""

    recurrence: Any = EnumRadio("Hur ofta?", RULES, validators=[Needed("Välj hur ofta.")])
    weekdays: Any = IdMany(
        "Vilka veckodagar?",
        validators=[Voluntary()],
        description="Två gånger i veckan är tisdag och torsdag om inget väljs.",
    )
    starts_on: Any = DateField("Från och med", validators=[Needed("Välj första dagen.")])
    starts_at: Any = TimeField("Kl.", validators=[Needed("Skriv när den börjar, till exempel 18.00.")])
    location: Any = TextField("Plats", validators=[Voluntary(), Room(limits.LOCATION)], **short(limits.LOCATION))
    led_by_id: Any = IdSelect("Vem håller i dem?", empty="Inte bestämt", validators=[Voluntary()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.weekdays.offer(enumerate(day.capitalize() for day in WEEKDAYS))


class CancelForm(VersionedForm):
    """Why it is cancelled."""

    reason: Any = TextField("Varför ställs den in?", validators=[Needed("Skriv varför den ställs in."), Limit(200)])
