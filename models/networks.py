"""The networks of section 3: LeNet-5 and the convolutional network of the TensorFlow MNIST tutorial.

A `ConvNet` says what a network is; `Ensemble` is that network for several seeds at once, as one batched program whose
members never mix: member e reads channel e of its input and owns slice e of every parameter.

Protocol: the TensorFlow tutorial `convolutional.py`, over-parameterised as in Arora, Cohen and Hazan (2018), section 6.
"""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize

from models.arms import Architecture, DenseArm
from models.pooling import pooled_relu
from models.streams import stream, truncated_normal

__all__ = ["Ensemble", "Product", "build", "cross_entropies", "overparameterize"]

INITIAL_STD = 0.1
KERNEL = 5


class Product(nn.Module):
    """Parametrisation of a stack of matrices as products of two: weight = factor2 @ factor1.

    Shapes: factor1 (members, inner, in), factor2 (members, out, inner), weight (members, out, in), with inner = out.
    Registered with `torch.nn.utils.parametrize`, so that `layer.weight` is the end-to-end matrix.
    """

    def forward(self, factor1: Tensor, factor2: Tensor) -> Tensor:
        """Return the end-to-end matrices."""
        return torch.bmm(factor2, factor1)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Return factors whose product is exactly `weight`: itself and the identity."""
        identity = torch.eye(weight.shape[1], dtype=weight.dtype, device=weight.device)
        return weight, identity.expand(weight.shape[0], -1, -1).clone()


class EnsembleConv(nn.Module):
    """One 5x5 convolution for each member: input (batch, members * in, h, w), output (batch, members * out, h, w)."""

    def __init__(self, members: int, channels_in: int, channels_out: int, padding: int) -> None:
        super().__init__()
        self.members, self.padding = members, padding
        self.weight = nn.Parameter(torch.empty(members * channels_out, channels_in, KERNEL, KERNEL))
        self.bias = nn.Parameter(torch.empty(members * channels_out))

    def forward(self, maps: Tensor) -> Tensor:
        """Convolve each member's maps with its own kernels."""
        return functional.conv2d(maps, self.weight, self.bias, padding=self.padding, groups=self.members)


class EnsembleLinear(nn.Module):
    """One dense layer for each member: input (members, batch, in), output (members, batch, out).

    The end-to-end matrix comes as an argument, `layer.weight` read once a step: a product is formed at each reading, and
    torch's own cache for that (`parametrize.cached`) is shared by all threads and would hand one ensemble another's.
    """

    def __init__(self, members: int, features_in: int, features_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(members, features_out, features_in))
        self.bias = nn.Parameter(torch.empty(members, 1, features_out))

    def forward(self, features: Tensor, weight: Tensor) -> Tensor:
        """Map each member's features with its own matrix."""
        return torch.baddbmm(self.bias, features, weight.transpose(1, 2))


class Ensemble(nn.Module):
    """A network for several seeds at once.

    Input (batch, members, 28, 28) and the end-to-end matrices; output (members, batch, 10), unnormalised log-probabilities.

    >>> network = build(LENET5, OVERPARAMETERIZED, seeds=[0, 1])                             # doctest: +SKIP
    >>> network(torch.zeros(64, 2, 28, 28), network.end_to_end()).shape                      # doctest: +SKIP
    torch.Size([2, 64, 10])
    """

    def __init__(self, architecture: Architecture, members: int) -> None:
        super().__init__()
        sizes = zip((1, *architecture.channels), architecture.channels, architecture.paddings, strict=False)
        self.conv = nn.ModuleList(EnsembleConv(members, *size) for size in sizes)
        widths = zip(architecture.dense, architecture.dense[1:], strict=False)
        self.dense = nn.ModuleList(EnsembleLinear(members, *width) for width in widths)
        self.members = members

    def end_to_end(self) -> list[Tensor]:
        """Return the dense layers' end-to-end matrices, each (members, out, in)."""
        return [cast(Tensor, layer.weight) for layer in self.dense]

    def forward(self, images: Tensor, matrices: Sequence[Tensor], keep: Tensor | None = None) -> Tensor:
        """Classify; `keep` (members, batch, width), 0 or 1/(1 - dropout), scales the last hidden features."""
        features = self._features(images)
        for layer, matrix in zip(self.dense[:-1], matrices[:-1], strict=True):
            features = functional.relu(layer(features, matrix))
        return self.dense[-1](features if keep is None else features * keep, matrices[-1])

    def _features(self, images: Tensor) -> Tensor:
        maps = images.contiguous(memory_format=torch.channels_last)
        for layer in self.conv:
            # Pooling before the ReLU gives the same numbers as after it (both are monotone) on a quarter of the pixels.
            maps = pooled_relu(layer(maps))
        return maps.reshape(len(images), self.members, -1).transpose(0, 1)

    def sum_of_squares(self, matrices: Sequence[Tensor]) -> Tensor:
        """Return each member's sum of squares of end-to-end dense matrices and dense biases, (members,)."""
        biases = [cast(Tensor, layer.bias) for layer in self.dense]
        return torch.stack([_squares(stack) for stack in (*matrices, *biases)]).sum(dim=0)


def overparameterize(network: Ensemble) -> None:
    """Replace every dense matrix by a product of two, in place; the functions computed stay the same."""
    for layer in network.dense:
        parametrize.register_parametrization(layer, "weight", Product())


def build(architecture: Architecture, arm: DenseArm, seeds: Sequence[int]) -> Ensemble:
    """Return an arm's ensemble as it starts: every matrix and every factor from its own named stream.

    Convolutions of both arms, and all biases, are the same at the same seed.
    """
    network = Ensemble(architecture, len(seeds))
    if arm.overparameterized:
        overparameterize(network)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(torch.from_numpy(_initial(name, parameter, seeds)))
    return network


def cross_entropies(logits: Tensor, labels: Tensor) -> Tensor:
    """Return each member's mean cross-entropy, (members,), of logits (members, batch, 10) and labels (members, batch)."""
    each = functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels.reshape(-1), reduction="none")
    return each.reshape(labels.shape).mean(dim=1)


def _initial(name: str, parameter: Tensor, seeds: Sequence[int]) -> NDArray[np.float32]:
    members = len(seeds)
    shape = (parameter.numel() // members,)
    if name.endswith("bias"):
        drawn = np.full((members, *shape), 0.0 if name == "conv.0.bias" else INITIAL_STD)
    else:
        drawn = np.stack([truncated_normal(stream(seed, name), shape, INITIAL_STD) for seed in seeds])
    return drawn.reshape(parameter.shape).astype(np.float32)


def _squares(stack: Tensor) -> Tensor:
    return stack.square().flatten(start_dim=1).sum(dim=1)
