"""Scales for charts: round steps that hold what is drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

Number = int | float | Decimal

#: Smaller differences than this come from floating point, not from the world.
NEGLIGIBLE = 1e-6


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `minimum` to `maximum` with a line at each `step`; `decimals` is what its figures need."""

    minimum: float
    maximum: float
    step: float
    decimals: int

    @property
    def ticks(self) -> list[float]:
        """The values that get a line, from the lowest."""
        count = round((self.maximum - self.minimum) / self.step)
        return [round(self.minimum + i * self.step, 10) for i in range(count + 1)]


#: About how many steps a scale has.
STEPS = 5


def nice_axis(values: Sequence[Number | None], target: Number | None = None, *, from_zero: bool = True) -> Axis:
    """Return a scale in round steps (1, 2, 2.5 or 5 times a power of ten) that holds all values and the target.

    Counts get whole steps. Without values the scale is 0 to 1.

    :param from_zero: include zero, so that heights can be compared; False shows small changes far from zero
    """
    exact = [float(value) for value in [*values, target] if value is not None]
    known = [value if value.is_integer() else round(value, 6) for value in exact]
    if not known:
        return Axis(0, 1, 1, 0)
    low, high = min(known), max(known)
    if from_zero or low == high:
        low, high = min(low, 0), max(high, 0)
    if low == high:
        high = low + 1
    whole = all(value.is_integer() for value in known)
    step = _nice_step((high - low) / STEPS, whole=whole)
    minimum, maximum = math.floor(low / step + 1e-12) * step, math.ceil(high / step - 1e-12) * step
    return Axis(round(minimum, 10), round(maximum, 10), step, decimals_of(step))


def _nice_step(rough: float, *, whole: bool) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
    if whole and not step.is_integer():
        step = float(next(candidate for candidate in (1, 2, 5) if candidate >= step))
    return round(step, 10)


def decimals_of(value: float) -> int:
    """Return how many decimals `value` needs, at most six."""
    if value.is_integer():
        return 0
    return next((count for count in range(6) if abs(value - round(value, count)) < NEGLIGIBLE / 10), 6)
