"""Factors of matrices: the shapes they have, the ways they start, and how fast their product moves.

A matrix may be a stack of them, (..., out, in), one for each member of an ensemble; factors are listed in the order in which they
are applied, factor 1 of shape (..., inner, in) to factor N of shape (..., out, inner), and all between are (..., inner, inner).
"""

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.streams import INITIAL_STD, stream, truncated_normal

__all__ = [
    "balanced",
    "factor_shapes",
    "matched",
    "mean_eigenvalue",
    "orthogonal",
    "product",
    "published",
    "truncated_stack",
]


def factor_shapes(matrices: Sequence[int], count: int, inner: int) -> list[tuple[int, ...]]:
    """Return the shapes of `count` factors of matrices (..., out, in).

    >>> factor_shapes((512, 3136), count=3, inner=512)
    [(512, 3136), (512, 512), (512, 512)]
    """
    *stack, out, before = matrices
    widths = [before, *[inner] * (count - 1), out]
    return [(*stack, rows, columns) for columns, rows in pairwise(widths)]


def product(factors: Sequence[Tensor]) -> Tensor:
    """Return the end-to-end matrix, factor N ... factor 2 factor 1.

    >>> product([torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0]])]).tolist()
    [[3.0, 6.0]]
    """
    # From the last factor on: what is multiplied along the way then has few rows, since layers narrow.
    return reduce(torch.matmul, reversed(factors))


# ---- starts -----------------------------------------------------------------------------------------------------


def published(matrices: Sequence[int], count: int, inner: int, names: Sequence[str], seeds: Sequence[int]) -> list[Tensor]:
    """Return factors that are each drawn like the original matrix, from the stream of its own name, in float32.

    >>> [tuple(factor.shape) for factor in published((4, 8), 2, 4, names=["first", "second"], seeds=[0])]
    [(4, 8), (4, 4)]
    """
    shapes = factor_shapes(matrices, count, inner)
    return [truncated_stack(name, shape, seeds) for name, shape in zip(names, shapes, strict=True)]


def truncated_stack(name: str, shape: Sequence[int], seeds: Sequence[int]) -> Tensor:
    """Return truncated normal numbers of standard deviation 0.1, each seed's own share of `shape` from its stream, in float32.

    Source: the TensorFlow MNIST tutorial, `convolutional.py`.
    """
    each = (int(np.prod(shape)) // len(seeds),)
    draws = np.stack([truncated_normal(stream(seed, name), each, INITIAL_STD) for seed in seeds])
    return torch.from_numpy(draws.reshape(shape).astype(np.float32))


def matched(weight: Tensor, count: int, inner: int) -> list[Tensor]:
    """Return the matrix itself as factor 1, and identities; their product is exactly `weight`.

    An inner width beyond the rows is filled with zeros, and one below holds the nearest matrix of that rank (Eckart and Young).

    >>> weight = torch.randn(4, 8)
    >>> torch.equal(product(matched(weight, count=3, inner=6)), weight)
    True
    """
    out = weight.shape[-2]
    into = _identity(weight, inner, out) if inner >= out else _leading(weight, inner).mT
    return _copies([into @ weight, *[_identity(weight, inner, inner)] * (count - 2), into.mT], weight)


def balanced(weight: Tensor, count: int, inner: int) -> list[Tensor]:
    """Return factors of `weight` with W_{j+1}' W_{j+1} = W_j W_j', from its singular values; `inner` is at least the rows.

    With weight = U S V' they are U S^(1/N) U' but for the first, U S^(1/N) V', each of the same singular values. Signs and bases
    of singular vectors cancel in them, so that they depend on the weight alone. Computed in float64.
    Source: Arora, Cohen and Hazan (2018), definition of a balanced start before their Theorem 1.

    >>> first, second = balanced(torch.randn(4, 8), count=2, inner=4)
    >>> torch.allclose(second.mT @ second, first @ first.mT, atol=1e-5)
    True
    """
    left, values, right = torch.linalg.svd(weight.double(), full_matrices=False)
    root = left * values[..., None, :] ** (1 / count)
    into = _identity(left, inner, weight.shape[-2])
    first, middle, last = into @ root @ right, into @ root @ left.mT @ into.mT, root @ left.mT @ into.mT
    return _copies([first, *[middle] * (count - 2), last], weight)


def orthogonal(weight: Tensor, count: int, inner: int, names: Sequence[str], seeds: Sequence[int]) -> list[Tensor]:
    """Return random factors with orthonormal rows but for the first, which is Q' `weight`, with Q the product of the others.

    Each factor is uniform over orthogonal matrices, from the stream of its own name; `inner` is at least the rows of `weight`.

    >>> first, second = orthogonal(torch.ones(1, 4, 8), 2, inner=4, names=["", "Q"], seeds=[7])
    >>> torch.allclose(second @ second.mT, torch.eye(4), atol=1e-6), torch.allclose(second @ first, torch.ones(4, 8))
    (True, True)
    """
    shapes = factor_shapes(weight.shape, count, inner)
    drawn = [_orthonormal_rows(name, shape, seeds) for name, shape in zip(names[1:], shapes[1:], strict=True)]
    others = [rows.to(weight.device) for rows in drawn]
    return _copies([product(others).mT @ weight.double(), *others], weight)


def _orthonormal_rows(name: str, shape: Sequence[int], seeds: Sequence[int]) -> Tensor:
    rows, columns = shape[-2:]
    draws = np.stack([stream(seed, name).normal(size=(columns, rows)) for seed in seeds])
    basis, triangle = torch.linalg.qr(torch.from_numpy(draws))
    signs = triangle.diagonal(dim1=1, dim2=2).sign()  # without which the draw is not uniform (Mezzadri 2007)
    return (basis * signs[:, None, :]).mT.reshape(shape)


def _identity(like: Tensor, rows: int, columns: int) -> Tensor:
    return torch.eye(rows, columns, dtype=like.dtype, device=like.device)


def _leading(weight: Tensor, rank: int) -> Tensor:
    """Return the leading left singular vectors, (..., out, rank), and zeros for those beyond the number of columns."""
    left = torch.linalg.svd(weight.double(), full_matrices=False).U[..., :rank]
    return functional.pad(left, (0, rank - left.shape[-1])).to(weight.dtype)


def _copies(factors: list[Tensor], weight: Tensor) -> list[Tensor]:
    """Return the factors with the stack and type of `weight`, each in memory of its own."""
    stack = weight.shape[:-2]
    return [factor.to(weight.dtype).expand(*stack, *factor.shape[-2:]).clone() for factor in factors]


# ---- how fast the product moves ----------------------------------------------------------------------------------


def mean_eigenvalue(factors: Sequence[Tensor]) -> Tensor:
    """Return the mean eigenvalue of the kernel by which a small gradient step on all factors moves their product, (...), float64.

    A step of rate eta on every factor moves the end-to-end matrix W by -eta sum_j A_j A_j' G B_j' B_j, where G is the loss's
    gradient by W, A_j = W_N ... W_{j+1} and B_j = W_{j-1} ... W_1. As an operator on G this is sum_j (B_j' B_j) x (A_j A_j')
    (Kronecker), of trace sum_j ||A_j||^2 ||B_j||^2 (Frobenius); the mean divides it by the number of entries, out * in. With two
    factors it is ||W_2||^2 / out + ||W_1||^2 / in. A single matrix has 1.
    Source: Arora, Cohen and Hazan (2018), proof of Theorem 1, before its factors are taken to be balanced.

    >>> mean_eigenvalue([torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0]])]).item()  # 9 / 1 + 5 / 2
    11.5
    """
    exact = [factor.double() for factor in factors]
    out, before = exact[-1].shape[-2], exact[0].shape[-1]
    moved = [_squares(exact[j + 1 :], out) * _squares(exact[:j], before) for j in range(len(exact))]
    return torch.stack(torch.broadcast_tensors(*moved)).sum(dim=0) / (out * before)


def _squares(factors: list[Tensor], width: int) -> Tensor:
    """Return the squared Frobenius norm of the product; of no factors, that of an identity of `width`."""
    if not factors:
        return torch.tensor(float(width), dtype=torch.float64)
    return product(factors).square().sum(dim=(-2, -1))
