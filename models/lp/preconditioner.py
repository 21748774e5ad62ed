"""The preconditioner of a linear network: what depth makes of the gradient.

With Delta = W - Y and G = phi(Delta) the end-to-end matrix of N factors follows dDelta/d(eta t) = -K G, entries row by row, with
K = sum over j of (B_j B_j') (x) (A_(j-1)' A_(j-1)), where B_j = W_N ... W_(j+1) and A_j = W_j ... W_1. For balanced factors K
depends on W alone (S. Arora, N. Cohen, E. Hazan, On the optimization of deep networks: implicit acceleration by
overparameterization, 2018, arXiv:1802.06509, Theorem 1 and Claim 2); for scalar depth it depends on w and on s^2 - ||m||^2, which
the flow conserves.
"""

from itertools import accumulate
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp.network import Factors

__all__ = ["balanced_preconditioner", "imbalance", "preconditioner", "scalar_preconditioner", "scalar_square"]

Floats: TypeAlias = NDArray[np.float64]


def preconditioner(factors: Factors) -> Floats:
    """Return K, (seeds, entries, entries), of any factors, each (seeds, rows, columns).

    >>> preconditioner([np.array([[[3.0, 4.0]]]), np.array([[[2.0]]])])[0].tolist()  # s² I + m m'
    [[13.0, 12.0], [12.0, 20.0]]
    """
    seeds, inputs, outputs = len(factors[0]), factors[0].shape[2], factors[-1].shape[1]
    below = [_eye(seeds, inputs), *accumulate(factors[:-1], lambda product, factor: factor @ product)]
    above = [_eye(seeds, outputs), *accumulate(factors[:0:-1], np.matmul)][::-1]
    terms = [_kronecker(b @ b.mT, a.mT @ a) for b, a in zip(above, below, strict=True)]
    return np.sum(terms, axis=0)


def balanced_preconditioner(w: Floats, layers: int) -> Floats:
    """Return K, (seeds, inputs, inputs), of balanced factors with one output: ||w||^(2-2/N) (I + (N-1) w w' / ||w||^2).

    >>> balanced_preconditioner(np.array([[0.0, 2.0]]), 2)[0].tolist()
    [[2.0, 0.0], [0.0, 4.0]]
    """
    size = np.linalg.norm(w, axis=1)[:, None, None]
    along = w[:, :, None] * w[:, None, :] / size**2
    return size ** (2 - 2 / layers) * (np.eye(w.shape[1]) + (layers - 1) * along)


def imbalance(factors: Factors) -> Floats:
    """Return c = s^2 - ||m||^2 of scalar depth, (seeds,): conserved by the flow, and by descent up to order eta.

    >>> imbalance([np.array([[[3.0, 4.0]]]), np.array([[[2.0]]])]).tolist()
    [-21.0]
    """
    m, s = factors
    return s[:, 0, 0] ** 2 - (m**2).sum(axis=(1, 2))


def scalar_square(w: Floats, c: Floats) -> Floats:
    """Return s^2 of scalar depth at w = s m, (..., inputs), given c = s^2 - ||m||^2, (...): (c + sqrt(c^2 + 4 ||w||^2)) / 2.

    >>> scalar_square(np.array([6.0, 8.0]), np.array(-21.0)).tolist()
    4.0
    """
    return (c + np.sqrt(c**2 + 4 * (w**2).sum(axis=-1))) / 2


def scalar_preconditioner(w: Floats, c: Floats) -> Floats:
    """Return K = s^2 I + m m' of scalar depth, (seeds, inputs, inputs), at w = s m with c = s^2 - ||m||^2.

    >>> scalar_preconditioner(np.array([[6.0, 8.0]]), np.array([-21.0]))[0].tolist()
    [[13.0, 12.0], [12.0, 20.0]]
    """
    square = scalar_square(w, c)[:, None, None]
    return square * np.eye(w.shape[1]) + w[:, :, None] * w[:, None, :] / square


def _eye(seeds: int, size: int) -> Floats:
    return np.broadcast_to(np.eye(size), (seeds, size, size))


def _kronecker(left: Floats, right: Floats) -> Floats:
    """Return left (x) right for each seed."""
    size = left.shape[1] * right.shape[1]
    return np.einsum("sab,scd->sacbd", left, right).reshape(-1, size, size)
