"""The lists of the room: what each can be filtered and sorted by, and what its file holds."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, String, and_, bindparam, cast, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from platssamverkan.actors.models import Actor
from platssamverkan.core.db import db, prepared, swedish
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader
from platssamverkan.measures.models import (
    CptedCategory,
    Maintenance,
    Measure,
    MeasureCptedLink,
    MeasureMethod,
    MeasureMethodLink,
    MeasureStatus,
    Problem,
    TimeBand,
    measure_goal,
)
from platssamverkan.measures.neighbours import Neighbour
from platssamverkan.measures.problem_queries import visible_problems
from platssamverkan.measures.queries import is_open, measure_rows, visible_measures
from platssamverkan.places.models import Place

MISSING = "uppgift saknas"


def _status_condition(value: str) -> Any:
    if value == "oppna":
        return is_open()
    return Measure.status.is_(None) if value == "saknas" else Measure.status == MeasureStatus(value)


def _text_condition(text: str) -> Any:
    return contains(
        text,
        *(Measure.title, Measure.description, Measure.place_text, Measure.outcome_text, Measure.resources),
        cast(Measure.number, String),
    )


def _at_place(value: str) -> Any:
    parts = select(Place.id).where(or_(Place.id == int(value), Place.part_of_id == int(value)))
    return Measure.place_id.in_(parts)


@prepared
def _names(entity: Any, key: Any, reader: Reader) -> Select[*tuple[Any, ...]]:
    """Return the select of (id, name) of the actors or places that measures in sight name."""
    used = visible_measures(reader).where(Measure.partnership_id == bindparam("partnership_id")).with_only_columns(key)
    return select(entity.id, entity.name).where(entity.id.in_(used)).order_by(swedish(entity.name))


def _choices(entity: Any, key: Any, partnership_id: int, reader: Reader) -> list[tuple[str, str]]:
    found = db.session.execute(_names(entity, key, reader), {"partnership_id": partnership_id})
    return [(str(row_id), name) for row_id, name in found]


#: A file has columns of its own: `sheets.file_columns`.
COLUMNS = (
    Column("titel", "Åtgärd", func.lower(Measure.title)),
    Column("nummer", "Nr", Measure.number, numeric=True),
    Column("ansvarig", "Ansvarig aktör", func.lower(Actor.name)),
    Column("klart", "Klart senast", Measure.due_on),
    Column("lage", "Läge", Measure.status),
)


def measure_list(
    partnership_id: int, reader: Reader, today: date, goals: Iterable[Neighbour], *, export: bool = False
) -> tuple[Select[Any], ListSpec]:
    """Return the select of the list and how it looks: rows for the page, whole measures for a file."""
    method, cpted = MeasureMethodLink, MeasureCptedLink
    filters = [
        Filter("text", "Sök i åtgärder", _text_condition, kind="text"),
        Filter(
            "lage",
            "Läge",
            _status_condition,
            choices=[("oppna", "Alla öppna"), *MeasureStatus.choices(), ("saknas", "Uppgift saknas")],
        ),
        Filter(
            "metod",
            "Metod",
            lambda value: Measure.id.in_(select(method.measure_id).where(method.method == value)),
            choices=MeasureMethod.choices(),
        ),
        Filter(
            "cpted",
            "CPTED",
            lambda value: Measure.id.in_(select(cpted.measure_id).where(cpted.category == value)),
            choices=CptedCategory.choices(),
        ),
        Filter(
            "ansvarig",
            "Ansvarig aktör",
            lambda value: Measure.responsible_actor_id == int(value),
            choices=_choices(Actor, Measure.responsible_actor_id, partnership_id, reader),
        ),
        Filter(
            "mal",
            "Mål",
            lambda value: Measure.id.in_(select(measure_goal.c.measure_id).where(measure_goal.c.goal_id == int(value))),
            choices=[(str(goal.id), goal.label) for goal in goals],
        ),
        Filter("plats", "Plats", _at_place, choices=_choices(Place, Measure.place_id, partnership_id, reader)),
        Filter(
            "forsenad",
            "Bara försenade",
            lambda _: or_(Measure.status == MeasureStatus.DELAYED, and_(Measure.due_on < today, is_open())),
            kind="checkbox",
        ),
    ]
    spec = ListSpec(
        id="measures",
        noun_singular="åtgärd",
        noun_plural="åtgärder",
        columns=COLUMNS,
        filters=filters,
        default_sort="nummer",
        tie=Measure.id,
    )
    statement = _whole_measures(reader) if export else measure_rows(reader, today)
    return statement.where(Measure.partnership_id == partnership_id), spec


def _whole_measures(reader: Reader) -> Select[Measure]:
    return (
        visible_measures(reader)
        .outerjoin(Measure.responsible)
        .options(contains_eager(Measure.responsible), joinedload(Measure.place))
        .options(joinedload(Measure.maintenance).joinedload(Maintenance.actor))
        .options(selectinload(Measure.methods), selectinload(Measure.cpted), selectinload(Measure.affected))
    )


def problem_list(partnership_id: int, reader: Reader) -> tuple[Select[Problem], ListSpec]:
    """Return the select of the list's problems and how it looks."""
    used = visible_problems(partnership_id, reader).with_only_columns(Problem.place_id)
    named = db.session.execute(select(Place.id, Place.name).where(Place.id.in_(used)).order_by(swedish(Place.name)))
    places = [(str(place_id), name) for place_id, name in named]
    columns = [
        Column("problem", "Problem", func.lower(Problem.text), value=lambda row: row.text),
        Column("nummer", "Nr", Problem.number, numeric=True, value=lambda row: row.number),
        Column("plats", "Plats", func.lower(Place.name), value=lambda row: row.place.name if row.place else row.spot),
        Column(
            "tid",
            "Tid på dygnet",
            Problem.time_band,
            value=lambda row: row.time_band.label if row.time_band else MISSING,
        ),
        Column("uppmarksammat", "Uppmärksammat", Problem.noted_on, value=lambda row: row.noted_on),
        Column("lage", "Läge", Problem.resolved_on, value=lambda row: "Löst" if row.resolved_on else "Kvarstår"),
    ]
    filters = [
        Filter(
            "text",
            "Sök i problem",
            lambda text: contains(text, Problem.text, Problem.spot, Problem.consequences, cast(Problem.number, String)),
            kind="text",
        ),
        Filter("plats", "Plats", lambda value: Problem.place_id == int(value), choices=places),
        Filter("tid", "Tid på dygnet", lambda value: Problem.time_band == value, choices=TimeBand.choices()),
        Filter(
            "lage",
            "Läge",
            lambda value: Problem.resolved_on.is_(None) if value == "kvar" else Problem.resolved_on.is_not(None),
            choices=[("kvar", "Kvarstår"), ("lost", "Löst")],
        ),
    ]
    statement = visible_problems(partnership_id, reader).outerjoin(Problem.place).options(contains_eager(Problem.place))
    spec = ListSpec(
        id="problems",
        noun_singular="problem",
        noun_plural="problem",
        columns=columns,
        filters=filters,
        default_sort="nummer",
        tie=Problem.id,
    )
    return statement, spec
