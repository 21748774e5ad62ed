"""Whether the toy problem's two coordinates know of each other, without depth and with the report's scalar.

Without depth the loss is a sum over coordinates. With w = s m the error obeys d Delta / d(eta t) = -K phi(Delta), with the
preconditioner K = s^2 I + m m', so that K_12 = m_1 m_2, which is y_1 y_2 / s^2 at the solution. Derivatives are taken by
automatic differentiation in float64, not from these formulas.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import LpRegression, phi
from models.streams import stream

__all__ = ["coupling", "data_gap", "mixed_curvature", "predicted_coupling", "step_coupling"]

Floats: TypeAlias = NDArray[np.float64]
COORDINATES = 2


def mixed_curvature(problem: LpRegression, seeds: Sequence[int], angle: float = 0.0) -> Floats:
    """Return |d²L / dm_1 dm_2| at a random m, relative to the largest second derivative, (seeds,); no depth.

    The inputs are the unit vectors of the report's toy problem, both turned by an angle in radians.

    >>> mixed_curvature(LpRegression(p=4), [0]).tolist()
    [0.0]
    """
    import torch  # not at collection

    inputs, targets = torch.from_numpy(_turned(np.eye(COORDINATES), angle)), torch.from_numpy(problem.targets(seeds))
    m = torch.from_numpy(_points(seeds)).requires_grad_()
    loss = ((m @ inputs.T - targets).abs() ** problem.p).sum()
    (slopes,) = torch.autograd.grad(loss, m, create_graph=True)
    rows = [torch.autograd.grad(slope.sum(), m, retain_graph=True)[0] for slope in slopes.T]
    hessians = torch.stack(rows, dim=1).abs().numpy()
    return np.asarray(hessians[:, 0, 1] / hessians.max(axis=(1, 2)))


def data_gap(problem: LpRegression, seeds: Sequence[int], *, swapped: bool) -> Floats:
    """Return how far the objective sum |m_i - y_i|^p lies from the loss over the two data points, relative, (seeds,).

    The points are (1, 0) -> y_1 and (0, 1) -> y_2; `swapped` takes the inputs as section 2 prints them.

    >>> data_gap(LpRegression(p=4), [0], swapped=False).tolist(), bool(data_gap(LpRegression(p=4), [0], swapped=True)[0] > 0.01)
    ([0.0], True)
    """
    targets, m = problem.targets(seeds), _points(seeds)
    inputs = np.eye(COORDINATES)[::-1] if swapped else np.eye(COORDINATES)
    over_data, objective = ((np.abs(outputs - targets) ** problem.p).sum(axis=1) for outputs in (m @ inputs.T, m))
    return np.abs(over_data - objective) / objective


def coupling(problem: LpRegression, seeds: Sequence[int], off: float = 1.0) -> Floats:
    """Return K_12 at a random solution of scalar depth, (seeds,), from the derivatives of w = s m; at `off` times m there."""
    import torch

    s = _scalars(seeds)[:, None]
    at = torch.from_numpy(np.concatenate([s, off * problem.targets(seeds) / s], axis=1)).requires_grad_()
    first, second = (torch.autograd.grad(w.sum(), at, retain_graph=True)[0] for w in _map(at).T)
    products: Floats = (first * second).sum(dim=1).numpy()
    return products


def predicted_coupling(problem: LpRegression, seeds: Sequence[int]) -> Floats:
    """Return y_1 y_2 / s^2 at the same solutions, (seeds,)."""
    return np.asarray(problem.targets(seeds).prod(axis=1) / _scalars(seeds) ** 2)


def step_coupling(problem: LpRegression, seeds: Sequence[int], *, depth: bool, apart: float = 1e-5) -> Floats:
    """Return K_12 as one step of descent shows it, (seeds,): the second residual set to `apart`, the first to zero.

    The step moves the first coordinate by -eta K_12 phi(apart), if at all. With `depth` it is a step of s and m, else of w.
    """
    s, beside = _scalars(seeds)[:, None], problem.targets(seeds) + [0.0, apart]
    at = np.concatenate([s, beside / s], axis=1) if depth else beside
    size = 0.01  # eta phi(apart): a step of the size of the parameters, whatever p, so that rounding does not show
    moved = at - size / phi(np.array([apart]), problem.p) * _gradients(problem, seeds, at)
    return np.asarray((_map(at) - _map(moved))[:, 0] / size)


def _map(at: Any) -> Any:
    """Return w of parameters (seeds, 3) or (seeds, 2), arrays or tensors: s m for scalar depth, else m itself."""
    return at[:, :1] * at[:, 1:] if at.shape[1] > COORDINATES else at


def _gradients(problem: LpRegression, seeds: Sequence[int], at: Floats) -> Floats:
    import torch

    parameters = torch.from_numpy(at).requires_grad_()
    loss = ((_map(parameters) - torch.from_numpy(problem.targets(seeds))).abs() ** problem.p).sum() / problem.p
    gradients: Floats = torch.autograd.grad(loss, parameters)[0].numpy()
    return gradients


def _points(seeds: Sequence[int]) -> Floats:
    return np.stack([stream(seed, "point").normal(size=COORDINATES) for seed in seeds])


def _scalars(seeds: Sequence[int]) -> Floats:
    """Return s of a random solution, of size 0.5 to 2 and either sign, (seeds,)."""
    generators = [stream(seed, "scalar") for seed in seeds]
    return np.array([each.uniform(0.5, 2.0) * each.choice([-1.0, 1.0]) for each in generators])


def _turned(vectors: Floats, angle: float) -> Floats:
    return vectors @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
