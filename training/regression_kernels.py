"""Compiled loops of descent on l_p regression with inputs of any kind: one trajectory at a time, without depth or with a scalar.

A state holds Delta, m and s, in this order; without depth m and s rest. Inputs are X, (examples, dimension), with second moment
X' X / n.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

__all__ = ["descend", "largest"]

JIT: Callable[[Any], Any] = numba.njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "arcp"})
LOG_STEP, LIMIT = 0.02, 2.5
"""Longest step of the integration in log time, and how much of the fastest rate's time one may take: RK4 is stable up to 2.78."""
SHARES = (0.0, 0.5, 0.5, 1.0)
"""How far into its step each stage of the Runge-Kutta rule looks."""


@JIT
def _pull(columns: Any, p: Any, delta: Any, residuals: Any, out: Any) -> None:
    """Put X' phi(X delta) / n into `out`; columns are X'."""
    dimension, n = columns.shape
    residuals[:] = 0.0
    for j in range(dimension):
        for i in range(n):
            residuals[i] += delta[j] * columns[j, i]
    if p == 4.0:
        for i in range(n):
            residuals[i] *= residuals[i] * residuals[i] / n
    elif p == 2.0:
        for i in range(n):
            residuals[i] /= n
    else:
        for i in range(n):
            residuals[i] *= abs(residuals[i]) ** (p - 2) / n
    for j in range(dimension):
        total = 0.0
        for i in range(n):
            total += columns[j, i] * residuals[i]
        out[j] = total


@JIT
def _norm(state: Any, dimension: Any) -> float:
    """Return ||Delta||."""
    total = 0.0
    for j in range(dimension):
        total += state[j] * state[j]
    return np.sqrt(total)


@JIT
def _step(columns: Any, p: Any, state: Any, eta: Any, deep: Any, residuals: Any, slope: Any) -> None:
    """Take one step of the report's updates; Delta moves by the exact change of s m."""
    dimension = columns.shape[0]
    _pull(columns, p, state[:dimension], residuals, slope)
    if not deep:
        for j in range(dimension):
            state[j] -= eta * slope[j]
        return
    s, change = state[2 * dimension], 0.0
    for j in range(dimension):
        change -= eta * slope[j] * state[dimension + j]
    for j in range(dimension):
        m, by = state[dimension + j], -eta * s * slope[j]
        state[j] += s * by + change * m + change * by
        state[dimension + j] = m + by
    state[2 * dimension] = s + change


@JIT
def _flow(
    columns: Any,
    p: Any,
    state: Any,
    moved: Any,
    share: Any,
    scale: Any,
    deep: Any,
    here: Any,
    residuals: Any,
    slope: Any,
    out: Any,
) -> None:
    """Put the flow's change at state + share · moved into `out`, times a scale."""
    dimension, along = columns.shape[0], 0.0
    for j in range(state.size):
        here[j] = state[j] + share * moved[j] if share else state[j]
    _pull(columns, p, here[:dimension], residuals, slope)
    s = here[2 * dimension]
    for j in range(dimension):
        along += slope[j] * here[dimension + j]
    for j in range(dimension):
        out[j] = -scale * ((s * s * slope[j] + along * here[dimension + j]) if deep else slope[j])
        out[dimension + j] = -scale * s * slope[j] if deep else 0.0
    out[2 * dimension] = -scale * along if deep else 0.0


@JIT
def _fastest(p: Any, state: Any, scale: Any, deep: Any, pulls: Any) -> float:
    """Return a bound on the flow's fastest rate, given |r|^(p-1) / n for every example; the second moment is at most one."""
    largest_pull, weights = 0.0, 1.0
    for i in range(pulls.size):
        largest_pull = max(largest_pull, abs(pulls[i]))
    if deep:
        weights = 0.0
        for j in range(state.size // 2, state.size):
            weights += state[j] * state[j]
    return scale * (p - 1) * (largest_pull * pulls.size) ** ((p - 2) / (p - 1)) * weights


@JIT
def descend(x: Any, p: Any, state: Any, eta: Any, deep: Any, times: Any, stepped: Any, error: Any) -> None:
    """Descend from a state, which is changed, and put the error at the given times into `error`.

    The first `stepped` steps are taken; later times are reached by the flow, with the classical Runge-Kutta rule in log time.

    >>> x, state, error = np.eye(1), np.array([1.0, 0.0, 0.0]), np.empty(2)
    >>> descend(x, 4.0, state, 0.1, False, np.array([0.0, 1.0]), 10.0, error)
    >>> error.round(12).tolist()
    [1.0, 0.9]
    """
    columns = x.T.copy()
    dimension, size = columns.shape[0], state.size
    residuals, slope = np.empty(columns.shape[1]), np.empty(dimension)
    parts, here = np.zeros((4, size)), np.empty(size)
    now = 0.0
    for record in range(times.size):
        while now < min(times[record], stepped):
            _step(columns, p, state, eta, deep, residuals, slope)
            now += 1.0
        while now < times[record]:
            h, left = 0.0, np.log(times[record] / now)
            for stage in range(4):
                share, before = SHARES[stage], parts[max(0, stage - 1)]
                at = eta * now * np.exp(h * share)
                _flow(columns, p, state, before, share, at, deep, here, residuals, slope, parts[stage])
                if stage == 0:
                    h = min(LOG_STEP, LIMIT / _fastest(p, state, at, deep, residuals), left)
                for j in range(size):
                    parts[stage, j] *= h
            if not (h > 0 or h == left):  # the state has overflowed
                error[record:] = np.nan
                return
            for j in range(size):
                state[j] += (parts[0, j] + 2 * parts[1, j] + 2 * parts[2, j] + parts[3, j]) / 6
            now = times[record] if h == left else now * np.exp(h)
        error[record] = _norm(state, dimension)


@JIT
def _lasts(columns: Any, p: Any, start: Any, eta: Any, deep: Any, steps: Any, state: Any, residuals: Any, slope: Any) -> bool:
    """Tell whether the error stays within a hundred times its start."""
    dimension = columns.shape[0]
    limit = 100 * _norm(start, dimension)
    state[:] = start
    for _ in range(steps):
        _step(columns, p, state, eta, deep, residuals, slope)
        if not _norm(state, dimension) < limit:
            return False
    return True


@JIT
def largest(x: Any, p: Any, start: Any, eta: Any, factor: Any, deep: Any, steps: Any) -> float:
    """Return the largest stable step size: eta · 2, eta · 4, ... are tried, then finer ones by `factor`, for so many steps each.

    >>> 1.9 < largest(np.eye(1), 2.0, np.array([1.0, 0.0, 0.0]), 0.1, 1.01, False, 2000) <= 2.0
    True
    """
    columns = x.T.copy()
    residuals, slope, state = np.empty(columns.shape[1]), np.empty(columns.shape[0]), np.empty(start.size)
    while _lasts(columns, p, start, eta * 2.0, deep, steps, state, residuals, slope):
        eta *= 2.0
    eta /= 4.0  # stability may have gaps: the finer steps go over the octaves below, too, and end at the first gap
    while _lasts(columns, p, start, eta * factor, deep, steps, state, residuals, slope):
        eta *= factor
    return eta
