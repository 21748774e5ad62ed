"""The ray along which the residual goes to zero at late times, and the constant that depth puts into the rate.

Once the preconditioner K has settled, dDelta/d(eta t) = -K phi(Delta) has the solutions Delta = a ((p-2) eta t)^(-1/(p-2)) with
a = K phi(a). Without depth K = I and every |a_i| is 1 or 0. In the coordinates K^(-1/2) Delta the flow is steepest descent on
sum |Delta_i|^p, so that from almost everywhere it comes to a ray where this sum is least on {Delta' K^-1 Delta = 1} nearby; other
rays are left again, as slowly as their neighbours are alike.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp.problem import phi

__all__ = ["late_ray", "late_residual"]

Floats: TypeAlias = NDArray[np.float64]
STEPS, STEP = 4_000, 0.02
"""Steps of relaxation in log time times p - 2, and their size; Newton's method then makes the ray exact."""
NEWTON = 6


def late_ray(kernel: Floats, p: float, towards: Floats) -> Floats:
    """Return a = K phi(a), (seeds, entries): the ray that the flow with constant K reaches from a residual that points `towards`.

    Kernel: (seeds, entries, entries). Follows d a / d ln t = (a - K phi(a)) / (p - 2), to which late times reduce.

    >>> late_ray(4 * np.eye(2)[None], 4, np.array([[1.0, -2.0]])).round(12).tolist()  # K = 4: each |a_i| is 4^(-1/2)
    [[0.5, -0.5]]
    """
    largest = np.linalg.eigvalsh(kernel)[:, -1:]
    a = towards / np.linalg.norm(towards, axis=1, keepdims=True) * largest ** (-1 / (p - 2))
    for _ in range(STEPS):
        a = a + STEP * _excess(kernel, p, a)
    for _ in range(NEWTON):
        jacobian = np.eye(a.shape[1]) - kernel * ((p - 1) * np.abs(a) ** (p - 2))[:, None, :]
        a = a - np.linalg.solve(jacobian, _excess(kernel, p, a)[:, :, None])[:, :, 0]
    return a


def late_residual(ray: Floats, p: float, rates: Floats, times: Floats) -> Floats:
    """Return Delta at late times on a ray, (seeds, entries, records): a ((p-2) eta t)^(-1/(p-2)).

    >>> late_residual(np.array([[1.0]]), 4, np.array([0.5]), np.array([100.0])).tolist()
    [[[0.1]]]
    """
    return ray[:, :, None] * ((p - 2) * rates[:, None, None] * times) ** (-1 / (p - 2))


def _excess(kernel: Floats, p: float, a: Floats) -> Floats:
    return a - (kernel @ phi(a, p)[:, :, None])[:, :, 0]
