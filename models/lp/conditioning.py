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

from models.lp.network import SCALAR_DEPTH
from models.lp.problem import Problem, phi
from models.lp.starts import Start

__all__ = ["constant_gain", "late_ray", "solution_preconditioner"]

Floats: TypeAlias = NDArray[np.float64]
STEP, TURNS = 0.02, 4000
"""Step of the relaxation towards a ray, in units of the fastest rate, and how many are taken: the slowest mode is then gone."""


def solution_preconditioner(targets: Floats, imbalance: Floats) -> Floats:
    """Return K = s^2 I + m m' at the solution, (seeds, inputs, inputs).

    `targets` are (seeds, inputs), `imbalance` is c = s^2 - ||m||^2, (seeds,).

    >>> solution_preconditioner(np.array([[3.0, 4.0]]), np.array([0.0])).tolist()  # ||y|| (I + u u'), ||y|| = 5
    [[[6.8, 2.4], [2.4, 8.2]]]
    """
    outer_squared = (imbalance + np.hypot(imbalance, 2 * np.linalg.norm(targets, axis=1))) / 2
    inner = targets / np.sqrt(outer_squared)[:, None]
    identity = outer_squared[:, None, None] * np.eye(targets.shape[1])
    return np.asarray(identity + inner[:, :, None] * inner[:, None, :])


def late_ray(preconditioner: Floats, p: float, residual: Floats) -> Floats:
    """Return the stable solution a = K phi(a), (seeds, inputs), that descent reaches from a residual (seeds, inputs).

    There are several solutions; this one is found as descent finds it, by following da = a - K phi(a).

    >>> late_ray(np.eye(2)[None], 4, np.array([[-2.0, 0.1]])).round(9).tolist()
    [[-1.0, 1.0]]
    """
    largest = np.linalg.eigvalsh(preconditioner)[:, -1:]
    a = residual / np.linalg.norm(residual, axis=1, keepdims=True) * largest ** (-1 / (p - 2))
    for _ in range(TURNS):
        a = a + STEP * (a - np.einsum("nij,nj->ni", preconditioner, phi(a, p)))
    return np.asarray(a)


def constant_gain(problem: Problem, start: Start, seeds: Sequence[int]) -> Floats:
    """Return log10 of the constant without depth over that with scalar depth, (seeds,), both at the same step size.

    Above zero, depth lowers the constant. Small steps are assumed: c is that of the start. Where several rays are stable, the one
    that the first residual points to is taken; descent may reach another, at targets of similar size above all.

    >>> from models.lp import Balanced, ConditionedRegression
    >>> gains = [constant_gain(ConditionedRegression(p=4, scale=k, condition=1), Balanced(scale=0.01), [0]) for k in (1, 100)]
    >>> [round(float(gain[0]), 3) for gain in gains]  # log10 sqrt(2), and a tenfold more for a hundredfold scale
    [0.151, 1.151]
    """
    inner, outer = start.factors(problem, SCALAR_DEPTH, seeds)
    targets, p = problem.targets(seeds), problem.p
    imbalance = outer[:, 0, 0] ** 2 - (inner[:, 0] ** 2).sum(axis=1)
    residual = outer[:, 0] * inner[:, 0] - targets
    deep = late_ray(solution_preconditioner(targets, imbalance), p, residual)
    plain = np.count_nonzero(residual, axis=1) ** 0.5
    return np.asarray(np.log10(plain / np.linalg.norm(deep, axis=1)))
