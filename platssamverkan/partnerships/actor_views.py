"""Pages: the actors of a partnership and who speaks for them."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from platssamverkan.actors.models import Actor
from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import DomainError, EditConflict
from platssamverkan.core.formatting import day
from platssamverkan.core.registry import registry
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.core.tables import build_table, file_response, wants_file
from platssamverkan.partnerships import actor_queries, services
from platssamverkan.partnerships import actor_services as acts
from platssamverkan.partnerships.actor_forms import (
    ActorForm,
    EndForm,
    MembershipForm,
    NewMembershipForm,
    actor_form,
    saved_actor,
    saved_part,
)
from platssamverkan.partnerships.models import Membership
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

bp = Blueprint("actors", __name__, url_prefix="/samverkan/<slug>/aktorer")
PART = ("task", "mandate", "is_strategic", "is_operative", "joined_on")


def membership_or_404(membership_id: int) -> Membership:
    """Return the membership inside the partnership of the address."""
    return actor_queries.membership_page(current_workspace().partnership.id, membership_id)


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    workspace = current_workspace()
    today = clock.today()
    statement, spec = actor_queries.members(workspace.partnership.id, export=wants_file())
    table = build_table(statement, spec, export=wants_file())
    if wants_file():
        return file_response(table, "aktorer")
    speaking = actor_queries.speaking_for([row.id for row in table.rows], today)
    return render_page("actors/index.html", fragment="actors/_list.html", table=table, speaking=speaking)


@bp.get("/<int:membership_id>")
@requires(Permission.READ)
def show(membership_id: int) -> ResponseReturnValue:
    workspace = current_workspace()
    membership = membership_or_404(membership_id)
    actor_id = membership.actor_id
    mentions = registry.mentions_of("actor", workspace.partnership.id, [actor_id], workspace.reader)
    return render_page(
        "actors/show.html",
        membership=membership,
        mentions=mentions[actor_id],
        elsewhere=actor_queries.other_partnerships(current_user.id, actor_id, workspace.partnership.id),
        may_change=workspace.allows(Permission.MANAGE_ACTORS),
        today=clock.today(),
    )


def _new_form() -> NewMembershipForm:
    form = NewMembershipForm(data={"joined_on": clock.today(), "is_operative": True})
    partnership_id = current_workspace().partnership.id
    form.actor_id.offer([(actor.id, actor.name) for actor in actor_queries.outside_actors(partnership_id)])
    return form


@bp.get("/ny")
@requires(Permission.MANAGE_ACTORS)
def new() -> ResponseReturnValue:
    return render_page("actors/new.html", form=_new_form())


@bp.post("/ny")
@requires(Permission.MANAGE_ACTORS)
def create() -> ResponseReturnValue:
    form = _new_form()
    if not form.validate_on_submit():
        return render_page("actors/new.html", form=form, status=422)
    try:
        actor = _chosen_or_new(form)
    except DomainError as error:
        form.name.errors = [error.message]
        return render_page("actors/new.html", form=form, status=422)
    values = {name: form[name].data or None for name in PART} | _levels(form)
    partnership_id = current_workspace().partnership.id
    membership = acts.add_membership(partnership_id=partnership_id, actor=actor, values=values)
    told = f"{actor.name} deltar nu i samverkan."
    if acts.begins_later(membership):
        told = f"{actor.name} deltar i samverkan från och med {day(membership.joined_on)}."
    return commit_and_go(told, url_for(".show", membership_id=membership.id))


def _levels(form: NewMembershipForm | MembershipForm) -> dict[str, bool]:
    return {"is_strategic": bool(form.is_strategic.data), "is_operative": bool(form.is_operative.data)}


def _chosen_or_new(form: NewMembershipForm) -> Actor:
    if form.actor_id.data:
        outside = actor_queries.outside_actors(current_workspace().partnership.id)
        return next(actor for actor in outside if actor.id == form.actor_id.data)
    return services.new_actor(name=form.name.data or "", kind=form.kind.data)


def _part_form(membership: Membership) -> MembershipForm:
    return MembershipForm(data=saved_part(membership), left_on=membership.left_on)


@bp.get("/<int:membership_id>/andra")
@requires(Permission.MANAGE_ACTORS)
def edit(membership_id: int) -> ResponseReturnValue:
    membership = membership_or_404(membership_id)
    return render_page("actors/edit.html", membership=membership, form=_part_form(membership))


@bp.post("/<int:membership_id>/andra")
@requires(Permission.MANAGE_ACTORS)
def edit_post(membership_id: int) -> ResponseReturnValue:
    membership = membership_or_404(membership_id)
    form = _part_form(membership)
    if not form.validate_on_submit():
        return render_page("actors/edit.html", membership=membership, form=form, status=422)
    values = {name: form[name].data or None for name in PART} | _levels(form)
    try:
        acts.change_membership(membership, posted_version=form.version.data, values=values)
    except EditConflict:
        cancel_url = url_for(".show", membership_id=membership.id)
        return conflict_page(form, saved_part(membership), title="Ändra deltagande", cancel_url=cancel_url)
    except acts.LastCoordinator as error:
        form.joined_on.errors = [error.message]
        return render_page("actors/edit.html", membership=membership, form=form, status=422)
    return commit_and_go("Deltagandet är sparat.", url_for(".show", membership_id=membership.id))


def _facts_form(membership: Membership) -> ActorForm:
    """Return the form of the actor's facts. What gives access to authorities-only text is asked only of someone who
    reads it, and who coordinates wherever the actor takes part."""
    may_set_osl = current_workspace().reader.sees_authorities and actor_queries.coordinates_everywhere(
        current_user.id, membership.actor_id
    )
    return actor_form(membership.actor, may_set_osl=may_set_osl)


def _facts_page(membership: Membership, form: ActorForm, status: int = 200) -> Response:
    return render_page("actors/facts.html", membership=membership, form=form, status=status)


@bp.get("/<int:membership_id>/uppgifter")
@requires(Permission.MANAGE_ACTORS)
def facts(membership_id: int) -> ResponseReturnValue:
    membership = membership_or_404(membership_id)
    return _facts_page(membership, _facts_form(membership))


@bp.post("/<int:membership_id>/uppgifter")
@requires(Permission.MANAGE_ACTORS)
def facts_post(membership_id: int) -> ResponseReturnValue:
    membership = membership_or_404(membership_id)
    form = _facts_form(membership)
    if not form.validate_on_submit():
        return _facts_page(membership, form, 422)
    if actor_queries.name_is_taken(form.name.data or "", membership.actor_id):
        form.name.errors = ["En annan aktör heter redan så. Skriv ett annat namn."]
        return _facts_page(membership, form, 422)
    names = ("name", "former_name", "kind", "sector", "member_count")
    values: dict[str, object] = {name: form[name].data or None for name in names}
    values["is_group"] = bool(form.is_group.data)
    if "subject_to_osl" in form:
        values["subject_to_osl"] = form.subject_to_osl.data.truth
    try:
        acts.change_actor(membership.actor, posted_version=form.version.data, values=values)
    except EditConflict:
        saved, cancel_url = saved_actor(membership.actor), url_for(".show", membership_id=membership.id)
        return conflict_page(form, saved, title=f"Ändra {membership.actor.name}", cancel_url=cancel_url)
    return commit_and_go("Uppgifterna om aktören är sparade.", url_for(".show", membership_id=membership.id))


@bp.get("/<int:membership_id>/avsluta")
@requires(Permission.MANAGE_ACTORS)
def end(membership_id: int) -> ResponseReturnValue:
    membership = membership_or_404(membership_id)
    form = EndForm(data={"on": clock.today(), "version": membership.version}, first=membership.joined_on)
    return render_page("actors/end.html", membership=membership, form=form)


@bp.post("/<int:membership_id>/avsluta")
@requires(Permission.MANAGE_ACTORS)
def end_post(membership_id: int) -> ResponseReturnValue:
    membership = membership_or_404(membership_id)
    form = EndForm(first=membership.joined_on)
    if not form.validate_on_submit():
        return render_page("actors/end.html", membership=membership, form=form, status=422)
    try:
        acts.end_membership(membership, posted_version=form.version.data, on=form.on.data)
    except EditConflict:
        saved = {"on": membership.left_on, "version": membership.version}
        cancel_url = url_for(".show", membership_id=membership.id)
        return conflict_page(form, saved, title="Avsluta deltagandet", cancel_url=cancel_url)
    except acts.LastCoordinator as error:
        form.on.errors = [error.message]
        return render_page("actors/end.html", membership=membership, form=form, status=422)
    told = f"{membership.actor.name} lämnar samverkan. Allt som aktören har gjort finns kvar."
    return commit_and_go(told, url_for(".index"))


@bp.post("/<int:membership_id>/ateruppta")
@requires(Permission.MANAGE_ACTORS)
def resume(membership_id: int) -> ResponseReturnValue:
    membership = membership_or_404(membership_id)
    told = f"{membership.actor.name} fortsätter att delta."
    if acts.has_left(membership):
        told = f"{membership.actor.name} deltar igen. Ge behörighet till dem som ska in i samverkan igen."
    acts.resume_membership(membership)
    return commit_and_go(told, url_for(".show", membership_id=membership.id))
