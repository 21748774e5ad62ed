"""Gaps between two decaying curves: how a gap drifts over late times, and how wide it is at most."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.estimators import Curves, Measured, MeasurementError, two_arms, unreadable, without
from evidence.regression import least_squares

__all__ = ["GapDrift", "exponent_between", "largest_gap"]

Floats: TypeAlias = NDArray[np.float64]
DECADE = 10.0
SAME = 1e-9
"""Times this near each other, relative, are the same: powers of ten are recorded up to rounding."""


@dataclass(frozen=True)
class GapDrift:
    """By how many decades the gap log10(first / second) changes in a decade of time, between two times or over the last decade.

    Parallel curves in a log-log plot have a drift of zero; below zero, the first arm is getting ahead. It is the least-squares
    slope of the gap against log10 t within the window: a number of that window, not extrapolated to any limit. Arms are paired by
    seed and recorded at the same times.

    >>> times = np.array([1.0, 10.0, 100.0, 1000.0])
    >>> GapDrift((10, 1000)).measure(Curves(times, times[None] ** -0.75), Curves(times, times[None] ** -0.5)).values.tolist()
    [-0.25]
    """

    window: tuple[float, float] | None = None
    paired: bool = field(default=True, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the drift for each seed. Raises ``MeasurementError`` where fewer than three records lie in the window."""
        first, second = _at_the_same_times(arms)
        low, high = self.window or (first.times[-1] / DECADE, first.times[-1])
        inside = (first.times >= low * (1 - SAME)) & (first.times <= high * (1 + SAME))
        if inside.sum() < 3:
            raise MeasurementError(f"only {inside.sum()} recorded times lie in [{low:g}, {high:g}]: a drift needs at least 3")
        with np.errstate(all="ignore"):
            gaps = np.log10(first.values[:, inside]) - np.log10(second.values[:, inside])
        broken = unreadable(second, "its error") | unreadable(first, "its error")
        gaps[~np.isfinite(gaps)] = np.nan  # one bad point spoils its own seed, quietly
        return Measured(without(_slopes(np.log10(first.times[inside]), gaps), broken), broken=broken)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the first arm with t^shift multiplied in."""
        first, second = two_arms(arms)
        return first.tilted(shift), second


def largest_gap(first: Curves, second: Curves) -> Floats:
    """Return the largest |ln(first / second)| over the records, (seeds,): for small gaps, their relative size.

    Raises ``MeasurementError`` for curves with other times, or other numbers of seeds.

    >>> curves = Curves(np.array([1.0, 2.0]), np.array([[1.0, 0.5]]))
    >>> largest_gap(curves.scaled([1.0, 1.01]), curves).round(4).tolist()
    [0.01]
    """
    one, other = _at_the_same_times((first, second))
    with np.errstate(all="ignore"):
        return np.asarray(np.abs(np.log(one.values) - np.log(other.values)).max(axis=1))


def exponent_between(curves: Curves, low: float, high: float) -> Floats:
    """Return ln(error at high / error at low) / ln(high / low), the mean exponent between two recorded times, (seeds,).

    Raises ``MeasurementError`` for a time that was not recorded.

    >>> times = np.array([1.0, 10.0, 100.0])
    >>> exponent_between(Curves(times, times[None] ** -2), 10, 100).round(9).tolist()
    [-2.0]
    """
    before, after = (curves.values[:, _place(curves, time)] for time in (low, high))
    with np.errstate(all="ignore"):
        return np.asarray((np.log(after) - np.log(before)) / np.log(high / low))


def _at_the_same_times(arms: tuple[Curves, ...]) -> tuple[Curves, Curves]:
    first, second = two_arms(arms, paired=True)
    if first.times.shape != second.times.shape or not np.allclose(first.times, second.times, rtol=SAME, atol=0):
        raise MeasurementError("the arms were recorded at different times, so that they have no gap at any of them")
    return first, second


def _place(curves: Curves, time: float) -> int:
    near = np.flatnonzero(np.abs(curves.times - time) <= SAME * time)
    if not len(near):
        raise MeasurementError(f"no record was made at t = {time:g}")
    return int(near[0])


def _slopes(x: Floats, y: Floats) -> Floats:
    """Return the least-squares slope of each row of y against x, (seeds,)."""
    line = np.stack([np.ones_like(x), x - x.mean()], axis=1)
    return least_squares(line, y.T).coefficients[1]
