"""Descent with depth over very long times: the modified equation, integrated in log time.

The iterates w_0, w_1, ... of a step w -> w + D(w) lie on a solution of dw/dt = D - D2/2 + D3/3 - D4/4 + ..., where D2, D3, ...
are the forward differences of D along the iterates (Newton's series for the derivative; in backward error analysis, the modified
equation: E. Hairer, C. Lubich, G. Wanner, Geometric Numerical Integration, chapter IX). No derivative is needed: a few steps of
the very kernel that descends give the field. Each difference is smaller than the one before by about 1/t, so that four of them
are exact to rounding once t is large. In log time the field is of order one, and t = 1e12 is 14 units away from 1e6.

Changes are computed by a kernel of their own: at late times they are far smaller than the last digit of the weights.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import LinearNetwork

__all__ = ["TRUSTED", "drift"]

Floats: TypeAlias = NDArray[np.float64]
WEIGHTS = (
    (25 / 12, -23 / 12, 13 / 12, -3 / 12),  # D - D2/2 + D3/3 - D4/4, collected by iterate
    (1 / 4, -3 / 4, 3 / 4, -1 / 4),  # the last term alone
)
"""What the changes by four consecutive steps count for; they add up to one, so that rounding is that of a single change."""
TRUSTED = 1e-11
"""Largest size of the last difference kept, relative to the change itself, at which the modified equation is used."""
RTOL = 1e-13
"""Tolerance of the integrator; it takes the root mean square over all numbers of a batch."""
RESIDUAL_ATOL, WEIGHT_ATOL = 1e-14, 1e-15
"""Absolute tolerances, relative to each trajectory's largest residual and weight: single entries may cross zero."""


def drift(network: LinearNetwork, p: float, state: Floats, rates: Floats, start: float, times: Floats) -> tuple[Floats, Floats]:
    """Return the states (times, size, n) at later times of trajectories at (size, n) at time `start`, and the doubt (n,).

    The doubt is the last difference kept, relative to the change. Where it exceeds `TRUSTED` at the beginning (the learning rate
    is too near the edge of stability, or `start` too early), and where a state is not finite, states are nan.
    """
    field = _field(network, p)
    change, last = field(state, rates)
    entries = network.outputs * network.inputs
    with np.errstate(all="ignore"):
        doubt = np.abs(last[:entries]).max(axis=0) / np.abs(change[:entries]).max(axis=0)
    good = np.isfinite(state).all(axis=0) & (doubt <= TRUSTED)
    found = np.full((len(times), *state.shape), np.nan)
    if good.any():
        found[:, :, good] = _integrated(field, network, p, state[:, good], rates[good], start, times)
    return found, doubt


Field: TypeAlias = Callable[[Floats, Floats], tuple[Floats, Floats]]


def _field(network: LinearNetwork, p: float) -> Field:
    """Return the modified equation's field per step, and its last term."""
    from training.lanes import LANES, chain_kernel  # compiling is for those who train

    chain = chain_kernel(network, p, WEIGHTS)

    def field(state: Floats, rates: Floats) -> tuple[Floats, Floats]:
        n = rates.size
        here, etas = np.zeros((len(state), n + -n % LANES)), np.zeros(n + -n % LANES)
        here[:, :n], etas[:n] = state, rates
        sums = np.empty((len(WEIGHTS), *here.shape))
        chain(here, etas, sums)
        return sums[0, :, :n], sums[1, :, :n]

    return field


def _integrated(
    field: Field, network: LinearNetwork, p: float, state: Floats, rates: Floats, start: float, times: Floats
) -> Floats:
    """Return states at the times, a stage at a time: absolute tolerances follow the residual down."""
    found = []
    entries = network.outputs * network.inputs
    stages = [start, *_stages(start, times[-1], p)]
    for begin, end in zip(stages, stages[1:], strict=False):
        inside = times[(times > begin) & (times <= end)]
        states = _stage(field, entries, state, rates, begin, np.unique(np.append(inside, end)))
        found += list(states[: len(inside)])
        state = states[-1]
    return np.array(found)


def _stage(field: Field, entries: int, state: Floats, rates: Floats, begin: float, times: Floats) -> Floats:
    """Return states (times, size, n); nan where the integrator gave up."""
    from scipy.integrate import solve_ivp  # not at collection

    def speed(log_time: float, flat: Floats) -> Floats:
        return np.asarray((np.exp(log_time) * field(flat.reshape(state.shape), rates)[0]).ravel())

    logs = np.log(times)
    solved = solve_ivp(
        speed, (np.log(begin), logs[-1]), state.ravel(), method="DOP853", t_eval=logs, rtol=RTOL, atol=_atol(state, entries)
    )
    if not solved.success:
        return np.full((len(times), *state.shape), np.nan)
    return np.asarray(solved.y.T).reshape(len(times), *state.shape)


def _stages(start: float, end: float, p: float) -> Floats:
    """Return the ends of stages over which the residual falls about tenfold, or time a decade where that is shorter.

    >>> _stages(1e6, 1e9, 4.0).round().tolist()
    [10000000.0, 100000000.0, 1000000000.0]
    """
    count = int(np.ceil(np.log10(end / start) / min(1.0, p - 2) * (1 - 1e-12)))
    ends = np.geomspace(start, end, count + 1)[1:]
    ends[-1] = end
    return np.asarray(ends)


def _atol(state: Floats, entries: int) -> Floats:
    sizes = np.empty_like(state)
    sizes[:entries] = RESIDUAL_ATOL * np.abs(state[:entries]).max(axis=0)
    if len(state) > entries:
        sizes[entries:] = WEIGHT_ATOL * np.abs(state[entries:]).max(axis=0)
    return sizes.ravel()
