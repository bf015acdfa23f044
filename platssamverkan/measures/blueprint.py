"""The blueprint, which the view modules of the room share, and what they all ask of the workspace."""

from flask import Blueprint, abort
from sqlalchemy.sql.base import ExecutableOption

from platssamverkan.measures import queries
from platssamverkan.measures.models import Measure
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

bp = Blueprint("measures", __name__, url_prefix="/samverkan/<slug>/atgarder")


def may_change(actor_id: int | None) -> bool:
    """Say whether the user may change a measure that `actor_id` answers for, or a problem that it has noted."""
    return current_workspace().may_change(
        actor_id, everything=Permission.MANAGE_MEASURES, own=Permission.EDIT_OWN_MEASURES
    )


def changeable_measure(measure_id: int, *options: ExecutableOption) -> Measure:
    """Return the measure with what forms need; 404 when it cannot be read, 403 when it is not the user's to change."""
    workspace = current_workspace()
    measure = queries.measure_or_404(
        measure_id,
        workspace.partnership.id,
        workspace.reader,
        *queries.form_options(),
        *options,
    )
    if not may_change(measure.responsible_actor_id):
        abort(403)
    return measure
