"""What the claims on networks share: numbers that are read off runs."""

import numpy as np

from evidence import LATE, Curves, LevelRatio, crossing_time

READ_LATE = {"recorded_from": LATE[0]}
"""What a recipe changes for a training that is read late alone: it is not looked at before, which saves a sixth of its time."""


def norms(runs, power):
    """Return the norm (sum |w|^q)^(1/q) of end-to-end dense matrices and dense biases, (seeds, records)."""
    return (power * runs.penalty_of(power, weight=1.0)) ** (1 / power)


def late_curves(runs, quantity, seeds):
    """Return a quantity of some of the runs' seeds over the last 20 % of the steps, where they are recorded whatever came before."""
    rows = [runs.seeds.index(seed) for seed in seeds]
    late = runs.steps >= LATE[0] * runs.steps[-1]
    return Curves(runs.steps[late], getattr(runs, quantity)[rows][:, late])


def late_level(curves):
    """Return the geometric mean of each seed's curve over the last 20 % of its steps, (seeds,): what a late ratio is a ratio of."""
    return 10 ** LevelRatio(LATE).measure(curves, curves.scaled(1 / curves.values)).values


def at_equal_cross_entropy(values, runs, level):
    """Return values, (seeds, records), when the runs' cross-entropy first is as low as `level`, (seeds,): (seeds,), nan where never."""
    when = crossing_time(Curves(runs.steps, runs.cross_entropy), level)
    return np.array([np.interp(at, runs.steps, row) if np.isfinite(at) else np.nan for at, row in zip(when, values, strict=True)])


def lowest_common(*runs):
    """Return the lowest cross-entropy that all runs reach, seed by seed, (seeds,)."""
    return np.max([each.cross_entropy.min(axis=1) for each in runs], axis=0)
