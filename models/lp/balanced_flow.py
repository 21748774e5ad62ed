"""Gradient flow of balanced linear networks with one output, for many depths and powers at once.

Balanced factors leave no trace but w: dDelta/dtau = -||w||^(2-2/N) (phi(Delta) + (N-1) w w'phi(Delta) / ||w||^2), with
tau = eta t and w = y + Delta (Arora, Cohen and Hazan 2018, Claim 2). Integrated in log time by the classical Runge-Kutta method.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["balanced_flow", "start_along_descent"]

Floats: TypeAlias = NDArray[np.float64]
EARLIEST = 1e-3
"""Flow time taken as zero: nothing has moved by then."""
PER_RECORD = 10
RECORDS = 20
"""Steps between records, and records in a decade: a step of 0.0115 in log time."""


def start_along_descent(targets: Floats, p: ArrayLike, size: ArrayLike) -> Floats:
    """Return w of norm `size` along steepest descent from zero, (..., inputs); p and size broadcast to (...).

    >>> start_along_descent(np.array([2.0, 0.0]), 4, 0.1).tolist()
    [0.1, 0.0]
    """
    downhill = _phi(targets, np.asarray(p, dtype=np.float64)[..., None])
    return np.asarray(size)[..., None] * downhill / np.linalg.norm(downhill, axis=-1, keepdims=True)


def balanced_flow(targets: Floats, start: Floats, layers: ArrayLike, p: ArrayLike, *, until: float) -> tuple[Floats, Floats]:
    """Return flow times (records,) up to `until`, and the residual there, (..., inputs, records).

    Targets and start are (..., inputs), layers and p broadcast to (...).

    >>> tau, residual = balanced_flow(np.array([1.0]), np.array([0.5]), 1, 4, until=1e6)
    >>> round(float(residual[0, -1] * np.sqrt(2 * tau[-1])), 4)  # one layer: the lemma, constant 1
    -1.0
    """
    count = round(RECORDS * np.log10(until / EARLIEST))
    logs = np.linspace(np.log(EARLIEST), np.log(until), count + 1)
    depth, power = (np.asarray(each, dtype=np.float64)[..., None] for each in (layers, p))
    step, residual, found = (logs[1] - logs[0]) / PER_RECORD, start - targets, [start - targets]

    def speed(log_time: float, at: Floats) -> Floats:
        return -np.exp(log_time) * _pulled(targets + at, _phi(at, power), depth)

    for log_time in logs[:-1]:
        for k in range(PER_RECORD):
            residual = residual + _runge_kutta(speed, log_time + k * step, residual, step)
        found.append(residual)
    return np.exp(logs), np.stack(found, axis=-1)


def _phi(residual: Floats, power: Floats) -> Floats:
    """Return the slope of the loss, for as many powers as there are residuals."""
    return np.sign(residual) * np.abs(residual) ** (power - 1)


def _pulled(w: Floats, slope: Floats, layers: Floats) -> Floats:
    """Return K(w) slope."""
    square = (w**2).sum(axis=-1, keepdims=True)
    along = (w * slope).sum(axis=-1, keepdims=True) * w / square
    return square ** (1 - 1 / layers) * (slope + (layers - 1) * along)


def _runge_kutta(speed: Callable[[float, Floats], Floats], time: float, at: Floats, step: float) -> Floats:
    first = speed(time, at)
    second = speed(time + step / 2, at + step / 2 * first)
    third = speed(time + step / 2, at + step / 2 * second)
    fourth = speed(time + step, at + step * third)
    return step / 6 * (first + 2 * second + 2 * third + fourth)
