"""Derivatives of the l_p loss of linear networks, by automatic differentiation in float64.

Scalar depth has the parameters (s, m_1, m_2); a deeper network here has width 1, with the parameters of its layers in order.
"""

from collections.abc import Sequence
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import LpRegression, phi
from models.streams import stream

__all__ = ["critical_gradient", "hessian_eigenvalues", "hessian_norm", "predicted_eigenvalues"]

Floats: TypeAlias = NDArray[np.float64]


def predicted_eigenvalues(problem: LpRegression, seeds: Sequence[int]) -> Floats:
    """Return the Hessian's eigenvalues at zero with scalar depth, over ||v|| with v = phi(y), (seeds, 3): -1, 0 and 1."""
    return np.tile([-1.0, 0.0, 1.0], (len(seeds), 1))


def hessian_eigenvalues(problem: LpRegression, seeds: Sequence[int], distance: float, layers: int = 2) -> Floats:
    """Return the eigenvalues, (seeds, layers + 1), rising, at a random point so far from zero, relative to ||v||.

    Two layers are scalar depth, one layer is plain regression.
    """
    targets, slopes = problem.targets(seeds), _slopes(problem, seeds)
    points = [distance * _unit(stream(seed, "direction").normal(size=layers + 1)) for seed in seeds]
    hessians = [_hessian(problem.p, target, point, layers) for target, point in zip(targets, points, strict=True)]
    return np.linalg.eigvalsh(np.stack(hessians)) / slopes[:, None]


def hessian_norm(problem: LpRegression, layers: int, seeds: Sequence[int]) -> Floats:
    """Return the largest entry of the Hessian at zero with so many layers of width 1, (seeds,), relative to ||v||."""
    hessians = [_hessian(problem.p, target, np.zeros(layers + 1), layers) for target in problem.targets(seeds)]
    return np.abs(np.stack(hessians)).max(axis=(1, 2)) / _slopes(problem, seeds)


def critical_gradient(problem: LpRegression, seeds: Sequence[int], tilt: float) -> Floats:
    """Return the largest entry of the gradient at zero and at s = 0, m of unit length, (seeds,), relative to ||v||.

    m is perpendicular to v for `tilt` 0, and leans towards it by that angle in radians otherwise.
    """
    found = []
    for target in problem.targets(seeds):
        downhill = _unit(phi(target, problem.p))
        across = np.array([-downhill[1], downhill[0]])
        m = np.cos(tilt) * across + np.sin(tilt) * downhill
        points = np.zeros(3), np.array([0.0, *m])
        found.append(max(np.abs(_gradient(problem.p, target, point)).max() for point in points))
    return np.array(found) / _slopes(problem, seeds)


def _slopes(problem: LpRegression, seeds: Sequence[int]) -> Floats:
    return np.linalg.norm(phi(problem.targets(seeds), problem.p), axis=1)


def _unit(vector: Floats) -> Floats:
    return vector / np.linalg.norm(vector)


def _loss(p: float, target: Floats, layers: int):  # type: ignore[no-untyped-def]  # torch's function of a tensor
    import torch  # not at collection

    def loss(parameters: torch.Tensor) -> torch.Tensor:
        scalars = reduce(torch.mul, parameters[: layers - 1], parameters.new_ones(()))
        return ((scalars * parameters[layers - 1 :] - torch.from_numpy(target)).abs() ** p).sum() / p

    return loss


def _hessian(p: float, target: Floats, point: Floats, layers: int) -> Floats:
    import torch

    hessian: Floats = torch.autograd.functional.hessian(_loss(p, target, layers), torch.from_numpy(point)).numpy()
    return hessian


def _gradient(p: float, target: Floats, point: Floats) -> Floats:
    import torch

    gradient: Floats = torch.autograd.functional.jacobian(_loss(p, target, 2), torch.from_numpy(point)).numpy()
    return gradient
