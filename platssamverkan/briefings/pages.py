"""What the pages of a briefing share: who may change what, the forms with their choices, and the page itself."""

from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.briefings import limits, queries, services
from platssamverkan.briefings.forms import AttendanceForm, LineForm, StaffingForm
from platssamverkan.briefings.models import (
    BEGUN,
    SIGNATURE_LENGTH,
    Briefing,
    BriefingItem,
    BriefingSection,
    StaffingEntry,
)
from platssamverkan.briefings.sheet import sheet_of
from platssamverkan.core import clock, recurrence
from platssamverkan.core.fields import named
from platssamverkan.core.registry import registry
from platssamverkan.core.rendering import render_page, wants_fragment
from platssamverkan.core.visibility import Visibility
from platssamverkan.partnerships.queries import actor_choices
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

#: Where on the page a section stands; addresses of anchors are Swedish like all addresses.
ANCHORS = {
    BriefingSection.SITUATION: "lage",
    BriefingSection.COOPERATION: "overens",
    BriefingSection.COMING_DAYS: "kommande",
    BriefingSection.CONDITION: "skick",
    BriefingSection.HANDOVER: "overlamning",
}


def may_write_for_all(briefing: Briefing) -> bool:
    """Say whether the user writes for every actor here: the coordinator, and the actor that holds the briefing."""
    return _may_write_for(briefing.held_by_id)


def _may_write_for(actor_id: int | None) -> bool:
    rights = {"everything": Permission.MANAGE_BRIEFINGS, "own": Permission.FILL_BRIEFING}
    return current_workspace().may_change(actor_id, **rights)


def may_change_row(briefing: Briefing, actor_id: int | None, owner_actor_id: int | None) -> bool:
    """Say whether the user may change a line or staffing row of this actor."""
    return may_write_for_all(briefing) or _may_write_for(actor_id) or _may_write_for(owner_actor_id)


def own_row(model: type[queries.RowT], row_id: int) -> queries.RowT:
    """Return the line or staffing row to be changed; 404 when it is not to be seen, 403 when it is another actor's."""
    workspace = current_workspace()
    row = queries.row_here(model, row_id, workspace.partnership.id, workspace.reader)
    if not may_change_row(row.briefing, row.actor_id, row.owner_actor_id):
        abort(403)
    return row


def actor_options(briefing: Briefing) -> list[tuple[int, str]]:
    """Return (id, name) of the actors that the user may write for."""
    workspace = current_workspace()
    if may_write_for_all(briefing):
        return actor_choices(workspace.partnership.id)
    return workspace.actors_with(Permission.FILL_BRIEFING)


def prepare(
    form: Any,
    briefing: Briefing,
    section: BriefingSection | None = None,
    *,
    row: BriefingItem | StaffingEntry | None = None,
) -> Any:
    """Return the line or staffing form with its choices, as long as its section allows; `row` is what it changes."""
    # Never public, and nothing that the writer could not read.
    readable = current_workspace().visibilities(row.owner_actor_id if row else None)
    form.visibility.offer(one for one in readable if one is not Visibility.PUBLIC)
    form.actor_id.offer(actor_options(briefing), kept=named(row.actor if row else None))
    if section is not None:
        form.fit(section)
    return form


def new_line_form(briefing: Briefing, section: BriefingSection, **formdata: None) -> LineForm:
    """Return the form for a new line; its fields carry the section in their names. With `formdata=None` it is empty."""
    form = LineForm(prefix=section.value, data={"actor_id": current_workspace().actor.id}, **formdata)
    prepared: LineForm = prepare(form, briefing, section)
    return prepared


def new_staffing_form(briefing: Briefing, **formdata: None) -> StaffingForm:
    """Return the form for a new staffing row; with `formdata=None` an empty one."""
    form = StaffingForm(prefix="staffing", data={"actor_id": current_workspace().actor.id}, **formdata)
    prepared: StaffingForm = prepare(form, briefing)
    return prepared


def new_attendance_form(**formdata: None) -> AttendanceForm:
    """Return the form for someone who was not expected; any actor that takes part. With `formdata=None` it is empty."""
    form = AttendanceForm(prefix="attendance", **formdata)
    form.actor_id.offer(actor_choices(current_workspace().partnership.id))
    return form


def render_sheet(briefing_id: int, form: Any = None, *, status: int = 200) -> Response:
    """Return the page of the briefing; `form` is the one with errors, shown in place of its empty twin."""
    workspace = current_workspace()
    sheet = sheet_of(briefing_id, workspace.partnership.id, workspace.reader)
    briefing = sheet.briefing
    now = clock.now()
    fills = workspace.allows(Permission.FILL_BRIEFING)
    is_open = fills and services.may_fill(briefing, now)
    if form is not None and not is_open:
        # It was closed or moved while this was written: the sheet has no field left that could show it.
        raise services.Closed(services.WHY_CLOSED[briefing.state])
    lines = [line for section in BriefingSection for line in sheet.lines(section)]
    context: dict[str, Any] = {
        "sheet": sheet,
        "briefing": briefing,
        "holiday": recurrence.holiday_name(clock.to_local(briefing.starts_at).date()),
        "now": now,
        "is_open": is_open,
        "why_closed": services.WHY_CLOSED,
        "has_begun": briefing.state in BEGUN,
        "may_settle": fills and services.may_settle(briefing, now),
        "fills": fills,
        "manages": workspace.allows(Permission.MANAGE_BRIEFINGS),
        "sections": BriefingSection,
        "anchors": ANCHORS,
        "limits": limits,
        "may_change_row": may_change_row,
        "mentions": registry.mentions_of(
            "briefing_item", workspace.partnership.id, [line.id for line in lines], workspace.reader
        ),
        "forms_of": _forms(briefing, form) if is_open else {},
        "form": form,
    }
    return render_page("briefings/show.html", fragment="briefings/_sheet.html", status=status, **context)


def _forms(briefing: Briefing, wrong: Any) -> dict[str, Any]:
    # Posted values belong to one form only; the others are made as for a page that is asked for.
    made: dict[str, Any] = {
        section.value: new_line_form(briefing, section, formdata=None) for section in BriefingSection
    }
    made |= {
        "staffing": new_staffing_form(briefing, formdata=None),
        "attendance": new_attendance_form(formdata=None),
    }
    if wrong is not None:
        made[wrong._prefix.rstrip("-")] = wrong
    return made


def brought_up_to_date(closed: services.Closed) -> ResponseReturnValue:
    """Return the answer to a box that saves itself on a page older than what became of its briefing: it is loaded anew.
    Raises `closed` where the page is sent by a button."""
    if not wants_fragment():
        raise closed
    return "", 204, {"HX-Refresh": "true"}


def draft_key(briefing: Briefing, section: BriefingSection) -> str:
    """Return the key under which the browser keeps a line that is being written."""
    return f"briefing:{briefing.id}:{section.value}"


def signature() -> str:
    """Return how the user is named on the sheet: by function, never by name (R8). The actor is left out where there is
    no room for both."""
    function: str = current_user.function
    whole = f"{function}, {current_workspace().actor.name}"
    return whole if len(whole) <= SIGNATURE_LENGTH else function
