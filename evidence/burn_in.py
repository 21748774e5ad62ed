"""The burn-in of a power law: how long a curve takes until its local exponent is near the late one, and how that scales."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.estimators import Curves, Measured, MeasurementError, unreadable, without
from evidence.regression import slope

__all__ = ["BurnInExponent", "burn_in_times"]

Floats: TypeAlias = NDArray[np.float64]
WITHIN = 0.1
"""A local exponent this near the late one, relative, ends the burn-in."""


def burn_in_times(curves: Curves, exponent: float) -> Floats:
    """Return when each curve's local exponent first comes within 10 % of the late `exponent`, (seeds,).

    The local exponent, the slope of the logarithm against that of time between neighbouring records, is taken to hold at their
    geometric mean and is interpolated in log t. Infinite where it never comes so near, nan where a curve has no logarithm.

    >>> times = np.geomspace(1, 1e4, 401)
    >>> burn_in_times(Curves(times, (10 + times[None]) ** -1.0), -1).round(1).tolist()  # slope -t / (10 + t), -0.9 at t = 90
    [90.0]
    """
    after_start = curves.times > 0
    logs = np.log(curves.times[after_start])
    with np.errstate(all="ignore"):
        shares = np.diff(np.log(curves.values[:, after_start]), axis=1) / np.diff(logs) / exponent
    middles, found = (logs[1:] + logs[:-1]) / 2, np.full(len(curves), np.inf)
    for place, share in enumerate(shares):
        near = share >= 1 - WITHIN
        if not np.isfinite(share).all():
            found[place] = np.nan
        elif near.any() and not near[0]:
            first = int(near.argmax())
            found[place] = np.exp(np.interp(1 - WITHIN, share[first - 1 : first + 1], middles[first - 1 : first + 1]))
        elif near[0]:
            found[place] = np.exp(middles[0])
    return found


@dataclass(frozen=True)
class BurnInExponent:
    """The exponent of the burn-in time against a quantity x that several arms differ in: time ~ x^exponent.

    Its first arm holds x: as many "times" as there are other arms, and for each seed the x of its arms. `late` is the exponent
    that the curves come to; `systematic` the largest error that is known of, such as that of discrete steps.
    """

    late: float
    systematic: float = 0.0
    paired: bool = field(default=False, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the slope of log time against log x over the arms for each seed."""
        x, curves = _checked(arms)
        times = np.stack([burn_in_times(each, self.late) for each in curves], axis=1)
        slopes, good = np.full(len(times), np.nan), np.isfinite(times).all(axis=1)
        slopes[good] = slope(np.log(x[good]), np.log(times[good]))
        broken = {place: why for each in curves for place, why in unreadable(each, "its error").items()}
        for place in np.flatnonzero(~good):
            broken.setdefault(int(place), "its burn-in did not end")
        return Measured(without(slopes, broken), systematic=self.systematic, broken=broken)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return every arm slowed down by the factor x^shift, x relative to the mean over its arms and averaged over seeds."""
        x, curves = _checked(arms)
        factors = np.exp(shift * (np.log(x) - np.log(x).mean(axis=1, keepdims=True)).mean(axis=0))
        return arms[0], *(each.stretched(float(factor)) for each, factor in zip(curves, factors, strict=True))


def _checked(arms: tuple[Curves, ...]) -> tuple[Floats, tuple[Curves, ...]]:
    """Return x, (seeds, arms), and the arms."""
    if len(arms) < 4:
        raise MeasurementError(
            f"an exponent over {max(0, len(arms) - 1)} arms leaves no error: at least 3 are needed, after what they differ in"
        )
    x, curves = arms[0].values, arms[1:]
    if any(len(each) != len(x) for each in curves) or x.shape[1] != len(curves):
        raise MeasurementError(f"values of shape {x.shape[0]} x {x.shape[1]} do not fit {len(curves)} arms")
    if not (np.isfinite(x).all() and (x > 0).all()):
        raise MeasurementError("what the arms differ in must be positive and finite")
    return x, curves
