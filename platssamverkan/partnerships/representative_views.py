"""Pages: the functions that speak for an actor."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.partnerships import actor_queries
from platssamverkan.partnerships import actor_services as acts
from platssamverkan.partnerships.actor_forms import EndForm, RepresentativeForm, saved_representative
from platssamverkan.partnerships.actor_views import membership_or_404
from platssamverkan.partnerships.models import Representative
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

PREFIX = "/samverkan/<slug>/aktorer/<int:membership_id>/representanter"
bp = Blueprint("representatives", __name__, url_prefix=PREFIX)
FIELDS = ("function", "level", "valid_from", "valid_to")


def _person_or_404(membership_id: int, representative_id: int) -> Representative:
    return actor_queries.representative(current_workspace().partnership.id, membership_id, representative_id)


@bp.get("/ny")
@requires(Permission.MANAGE_ACTORS)
def new(membership_id: int) -> ResponseReturnValue:
    membership = membership_or_404(membership_id)
    first = None if acts.has_left(membership) else clock.today()
    form = RepresentativeForm(data={"valid_from": first, "valid_to": membership.left_on, "version": 0})
    return render_page("actors/representative.html", membership=membership, form=form)


@bp.post("/ny")
@requires(Permission.MANAGE_ACTORS)
def create(membership_id: int) -> ResponseReturnValue:
    membership = membership_or_404(membership_id)
    form = RepresentativeForm(left_on=membership.left_on)
    if not form.validate_on_submit():
        return render_page("actors/representative.html", membership=membership, form=form, status=422)
    person = acts.add_representative(
        membership, level=form.level.data, function=form.function.data or "", valid_from=form.valid_from.data,
        valid_to=form.valid_to.data,
    )  # fmt: skip
    return commit_and_go(f"{person.function} är tillagd.", url_for("actors.show", membership_id=membership.id))


@bp.get("/<int:representative_id>/andra")
@requires(Permission.MANAGE_ACTORS)
def edit(membership_id: int, representative_id: int) -> ResponseReturnValue:
    person = _person_or_404(membership_id, representative_id)
    form = RepresentativeForm(data=saved_representative(person))
    membership = membership_or_404(membership_id)
    return render_page("actors/representative.html", membership=membership, form=form, person=person)


@bp.post("/<int:representative_id>/andra")
@requires(Permission.MANAGE_ACTORS)
def edit_post(membership_id: int, representative_id: int) -> ResponseReturnValue:
    membership, person = membership_or_404(membership_id), _person_or_404(membership_id, representative_id)
    form = RepresentativeForm(left_on=membership.left_on)
    if not form.validate_on_submit():
        return render_page("actors/representative.html", membership=membership, form=form, person=person, status=422)
    values = {name: form[name].data or None for name in FIELDS}
    try:
        acts.change_representative(membership, person, posted_version=form.version.data, values=values)
    except EditConflict:
        cancel_url = url_for("actors.show", membership_id=membership_id)
        return conflict_page(form, saved_representative(person), title="Ändra representant", cancel_url=cancel_url)
    return commit_and_go(f"{person.function} är sparad.", url_for("actors.show", membership_id=membership_id))


@bp.get("/<int:representative_id>/avsluta")
@requires(Permission.MANAGE_ACTORS)
def end(membership_id: int, representative_id: int) -> ResponseReturnValue:
    person = _person_or_404(membership_id, representative_id)
    form = EndForm(data={"on": clock.today(), "version": person.version}, first=person.valid_from)
    membership = membership_or_404(membership_id)
    return render_page("actors/representative_end.html", membership=membership, form=form, person=person)


@bp.post("/<int:representative_id>/avsluta")
@requires(Permission.MANAGE_ACTORS)
def end_post(membership_id: int, representative_id: int) -> ResponseReturnValue:
    person = _person_or_404(membership_id, representative_id)
    form = EndForm(first=person.valid_from)
    if not form.validate_on_submit():
        membership = membership_or_404(membership_id)
        return render_page(
            "actors/representative_end.html", membership=membership, form=form, person=person, status=422
        )
    try:
        acts.end_representative(person, posted_version=form.version.data, on=form.on.data)
    except EditConflict:
        saved = {"on": person.valid_to, "version": person.version}
        cancel_url = url_for("actors.show", membership_id=membership_id)
        return conflict_page(form, saved, title="Avsluta representant", cancel_url=cancel_url)
    return commit_and_go(
        f"{person.function} företräder inte längre aktören efter sista dagen.",
        url_for("actors.show", membership_id=membership_id),
    )
