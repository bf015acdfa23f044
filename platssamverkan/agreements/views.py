"""Pages: agreements."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.agreements import commitment_views, lists, party_views, queries, services
from platssamverkan.agreements.forms import (
    SAME,
    AgreementForm,
    ProlongForm,
    agreement_form,
    prolong_form,
    saved_agreement,
    saved_for_successor,
)
from platssamverkan.agreements.lookup import agreement_or_404
from platssamverkan.agreements.models import Agreement
from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import READERS, build_table, file_response, wants_file
from platssamverkan.partnerships.hanging import RowsHang
from platssamverkan.partnerships.names import lines
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

bp = Blueprint("agreements", __name__, url_prefix="/samverkan/<slug>/avtal")
blueprints = [bp, party_views.bp, commitment_views.bp]


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    workspace = current_workspace()
    partnership_id, reader = workspace.partnership.id, workspace.reader
    actors = lists.party_actors(partnership_id, reader)
    table = build_table(*lists.agreements(partnership_id, reader, actors, export=wants_file()), export=wants_file())
    if wants_file():
        return file_response(table, "avtal", [*table.columns, READERS])
    return render_page(
        "agreements/index.html", fragment="agreements/_list.html", table=table,
        fulfilment=queries.fulfilment(partnership_id, reader), parties=lists.parties_of([row.id for row in table.rows]),
        may_change=workspace.allows(Permission.MANAGE_AGREEMENTS),
    )  # fmt: skip


@bp.get("/<int:agreement_id>")
@requires(Permission.READ)
def show(agreement_id: int) -> ResponseReturnValue:
    workspace = current_workspace()
    partnership_id, reader = workspace.partnership.id, workspace.reader
    agreement = queries.agreement_with_parties(partnership_id, agreement_id, reader)
    commitments = queries.commitments_shown(agreement_id)
    return render_page(
        "agreements/show.html", agreement=agreement, commitments=commitments, chain=queries.chain_of(agreement, reader),
        parties={party.id: party for party in agreement.parties}, period=queries.period(agreement),
        party_name=queries.party_name, target=queries.target, outcome=queries.outcome,
        standing=agreement.standing_on(clock.today()), may_change=workspace.allows(Permission.MANAGE_AGREEMENTS),
    )  # fmt: skip


def _form(agreement: Agreement | None) -> AgreementForm:
    workspace = current_workspace()
    others = queries.other_agreements(
        workspace.partnership.id, workspace.reader, but=agreement.id if agreement else None
    )
    return agreement_form(agreement, others, workspace.reader, workspace.actor.id)


def _values(form: AgreementForm) -> dict[str, object]:
    values: dict[str, object] = {name: form[name].data or None for name in SAME}
    return values | {"focus_areas": lines(form.focus_areas.data)}


@bp.get("/nytt")
@requires(Permission.MANAGE_AGREEMENTS)
def new() -> ResponseReturnValue:
    return render_page("agreements/new.html", form=_form(None))


@bp.post("/nytt")
@requires(Permission.MANAGE_AGREEMENTS)
def create() -> ResponseReturnValue:
    form, workspace = _form(None), current_workspace()
    if not form.validate_on_submit():
        return render_page("agreements/new.html", form=form, status=422)
    try:
        agreement = services.create_agreement(
            partnership_id=workspace.partnership.id, owner_actor_id=workspace.actor.id, values=_values(form)
        )
    except services.AlreadyProlonged as error:
        form.extends_id.errors = [error.message]
        return render_page("agreements/new.html", form=form, status=422)
    return commit_and_go(
        "Avtalet är sparat. Lägg till parter och åtaganden.", url_for(".show", agreement_id=agreement.id)
    )


def _edit_page(agreement: Agreement, form: AgreementForm, status: int = 200) -> Response:
    return render_page("agreements/edit.html", agreement=agreement, form=form, status=status)


@bp.get("/<int:agreement_id>/andra")
@requires(Permission.MANAGE_AGREEMENTS)
def edit(agreement_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    return _edit_page(agreement, _form(agreement))


@bp.post("/<int:agreement_id>/andra")
@requires(Permission.MANAGE_AGREEMENTS)
def edit_post(agreement_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    form = _form(agreement)
    if not form.validate_on_submit():
        return _edit_page(agreement, form, 422)
    owner = current_workspace().actor.id
    try:
        services.change_agreement(
            agreement, posted_version=form.version.data, owner_actor_id=owner, values=_values(form)
        )
    except EditConflict:
        cancel_url = url_for(".show", agreement_id=agreement.id)
        return conflict_page(form, saved_agreement(agreement), title="Ändra avtal", cancel_url=cancel_url)
    except (services.AlreadyProlonged, services.Circle) as error:
        form.extends_id.errors = [error.message]
        return _edit_page(agreement, form, 422)
    except services.PartiesOutside as error:
        form[error.field].errors = [error.message]
        return _edit_page(agreement, form, 422)
    return commit_and_go("Avtalet är sparat.", url_for(".show", agreement_id=agreement.id))


def _prolong_page(agreement: Agreement, form: ProlongForm, status: int = 200) -> Response:
    return render_page("agreements/prolong.html", agreement=agreement, form=form, status=status)


@bp.get("/<int:agreement_id>/forlang")
@requires(Permission.MANAGE_AGREEMENTS)
def prolong(agreement_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    return _prolong_page(agreement, prolong_form(agreement))


@bp.post("/<int:agreement_id>/forlang")
@requires(Permission.MANAGE_AGREEMENTS)
def prolong_post(agreement_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    form = prolong_form(agreement)
    if not form.validate_on_submit():
        return _prolong_page(agreement, form, 422)
    try:
        successor = services.prolong(
            agreement, posted_version=form.version.data, title=form.title.data or "", starts=form.starts.data,
            ends=form.ends.data, party_ids=form.party_ids.data or [],
        )  # fmt: skip
    except EditConflict:
        cancel_url = url_for(".show", agreement_id=agreement.id)
        return conflict_page(form, saved_for_successor(agreement), title="Förläng avtal", cancel_url=cancel_url)
    except services.AlreadyProlonged as error:
        form.title.errors = [error.message]
        return _prolong_page(agreement, form, 422)
    return commit_and_go("Avtalet är förlängt. Här är det nya.", url_for(".show", agreement_id=successor.id))


@bp.get("/<int:agreement_id>/ta-bort")
@requires(Permission.MANAGE_AGREEMENTS)
def remove(agreement_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    held = services.what_holds(agreement)
    return render_page("agreements/remove.html", agreement=agreement, held=held)


@bp.post("/<int:agreement_id>/ta-bort")
@requires(Permission.MANAGE_AGREEMENTS)
def remove_post(agreement_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    try:
        services.remove_agreement(agreement)
    except RowsHang:
        held = services.what_holds(agreement)
        return render_page("agreements/remove.html", agreement=agreement, held=held, status=409)
    return commit_and_go("Avtalet är borttaget.", url_for(".index"))
