"""Step size rules: each seed's learning rate eta, from where it starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp.problem import Problem
from models.streams import stream

__all__ = ["ConstantStepSize", "StepSize", "StepSizeRule"]

Floats: TypeAlias = NDArray[np.float64]


class StepSizeRule(Protocol):
    """A rule for the learning rate."""

    def rates(self, problem: Problem, residual: Floats, seeds: Sequence[int]) -> Floats:
        """Return eta, (seeds,), given the starting residual, (seeds, entries)."""


@dataclass(frozen=True, kw_only=True)
class StepSize:
    """eta = factor · c / (N max(1, ||y||)^(2 - 2/N) max_i |Delta_i(0)|^(p-2)), with c uniform in [low, high].

    The denominator is the curvature scale: N ||y||^(2-2/N) is the largest eigenvalue of a balanced N-layer network's
    preconditioner at the target. Plain descent has N = 1 and converges for c < 2. Arms that share a step size name the same
    number of `layers`; arms that differ in `factor` alone share c.
    """

    layers: int = 1
    low: float = 0.1
    high: float = 0.5
    factor: float = 1.0

    def rates(self, problem: Problem, residual: Floats, seeds: Sequence[int]) -> Floats:
        """Return eta, (seeds,), for the starting residual, (seeds, entries). Raises ``ValueError`` for a start at the target."""
        if resting := [seed for seed, each in zip(seeds, residual, strict=True) if not each.any()]:
            raise ValueError(f"Seed {resting[0]} starts at its target: no step size follows from a residual of zero.")
        fractions = np.array([stream(seed, "step size").uniform(self.low, self.high) for seed in seeds])
        targets = problem.targets(seeds).reshape(len(seeds), -1)
        scale = np.maximum(1.0, np.linalg.norm(targets, axis=1))
        curvature = self.layers * scale ** (2 - 2 / self.layers)
        return self.factor * fractions / (curvature * np.abs(residual).max(axis=1) ** (problem.p - 2))


@dataclass(frozen=True, kw_only=True)
class ConstantStepSize:
    """The same learning rate for every seed.

    >>> from models.lp.problem import LpRegression
    >>> ConstantStepSize(eta=0.1).rates(LpRegression(p=4), np.ones((2, 2)), [0, 1]).tolist()
    [0.1, 0.1]
    """

    eta: float

    def __post_init__(self) -> None:
        if not self.eta > 0:
            raise ValueError(f"A learning rate of {self.eta} does not descend: it must be above zero.")

    def rates(self, problem: Problem, residual: Floats, seeds: Sequence[int]) -> Floats:
        """Return eta, (seeds,)."""
        return np.full(len(seeds), float(self.eta))
