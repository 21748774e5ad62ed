"""The exponent of a decaying curve over its last decades, as it stands there: nothing is extrapolated."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.estimators import Curves, Measured, MeasurementError, one_arm, unreadable, without
from evidence.regression import slope

__all__ = ["WindowExponent", "decade_exponents"]

Floats: TypeAlias = NDArray[np.float64]
FEWEST = 3


@dataclass(frozen=True)
class WindowExponent:
    """The least-squares exponent of error ~ t^b over the last `decades` of the recorded times.

    It is a number about finite time: what the error does later, such as leaving a direction that it has followed for decades, it
    cannot know. `LateExponent` is for the limit, where curves have settled enough for it.

    >>> times = np.geomspace(1, 1e6, 241)
    >>> measured = WindowExponent().measure(Curves(times, times[None] ** -0.5))
    >>> round(float(measured.values[0]), 12)
    -0.5
    """

    decades: float = 1.0
    paired: bool = field(default=False, init=False)

    def measure(self, *arms: Curves) -> Measured:
        """Return the exponent for each seed of one arm. Raises ``MeasurementError`` for fewer than three records."""
        curves = one_arm(arms)
        low = curves.times[-1] / 10.0**self.decades
        inside = curves.times >= low * (1 - 1e-9)
        if inside.sum() < FEWEST:
            raise MeasurementError(
                f"only {inside.sum()} recorded times are at least {low:g}: an exponent needs at least {FEWEST}"
            )
        broken = unreadable(curves, "its error")
        whole = [place for place in range(len(curves)) if place not in broken]
        values = np.full(len(curves), np.nan)
        if whole:
            values[whole] = slope(np.log(curves.times[inside]), np.log(curves.values[whole][:, inside]))
        return Measured(without(values, broken), broken=broken)

    def plant(self, shift: float, *arms: Curves) -> tuple[Curves, ...]:
        """Return the curves with t^shift multiplied in."""
        return (one_arm(arms).tilted(shift),)


def decade_exponents(times: Floats, values: Floats, *, start: float, stop: float) -> Floats:
    """Return the exponents between whole decades of time from `start` to `stop`, (..., decades), for values (..., records).

    Values are interpolated in the logarithms.

    >>> times = np.geomspace(1, 1000, 31)
    >>> decade_exponents(times, times**-2.0, start=10, stop=1000).round(9).tolist()
    [-2.0, -2.0]
    """
    count = round(np.log10(stop / start))
    wanted, logs = np.log10(start) + np.arange(count + 1), np.log10(values)
    flat = [np.interp(wanted, np.log10(times), row) for row in logs.reshape(-1, len(times))]
    return np.diff(np.array(flat), axis=1).reshape(*logs.shape[:-1], count)
