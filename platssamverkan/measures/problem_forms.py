"""Forms of problems and their causes."""

from platssamverkan.core.fields import (
    DateField,
    EnumRadio,
    EnumSelect,
    ExplainedSelect,
    IdSelect,
    IntegerField,
    TextField,
)
from platssamverkan.core.forms import TextArea, VersionedForm
from platssamverkan.core.validators import Between, Limit, Needed, Voluntary, not_ahead
from platssamverkan.core.visibility import Visibility
from platssamverkan.measures.models import CauseKind, TimeBand


class ProblemForm(VersionedForm):
    """What happens, where and when."""

    text = TextArea("Vad är problemet?", validators=[Needed("Skriv vad som händer på platsen."), Limit(500)])
    place_id = IdSelect("Plats", empty="Ingen särskild plats", validators=[Voluntary()])
    spot = TextField("Var på platsen?", validators=[Voluntary(), Limit(120)])
    time_band = EnumSelect("Tid på dygnet", TimeBand, empty="Uppgift saknas", validators=[Voluntary()])
    consequences = TextArea("Följder", validators=[Voluntary(), Limit(500)])
    priority = IntegerField("Prioritet", description="1 är mest angeläget.", validators=[Voluntary(), Between(1, 99)])
    noted_on = DateField("Uppmärksammat", validators=[Voluntary(), not_ahead])
    visibility = ExplainedSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)


class CauseForm(VersionedForm):
    """Why the problem is at this place, and who can change it."""

    text = TextArea("Vad är orsaken?", validators=[Needed("Skriv varför problemet finns just här."), Limit(500)])
    kind = EnumRadio("Slag av orsak", CauseKind, validators=[Needed("Välj slag av orsak.")])
    mandate_actor_id = IdSelect(
        "Aktör med rådighet", empty="Uppgift saknas", description="Vem kan ändra på orsaken?", validators=[Voluntary()]
    )
    visibility = ExplainedSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)
