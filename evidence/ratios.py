"""Paired comparisons of two training curves, one number for each seed, on the scale of log10.

Below zero, the first arm is lower, or sooner. Curves are (seeds, records) and positive; arms are paired by row.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evidence.slopes import crossing_time

__all__ = ["EARLY", "LATE", "MIDDLE", "level_ratio", "time_ratio"]

Floats: TypeAlias = NDArray[np.float64]

EARLY, MIDDLE, LATE = (0.05, 0.15), (0.45, 0.55), (0.80, 1.00)
"""Parts of training, as shares of all steps."""


def level_ratio(steps: Floats, first: Floats, second: Floats, part: tuple[float, float]) -> Floats:
    """Return log10(first / second), averaged over the records in a part of training, (seeds,).

    >>> level_ratio(np.array([0.0, 50.0, 100.0]), np.full((1, 3), 1.0), np.full((1, 3), 10.0), MIDDLE).tolist()
    [-1.0]
    """
    share = steps / steps[-1]
    window = (share >= part[0]) & (share <= part[1])
    if not window.any():
        raise ValueError(f"No record lies between the shares {part[0]} and {part[1]} of {steps[-1]:.0f} steps.")
    return np.log10(first[:, window] / second[:, window]).mean(axis=1)


def time_ratio(steps: Floats, first: Floats, second: Floats, share: float, *, stretch: float = 1.0) -> Floats:
    """Return log10 of the first arm's time to a level over the second's, (seeds,).

    The level is what the second arm has reached (its running minimum) at a share of the steps. A first arm that does not reach
    it within its steps counts as reaching it at the last, which makes it look faster than it is. `stretch` lengthens the first
    arm's times by a factor, to plant an effect.

    >>> curves = np.array([[1.0, 0.5, 0.1]])
    >>> time_ratio(np.array([0.0, 50.0, 100.0]), curves, curves, 0.5).tolist()
    [0.0]
    """
    lowest = np.log(np.minimum.accumulate(second, axis=1))
    levels = np.exp([np.interp(share * steps[-1], steps, curve) for curve in lowest])
    stretched, reference = crossing_time(steps * stretch, first, levels), crossing_time(steps, second, levels)
    return np.log10(np.minimum(stretched, steps[-1] * stretch) / reference)
