"""The agreement of an address, looked up inside its partnership and for its reader."""

from platssamverkan.agreements import queries
from platssamverkan.agreements.models import Agreement
from platssamverkan.partnerships.workspace import current_workspace


def agreement_or_404(agreement_id: int) -> Agreement:
    """Return the agreement with parties and commitments; 404 when the user may not know of it."""
    workspace = current_workspace()
    return queries.agreement_page(workspace.partnership.id, agreement_id, workspace.reader)
