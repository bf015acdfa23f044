"""Forms of measures: the measure itself, its changes of status, its follow-ups and its closing answer."""

from datetime import date
from typing import Any

from wtforms import Field
from wtforms.validators import ValidationError

from platssamverkan.core import clock
from platssamverkan.core.columns import LabelledEnum
from platssamverkan.core.errors import DomainError
from platssamverkan.core.fields import (
    DateField,
    EnumMany,
    EnumRadio,
    EnumSelect,
    ExplainedSelect,
    IdMany,
    IdSelect,
    IntegerField,
    PartialDateField,
    TextField,
    Tick,
)
from platssamverkan.core.forms import BaseForm, TextArea, VersionedForm
from platssamverkan.core.partial_date import earliest, latest
from platssamverkan.core.validators import Between, Limit, Needed, Voluntary, not_ahead
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.models import (
    CptedCategory,
    Displacement,
    FollowUpDone,
    FollowUpEffect,
    MeasureMethod,
    MeasureStatus,
)
from platssamverkan.measures.services import check_due, check_reader

#: What a new measure may be; the rest comes with buttons of their own.
NEW_STATUSES = (MeasureStatus.PROPOSED, MeasureStatus.DECIDED, MeasureStatus.ONGOING)
PARTIAL_HINT = "År, månad eller dag, till exempel 2026, maj 2026 eller 2026-05-12."


class NotBefore:
    """The day lies on or after the one in the field `start`, a day or a partial date, where both are given."""

    def __init__(self, start: str, message: str) -> None:
        self.start, self.message = start, message

    def __call__(self, form: Any, field: Field) -> None:
        began = form[self.start].data
        first = earliest(began) if isinstance(began, str) else began
        if field.data and first and field.data < first:
            raise ValidationError(self.message)


def not_before_start(form: Any, field: Field) -> None:
    """Hold the day to be done by to the day when the measure begins, where either is new: one that was started after it
    should have been ready has both."""
    if field.data != field.object_data or form.starts.data != form.starts.object_data:
        _DUE_AFTER_START(form, field)


def not_before_decision(form: Any, field: Field) -> None:
    """Hold a new day to be done by to the day when the measure was decided, where a meeting decided it."""
    if field.data != field.object_data:
        try:
            check_due(field.data, form.decided_on)
        except DomainError as error:
            raise ValidationError(error.message) from None


_DUE_AFTER_START = NotBefore("starts", "Dagen är före den dag då åtgärden börjar. Ändra en av dem.")
UNTIL_CLOSED = NotBefore("closed_on", "Dagen är före den dag då åtgärden avslutades. Ändra en av dem.")


def demand(field: Field, message: str) -> bool:
    """Put the message at the field unless it is filled in; return whether it is."""
    if field.data or field.errors:
        return bool(field.data)
    field.errors = [*field.errors, message]
    return False


class MeasureForm(VersionedForm):
    """A measure. `status` is asked for only when it is new."""

    title = TextField("Åtgärd", description="Skriv vad som ska göras.", validators=[
        Needed("Skriv vad som ska göras."), Limit(200),
    ])  # fmt: skip
    responsible_actor_id = IdSelect(
        "Ansvarig aktör", empty="Välj aktör", validators=[Needed("Välj vilken aktör som ansvarar.")]
    )
    status = EnumSelect("Läge", MeasureStatus, default=MeasureStatus.DECIDED)
    due_on = DateField("Klart senast", validators=[Voluntary(), not_before_start, not_before_decision])
    cause_id = IdSelect("Vilken orsak svarar åtgärden mot?", empty="Utan orsaksanalys", validators=[Voluntary()])
    methods = EnumMany("Metod", MeasureMethod, validators=[Needed("Välj minst en metod.")])
    cpted = EnumMany("CPTED", CptedCategory, description="Bara för situationella åtgärder.", validators=[Voluntary()])
    goal_ids = IdMany(
        "Mål som åtgärden tjänar",
        description="Mål i en annan samverkan väljs där. Lägg in åtgärden i den samverkan.",
        validators=[Voluntary()],
    )
    description = TextArea("Beskrivning", validators=[Voluntary(), Limit(1000)])
    place_id = IdSelect("Plats", empty="Ingen särskild plats", validators=[Voluntary()])
    place_text = TextField("Var på platsen?", validators=[Voluntary(), Limit(160)])
    affected_actor_ids = IdMany("Berörda aktörer", validators=[Voluntary()])
    starts = PartialDateField("Börjar", description=PARTIAL_HINT, validators=[Voluntary()])
    ends = PartialDateField("Slutar", description=PARTIAL_HINT, validators=[Voluntary()])
    follow_up_on = DateField("Följs upp", validators=[Voluntary()])
    planned_count = IntegerField(
        "Planerat antal", description="Till exempel 8 vandringar.", validators=[Voluntary(), Between(1, 100_000)]
    )
    resources = TextField("Resurser", validators=[Voluntary(), Limit(300)])
    outcome_text = TextArea("Vad åtgärden har gett", validators=[Voluntary(), Limit(500)])
    is_especially_valuable = Tick("Särskilt värdefull åtgärd")
    visibility = ExplainedSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)

    #: Of a saved measure, whose status the form does not ask for.
    saved_status: MeasureStatus | None = None
    #: The first meeting that decided it, as far as the user may read.
    decided_on: date | None = None

    def let_responsible_be_unknown(self) -> None:
        """Let the measure stay without a responsible actor, as its source has it; new ones always need one."""
        field = self.responsible_actor_id
        field.empty, field.validators = "Uppgift saknas", [Voluntary()]
        field.flags.required, field.flags.optional = False, True

    def links(self) -> dict[str, Any]:
        """Return what the measure is tied to, as the services take it."""
        return {
            "methods": self.methods.data or [],
            "cpted": self.cpted.data or [],
            "goal_ids": self.goal_ids.data or [],
            "affected_actor_ids": self.affected_actor_ids.data or [],
        }

    def validate_cpted(self, field: Field) -> None:
        """Hold the categories to situational measures (DOMAIN 6.1, invariant 2)."""
        if field.data and MeasureMethod.SITUATIONAL not in (self.methods.data or []):
            raise ValidationError(
                "Kategorierna hör till situationella åtgärder. Välj metoden Situationell eller ta bort dem."
            )

    def validate_visibility(self, field: Field) -> None:
        """Keep police work to come from the public (DOMAIN 9, R7)."""
        status = self.status.data if "status" in self and not self.status.errors else self.saved_status
        try:
            check_reader(field.data, self.methods.data or [], status)
        except DomainError as error:
            raise ValidationError(error.message) from None

    def validate_ends(self, field: Field) -> None:
        """Refuse a period that ends before it begins."""
        if self.starts.data and field.data and latest(field.data) < earliest(self.starts.data):
            raise ValidationError("Slutet är före början. Ändra ett av dem.")


class FollowUpForm(VersionedForm):
    """A follow-up. What was done and what came of it are two questions (DOMAIN 4.5)."""

    on = DateField("Datum", default=clock.today, validators=[
        Needed("Skriv vilken dag uppföljningen gjordes."), not_ahead,
    ])  # fmt: skip
    done = EnumRadio("Gjordes det som var beslutat?", FollowUpDone, validators=[Needed("Välj om det gjordes.")])
    done_count = IntegerField("Hur många gjordes?", validators=[Voluntary(), Between(0, 100_000)])
    effect = EnumSelect(
        "Effekt", FollowUpEffect, empty="Välj effekt", validators=[Needed("Välj vilken effekt det fick.")]
    )
    indicator_id = IdSelect("Indikator som effekten läses av i", empty="Ingen indikator", validators=[Voluntary()])
    text = TextArea("Iakttagelser", validators=[Voluntary(), Limit(1000)])
    displacement = EnumRadio(
        "Har handeln flyttat?",
        Displacement,
        default=Displacement.UNKNOWN,
        validators=[Needed("Välj om handeln har flyttat.")],
    )
    displacement_text = TextArea("Vart och när, om den har flyttat?", validators=[Voluntary(), Limit(500)])
    unintended_effect = TextArea("Oönskade effekter", validators=[Voluntary(), Limit(500)])
    next_step = TextArea("Nästa steg", validators=[Voluntary(), Limit(500)])
    by_function = TextField("Uppföljningen gjordes av", description="Skriv funktion, inte namn.", validators=[
        Voluntary(), Limit(160),
    ])  # fmt: skip
    visibility = ExplainedSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether all holds; displacement needs its place and time."""
        valid = super().validate(extra_validators)
        if self.displacement.data is Displacement.YES:
            valid = demand(self.displacement_text, "Skriv vart och när handeln har flyttat.") and valid
        return bool(valid)


class MaintenanceNeed(LabelledEnum):
    """The answer that a measure closes with."""

    YES = "yes", "Ja"
    NO = "no", "Nej, behövs ej"


class CloseForm(VersionedForm):
    """Closing a measure: what keeps the result, or why nothing has to."""

    closed_on = DateField("Avslutad", default=clock.today, validators=[
        Needed("Skriv vilken dag åtgärden avslutades."), not_ahead,
    ])  # fmt: skip
    need = EnumRadio("Behöver resultatet vidmakthållas?", MaintenanceNeed, validators=[
        Needed("Svara på om resultatet behöver vidmakthållas."),
    ])  # fmt: skip
    reason = TextArea("Varför behövs det inte?", validators=[Voluntary(), Limit(500)])
    what = TextArea("Vad ska vidmakthållas?", validators=[Voluntary(), Limit(500)])
    actor_id = IdSelect("Vilken aktör gör det?", empty="Välj aktör", validators=[Voluntary()])
    until_on = DateField("Till och med", validators=[Voluntary(), UNTIL_CLOSED])
    funding = TextField("Hur betalas det?", validators=[Voluntary(), Limit(300)])
    relapse_signal = TextField("Tecken på återfall", validators=[Voluntary(), Limit(300)])
    review_on = DateField("Ses över", validators=[Voluntary(), UNTIL_CLOSED])

    def __init__(self, *, began: str | None, **kwargs: Any) -> None:
        """`began` is when the measure started, a partial date."""
        super().__init__(**kwargs)
        self.began = began

    def validate_closed_on(self, field: Field) -> None:
        """Refuse a day before the measure began."""
        if self.began and field.data and field.data < earliest(self.began):
            raise ValidationError("Åtgärden hade inte börjat den dagen. Ändra dagen, eller när den började.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether all holds; each answer asks for its own fields."""
        valid = super().validate(extra_validators)
        if self.need.data is MaintenanceNeed.YES:
            valid = demand(self.what, "Skriv vad som ska vidmakthållas.") and valid
            valid = demand(self.actor_id, "Välj vilken aktör som gör det.") and valid
        elif self.need.data is MaintenanceNeed.NO:
            valid = demand(self.reason, "Skriv varför inget behöver vidmakthållas.") and valid
        return bool(valid)


class CancelForm(BaseForm):
    """Ending a measure before it is done."""

    reason = TextArea("Varför avbryts åtgärden?", validators=[Needed("Skriv varför åtgärden avbryts."), Limit(500)])


class DelayForm(VersionedForm):
    """Saying that a measure is late."""

    due_on = DateField(
        "Ny dag då den ska vara klar",
        description="Lämna tomt om det inte är bestämt.",
        validators=[Voluntary(), not_before_decision],
    )

    def __init__(self, *, decided_on: date | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decided_on = decided_on
