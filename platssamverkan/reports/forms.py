"""The forms that write the summing up of a period, correct it, and issue a document."""

from collections.abc import Sequence
from typing import Any

from platssamverkan.core.fields import ExplainedSelect, TextField
from platssamverkan.core.forms import BaseForm, TextArea, VersionedForm
from platssamverkan.core.validators import Limit, Needed, Voluntary
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.assessment_forms import CorrectionForm


class IssueForm(BaseForm):
    """Diary number and the function that approves."""

    diary_number = TextField("Diarienummer", validators=[Voluntary(), Limit(60)])
    function = TextField(
        "Fastställs av (funktion)",
        validators=[Needed("Skriv vilken funktion som fastställer dokumentet, till exempel Samordnare."), Limit(160)],
    )


class SummaryForm(VersionedForm):
    """The summing up of a period."""

    text = TextArea(
        "Sammanfattande bedömning",
        validators=[Needed("Skriv den sammanfattande bedömningen."), Limit(6000)],
        description="Vad har uppnåtts under perioden, vad återstår och varför? Lämna en tom rad mellan stycken.",
    )
    visibility = ExplainedSelect("Vem får läsa?", Visibility, default=Visibility.PARTNERSHIP)

    def __init__(self, *, visibilities: Sequence[Visibility], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # It stands in documents, and nothing internal to one actor ever does.
        self.visibility.offer(one for one in visibilities if one is not Visibility.ACTOR_INTERNAL)


class SummaryCorrectionForm(CorrectionForm):
    """A dated correction of an issued summing up."""

    reason = TextField("Skäl", validators=[Needed("Skriv varför texten rättas."), Limit(500)])
