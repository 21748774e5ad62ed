"""Gaps between two decaying curves: how a gap drifts, by decades of time or by its units, and how wide it is at most."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.estimators import Curves, Measured, MeasurementError, two_arms, unreadable, without
from evidence.regression import least_squares

__all__ = ["GapDrift", "GapTrend", "exponent_between", "largest_gap"]

Floats: TypeAlias = NDArray[np.float64]
DECADE = 10.0
FEWEST = 3
SAME = 1e-9
"""Times this near each other, relative, are the same: powers of ten are recorded up to rounding."""


@dataclass(frozen=True)
class GapDrift:
    """By how many decades the gap log10(first / second) changes in a decade of time, between two times or over the last decade.

    Parallel curves in a log-log plot have a drift of zero; below zero, the first arm is getting ahead. It is the least-squares
    slope of the gap against log10 t within the window: a number of that window, not extrapolated to any limit. Arms are paired by
    seed and recorded at the same times.

    >>> times = np.array([1.0, 10.0, 100.0, 1000.0])
    >>> deep, plain = (Curves(times, times[None] ** exponent) for exponent in (-0.75, -0.5))
    >>> GapDrift((10, 1000)).measure(deep, plain).values.round(9).tolist()
    [-0.25]
    """

    window: tuple[float, float] | None = None
    paired: bool = field(default=True, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the drift for each seed. Raises ``MeasurementError`` where fewer than three records lie in the window."""
        first, second = _at_the_same_times(arms)
        window = self.window or (first.times[-1] / DECADE, first.times[-1])
        return _gap_slopes(first, second, window, np.log10)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the first arm with t^shift multiplied in."""
        first, second = two_arms(arms)
        return first.tilted(shift), second


@dataclass(frozen=True)
class GapTrend:
    """By how many decades the gap log10(first / second) changes in one unit of time within a window, or over all records.

    Curves that fall by the same factor in the same time, which are parallel in a plot with a linear time axis, have a trend of
    zero; below zero, the first arm is getting ahead. `unit` is the length of the unit in the curves' own times: an epoch in
    steps, for example. It is a least-squares slope; arms are paired by seed and recorded at the same times.

    >>> times = np.array([0.0, 10.0, 20.0])
    >>> falling, level = Curves(times, np.array([[1.0, 0.1, 0.01]])), Curves(times, np.ones((1, 3)))
    >>> GapTrend(unit=10).measure(falling, level).values.round(9).tolist()
    [-1.0]
    """

    window: tuple[float, float] | None = None
    unit: float = 1.0
    paired: bool = field(default=True, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the trend for each seed. Raises ``MeasurementError`` where fewer than three records lie in the window."""
        first, second = _at_the_same_times(arms)
        return _gap_slopes(first, second, self.window or (first.times[0], first.times[-1]), lambda times: times / self.unit)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the first arm with 10^(shift t / unit) multiplied in."""
        first, second = two_arms(arms)
        return first.scaled(10.0 ** (shift * first.times / self.unit)), second


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


def _gap_slopes(first: Curves, second: Curves, window: tuple[float, float], scale: Callable[[Floats], Floats]) -> Measured:
    """Return the slope of log10(first / second) against the scaled times within the window, for each seed."""
    low, high = window
    inside = (first.times >= low * (1 - SAME)) & (first.times <= high * (1 + SAME))
    if inside.sum() < FEWEST:
        raise MeasurementError(
            f"only {inside.sum()} recorded times lie in [{low:g}, {high:g}]: a slope of the gap needs at least {FEWEST}"
        )
    with np.errstate(all="ignore"):
        gaps = np.log10(first.values[:, inside]) - np.log10(second.values[:, inside])
    broken = unreadable(second, "its error") | unreadable(first, "its error")
    gaps[~np.isfinite(gaps)] = np.nan  # one bad point spoils its own seed, quietly
    return Measured(without(_slopes(scale(first.times[inside]), gaps), broken), broken=broken)


def _place(curves: Curves, time: float) -> int:
    near = np.flatnonzero(np.abs(curves.times - time) <= SAME * time)
    if not len(near):
        raise MeasurementError(f"no record was made at t = {time:g}")
    return int(near[0])


def _slopes(x: Floats, y: Floats) -> Floats:
    """Return the least-squares slope of each row of y against x, (seeds,)."""
    line = np.stack([np.ones_like(x), x - x.mean()], axis=1)
    return least_squares(line, y.T).coefficients[1]
