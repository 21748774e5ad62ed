"""What the L2 penalty alone does to a product of two matrices: the value of the penalty over time, from the start alone.

With no data, gradient flow on (weight / 2) ||W2 W1||^2 moves A = W1 W1' and B = W2' W2, both (inner, inner), by

    dA/dtau = dB/dtau = -weight (A B + B A),

so that A - B is conserved, and ||W2 W1||^2 = tr(A B) needs nothing else. A plain matrix decays as exp(-weight tau). The flow time
of descent with momentum mu is the sum of its learning rates over 1 - mu, less what the first steps lack while the momentum
gathers. For conserved A - B see Arora, Cohen and Hazan (2018), arXiv 1802.06509.
"""

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["flow_times", "penalty_alone", "plain_squares", "product_squares"]

Floats: TypeAlias = NDArray[np.float64]
FINE = 0.05
"""How far a Runge-Kutta step goes at most, as a share of the time in which the fastest factor changes by itself."""


def flow_times(learning_rate: float, decay: float, momentum: float, epoch: int, steps: NDArray[np.int64]) -> Floats:
    """Return the flow time after so many steps, each entry of `steps`, of descent with a staircase decay after each epoch.

    Parameters
    ----------
    epoch : updates in an epoch

    >>> flow_times(0.01, 1.0, 0.0, epoch=10, steps=np.array([0, 5])).tolist()
    [0.0, 0.05]
    >>> float(flow_times(0.01, 1.0, 0.9, epoch=10, steps=np.array([1000]))[0].round(2))
    99.1
    """
    updates = np.arange(1, int(steps.max(initial=0)) + 1)
    rates = learning_rate * decay ** ((updates - 1) // epoch)
    gathered = (1 - momentum**updates) / (1 - momentum)
    return np.concatenate([[0.0], np.cumsum(rates * gathered)])[steps]


def plain_squares(matrix: Floats, weight: float, times: Floats) -> Floats:
    """Return ||W||^2 at the times, (seeds, times), of plain matrices (seeds, out, in), or vectors, that start so.

    >>> plain_squares(np.array([[[2.0]]]), 0.5, np.array([0.0, 1.0])).round(3).tolist()
    [[4.0, 1.472]]
    """
    start = (matrix.reshape(len(matrix), -1) ** 2).sum(axis=1)
    return np.asarray(start[:, None] * np.exp(-2 * weight * times))


def product_squares(first: Floats, last: Floats, weight: float, times: Floats) -> Floats:
    """Return ||W2 W1||^2 at the times, (seeds, times), of factors W1 (seeds, inner, in) and W2 (seeds, out, inner) that start so.

    `times` begin at 0 and increase.

    >>> first, last = np.array([[[1.0]]]), np.array([[[1.0]]])  # a = b: a' = -2 weight a^2, so that a = 1/(1 + 2 weight tau)
    >>> product_squares(first, last, 0.5, np.array([0.0, 1.0])).round(6).tolist()
    [[1.0, 0.25]]
    """
    a, b = first @ first.swapaxes(1, 2), last.swapaxes(1, 2) @ last
    apart, found = b - a, [_trace(a, b)]
    for span in np.diff(times):
        steps = max(
            1, math.ceil(weight * span * (np.linalg.norm(a, axis=(1, 2)) + np.linalg.norm(a + apart, axis=(1, 2))).max() / FINE)
        )
        for _ in range(steps):
            a = _stepped(a, apart, weight * span / steps)
        found.append(_trace(a, a + apart))
    return np.stack(found, axis=1)


def penalty_alone(layers: Sequence[Sequence[Floats]], biases: Sequence[Floats], weight: float, times: Floats) -> Floats:
    """Return the penalty, weight / 2 times all squares, at the times, (seeds, times), where nothing but the penalty acts.

    Parameters
    ----------
    layers : each a list of one matrix or of two factors, the first applied first
    biases : each (seeds, ...)

    Raises ``ValueError`` for a layer of three factors or more.

    >>> penalty_alone([[np.ones((1, 1, 1))]], [np.ones((1, 1))], 0.5, np.array([0.0])).tolist()
    [[0.5]]
    """
    total = sum(plain_squares(bias, weight, times) for bias in biases)
    for factors in layers:
        total = total + _squares(factors, weight, times)
    return np.asarray(weight / 2 * total)


def _squares(factors: Sequence[Floats], weight: float, times: Floats) -> Floats:
    if len(factors) == 1:
        return plain_squares(factors[0], weight, times)
    if len(factors) == 2:
        return product_squares(factors[0], factors[1], weight, times)
    raise ValueError(f"The penalty's flow is known here for one matrix or two factors, not for {len(factors)}.")


def _stepped(a: Floats, apart: Floats, span: float) -> Floats:
    """Return A after a step of the classical Runge-Kutta method; B is A + apart throughout."""

    def slope(at: Floats) -> Floats:
        mixed = at @ (at + apart)
        return -(mixed + mixed.swapaxes(1, 2))

    first = slope(a)
    second = slope(a + span / 2 * first)
    third = slope(a + span / 2 * second)
    fourth = slope(a + span * third)
    return a + span / 6 * (first + 2 * second + 2 * third + fourth)


def _trace(a: Floats, b: Floats) -> Floats:
    return np.asarray((a * b).sum(axis=(1, 2)))
