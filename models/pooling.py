"""2x2 max-pooling and ReLU in one pass over the maps.

On a CPU the two, with their gradients, took a quarter of a training step as separate operations: they are bound by memory. The
fused loop reads the maps once and remembers one byte for each output: which of its four inputs was the largest, or that none was
positive. Numbers and gradients are those of torch's operations, bit for bit, ties and NaN included. On other devices torch's own
operations are used.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["pooled_relu"]

NONE = 4
"""Marks an output that the ReLU cut off: no input receives its gradient."""


def pooled_relu(maps: Tensor) -> Tensor:
    """Return relu(max_pool2d(maps, 2)) of maps (batch, channels, height, width) of even height and width.

    >>> pooled_relu(torch.tensor([[[[-1.0, 3.0], [2.0, 0.0]]]])).tolist()
    [[[[3.0]]]]
    """
    if maps.device.type != "cpu" or maps.dtype != torch.float32:
        return functional.relu(functional.max_pool2d(maps, 2))
    return _PooledRelu.apply(maps)


class _PooledRelu(torch.autograd.Function):
    """The fused loops as an operation of autograd."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor) -> Tensor:
        batch, channels, height, width = maps.shape
        pooled = torch.empty((batch, channels, height // 2, width // 2), memory_format=torch.channels_last)
        chosen = np.empty((batch, height // 2, width // 2, channels), dtype=np.uint8)
        pool, _ = _loops()
        pool(_channels_last(maps), _channels_last(pooled), chosen)
        ctx.chosen, ctx.shape = chosen, maps.shape
        return pooled

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        spread = torch.empty(ctx.shape, memory_format=torch.channels_last)
        _, unpool = _loops()
        unpool(_channels_last(gradients[0]), ctx.chosen, _channels_last(spread))
        return spread


def _channels_last(maps: Tensor) -> np.ndarray:
    return maps.detach().contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1).numpy()


@cache
def _loops() -> tuple[Any, Any]:
    """Return the compiled loops; numba is imported by those who train, not by those who collect tests."""
    import numba

    compiled: Callable[[Any], Any] = numba.njit(nogil=True, cache=True)

    @compiled
    def pool(maps: Any, pooled: Any, chosen: Any) -> None:
        for b in range(pooled.shape[0]):
            for i in range(pooled.shape[1]):
                for j in range(pooled.shape[2]):
                    for c in range(pooled.shape[3]):
                        most, which = maps[b, 2 * i, 2 * j, c], np.uint8(0)
                        other = maps[b, 2 * i, 2 * j + 1, c]
                        if other > most or other != other:
                            most, which = other, np.uint8(1)
                        other = maps[b, 2 * i + 1, 2 * j, c]
                        if other > most or other != other:
                            most, which = other, np.uint8(2)
                        other = maps[b, 2 * i + 1, 2 * j + 1, c]
                        if other > most or other != other:
                            most, which = other, np.uint8(3)
                        cut = most <= 0  # False for NaN, which goes through
                        pooled[b, i, j, c] = np.float32(0) if cut else most
                        chosen[b, i, j, c] = np.uint8(NONE) if cut else which

    @compiled
    def unpool(gradient: Any, chosen: Any, spread: Any) -> None:
        zero = np.float32(0)
        for b in range(gradient.shape[0]):
            for i in range(gradient.shape[1]):
                for j in range(gradient.shape[2]):
                    for c in range(gradient.shape[3]):
                        which, value = chosen[b, i, j, c], gradient[b, i, j, c]
                        spread[b, 2 * i, 2 * j, c] = value if which == 0 else zero
                        spread[b, 2 * i, 2 * j + 1, c] = value if which == 1 else zero
                        spread[b, 2 * i + 1, 2 * j, c] = value if which == 2 else zero
                        spread[b, 2 * i + 1, 2 * j + 1, c] = value if which == 3 else zero

    return pool, unpool
