"""The page of one meeting: made in one place, for reading and writing, with and without errors in its forms."""

from dataclasses import dataclass, field
from typing import Any

from flask import Response, abort, make_response, render_template, url_for
from flask_login import current_user

from platssamverkan.core import clock, drafts
from platssamverkan.core.forms import BaseForm
from platssamverkan.core.registry import Mention, registry
from platssamverkan.goals.goal_queries import goal_choices
from platssamverkan.meetings import queries, services
from platssamverkan.meetings.agenda import follows_up, order_of_words
from platssamverkan.meetings.blueprint import decision_key, may_write, notes_key
from platssamverkan.meetings.forms import DecisionForm, Elsewhere, MeasureForm, NotesForm
from platssamverkan.meetings.item_services import fingerprint
from platssamverkan.meetings.minutes import Minutes, Paragraph, minutes_document
from platssamverkan.meetings.models import MeetingState, MinutesItem
from platssamverkan.meetings.present import seats
from platssamverkan.partnerships.queries import actor_choices
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import Workspace, beside, current_workspace, my_workspaces

#: So many measures may follow from one decision at a time.
MOST_MEASURES = 10


def raised_lines(workspace: Workspace) -> list[queries.BriefingLine]:
    """Return the lines of briefings that the user may put on an agenda."""
    return queries.raised_items(workspace.partnership.id, workspace.reader)


def notes_form(item: MinutesItem, **kwargs: Any) -> NotesForm:
    """Return the form of what was said under the item."""
    form = NotesForm(data={"text": item.text, "version": item.version, "base": fingerprint(item.text)}, **kwargs)
    form.text.description = order_of_words(item.heading)
    return form


def decision_form(item: MinutesItem, **kwargs: Any) -> DecisionForm:
    """Return the form of a new decision; it is read by those who read the item."""
    form = DecisionForm(data={"visibility": item.visibility}, prefix="beslut-", **kwargs)
    form.visibility.offer(current_workspace().visibilities(item.owner_actor_id))
    return form


def measure_forms(count: int) -> list[MeasureForm]:
    """Return `count` rows of new measures; at most as many as the page takes.

    A measure may serve the goal of a partnership beside this one, where the user may write measures.
    """
    workspace = current_workspace()
    actors = actor_choices(workspace.partnership.id)
    goals = goal_choices(workspace.partnership.id, reader=workspace.reader)
    elsewhere: dict[int, Elsewhere] = {}
    for other in beside(workspace):
        if other.allows(Permission.MANAGE_MEASURES):
            there = Elsewhere(other.partnership, frozenset(dict(actor_choices(other.partnership.id))))
            offered = goal_choices(other.partnership.id, reader=other.reader)
            goals += [(goal_id, f"{other.partnership.name}: {label}") for goal_id, label in offered]
            elsewhere |= {goal_id: there for goal_id, _ in offered}
    forms = []
    for number in range(max(1, min(count, MOST_MEASURES))):
        form = MeasureForm(prefix=f"atgard{number}-", meta={"csrf": False})
        form.responsible_actor_id.offer(actors)
        form.offer_goals(goals, elsewhere)
        forms.append(form)
    return forms


def _current(minutes: Minutes, item_id: int | None) -> Paragraph | None:
    """Return the § that is asked for, else the first that nothing is written under, else the first."""
    paragraphs = minutes.paragraphs
    if item_id is not None:
        found = next((one for one in paragraphs if one.item.id == item_id), None)
        if found is None:
            abort(404)
        return found
    if minutes.meeting.state is MeetingState.PLANNED:
        return paragraphs[0] if paragraphs else None
    return next((one for one in paragraphs if not one.is_written), paragraphs[0] if paragraphs else None)


@dataclass(frozen=True)
class Posted:
    """The forms that the page shows as they were posted; the others are shown as they are saved."""

    notes: NotesForm | None = None
    decision: DecisionForm | None = None
    measures: list[MeasureForm] = field(default_factory=list)

    @property
    def with_errors(self) -> BaseForm | None:
        """Return the first form that has errors."""
        forms = [form for form in (self.notes, self.decision, *self.measures) if form is not None]
        return next((form for form in forms if form.errors), None)


def minutes_page(
    meeting_id: int, item_id: int | None = None, *, posted: Posted | None = None, status: int = 200, draft: bool = False
) -> Response:
    """Return the page of the meeting at the § asked for; 404 for what is not in sight.

    :param draft: put what the user wrote and never saved into the text
    """
    workspace = current_workspace()
    minutes = minutes_document(meeting_id, workspace.partnership.id, workspace.reader)
    writes = may_write() and minutes.meeting.state in {MeetingState.PLANNED, MeetingState.HELD}
    current = _current(minutes, item_id)
    earlier = _earlier(minutes, current if writes else None, workspace)
    context: dict[str, Any] = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "writes": writes,
        "may_write": may_write(),
        "current": current if writes or item_id else None,
        "seats": seats(minutes),
        "today": clock.today(),
        "origins": _origins(minutes, workspace),
        "earlier": earlier,
        "takes_part": _takes_part(minutes, earlier, workspace),
        "follows_up": follows_up,
        "rests_on": _rests_on(minutes, workspace),
        "comes_back": writes and services.comes_back(minutes.meeting),
    }
    if writes and current:
        context |= _writing(minutes, current, workspace, posted or Posted(), use_draft=draft)
    return make_response(render_template("meetings/show.html", **context), status)


def _origins(minutes: Minutes, workspace: Workspace) -> dict[int, queries.BriefingLine]:
    ids = [one.item.briefing_item_id for one in minutes.paragraphs if one.item.briefing_item_id]
    return queries.briefing_lines(workspace.partnership.id, ids, workspace.reader)


def _rests_on(minutes: Minutes, workspace: Workspace) -> dict[int, list[Mention]]:
    """Return decision id → what rests on it, such as assessments of goals."""
    ids = [text.decision.id for paragraph in minutes.paragraphs for text in paragraph.decisions]
    return registry.mentions_of("decision", workspace.partnership.id, ids, workspace.reader)


def _takes_part(minutes: Minutes, earlier: list[queries.PastDecision], workspace: Workspace) -> set[int]:
    """Return the ids of the user's partnerships when a measure of the decisions lies in another than this one, so that
    the page can lead there."""
    texts = [text for paragraph in minutes.paragraphs for text in paragraph.decisions] + [past.text for past in earlier]
    laid_in = {measure.partnership_id for text in texts for measure in text.measures}
    if laid_in <= {workspace.partnership.id}:
        return set()
    return {mine.partnership.id for mine in my_workspaces(current_user.id, clock.today())}


def _earlier(minutes: Minutes, current: Paragraph | None, workspace: Workspace) -> list[queries.PastDecision]:
    shown = [current] if current else minutes.paragraphs
    if any(follows_up(one.heading) for one in shown):
        return queries.earlier_decisions(minutes.meeting, workspace.reader)
    return []


def _writing(
    minutes: Minutes, current: Paragraph, workspace: Workspace, posted: Posted, *, use_draft: bool
) -> dict[str, Any]:
    item = current.item
    kept = drafts.drafts_of(current_user.id, notes_key(item.id)).get(notes_key(item.id))
    draft = kept if kept and kept.text.strip() != (item.text or "") and posted.notes is None else None
    notes = posted.notes or notes_form(item, formdata=None)
    if use_draft and draft:
        notes.text.data, draft = draft.text, None
    place = next(n for n, one in enumerate(minutes.paragraphs) if one.item.id == item.id)
    return {
        "notes": notes,
        "draft": draft,
        "decision_form": posted.decision or decision_form(item, formdata=None),
        "decision_opened": posted.decision is not None,
        "measure_forms": posted.measures or measure_forms(1),
        "next_paragraph": minutes.paragraphs[place + 1] if place + 1 < len(minutes.paragraphs) else None,
        "raised": raised_lines(workspace),
        "form": posted.with_errors,
        "notes_key": notes_key(item.id),
        "decision_key": decision_key(item.id),
        "draft_url": url_for("accounts.keep_draft"),
    }
