"""Pages: the parties of an agreement."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.agreements import queries, services
from platssamverkan.agreements.forms import PartyForm, party_form, saved_party
from platssamverkan.agreements.lookup import agreement_or_404
from platssamverkan.agreements.models import Agreement, AgreementParty
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.partnerships.hanging import RowsHang
from platssamverkan.partnerships.queries import actor_choices
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

bp = Blueprint("agreement_parties", __name__, url_prefix="/samverkan/<slug>/avtal/<int:agreement_id>/parter")


def _form(agreement: Agreement, party: AgreementParty | None) -> PartyForm:
    return party_form(agreement, party, actor_choices(current_workspace().partnership.id))


def _page(agreement: Agreement, party: AgreementParty | None, form: PartyForm, status: int = 200) -> Response:
    return render_page("agreements/party.html", agreement=agreement, party=party, form=form, status=status)


def _values(form: PartyForm) -> dict[str, object]:
    values: dict[str, object] = {name: form[name].data or None for name in ("actor_id", "name", "joined", "withdrew")}
    return values | {"is_participant_only": bool(form.is_participant_only.data)}


@bp.get("/ny")
@requires(Permission.MANAGE_AGREEMENTS)
def new(agreement_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    return _page(agreement, None, _form(agreement, None))


@bp.post("/ny")
@requires(Permission.MANAGE_AGREEMENTS)
def create(agreement_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    form = _form(agreement, None)
    if not form.validate_on_submit():
        return _page(agreement, None, form, 422)
    services.add_party(agreement, values=_values(form))
    return commit_and_go("Parten är tillagd.", url_for("agreements.show", agreement_id=agreement.id))


@bp.get("/<int:party_id>/andra")
@requires(Permission.MANAGE_AGREEMENTS)
def edit(agreement_id: int, party_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    party = queries.party(agreement, party_id)
    return _page(agreement, party, _form(agreement, party))


@bp.post("/<int:party_id>/andra")
@requires(Permission.MANAGE_AGREEMENTS)
def edit_post(agreement_id: int, party_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    party = queries.party(agreement, party_id)
    form = _form(agreement, party)
    if not form.validate_on_submit():
        return _page(agreement, party, form, 422)
    agreement_url = url_for("agreements.show", agreement_id=agreement.id)
    try:
        services.change_party(agreement, party, posted_version=form.version.data, values=_values(form))
    except EditConflict:
        return conflict_page(form, saved_party(party), title="Ändra part", cancel_url=agreement_url)
    return commit_and_go("Parten är sparad.", agreement_url)


@bp.get("/<int:party_id>/ta-bort")
@requires(Permission.MANAGE_AGREEMENTS)
def remove(agreement_id: int, party_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    party = queries.party(agreement, party_id)
    held = services.commitments_held(party)
    name = queries.party_name(party)
    return render_page("agreements/party_remove.html", agreement=agreement, party=party, name=name, held=held)


@bp.post("/<int:party_id>/ta-bort")
@requires(Permission.MANAGE_AGREEMENTS)
def remove_post(agreement_id: int, party_id: int) -> ResponseReturnValue:
    agreement = agreement_or_404(agreement_id)
    party = queries.party(agreement, party_id)
    name = queries.party_name(party)
    try:
        services.remove_party(party)
    except RowsHang:
        held = services.commitments_held(party)
        return render_page(
            "agreements/party_remove.html", agreement=agreement, party=party, name=name, held=held, status=409
        )
    return commit_and_go(f"{name} är borttagen ur avtalet.", url_for("agreements.show", agreement_id=agreement_id))
