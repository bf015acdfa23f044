"""Forms of goals, indicators and observations."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field
from wtforms.validators import ValidationError

from platssamverkan.core.columns import LabelledEnum
from platssamverkan.core.errors import DomainError
from platssamverkan.core.fields import (
    LARGEST,
    DateField,
    DecimalField,
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
from platssamverkan.core.validators import Between, Limit, Needed, Voluntary
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.indicator_services import check_direction
from platssamverkan.goals.models import (
    DesiredDirection,
    Goal,
    GoalLevel,
    IndicatorKind,
    QualitativeDirection,
    TargetOperator,
)
from platssamverkan.goals.services import check_last_day

PARTIAL = "År, månad eller dag: 2026, 2026-05 eller 2026-05-12."


def _visibility() -> ExplainedSelect:
    return ExplainedSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)


class _NewGoal(BaseForm):
    text = TextArea("Mål", validators=[Needed("Skriv målet."), Limit(500)])


class GoalPlaceForm(VersionedForm):
    """Where a goal stands in the tree."""

    level = EnumSelect("Nivå", GoalLevel, empty="Välj nivå", validators=[Needed("Välj målets nivå.")])
    number = IntegerField(
        "Nummer", validators=[Voluntary(), Between(1, 99)], description="Som det står i beslutet eller planen."
    )
    parent_id = IdSelect("Överordnat mål", empty="Inget", validators=[Voluntary()])
    visibility = _visibility()

    def __init__(
        self, *, parents: Sequence[tuple[int, str]], visibilities: Sequence[Visibility], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.parent_id.offer(parents)
        self.visibility.offer(visibilities)


class GoalForm(_NewGoal, GoalPlaceForm):
    """A new goal; its words stand first."""

    starts = PartialDateField("Gäller från", validators=[Voluntary()], description=PARTIAL)


class Manner(LabelledEnum):
    """What new words do to a goal."""

    VERSION = "version", "Målet ändras: ny lydelse, den gamla sparas"
    SPELLING = "spelling", "Bara stavning eller språk: lydelsen rättas"


class RewordForm(VersionedForm):
    """New words for a goal, or the latest ones put right."""

    text = TextArea("Mål", validators=[Needed("Skriv målet."), Limit(500)])
    manner = EnumSelect("Vad ändras?", Manner, default=Manner.VERSION)
    starts = PartialDateField("Gäller från", validators=[Voluntary()], description=PARTIAL)
    reason = TextField(
        "Varför ändras målet?", validators=[Voluntary(), Limit(500)], description="Beslut, datum och skäl."
    )

    def __init__(self, *, is_assessed: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.is_assessed = is_assessed
        if is_assessed:
            del self.manner

    @property
    def is_new_version(self) -> bool:
        """Say whether the change asked for makes a new version; always so for assessed words."""
        return self.is_assessed or self.manner.data is not Manner.SPELLING

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the date and the reason of a new version."""
        valid = super().validate(extra_validators)
        if self.is_new_version:
            for field, message in (
                (self.starts, "Skriv när den nya lydelsen börjar gälla."),
                (self.reason, "Skriv varför målet ändras."),
            ):
                if not field.errors and not field.data:
                    field.errors = [message]
                    valid = False
        return valid


class EndGoalForm(VersionedForm):
    """The last day of a goal and why it ends."""

    ended_on = DateField("Sista dag", validators=[Needed("Skriv målets sista dag.")])
    reason = TextField("Varför avslutas målet?", validators=[Needed("Skriv varför målet avslutas."), Limit(500)])

    def __init__(self, *, goal: Goal, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.goal = goal

    def validate_ended_on(self, field: Field) -> None:
        """Let no goal end before it began."""
        try:
            check_last_day(self.goal, field.data)
        except DomainError as error:
            raise ValidationError(error.message) from None


class EndIndicatorForm(VersionedForm):
    """The last day of an indicator."""

    ended_on = DateField("Sista dag", validators=[Needed("Skriv indikatorns sista dag.")])


class IndicatorForm(VersionedForm):
    """An indicator."""

    name = TextField("Namn", validators=[Needed("Skriv vad som mäts."), Limit(200)])
    kind = EnumSelect("Slag", IndicatorKind, empty="Välj slag", validators=[Needed("Välj slag av indikator.")])
    goals = IdMany("Mäter mål", validators=[Voluntary()])
    unit = TextField("Enhet", validators=[Voluntary(), Limit(60)], description="Procent, antal, hektar.")
    desired_direction = EnumRadio(
        "Önskad riktning",
        DesiredDirection,
        validators=[Needed("Välj önskad riktning.")],
        description="Anmälda narkotikabrott och annat som beror på egna insatser måste tolkas.",
    )
    caveat = TextArea(
        "Att tänka på när värdet läses",
        validators=[Voluntary(), Limit(500)],
        description="Skrivs ut överallt där indikatorn visas. Lämnas fältet tomt används den text som hör till slaget.",
    )
    owner_id = IdSelect("Ansvarig aktör", empty="Ingen", validators=[Voluntary()])
    place_id = IdSelect("Plats", empty="Ingen", validators=[Voluntary()])
    area_text = TextField("Område", validators=[Voluntary(), Limit(120)], description="När ingen plats i listan avses.")
    method = TextField("Mätmetod", validators=[Voluntary(), Limit(300)])
    compare_with = TextField("Jämförs med", validators=[Voluntary(), Limit(200)])
    baseline_value = DecimalField("Utgångsläge", validators=[Voluntary()])
    baseline_period = PartialDateField("Utgångslägets tid", validators=[Voluntary()], description=PARTIAL)
    target_operator = EnumSelect("Målnivå", TargetOperator, empty="Ingen målnivå", validators=[Voluntary()])
    target_value = DecimalField("Målnivåns värde", validators=[Voluntary()])
    visibility = _visibility()

    def __init__(self, *, visibilities: Sequence[Visibility], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.visibility.offer(visibilities)

    def validate_desired_direction(self, field: Field) -> None:
        """Let no direction be better by itself where it must be interpreted."""
        kind = self.kind.data
        if isinstance(kind, IndicatorKind) and field.data:
            try:
                check_direction(kind, field.data)
            except DomainError as error:
                raise ValidationError(error.message) from None

    def validate(self, extra_validators: Any = None) -> bool:
        """Hold target value and "minst/högst" together."""
        valid = super().validate(extra_validators)
        has_value, has_operator = self.target_value.data is not None, self.target_operator.data is not None
        if has_value and not has_operator:
            self.target_operator.errors = ["Välj om målnivån är minst eller högst värdet."]
            return False
        if has_operator and not has_value and not self.target_value.errors:
            self.target_value.errors = ["Skriv målnivåns värde, eller välj Ingen målnivå."]
            return False
        return valid


class ObservationForm(VersionedForm):
    """What was observed: a value, a direction in the source's words, or a sentence."""

    starts = PartialDateField("Från", validators=[Voluntary()], description=PARTIAL)
    ends = PartialDateField("Till", validators=[Voluntary()], description="Lämna tomt om tiden är en enda.")
    period_text = TextField(
        "Tiden med källans ord", validators=[Voluntary(), Limit(60)], description="Till exempel sedan 2014."
    )
    value = DecimalField("Värde", validators=[Voluntary()])
    numerator = DecimalField("Antal", validators=[Voluntary()])
    area_hectares = DecimalField("Yta i hektar", validators=[Voluntary()])
    is_approximate = Tick("Värdet är ungefärligt (omkring)")
    direction = EnumSelect(
        "Riktning i ord",
        QualitativeDirection,
        empty="Ingen",
        validators=[Voluntary()],
        description="När källan säger åt vilket håll, men inte hur mycket.",
    )
    statement = TextArea("Beskrivning", validators=[Voluntary(), Limit(500)])
    origin = TextField(
        "Varifrån kommer uppgiften?",
        validators=[
            Needed("Skriv var uppgiften kommer ifrån, till exempel Attitydundersökning våren 2026."),
            Limit(200),
        ],
    )
    visibility = _visibility()

    def __init__(self, *, is_rate: bool, visibilities: Sequence[Visibility], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.visibility.offer(visibilities)
        if is_rate:
            del self.value
        else:
            del self.numerator
            del self.area_hectares

    def validate_ends(self, field: PartialDateField) -> None:
        """The end can't lie before the start."""
        start = self.starts.data
        if start and field.data and latest(field.data) < earliest(start):
            raise ValidationError("Till kan inte ligga före Från. Ändra någon av dem.")

    def validate_area_hectares(self, field: DecimalField) -> None:
        """The area is above zero, since the count is divided by it, and not too small for what comes of that."""
        if field.data is not None and field.data <= 0:
            raise ValidationError("Ytan ska vara större än noll.")
        if field.data and self.numerator.data and abs(self.numerator.data / field.data) >= LARGEST:
            raise ValidationError("Värdet per hektar blir för stort. Kontrollera antalet och ytan.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the time, and for something observed."""
        valid = super().validate(extra_validators)
        if not self.starts.data and not self.starts.errors and not self.ends.data and not self.period_text.data:
            self.starts.errors = ["Skriv när det gäller: ett år, en månad eller en dag."]
            valid = False
        return self._says_something() and valid

    def _says_something(self) -> bool:
        in_words = self.direction.data or self.statement.data
        if "value" in self:
            if self.value.data is None and not self.value.errors and not in_words:
                self.value.errors = ["Skriv ett värde, välj en riktning eller beskriv vad som iakttagits."]
                return False
            return True
        given = (self.numerator.data is not None, self.area_hectares.data is not None)
        if any(given) and not all(given) and not self.numerator.errors and not self.area_hectares.errors:
            missing = self.area_hectares if given[0] else self.numerator
            missing.errors = ["Skriv både antalet och ytan. Värdet per hektar räknas ut av dem."]
            return False
        if not any(given) and not in_words and not self.numerator.errors:
            self.numerator.errors = ["Skriv antal och yta, välj en riktning eller beskriv vad som iakttagits."]
            return False
        return True
