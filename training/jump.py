"""Plain descent after any number of steps at once, to rounding.

With x = eta |Delta|^q and q = p - 2 one step is x' = x (1 - x)^q, whatever eta and p. Abel's equation A(x') = A(x) + 1 turns t
steps into an addition: A = 1/(q x) + (q+1)/(2q) ln x + a_1 x + a_2 x^2 + ..., whose coefficients follow one from the other by
comparing powers of x. Then A(x_t) = A(x_0) + t is solved for x_t by Newton's method.

The first two terms are the lemma's rate and the logarithm that finite steps add to it.
"""

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import ArrayLike, NDArray

__all__ = ["jump", "largest"]

Floats: TypeAlias = NDArray[np.float64]
TERMS = 10
LARGEST = 0.02
"""The largest eta |Delta|^(p-2) from which jumping is exact to rounding with ten terms, up to p = 8; less above, since the series
goes by (p - 2) eta |Delta|^(p-2). Exact steps must come first."""
STILL = 1e-300
"""Below this eta |Delta|^(p-2) no number of steps that can be counted moves the residual."""
ITERATIONS = 8


def jump(residual: Floats, rates: Floats, steps: ArrayLike, p: float) -> Floats:
    """Return the residual (..., n) after so many more steps of plain descent, for learning rates (n,).

    `steps` broadcasts against the residual. Entries from which a jump would not be exact, with eta |Delta|^(p-2) above
    `largest(p)`, and those that are not finite, become nan.

    >>> after = jump(np.array([0.1]), np.array([0.5]), 1e12, p=4)  # 1 / sqrt(2 eta t), and u0 and the logarithm
    >>> round(float(after[0] * np.sqrt(1e12)), 9)
    1.0
    """
    q = p - 2
    with np.errstate(all="ignore"):
        start = rates * np.abs(residual) ** q
        goal = _abel(np.log(start), q) + np.asarray(steps, dtype=np.float64)
        arrived = np.exp(_solved(goal, q) - np.log(rates)) ** (1 / q)
    arrived = np.where(start < STILL, np.abs(residual), np.where(start <= largest(p), arrived, np.nan))
    return np.sign(residual) * arrived


def largest(p: float) -> float:
    """Return the largest eta |Delta|^(p-2) from which a jump is exact to rounding.

    >>> largest(4), largest(14)
    (0.02, 0.01)
    """
    return LARGEST * min(1.0, 6 / (p - 2))


def _abel(log_x: Floats, q: float) -> Floats:
    """Return A at x."""
    return np.exp(-log_x) / q + (q + 1) / (2 * q) * log_x + polynomial.polyval(np.exp(log_x), _coefficients(q))


def _solved(goal: Floats, q: float) -> Floats:
    """Return log x where A(x) is the goal; A is nearly 1/(q x), so that Newton's method in 1/x is almost exact at once."""
    inverse = q * goal
    for _ in range(ITERATIONS):
        slope = 1 / q - (q + 1) / (2 * q) / inverse
        inverse = inverse - (_abel(-np.log(inverse), q) - goal) / slope
    return -np.log(inverse)


@cache
def _coefficients(q: float) -> Floats:
    """Return a_0 = 0, a_1, ..., a_TERMS."""
    order = TERMS + 2
    # What 1/(q x) and the logarithm add over one step, less one, as a series in x.
    left = _binomial(-q, order)[1:] / q
    left = left - np.append(0.0, (q + 1) / 2 / np.arange(1, order))[: len(left)]
    left[0] -= 1
    found = np.zeros(TERMS + 1)
    for k in range(1, TERMS + 1):
        # a_k x^k gains a_k x^k ((1 - x)^(q k) - 1), which begins with -q k a_k x^(k+1).
        found[k] = left[k + 1] / (q * k)
        left[k + 1 :] += found[k] * _binomial(q * k, order)[1 : len(left) - k]
    return found


def _binomial(power: float, order: int) -> Floats:
    """Return the coefficients of (1 - x)^power up to x^order."""
    factors = (np.arange(order) - power) / np.arange(1, order + 1)
    return np.append(1.0, np.cumprod(factors))
