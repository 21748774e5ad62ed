"""Realizable l_p regression whose inputs are the unit vectors: problems, named by the targets they draw.

The inputs are the unit vectors, so the end-to-end matrix W of a linear network meets the targets Y directly: the residual
(parameter error) is Delta = W - Y and the loss (1/p) sum |Delta_i|^p. Gradients use phi(v) = sign(v) |v|^(p-1); the report's
(m - y)^(p-1) is the same for even p only, diverges from below the target for odd p and is not a number for other p.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.streams import stream

__all__ = ["ConditionedRegression", "LpRegression", "MatrixRegression", "Problem", "ZeroTarget", "phi"]

Floats: TypeAlias = NDArray[np.float64]
COORDINATES = 2


def phi(residual: Floats, p: float) -> Floats:
    """Return the gradient of |r|^p / p with respect to r.

    >>> phi(np.array([-2.0, 3.0]), 3).tolist()
    [-4.0, 9.0]
    """
    return np.sign(residual) * np.abs(residual) ** (p - 1)


class Problem(Protocol):
    """What a descent needs to know of a problem: the power of its loss and each seed's targets."""

    @property
    def p(self) -> float:
        """Return the power of the loss."""

    def targets(self, seeds: Sequence[int]) -> Floats:
        """Return (seeds, inputs) for one output, or (seeds, outputs, inputs)."""


@dataclass(frozen=True, kw_only=True)
class LpRegression:
    """The report's toy problem: two targets, with sizes drawn uniformly from [low, high] and random signs.

    With p = 2 descent is geometric: a control that must show no power law.

    >>> LpRegression(p=4).targets([0, 1]).shape
    (2, 2)
    """

    p: float
    low: float = 1.0
    high: float = 2.0

    def __post_init__(self) -> None:
        _check_power(self.p)

    def targets(self, seeds: Sequence[int]) -> Floats:
        """Return y, (seeds, 2), from each seed's stream named targets."""
        return np.stack([_signed(stream(seed, "targets"), self.low, self.high) for seed in seeds])


@dataclass(frozen=True, kw_only=True)
class ConditionedRegression:
    """Two targets of chosen size: ||y|| = `scale` and |y_1| = `condition` |y_2|, with random signs.

    The ratio of targets is how ill-conditioned the toy problem is: the inputs are the unit vectors whatever it is.

    >>> np.abs(ConditionedRegression(p=4, scale=5, condition=0.75).targets([0])).round(12).tolist()
    [[3.0, 4.0]]
    """

    p: float
    scale: float
    condition: float

    def __post_init__(self) -> None:
        _check_power(self.p)
        if not (self.scale > 0 and self.condition > 0):
            raise ValueError(f"scale = {self.scale} and condition = {self.condition} must both be above zero.")

    def targets(self, seeds: Sequence[int]) -> Floats:
        """Return y, (seeds, 2)."""
        sizes = np.array([self.condition, 1.0]) * self.scale / np.hypot(self.condition, 1.0)
        return np.stack([_signs(stream(seed, "targets")) * sizes for seed in seeds])


@dataclass(frozen=True, kw_only=True)
class ZeroTarget:
    """The toy problem with both targets zero.

    >>> ZeroTarget(p=4).targets([0, 1]).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """

    p: float

    def __post_init__(self) -> None:
        _check_power(self.p)

    def targets(self, seeds: Sequence[int]) -> Floats:
        """Return zeros, (seeds, 2)."""
        return np.zeros((len(seeds), COORDINATES))


@dataclass(frozen=True, kw_only=True)
class MatrixRegression:
    """A square target matrix with chosen singular values and random singular vectors.

    Singular values of zero give the target a null space. Sizes are (outputs, inputs) = (k, k) for k singular values.

    >>> np.linalg.svd(MatrixRegression(p=4, singular=(2.0, 1.0)).targets([7])[0])[1].round(12).tolist()
    [2.0, 1.0]
    """

    p: float
    singular: tuple[float, ...]

    def __post_init__(self) -> None:
        _check_power(self.p)

    def targets(self, seeds: Sequence[int]) -> Floats:
        """Return Y, (seeds, k, k)."""
        left, right = (self.frames(seeds, side) for side in ("left", "right"))
        return left @ (np.array(self.singular)[:, None] * right.mT)

    def frames(self, seeds: Sequence[int], side: str) -> Floats:
        """Return the singular vectors of one side ("left" or "right") as columns, (seeds, k, k)."""
        return np.stack([_rotation(stream(seed, f"targets.{side}"), len(self.singular)) for seed in seeds])


def _check_power(p: float) -> None:
    if not p >= 2:
        raise ValueError(f"p = {p}: l_p regression here needs p of at least 2, and above 2 for a power law.")


def _signed(generator: np.random.Generator, low: float, high: float) -> Floats:
    return generator.uniform(low, high, COORDINATES) * _signs(generator)


def _signs(generator: np.random.Generator) -> Floats:
    return generator.choice([-1.0, 1.0], COORDINATES)


def _rotation(generator: np.random.Generator, size: int) -> Floats:
    """Return a random orthogonal matrix (QR of a normal one, signs fixed so that it is uniform)."""
    q, r = np.linalg.qr(generator.normal(size=(size, size)))
    return np.asarray(q * np.sign(np.diag(r)))
