"""l_p regression on the report's toy problem, linear networks that solve it, and the closed forms that predict both.

Section 2 and the appendix of the report. The inputs are the unit vectors, so the end-to-end row w of a linear network meets
the targets y directly: the residual (parameter error) is Delta = w - y and the loss (1/p) sum |Delta_i|^p. Gradients use
phi(v) = sign(v) |v|^(p-1); the report's (m - y)^(p-1) is the same for even p only, diverges from below the target for odd p and
is not a number for other p.

Shapes: targets (n, 2) for n seeds; factor j of a network (n, width_out, width_in).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.streams import stream

__all__ = [
    "PLAIN",
    "SCALAR_DEPTH",
    "AlongDescent",
    "AtZero",
    "BesideTarget",
    "Intervention",
    "LinearNetwork",
    "LpRegression",
    "NearZero",
    "ProductOf",
    "Start",
    "StepSize",
    "end_to_end",
    "phi",
    "plateau",
    "rate_exponent",
]

Floats: TypeAlias = NDArray[np.float64]
Factors: TypeAlias = list[Floats]
COORDINATES = 2


# ---- the problem ---------------------------------------------------------------------------------------------


def phi(residual: Floats, p: float) -> Floats:
    """Return the gradient of |r|^p / p with respect to r.

    >>> phi(np.array([-2.0, 3.0]), 3).tolist()
    [-4.0, 9.0]
    """
    return np.sign(residual) * np.abs(residual) ** (p - 1)


@dataclass(frozen=True, kw_only=True)
class LpRegression:
    """The report's toy problem: two targets, with sizes drawn uniformly from [low, high] and random signs.

    >>> LpRegression(p=4).targets([0, 1]).shape
    (2, 2)
    """

    p: float
    low: float = 1.0
    high: float = 2.0

    def __post_init__(self) -> None:
        if not self.p > 2:
            raise ValueError(f"p = {self.p} gives no power law: l_p regression here needs p > 2.")

    def targets(self, seeds: Sequence[int]) -> Floats:
        """Return y, (seeds, 2), from each seed's stream named targets."""
        return np.stack([_signed(stream(seed, "targets"), self.low, self.high) for seed in seeds])


def rate_exponent(p: float) -> float:
    """Return the exponent of |Delta| against t by Lemma 2.1.

    >>> rate_exponent(4)
    -0.5
    """
    return -1 / (p - 2)


# ---- linear networks -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LinearNetwork:
    """A linear network with one output: `layers` matrices, hidden layers of the same `width`.

    One layer is plain regression; two layers of width 1 are the report's scalar depth, w = s m.
    """

    layers: int
    width: int = 1

    @property
    def name(self) -> str:
        """Return plain, scalar-depth or deep-N."""
        named = {(1, self.width): "plain", (2, 1): "scalar-depth"}
        return named.get((self.layers, self.width), f"deep-{self.layers}")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the widths from input to output.

        >>> LinearNetwork(layers=3, width=4).sizes
        (2, 4, 4, 1)
        """
        return (COORDINATES, *[self.width] * (self.layers - 1), 1)


PLAIN = LinearNetwork(layers=1)
SCALAR_DEPTH = LinearNetwork(layers=2)


def end_to_end(factors: Factors) -> Floats:
    """Return w, (n, 2), the product of all factors, the first one applied first."""
    return reduce(lambda product, factor: factor @ product, factors)[:, 0]


# ---- starts --------------------------------------------------------------------------------------------------


class Start(Protocol):
    """A rule for the factors at t = 0."""

    def factors(self, problem: LpRegression, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return the network's factors at every seed."""


@dataclass(frozen=True, kw_only=True)
class BesideTarget:
    """Plain regression from either side of the target: |Delta| uniform in [low, high], with random signs."""

    low: float = 1.0
    high: float = 2.0

    def factors(self, problem: LpRegression, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return one factor, (seeds, 1, 2)."""
        if network.layers != 1:
            raise ValueError(f"A start beside the target is for one layer, not for {network.layers}.")
        offsets = np.stack([_signed(stream(seed, "init"), self.low, self.high) for seed in seeds])
        return [(problem.targets(seeds) + offsets)[:, None]]


@dataclass(frozen=True, kw_only=True)
class NearZero:
    """Every weight normal with standard deviation `scale`; the same draws at every scale."""

    scale: float

    def factors(self, problem: LpRegression, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return one factor for each layer."""
        shapes = list(zip(network.sizes[1:], network.sizes, strict=False))
        return [
            self.scale * np.stack([stream(seed, f"init.{layer}").normal(size=shape) for seed in seeds])
            for layer, shape in enumerate(shapes)
        ]


@dataclass(frozen=True, kw_only=True)
class AlongDescent:
    """Balanced factors of rank one and norm `scale`, whose product points along steepest descent from zero.

    Hidden directions are random. A tiny start of any kind turns towards this one (Arora, Cohen and Hazan 2018, section 5).
    """

    scale: float

    def factors(self, problem: LpRegression, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
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
class Intervention:
    """Scalar depth away from the saddle: s = 1, m = 0, the same function as at the saddle."""

    def factors(self, problem: LpRegression, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return m and s."""
        if network != SCALAR_DEPTH:
            raise ValueError(f"The start s = 1, m = 0 is for scalar depth, not for {network.name}.")
        return [np.zeros((len(seeds), 1, COORDINATES)), np.ones((len(seeds), 1, 1))]


@dataclass(frozen=True, kw_only=True)
class AtZero:
    """Every weight exactly zero."""

    def factors(self, problem: LpRegression, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return zeros."""
        return NearZero(scale=0.0).factors(problem, network, seeds)


@dataclass(frozen=True, kw_only=True)
class ProductOf:
    """Plain regression from the function at which another network starts."""

    network: LinearNetwork
    start: Start

    def factors(self, problem: LpRegression, network: LinearNetwork, seeds: Sequence[int]) -> Factors:
        """Return one factor, (seeds, 1, 2)."""
        return [end_to_end(self.start.factors(problem, self.network, seeds))[:, None]]


@dataclass(frozen=True, kw_only=True)
class StepSize:
    """eta = c / (N max(1, ||y||)^(2 - 2/N) max_i |Delta_i(0)|^(p-2)), with c uniform in [low, high].

    The denominator is the curvature scale: N ||y||^(2-2/N) is the largest eigenvalue of a balanced N-layer network's
    preconditioner at the target. Plain descent has N = 1 and converges for c < 2. Arms that share a step size name the same
    number of `layers`.
    """

    layers: int = 1
    low: float = 0.1
    high: float = 0.5

    def rates(self, problem: LpRegression, residual: Floats, seeds: Sequence[int]) -> Floats:
        """Return eta, (seeds,), given the starting residual, (seeds, 2)."""
        fractions = np.array([stream(seed, "step size").uniform(self.low, self.high) for seed in seeds])
        scale = np.maximum(1.0, np.linalg.norm(problem.targets(seeds), axis=1))
        curvature = self.layers * scale ** (2 - 2 / self.layers)
        return fractions / (curvature * np.abs(residual).max(axis=1) ** (problem.p - 2))


# ---- closed forms --------------------------------------------------------------------------------------------


def plateau(problem: LpRegression, layers: int, scale: float, rates: Floats, seeds: Sequence[int]) -> Floats:
    """Return the predicted length of the plateau at zero, in steps, up to a constant that does not depend on `scale`.

    Two layers: ln(1/scale) / (eta ||v||). More: scale^-(N-2) / ((N-2) eta ||v||), for balanced factors of norm `scale`. Here
    v = phi(y), the slope of the loss at zero. Both follow from d(scale)/d(eta t) = ||v|| scale^(N-1).

    >>> round(float(plateau(LpRegression(p=4, low=1, high=1), 3, 0.01, np.array([0.1]), [0])[0]), 3)
    707.107
    """
    slope = np.linalg.norm(phi(problem.targets(seeds), problem.p), axis=1)
    length = np.log(1 / scale) if layers == 2 else scale ** (2.0 - layers) / (layers - 2)
    return length / (rates * slope)


# ---- small helpers -------------------------------------------------------------------------------------------


def _signed(generator: np.random.Generator, low: float, high: float) -> Floats:
    return generator.uniform(low, high, COORDINATES) * generator.choice([-1.0, 1.0], COORDINATES)


def _unit(rows: Floats) -> Floats:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
