"""Forms on actors, representatives and rights."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import EmailField, Field
from wtforms.validators import ValidationError

from platssamverkan.actors.models import Actor, ActorKind, Sector
from platssamverkan.core.fields import DateField, EnumRadio, EnumSelect, IdSelect, IntegerField, TextField, Tick, strip
from platssamverkan.core.formatting import day
from platssamverkan.core.forms import BaseForm, TextArea, VersionedForm
from platssamverkan.core.validators import Between, Limit, Needed, OrElse, Voluntary
from platssamverkan.partnerships.forms import YesNo, ask_for_actor
from platssamverkan.partnerships.models import Membership, RepresentationLevel, Representative, RoleGrant
from platssamverkan.partnerships.roles import Role

NAMELESS = "Skriv funktionen, aldrig ett namn."


class _ChosenActor(BaseForm):
    actor_id = IdSelect("Aktör", empty="Ny aktör, skriv namnet nedan", validators=[OrElse()])
    name = TextField("Den nya aktörens namn", validators=[OrElse(), Limit(160)])
    kind = EnumSelect("Den nya aktörens typ", ActorKind, empty="Välj typ", validators=[OrElse()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Also ask for either an actor on the list or a new one."""
        valid = super().validate(extra_validators)
        return ask_for_actor(self.actor_id, self.name, self.kind) and valid


class _PartFields(BaseForm):
    task = TextField(
        "Uppgift i samverkan",
        description="Till exempel: håller i utställningarna.",
        validators=[Voluntary(), Limit(200)],
    )
    mandate = TextArea(
        "Rådighet", description="Vad aktören råder över, och varför den är med.", validators=[Voluntary(), Limit(500)]
    )
    is_strategic = Tick("Deltar på strategisk nivå")
    is_operative = Tick("Deltar på operativ nivå")
    joined_on = DateField("Med från och med", validators=[Voluntary()])


class NewMembershipForm(_ChosenActor, _PartFields):
    """An actor that exists or a new one, and its part here; who it is stands first."""


class MembershipForm(_PartFields, VersionedForm):
    """The actor's part in this partnership."""

    def __init__(self, *args: Any, left_on: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left_on = left_on

    def validate_joined_on(self, field: Field) -> None:
        if field.data and self.left_on and field.data > self.left_on:
            raise ValidationError("Aktören lämnade samverkan före det datumet. Skriv ett tidigare datum.")


def saved_part(membership: Membership) -> dict[str, Any]:
    """Return what the row holds in the form's terms."""
    names = ("task", "mandate", "is_strategic", "is_operative", "joined_on", "version")
    return {name: getattr(membership, name) for name in names}


class EndForm(VersionedForm):
    """The last day of a membership or of a representative."""

    on = DateField("Sista dag", validators=[Needed("Skriv sista dagen, till exempel 2026-11-21.")])

    def __init__(self, *args: Any, first: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first = first

    def validate_on(self, field: Field) -> None:
        if field.data and self.first and field.data < self.first:
            raise ValidationError("Sista dagen är före första dagen. Skriv ett senare datum.")


class ActorForm(VersionedForm):
    """Facts of an actor, the same in every partnership."""

    name = TextField("Namn", validators=[Needed("Skriv vad aktören heter."), Limit(160)])
    former_name = TextField("Tidigare namn", validators=[Voluntary(), Limit(160)])
    kind = EnumSelect("Typ", ActorKind, empty="Välj typ", validators=[Needed("Välj en typ.")])
    sector = EnumSelect("Sektor", Sector, empty="Uppgift saknas", validators=[Voluntary()])
    subject_to_osl = EnumRadio(
        "Omfattas av offentlighets- och sekretesslagen (OSL)",
        YesNo,
        description="Avgör om aktören läser texter som är till endast för myndigheter.",
        validators=[Needed("Välj ja eller nej.")],
    )
    is_group = Tick("Flera organisationer som deltar som en")
    member_count = IntegerField("Antal organisationer", validators=[Voluntary(), Between(1, 9999)])


def saved_actor(actor: Actor) -> dict[str, Any]:
    """Return what the row holds in the form's terms."""
    same = ("name", "former_name", "kind", "sector", "is_group", "member_count", "version")
    return {name: getattr(actor, name) for name in same} | {"subject_to_osl": YesNo.of(actor.subject_to_osl)}


def actor_form(actor: Actor, *, may_set_osl: bool) -> ActorForm:
    """Return the form of `actor`, without the question of OSL for those who may not answer it."""
    form = ActorForm(data=saved_actor(actor))
    if not may_set_osl:
        del form.subject_to_osl
    return form


class RepresentativeForm(VersionedForm):
    """A function that speaks for the actor."""

    function = TextField("Funktion", description=NAMELESS, validators=[Needed(NAMELESS), Limit(120)])
    level = EnumRadio("Nivå", RepresentationLevel, validators=[Needed("Välj nivå.")])
    valid_from = DateField("Från och med", validators=[Voluntary()])
    valid_to = DateField("Till och med", validators=[Voluntary()])

    def __init__(self, *args: Any, left_on: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left_on = left_on

    def validate_valid_from(self, field: Field) -> None:
        self._check_left(field)

    def validate_valid_to(self, field: Field) -> None:
        if field.data and self.valid_from.data and field.data < self.valid_from.data:
            raise ValidationError("Slutdatumet är före startdatumet. Ändra ett av dem.")
        self._check_left(field)

    def _check_left(self, field: Field) -> None:
        if field.data and self.left_on and field.data > self.left_on:
            raise ValidationError(f"Aktörens sista dag i samverkan är {day(self.left_on)}. Skriv en tidigare dag.")


def saved_representative(person: Representative) -> dict[str, Any]:
    """Return what the row holds in the form's terms."""
    return {name: getattr(person, name) for name in ("function", "level", "valid_from", "valid_to", "version")}


class GrantForm(BaseForm):
    """Who gets which role for which actor."""

    unchecked = frozenset({"email"})
    email = EmailField(
        "Användarens e-postadress",
        description="Adressen som användaren loggar in med.",
        filters=[strip],
        validators=[Needed("Skriv användarens e-postadress."), Limit(200)],
    )
    membership_id = IdSelect("För aktören", empty="Välj aktör", validators=[Needed("Välj vilken aktör det gäller.")])
    role = EnumRadio("Roll", Role, validators=[Needed("Välj en roll.")])


class RoleForm(VersionedForm):
    """Another role for someone who has one."""

    role = EnumRadio("Roll", Role, validators=[Needed("Välj en roll.")])


def saved_role(grant: RoleGrant) -> dict[str, Any]:
    """Return what the row holds in the form's terms."""
    return {"role": grant.role, "version": grant.version}


def grant_form(memberships: Sequence[Membership]) -> GrantForm:
    """Return the form; rights can be given for the actors of `memberships`."""
    form = GrantForm()
    form.membership_id.offer([(membership.id, membership.actor.name) for membership in memberships])
    return form
