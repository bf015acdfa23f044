"""Indicators and observations as pages print them: columns, not rows to change. A chart has hundreds of values."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Row

from platssamverkan.core.visibility import Visibility
from platssamverkan.goals.models import (
    DesiredDirection,
    Indicator,
    IndicatorKind,
    Observation,
    QualitativeDirection,
    TargetOperator,
)

Columns = Row[*tuple[Any, ...]]


class ObservedRow(NamedTuple):
    """What a table, a trend or a chart is made of: the columns `OBSERVED`. Charts read each many times."""

    indicator_id: int
    sort_key: str
    starts: str | None
    ends: str | None
    period_text: str | None
    value: Decimal | None
    is_approximate: bool
    numerator: Decimal | None
    area_hectares: Decimal | None
    direction: QualitativeDirection | None
    statement: str | None


#: An observation, or those columns of one, under the same names.
Observed = Observation | ObservedRow | Columns
OBSERVED = (
    *(Observation.indicator_id, Observation.sort_key, Observation.starts, Observation.ends, Observation.period_text),
    *(Observation.value, Observation.is_approximate, Observation.numerator, Observation.area_hectares),
    *(Observation.direction, Observation.statement),
)


@dataclass
class IndicatorNow:
    """An indicator with what was observed lately."""

    id: int
    name: str
    kind: IndicatorKind
    unit: str | None
    desired_direction: DesiredDirection
    caveat: str | None
    method: str | None
    baseline_value: Decimal | None
    baseline_period: str | None
    target_value: Decimal | None
    target_operator: TargetOperator | None
    ended_on: date | None
    visibility: Visibility
    is_example: bool
    #: Where it was asked for: in the list.
    owner_name: str | None = None
    #: Of the last eight periods with a value and after them, oldest first.
    observations: list[ObservedRow] = field(default_factory=list)

    @property
    def caveats(self) -> list[str]:
        """Return every caveat to print with the indicator."""
        return self.kind.caveats(self.caveat)


#: The columns of an `IndicatorNow`, in its order.
INDICATOR_NOW = (
    *(Indicator.id, Indicator.name, Indicator.kind, Indicator.unit, Indicator.desired_direction, Indicator.caveat),
    *(Indicator.method, Indicator.baseline_value, Indicator.baseline_period, Indicator.target_value),
    *(Indicator.target_operator, Indicator.ended_on, Indicator.visibility, Indicator.is_example),
)
Measured = Indicator | IndicatorNow
