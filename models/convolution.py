"""Convolution, 2x2 max-pooling and ReLU of an ensemble, as one operation of autograd.

On a CPU in float32 the three run as one compiled loop (`models.convolution_kernels`), which takes less time than torch's own
convolutions: the sums are pooled before they leave the registers, and the way back follows only the gradients that pooling and
ReLU let through. Elsewhere torch's own operations are used.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

__all__ = ["pooled_convolution"]

once: Callable[[Any], Any] = once_differentiable  # typed, where torch is absent from the type checker too


def pooled_convolution(maps: Tensor, weight: Tensor, bias: Tensor, padding: int = 0) -> Tensor:
    """Return relu(max_pool2d(conv2d(maps, weight, bias, padding), 2)) for every member of an ensemble.

    Shapes: maps (members, batch, height, width, channels), weight (members * out, channels, size, size), bias (members * out,),
    result (members, batch, rows, columns, out). Members never mix; in the compiled loop each gets the same bits alone and among
    others, elsewhere the same to rounding. As in torch, the first of equal sums takes the gradient of its window, NaN goes
    through, and where the ReLU cuts no gradient does.

    >>> images, kernel = torch.ones(1, 1, 4, 4, 1), torch.ones(2, 1, 3, 3)
    >>> pooled_convolution(images, kernel, torch.tensor([1.0, -20.0])).tolist()
    [[[[[10.0, 0.0]]]]]
    """
    if not _compiled_for(maps, weight, bias, padding):
        return _separate(maps, weight, bias, padding)
    from models.convolution_kernels import LANES  # numba is imported by those who train, not by those who collect tests

    members, batch = maps.shape[:2]
    whole = functional.pad(maps, (0,) * 7 + (-batch % LANES,)) if batch % LANES else maps
    weights = weight.reshape(members, -1, *weight.shape[1:])
    return _PooledConvolution.apply(whole, weights, bias.reshape(members, -1), padding)[:, :batch]


def _compiled_for(maps: Tensor, weight: Tensor, bias: Tensor, padding: int) -> bool:
    """Tell whether the compiled loop takes these tensors: float32 on a CPU, sums in whole windows."""
    tensors, sides = (maps, weight, bias), maps.shape[2:4]
    ours = all(each.device.type == "cpu" and each.dtype == torch.float32 for each in tensors)
    sums = [side + 2 * padding - size + 1 for side, size in zip(sides, weight.shape[2:], strict=True)]
    return ours and weight.shape[2] == weight.shape[3] and all(each > 0 and each % 2 == 0 for each in sums)


def _separate(maps: Tensor, weight: Tensor, bias: Tensor, padding: int) -> Tensor:
    """Return the same by torch's own operations."""
    members, batch, height, width, channels = maps.shape
    together = maps.permute(1, 0, 4, 2, 3).reshape(batch, members * channels, height, width)
    sums = functional.conv2d(together, weight, bias, padding=padding, groups=members)
    pooled = functional.relu(functional.max_pool2d(sums, 2))
    return pooled.reshape(batch, members, -1, *pooled.shape[2:]).permute(1, 0, 3, 4, 2)


class _PooledConvolution(torch.autograd.Function):
    """The compiled loops as an operation of autograd; the batch is a multiple of their lanes."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor, weight: Tensor, bias: Tensor, padding: int) -> Tensor:
        from models.convolution_kernels import LANES, WORDS, Shape, forward_loop

        shape = Shape.of(maps.shape, weight.shape, padding)
        pooled = torch.empty(shape.members, shape.samples, shape.rows, shape.columns, shape.outputs)
        chosen = np.empty(pooled.numel() // LANES * WORDS, np.uint16)
        forward = forward_loop(shape.outputs)
        forward(shape, _flat(maps), _numbers(weight), _flat(bias), _flat(pooled), chosen)
        ctx.save_for_backward(maps, weight)
        ctx.shape, ctx.chosen = shape, chosen
        return pooled

    @staticmethod
    @once
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        from models.convolution_kernels import backward_loop

        maps, weight = ctx.saved_tensors
        wanted = ctx.needs_input_grad[0]
        maps_slope = torch.empty(maps.shape if wanted else 0)
        weight_slope, bias_slope = torch.empty(weight.shape), torch.empty(weight.shape[:2])
        slopes = weight_slope.numpy(), bias_slope.numpy(), _flat(maps_slope)
        backward = backward_loop(ctx.shape.size, ctx.shape.channels)
        backward(ctx.shape, _flat(maps), _numbers(weight), ctx.chosen, _flat(gradients[0]), wanted, *slopes)
        return maps_slope if wanted else None, weight_slope, bias_slope, None


def _numbers(tensor: Tensor) -> Any:
    return tensor.detach().contiguous().numpy()


def _flat(tensor: Tensor) -> Any:
    return _numbers(tensor).reshape(-1)
