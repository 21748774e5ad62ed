"""Gradient descent kernels: one step function for each model, compiled into SIMD lanes over trajectories.

Every array's last axis is the trajectory ("lane"). The residual is part of the state and moves by the exact change of the
product (r += ds m + s dm + ds dm for scalar depth): with parameters alone the error would stall at their rounding and fake
another slope. State arrays are updated in place; a kernel runs without the interpreter's lock.

Kernels are specialised to p, so that phi(r) = sign(r) |r|^(p-1) is a few multiplications for whole p.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np

__all__ = ["deep_descent", "plain_kernel", "scalar_depth_kernel"]

Kernel = Callable[..., Any]
# Contraction to fused multiply-add only: no reordering, so that equal inputs give equal bits in any lane.
FLAGS: dict[str, Any] = {"nogil": True, "fastmath": {"contract"}, "error_model": "numpy"}
compiled: Callable[[Any], Kernel] = numba.njit(**FLAGS)
cached: Callable[[Any], Kernel] = numba.njit(cache=True, **FLAGS)
inlined: Callable[[Any], Kernel] = numba.njit(inline="always", **FLAGS)
product_only: Callable[[Any], Kernel] = numba.njit(inline="always")


@cache
def plain_kernel(p: float) -> Kernel:
    """Return step(residual (d, lanes), rates (lanes,), times (records,), out (records, d, lanes))."""
    phi = _phi(p)

    @compiled
    def descend(residual: Any, rates: Any, times: Any, out: Any) -> None:
        now = 0
        for record in range(times.size):
            for _ in range(times[record] - now):
                for i in range(residual.shape[0]):
                    for lane in range(residual.shape[1]):
                        residual[i, lane] -= rates[lane] * phi(residual[i, lane])
            now = times[record]
            out[record] = residual

    return descend


@cache
def scalar_depth_kernel(p: float) -> Kernel:
    """Return step(m (2, lanes), s (lanes,), residual (2, lanes), rates, times, out (records, 3, lanes)).

    The third recorded row is s.
    """
    phi = _phi(p)

    @compiled
    def descend(m: Any, s: Any, residual: Any, rates: Any, times: Any, out: Any) -> None:
        now = 0
        m0, m1, r0, r1 = m[0].copy(), m[1].copy(), residual[0].copy(), residual[1].copy()
        for record in range(times.size):
            for _ in range(times[record] - now):
                for lane in range(s.size):
                    pull0 = rates[lane] * phi(r0[lane])
                    pull1 = rates[lane] * phi(r1[lane])
                    ds = -(pull0 * m0[lane] + pull1 * m1[lane])
                    moved = s[lane] + ds
                    r0[lane] += ds * m0[lane] - moved * (pull0 * s[lane])
                    r1[lane] += ds * m1[lane] - moved * (pull1 * s[lane])
                    m0[lane] -= pull0 * s[lane]
                    m1[lane] -= pull1 * s[lane]
                    s[lane] = moved
            now = times[record]
            out[record, 0], out[record, 1], out[record, 2] = r0, r1, s
        m[0], m[1], residual[0], residual[1] = m0, m1, r0, r1

    return descend


@cached
def deep_descent(factors: Any, residual: Any, rates: Any, p: float, sizes: Any, times: Any, out: Any) -> None:
    """Descend on factors (N, h, h, lanes) and residual (d, lanes) in place; record into out (records, d, lanes).

    Factor j, `sizes[j + 1]` by `sizes[j]`, lies in the upper left corner of `factors[j]`; there is one output. With forward
    vectors c_j = W_j ... W_1 phi(r) and backward rows R_j = W_N ... W_(j+1), the gradient of W_j is the outer product
    R_j c_(j-1)', and the product changes by -eta sum_j (S_j . R_j) c_(j-1)' W_(j-1) ... W_1, where S_j is R_j after the update.
    One compilation serves every p and every shape.
    """
    layers, widest, (inputs, lanes) = len(sizes) - 1, factors.shape[1], residual.shape
    forward, row = np.zeros((layers, widest, lanes)), np.zeros((widest, lanes))
    before, after = np.zeros((layers + 1, widest, lanes)), np.zeros((layers + 1, widest, lanes))
    pulled, overlap = np.zeros((widest, lanes)), np.zeros(lanes)
    before[layers, 0], after[layers, 0] = 1.0, 1.0
    now = 0
    for record in range(times.size):
        for _ in range(times[record] - now):
            _pull(forward[0], residual, rates, p)
            for j in range(1, layers):
                _left(forward[j], factors[j - 1], forward[j - 1], sizes[j], sizes[j - 1])
            for j in range(layers - 1, 0, -1):
                _right(before[j], before[j + 1], factors[j], sizes[j + 1], sizes[j])
            for j in range(layers, 0, -1):
                pulled[:] = forward[j - 1]
                for q in range(j - 1, 0, -1):
                    _right(row, pulled, factors[q - 1], sizes[q], sizes[q - 1])
                    pulled[:] = row
                overlap[:] = 0.0
                for a in range(sizes[j]):
                    for lane in range(lanes):
                        overlap[lane] += after[j, a, lane] * before[j, a, lane]
                for i in range(inputs):
                    for lane in range(lanes):
                        residual[i, lane] -= overlap[lane] * pulled[i, lane]
                for a in range(sizes[j]):
                    for b in range(sizes[j - 1]):
                        for lane in range(lanes):
                            factors[j - 1, a, b, lane] -= before[j, a, lane] * forward[j - 1, b, lane]
                if j > 1:
                    _right(after[j - 1], after[j], factors[j - 1], sizes[j], sizes[j - 1])
        now = times[record]
        out[record] = residual


@inlined
def _pull(out: Any, residual: Any, rates: Any, p: float) -> None:
    """Write eta phi(r) into out, multiplying as the kernels specialised to p do."""
    squares, whole = (int(p) - 2) // 2, p == int(p)
    for i in range(residual.shape[0]):
        for lane in range(residual.shape[1]):
            out[i, lane] = residual[i, lane]
            if not whole:
                out[i, lane] *= np.abs(residual[i, lane]) ** (p - 2)
            elif int(p) % 2 == 1:
                out[i, lane] *= np.abs(residual[i, lane])
        for _ in range(squares if whole else 0):
            for lane in range(residual.shape[1]):
                out[i, lane] *= residual[i, lane] * residual[i, lane]
        for lane in range(residual.shape[1]):
            out[i, lane] *= rates[lane]


@inlined
def _left(out: Any, matrix: Any, column: Any, rows: int, columns: int) -> None:
    for a in range(rows):
        for lane in range(out.shape[1]):
            out[a, lane] = matrix[a, 0, lane] * column[0, lane]
        for b in range(1, columns):
            for lane in range(out.shape[1]):
                out[a, lane] += matrix[a, b, lane] * column[b, lane]


@inlined
def _right(out: Any, row: Any, matrix: Any, rows: int, columns: int) -> None:
    for b in range(columns):
        for lane in range(out.shape[1]):
            out[b, lane] = row[0, lane] * matrix[0, b, lane]
        for a in range(1, rows):
            for lane in range(out.shape[1]):
                out[b, lane] += row[a, lane] * matrix[a, b, lane]


def _phi(p: float) -> Kernel:
    """Return phi for one p: a sign-keeping product for whole p, a power otherwise."""
    if p != int(p):
        return product_only(lambda r: np.abs(r) ** (p - 2) * r)
    squares, odd = divmod(int(p) - 2, 2)
    return _odd_phi(squares) if odd else _even_phi(squares)


def _even_phi(squares: int) -> Kernel:
    @product_only
    def phi(r: float) -> float:
        out = r
        for _ in range(squares):
            out *= r * r
        return out

    return phi


def _odd_phi(squares: int) -> Kernel:
    @product_only
    def phi(r: float) -> float:
        out = r * abs(r)
        for _ in range(squares):
            out *= r * r
        return out

    return phi
