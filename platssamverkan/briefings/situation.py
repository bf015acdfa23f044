"""Lägesbild: what is known of the partnership's places now. What the briefings have said of the situation and of the
state of the place, over time; the problems that remain; and how the places are classed."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from platssamverkan.actors.models import Actor
from platssamverkan.briefings.models import Briefing, BriefingItem, BriefingSection
from platssamverkan.core import clock
from platssamverkan.core.access import requires
from platssamverkan.core.db import rows, swedish
from platssamverkan.core.rendering import render_page
from platssamverkan.core.tables import (
    READERS,
    Column,
    Filter,
    ListSpec,
    build_table,
    contains,
    file_response,
    wants_file,
)
from platssamverkan.core.visibility import Reader, visible_to
from platssamverkan.measures.problem_queries import remaining_problems
from platssamverkan.partnerships.queries import covered_place_ids
from platssamverkan.partnerships.roles import Permission
from platssamverkan.partnerships.workspace import current_workspace
from platssamverkan.places.models import Place

bp = Blueprint("situation", __name__, url_prefix="/samverkan/<slug>/lagesbild")
#: The parts of the sheet that tell how things are. The others tell what is to be done.
TELLING = (BriefingSection.SITUATION, BriefingSection.CONDITION)
PROBLEMS_SHOWN = 10


@bp.get("")
@requires(Permission.READ)
def index() -> ResponseReturnValue:
    workspace = current_workspace()
    statement, spec = line_list(workspace.partnership.id, workspace.reader)
    if wants_file():
        return file_response(build_table(statement, spec, export=True), "lagesbild", [*spec.columns, READERS])
    return render_page(
        "briefings/situation.html",
        fragment="briefings/_situation_list.html",
        table=build_table(statement, spec),
        problems=remaining_problems(workspace.partnership.id, workspace.reader, PROBLEMS_SHOWN),
        places=_places(workspace.partnership.id),
    )


def line_list(partnership_id: int, reader: Reader) -> tuple[Select[BriefingItem], ListSpec]:
    """Return the select of the lines about how things are, each with its briefing and who told it, and how the list
    looks."""
    statement = (
        select(BriefingItem)
        .join(BriefingItem.briefing)
        .outerjoin(BriefingItem.actor)
        .where(Briefing.partnership_id == partnership_id, BriefingItem.section.in_(TELLING))
        .where(visible_to(BriefingItem, reader))
        .options(contains_eager(BriefingItem.briefing), contains_eager(BriefingItem.actor))
    )
    columns = [
        Column("text", "Vad", func.lower(BriefingItem.text), value=lambda row: row.text),
        Column("var", "Var", func.lower(BriefingItem.spot), value=lambda row: row.spot),
        Column("del", "Del", BriefingItem.section, value=lambda row: row.section.label),
        Column("aktor", "Sagt av", func.lower(Actor.name), value=lambda row: row.actor.name if row.actor else None),
        Column("dag", "Utställning", Briefing.starts_at, value=_day),
    ]
    filters = [
        Filter("text", "Sök i texten", lambda text: contains(text, BriefingItem.text, BriefingItem.spot), kind="text"),
        Filter(
            "del",
            "Del",
            lambda value: BriefingItem.section == BriefingSection(value),
            choices=[(section.value, section.label) for section in TELLING],
        ),
        Filter("fran", "Från och med", lambda on: Briefing.starts_at >= clock.day_bounds(on, on)[0], kind="date"),
        Filter("till", "Till och med", lambda on: Briefing.starts_at < clock.day_bounds(on, on)[1], kind="date"),
    ]
    spec = ListSpec(
        id="situation",
        noun_singular="rad",
        noun_plural="rader",
        columns=columns,
        filters=filters,
        default_sort="dag",
        default_descending=True,
        tie=BriefingItem.id,
    )
    return statement, spec


def _day(line: BriefingItem) -> date:
    return clock.to_local(line.briefing.starts_at).date()


def _places(partnership_id: int) -> Sequence[Place]:
    """Return the covered places and their parts, with their sources, by name. Two queries."""
    here = Place.id.in_(covered_place_ids(partnership_id))
    return rows(select(Place).where(here).order_by(swedish(Place.name)).options(joinedload(Place.source)))
