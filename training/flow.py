"""Descent with depth over very long times: the modified equation, integrated in log time.

The iterates w_0, w_1, ... of a step w -> w + D(w) lie on a solution of dw/dt = D - D2/2 + D3/3 - D4/4 + ..., where D2, D3, ...
are the forward differences of D along the iterates (Newton's series for the derivative; in backward error analysis, the modified
equation: E. Hairer, C. Lubich, G. Wanner, Geometric Numerical Integration, chapter IX). No derivative is needed: a few steps of
the very kernel that descends give the field. Each difference is smaller than the one before by about 1/t, so that four of them
are exact to rounding once t is large. In log time the field is of order one, and t = 1e12 is 14 units away from 1e6.

Changes are computed by a kernel of their own: at late times they are far smaller than the last digit of the weights. The last
difference kept is watched all the way, since a trajectory may be calm on a plateau and wild when it leaves it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import LinearNetwork
from training.machine import Progress, part_of, silent

__all__ = ["TRUSTED", "Drifted", "drift"]

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.int64]
Field: TypeAlias = Callable[[Floats, Floats], tuple[Floats, Floats]]
WEIGHTS = (
    (25 / 12, -23 / 12, 13 / 12, -3 / 12),  # D - D2/2 + D3/3 - D4/4, collected by iterate
    (1 / 4, -3 / 4, 3 / 4, -1 / 4),  # the last term alone
)
"""What the changes by four consecutive steps count for; they add up to one, so that rounding is that of a single change."""
TRUSTED = 1e-9
"""Largest doubt with which a trajectory is followed: relative to the change at the start, to the residual on the way."""
RTOL = 1e-13
"""Tolerance of the integrator; it takes the root mean square over all numbers of a batch."""
RESIDUAL_ATOL, WEIGHT_ATOL = 1e-14, 1e-15
"""Absolute tolerances, relative to each trajectory's largest residual and weight: single entries may cross zero."""


@dataclass(frozen=True)
class Drifted:
    """Where trajectories came to without steps.

    Attributes
    ----------
    records : (times, rows, n), the numbers of the state that were asked for; nan from where a trajectory could not be followed
    last : (size, n), the state at the last time
    doubt : (n,), what the last difference kept adds up to on the way, relative to the residual; at least its size at the start,
        relative to the change
    """

    records: Floats
    last: Floats
    doubt: Floats


def drift(
    network: LinearNetwork, p: float, state: Floats, rates: Floats, start: float, times: Floats, rows: Places | None = None,
    progress: Progress = silent,
) -> Drifted:  # fmt: skip
    """Follow trajectories at (size, n) at time `start` to later times; `rows` are the places of the numbers to record (all).

    Progress is told at every step of the integrator, as a share of the logarithm of time.

    A trajectory whose doubt exceeds `TRUSTED` anywhere (its learning rate is too near the edge of stability, or `start` too
    early) is followed no further, nor is one that is not finite; one at rest stays where it is.
    """
    field, entries = _field(network, p), network.outputs * network.inputs
    kept = np.arange(len(state)) if rows is None else rows
    change, term = field(state, rates)
    finite, still = np.isfinite(state).all(axis=0), (change == 0).all(axis=0)
    doubt = _relative(term, change, entries, resting=still)
    records, last = np.full((len(times), len(kept), rates.size), np.nan), np.full(state.shape, np.nan)
    resting, going = finite & still, finite & ~still & (doubt <= TRUSTED)
    records[:, :, resting], last[:, resting] = state[kept][:, resting], state[:, resting]
    if going.any():
        found = _followed(field, entries, state[:, going], rates[going], start, times, kept, progress)
        records[:, :, going], last[:, going] = found.records, found.last
        doubt[going] = np.fmax(doubt[going], found.doubt)
    return Drifted(records, last, doubt)


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


def _relative(term: Floats, to: Floats, entries: int, *, resting: Flags) -> Floats:
    """Return the largest residual entry of one relative to that of the other, (n,): zero at rest, infinite where not finite."""
    with np.errstate(all="ignore"):
        found = np.abs(term[:entries]).max(axis=0) / np.abs(to[:entries]).max(axis=0)
    return np.where(resting, 0.0, np.where(np.isfinite(found), found, np.inf))


def _followed(
    field: Field, entries: int, state: Floats, rates: Floats, start: float, times: Floats, rows: Places, progress: Progress
) -> Drifted:
    """Integrate a batch; where the integrator gives up, one half after the other, so that none is lost to another."""
    from scipy.integrate import DOP853  # not at collection

    shape, logs, rates = state.shape, np.log(times), rates.copy()
    records, done, doubt = np.full((len(times), len(rows), rates.size), np.nan), 0, np.zeros(rates.size)

    def speed(log_time: float, flat: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray((np.exp(log_time) * field(flat.reshape(shape), rates)[0]).ravel())

    solver = DOP853(speed, np.log(start), state.ravel(), logs[-1], rtol=RTOL, atol=_atol(state, entries))
    while solver.status == "running":
        with np.errstate(all="ignore"):  # trial steps may overflow; they are not accepted
            solver.step()
        if solver.status == "failed":
            return _halved(field, entries, state, rates, start, times, rows, progress)
        now = solver.y.reshape(shape)
        change, last = field(now, rates)
        # What the last term moved in this step: near a kink of phi it is large for a moment, which moves next to nothing.
        steps = np.exp(solver.t) * (solver.t - solver.t_old)
        doubt = doubt + steps * _relative(last, now, entries, resting=(change == 0).all(axis=0))
        refused = doubt > TRUSTED
        upto = int(np.searchsorted(logs, solver.t, side="right"))
        if upto > done:
            between = solver.dense_output()(logs[done:upto]).T.reshape(-1, *shape)[:, rows]
            records[done:upto] = np.where(refused, np.nan, between)
            done = upto
        progress((solver.t - np.log(start)) / max(logs[-1] - np.log(start), np.finfo(float).tiny))
        rates[refused], solver.f.reshape(shape)[:, refused] = 0.0, 0.0  # those rest from now on
        solver.atol = _atol(now, entries)
    return Drifted(records, np.where(doubt > TRUSTED, np.nan, solver.y.reshape(shape)), doubt)


def _halved(
    field: Field, entries: int, state: Floats, rates: Floats, start: float, times: Floats, rows: Places, progress: Progress
) -> Drifted:
    """Follow either half of a batch alone; a single trajectory that cannot be integrated is in doubt without limit."""
    n = rates.size
    if n == 1:
        return Drifted(np.full((len(times), len(rows), 1), np.nan), np.full(state.shape, np.nan), np.array([np.inf]))
    first, second = (
        _followed(field, entries, state[:, half], rates[half], start, times, rows, part_of(progress, share, share + 0.5))
        for half, share in ((slice(0, n // 2), 0.0), (slice(n // 2, n), 0.5))
    )
    return Drifted(
        np.concatenate([first.records, second.records], axis=2),
        np.concatenate([first.last, second.last], axis=1),
        np.concatenate([first.doubt, second.doubt]),
    )


def _atol(state: Floats, entries: int) -> Floats:
    """Return absolute tolerances, which follow the residual down step by step."""
    sizes = np.empty_like(state)
    sizes[:entries] = RESIDUAL_ATOL * np.abs(state[:entries]).max(axis=0)
    if len(state) > entries:
        sizes[entries:] = WEIGHT_ATOL * np.abs(state[entries:]).max(axis=0)
    return sizes.ravel()
