"""Times read off trajectories, one for each seed: when a curve falls to a level, when an error halves."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evidence.estimators import Curves, Measured, MeasurementError, one_arm, unreadable, without
from evidence.regression import slope

__all__ = ["HalfTime", "HalfTimeSlope", "crossing_time"]

Floats: TypeAlias = NDArray[np.float64]
TIE = 1e-12
"""A curve this near its level, in the logarithm, has reached it: a level read off a flat stretch must not miss it by rounding."""


def crossing_time(curves: Curves, levels: ArrayLike) -> Floats:
    """Return when each curve first falls to its level, interpolated in log(curve), (seeds,); infinite where it never does.

    >>> crossing_time(Curves(np.array([0.0, 10.0]), np.array([[1.0, 0.01]])), 0.1).tolist()
    [5.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.minimum.accumulate(curves.values, axis=1))
        wanted = np.broadcast_to(np.log(levels), len(curves))
    below = logs <= wanted[:, None] + TIE
    place, rows = below.argmax(axis=1), np.arange(len(curves))
    before = np.maximum(place - 1, 0)
    high, low, times = logs[rows, before], logs[rows, place], curves.times
    with np.errstate(divide="ignore", invalid="ignore"):
        between = times[before] + (high - wanted) / (high - low) * (times[place] - times[before])
    return np.where(~below.any(axis=1), np.inf, np.where(place == 0, times[0], between))


@dataclass(frozen=True)
class HalfTime:
    """The logarithm to base 10 of the time in which an error halves; the difference of two arms is the ratio of their times.

    >>> curves = Curves(np.array([1.0, 10.0, 100.0]), np.array([[1.0, 0.5, 0.1]]))
    >>> HalfTime().measure(curves).values.tolist()
    [1.0]
    """

    paired: bool = field(default=False, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return log10 of the half-time for each seed of one arm."""
        curves = one_arm(arms)
        with np.errstate(divide="ignore"):
            return _reached(np.log10(_half_times(curves)), unreadable(curves, "its error"))

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the arm slowed down by the factor 10^shift."""
        curves = one_arm(arms)
        return (curves.stretched(10.0**shift),)


@dataclass(frozen=True)
class HalfTimeSlope:
    """The slope of the half-times of several arms against a prediction: one where it is right, whatever it leaves out.

    Its first arm is the prediction: as many "times" as there are other arms, and for each seed the half-times a theory gives
    them. `systematic` is the largest error of the slope that is known of, such as that of discrete steps.
    """

    systematic: float = 0.0
    paired: bool = field(default=False, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the slope over the arms for each seed."""
        predicted, curves = _checked(arms)
        halved = np.stack([_half_times(each) for each in curves], axis=1)
        slopes = np.full(len(halved), np.nan)
        good = np.isfinite(halved).all(axis=1)
        slopes[good] = slope(predicted[good], halved[good])
        broken = {place: why for each in curves for place, why in unreadable(each, "its error").items()}
        return _reached(slopes, broken, self.systematic)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return all arms but the prediction slowed down by one factor, which moves the mean slope by the shift."""
        mean = float(np.nanmean(self.measure(*arms).values))
        if not mean > 0 or not 1.0 + shift / mean > 0:
            raise MeasurementError(f"a shift of {shift:.3g} cannot be planted in a slope of {mean:.3g} by slowing down")
        return arms[0], *(curves.stretched(1.0 + shift / mean) for curves in arms[1:])


def _checked(arms: tuple[Curves, ...]) -> tuple[Floats, tuple[Curves, ...]]:
    """Return the predictions, (seeds, arms), and the arms."""
    if len(arms) < 4:
        raise MeasurementError(
            f"a slope over {max(0, len(arms) - 1)} arms leaves no error: at least 3 are needed, after the prediction"
        )
    predicted, curves = arms[0].values, arms[1:]
    lengths = sorted({len(each) for each in curves})
    if len(lengths) > 1 or predicted.shape != (len(curves[0]), len(curves)):
        shape = " x ".join(map(str, predicted.shape))
        raise MeasurementError(f"predictions of shape {shape} do not fit {len(curves)} arms of {lengths} seeds")
    if not np.isfinite(predicted).all():
        raise MeasurementError("a predicted time is not finite")
    if (np.ptp(predicted, axis=1) == 0).any():
        raise MeasurementError("the predicted times of a seed are all the same: no slope can be taken against them")
    return predicted, curves


def _half_times(curves: Curves) -> Floats:
    return crossing_time(curves, curves.values[:, 0] / 2)


def _reached(values: Floats, broken: dict[int, str], systematic: float = 0.0) -> Measured:
    for place in np.flatnonzero(~np.isfinite(values)):
        broken.setdefault(int(place), "its error never halved")
    return Measured(without(values, broken), systematic=systematic, broken=broken)
