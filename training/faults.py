"""What went wrong with single trajectories: divergence, overflow, stall, a refused continuation."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["FAULTS", "Course", "fault_codes", "sentences"]

Floats: TypeAlias = NDArray[np.float64]
FAULTS = {
    1: "its residual is not a number or overflowed from t = {:.3g} on",
    2: "it diverged: its error is {:.3g} times that at the start",
    3: "its error stands still from t = {:.3g} on",
    4: "it could not be followed without exact steps to t = {:.3g}: its step size is too near the edge of stability, or "
    "exact steps ended too early",
}
GREW = 10.0
"""An error this many times as large as the one at the start has diverged."""


@dataclass(frozen=True)
class Course:
    """What tells a trajectory that went wrong: errors (n, records) at times, at the start and at the last exact step, (n,).

    `stepped` is the time of the last exact step; records after it were reached without steps.
    """

    times: Floats
    error: Floats
    initial: Floats
    reached: Floats
    stepped: float


def fault_codes(course: Course) -> tuple[NDArray[np.int64], Floats]:
    """Return each trajectory's fault (0: none) and the number of its sentence."""
    bad = ~np.isfinite(course.error)
    since = course.times[bad.argmax(axis=1)]
    with np.errstate(all="ignore"):
        # What went wrong before the last exact step shows there first.
        grown = np.where(course.reached > GREW * course.initial, course.reached, course.error[:, -1]) / course.initial
    still, stopped = _standing(course.times, course.error)
    codes, numbers = np.zeros(len(bad), dtype=np.int64), np.full(len(bad), np.nan)
    for code, where, number in (
        (3, still, stopped),
        (4, bad.any(axis=1), since),
        (2, grown > GREW, grown),
        (1, bad.any(axis=1) & ((since <= course.stepped) | ~np.isfinite(course.reached)), np.minimum(since, course.stepped)),
    ):
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
