"""Pages of the items: what was said is saved § by §, the agenda is changed, actors are ticked off."""

from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.core import drafts
from platssamverkan.core.access import requires
from platssamverkan.core.addresses import asked_id
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.db import db
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.formatting import NBSP
from platssamverkan.core.rendering import render_page, wants_fragment
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.visibility import Visibility
from platssamverkan.meetings import item_services, pages, present, services
from platssamverkan.meetings.blueprint import bp, notes_key, open_item, open_meeting
from platssamverkan.meetings.forms import ItemForm, NewItemForm
from platssamverkan.meetings.minutes import minutes_document
from platssamverkan.meetings.models import MinutesItem
from platssamverkan.meetings.paragraphs import paragraph_numbers
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace


def _at(item: MinutesItem) -> str:
    # Without an anchor: the page puts the focus on what it says beside the §.
    return url_for("meetings.show_item", meeting_id=item.meeting_id, item_id=item.id)


def _paragraph(item: MinutesItem) -> str:
    number = paragraph_numbers([item.meeting_id])[item.id]
    return f"§{NBSP}{number}"


@bp.get("/<int:meeting_id>/punkt/<int:item_id>")
@requires(Permission.READ)
def show_item(meeting_id: int, item_id: int) -> ResponseReturnValue:
    return pages.minutes_page(meeting_id, item_id, draft=request.args.get("utkast") == "1")


@bp.post("/<int:meeting_id>/punkt/<int:item_id>")
@requires(Permission.MANAGE_MEETINGS)
def write_item(meeting_id: int, item_id: int) -> ResponseReturnValue:
    meeting, item = open_item(meeting_id, item_id)
    form = pages.notes_form(item)
    if not form.validate_on_submit():
        return pages.minutes_page(meeting_id, item_id, posted=pages.Posted(notes=form), status=422)
    try:
        item_services.write_item(meeting, item, text=form.text.data, version=form.version.data, base=form.base.data)
    except EditConflict:
        form.text.label.text = f"{_paragraph(item)} {item.heading}"
        saved = {"text": item.text, "version": item.version}
        title, drafted = f"{item.heading}: två texter", {"text": notes_key(item.id)}
        return conflict_page(form, saved, title=title, cancel_url=_at(item), drafts=drafted)
    drafts.settle(current_user.id, notes_key(item.id))
    return commit_and_go(f"{_paragraph(item)} är sparad.", _at(item))


def _item_form(form: Any, item: MinutesItem | None = None) -> Any:
    form.visibility.offer(current_workspace().visibilities(item.owner_actor_id if item else None))
    return form


def _new_form(meeting_id: int) -> NewItemForm:
    workspace = current_workspace()
    form: NewItemForm = _item_form(NewItemForm(data={"visibility": Visibility.PARTNERSHIP}))
    paragraphs = minutes_document(meeting_id, workspace.partnership.id, workspace.reader).paragraphs
    form.after_id.offer([(one.item.id, f"{one.number}. {one.heading}") for one in paragraphs])
    return form


@bp.get("/<int:meeting_id>/punkt/ny")
@requires(Permission.MANAGE_MEETINGS)
def new_item(meeting_id: int) -> ResponseReturnValue:
    meeting = open_meeting(meeting_id)
    form = _new_form(meeting.id)
    form.after_id.data = asked_id("efter")
    return render_template("meetings/item_form.html", form=form, meeting=meeting, item=None)


@bp.post("/<int:meeting_id>/punkt/ny")
@requires(Permission.MANAGE_MEETINGS)
def add_item(meeting_id: int) -> ResponseReturnValue:
    meeting = open_meeting(meeting_id)
    form = _new_form(meeting.id)
    if not form.validate_on_submit():
        return render_template("meetings/item_form.html", form=form, meeting=meeting, item=None), 422
    item = item_services.add_item(
        meeting,
        heading=form.heading.data or "",
        minutes_planned=form.minutes_planned.data,
        visibility=form.visibility.data,
        owner_actor_id=current_workspace().actor.id,
        after=open_item(meeting_id, form.after_id.data)[1] if form.after_id.data else None,
    )
    return commit_and_go("Punkten är tillagd.", _at(item))


@bp.post("/<int:meeting_id>/ta-upp")
@requires(Permission.MANAGE_MEETINGS)
def take_up(meeting_id: int) -> ResponseReturnValue:
    """Put a line of a briefing on the agenda."""
    workspace = current_workspace()
    meeting = open_meeting(meeting_id)
    wanted = request.form.get("briefing_item_id", type=int)
    line = next((one for one in pages.raised_lines(workspace) if one.id == wanted), None)
    if line is None:
        abort(404)
    item = item_services.take_up(meeting, line, owner_actor_id=workspace.actor.id)
    return commit_and_go("Punkten från utställningen står nu på dagordningen.", _at(item))


@bp.get("/<int:meeting_id>/punkt/<int:item_id>/andra")
@requires(Permission.MANAGE_MEETINGS)
def edit_item(meeting_id: int, item_id: int) -> ResponseReturnValue:
    meeting, item = open_item(meeting_id, item_id)
    form = _item_form(ItemForm(obj=item), item)
    return render_template("meetings/item_form.html", form=form, meeting=meeting, item=item)


@bp.post("/<int:meeting_id>/punkt/<int:item_id>/andra")
@requires(Permission.MANAGE_MEETINGS)
def change_item(meeting_id: int, item_id: int) -> ResponseReturnValue:
    meeting, item = open_item(meeting_id, item_id)
    form = _item_form(ItemForm(obj=item), item)
    if not form.validate_on_submit():
        return render_template("meetings/item_form.html", form=form, meeting=meeting, item=item), 422
    values = {name: form[name].data for name in ("heading", "minutes_planned", "visibility")}
    try:
        item_services.change_item(
            meeting, item, version=form.version.data, owner_actor_id=current_workspace().actor.id, **values
        )
    except EditConflict:
        saved = {name: getattr(item, name) for name in (*values, "version")}
        return conflict_page(form, saved, title="Ändra punkt", cancel_url=_at(item))
    return commit_and_go("Punkten är sparad.", _at(item))


@bp.post("/<int:meeting_id>/punkt/<int:item_id>/flytta")
@requires(Permission.MANAGE_MEETINGS)
def move_item(meeting_id: int, item_id: int) -> ResponseReturnValue:
    meeting, item = open_item(meeting_id, item_id)
    item_services.move_item(meeting, item, up=request.form.get("riktning") == "upp", reader=current_workspace().reader)
    return commit_and_go(f"Punkten är nu {_paragraph(item)}.", _at(item))


@bp.get("/<int:meeting_id>/punkt/<int:item_id>/ta-bort")
@requires(Permission.MANAGE_MEETINGS)
def ask_remove_item(meeting_id: int, item_id: int) -> ResponseReturnValue:
    meeting, item = open_item(meeting_id, item_id)
    return render_template("meetings/remove_item.html", meeting=meeting, item=item)


@bp.post("/<int:meeting_id>/punkt/<int:item_id>/ta-bort")
@requires(Permission.MANAGE_MEETINGS)
def remove_item(meeting_id: int, item_id: int) -> ResponseReturnValue:
    meeting, item = open_item(meeting_id, item_id)
    item_services.remove_item(meeting, item)
    return commit_and_go("Punkten är borttagen.", url_for("meetings.show", meeting_id=meeting_id))


@bp.post("/<int:meeting_id>/narvaro")
@requires(Permission.MANAGE_MEETINGS)
def save_attendance(meeting_id: int) -> ResponseReturnValue:
    """Save who is there; asked by each tick where scripts run, else by the button."""
    workspace = current_workspace()
    meeting = open_meeting(meeting_id)
    called = present.seats(minutes_document(meeting.id, workspace.partnership.id, workspace.reader))
    item_services.save_attendance(
        meeting, present.posted_answers(called), {seat.actor_id: seat.function for seat in called}
    )
    if wants_fragment():
        minutes = minutes_document(meeting_id, workspace.partnership.id, workspace.reader)
        context: dict[str, Any] = {
            "meeting": minutes.meeting,
            "seats": present.seats(minutes),
            "writes": True,
            "saved": True,
        }
        response = render_page("meetings/_attendance.html", **context)
        db.session.commit()
        return response
    back = request.form.get("punkt", type=int)
    url = url_for("meetings.show", meeting_id=meeting_id)
    if back:
        url = url_for("meetings.show_item", meeting_id=meeting_id, item_id=back)
    return commit_and_go("Närvaron är sparad.", url)


@bp.post("/<int:meeting_id>/hallet")
@requires(Permission.MANAGE_MEETINGS)
def hold(meeting_id: int) -> ResponseReturnValue:
    services.hold_meeting(open_meeting(meeting_id))
    return commit_and_go(
        "Minnesanteckningarna är ett utkast tills de godkänns.", url_for("meetings.show", meeting_id=meeting_id)
    )
