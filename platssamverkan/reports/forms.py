"""The form that issues a document."""

from platssamverkan.core.fields import Limit, Needed, TextField, Voluntary
from platssamverkan.core.forms import BaseForm


class IssueForm(BaseForm):
    """Diary number and the function that approves."""

    diary_number = TextField("Diarienummer", validators=[Voluntary(), Limit(60)])
    function = TextField(
        "Fastställs av (funktion)",
        validators=[Needed("Skriv vilken funktion som fastställer dokumentet, till exempel Samordnare."), Limit(160)],
    )
