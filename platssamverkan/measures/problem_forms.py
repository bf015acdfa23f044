"""Forms of problems and their causes."""

from wtforms import Field
from wtforms.validators import ValidationError

from platssamverkan.core import clock
from platssamverkan.core.fields import (
    Between,
    DateField,
    EnumRadio,
    EnumSelect,
    IdSelect,
    IntegerField,
    Limit,
    Needed,
    TextField,
    Voluntary,
)
from platssamverkan.core.forms import TextArea, VersionedForm
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.models import CauseKind, TimeBand


class ProblemForm(VersionedForm):
    """What happens, where and when."""

    text = TextArea("Vad är problemet?", validators=[Needed("Skriv vad som händer på platsen."), Limit(500)])
    place_id = IdSelect("Plats", empty="Hela området", validators=[Voluntary()])
    spot = TextField("Var på platsen?", validators=[Voluntary(), Limit(120)])
    time_band = EnumSelect("Tid på dygnet", TimeBand, empty="Uppgift saknas", validators=[Voluntary()])
    consequences = TextArea("Följder", validators=[Voluntary(), Limit(500)])
    priority = IntegerField("Prioritet", description="1 är mest angeläget.", validators=[Voluntary(), Between(1, 99)])
    noted_on = DateField("Uppmärksammat", validators=[Voluntary()])
    visibility = EnumSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)

    def validate_noted_on(self, field: Field) -> None:
        """Refuse a day that has not been."""
        if field.data and field.data > clock.today():
            raise ValidationError("Datumet har inte varit än. Skriv en dag till och med i dag.")


class CauseForm(VersionedForm):
    """Why the problem is at this place, and who can change it."""

    text = TextArea("Vad är orsaken?", validators=[Needed("Skriv varför problemet finns just här."), Limit(500)])
    kind = EnumRadio("Slag av orsak", CauseKind, validators=[Needed("Välj slag av orsak.")])
    mandate_actor_id = IdSelect(
        "Aktör med rådighet", empty="Uppgift saknas", description="Vem kan ändra på orsaken?", validators=[Voluntary()]
    )
    visibility = EnumSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)
