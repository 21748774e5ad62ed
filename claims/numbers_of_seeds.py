"""What claims share whose estimand is one number for each seed, not a course of time."""

import numpy as np

from evidence import Curves

ONCE = np.array([1.0])


def as_curves(*numbers):
    """Return one number for each seed, (seeds,), as curves of a single record, for each argument."""
    return [Curves(ONCE, np.asarray(each, dtype=np.float64)[:, None]) for each in numbers]
