"""Realizable l_p regression on random inputs whose covariance has a chosen condition number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp.problem import _check_power, _rotation
from models.streams import stream

__all__ = ["CorrelatedRegression"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CorrelatedRegression:
    """Minimise (1/(p n)) sum_i |x_i' w - y_i|^p over n = `examples` random inputs, with labels y_i = x_i' w* that can be met.

    The inputs are normal draws, made to have exactly the second moment Q diag(1, ..., 1/condition) Q', with eigenvalues evenly
    spaced in the logarithm and a random rotation Q. w* is uniform on the unit sphere. The residual is Delta = w - w*.

    >>> problem = CorrelatedRegression(p=4, condition=100)
    >>> inputs = problem.inputs([0])[0]
    >>> float(np.linalg.cond(inputs.T @ inputs).round(6))
    100.0
    """

    p: float
    condition: float
    examples: int = 100
    dimension: int = 10

    def __post_init__(self) -> None:
        _check_power(self.p)
        if not (self.condition >= 1 and self.examples >= self.dimension >= 1):
            raise ValueError(f"{self} has no such inputs: condition of at least 1, and at least as many examples as dimensions.")

    def inputs(self, seeds: Sequence[int]) -> Floats:
        """Return X, (seeds, examples, dimension)."""
        return np.stack([self._inputs(seed) for seed in seeds])

    def targets(self, seeds: Sequence[int]) -> Floats:
        """Return w*, (seeds, dimension)."""
        drawn = np.stack([stream(seed, "targets").normal(size=self.dimension) for seed in seeds])
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))

    def _inputs(self, seed: int) -> Floats:
        drawn = stream(seed, "inputs").normal(size=(self.examples, self.dimension))
        left, _, right = np.linalg.svd(drawn, full_matrices=False)
        spread = np.sqrt(np.geomspace(1.0, 1.0 / self.condition, self.dimension))
        rotation = _rotation(stream(seed, "covariance"), self.dimension)
        return np.sqrt(self.examples) * (left @ right * spread) @ rotation.T
