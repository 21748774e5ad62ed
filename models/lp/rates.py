"""How fast plain descent's error falls, to three orders: Lemma 2.1's limit, the flow, and the flow with its logarithm.

With u = |Delta|^-(p-2) one step is u' = u (1 - eta/u)^-(p-2): it adds (p-2) eta + (p-2)(p-1)/2 eta^2/u + O(eta^3/u^2) to u. The
first term alone gives the flow, u = u_0 + (p-2) eta t, whose late part is the lemma's; the sum of the second gives
((p-1)/2) eta ln(1 + (p-2) eta t / u_0). The rest stays within O(eta^2/u_0). Targets enter through u_0 alone.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["flow_error", "late_error", "log_coefficient", "next_order_error"]

Floats: TypeAlias = NDArray[np.float64]


def late_error(p: float, rates: ArrayLike, steps: ArrayLike) -> Floats:
    """Return the error |Delta_t| of late times, ((p-2) eta t)^(-1/(p-2)): the lemma's rate with its constant, which is one.

    Rates and steps broadcast against each other. Raises ``ValueError`` for p of 2 and below, where there is no power law.

    >>> late_error(4, 0.5, [1, 100]).tolist()
    [1.0, 0.1]
    """
    return _error(_flow_time(p, rates, steps), p)


def flow_error(start: ArrayLike, p: float, rates: ArrayLike, steps: ArrayLike) -> Floats:
    """Return the error |Delta_t| of gradient flow at the time eta t, from the residual `start` at t = 0.

    All arguments but p broadcast. Raises ``ValueError`` for p of 2 and below.

    >>> flow_error(-0.5, 4, 0.5, [0, 96]).tolist()  # u = 4 + 96
    [0.5, 0.1]
    """
    return _error(_started(start, p) + _flow_time(p, rates, steps), p)


def next_order_error(start: ArrayLike, p: float, rates: ArrayLike, steps: ArrayLike) -> Floats:
    """Return the error |Delta_t| of descent, with the logarithm that finite steps add to the flow.

    What is left is of order eta^2 |Delta_0|^(p-2) in u, for steps with eta |Delta_0|^(p-2) well below 1. All arguments but p
    broadcast. Raises ``ValueError`` for p of 2 and below.

    >>> next_order_error(1.0, 4, 0.01, [0, 1]).round(4).tolist()  # a step leads to 1 - 0.01
    [1.0, 0.99]
    """
    flow, first = _flow_time(p, rates, steps), _started(start, p)
    return _error(first + flow + (p - 1) / 2 * np.asarray(rates) * np.log1p(flow / first), p)


def log_coefficient(
    start: ArrayLike, first: ArrayLike, last: ArrayLike, p: float, rates: ArrayLike, steps: tuple[float, float]
) -> Floats:
    """Return the coefficient that eta ln(1 + (p-2) eta t / u_0) has in u, read off errors at two times; (p-1)/2 in theory.

    Parameters
    ----------
    start : residual at t = 0
    first, last : residuals after the two numbers of `steps`
    p : power of the loss, above 2
    rates : eta

    >>> errors = (next_order_error(1.0, 4, 0.1, t) for t in (1e3, 1e5))
    >>> round(float(log_coefficient(1.0, *errors, 4, 0.1, (1e3, 1e5))), 6)
    1.5
    """
    before, after = (_flow_time(p, rates, t) for t in steps)
    gained = _started(last, p) - _started(first, p) - (after - before)
    logs = np.log1p(after / _started(start, p)) - np.log1p(before / _started(start, p))
    return np.asarray(gained / (np.asarray(rates) * logs))


def _flow_time(p: float, rates: ArrayLike, steps: ArrayLike) -> Floats:
    if not p > 2:
        raise ValueError(f"p = {p} gives no power law: the error's late constant needs p above 2.")
    return np.asarray((p - 2) * np.asarray(rates) * np.asarray(steps, dtype=np.float64))


def _started(residual: ArrayLike, p: float) -> Floats:
    """Return u = |residual|^-(p-2)."""
    return np.asarray(np.abs(residual) ** -(p - 2.0))


def _error(u: Floats, p: float) -> Floats:
    return np.asarray(u ** (-1 / (p - 2)))
