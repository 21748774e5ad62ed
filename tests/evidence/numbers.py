"""Arms whose trajectories are one number a seed, and an estimator that reads it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from evidence.estimators import Curves, Difference, Measured


def arm(values):
    """One number a seed, at one time."""
    return Curves(np.array([1.0]), np.asarray(values, float)[:, None])


@dataclass(frozen=True)
class Last:
    """The last value; `lands` says which share of a planted effect arrives."""

    systematic: float = 0.0
    lands: float = 1.0
    paired: bool = field(default=False, init=False)

    def measure(self, *arms):
        return Measured(arms[0].values[:, -1].copy(), systematic=self.systematic)

    def plant(self, shift, *arms):
        return (Curves(arms[0].times, arms[0].values + self.lands * shift),)


def measured(values, bias=0.0):
    """What an estimator would have found."""
    return Measured(np.asarray(values, float), systematic=bias)


PAIRED = Difference(Last())
