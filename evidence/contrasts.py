"""Contrasts: a weighted sum, over several arms, of one number read off each; such as the slope of a gain over conditions."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from evidence.estimators import Curves, Estimator, Measured, MeasurementError

__all__ = ["Contrast", "gain_slope"]


@dataclass(frozen=True)
class Contrast:
    """The sum of weight times number over the arms, for each seed; arms hold the same seeds, in the same order.

    >>> from evidence.slopes import LateConstant
    >>> times = np.geomspace(1, 1e6, 241)
    >>> arms = [Curves(times, c * times[None] ** -0.5) for c in (100.0, 10.0, 1.0)]
    >>> round(float(Contrast(LateConstant(-0.5), (1, -2, 1)).measure(*arms).values[0]), 6)  # 2 - 2 · 1 + 0
    0.0
    """

    of: Estimator
    weights: tuple[float, ...]
    paired: bool = field(default=False, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the weighted sum for each seed. Raises ``MeasurementError`` where arms and weights do not fit."""
        _check(arms, self.weights)
        each = [_times(weight, self.of.measure(arm)) for weight, arm in zip(self.weights, arms, strict=True)]
        total = each[0]
        for more in each[1:]:
            total = total - _times(-1.0, more)
        return total

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Plant the whole effect in the arm of the largest weight."""
        _check(arms, self.weights)
        place = int(np.argmax(np.abs(self.weights)))
        (changed,) = self.of.plant(shift / self.weights[place], arms[place])
        return *arms[:place], changed, *arms[place + 1 :]


def gain_slope(over: Sequence[float]) -> tuple[float, ...]:
    """Return the weights of a contrast that is the least-squares slope, over some places, of what two arms differ by.

    Arms come in pairs, one pair for each place; the second arm's number is taken from the first's.

    >>> gain_slope([0, 1, 2])
    (-0.5, 0.5, 0.0, -0.0, 0.5, -0.5)
    """
    away = np.asarray(over, dtype=np.float64) - np.mean(over)
    if not (away != 0).any():
        raise MeasurementError(f"no slope can be taken over places that are all the same: {list(over)}")
    weights = away / (away**2).sum()
    return tuple(float(sign * weight) for weight in weights for sign in (1, -1))


def _check(arms: tuple[Curves, ...], weights: tuple[float, ...]) -> None:
    if len(arms) != len(weights) or not arms:
        raise MeasurementError(f"a contrast of {len(weights)} weights takes as many arms, not {len(arms)}")
    if not np.any(weights):
        raise MeasurementError("a contrast whose weights are all zero says nothing")
    lengths = sorted({len(arm) for arm in arms})
    if len(lengths) > 1:
        raise MeasurementError(f"the arms of a contrast have {lengths} seeds: they need the same seeds, in the same order")


def _times(weight: float, measured: Measured) -> Measured:
    """Return all numbers times the weight; errors by its size."""
    return Measured(
        weight * measured.values,
        correction=None if measured.correction is None else weight * measured.correction,
        doubt=abs(weight) * measured._doubts(),
        systematic=abs(weight) * measured.systematic,
        broken=measured.broken,
    )
