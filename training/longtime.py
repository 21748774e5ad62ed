"""Going on from the last exact step: by a jump for plain descent, by the modified equation with depth."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import LinearNetwork
from training.flow import drift
from training.jump import jump
from training.kernels import Descended, recorded
from training.machine import Progress, silent

__all__ = ["continued"]

Floats: TypeAlias = NDArray[np.float64]
Times: TypeAlias = NDArray[np.int64]


def continued(
    network: LinearNetwork, p: float, found: Descended, rates: Floats, stepped: Times, wanted: Times, progress: Progress = silent
) -> Descended:
    """Return the records at all `wanted` times, given exact ones at `stepped`, the last of which descent has reached."""
    keep, later = np.isin(stepped, wanted), wanted[wanted > stepped[-1]]
    exact = Descended(found.residual[keep], found.outer[keep], found.state)
    if not len(later):
        return exact
    entries = found.residual.shape[1]
    records, last = _later(network, p, found.state, rates, float(stepped[-1]), later.astype(np.float64), progress)
    outer = records[:, -1] if found.outer.shape[1] else np.empty((len(later), 0))
    return Descended(np.concatenate([exact.residual, records[:, :entries]]), np.concatenate([exact.outer, outer]), last)


def _later(
    network: LinearNetwork, p: float, state: Floats, rates: Floats, start: float, times: Floats, progress: Progress
) -> tuple[Floats, Floats]:
    """Return the recorded numbers (times, rows, n) and the last state (size, n)."""
    if network.layers == 1:
        states = jump(state, rates, (times - start)[:, None, None], p)
        return states, states[-1]
    found = drift(network, p, state, rates, start, times, recorded(network), progress)
    return found.records, found.last
