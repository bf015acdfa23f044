"""Pages: what the parties have bound themselves to, and what has come of it."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.agreements import lists, queries, services
from platssamverkan.agreements.forms import CommitmentForm, FollowUpForm, commitment_form
from platssamverkan.agreements.lookup import agreement_or_404
from platssamverkan.agreements.models import Agreement, Commitment
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table, file_response, wants_file
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

bp = Blueprint("commitments", __name__, url_prefix="/samverkan/<slug>/avtal")
ONE = "/<int:agreement_id>/ataganden"
FIELDS = ("text", "party_id", "together_with", "kind", "recurrence", "target_count")
DONE = ("done_count", "done_period", "done_note")


@bp.get("/ataganden")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    workspace = current_workspace()
    partnership_id, reader = workspace.partnership.id, workspace.reader
    table = build_table(*lists.commitments(partnership_id, reader, export=wants_file()), export=wants_file())
    if wants_file():
        return file_response(table, "ataganden", [*table.columns, lists.DONE_PERIOD, lists.READERS])
    return render_page(
        "agreements/commitments.html", fragment="agreements/_commitments.html", table=table,
        fulfilment=queries.fulfilment(partnership_id, reader), target=queries.target, outcome=queries.outcome,
    )  # fmt: skip


def _page(agreement: Agreement, row: Commitment | None, form: CommitmentForm, status: int = 200) -> Response:
    return render_page("agreements/commitment.html", agreement=agreement, commitment=row, form=form, status=status)


def _values(form: CommitmentForm) -> dict[str, object]:
    values: dict[str, object] = {name: form[name].data or None for name in FIELDS}
    return values | {"is_joint": bool(form.is_joint.data)}


def _saved(row: Commitment, message: str) -> ResponseReturnValue:
    anchor = f"atagande-{row.number}"
    return commit_and_go(message, url_for("agreements.show", agreement_id=row.agreement_id, _anchor=anchor))


@bp.get(f"{ONE}/nytt")
@requires(Permission.MANAGE_AGREEMENTS)
def new(agreement_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    return _page(agreement, None, commitment_form(agreement, None))


@bp.post(f"{ONE}/nytt")
@requires(Permission.MANAGE_AGREEMENTS)
def create(agreement_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    form = commitment_form(agreement, None)
    if not form.validate_on_submit():
        return _page(agreement, None, form, 422)
    row = services.add_commitment(agreement, values=_values(form))
    return _saved(row, f"Åtagande {row.number} är tillagt.")


@bp.get(f"{ONE}/<int:commitment_id>/andra")
@requires(Permission.MANAGE_AGREEMENTS)
def edit(agreement_id: int, commitment_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    row = queries.commitment(agreement, commitment_id)
    return _page(agreement, row, commitment_form(agreement, row))


@bp.post(f"{ONE}/<int:commitment_id>/andra")
@requires(Permission.MANAGE_AGREEMENTS)
def edit_post(agreement_id: int, commitment_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    row = queries.commitment(agreement, commitment_id)
    form = commitment_form(agreement, row)
    if not form.validate_on_submit():
        return _page(agreement, row, form, 422)
    try:
        services.change_commitment(row, posted_version=form.version.data, values=_values(form))
    except EditConflict:
        saved = {name: getattr(row, name) for name in (*FIELDS, "is_joint", "version")}
        cancel_url = url_for("agreements.show", agreement_id=agreement.id)
        return conflict_page(form, saved, title=f"Ändra åtagande {row.number}", cancel_url=cancel_url)
    return _saved(row, f"Åtagande {row.number} är sparat.")


def _follow_up_page(agreement: Agreement, row: Commitment, form: FollowUpForm, status: int = 200) -> Response:
    return render_page(
        "agreements/follow_up.html", agreement=agreement, commitment=row, target=queries.target(row), form=form,
        status=status,
    )  # fmt: skip


@bp.get(f"{ONE}/<int:commitment_id>/folj-upp")
@requires(Permission.MANAGE_AGREEMENTS)
def follow_up(agreement_id: int, commitment_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    row = queries.commitment(agreement, commitment_id)
    form = FollowUpForm(data={name: getattr(row, name) for name in (*DONE, "version")})
    return _follow_up_page(agreement, row, form)


@bp.post(f"{ONE}/<int:commitment_id>/folj-upp")
@requires(Permission.MANAGE_AGREEMENTS)
def follow_up_post(agreement_id: int, commitment_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    row = queries.commitment(agreement, commitment_id)
    form = FollowUpForm()
    if not form.validate_on_submit():
        return _follow_up_page(agreement, row, form, 422)
    texts: dict[str, object] = {name: form[name].data or None for name in ("done_period", "done_note")}
    values = texts | {"done_count": form.done_count.data}
    try:
        services.change_commitment(row, posted_version=form.version.data, values=values)
    except EditConflict:
        saved = {name: getattr(row, name) for name in (*DONE, "version")}
        cancel_url = url_for("agreements.show", agreement_id=agreement.id)
        return conflict_page(form, saved, title=f"Följ upp åtagande {row.number}", cancel_url=cancel_url)
    return _saved(row, f"Uppföljningen av åtagande {row.number} är sparad.")


@bp.get(f"{ONE}/<int:commitment_id>/ta-bort")
@requires(Permission.MANAGE_AGREEMENTS)
def remove(agreement_id: int, commitment_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    row = queries.commitment(agreement, commitment_id)
    return render_page("agreements/commitment_remove.html", agreement=agreement, commitment=row)


@bp.post(f"{ONE}/<int:commitment_id>/ta-bort")
@requires(Permission.MANAGE_AGREEMENTS)
def remove_post(agreement_id: int, commitment_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    row = queries.commitment(agreement, commitment_id)
    services.remove_commitment(row)
    return commit_and_go(f"Åtagande {row.number} är borttaget.", url_for("agreements.show", agreement_id=agreement.id))
