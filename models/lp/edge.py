"""The largest step size at which plain descent converges, found by trying, and the edge that theory gives.

From Delta, one step leads to Delta (1 - eta |Delta|^(p-2)): smaller in size, and so again, where eta |Delta|^(p-2) < 2; larger,
and so again, where it is above.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import PLAIN, LpRegression, Start, end_to_end, phi

__all__ = ["edge_of_stability"]

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
STEPS, HALVINGS = 100, 30


def edge_of_stability(problem: LpRegression, start: Start, seeds: Sequence[int], weight: float = 1.0) -> Floats:
    """Return eta max_i |Delta_i|^(p-2) at the largest step size eta that converges from a start, (seeds,); theory says 2.

    Found by bisection over descents of 100 steps, to one part in 10^9. The loss is `weight` / p sum |Delta_i|^p, so that p drops
    the 1/p.

    >>> from models.lp import BesideTarget
    >>> edge_of_stability(LpRegression(p=4), BesideTarget(), [0]).round(6).tolist()
    [2.0]
    """
    residual = end_to_end(start.factors(problem, PLAIN, seeds)) - problem.targets(seeds)
    largest = np.abs(residual).max(axis=1)

    def converges(rates: Floats) -> Flags:
        return _converges(residual, weight * rates, problem.p)

    return _bisected(converges, len(seeds)) * largest ** (problem.p - 2)


def _converges(residual: Floats, rates: Floats, p: float) -> Flags:
    """Tell at which seeds all coordinates end nearer to the target than they began."""
    now = residual.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(STEPS):
            now = now - rates[:, None] * phi(now, p)
        return np.asarray((np.abs(now) < np.abs(residual)).all(axis=1))


def _bisected(converges: Callable[[Floats], Flags], n: int) -> Floats:
    """Return where `converges` changes from true to false, for each of n seeds."""
    low = np.full(n, 1e-6)
    while (growing := converges(2 * low)).any():
        low = np.where(growing, 2 * low, low)
    factor = np.sqrt(2.0)
    for _ in range(HALVINGS):
        low = np.where(converges(factor * low), factor * low, low)
        factor = np.sqrt(factor)
    return low
