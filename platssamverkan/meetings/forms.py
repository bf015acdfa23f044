"""The room's forms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from wtforms import Field, HiddenField
from wtforms.validators import ValidationError

from platssamverkan.core import clock
from platssamverkan.core.errors import DomainError
from platssamverkan.core.fields import (
    DateField,
    EnumSelect,
    ExplainedSelect,
    IdMany,
    IdSelect,
    IntegerField,
    TextField,
    TimeField,
)
from platssamverkan.core.forms import BaseForm, TextArea, VersionedForm
from platssamverkan.core.recurrence import RULES
from platssamverkan.core.validators import Between, Limit, Needed, OnDay, Voluntary
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.models import MeasureMethod, MeasureStatus
from platssamverkan.measures.services import check_due, check_reader
from platssamverkan.meetings.models import HEADING_LENGTH
from platssamverkan.meetings.queries import KINDS
from platssamverkan.meetings.services import check_times
from platssamverkan.partnerships.models import Partnership

A_DAY = 24 * 60


def _visibility() -> ExplainedSelect:
    return ExplainedSelect("Vem får läsa?", Visibility, validators=[Needed("Välj vem som får läsa.")])


class MeetingForm(VersionedForm):
    """A meeting: when, where, and which functions lead it and take notes. `raised` is asked for only when new."""

    kind = EnumSelect("Vad för möte?", KINDS, validators=[Needed("Välj vad för möte det är.")])
    on = DateField("Datum", validators=[Needed("Skriv datumet.")])
    from_time = TimeField(
        "Från klockan", validators=[Needed("Skriv när mötet börjar, till exempel 9.00."), OnDay("on")]
    )
    to_time = TimeField("Till klockan", to_midnight=True, validators=[Voluntary(), OnDay("on")])
    location = TextField("Plats", validators=[Voluntary(), Limit(200)])
    chair = TextField("Ordförande", description="Funktion, inte namn.", validators=[Voluntary(), Limit(160)])
    secretary = TextField("Sekreterare", description="Funktion, inte namn.", validators=[Voluntary(), Limit(160)])
    raised = IdMany("Från utställningarna", validators=[Voluntary()])

    def validate_to_time(self, field: Field) -> None:
        on, begins = self.on.data, self.from_time.data
        if not on or begins is None or field.data is None:
            return
        try:
            check_times(clock.at_local(on, begins), clock.at_local_end(on, field.data))
        except DomainError as error:
            raise ValidationError(error.message) from error


class CancelForm(BaseForm):
    """Why a meeting is cancelled."""

    reason = TextField("Varför ställs mötet in?", validators=[Needed("Skriv varför mötet ställs in."), Limit(300)])


class ItemForm(VersionedForm):
    """What an item is called, how long it may take and who may read it."""

    heading = TextField("Rubrik", validators=[Needed("Skriv vad punkten gäller."), Limit(HEADING_LENGTH)])
    minutes_planned = IntegerField("Minuter", validators=[Voluntary(), Between(1, A_DAY)])
    visibility = _visibility()


class NewItemForm(ItemForm):
    """An item and where it comes on the agenda."""

    after_id = IdSelect("Efter punkten", empty="Sist", validators=[Voluntary()])


class NotesForm(VersionedForm):
    """What was said under an item. `base` marks the text that the writer started from."""

    text = TextArea("Vad sades?", validators=[Voluntary(), Limit(6000)])
    base = HiddenField("")


class DecisionForm(VersionedForm):
    """What the meeting decided."""

    text = TextArea("Vad beslutade mötet?", validators=[Needed("Skriv vad mötet beslutade."), Limit(1000)])
    visibility = _visibility()


class ChangeDecisionForm(DecisionForm):
    """A decision and the measures that belong to it."""

    keep_ids = IdMany("Åtgärder som hör till beslutet", validators=[Voluntary()])
    link_id = IdSelect("Koppla en åtgärd som redan finns", empty="Ingen", validators=[Voluntary()])


@dataclass(frozen=True)
class Elsewhere:
    """A partnership beside the one that meets, and the actors that take part in it."""

    partnership: Partnership
    actor_ids: frozenset[int]


class MeasureForm(BaseForm):
    """A measure that a decision leads to. A row that is left empty makes none."""

    title = TextField("Åtgärd", validators=[Voluntary(), Limit(200)])
    responsible_actor_id = IdSelect("Ansvarig aktör", empty="Välj aktör", validators=[Voluntary()])
    due_on = DateField("Klart senast", validators=[Voluntary()])
    method = EnumSelect("Metod", MeasureMethod, empty="Välj metod", validators=[Voluntary()])
    goal_id = IdSelect("Bidrar till mål", empty="Inget mål", validators=[Voluntary()])
    #: Who reads the decision, and so the measure.
    read_by: Visibility = Visibility.PARTNERSHIP
    #: The day of the meeting.
    decided_on: date | None = None
    #: goal id → the partnership that has it, of those goals that are not the meeting's own.
    elsewhere: Mapping[int, Elsewhere] = {}

    def offer_goals(self, goals: Iterable[tuple[int, str]], elsewhere: Mapping[int, Elsewhere]) -> None:
        """Set which goals can be chosen, and whose some of them are."""
        self.goal_id.offer(goals)
        self.elsewhere = elsewhere
        if elsewhere:
            self.goal_id.description = (
                "Väljer du ett mål i en annan samverkan läggs åtgärden där, och beslutet kan läsas där."
            )

    @property
    def laid_in(self) -> Partnership | None:
        """Return the other partnership that the measure is laid in; None when it is laid where the meeting is."""
        there = self.elsewhere.get(self.goal_id.data or 0)
        return there.partnership if there else None

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is written in the row."""
        return not any(field.raw_data and str(field.raw_data[0]).strip() for field in (self.title, self.due_on))

    def validate(self, extra_validators: object = None) -> bool:
        """Return whether the row can be saved; a row with something in it needs a title and an actor."""
        valid = super().validate(extra_validators)
        if self.is_empty and not self.responsible_actor_id.data and not self.goal_id.data:
            return valid
        needs = (
            (self.title, "Skriv vad som ska göras, eller töm raden."),
            (self.responsible_actor_id, "Välj vilken aktör som ansvarar för åtgärden."),
            (self.method, "Välj hur åtgärden ska verka."),
        )
        for field, message in needs:
            if not field.data and not field.errors:
                field.errors = [*field.errors, message]
                valid = False
        there, actor = self.elsewhere.get(self.goal_id.data or 0), self.responsible_actor_id
        if there and actor.data and actor.data not in there.actor_ids:
            message = f"Aktören ingår inte i {there.partnership.name}. Välj en annan aktör eller ett annat mål."
            actor.errors = [*actor.errors, message]
            valid = False
        return valid and self._may_be_read()

    def validate_due_on(self, field: Field) -> None:
        try:
            check_due(field.data, self.decided_on)
        except DomainError as error:
            raise ValidationError(error.message) from None

    def _may_be_read(self) -> bool:
        try:
            check_reader(self.read_by, [self.method.data], MeasureStatus.DECIDED)
        except DomainError as error:
            self.method.errors = [*self.method.errors, str(error)]
            return False
        return True


class ApprovalForm(VersionedForm):
    """By which function the minutes are approved. `mark` stands for the text that was read."""

    by_function = TextField(
        "Godkänns av",
        description="Funktion, inte namn. Oftast mötets ordförande.",
        validators=[Needed("Skriv vilken funktion som godkänner."), Limit(160)],
    )
    mark = HiddenField("")


class CorrectionForm(BaseForm):
    """A correction of approved minutes."""

    item_id = IdSelect("Vad rättas?", empty="Anteckningarna som helhet", validators=[Voluntary()])
    text = TextArea("Rättelse", validators=[Needed("Skriv vad som ska gälla i stället."), Limit(2000)])
    reason = TextField("Skäl", validators=[Needed("Skriv varför anteckningarna rättas."), Limit(500)])
    by_function = TextField(
        "Rättas av",
        description="Funktion, inte namn.",
        validators=[Needed("Skriv vilken funktion som rättar."), Limit(160)],
    )


class SeriesForm(VersionedForm):
    """A rhythm of meetings. The weekday follows from the first day."""

    kind = EnumSelect("Vad för möte?", KINDS, validators=[Needed("Välj vad för möte det är.")])
    recurrence = EnumSelect(
        "Hur ofta?", RULES, empty="Välj hur ofta", validators=[Needed("Välj hur ofta mötet kommer tillbaka.")]
    )
    starts_on = DateField(
        "Första mötet",
        description="Mötet kommer tillbaka samma veckodag.",
        validators=[Needed("Skriv datumet för det första mötet.")],
    )
    starts_at = TimeField("Klockan", validators=[Needed("Skriv när mötet börjar, till exempel 9.00.")])
    minutes_long = IntegerField("Längd i minuter", validators=[Voluntary(), Between(5, A_DAY)])
    location = TextField("Plats", validators=[Voluntary(), Limit(200)])
