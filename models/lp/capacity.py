"""What products of matrices can express: the best fit of a random matrix by a linear network of given widths.

Every product is a linear map, but a hidden layer of width r holds its rank to r. By Eckart and Young (Psychometrika 1, 1936,
211-218) the best fit of rank r leaves the singular values beyond the r-th; where every hidden width is at least min(in, out),
nothing is left. Fits are found by alternating least squares, not from that theorem.
"""

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.streams import stream

__all__ = ["eckart_young", "fitted_residual"]

Floats: TypeAlias = NDArray[np.float64]
SWEEPS = 40
"""Sweeps of alternating least squares; each shrinks the subspace's error by a ratio of squared singular values, below 0.4."""


class _Case(NamedTuple):
    """A matrix to fit, and the widths of the network from input to output."""

    target: Floats
    widths: tuple[int, ...]


def fitted_residual(seeds: Sequence[int], *, surplus: int) -> Floats:
    """Return what the best product leaves of a random matrix, by least squares, relative to its norm, (seeds,).

    Each seed draws 3 to 6 inputs and outputs, 2 to 4 layers and their hidden widths; the narrowest is min(in, out) + `surplus`.

    >>> bool(fitted_residual([0], surplus=0)[0] < 1e-12), bool(fitted_residual([0], surplus=-1)[0] > 0.01)
    (True, True)
    """
    return np.array([_fit(_case(seed, surplus), seed) for seed in seeds])


def eckart_young(seeds: Sequence[int], *, surplus: int) -> Floats:
    """Return the norm of the singular values beyond the narrowest width, relative to that of all, (seeds,)."""
    found = []
    for target, widths in (_case(seed, surplus) for seed in seeds):
        singular = np.linalg.svd(target, compute_uv=False)
        found.append(np.linalg.norm(singular[min(widths) :]) / np.linalg.norm(singular))
    return np.array(found)


def _case(seed: int, surplus: int) -> _Case:
    generator = stream(seed, "capacity")
    inputs, outputs = (int(size) for size in generator.integers(3, 7, 2))
    narrowest = min(inputs, outputs) + surplus
    hidden = narrowest + generator.integers(0, 4, int(generator.integers(1, 4)))
    hidden[generator.integers(len(hidden))] = narrowest
    return _Case(_matrix(generator, outputs, inputs), (inputs, *(int(width) for width in hidden), outputs))


def _matrix(generator: np.random.Generator, rows: int, columns: int) -> Floats:
    """Return a matrix with random singular vectors and singular values that about halve, so that fits converge fast."""
    rank = min(rows, columns)
    left, right = (np.linalg.qr(generator.normal(size=(size, rank)))[0] for size in (rows, columns))
    return (left * 0.5 ** np.arange(rank) * generator.uniform(0.9, 1.1, rank)) @ right.T


def _fit(case: _Case, seed: int) -> float:
    """Return the relative residual after fitting one factor after the other, again and again."""
    generator, pairs = stream(seed, "factors"), zip(case.widths[1:], case.widths, strict=False)
    factors = [generator.normal(size=pair) for pair in pairs]
    for _ in range(SWEEPS):
        for j in range(len(factors)):
            before, after = _product(factors[:j], case.widths[0]), _product(factors[j + 1 :], case.widths[j + 1])
            factors[j] = np.linalg.pinv(after) @ case.target @ np.linalg.pinv(before)
    left = case.target - _product(factors, case.widths[0])
    return float(np.linalg.norm(left) / np.linalg.norm(case.target))


def _product(factors: Sequence[Floats], inputs: int) -> Floats:
    """Return the product of some neighbouring factors, the first applied first; the unit matrix of `inputs` for none."""
    return reduce(lambda product, factor: factor @ product, factors, np.eye(inputs))
