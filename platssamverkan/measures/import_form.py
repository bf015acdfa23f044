"""A row of a file of measures: what the form of a measure holds, and how the measure ended."""

from typing import Any

from wtforms import Field
from wtforms.validators import ValidationError

from platssamverkan.core.fields import DateField, EnumSelect, IdSelect, TextField
from platssamverkan.core.forms import TextArea
from platssamverkan.core.partial_date import earliest
from platssamverkan.core.validators import Limit, Voluntary, not_ahead
from platssamverkan.measures.forms import UNTIL_CLOSED, MaintenanceNeed, MeasureForm, demand
from platssamverkan.measures.models import MeasureStatus


class MeasureImportForm(MeasureForm):
    """The rules of the form and of the two pages that end a measure."""

    #: A file also tells of what was started after it should have been ready.
    due_on = DateField("Klart senast", validators=[Voluntary()])
    closed_on = DateField("Avslutad", validators=[Voluntary(), not_ahead])
    cancel_reason = TextArea("Varför avbröts åtgärden?", validators=[Voluntary(), Limit(500)])
    need = EnumSelect("Behöver resultatet vidmakthållas?", MaintenanceNeed, empty="", validators=[Voluntary()])
    reason = TextArea("Varför behövs det inte?", validators=[Voluntary(), Limit(500)])
    what = TextArea("Vad ska vidmakthållas?", validators=[Voluntary(), Limit(500)])
    actor_id = IdSelect("Vilken aktör gör det?", empty="", validators=[Voluntary()])
    until_on = DateField("Till och med", validators=[Voluntary(), UNTIL_CLOSED])
    funding = TextField("Hur betalas det?", validators=[Voluntary(), Limit(300)])
    relapse_signal = TextField("Tecken på återfall", validators=[Voluntary(), Limit(300)])
    review_on = DateField("Ses över", validators=[Voluntary(), UNTIL_CLOSED])

    def validate_closed_on(self, field: Field) -> None:
        """Refuse a day on a measure that goes on, and one before it began; a cancelled one may never have begun."""
        if field.data and self.status.data and not self.status.data.is_closed:
            raise ValidationError("Åtgärden pågår enligt läget. Ta bort datumet, eller ändra läget.")
        began = self.status.data is not MeasureStatus.CANCELLED and self.starts.data
        if field.data and began and field.data < earliest(began):
            raise ValidationError("Åtgärden hade inte börjat den dagen. Ändra dagen, eller när den började.")

    def validate_need(self, field: Field) -> None:
        """Hold the answer and the status together."""
        wanted = {MeasureStatus.COMPLETED: MaintenanceNeed.NO, MeasureStatus.MAINTAINED: MaintenanceNeed.YES}
        answer = wanted.get(self.status.data) if isinstance(self.status.data, MeasureStatus) else field.data
        if field.data and field.data is not answer:
            raise ValidationError("Svaret passar inte ihop med läget. Ändra ett av dem.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether all holds; each way to end asks for its own."""
        valid = super().validate(extra_validators)
        status = self.status.data
        if status is MeasureStatus.CANCELLED:
            return demand(self.cancel_reason, "Skriv varför åtgärden avbröts.") and valid
        if status in {MeasureStatus.COMPLETED, MeasureStatus.MAINTAINED}:
            valid = demand(self.closed_on, "Skriv vilken dag åtgärden avslutades.") and valid
        if status is MeasureStatus.COMPLETED:
            valid = demand(self.reason, "Skriv varför inget behöver vidmakthållas.") and valid
        if status is MeasureStatus.MAINTAINED:
            valid = demand(self.what, "Skriv vad som ska vidmakthållas.") and valid
            valid = demand(self.actor_id, "Skriv vilken aktör som gör det.") and valid
        return bool(valid)
