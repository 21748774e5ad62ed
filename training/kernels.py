"""Descent of many trajectories at once, on the CPU or on a GPU, from the same step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import Factors, LinearNetwork
from training.machine import Progress, silent
from training.steps import state_size

__all__ = ["Descended", "descend", "pack", "recorded", "unpack"]

Floats: TypeAlias = NDArray[np.float64]
PIECES = 20
"""How often descent tells how far it is, and can be stopped, at most: at records."""


@dataclass(frozen=True)
class Descended:
    """What was recorded, and where descent stopped.

    Attributes
    ----------
    residual : (records, outputs · inputs, n), Delta = W - Y
    outer : (records, n), the scalar s of scalar depth; no rows for other networks
    state : (size, n), the last state: residual, then factors, each row by row
    """

    residual: Floats
    outer: Floats
    state: Floats


def descend(
    network: LinearNetwork, p: float, factors: Factors, residual: Floats, rates: Floats, times: NDArray[np.int64],
    *, device: str = "cpu", progress: Progress = silent,
) -> Descended:  # fmt: skip
    """Take gradient steps from `factors` (each (n, rows, columns)) and `residual` (n, outputs · inputs), recording at `times`.

    Memory is that of the records, n x records, whatever the number of steps.

    >>> from models.lp import PLAIN
    >>> found = descend(PLAIN, 4, [], np.array([[1.0, 0.5]]), np.array([0.1]), np.array([1]))
    >>> found.residual[0, :, 0].round(4).tolist()  # 1 - 0.1, 0.5 - 0.1 / 8
    [0.9, 0.4875]
    """
    n, entries = residual.shape
    if np.shape(rates) != (n,):
        raise ValueError(f"{np.shape(rates)} learning rates do not fit {n} trajectories: there must be one for each.")
    if len(times) and (times[0] < 0 or (np.diff(times) < 0).any()):
        raise ValueError(f"The times {list(times)} do not rise from 0 on.")
    state, rows = pack(network, factors, residual), recorded(network)
    out = np.empty((len(times), len(rows), state.shape[1]))
    etas = np.pad(rates, (0, state.shape[1] - n))
    run, whole, now = _kernel(network, p, device), np.asarray(times, dtype=np.int64), 0
    for piece in _pieces(whole):
        run(state, etas, whole[piece] - now, rows, out[piece])
        now = whole[piece][-1]
        progress(now / whole[-1] if whole[-1] else 1.0)
    outer = out[:, entries, :n] if len(rows) > entries else np.empty((len(times), 0))
    return Descended(out[:, :entries, :n], outer, state[:, :n])


def _pieces(times: NDArray[np.int64]) -> list[slice]:
    """Cut the records into pieces of about as many steps each, which end at records.

    >>> _pieces(np.array([0, 1, 10, 100, 100]))
    [slice(0, 2, None), slice(2, 3, None), slice(3, 5, None)]
    """
    if not len(times):
        return []
    ends = np.searchsorted(times, np.linspace(0, times[-1], PIECES + 1)[1:], side="right")
    cuts = [0, *np.unique(ends[ends > 0]).tolist()]
    return [slice(start, stop) for start, stop in zip(cuts, cuts[1:], strict=False)]


def pack(network: LinearNetwork, factors: Factors, residual: Floats) -> Floats:
    """Return the state (size, n), filled up with resting trajectories to a whole number of blocks.

    Raises ``ValueError`` where factors or residual are not those of the network: kernels would read beyond them.
    """
    from training.lanes import block_of  # compiling is for those who train

    n, entries = residual.shape
    weights = [] if network.layers == 1 else list(factors)
    shapes = [(n, *shape) for shape in zip(network.sizes[1:], network.sizes, strict=False)] if network.layers > 1 else []
    if entries != network.outputs * network.inputs or [np.shape(factor) for factor in weights] != shapes:
        given = ", ".join(str(np.shape(each)) for each in (residual, *weights))
        raise ValueError(f"Residual and factors of shapes {given} are not those of {n} networks of widths {network.sizes}.")
    state = np.concatenate([residual, *(factor.reshape(n, -1) for factor in weights)], axis=1).T
    return np.ascontiguousarray(np.pad(state, ((0, 0), (0, -n % block_of(len(state))))))


def unpack(network: LinearNetwork, state: Floats) -> Factors:
    """Return the factors that a state (size, n) holds, each (n, rows, columns); none for one layer, whose state is the residual.

    >>> [factor.shape for factor in unpack(LinearNetwork(layers=2, width=3), np.zeros((11, 4)))]
    [(4, 3, 2), (4, 1, 3)]
    """
    found, start = [], network.outputs * network.inputs
    for columns, rows in zip(network.sizes, network.sizes[1:], strict=False):
        stop = start + rows * columns
        found.append(np.ascontiguousarray(state[start:stop].T).reshape(-1, rows, columns))
        start = stop
    return found if network.layers > 1 else []


def recorded(network: LinearNetwork) -> NDArray[np.int64]:
    """Return the places of the numbers to record: the residual, and s, the last weight of scalar depth.

    >>> recorded(LinearNetwork(layers=2)).tolist()
    [0, 1, 4]
    """
    entries = network.outputs * network.inputs
    outer = [state_size(network) - 1] if network.name == "scalar-depth" else []
    return np.array([*range(entries), *outer], dtype=np.int64)


def _kernel(network: LinearNetwork, p: float, device: str) -> Callable[..., None]:
    if device == "cuda":
        from training.gpu import step_kernel as on_gpu

        return on_gpu(network, p)
    from training.lanes import step_kernel

    return step_kernel(network, p)
