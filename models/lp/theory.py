"""Closed forms that predict descent on l_p regression."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp.problem import Problem, phi

__all__ = ["plateau", "rate_exponent"]

Floats: TypeAlias = NDArray[np.float64]


def rate_exponent(p: float) -> float:
    """Return the exponent of |Delta| against t by Lemma 2.1. Raises ``ValueError`` at p = 2, where descent is geometric.

    >>> rate_exponent(4)
    -0.5
    """
    if p == 2:
        raise ValueError("p = 2 gives no power law: descent is geometric there.")
    return -1 / (p - 2)


def plateau(problem: Problem, layers: int, scale: float, rates: Floats, seeds: Sequence[int]) -> Floats:
    """Return the predicted length of the plateau at zero, in steps, up to a constant that does not depend on `scale`.

    Two layers: ln(1/scale) / (eta ||v||). More: scale^-(N-2) / ((N-2) eta ||v||), for balanced factors of norm `scale`. Here
    v = phi(y), the slope of the loss at zero. Both follow from d(scale)/d(eta t) = ||v|| scale^(N-1).

    >>> from models.lp.problem import LpRegression
    >>> round(float(plateau(LpRegression(p=4, low=1, high=1), 3, 0.01, np.array([0.1]), [0])[0]), 3)
    707.107
    """
    slope = np.linalg.norm(phi(problem.targets(seeds), problem.p), axis=1)
    length = np.log(1 / scale) if layers == 2 else scale ** (2.0 - layers) / (layers - 2)
    return length / (rates * slope)
