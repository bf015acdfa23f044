"""Kartläggning: the surveys of open drug scenes. Read by anyone signed in; they belong to no one partnership."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from platssamverkan.core.access import signed_in
from platssamverkan.surveys import queries

bp = Blueprint("surveys", __name__, url_prefix="/kartlaggning")


@bp.get("")
@signed_in
def index() -> ResponseReturnValue:
    areas, symptoms, cities = queries.areas(), queries.symptom_table(), queries.city_profiles()
    return render_template(
        "surveys/index.html",
        areas=areas,
        loose_entries=queries.entries(None),
        symptoms=symptoms,
        patterns=queries.time_patterns(),
        cities=cities,
        is_empty=queries.is_empty(areas, symptoms, cities),
        reconciliation=queries.reconciliation,
        bands_text=queries.bands_text,
        sources_of=queries.sources_of,
    )


@bp.get("/<key>")
@signed_in
def show(key: str) -> ResponseReturnValue:
    survey_round = queries.round_or_404(key)
    return render_template(
        "surveys/show.html",
        survey_round=survey_round,
        reconciliation=queries.reconciliation(survey_round),
        entries=queries.entries(survey_round.id),
    )
