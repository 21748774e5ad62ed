"""Going on from the last exact step: by a jump for plain descent, by the modified equation with depth."""

from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import LinearNetwork
from training.flow import drift
from training.jump import jump
from training.kernels import Descended

__all__ = ["continued"]

Floats: TypeAlias = NDArray[np.float64]
Times: TypeAlias = NDArray[np.int64]


def continued(network: LinearNetwork, p: float, found: Descended, rates: Floats, stepped: Times, wanted: Times) -> Descended:
    """Return the records at all `wanted` times, given exact ones at `stepped`, the last of which descent has reached."""
    keep, later = np.isin(stepped, wanted), wanted[wanted > stepped[-1]]
    exact = replace(found, residual=found.residual[keep], outer=found.outer[keep])
    if not len(later):
        return exact
    states = _later(network, p, found.state, rates, float(stepped[-1]), later.astype(np.float64))
    entries = found.residual.shape[1]
    outer = states[:, -1] if found.outer.shape[1] else np.empty((len(later), 0))
    return Descended(np.concatenate([exact.residual, states[:, :entries]]), np.concatenate([exact.outer, outer]), states[-1])


def _later(network: LinearNetwork, p: float, state: Floats, rates: Floats, start: float, times: Floats) -> Floats:
    """Return the states (times, size, n)."""
    if network.layers == 1:
        return jump(state, rates, (times - start)[:, None, None], p)
    return drift(network, p, state, rates, start, times)[0]
