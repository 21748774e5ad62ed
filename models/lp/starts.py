"""Where descent starts: rules for a network's factors at t = 0, drawn from each seed's own streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp.network import SCALAR_DEPTH, Factors, LinearNetwork, end_to_end_matrix
from models.lp.problem import COORDINATES, Problem, _rotation, _signed, phi
from models.streams import stream

__all__ = ["AlongDescent", "AtZero", "Balanced", "BesideTarget", "Intervention", "NearZero", "ProductOf", "Start"]

Floats: TypeAlias = NDArray[np.float64]


class Start(Protocol):
    """A rule for the factors at t = 0."""

    def factors(self, problem: Problem, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return the network's factors at every seed."""


@dataclass(frozen=True, kw_only=True)
class BesideTarget:
    """Plain regression from either side of the target: |Delta| uniform in [low, high], with random signs."""

    low: float = 1.0
    high: float = 2.0

    def factors(self, problem: Problem, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return one factor, (seeds, 1, 2)."""
        if network.layers != 1 or network.outputs != 1:
            raise ValueError(
                f"A start beside the target is for one layer with one output, not for {network.layers} with {network.outputs}."
            )
        offsets = np.stack([_signed(stream(seed, "init"), self.low, self.high) for seed in seeds])
        return [(problem.targets(seeds) + offsets)[:, None]]


@dataclass(frozen=True, kw_only=True)
class NearZero:
    """Every weight normal with standard deviation `scale`; the same draws at every scale."""

    scale: float

    def factors(self, problem: Problem, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return one factor for each layer."""
        shapes = list(zip(network.sizes[1:], network.sizes, strict=False))
        return [
            self.scale * np.stack([stream(seed, f"init.{layer}").normal(size=shape) for seed in seeds])
            for layer, shape in enumerate(shapes)
        ]


@dataclass(frozen=True, kw_only=True)
class AlongDescent:
    """Balanced factors of rank one and norm `scale`, whose product points along steepest descent from zero; one output.

    Hidden directions are random. A tiny start of any kind turns towards this one (Arora, Cohen and Hazan 2018, section 5).
    """

    scale: float

    def factors(self, problem: Problem, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return one factor for each layer."""
        downhill = _unit(phi(problem.targets(seeds), problem.p))
        hidden = [
            _unit(np.stack([stream(seed, f"init.{layer}").normal(size=network.width) for seed in seeds]))
            for layer in range(network.layers - 1)
        ]
        directions = [downhill, *hidden, np.ones((len(seeds), 1))]
        pairs = zip(directions[1:], directions, strict=False)
        return [self.scale * out[:, :, None] * into[:, None, :] for out, into in pairs]


@dataclass(frozen=True, kw_only=True)
class Balanced:
    """Factors that are balanced, W_(j+1)' W_(j+1) = W_j W_j', with a random product of norm scale^N (Frobenius).

    The product is a normal matrix, scaled; its singular values are shared out evenly among the factors, between random
    orthonormal hidden frames. Hidden layers must be at least as wide as the smaller of inputs and outputs.

    >>> from models.lp.problem import LpRegression
    >>> first, second = Balanced(scale=0.5).factors(LpRegression(p=4), LinearNetwork(layers=2, width=3), [0])
    >>> bool(np.allclose(second.mT @ second, first @ first.mT))
    True
    """

    scale: float

    def factors(self, problem: Problem, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return one factor for each layer. Raises ``ValueError`` where hidden layers are too narrow."""
        rank = min(network.inputs, network.outputs)
        if network.layers > 1 and network.width < rank:
            raise ValueError(f"A hidden width of {network.width} cannot hold a balanced start of rank {rank}: widen it.")
        each = [self._of_one(network, seed, rank) for seed in seeds]
        return [np.stack(layer) for layer in zip(*each, strict=True)]

    def _of_one(self, network: LinearNetwork, seed: int, rank: int) -> list[Floats]:
        drawn = stream(seed, "init").normal(size=(network.outputs, network.inputs))
        left, singular, right = np.linalg.svd(drawn, full_matrices=False)
        share = self.scale * np.diag((singular / np.linalg.norm(singular)) ** (1 / network.layers))
        hidden = [_rotation(stream(seed, f"init.{j}"), network.width)[:, :rank] for j in range(network.layers - 1)]
        frames = [right.T, *hidden, left]
        return [out @ share @ into.T for out, into in zip(frames[1:], frames, strict=False)]


@dataclass(frozen=True, kw_only=True)
class Intervention:
    """Scalar depth away from the saddle: s = 1, m = 0, the same function as at the saddle."""

    def factors(self, problem: Problem, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return m and s."""
        if network != SCALAR_DEPTH:
            raise ValueError(f"The start s = 1, m = 0 is for scalar depth, not for {network.name}.")
        return [np.zeros((len(seeds), 1, COORDINATES)), np.ones((len(seeds), 1, 1))]


@dataclass(frozen=True, kw_only=True)
class AtZero:
    """Every weight exactly zero."""

    def factors(self, problem: Problem, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return zeros."""
        return NearZero(scale=0.0).factors(problem, network, seeds)


@dataclass(frozen=True, kw_only=True)
class ProductOf:
    """Plain regression from the function at which another network starts."""

    network: LinearNetwork
    start: Start

    def factors(self, problem: Problem, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return one factor, (seeds, outputs, inputs). Raises ``ValueError`` for a network with more."""
        if network.layers != 1:
            raise ValueError(f"The product of {self.network.name} is a start for one layer, not for {network.layers}.")
        return [end_to_end_matrix(self.start.factors(problem, self.network, seeds))]


def _unit(rows: Floats) -> Floats:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
