"""Ten lines of NumPy that descend as the report writes it: what the kernels are compared with."""

from fractions import Fraction
from functools import reduce

import numpy as np

from models.lp import phi


def product(matrices, size):
    """Return M_k ... M_1, the identity where there are none."""
    return reduce(lambda done, matrix: matrix @ done, matrices, np.eye(size))


def numpy_step(factors, residual, rates, p):
    """Take one step of every factor, and move the residual (n, outputs, inputs) by the exact change of the product."""
    pull, moved, change = rates[:, None, None] * phi(residual, p), list(factors), 0
    for j, factor in enumerate(factors):
        after, before = product(factors[j + 1 :], factor.shape[1]), product(factors[:j], residual.shape[2])
        step = -np.swapaxes(after, -1, -2) @ pull @ np.swapaxes(before, -1, -2)
        moved[j] = factor + step
        change = change + after @ step @ product(moved[:j], residual.shape[2])
    return moved, residual + change


def numpy_descent(factors, residual, rates, p, times):
    """Return the residual (records, outputs · inputs, n) at the times."""
    seen, now, residual = [], 0, residual.copy()
    for time in times:
        for _ in range(time - now):
            factors, residual = numpy_step(factors, residual, rates, p)
        now = time
        seen.append(residual.reshape(len(rates), -1).T)
    return np.stack(seen)


def exact_fma(a, b, c):
    """Return a b + c, rounded once: what a fused multiply-add gives, by rational arithmetic."""
    one = np.vectorize(lambda a, b, c: float(Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))), otypes=[float])
    return one(a, b, c)
