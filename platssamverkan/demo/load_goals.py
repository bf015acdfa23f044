"""Loads plans, goals, indicators with what was observed, and studies."""

import re
from collections import Counter
from decimal import Decimal
from typing import Any

from platssamverkan.core import partial_date
from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.demo.load_partnerships import COUNTY, home_of
from platssamverkan.demo.seed import Record, Seed, city_slug
from platssamverkan.goals.models import (
    ActionPlan,
    ActionPlanKind,
    DesiredDirection,
    Goal,
    GoalLevel,
    GoalVersion,
    Indicator,
    IndicatorKind,
    Observation,
    QualitativeDirection,
    Study,
)

_YEARS = re.compile(r"([0-9]{4})(?:–([0-9]{4}))?")


def load_plans(seed: Seed) -> None:
    """Make the plans that hold goals."""
    for record in seed.records("action_plans"):
        plan = ActionPlan(
            partnership_id=home_of(seed, record),
            title=record.take("title"),
            kind=ActionPlanKind(record.take("kind")),
            starts=record.when("start"),
            ends=record.when("end"),
            document_year=record.take("document_year"),
            focus_areas=record.texts("focus_areas"),
        )
        seed.keep(record, plan)


def load_goals(seed: Seed) -> None:
    """Make the goals, each with its first version."""
    for record in seed.records("goals"):
        version = GoalVersion(text=record.take("text"), starts=record.when("start"), ends=record.when("end"))
        goal = Goal(
            partnership_id=home_of(seed, record),
            parent_id=seed.id_of("goals", record.take("parent")),
            plan_id=seed.id_of("action_plans", record.take("plan")),
            level=GoalLevel(record.take("level")),
            number=record.take("number"),
            visibility=Visibility.PUBLIC,
        )
        seed.keep(record, goal)
        version.goal_id = goal.id
        db.session.add(version)
    db.session.flush()


def _home_by_place(seed: Seed, place: str | None, city: str | None) -> int | None:
    """Return the partnership of an indicator: the one that covers the place and least besides, the city's, or SSR."""
    if city:
        return seed.id_of("partnerships", city_slug(city))
    covering = [item for item in seed.data["partnerships"] if place and place in item.get("places", [])]
    key = min(covering, key=lambda item: len(item["places"]))["id"] if covering else COUNTY
    return seed.id_of("partnerships", key)


def load_indicators(seed: Seed) -> None:
    """Make the indicators and their observations: figures with a year where the file has them, otherwise words."""
    numbers: Counter[str] = Counter()
    for record in seed.records("indicators"):
        place, city, area = record.take("place"), record.take("city"), record.take("area")
        observed = {name: record.take(name) for name in ("direction", "period", "value", "statement", "observations")}
        indicator = Indicator(
            partnership_id=_home_by_place(seed, place, city),
            name=record.take("name"),
            kind=IndicatorKind(record.take("kind")),
            unit=record.take("unit"),
            desired_direction=DesiredDirection(record.take("desired_direction")),
            caveat=record.take("caveat"),
            place_id=seed.id_of("places", place),
            area_text=area or city,
            method="; ".join(record.texts("survey")) or None,
            compare_with=", ".join(record.texts("compare_with")) or None,
            visibility=Visibility.PUBLIC,
            basis={"partnership": "read"},
        )
        source = record.left["source"]
        seed.keep(record, indicator)
        for observation in _observations(observed):
            observation.indicator_id = indicator.id
            numbers[record.key] += 1
            part = Record("observations", {"id": f"{record.key}#{numbers[record.key]}", "source": source})
            seed.keep(part, observation)


def _observations(observed: dict[str, Any]) -> list[Observation]:
    """Return the indicator's figures, the last with the direction in words; or the words alone."""
    direction = QualitativeDirection(observed["direction"]) if observed["direction"] else None
    found = [
        _observation(
            str(item["year"]),
            value=Decimal(item["value"]),
            is_approximate=bool(item.get("approximate")),
            direction=None,
        )
        for item in observed["observations"] or []
    ]
    if found:
        found[-1].direction = direction
        return found
    value = observed["value"]
    return [
        _observation(
            observed["period"],
            value=None if value is None else Decimal(str(value)),
            direction=direction,
            statement=observed["statement"],
        )
    ]


def _observation(period: str | None, **fields: Any) -> Observation:
    """Return an observation of `period`: years become dates, other words stay words."""
    years = _YEARS.fullmatch(period) if period else None
    starts = years[1] if years else None
    ends = (years[2] or years[1]) if years else None
    return Observation(
        starts=starts,
        ends=ends,
        period_text=period if period and not years else None,
        sort_key=partial_date.latest(ends).isoformat() if ends else "",
        visibility=Visibility.PUBLIC,
        **fields,
    )


def load_studies(seed: Seed) -> None:
    """Make the studies and evaluations."""
    for record in seed.records("studies"):
        year = record.take("years") or record.take("year")
        study = Study(
            partnership_id=home_of(seed, record),
            title=record.take("title"),
            years=str(year) if year else None,
            performed_by=record.take("performed_by"),
            funded_by=record.take("funded_by"),
            design=record.take("design"),
            question=record.take("question"),
            target_group=record.take("target_group"),
            methods=record.texts("methods"),
            risk_note=record.take("risk_note"),
            finding=record.take("finding"),
            report_due=record.when("report_due"),
            reference_group=record.take("reference_group") or [],
        )
        record.take("year")
        seed.keep(record, study)
