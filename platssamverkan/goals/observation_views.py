"""Pages where observations are entered, put right and removed."""

from typing import Any

from flask import Response, abort, url_for
from flask.typing import ResponseReturnValue

from platssamverkan.core import import_page
from platssamverkan.core.access import lets_others_save, requires
from platssamverkan.core.conflicts import conflict_page
from platssamverkan.core.errors import EditConflict
from platssamverkan.core.rendering import render_page
from platssamverkan.core.saving import commit_and_go
from platssamverkan.goals import indicator_queries, indicator_services, sheets
from platssamverkan.goals.blueprint import bp
from platssamverkan.goals.forms import ObservationForm
from platssamverkan.goals.indicator_services import Reading
from platssamverkan.goals.indicator_views import load_indicator, may_record
from platssamverkan.goals.models import Indicator, IndicatorKind, Observation
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace

FIELDS = (
    "starts", "ends", "period_text", "value", "is_approximate", "numerator", "area_hectares", "direction", "statement",
    "origin", "visibility",
)  # fmt: skip


def _recordable(indicator_id: int) -> Indicator:
    indicator = load_indicator(indicator_id)
    if not may_record(indicator):
        abort(403)
    return indicator


def _observation(indicator: Indicator, observation_id: int) -> Observation:
    return indicator_queries.observation_or_404(indicator, observation_id, current_workspace().reader)


def _form(
    indicator: Indicator, observation: Observation | None = None, data: dict[str, Any] | None = None
) -> ObservationForm:
    is_rate = indicator.kind is IndicatorKind.RATE_PER_AREA
    visibilities = current_workspace().visibilities(observation.owner_actor_id if observation else None)
    return ObservationForm(is_rate=is_rate, visibilities=visibilities, data=data)


def _reading(form: ObservationForm) -> Reading:
    given: dict[str, Any] = {name: form[name].data for name in FIELDS if name in form}
    return Reading(**{name: value for name, value in given.items() if value not in {None, ""}})


def _present(observation: Observation) -> dict[str, Any]:
    return {name: getattr(observation, name) for name in FIELDS} | {"version": observation.version}


def _values_url(indicator: Indicator) -> str:
    return url_for("goals.indicator", indicator_id=indicator.id, _anchor="matvarden")


def _saved(indicator: Indicator, message: str) -> ResponseReturnValue:
    return commit_and_go(message, _values_url(indicator))


@bp.get("/indikatorer/<int:indicator_id>/matvarden/nytt")
@requires(Permission.READ)
def new_observation(indicator_id: int) -> Response:
    """Show the form of a new observation."""
    indicator = _recordable(indicator_id)
    data = {"visibility": indicator.visibility}
    return render_page(
        "goals/observation_form.html", form=_form(indicator, data=data), indicator=indicator, observation=None
    )


@bp.post("/indikatorer/<int:indicator_id>/matvarden/nytt")
@requires(Permission.READ)
def create_observation(indicator_id: int) -> ResponseReturnValue:
    """Record an observation."""
    indicator = _recordable(indicator_id)
    form = _form(indicator)
    if not form.validate_on_submit():
        return render_page("goals/observation_form.html", form=form, indicator=indicator, observation=None, status=422)
    indicator_services.record(indicator, _reading(form), owner_actor_id=current_workspace().actor.id)
    return _saved(indicator, "Mätvärdet är sparat.")


@bp.get("/indikatorer/<int:indicator_id>/matvarden/importera")
@requires(Permission.READ)
def import_form(indicator_id: int) -> Response:
    """Show where observations are brought in from a file."""
    indicator = _recordable(indicator_id)
    return import_page.show("goals/import.html", sheets.importer(indicator, _reading), indicator=indicator)


@bp.post("/indikatorer/<int:indicator_id>/matvarden/importera")
@lets_others_save
@requires(Permission.READ)
def import_rows(indicator_id: int) -> ResponseReturnValue:
    """Look through or save rows of a file."""
    indicator = _recordable(indicator_id)
    importer = sheets.importer(indicator, _reading)
    return import_page.read_or_save("goals/import.html", importer, then=_values_url(indicator), indicator=indicator)


@bp.get("/indikatorer/<int:indicator_id>/matvarden/<int:observation_id>/andra")
@requires(Permission.READ)
def edit_observation(indicator_id: int, observation_id: int) -> Response:
    """Show the form of an observation."""
    indicator = _recordable(indicator_id)
    observation = _observation(indicator, observation_id)
    form = _form(indicator, observation, _present(observation))
    return render_page("goals/observation_form.html", form=form, indicator=indicator, observation=observation)


@bp.post("/indikatorer/<int:indicator_id>/matvarden/<int:observation_id>/andra")
@requires(Permission.READ)
def save_observation(indicator_id: int, observation_id: int) -> ResponseReturnValue:
    """Put an observation right."""
    indicator = _recordable(indicator_id)
    observation = _observation(indicator, observation_id)
    form = _form(indicator, observation)
    if not form.validate_on_submit():
        return render_page(
            "goals/observation_form.html", form=form, indicator=indicator, observation=observation, status=422
        )
    try:
        indicator_services.correct(
            indicator,
            observation,
            _reading(form),
            posted_version=form.version.data,
            owner_actor_id=current_workspace().actor.id,
        )
    except EditConflict:
        saved, cancel_url = _present(observation), url_for("goals.indicator", indicator_id=indicator.id)
        return conflict_page(form, saved, title=f"Ändra mätvärde för {indicator.name}", cancel_url=cancel_url)
    return _saved(indicator, "Mätvärdet är sparat.")


@bp.get("/indikatorer/<int:indicator_id>/matvarden/<int:observation_id>/ta-bort")
@requires(Permission.READ)
def ask_remove_observation(indicator_id: int, observation_id: int) -> Response:
    """Ask whether to remove the observation."""
    indicator = _recordable(indicator_id)
    observation = _observation(indicator, observation_id)
    return render_page("goals/observation_delete.html", indicator=indicator, observation=observation)


@bp.post("/indikatorer/<int:indicator_id>/matvarden/<int:observation_id>/ta-bort")
@requires(Permission.READ)
def remove_observation(indicator_id: int, observation_id: int) -> ResponseReturnValue:
    """Remove an observation that was entered by mistake."""
    indicator = _recordable(indicator_id)
    indicator_services.remove_observation(_observation(indicator, observation_id))
    return _saved(indicator, "Mätvärdet är borttaget.")
