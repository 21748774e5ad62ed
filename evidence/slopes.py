"""Numbers read off a trajectory, one for each seed: late exponents, crossing times, slopes.

Confidence intervals are never taken from the points of one trajectory: gradient descent is deterministic, its residuals are
curvature. A trajectory gives one number; seeds give the interval.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Exponent", "crossing_time", "late_exponent", "late_window", "slope"]

Floats: TypeAlias = NDArray[np.float64]
DECADE = 10.0


@dataclass(frozen=True)
class Exponent:
    """A late exponent for each seed, and an estimate of what bias remains in their mean.

    `values` extrapolates linearly, `second_order` quadratically, in the error towards zero error.
    """

    values: Floats
    second_order: Floats

    @property
    def bias(self) -> float:
        """Return how far the next order of the extrapolation moves the mean: an estimate, not a bound.

        On power laws with one correction the true error was up to a quarter larger (p = 8, slowest case).
        """
        return abs(float(np.mean(self.second_order - self.values)))

    def __sub__(self, other: "Exponent") -> "Exponent":
        """Return the exponents paired by seed."""
        return Exponent(self.values - other.values, self.second_order - other.second_order)


def late_exponent(times: Floats, error: Floats) -> Exponent:
    """Return the exponent b of error ~ t^b as the error goes to zero, for each trajectory of `error` (seeds, records).

    The local exponent is fitted in each of the last three decades of `times` and extrapolated to zero error: with depth it
    approaches its limit like the error itself, so that a plain fit is still 1 to 3 % off at p = 6 to 8 and t = 1e7
    (Richardson extrapolation in the error; two decades give `values`, three give `second_order`). The exponents of a
    trajectory that is not positive and finite are nan.

    >>> times = np.geomspace(1, 1e6, 241)
    >>> exponent = late_exponent(times, times[None] ** -0.5 * (1 + times[None] ** -0.5))
    >>> round(float(exponent.values[0]), 3)
    -0.5
    """
    fits = [_fit(times, error, times[-1] / DECADE ** (k + 1), times[-1] / DECADE**k) for k in range(3)]
    exponents, errors = np.array([fit[0] for fit in fits]), np.array([fit[1] for fit in fits])
    with np.errstate(all="ignore"):
        return Exponent(_at_zero(errors[:2], exponents[:2]), _at_zero(errors, exponents))


def late_window(times: Floats) -> tuple[float, float]:
    """Return the part of the times that `late_exponent` fits."""
    return float(times[-1] / DECADE**3), float(times[-1])


def crossing_time(times: Floats, curves: Floats, levels: ArrayLike) -> Floats:
    """Return when each curve (seeds, records) first falls to its level, interpolated in log(curve); infinite where it never does.

    >>> crossing_time(np.array([0.0, 10.0]), np.array([[1.0, 0.01]]), 0.1).tolist()
    [5.0]
    """
    logs = np.log(np.minimum.accumulate(curves, axis=1))
    wanted = np.broadcast_to(np.log(levels), len(curves))
    return np.array([_first(times, log, level) for log, level in zip(logs, wanted, strict=True)])


def slope(x: Floats, y: Floats) -> Floats:
    """Return the least-squares slope of each row of y (seeds, points) on the same row of x.

    >>> slope(np.array([[0.0, 1.0, 2.0]]), np.array([[1.0, 3.0, 5.0]])).tolist()
    [2.0]
    """
    dx, dy = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    return (dx * dy).sum(axis=1) / (dx * dx).sum(axis=1)


def _fit(times: Floats, error: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Return the exponent in a window and the error's geometric mean there, each (seeds,)."""
    # A window's ends must be recorded times; powers of ten are, up to rounding.
    window = (times >= low * (1 - 1e-9)) & (times <= high * (1 + 1e-9))
    if window.sum() < 3:
        raise ValueError(f"Only {window.sum()} recorded times lie in [{low:g}, {high:g}]: an exponent needs at least 3.")
    with np.errstate(all="ignore"):
        logs = np.log(error[:, window])
    logs[~np.isfinite(logs)] = np.nan  # one bad point spoils its own trajectory, quietly
    return slope(np.broadcast_to(np.log(times[window]), logs.shape), logs), np.exp(logs.mean(axis=1))


def _at_zero(nodes: Floats, values: Floats) -> Floats:
    """Return Lagrange's polynomial through (node, value) at zero, for nodes and values (k, seeds)."""
    total = np.zeros(nodes.shape[1])
    for i, node in enumerate(nodes):
        others = np.delete(nodes, i, axis=0)
        total += values[i] * np.prod(others / (others - node), axis=0)
    return total


def _first(times: Floats, log: Floats, level: float) -> float:
    below = np.flatnonzero(log <= level)
    if below.size == 0:
        return np.inf
    k = below[0]
    if k == 0:
        return float(times[0])
    share = (log[k - 1] - level) / (log[k - 1] - log[k])
    return float(times[k - 1] + share * (times[k] - times[k - 1]))
