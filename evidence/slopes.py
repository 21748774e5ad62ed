"""Numbers read off decaying curves, one for each seed: late exponents and constants.

Confidence intervals are never taken from the points of one trajectory: gradient descent is deterministic, its residuals are
curvature. A trajectory gives one number; seeds give the interval.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.estimators import Curves, Measured, MeasurementError, one_arm, unreadable, without
from evidence.regression import least_squares

__all__ = ["LateConstant", "LateExponent", "late_window"]

Floats: TypeAlias = NDArray[np.float64]
DECADE = 10.0
SLOWEST = 0.9
"""Largest ratio from one decade to the next at which a correction is taken to decay: t^-0.046."""
ROUNDING_STEPS = 8
"""A step smaller than this many units of resolution is distorted by rounding."""


@dataclass(frozen=True)
class LateExponent:
    """The exponent b of error ~ t^b as the error goes to zero.

    The local exponent is fitted in each of the last three decades of times and extrapolated to zero error: with depth it
    approaches its limit like the error itself, so that a plain fit is still 1 to 3 % off at p = 6 to 8 and t = 1e7 (Richardson
    extrapolation in the error). Two windows give the number; the two before, one decade earlier, give it a second time, and the
    change from there is the estimate of the error that is left, or the distance to the limit by the ratio that the three decades
    show where that is larger: they include what decays by another power than the error, and the log t / t of finite steps. A
    factor of log t, which never decays, is beyond them: there the true error was up to 2.4 times the estimate.

    `resolution` is the spacing of the numbers in which the training kept what the error was computed from, in the error's
    units: 0 where it kept the error itself (relative rounding). A training that stored parameters of size 1 to 2 as float64 has
    2.2e-16; its steps vanish in rounding long before its error does, which fakes another slope (p = 2.5: from t = 2e6 on).

    >>> times = np.geomspace(1, 1e6, 241)
    >>> measured = LateExponent().measure(Curves(times, times[None] ** -0.5 * (1 + times[None] ** -0.5)))
    >>> round(float(measured.values[0]), 3)
    -0.5
    """

    resolution: float = 0.0
    paired: bool = field(default=False, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the exponent for each seed of one arm; a seed whose error is not positive, finite and moving has none."""
        curves = one_arm(arms)
        windows = [_Window(curves, k) for k in range(3)]
        exponents = np.array([window.exponents() for window in windows])
        return _extrapolated(curves, windows, exponents, _unreadable(curves, self.resolution))

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the curves with t^shift multiplied in."""
        return (one_arm(arms).tilted(shift),)


@dataclass(frozen=True)
class LateConstant:
    """The logarithm to base 10 of the constant C in error ~ C t^b, for a known exponent b, as the error goes to zero.

    The difference between two arms is the logarithm of the ratio of their constants.

    >>> times = np.geomspace(1, 1e6, 241)
    >>> measured = LateConstant(-0.5).measure(Curves(times, 100 * times[None] ** -0.5))
    >>> round(float(measured.values[0]), 3)
    2.0
    """

    exponent: float
    resolution: float = 0.0
    paired: bool = field(default=False, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return log10 of the constant for each seed of one arm."""
        curves = one_arm(arms)
        windows = [_Window(curves, k) for k in range(3)]
        logs = np.array([window.mean_log() - self.exponent * window.log_times.mean() for window in windows]) / np.log(10)
        return _extrapolated(curves, windows, logs, _unreadable(curves, self.resolution))

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the curves multiplied by 10^shift."""
        curves = one_arm(arms)
        return (curves.scaled(10.0**shift),)


def late_window(times: Floats) -> tuple[float, float]:
    """Return the part of the times that `LateExponent` and `LateConstant` fit."""
    return float(times[-1] / DECADE**3), float(times[-1])


# ---- windows -------------------------------------------------------------------------------------------------


class _Window:
    """The k-th last decade of a set of curves."""

    def __init__(self, curves: Curves, k: int) -> None:
        low, high = curves.times[-1] / DECADE ** (k + 1), curves.times[-1] / DECADE**k
        # A window's ends must be recorded times; powers of ten are, up to rounding.
        inside = (curves.times >= low * (1 - 1e-9)) & (curves.times <= high * (1 + 1e-9))
        if inside.sum() < 3:
            raise MeasurementError(f"only {inside.sum()} recorded times lie in [{low:g}, {high:g}]: an exponent needs at least 3")
        self.log_times = np.log(curves.times[inside])
        with np.errstate(all="ignore"):
            self.logs = np.log(curves.values[:, inside])
        self.logs[~np.isfinite(self.logs)] = np.nan  # one bad point spoils its own trajectory, quietly

    def exponents(self) -> Floats:
        """Return the least-squares slope of log error against log time, (seeds,)."""
        line = np.stack([np.ones_like(self.log_times), self.log_times - self.log_times.mean()], axis=1)
        return least_squares(line, self.logs.T).coefficients[1]

    def mean_log(self) -> Floats:
        """Return the mean of log error, (seeds,)."""
        return self.logs.mean(axis=1)


def _extrapolated(curves: Curves, windows: list[_Window], values: Floats, broken: dict[int, str]) -> Measured:
    """Return values (3 windows, seeds) extrapolated to zero error, from the last two windows and from the two before."""
    errors = np.exp([window.mean_log() for window in windows])
    with np.errstate(all="ignore"):
        last, before = _at_zero(errors[:2], values[:2]), _at_zero(errors[1:], values[1:])
        # Both as error = found - truth, so that those of two arms subtract: the change from a decade earlier has the other sign.
        left = _larger(before - last, last - _by_observed_order(values))
    for place in np.flatnonzero(~np.isfinite(last)):
        broken.setdefault(int(place), "its exponent could not be extrapolated")
    return Measured(without(last, broken), correction=left, broken=broken)


def _by_observed_order(values: Floats) -> Floats:
    """Return the limit of three values, the last first, if they go on approaching it by the ratio they show (Aitken).

    Ratios are cut at `SLOWEST`; values that do not approach anything by a common sign stay where they are.
    """
    ratio = (values[0] - values[1]) / (values[1] - values[2])
    ratio = np.where(ratio > 0, np.minimum(ratio, SLOWEST), 0.0)
    return values[0] + (values[0] - values[1]) * ratio / (1 - ratio)


def _larger(first: Floats, second: Floats) -> Floats:
    return np.where(np.abs(first) >= np.abs(second), first, second)


def _at_zero(nodes: Floats, values: Floats) -> Floats:
    """Return the straight line through two (node, value) at zero, for nodes and values (2, seeds)."""
    return (values[0] * nodes[1] - values[1] * nodes[0]) / (nodes[1] - nodes[0])


# ---- curves that must not be fitted ---------------------------------------------------------------------------


def _unreadable(curves: Curves, resolution: float) -> dict[int, str]:
    """Return, by place, why the late part of a trajectory cannot be fitted."""
    found = unreadable(curves, "its error")
    low, _ = late_window(curves.times)
    late = curves.times >= low * (1 - 1e-9)
    for place, why in _stalls(curves.times[late], curves.values[:, late], resolution).items():
        found.setdefault(place, why)
    return found


def _stalls(times: Floats, values: Floats, resolution: float) -> dict[int, str]:
    """Return why a trajectory no longer falls: it stands still, flickers, or moves by steps that rounding distorts.

    A curve that repeats itself bit for bit stands still; one whose step, |d error / dt|, is a few units of the resolution is
    about to; one that rises has reached a floor, or is no power law yet.
    """
    with np.errstate(all="ignore"):
        steps = np.diff(values, axis=1) / np.diff(times)
    still, rising = (steps == 0) | (np.abs(steps) < ROUNDING_STEPS * resolution), steps > 0
    found = {}
    for place in np.flatnonzero((still | rising).any(axis=1)):
        first = int((still | rising)[place].argmax())
        words = "stalls at rounding from" if still[place, first] else "rises at"
        found[int(place)] = f"its error {words} t = {times[first]:.3g}"
    return found
