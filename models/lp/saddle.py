"""The critical set of scalar depth through zero, and the saddle of deeper networks, whose Hessian at zero says nothing.

With w = s m the points s = 0, m perpendicular to v = phi(y) are critical, all of them. The Hessian there has the eigenvalues
(c ± sqrt(c^2 + 4 ||v||^2)) / 2 and 0, with c = (p-1) sum |y_i|^(p-2) m_i^2: one positive, one negative, everywhere on the set.

With N >= 3 layers the Hessian at zero vanishes, but the loss changes like -||v|| h^N along h (1, ..., 1, v / ||v||), and like
+||v|| h^N with one sign changed.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import LpRegression, phi
from models.streams import stream

__all__ = ["leading_change", "set_eigenvalues", "set_eigenvalues_predicted"]

Floats: TypeAlias = NDArray[np.float64]


def set_eigenvalues(problem: LpRegression, seeds: Sequence[int], tilt: float = 0.0) -> Floats:
    """Return the Hessian's eigenvalues, (seeds, 3), rising, relative to ||v||, at s = 0 and a random m perpendicular to v.

    They are taken by automatic differentiation in float64. m leans towards v by the `tilt`, an angle in radians.

    >>> eigenvalues = set_eigenvalues(LpRegression(p=4), [0, 1])
    >>> bool((eigenvalues[:, 0] < 0).all() and (eigenvalues[:, 2] > 0).all())
    True
    """
    import torch  # not at collection

    found = []
    for seed, target in zip(seeds, problem.targets(seeds), strict=True):
        y = torch.from_numpy(target)
        point = torch.from_numpy(np.append(0.0, _on_set(problem, target, seed, tilt)))
        hessian = torch.autograd.functional.hessian(
            lambda at, y=y: ((at[0] * at[1:] - y).abs() ** problem.p).sum() / problem.p, point
        )
        found.append(np.linalg.eigvalsh(hessian.numpy()) / np.linalg.norm(phi(target, problem.p)))
    return np.array(found)


def set_eigenvalues_predicted(problem: LpRegression, seeds: Sequence[int]) -> Floats:
    """Return the closed form of `set_eigenvalues`, (seeds, 3), rising.

    >>> problem = LpRegression(p=4)
    >>> bool(np.allclose(set_eigenvalues(problem, [0]), set_eigenvalues_predicted(problem, [0]), rtol=0, atol=1e-12))
    True
    """
    found = []
    for seed, target in zip(seeds, problem.targets(seeds), strict=True):
        m, slope = _on_set(problem, target, seed, 0.0), np.linalg.norm(phi(target, problem.p))
        c = (problem.p - 1) * float(np.abs(target) ** (problem.p - 2) @ m**2)
        root = np.hypot(c, 2 * slope)
        found.append(np.array([(c - root) / 2, 0.0, (c + root) / 2]) / slope)
    return np.array(found)


def leading_change(problem: LpRegression, layers: int, seeds: Sequence[int], *, distance: float, falling: bool) -> Floats:
    """Return the change of the loss from zero over ||v|| h^N, (seeds,), at h = `distance` along a diagonal.

    N is the number of `layers`, all of width 1. Scalars are all h, and m is h v / ||v||; the rising diagonal has one sign
    changed.

    >>> leading_change(LpRegression(p=4), 3, [0], distance=1e-3, falling=True).round(6).tolist()
    [-1.0]
    """
    targets, p = problem.targets(seeds), problem.p
    slopes = phi(targets, p)
    lengths = np.linalg.norm(slopes, axis=1)
    moved = (1 if falling else -1) * distance**layers * slopes / lengths[:, None]
    # |y - w|^p - |y|^p = |y|^p ((1 - w/y)^p - 1), without cancellation for small w
    change = (np.abs(targets) ** p * np.expm1(p * np.log1p(-moved / targets))).sum(axis=1) / p
    return np.asarray(change / (lengths * distance**layers))


def _on_set(problem: LpRegression, target: Floats, seed: int, tilt: float) -> Floats:
    """Return m of random length, perpendicular to v but for a tilt."""
    downhill = phi(target, problem.p) / np.linalg.norm(phi(target, problem.p))
    across = np.array([-downhill[1], downhill[0]])
    return np.asarray(stream(seed, "point").normal() * (np.cos(tilt) * across + np.sin(tilt) * downhill))
