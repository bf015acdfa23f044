"""Pages: the places that a partnership covers."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.partnerships import queries, services
from platssamverkan.partnerships.forms import PLACE_FIELDS, AttachPlaceForm, PlaceForm, place_form, saved_place
from platssamverkan.partnerships.hanging import RowsHang
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace
from platssamverkan.places.models import Place

# The pages belong to the tab "Om samverkan".
bp = Blueprint("partnership_places", __name__, url_prefix="/samverkan/<slug>/om/platser")


def _values(form: PlaceForm) -> dict[str, object]:
    values: dict[str, object] = {name: form[name].data or None for name in PLACE_FIELDS if name in form}
    prioritised = form.prioritised.data
    return values | {
        "types": [kind.value for kind in form.types.data or []],
        "prioritised": prioritised.truth if prioritised else None,
    }


def _attachable() -> list[Place]:
    own = {place.id for place in current_workspace().partnership.places}
    return [place for place in queries.known_places(current_user.id) if place.id not in own]


def _new_page(form: PlaceForm, status: int = 200) -> Response:
    return render_page("partnerships/place_new.html", form=form, may_attach=bool(_attachable()), status=status)


@bp.get("/ny")
@requires(Permission.MANAGE_PLACES)
def new() -> ResponseReturnValue:
    return _new_page(place_form(None, queries.known_places(current_user.id)))


@bp.post("/ny")
@requires(Permission.MANAGE_PLACES)
def create() -> ResponseReturnValue:
    form = place_form(None, queries.known_places(current_user.id))
    if not form.validate_on_submit():
        return _new_page(form, 422)
    partnership = current_workspace().partnership
    place = services.add_place(partnership, by_user_id=current_user.id, values=_values(form))
    return commit_and_go(f"{place.name} är tillagd.", url_for("partnerships.index"))


@bp.get("/befintlig")
@requires(Permission.MANAGE_PLACES)
def attach() -> ResponseReturnValue:
    form = AttachPlaceForm()
    form.place_id.offer([(place.id, place.name) for place in _attachable()])
    return render_page("partnerships/place_attach.html", form=form)


@bp.post("/befintlig")
@requires(Permission.MANAGE_PLACES)
def attach_post() -> ResponseReturnValue:
    form = AttachPlaceForm()
    offered = {place.id: place for place in _attachable()}
    form.place_id.offer([(place.id, place.name) for place in offered.values()])
    if not form.validate_on_submit():
        return render_page("partnerships/place_attach.html", form=form, status=422)
    place = offered[form.place_id.data]
    services.attach_place(current_workspace().partnership, place, by_user_id=current_user.id)
    return commit_and_go(f"{place.name} ingår nu i samverkan.", url_for("partnerships.index"))


def _edit_form(place: Place) -> PlaceForm:
    form = place_form(place, queries.possible_wholes(place, queries.known_places(current_user.id)))
    # What a place is part of decides which partnerships read of its events: no matter of words on a page.
    if not current_workspace().allows(Permission.MANAGE_PLACES):
        del form.part_of_id
    return form


@bp.get("/<int:place_id>/andra")
@requires(Permission.EDIT_PLACES)
def edit(place_id: int) -> ResponseReturnValue:
    place = queries.covered_place(current_workspace().partnership.id, place_id)
    return render_page("partnerships/place_edit.html", form=_edit_form(place), place=place)


@bp.post("/<int:place_id>/andra")
@requires(Permission.EDIT_PLACES)
def edit_post(place_id: int) -> ResponseReturnValue:
    place = queries.covered_place(current_workspace().partnership.id, place_id)
    form = _edit_form(place)
    if not form.validate_on_submit():
        return render_page("partnerships/place_edit.html", form=form, place=place, status=422)
    try:
        services.change_place(place, posted_version=form.version.data, values=_values(form))
    except EditConflict:
        cancel_url = url_for("partnerships.index")
        return conflict_page(form, saved_place(place), title=f"Ändra {place.name}", cancel_url=cancel_url)
    return commit_and_go(f"{place.name} är sparad.", url_for("partnerships.index"))


@bp.get("/<int:place_id>/ta-bort")
@requires(Permission.MANAGE_PLACES)
def remove(place_id: int) -> ResponseReturnValue:
    partnership = current_workspace().partnership
    place = queries.own_place(partnership.id, place_id)
    held = services.what_holds_place(partnership, place)
    return render_page("partnerships/place_remove.html", place=place, held=held)


@bp.post("/<int:place_id>/ta-bort")
@requires(Permission.MANAGE_PLACES)
def remove_post(place_id: int) -> ResponseReturnValue:
    partnership = current_workspace().partnership
    place = queries.own_place(partnership.id, place_id)
    try:
        services.remove_place(partnership, place, by_user_id=current_user.id)
    except RowsHang:
        held = services.what_holds_place(partnership, place)
        return render_page("partnerships/place_remove.html", place=place, held=held, status=409)
    return commit_and_go(f"{place.name} ingår inte längre i samverkan.", url_for("partnerships.index"))
