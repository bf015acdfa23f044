"""What happens with indicators and their observations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from platssamverkan.core.columns import touch
from platssamverkan.core.db import db
from platssamverkan.core.errors import DomainError, check_version
from platssamverkan.core.formatting import round_half_up
from platssamverkan.core.partial_date import latest
from platssamverkan.core.registry import registry
from platssamverkan.core.visibility import Visibility
from platssamverkan.goals import indicator_queries
from platssamverkan.goals.models import (
    DesiredDirection,
    Goal,
    Indicator,
    IndicatorKind,
    Observation,
    QualitativeDirection,
)

#: Columns that the form of an indicator sets.
EDITABLE = frozenset(
    {
        "name", "kind", "unit", "desired_direction", "caveat", "owner_id", "place_id", "area_text", "method",
        "compare_with", "baseline_value", "baseline_period", "target_value", "target_operator", "visibility",
    }
)  # fmt: skip


def create_indicator(
    *, partnership_id: int, goals: Sequence[Goal], owner_actor_id: int | None = None, **values: Any
) -> Indicator:
    """Add an indicator of the given goals; `values` are the columns in EDITABLE. Flushes, does not commit.

    :raises DomainError: if a direction is called better that must be interpreted
    """
    _check_values(values)
    indicator = Indicator(partnership_id=partnership_id, owner_actor_id=owner_actor_id, goals=list(goals), **values)
    db.session.add(indicator)
    db.session.flush()
    return indicator


def edit_indicator(
    indicator: Indicator, *, goals: Sequence[Goal], posted_version: int | None, owner_actor_id: int, **values: Any
) -> None:
    """Change the indicator; `values` are the columns in EDITABLE. One that no actor owns, as from a source, becomes
    that of `owner_actor_id`.

    :raises EditConflict: if someone saved first
    :raises DomainError: if a direction is called better that must be interpreted
    """
    check_version(indicator, posted_version)
    _check_values(values)
    for name, value in values.items():
        setattr(indicator, name, value)
    indicator.owner_actor_id = indicator.owner_actor_id or owner_actor_id
    if set(indicator.goals) != set(goals):
        indicator.goals = list(goals)
        touch(indicator)
    db.session.flush()


def _check_values(values: dict[str, Any]) -> None:
    unknown = values.keys() - EDITABLE
    if unknown:
        raise TypeError(f"not set by the form: {sorted(unknown)}")
    check_direction(values["kind"], values["desired_direction"])


def check_direction(kind: IndicatorKind, desired: DesiredDirection) -> None:
    """Raise `DomainError` where a direction is called better that must be interpreted each time."""
    if kind.must_be_interpreted and desired is not DesiredDirection.NONE:
        raise DomainError(f"{kind.label} speglar polisens insatser. Välj att riktningen måste tolkas.")


def check_not_ended(indicator: Indicator) -> None:
    """Raise `DomainError` if a last day is set already."""
    if indicator.ended_on is not None:
        raise DomainError("Indikatorn är redan avslutad.")


def end_indicator(indicator: Indicator, *, on: date, posted_version: int | None) -> None:
    """Stop following the indicator after the day `on`; its observations stay.

    :raises DomainError: if it has ended already
    :raises EditConflict: if someone saved first
    """
    check_not_ended(indicator)
    check_version(indicator, posted_version)
    indicator.ended_on = on


def reopen_indicator(indicator: Indicator) -> None:
    """Follow an ended indicator again.

    :raises DomainError: if it has not ended
    """
    if indicator.ended_on is None:
        raise DomainError("Indikatorn är inte avslutad.")
    indicator.ended_on = None


def delete_indicator(indicator: Indicator) -> None:
    """Remove an indicator that nothing hangs on.

    :raises DomainError: if something does
    """
    hanging = what_hangs_on(indicator)
    if hanging:
        reason = f"eftersom den har {', '.join(hanging)}"
        raise DomainError(f"Indikatorn kan inte tas bort, {reason}. Avsluta den i stället.")
    db.session.delete(indicator)
    db.session.flush()


def what_hangs_on(indicator: Indicator) -> list[str]:
    """Return in words what keeps the indicator from being removed: observations, and what rests on it."""
    hanging = ["mätvärden"] if indicator_queries.has_observations(indicator.id) else []
    return [*hanging, "bedömningar eller uppföljningar som vilar på den"] if _is_spoken_of(indicator) else hanging


def _is_spoken_of(indicator: Indicator) -> bool:
    """Say whether anything but the goals that it measures speaks of the indicator, whoever may read it."""
    everyone = indicator_queries.everyone()
    told = registry.mentions_of("indicator", indicator.partnership_id, [indicator.id], everyone)[indicator.id]
    return any(mention.kind != "Mål" for mention in told)


@dataclass(frozen=True)
class Reading:
    """What was observed, as a form or a data set gives it."""

    starts: str | None = None
    ends: str | None = None
    period_text: str | None = None
    value: Decimal | None = None
    is_approximate: bool = False
    numerator: Decimal | None = None
    area_hectares: Decimal | None = None
    direction: QualitativeDirection | None = None
    statement: str | None = None
    origin: str | None = None
    visibility: Visibility = Visibility.PARTNERSHIP

    @property
    def sort_key(self) -> str:
        """Return the last day that the period can mean; "" when no time is given."""
        last = self.ends or self.starts
        return latest(last).isoformat() if last else ""


def record(indicator: Indicator, reading: Reading, *, owner_actor_id: int | None = None) -> Observation:
    """Add an observation to the indicator. Flushes, does not commit.

    :raises DomainError: if it says nothing, or if a rate lacks its count or its area
    """
    return record_all(indicator, [reading], owner_actor_id=owner_actor_id)[0]


def record_all(
    indicator: Indicator, readings: Sequence[Reading], *, owner_actor_id: int | None = None
) -> list[Observation]:
    """Add the observations to the indicator, in as few statements as one. Else as `record`."""
    observations = [Observation(indicator_id=indicator.id, owner_actor_id=owner_actor_id) for _ in readings]
    for observation, reading in zip(observations, readings, strict=True):
        _fill(indicator, observation, reading)
    db.session.add_all(observations)
    db.session.flush()
    return observations


def correct(
    indicator: Indicator,
    observation: Observation,
    reading: Reading,
    *,
    posted_version: int | None,
    owner_actor_id: int,
) -> None:
    """Put an observation right; one that no actor owns, as from a source, becomes that of `owner_actor_id`.

    :raises EditConflict: if someone saved first
    :raises DomainError: as `record`
    """
    check_version(observation, posted_version)
    _fill(indicator, observation, reading)
    observation.owner_actor_id = observation.owner_actor_id or owner_actor_id
    db.session.flush()


def _fill(indicator: Indicator, observation: Observation, reading: Reading) -> None:
    value = reading.value
    if indicator.kind is IndicatorKind.RATE_PER_AREA and (reading.numerator is not None or value is not None):
        value = rate(reading.numerator, reading.area_hectares)
    if value is None and reading.direction is None and not reading.statement:
        raise DomainError("Skriv ett värde, välj en riktning eller beskriv vad som iakttagits.")
    for name in (
        "starts", "ends", "period_text", "is_approximate", "numerator", "area_hectares", "direction", "origin",
        "visibility", "sort_key",
    ):  # fmt: skip
        setattr(observation, name, getattr(reading, name))
    observation.value = value
    observation.statement = reading.statement or None


def rate(numerator: Decimal | None, hectares: Decimal | None) -> Decimal:
    """Return the count for each hectare, with two decimals (DOMAIN 6.1, invariant 6).

    :raises DomainError: if either is missing or the area is not above zero
    """
    if numerator is None or hectares is None or hectares <= 0:
        raise DomainError("Skriv både antalet och ytan i hektar. Värdet räknas ut av dem.")
    return round_half_up(numerator / hectares, 2)


def remove_observation(observation: Observation) -> None:
    """Remove an observation that was entered by mistake. The change log keeps what it said."""
    db.session.delete(observation)
    db.session.flush()
