"""The networks of section 3: LeNet-5 and the convolutional network of the TensorFlow MNIST tutorial.

An `Architecture` says what a network is; `Ensemble` is that network for several seeds at once, as one batched program whose
members never mix: member e reads channel e of its input and owns slice e of every parameter.

Protocol: the TensorFlow tutorial `convolutional.py`, over-parameterised as in Arora, Cohen and Hazan (2018), section 6.
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.arms import KERNEL, Architecture, Arm
from models.convolution import pooled_convolution
from models.factors import mean_eigenvalue, truncated_stack
from models.overparameterization import factors_of, split
from models.streams import INITIAL_STD

__all__ = ["Ensemble", "build", "cross_entropies", "power_sums", "step_multipliers"]


class EnsembleConv(nn.Module):
    """One 5x5 convolution with pooling and ReLU for each member, from and to maps (members, batch, height, width, channels)."""

    def __init__(self, members: int, channels_in: int, channels_out: int, padding: int) -> None:
        super().__init__()
        self.members, self.padding = members, padding
        self.weight = nn.Parameter(torch.empty(members * channels_out, channels_in, KERNEL, KERNEL))
        self.bias = nn.Parameter(torch.empty(members * channels_out))

    def forward(self, maps: Tensor) -> Tensor:
        """Convolve each member's maps with its own kernels, pool them in 2x2 windows and cut them off at zero."""
        return pooled_convolution(maps, self.weight, self.bias, self.padding)


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

    @property
    def layers(self) -> dict[str, nn.Module]:
        """Return every layer by its name in `Architecture.matrices`."""
        named = {"conv": self.conv, "dense": self.dense}
        return {f"{kind}.{i}": layer for kind, layers in named.items() for i, layer in enumerate(layers)}

    def end_to_end(self) -> list[Tensor]:
        """Return the dense layers' end-to-end matrices, each (members, out, in)."""
        return [cast(Tensor, layer.weight) for layer in self.dense]

    def factors(self) -> list[Tensor]:
        """Return what is trained of the dense layers but for biases: every factor, or the plain matrices."""
        return [factor for layer in self.dense for factor in factors_of(layer)]

    def plain_matrices(self) -> list[Tensor]:
        """Return the dense layers' matrices that are no products, each (members, out, in)."""
        held = [factors_of(layer) for layer in self.dense]
        return [factors[0] for factors in held if len(factors) == 1]

    def biases(self) -> list[Tensor]:
        """Return the dense layers' biases, each (members, 1, out)."""
        return [cast(Tensor, layer.bias) for layer in self.dense]

    def forward(self, images: Tensor, matrices: Sequence[Tensor], keep: Tensor | None = None) -> Tensor:
        """Classify; `keep` (members, batch, width), 0 or 1/(1 - dropout), scales the last hidden features."""
        features = self._features(images)
        for layer, matrix in zip(self.dense[:-1], matrices[:-1], strict=True):
            features = functional.relu(layer(features, matrix))
        return self.dense[-1](features if keep is None else features * keep, matrices[-1])

    def _features(self, images: Tensor) -> Tensor:
        maps = images.transpose(0, 1)[..., None]
        for layer in self.conv:
            maps = layer(maps)
        return maps.permute(0, 1, 4, 2, 3).flatten(start_dim=2)


def build(architecture: Architecture, arm: Arm, seeds: Sequence[int]) -> Ensemble:
    """Return an arm's ensemble as it starts, everything that is drawn from a stream of its own name.

    Biases, and matrices that are no products, are the same in every arm at the same seed, but for those that an arm takes from
    another (`Arm.like`).
    """
    network = Ensemble(architecture, len(seeds))
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(_initial(name, parameter.shape, seeds))
        if arm.start == "product":
            _begin_at(network, build(architecture, _twin(arm), seeds))
    for name, shape in architecture.matrices.items():
        if arm.splits(name):
            split(network.layers[name], name, (len(seeds), *shape), arm, seeds)
    return network


def step_multipliers(architecture: Architecture, arm: Arm, seeds: Sequence[int]) -> dict[str, Tensor]:
    """Return what multiplies the learning rate of an arm's parameters, by name, each (members, ...) and float32.

    Empty unless the arm's step is ``effective``: then each matrix has the mean eigenvalue of the kernel that its product in
    `Arm.like` has at the start, and a parameter of another name has 1.
    """
    if arm.step == "shared":
        return {}
    twin = _twin(arm)
    layers = build(architecture, twin, seeds).layers
    with torch.no_grad():
        means = {name: mean_eigenvalue(factors_of(layer)) for name, layer in layers.items() if twin.splits(name)}
    return {f"{name}.weight": _spread(mean, cast(Tensor, layers[name].weight)) for name, mean in means.items()}


def cross_entropies(logits: Tensor, labels: Tensor) -> Tensor:
    """Return each member's mean cross-entropy, (members,), of logits (members, batch, 10) and labels (members, batch)."""
    each = functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels.reshape(-1), reduction="none")
    return each.reshape(labels.shape).mean(dim=1)


def power_sums(stack: Tensor) -> Tensor:
    """Return each member's sums of |w|^q over a stack of arrays for q = 1, 2, 3, 4, (members, 4), in float64.

    >>> power_sums(torch.tensor([[1.0, -2.0]])).tolist()
    [[3.0, 5.0, 9.0, 17.0]]
    """
    size = stack.double().abs().flatten(start_dim=1)
    square = size.square()
    return torch.stack([size.sum(dim=1), square.sum(dim=1), (square * size).sum(dim=1), square.square().sum(dim=1)], dim=1)


def _initial(name: str, shape: Sequence[int], seeds: Sequence[int]) -> Tensor:
    if name.endswith("bias"):
        return torch.full(tuple(shape), 0.0 if name == "conv.0.bias" else INITIAL_STD)
    return truncated_stack(name, shape, seeds)


def _begin_at(network: Ensemble, twin: Ensemble) -> None:
    """Give a network of plain matrices the end-to-end matrices of another."""
    for name, layer in network.layers.items():
        cast(Tensor, layer.weight).copy_(cast(Tensor, twin.layers[name].weight))


def _twin(arm: Arm) -> Arm:
    return cast(Arm, arm.like)  # an arm that needs one refuses to be without


def _spread(each: Tensor, weight: Tensor) -> Tensor:
    """Return one number for each member along the first axis of a weight, which is that of members or of members * out."""
    along = each.float().repeat_interleave(len(weight) // len(each))
    return along.reshape(-1, *[1] * (weight.dim() - 1))
