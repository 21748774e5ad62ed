"""What scalar depth does to the constant of the late error, in closed form: by the size of the targets, and by their ratio.

With w = s m and small steps, c = s^2 - ||m||^2 never changes, and at the solution s^2 = (c + sqrt(c^2 + 4 ||y||^2)) / 2 and
m = y / s. There the error obeys d Delta / d tau = -K phi(Delta), tau = eta t, with K = s^2 I + m m' (without depth K = I). A
late error Delta = a ((p-2) tau)^(-1/(p-2)) must have a = K phi(a): its norm is the constant. From a balanced start
K = ||y|| (I + u u'), with u = y / ||y||: the constant is ||y||^(-1/(p-2)) times a number that depends on the direction of y
alone.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp.network import SCALAR_DEPTH, end_to_end
from models.lp.preconditioner import imbalance, scalar_preconditioner
from models.lp.problem import Problem
from models.lp.ray import late_ray
from models.lp.starts import Start

__all__ = ["constant_gain"]

Floats: TypeAlias = NDArray[np.float64]


def constant_gain(problem: Problem, start: Start, seeds: Sequence[int]) -> Floats:
    """Return log10 of the constant without depth over that with scalar depth, (seeds,), both at the same step size.

    Above zero, depth lowers the constant. Small steps are assumed: c is that of the start. Where several rays are stable, the one
    that the first residual points to is taken; descent may reach another, at targets of similar size above all.

    >>> from models.lp import Balanced, ConditionedRegression
    >>> gains = [constant_gain(ConditionedRegression(p=4, scale=k, condition=1), Balanced(scale=0.01), [0]) for k in (1, 100)]
    >>> [round(float(gain[0]), 3) for gain in gains]  # log10 sqrt(2), and a tenfold more for a hundredfold scale
    [0.151, 1.151]
    """
    factors, targets = start.factors(problem, SCALAR_DEPTH, seeds), problem.targets(seeds)
    residual = end_to_end(factors) - targets
    deep = late_ray(scalar_preconditioner(targets, imbalance(factors)), problem.p, residual)
    plain = np.count_nonzero(residual, axis=1) ** 0.5
    return np.asarray(np.log10(plain / np.linalg.norm(deep, axis=1)))
