"""When an error falls to a share of its start, and what is left of another quantity by then."""

from dataclasses import dataclass, field

import numpy as np

from evidence.estimators import Curves, Measured, MeasurementError, one_arm, two_arms, unreadable, without
from evidence.times import crossing_time

__all__ = ["FallTime", "LeftWhen"]


@dataclass(frozen=True)
class FallTime:
    """The logarithm to base 10 of the time in which an error falls to a share of that at its first record.

    The difference of two arms is the logarithm of the ratio of their times.

    >>> curves = Curves(np.array([1.0, 10.0, 100.0]), np.array([[1.0, 0.1, 0.01]]))
    >>> FallTime(0.01).measure(curves).values.tolist()
    [2.0]
    """

    share: float
    paired: bool = field(default=False, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return log10 of the time for each seed of one arm; a seed that does not get there has none."""
        curves = one_arm(arms)
        broken = unreadable(curves, "its error")
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.log10(crossing_time(curves, curves.values[:, 0] * self.share))
        for place in np.flatnonzero(~np.isfinite(times)):
            broken.setdefault(int(place), f"its error does not fall to {self.share:g} of its start")
        return Measured(without(times, broken), broken=broken)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the arm slowed down by the factor 10^shift."""
        return (one_arm(arms).stretched(10.0**shift),)


@dataclass(frozen=True)
class LeftWhen:
    """The value of one curve at the time when another, its clock, has fallen to a share of its first record.

    >>> times = np.array([0.0, 1.0, 2.0])
    >>> left, clock = Curves(times, np.array([[1.0, 0.4, 0.2]])), Curves(times, np.array([[1.0, 0.1, 0.01]]))
    >>> LeftWhen(0.1).measure(left, clock).values.tolist()
    [0.4]
    """

    share: float
    paired: bool = field(default=False, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the value for each seed; a seed whose clock does not get there, or whose curve is not finite, has none."""
        curves, clock = two_arms(arms, paired=True)
        if not np.array_equal(curves.times, clock.times):
            raise MeasurementError("a curve and its clock were recorded at different times")
        broken = unreadable(clock, "its clock")
        for place in np.flatnonzero(~np.isfinite(curves.values).all(axis=1)):
            broken.setdefault(int(place), "a quantity is not finite")
        with np.errstate(divide="ignore", invalid="ignore"):
            when = crossing_time(clock, clock.values[:, 0] * self.share)
        for place in np.flatnonzero(~np.isfinite(when)):
            broken.setdefault(int(place), f"its clock does not fall to {self.share:g} of its start")
        left = np.array([np.interp(at, curves.times, values) for at, values in zip(when, curves.values, strict=True)])
        return Measured(without(left, broken), broken=broken)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the curve raised by the shift, and its clock."""
        curves, clock = two_arms(arms)
        return Curves(curves.times, curves.values + shift), clock
