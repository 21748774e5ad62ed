"""Convexity of l_p regression from R^3 to R^2 at random points, with and without a scalar in front.

Section 1 of the report: the loss is E (M x - M* x)^p, over M or over s and M. The p-th power of a vector is read as the sum over
its entries. `printed` takes r^p as it is printed, for whole p; else the power is |r|^p, the same for even p.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.streams import stream

__all__ = ["RandomRegression", "chord_excess", "curvature_deficit", "solution_excess"]

Floats: TypeAlias = NDArray[np.float64]
INPUTS, OUTPUTS, POINTS = 3, 2, 8


@dataclass(frozen=True, kw_only=True)
class RandomRegression:
    """Realizable l_p regression on 8 normal inputs with a normal M*, another problem at each seed.

    >>> RandomRegression(p=4).solutions([0]).shape
    (1, 2, 3)
    """

    p: float
    printed: bool = False

    def __post_init__(self) -> None:
        if self.printed and self.p != int(self.p):
            raise ValueError(f"r^{self.p} is not a number for negative r: the printed power needs a whole p.")

    def inputs(self, seeds: Sequence[int]) -> Floats:
        """Return x, (seeds, 8, 3)."""
        return _normal(seeds, "inputs", (POINTS, INPUTS))

    def solutions(self, seeds: Sequence[int]) -> Floats:
        """Return M*, (seeds, 2, 3)."""
        return _normal(seeds, "solution", (OUTPUTS, INPUTS))

    def loss(self, maps: Any, inputs: Any, solutions: Any) -> Any:
        """Return the loss of maps (seeds, 2, 3), (seeds,): arrays of NumPy or tensors of torch."""
        residuals = inputs @ (maps - solutions).swapaxes(1, 2)
        sized = residuals ** int(self.p) if self.printed else abs(residuals) ** self.p
        return sized.sum(-1).sum(-1) / (self.p * POINTS)


def curvature_deficit(problem: RandomRegression, seeds: Sequence[int]) -> Floats:
    """Return how far the Hessian's eigenvalues reach below zero, relative to the largest in size, (seeds,).

    Each seed looks at a random M and at its mirror image 2 M* - M, so that every residual is met with both signs; the worse of
    both counts.
    """
    solutions = problem.solutions(seeds)
    offsets = _normal(seeds, "point", solutions.shape[1:])
    return np.maximum(*(_deficit(_hessians(problem, seeds, solutions + sign * offsets)) for sign in (1, -1)))


def chord_excess(problem: RandomRegression, seeds: Sequence[int]) -> Floats:
    """Return how far the loss halfway between two random M lies above the mean of theirs, relative to that mean, (seeds,).

    A convex loss has none: zero then. The mirror images of both M count too.
    """
    solutions = problem.solutions(seeds)
    first, second = (_normal(seeds, name, solutions.shape[1:]) for name in ("point", "other point"))
    inputs = problem.inputs(seeds)

    def excess(sign: int) -> Floats:
        low, middle, high = (
            problem.loss(solutions + sign * offset, inputs, solutions) for offset in (first, (first + second) / 2, second)
        )
        return (middle - (low + high) / 2) / (np.abs(low) + np.abs(high))

    return np.maximum(np.maximum(excess(1), excess(-1)), 0.0)


def solution_excess(problem: RandomRegression, seeds: Sequence[int], *, scalar: bool) -> Floats:
    """Return how far the loss halfway between two points lies above the mean of theirs, relative to that of the map 0, (seeds,).

    With a `scalar` the points are two solutions, (s, M*/s) and (-s, -M*/s), so that the map between them is 0 and the excess is
    1. Without, they are M* and -M*.
    """
    solutions, inputs = problem.solutions(seeds), problem.inputs(seeds)
    s = np.array([stream(seed, "scalar").uniform(0.5, 2.0) for seed in seeds])[:, None, None]
    ends = [(s, solutions / s), (-s, -solutions / s)] if scalar else [(1.0, solutions), (1.0, -solutions)]
    middle = tuple((first + second) / 2 for first, second in zip(*ends, strict=True))
    low, between, high = (problem.loss(factor * m, inputs, solutions) for factor, m in (ends[0], middle, ends[1]))
    return (between - (low + high) / 2) / problem.loss(0 * solutions, inputs, solutions)


def _normal(seeds: Sequence[int], name: str, shape: tuple[int, ...]) -> Floats:
    return np.stack([stream(seed, name).normal(size=shape) for seed in seeds])


def _deficit(hessians: Floats) -> Floats:
    eigenvalues = np.linalg.eigvalsh(hessians)
    return np.maximum(-eigenvalues[:, 0], 0.0) / np.abs(eigenvalues).max(axis=1)


def _hessians(problem: RandomRegression, seeds: Sequence[int], maps: Floats) -> Floats:
    """Return the Hessians at all seeds, (seeds, 6, 6), by differentiating twice."""
    import torch  # not at collection

    at = torch.from_numpy(maps).requires_grad_()
    loss = problem.loss(at, torch.from_numpy(problem.inputs(seeds)), torch.from_numpy(problem.solutions(seeds))).sum()
    (slopes,) = torch.autograd.grad(loss, at, create_graph=True)
    rows = [torch.autograd.grad(slope.sum(), at, retain_graph=True)[0].flatten(1) for slope in slopes.flatten(1).T]
    hessians: Floats = torch.stack(rows, dim=1).numpy()
    return hessians
