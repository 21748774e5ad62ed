"""Plain descent with the update as the report prints it, (m - y)^(p-1), beside the gradient of |m - y|^p / p.

Appendix A. The two agree for even p. For odd p the printed update drives m down on either side of y, away from it when m < y;
for p that is no whole number it is no number when m < y.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import PLAIN, BesideTarget, LpRegression, StepSize, end_to_end, phi
from models.lp.rates import late_error

__all__ = ["lemma_excess", "printed_excess"]

Floats: TypeAlias = NDArray[np.float64]


def lemma_excess(error: Floats, p: float, rates: Floats, steps: float) -> Floats:
    """Return by what share final errors exceed the lemma's, from 0 to 1, (seeds,); 1 for twice the lemma's or more.

    Overflow and nan count as 1. An error may lie well below the lemma's after a step that happened to land near the target.

    >>> lemma_excess(np.array([0.09, 0.11, 1e9, np.nan]), 4, np.full(4, 0.5), 100).round(3).tolist()
    [0.0, 0.1, 1.0, 1.0]
    """
    return np.clip(np.nan_to_num(error / late_error(p, rates, steps) - 1, nan=1.0), 0.0, 1.0)


def printed_excess(p: float, seeds: Sequence[int], *, absolute: bool, steps: int = 10_000) -> Floats:
    """Return the excess over the lemma's error of descents that start below both targets, m < y, (seeds,).

    `absolute` takes the gradient of |m - y|^p / p in place of the printed power. Parameters are stored, as in the report.

    >>> printed_excess(3, [0], absolute=True).tolist(), printed_excess(3, [0], absolute=False).tolist()
    ([0.0], [1.0])
    """
    problem = LpRegression(p=p)
    targets = problem.targets(seeds)
    apart = np.abs(end_to_end(BesideTarget().factors(problem, PLAIN, seeds)) - targets)
    rates = StepSize().rates(problem, apart, seeds)
    m = targets - apart
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            m = m - rates[:, None] * (phi(m - targets, p) if absolute else (m - targets) ** (p - 1))
    return lemma_excess(np.abs(m - targets).max(axis=1), p, rates, steps)
