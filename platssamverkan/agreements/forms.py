"""Forms on agreements, parties and commitments."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field
from wtforms.validators import ValidationError

from platssamverkan.agreements.models import (
    Agreement,
    AgreementKind,
    AgreementParty,
    AgreementStatus,
    Commitment,
    CommitmentKind,
)
from platssamverkan.agreements.periods import ends_before, party_faults
from platssamverkan.agreements.queries import party_name
from platssamverkan.core.fields import (
    EnumRadio,
    EnumSelect,
    ExplainedSelect,
    IdMany,
    IdSelect,
    IntegerField,
    PartialDateField,
    TextField,
    Tick,
    named,
)
from platssamverkan.core.forms import TextArea, VersionedForm
from platssamverkan.core.recurrence import Recurrence
from platssamverkan.core.validators import Between, Limit, Needed, OrElse, Voluntary
from platssamverkan.core.visibility import Reader, Visibility
from platssamverkan.partnerships.forms import ShortLines
from platssamverkan.partnerships.names import joined

#: Stands for an agreement that the row is tied to and the writer may not read: the tie is kept, its title is not told.
UNREADABLE = "Avtal som din aktör inte får läsa"
WHEN = "År, månad eller dag: 2023, 2023-05 eller 2023-05-12."


class _Period(VersionedForm):
    title = TextField("Rubrik", validators=[Needed("Skriv vad avtalet heter."), Limit(200)])
    starts = PartialDateField("Börjar gälla", description=WHEN, validators=[Voluntary()])
    ends = PartialDateField("Slutar gälla", description=WHEN, validators=[Voluntary()])

    def validate_ends(self, field: Field) -> None:
        if ends_before(self.starts.data, field.data):
            raise ValidationError("Avtalet slutar innan det börjar. Ändra start eller slut.")


class AgreementForm(_Period):
    """Facts of an agreement."""

    kind = EnumSelect("Typ", AgreementKind, empty="Välj typ", validators=[Needed("Välj vilken typ av avtal det är.")])
    status = EnumSelect("Läge", AgreementStatus, empty="Uppgift saknas", validators=[Voluntary()])
    signed = PartialDateField("Undertecknat", description=WHEN, validators=[Voluntary()])
    length_years = IntegerField("Längd i år", validators=[Voluntary(), Between(1, 99)])
    diary_number = TextField("Diarienummer", validators=[Voluntary(), Limit(60)])
    extends_id = IdSelect("Förlänger", empty="Inget tidigare avtal", validators=[Voluntary()])
    parent_id = IdSelect("Hör till", empty="Inget överordnat avtal", validators=[Voluntary()])
    focus_areas = TextArea("Fokusområden", description="Ett per rad.", validators=[ShortLines(), Limit(2000)])
    parties_text = TextField(
        "Parter som inte är namngivna",
        description="Som avtalet säger det, till exempel: ett antal fastighetsägare.",
        validators=[Voluntary(), Limit(500)],
    )
    note = TextArea("Anteckning", validators=[Voluntary(), Limit(1000)])
    visibility = ExplainedSelect(
        "Vem får läsa?",
        Visibility,
        empty="Välj vem som får läsa",
        validators=[Needed("Välj vem som får läsa.")],
    )


SAME = (
    "title", "starts", "ends", "kind", "status", "signed", "length_years", "diary_number", "extends_id", "parent_id",
    "parties_text", "note", "visibility",
)  # fmt: skip


def saved_agreement(row: Agreement) -> dict[str, Any]:
    """Return what the row holds in the form's terms."""
    return {name: getattr(row, name) for name in SAME} | {
        "focus_areas": joined(row.focus_areas),
        "version": row.version,
    }


def agreement_form(
    row: Agreement | None, others: Sequence[Agreement], reader: Reader, owner_actor_id: int
) -> AgreementForm:
    """Return the form. A class of reader that the writer does not belong to can't be chosen."""
    data = saved_agreement(row) if row else {"visibility": Visibility.PARTNERSHIP, "version": 0}
    form = AgreementForm(data=data)
    offered = [(other.id, other.title) for other in others]
    for field in (form.extends_id, form.parent_id):
        held = getattr(row, field.short_name) if row else None
        field.offer(offered, kept=[(held, UNREADABLE)] if held else [])
    owner = row.owner_actor_id if row and row.owner_actor_id else owner_actor_id
    form.visibility.offer(one for one in Visibility if reader.may_read(one, owner))
    return form


class ProlongForm(_Period):
    """The agreement that takes over."""

    party_ids = IdMany("Parter som följer med", validators=[Voluntary()])


def saved_for_successor(row: Agreement) -> dict[str, Any]:
    """Return what the row to be prolonged holds now in the form's terms; its parties are those that have not left."""
    party_ids = [party.id for party in row.parties if party.withdrew is None]
    same = ("title", "starts", "ends", "version")
    return {name: getattr(row, name) for name in same} | {"party_ids": party_ids}


def prolong_form(row: Agreement) -> ProlongForm:
    """Return the form with every party that has not left ticked, and no period yet."""
    form = ProlongForm(data=saved_for_successor(row) | {"starts": None, "ends": None})
    form.party_ids.offer([(party.id, party_name(party)) for party in row.parties if party.withdrew is None])
    return form


def saved_party(party: AgreementParty) -> dict[str, Any]:
    """Return what the row holds in the form's terms."""
    same = ("actor_id", "name", "is_participant_only", "joined", "withdrew", "version")
    return {name: getattr(party, name) for name in same}


class PartyForm(VersionedForm):
    """A party: an actor here, or someone named who is none."""

    actor_id = IdSelect("Aktör", empty="Ingen aktör här, skriv namnet nedan", validators=[OrElse()])
    name = TextField("Namn på part som inte är aktör här", validators=[OrElse(), Limit(160)])
    is_participant_only = Tick("Deltar utan att vara avtalspart")
    joined = PartialDateField("Anslöt sig", description=WHEN, validators=[Voluntary()])
    withdrew = PartialDateField("Lämnade", description=WHEN, validators=[Voluntary()])

    def __init__(self, agreement: Agreement, party: AgreementParty | None = None, **kwargs: Any) -> None:
        super().__init__(data=saved_party(party) if party else None, **kwargs)
        self.agreement, self.party = agreement, party

    def validate_joined(self, field: Field) -> None:
        self._check_time(field)

    def validate_withdrew(self, field: Field) -> None:
        self._check_time(field)

    def _check_time(self, field: Field) -> None:
        starts, ends = self.agreement.starts, self.agreement.ends
        faults = party_faults(joined=self.joined.data, withdrew=self.withdrew.data, starts=starts, ends=ends)
        if field.short_name in faults:
            raise ValidationError(faults[field.short_name])

    def validate(self, extra_validators: Any = None) -> bool:
        """Also ask for either an actor or a name, and not for the same party twice."""
        valid = super().validate(extra_validators)
        if self.actor_id.errors or self.name.errors:
            return False
        if bool(self.actor_id.data) == bool(self.name.data):
            self.actor_id.errors = ["Välj en aktör eller skriv ett namn, inte båda."]
            return False
        others = [party for party in self.agreement.parties if party is not self.party]
        key = (self.actor_id.data, (self.name.data or "").casefold())
        if key in {(party.actor_id, (party.name or "").casefold()) for party in others}:
            (self.actor_id if self.actor_id.data else self.name).errors = ["Parten finns redan i avtalet."]
            return False
        return valid


def party_form(agreement: Agreement, party: AgreementParty | None, actors: Sequence[tuple[int, str]]) -> PartyForm:
    """Return the form; `actors` are the id and name of those to choose among, and the party's own is kept whoever it
    is."""
    form = PartyForm(agreement, party)
    form.actor_id.offer(actors, kept=named(party.actor) if party else ())
    return form


class CommitmentForm(VersionedForm):
    """What one party, or all together, bind themselves to."""

    text = TextArea(
        "Åtagande",
        description="Vad parten förbinder sig att göra. Börja med ett verb.",
        validators=[Needed("Skriv vad parten förbinder sig att göra."), Limit(500)],
    )
    party_id = IdSelect("Part", empty="Ingen särskild part", validators=[Voluntary()])
    is_joint = Tick("Gemensamt för alla parter")
    together_with = TextField("Tillsammans med", validators=[Voluntary(), Limit(200)])
    kind = EnumRadio("Typ", CommitmentKind, validators=[Needed("Välj typ.")])
    recurrence = EnumSelect("Återkommer", Recurrence, empty="Inte angivet", validators=[Voluntary()])
    target_count = IntegerField(
        "Minst så många gånger", description="Per den tid som valts ovan.", validators=[Voluntary(), Between(1, 9999)]
    )

    def __init__(self, row: Commitment | None = None, **kwargs: Any) -> None:
        names = ("text", "party_id", "is_joint", "together_with", "kind", "recurrence", "target_count", "version")
        fresh = {"kind": CommitmentKind.COMMITMENT, "version": 0}
        super().__init__(data={name: getattr(row, name) for name in names} if row else fresh, **kwargs)
        #: Sources name points without saying whose they are; those may stay so.
        self.may_be_unsaid = row is not None and row.party_id is None and not row.is_joint

    def validate_party_id(self, field: Field) -> None:
        if field.data and self.is_joint.data:
            raise ValidationError("Välj en part, eller kryssa i att åtagandet är gemensamt, inte båda.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Also ask whose the commitment is."""
        valid = super().validate(extra_validators)
        if not self.party_id.data and not self.is_joint.data and not self.may_be_unsaid and not self.party_id.errors:
            self.party_id.errors = ["Välj vilken part det gäller, eller kryssa i att åtagandet är gemensamt."]
            return False
        return valid


def commitment_form(agreement: Agreement, row: Commitment | None) -> CommitmentForm:
    """Return the form; only parties of the agreement can be chosen."""
    form = CommitmentForm(row)
    form.party_id.offer([(party.id, party_name(party)) for party in agreement.parties])
    return form


class FollowUpForm(VersionedForm):
    """What has been done of the commitment."""

    done_count = IntegerField("Genomfört antal", validators=[Voluntary(), Between(0, 99999)])
    done_period = TextField(
        "Tid som antalet gäller",
        description="Till exempel 2026. Är målet per år: ett av åren. Lämna tomt om du inte skriver något antal.",
        validators=[OrElse(), Limit(60)],
    )
    done_note = TextArea("Uppföljning", validators=[Voluntary(), Limit(500)])

    def validate(self, extra_validators: Any = None) -> bool:
        """Also ask which time a count is of, and for the count of a time."""
        valid = super().validate(extra_validators)
        if self.done_count.errors or self.done_period.errors:
            return False
        if self.done_count.data is not None and not self.done_period.data:
            self.done_period.errors = ["Skriv vilken tid antalet gäller, till exempel 2026."]
            return False
        if self.done_period.data and self.done_count.data is None:
            self.done_count.errors = ["Skriv antalet, eller ta bort tiden nedan."]
            return False
        return valid
