"""Two rules for the end-to-end curve w(t) of scalar depth: heavy-ball momentum, and a memoryless step with a preconditioner.

Heavy ball: w_(t+1) - w_t = mu (w_t - w_(t-1)) - alpha phi(Delta_t), with alpha and mu free (B. T. Polyak, Some methods of
speeding up the convergence of iteration methods, 1964). Memoryless: w_(t+1) - w_t depends on w_t alone. With c = s^2 - ||m||^2,
which descent conserves up to order eta, w gives s and m but for a common sign, and a step of s and m is the step

    -eta (s^2 I + w w'/s^2) phi + eta^2 (w'phi) phi,    s^2 = (c + sqrt(c^2 + 4 ||w||^2)) / 2,

which has no free number. Curves are residuals Delta = w - y, (seeds, steps + 1, inputs), one record a step.
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp.preconditioner import scalar_square
from models.lp.problem import phi

__all__ = ["fitted_heavy_ball", "heavy_ball", "heavy_ball_step", "memoryless", "memoryless_step", "nearest_heavy_ball"]

Floats: TypeAlias = NDArray[np.float64]
GAINS = np.geomspace(0.1, 12, 24)
"""Learning rates tried, alpha / (1 - mu) over eta: the late rate of momentum is that of plain descent with this learning rate."""
MEMORIES = 1 - np.geomspace(1, 0.001, 22)
"""mu tried."""


# ---- one step ahead ----------------------------------------------------------------------------------------------


def fitted_heavy_ball(residual: Floats, p: float) -> tuple[Floats, Floats]:
    """Return alpha and mu, (seeds,), that predict each step best from the two records before (relative least squares).

    >>> curve = np.array([[[8.0], [4.0], [2.0], [1.0], [0.5]]])  # halves: mu = 1/2 and alpha = 0
    >>> alpha, mu = fitted_heavy_ball(curve, 4)
    >>> float(mu[0].round(9)), float(abs(alpha[0]).round(9))
    (0.5, 0.0)
    """
    step = np.diff(residual, axis=1)
    weight = 1 / np.linalg.norm(step[:, 1:], axis=2, keepdims=True)
    pushes, before, wanted = (part * weight for part in (-phi(residual[:, 1:-1], p), step[:, :-1], step[:, 1:]))
    design = np.stack([pushes, before], axis=-1).reshape(len(residual), -1, 2)
    found = [np.linalg.lstsq(each, goal.ravel(), rcond=None)[0] for each, goal in zip(design, wanted, strict=True)]
    alpha, mu = np.array(found).T
    return alpha, mu


def heavy_ball_step(residual: Floats, p: float, alpha: Floats, mu: Floats) -> Floats:
    """Return the steps that heavy ball predicts from records 1 to T-1, (seeds, steps - 1, inputs)."""
    before = np.diff(residual, axis=1)[:, :-1]
    return mu[:, None, None] * before - alpha[:, None, None] * phi(residual[:, 1:-1], p)


def memoryless_step(residual: Floats, p: float, targets: Floats, c: Floats, rates: Floats) -> Floats:
    """Return the steps that the memoryless rule predicts from every record, (seeds, records, inputs).

    >>> m, s, eta = np.array([[3.0, 4.0]]), 2.0, 0.01  # a step of s and m towards the target 0, p = 2
    >>> stepped = (s - eta * (m @ (s * m[0]))) * (m - eta * s * (s * m))
    >>> predicted = memoryless_step((s * m)[:, None], 2, np.zeros((1, 2)), np.array([4.0 - 25.0]), np.array([eta]))
    >>> bool(np.allclose(predicted[:, 0], stepped - s * m))
    True
    """
    w, slope, eta = residual + targets[:, None], phi(residual, p), rates[:, None, None]
    square = scalar_square(w, c[:, None])[:, :, None]
    along = (w * slope).sum(axis=2, keepdims=True)
    return -eta * (square * slope + w * along / square) + eta**2 * along * slope


# ---- from the start alone ------------------------------------------------------------------------------------------


def memoryless(start: Floats, p: float, targets: Floats, c: Floats, rates: Floats, times: NDArray[np.int64]) -> Floats:
    """Return ||Delta|| at the times, (seeds, records), of the memoryless rule run from the residual `start`, (seeds, inputs)."""
    residual, found, wanted = start[:, None], [], set(times.tolist())
    for t in range(int(times[-1]) + 1):
        if t in wanted:
            found.append(np.linalg.norm(residual[:, 0], axis=1))
        residual = residual + memoryless_step(residual, p, targets, c, rates)
    return np.stack(found, axis=1)


def heavy_ball(start: Floats, p: float, alpha: Floats, mu: Floats, times: NDArray[np.int64]) -> Iterator[Floats]:
    """Give ||Delta|| at each of the times, (seeds, tries), of heavy ball run from rest at `start`, (seeds, inputs).

    alpha and mu are (seeds, tries); a try that diverges is not finite.
    """
    residual, wanted = np.repeat(start[:, None], mu.shape[1], axis=1), set(times.tolist())
    speed = np.zeros_like(residual)
    for t in range(int(times[-1]) + 1):
        if t in wanted:
            yield np.sqrt((residual**2).sum(axis=2))
        with np.errstate(all="ignore"):
            speed = mu[..., None] * speed - alpha[..., None] * _phi(residual, p)
            residual = residual + speed


def nearest_heavy_ball(
    start: Floats, p: float, rates: Floats, error: Floats, times: NDArray[np.int64], *, momentum: bool = True
) -> tuple[Floats, Floats]:
    """Return alpha and mu, (seeds,), whose run is nearest to `error`, (seeds, records), at the times: mean square of log ratios.

    All pairs of `GAINS` and `MEMORIES` are tried for each seed, then a grid four times as fine around the best.
    Without momentum, mu is 0 and learning rates alone are tried.
    """
    seeds = len(start)
    gains, memories = (np.tile(each.ravel(), (seeds, 1)) for each in np.meshgrid(GAINS, 1 - MEMORIES if momentum else np.ones(1)))
    for fine in (None, 0.25):
        if fine is not None:
            gains, memories = _around(gains, memories, fine, momentum)
        best = _distance(start, p, rates, gains, memories, error, times).argmin(axis=1)[:, None]
        gains, memories = np.take_along_axis(gains, best, 1), np.take_along_axis(memories, best, 1)
    return (rates[:, None] * gains * memories)[:, 0], 1 - memories[:, 0]


def _distance(
    start: Floats, p: float, rates: Floats, gains: Floats, memories: Floats, error: Floats, times: NDArray[np.int64]
) -> Floats:
    """Return the mean square of log ratios, (seeds, tries); infinite where a try diverged."""
    total = np.zeros(gains.shape)
    with np.errstate(all="ignore"):
        for k, found in enumerate(heavy_ball(start, p, rates[:, None] * gains * memories, 1 - memories, times)):
            total += np.log(found / error[:, k : k + 1]) ** 2
    return np.where(np.isfinite(total), total, np.inf)


def _around(gains: Floats, memories: Floats, fine: float, momentum: bool) -> tuple[Floats, Floats]:
    """Return a finer grid, one coarse step to either side of one pair for each seed."""
    offsets = np.arange(-1, 1 + fine, fine)
    wide, long = (each.ravel() for each in np.meshgrid(offsets, offsets if momentum else np.zeros(1)))
    ratios = GAINS[1] / GAINS[0], (1 - MEMORIES[1]) / (1 - MEMORIES[0])
    return gains * ratios[0] ** wide, np.minimum(memories * ratios[1] ** long, 1.0)


def _phi(residual: Floats, p: float) -> Floats:
    """Return phi; by products for p = 4, where powers would take most of the time."""
    return residual**2 * residual if p == 4 else phi(residual, p)
