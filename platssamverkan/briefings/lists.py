"""The list of briefings: what it can be filtered and sorted by, and what its file holds."""

from typing import Any

from sqlalchemy import Select, case, func, or_, select

from platssamverkan.actors.models import Actor
from platssamverkan.briefings.models import Briefing, BriefingAttendance, BriefingItem, BriefingState
from platssamverkan.briefings.queries import BriefingRow, briefing_rows
from platssamverkan.core import clock
from platssamverkan.core.db import prepared
from platssamverkan.core.tables import Column, Filter, ListSpec, contains
from platssamverkan.core.visibility import Reader, visible_to


@prepared
def _briefings() -> Select[*tuple[Any, ...]]:
    """Return the BriefingRow of every briefing, how many functions came and how many were expected (0 of 0: never
    noted)."""
    here = BriefingAttendance.briefing_id == Briefing.id
    came = func.sum(case((BriefingAttendance.is_present, 1), else_=0))
    return briefing_rows().add_columns(
        select(func.coalesce(came, 0)).where(here).scalar_subquery().label("present"),
        select(func.count()).select_from(BriefingAttendance).where(here).scalar_subquery().label("expected"),
    )


def briefing_list(
    partnership_id: int, reader: Reader, *, with_later: bool
) -> tuple[Select[*tuple[Any, ...]], ListSpec]:
    """Return the statement of the list, a BriefingRow with `present` and `expected` for each briefing, and its shape.

    What is later than today stands apart, unless `with_later`.
    """
    statement = _briefings().where(Briefing.partnership_id == partnership_id)
    if not with_later:
        statement = statement.where(Briefing.starts_at < clock.day_bounds(clock.today(), clock.today())[1])

    def words(text: str) -> Any:
        lines = select(BriefingItem.briefing_id).where(
            visible_to(BriefingItem, reader), contains(text, BriefingItem.text, BriefingItem.spot)
        )
        return or_(Briefing.id.in_(lines), contains(text, Briefing.location, Briefing.cancel_reason))

    spec = ListSpec(
        id="briefings",
        noun_singular="utställning",
        noun_plural="utställningar",
        columns=[
            Column("dag", "När", Briefing.starts_at, value=_local_minute),
            Column("halls", "Hålls av", func.lower(Actor.name), value=lambda row: row.held_by),
            Column("plats", "Plats", func.lower(Briefing.location), value=lambda row: row.location),
            Column("tillstand", "Läge", Briefing.state, value=lambda row: row.state.label),
            Column("narvaro", "Närvaro"),
        ],
        filters=[
            Filter("text", "Sök i texten", words, kind="text"),
            Filter(
                "tillstand", "Läge", lambda value: Briefing.state == BriefingState(value),
                choices=BriefingState.choices(),
            ),
            Filter("fran", "Från och med", lambda on: Briefing.starts_at >= clock.day_bounds(on, on)[0], kind="date"),
            Filter("till", "Till och med", lambda on: Briefing.starts_at < clock.day_bounds(on, on)[1], kind="date"),
        ],
        default_sort="dag",
        default_descending=True,
        tie=Briefing.id,
    )  # fmt: skip
    return statement, spec


def _local_minute(briefing: BriefingRow) -> str:
    return clock.to_local(briefing.starts_at).isoformat(" ", "minutes")[:16]
