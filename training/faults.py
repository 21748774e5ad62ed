"""What went wrong with single trajectories: divergence, overflow, stall, a refused continuation."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["FAULTS", "fault_codes", "sentences"]

Floats: TypeAlias = NDArray[np.float64]
FAULTS = {
    1: "its residual is not a number or overflowed from t = {:.3g} on",
    2: "it diverged: its error is {:.3g} times that at the start",
    3: "its error stands still from t = {:.3g} on",
    4: "exact steps end at t = {:.3g}, where its step size is too near the edge of stability to go on without them",
}
GREW = 10.0
"""An error this many times as large as the first recorded one has diverged."""


def fault_codes(times: Floats, error: Floats, stepped: float) -> tuple[NDArray[np.int64], Floats]:
    """Return each trajectory's fault (0: none) and the number of its sentence, from its errors (n, records).

    `stepped` is the last time reached by exact steps; what is missing after it was refused.
    """
    bad = ~np.isfinite(error)
    broken, since = bad.any(axis=1), times[bad.argmax(axis=1)]
    with np.errstate(all="ignore"):
        grown = error[:, -1] / error[:, 0]
    still, stopped = _standing(times, error)
    codes, numbers = np.zeros(len(error), dtype=np.int64), np.full(len(error), np.nan)
    refused = broken & (since > stepped)
    for code, where, number in (
        (3, still, stopped), (2, grown > GREW, grown), (1, broken, since), (4, refused, np.full(len(error), stepped)),
    ):  # fmt: skip
        codes[where], numbers[where] = code, number[where]
    return codes, numbers


def sentences(codes: NDArray[np.int64], numbers: Floats) -> dict[int, str]:
    """Return, by place, what went wrong.

    >>> sentences(np.array([0, 2]), np.array([np.nan, 1e6]))
    {1: 'it diverged: its error is 1e+06 times that at the start'}
    """
    return {int(place): FAULTS[int(codes[place])].format(numbers[place]) for place in np.flatnonzero(codes)}


def _standing(times: Floats, error: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Return whether an error above zero ends by repeating itself, and the first time from which it does."""
    same = (error[:, 1:] == error[:, :-1]) & (error[:, 1:] > 0)
    # How many records at the end repeat the one before: the length of the last run of repetitions.
    repeats = np.cumprod(same[:, ::-1], axis=1).sum(axis=1)
    return repeats > 0, times[len(times) - 1 - repeats]
