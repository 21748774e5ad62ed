"""Paired comparisons of two training curves, one number for each seed, on the scale of log10.

Below zero, the first arm is lower, or sooner. Curves are positive; arms are paired by seed.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.estimators import Curves, Measured, MeasurementError, two_arms, unreadable, without
from evidence.times import crossing_time

__all__ = ["EARLY", "END", "LATE", "MIDDLE", "START", "ChangeRatio", "LevelRatio", "TimeRatio"]

Floats: TypeAlias = NDArray[np.float64]

EARLY, MIDDLE, LATE = (0.05, 0.15), (0.45, 0.55), (0.80, 1.00)
START, END = (0.0, 0.0), (1.0, 1.0)
"""Parts of training, as shares of all steps."""


@dataclass(frozen=True)
class LevelRatio:
    """log10(first / second), averaged over the records in a part of training.

    >>> steps, level = np.array([0.0, 50.0, 100.0]), np.full((1, 3), 1.0)
    >>> LevelRatio(MIDDLE).measure(Curves(steps, level), Curves(steps, 10 * level)).values.tolist()
    [-1.0]
    """

    part: tuple[float, float]
    paired: bool = field(default=True, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the ratio for each seed."""
        first, second = _same(arms)
        share = first.times / first.times[-1]
        window = (share >= self.part[0]) & (share <= self.part[1])
        if not window.any():
            raise MeasurementError(
                f"no record lies between the shares {self.part[0]:g} and {self.part[1]:g} of {first.times[-1]:.0f} steps"
            )
        with np.errstate(all="ignore"):
            logs = np.log10(first.values[:, window]) - np.log10(second.values[:, window])
        return _readable(logs.mean(axis=1), first, second, {})

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the first arm multiplied by 10^shift."""
        first, second = arms
        return first.scaled(10.0**shift), second


@dataclass(frozen=True)
class ChangeRatio:
    """log10(first / second) at the last record, less the same at the first: what the training itself changed."""

    paired: bool = field(default=True, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the change of the ratio for each seed."""
        return LevelRatio(END).measure(*arms) - LevelRatio(START).measure(*arms)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the first arm with a drift of 10^shift from its first record to its last."""
        first, second = arms
        return first.scaled(10.0 ** (shift * first.times / first.times[-1])), second


@dataclass(frozen=True)
class TimeRatio:
    """log10 of the first arm's time to a level over the second's.

    The level is what the second arm has reached (its running minimum) at a share of the steps, seed by seed. A first arm that
    does not reach it within its steps counts as reaching it at the last, which makes it look faster than it is: on the safe side
    where "not sooner" is judged. Where "sooner" is judged, `common` takes one level for all seeds, the geometric mean of these,
    and an arm of either kind that does not reach it counts as reaching it at the last step: so neither is favoured, and seeds of
    one arm, compared with each other, take the same time on average. With a level for each seed they need not.

    >>> curves = Curves(np.array([0.0, 50.0, 100.0]), np.array([[1.0, 0.5, 0.1]]))
    >>> TimeRatio(0.5).measure(curves, curves).values.tolist()
    [0.0]
    """

    share: float
    common: bool = False
    paired: bool = field(default=True, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the ratio for each seed."""
        first, second = two_arms(arms, paired=True)
        at = self.share * second.times[-1]
        with np.errstate(all="ignore"):
            levels = _reached_by(second, at)
            levels = np.full_like(levels, np.exp(np.log(levels).mean())) if self.common else levels
            reached = [np.minimum(crossing_time(arm, levels), arm.times[-1]) for arm in (first, second)]
            ratio = np.log10(reached[0] / reached[1])
        why = {
            int(place): "a level is held from step 0 on, so that times have no ratio"
            for place in np.flatnonzero(~np.isfinite(ratio))
        }
        return _readable(ratio, first, second, why)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the first arm slowed down by the factor 10^shift."""
        first, second = arms
        return first.stretched(10.0**shift), second


def _reached_by(curves: Curves, time: float) -> Floats:
    """Return the lowest value of each curve up to a time, interpolated in its logarithm, (seeds,)."""
    lowest = np.log(np.minimum.accumulate(curves.values, axis=1))
    return np.exp([np.interp(time, curves.times, curve) for curve in lowest])


def _same(arms: tuple[Curves, ...]) -> tuple[Curves, Curves]:
    """Refuse arms whose levels cannot be paired."""
    first, second = two_arms(arms, paired=True)
    if not np.array_equal(first.times, second.times):
        raise MeasurementError("the arms were recorded at different times, so that their levels cannot be compared")
    return first, second


def _readable(values: Floats, first: Curves, second: Curves, why: dict[int, str]) -> Measured:
    """Drop seeds with a broken curve, and those that `why` names."""
    broken = why | unreadable(second, "a loss") | unreadable(first, "a loss")
    return Measured(without(values, broken), broken=broken)
