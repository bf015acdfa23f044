"""Forms of assessments: the assessment itself, and a correction of one that is approved."""

from collections.abc import Mapping, Sequence
from typing import Any

from platssamverkan.core.errors import DomainError
from platssamverkan.core.fields import EnumRadio, ExplainedSelect, IdMany, TextField, Tick
from platssamverkan.core.forms import BaseForm, TextArea, VersionedForm
from platssamverkan.core.validators import Limit, Needed, Voluntary
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.assessment_queries import EVIDENCE_KINDS
from platssamverkan.goals.assessment_services import check_evidence
from platssamverkan.goals.models import Grade


class AssessmentForm(VersionedForm):
    """The assessment of one goal for one period."""

    grade = EnumRadio("Bedömning", Grade, validators=[Needed("Välj en bedömning.")])
    motivation = TextArea("Motivering", validators=[Needed("Motivera bedömningen."), Limit(2000)])
    deviations = TextArea("Avvikelser", validators=[Voluntary(), Limit(1000)])
    continued_work = TextArea("Fortsatt arbete", validators=[Voluntary(), Limit(1000)])
    proposed_change = TextArea("Förslag till ändring av målet", validators=[Voluntary(), Limit(1000)])
    indicator = IdMany(EVIDENCE_KINDS["indicator"], validators=[Voluntary()])
    measure = IdMany(EVIDENCE_KINDS["measure"], validators=[Voluntary()])
    activation_event = IdMany(EVIDENCE_KINDS["activation_event"], validators=[Voluntary()])
    decision = IdMany(EVIDENCE_KINDS["decision"], validators=[Voluntary()])
    study = IdMany(EVIDENCE_KINDS["study"], validators=[Voluntary()])
    lacks_evidence = Tick("Underlag saknas")
    visibility = ExplainedSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)

    def __init__(
        self,
        *,
        choices: Mapping[str, Sequence[tuple[int, str]]],
        kept: Mapping[str, Sequence[int]],
        visibilities: Sequence[Visibility],
        **kwargs: Any,
    ) -> None:
        """`kept` is what the assessment rests on beyond the reader's sight: it stays, whatever is ticked."""
        super().__init__(**kwargs)
        self.kept = kept
        for kind in EVIDENCE_KINDS:
            self[kind].offer(choices.get(kind, ()))
        self.visibility.offer(visibilities)

    @property
    def evidence(self) -> dict[str, list[int]]:
        """Return kind → ids that the assessment rests on."""
        return {kind: [*(self[kind].data or []), *self.kept.get(kind, ())] for kind in EVIDENCE_KINDS}

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for evidence, or for the word that it lacks; never both."""
        valid = super().validate(extra_validators)
        try:
            check_evidence(self.evidence, self.lacks_evidence.data)
        except DomainError as error:
            self.lacks_evidence.errors = [error.message]
            return False
        return valid


class CorrectionForm(BaseForm):
    """A dated correction of an approved assessment."""

    text = TextArea("Rättelse", validators=[Needed("Skriv vad som rättas."), Limit(2000)])
    reason = TextField("Skäl", validators=[Needed("Skriv varför bedömningen rättas."), Limit(500)])
