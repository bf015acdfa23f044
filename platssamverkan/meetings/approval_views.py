"""Approving minutes, which locks them, and correcting them afterwards."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.errors import DomainError, EditConflict
from platssamverkan.core.saving import commit_and_go
from platssamverkan.meetings import queries, services
from platssamverkan.meetings.blueprint import bp, open_meeting, the_meeting
from platssamverkan.meetings.forms import ApprovalForm, CorrectionForm
from platssamverkan.meetings.minutes import Minutes, minutes_document
from platssamverkan.meetings.models import MeetingState
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace


def _minutes(meeting_id: int) -> Minutes:
    workspace = current_workspace()
    return minutes_document(meeting_id, workspace.partnership.id, workspace.reader)


def _approval_page(form: ApprovalForm, minutes: Minutes) -> str:
    meeting = minutes.meeting
    early = clock.now() < meeting.starts_at
    return render_template("meetings/approve.html", form=form, minutes=minutes, meeting=meeting, early=early)


@bp.get("/<int:meeting_id>/godkann")
@requires(Permission.MANAGE_MEETINGS)
def ask_approve(meeting_id: int) -> ResponseReturnValue:
    open_meeting(meeting_id)
    minutes = _minutes(meeting_id)
    form = ApprovalForm(
        data={
            "version": minutes.meeting.version,
            "by_function": minutes.meeting.chair or current_user.function,
            "mark": minutes.mark,
        }
    )
    return _approval_page(form, minutes)


@bp.post("/<int:meeting_id>/godkann")
@requires(Permission.MANAGE_MEETINGS)
def approve(meeting_id: int) -> ResponseReturnValue:
    meeting = open_meeting(meeting_id)
    minutes = _minutes(meeting_id)
    form = ApprovalForm()
    status = 422
    if form.validate_on_submit():
        try:
            if form.mark.data != minutes.mark:
                raise EditConflict
            services.approve_minutes(
                meeting,
                version=form.version.data,
                by_function=form.by_function.data or "",
                by_user_id=current_user.id,
            )
        except EditConflict:
            # What is shown now is what the next press approves.
            form.version.raw_data, form.version.data, form.mark.data = None, meeting.version, minutes.mark
            message = "Anteckningarna har ändrats sedan du öppnade sidan. Läs igenom dem igen och godkänn sedan."
            form.form_errors, status = [message], 409
        except DomainError as error:
            form.form_errors, status = [error.message], error.status
        else:
            url = url_for("meetings.show", meeting_id=meeting_id)
            return commit_and_go("Minnesanteckningarna är godkända och låsta.", url)
    return _approval_page(form, minutes), status


def _correction_form(minutes: Minutes) -> CorrectionForm:
    form = CorrectionForm(data={"by_function": current_user.function})
    form.item_id.offer([(one.item.id, f"§ {one.number} {one.heading}") for one in minutes.paragraphs])
    return form


def _approved(meeting_id: int) -> Minutes:
    minutes = _minutes(meeting_id)
    if minutes.meeting.state is not MeetingState.APPROVED:
        raise DomainError("Minnesanteckningarna är inte godkända än. Ändra texten direkt.")
    return minutes


@bp.get("/<int:meeting_id>/ratta")
@requires(Permission.MANAGE_MEETINGS)
def ask_correct(meeting_id: int) -> ResponseReturnValue:
    minutes = _approved(meeting_id)
    return render_template("meetings/correct.html", form=_correction_form(minutes), meeting=minutes.meeting)


@bp.post("/<int:meeting_id>/ratta")
@requires(Permission.MANAGE_MEETINGS)
def correct(meeting_id: int) -> ResponseReturnValue:
    workspace = current_workspace()
    minutes = _approved(meeting_id)
    form = _correction_form(minutes)
    if not form.validate_on_submit():
        return render_template("meetings/correct.html", form=form, meeting=minutes.meeting), 422
    item_id = form.item_id.data
    services.correct_minutes(
        the_meeting(meeting_id),
        item=queries.item_or_404(item_id, meeting_id, workspace.reader) if item_id else None,
        text=form.text.data or "",
        reason=form.reason.data or "",
        by_function=form.by_function.data or "",
        owner_actor_id=workspace.actor.id,
    )
    return commit_and_go(
        "Rättelsen är sparad och står vid minnesanteckningarna.", url_for("meetings.show", meeting_id=meeting_id)
    )
