"""The blueprint, which the view modules of the room share, and what they all ask of the workspace."""

from flask import Blueprint

from platssamverkan.meetings import queries, services
from platssamverkan.meetings.models import Decision, Meeting, MinutesItem
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.services import lock_partnership
from platssamverkan.partnerships.workspace import beside, current_workspace

bp = Blueprint("meetings", __name__, url_prefix="/samverkan/<slug>/moten")


def may_write() -> bool:
    """Say whether the user may write in the partnership's meetings."""
    return current_workspace().allows(Permission.MANAGE_MEETINGS)


def the_meeting(meeting_id: int) -> Meeting:
    """Return the meeting of the workspace; 404 when there is none."""
    return queries.meeting_or_404(meeting_id, current_workspace().partnership.id)


def open_meeting(meeting_id: int) -> Meeting:
    """Return a meeting that can be written in; 404 when there is none. Raises `Locked` for approved minutes."""
    meeting = the_meeting(meeting_id)
    services.check_open(meeting)
    return meeting


def open_item(meeting_id: int, item_id: int) -> tuple[Meeting, MinutesItem]:
    """Return the meeting and the item, to be written in; 404 when there is none in sight."""
    meeting = open_meeting(meeting_id)
    return meeting, queries.item_or_404(item_id, meeting.id, current_workspace().reader)


def lock_for_decision() -> None:
    """Let no one else save here or where a measure of the decision may be laid. Comes before anything is read.

    The locks are taken in the same order everywhere: two forums that lay measures with each other never wait in a ring.
    """
    workspace = current_workspace()
    laid_in = [other.partnership.id for other in beside(workspace) if other.allows(Permission.MANAGE_MEASURES)]
    for partnership_id in sorted([workspace.partnership.id, *laid_in]):
        lock_partnership(partnership_id)


def open_decision(meeting_id: int, item_id: int, decision_id: int) -> tuple[Meeting, MinutesItem, Decision]:
    """Return the meeting, the item and the decision, to be changed; 404 when there is none in sight."""
    meeting, item = open_item(meeting_id, item_id)
    return meeting, item, queries.decision_or_404(decision_id, item.id, current_workspace().reader)


def notes_key(item_id: int) -> str:
    """Return the key under which the draft of an item's text is kept."""
    return f"minutes_item:{item_id}:text"


def decision_key(item_id: int) -> str:
    """Return the key under which the draft of a new decision is kept."""
    return f"minutes_item:{item_id}:decision"
