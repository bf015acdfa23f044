"""Forms on the partnership itself and its places."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field
from wtforms.validators import ValidationError

from platssamverkan.actors.models import Actor, ActorKind
from platssamverkan.core.columns import LabelledEnum
from platssamverkan.core.fields import DateField, EnumMany, EnumRadio, EnumSelect, IdSelect, IntegerField, TextField
from platssamverkan.core.forms import BaseForm, TextArea, VersionedForm
from platssamverkan.core.validators import Between, Limit, Needed, OrElse, Voluntary, not_ahead
from platssamverkan.partnerships.models import Numbering, Partnership
from platssamverkan.partnerships.names import joined, lines
from platssamverkan.places.models import Place, PlaceBand, PlaceType, SceneState

LINE = 160


class YesNo(LabelledEnum):
    """An answer that may also be missing."""

    YES = "yes", "Ja"
    NO = "no", "Nej"

    @classmethod
    def of(cls, value: bool | None) -> "YesNo | None":
        """Return the answer that a column holds."""
        return None if value is None else cls.YES if value else cls.NO

    @property
    def truth(self) -> bool:
        return self is YesNo.YES


class ShortLines:
    """One entry a line, none of them longer than a name."""

    field_flags = {"optional": True}  # noqa: RUF012  (WTForms reads it so)

    def __call__(self, form: Any, field: Field) -> None:
        if any(len(line) > LINE for line in lines(field.data)):
            raise ValidationError(f"Skriv en sak per rad, högst {LINE} tecken på varje rad.")


def _year() -> list[Any]:
    return [Voluntary(), Between(1900, 2199)]


class PartnershipForm(VersionedForm):
    """What "Om samverkan" says."""

    name = TextField("Namn", validators=[Needed("Skriv vad samverkan heter."), Limit(160)])
    aliases = TextArea("Andra namn", description="Ett namn per rad.", validators=[ShortLines(), Limit(1000)])
    municipality = TextField("Kommun", validators=[Voluntary(), Limit(80)])
    lead_actor_id = IdSelect("Samordnande aktör", empty="Uppgift saknas", validators=[Voluntary()])
    co_lead_actor_id = IdSelect("Samordnar tillsammans med", empty="Ingen", validators=[Voluntary()])
    started_year = IntegerField("Startår", validators=_year())
    started_note = TextField("Om starten", validators=[Voluntary(), Limit(200)])
    mandate = TextArea(
        "Uppdrag",
        description="Varför just de här aktörerna, och på vems uppdrag.",
        validators=[Voluntary(), Limit(1000)],
    )
    mandate_source = TextField(
        "Uppdragets källa", description="Till exempel ett budgetbeslut.", validators=[Voluntary(), Limit(300)]
    )
    focus = TextArea("Inriktning", description="En sak per rad.", validators=[ShortLines(), Limit(2000)])
    numbering = EnumRadio("Paragrafer i minnesanteckningar", Numbering, validators=[Needed("Välj hur de numreras.")])
    data_controller_id = IdSelect("Personuppgiftsansvarig", empty="Uppgift saknas", validators=[Voluntary()])
    data_purpose = TextArea("Ändamål med uppgifterna", validators=[Voluntary(), Limit(1000)])
    legal_basis = TextArea("Rättslig grund", validators=[Voluntary(), Limit(500)])
    retention = TextArea("Gallring", description="Hur länge uppgifter sparas.", validators=[Voluntary(), Limit(500)])

    def validate_co_lead_actor_id(self, field: Field) -> None:
        if field.data and field.data == self.lead_actor_id.data:
            raise ValidationError("Välj en annan aktör än den som samordnar.")


#: What form and row hold alike.
PARTNERSHIP_FIELDS = (
    "name", "municipality", "lead_actor_id", "co_lead_actor_id", "started_year", "started_note", "mandate",
    "mandate_source", "numbering", "data_controller_id", "data_purpose", "legal_basis", "retention",
)  # fmt: skip


def saved_partnership(row: Partnership) -> dict[str, Any]:
    """Return what the row holds in the form's terms."""
    same = (*PARTNERSHIP_FIELDS, "version")
    return {name: getattr(row, name) for name in same} | {"aliases": joined(row.aliases), "focus": joined(row.focus)}


def partnership_form(row: Partnership, actors: Sequence[Actor]) -> PartnershipForm:
    """Return the form of `row`; `actors` are those that can be chosen."""
    form = PartnershipForm(data=saved_partnership(row))
    choices = [(actor.id, actor.name) for actor in actors]
    for field in (form.lead_actor_id, form.co_lead_actor_id, form.data_controller_id):
        field.offer(choices)
    return form


def ask_for_actor(chosen: Any, name: Field, kind: Any) -> bool:
    """Return whether either an actor is chosen, or a new one is named with its kind; if not, the field says what to
    do."""
    named = bool((name.data or "").strip())
    if chosen.data and named:
        chosen.errors = ["Välj en aktör eller skriv namnet på en ny, inte båda."]
        return False
    if chosen.data or chosen.errors:
        return True
    if not named:
        chosen.errors = ["Välj en aktör, eller skriv namnet på en ny."]
        return False
    if not kind.data and not kind.errors:
        kind.errors = ["Välj vilken typ av aktör den nya är."]
        return False
    return True


class NewPartnershipForm(BaseForm):
    """A partnership, the actor that leads it and the one who sets it up."""

    name = TextField("Namn", validators=[Needed("Skriv vad samverkan heter."), Limit(160)])
    municipality = TextField("Kommun", validators=[Voluntary(), Limit(80)])
    started_year = IntegerField("Startår", validators=_year())
    lead_actor_id = IdSelect("Samordnande aktör", empty="Ny aktör, skriv namnet nedan", validators=[OrElse()])
    new_actor_name = TextField("Den nya aktörens namn", validators=[OrElse(), Limit(160)])
    new_actor_kind = EnumSelect("Den nya aktörens typ", ActorKind, empty="Välj typ", validators=[OrElse()])
    coordinator_id = IdSelect(
        "Samordnare",
        empty="Välj användare",
        description="Får behörigheten Samordnare och kan sedan släppa in fler.",
        validators=[Needed("Välj vem som ska vara samordnare.")],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Also ask for either an actor on the list or a new one."""
        valid = super().validate(extra_validators)
        return ask_for_actor(self.lead_actor_id, self.new_actor_name, self.new_actor_kind) and valid


class CoordinatorForm(NewPartnershipForm):
    """Who is to coordinate a partnership that is there already, and for which actor."""

    # WTForms leaves such fields out.
    name = municipality = started_year = None  # type: ignore[assignment]


class PlaceForm(VersionedForm):
    """A place and what is known of it. Classified and prioritised are two facts, independent of each other."""

    name = TextField("Platsens namn", validators=[Needed("Skriv vad platsen heter."), Limit(160)])
    part_of_id = IdSelect("Del av", empty="Ingen annan plats", validators=[Voluntary()])
    types = EnumMany("Typ av plats", PlaceType, validators=[Voluntary()])
    municipality = TextField("Kommun", validators=[Voluntary(), Limit(80)])
    district = TextField("Stadsdel", validators=[Voluntary(), Limit(80)])
    scene_state = EnumSelect("Öppen drogscen", SceneState, empty="Uppgift saknas", validators=[Voluntary()])
    scene_state_note = TextField(
        "Om klassningen", description="Läses av alla på platsens publika sida.", validators=[Voluntary(), Limit(300)]
    )
    prioritised = EnumSelect("Prioriterad plats", YesNo, empty="Uppgift saknas", validators=[Voluntary()])
    prioritised_since = IntegerField("Prioriterad sedan år", validators=_year())
    note = TextArea("Anteckning", validators=[Voluntary(), Limit(1000)])
    band = EnumRadio("Mönster på sidorna", PlaceBand, validators=[Needed("Välj ett mönster.")])
    reviewed_on = DateField(
        "Granskad för publicering den",
        description="Med ett datum får platsen en sida som alla kan läsa. Lämna tomt tills uppgifterna är godkända.",
        validators=[Voluntary(), not_ahead],
    )

    def validate_prioritised_since(self, field: Field) -> None:
        if field.data and self.prioritised.data is not YesNo.YES:
            raise ValidationError("Ett årtal kräver att platsen är prioriterad. Välj Ja ovan, eller ta bort året.")


#: What form and row hold alike.
PLACE_FIELDS = (
    "name", "part_of_id", "municipality", "district", "scene_state", "scene_state_note", "prioritised_since",
    "note", "band", "reviewed_on",
)  # fmt: skip


def saved_place(row: Place) -> dict[str, Any]:
    """Return what the row holds in the form's terms."""
    values = {name: getattr(row, name) for name in (*PLACE_FIELDS, "version")}
    return values | {"types": [PlaceType(t) for t in row.types], "prioritised": YesNo.of(row.prioritised)}


def place_form(row: Place | None, parents: Sequence[Place]) -> PlaceForm:
    """Return the form of `row`, or of a new place; `parents` are the places it may be part of."""
    form = PlaceForm(data=saved_place(row) if row else {"band": PlaceBand.SQUARES, "version": 0})
    form.part_of_id.offer([(place.id, place.name) for place in parents])
    return form


class AttachPlaceForm(BaseForm):
    """A place that exists already."""

    place_id = IdSelect("Plats", empty="Välj plats", validators=[Needed("Välj en plats.")])
