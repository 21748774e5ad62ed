"""Descent at a whole grid of step sizes at once: which are stable, which are best, and how the error falls at each.

Comparisons of two arms depend on how their step sizes are chosen. A `Sweep` trains every seed at every step size of a grid, so
that each rule is a choice of places on the grid: a step size shared by both arms, the best for each arm, or a share of each
arm's largest stable one.

>>> from models.lp import PLAIN, BesideTarget, LpRegression
>>> sweep = Sweep(LpRegression(p=4), PLAIN, BesideTarget(), Grid(-40, 40), steps=10_000)
>>> runs = sweep.gather([0, 1], sweep.train([0, 1], Machine()))
>>> runs.error.shape, runs.stable.shape
((2, 81, 25), (2, 81))
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import LinearNetwork, Problem, Start, end_to_end_matrix
from training.kernels import descend
from training.machine import Machine, Progress, silent
from training.sources import STEPPING, sources

__all__ = ["Chosen", "Grid", "Sweep", "SweepRuns", "shared", "share_of_largest", "tuned"]

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.intp]
Arrays: TypeAlias = dict[str, Floats]
DECADES, RECORDS = 3, 8
"""Decades of time that are recorded, the last ones, and records in each."""
LANDED = 0.05
"""A first step that brings one entry of the residual below this share of its start lands on the target."""
ABOUT = 0.2
"""By what share the exponent over the last decade may differ from the exponent known, where descent has settled."""
MOST = 0.9
"""Share of the seeds that must have settled at a step size that is chosen for all: one slow seed must not decide."""
BLOCKS = {"cpu": 16, "cuda": 128}
"""Seeds stepped together: on a core enough lanes to keep it busy, few enough for each core to get some and for small records."""


@dataclass(frozen=True)
class Grid:
    """Step sizes 2^(k / per_octave) for whole k from `low` to `high`: grids of one fineness share their points.

    >>> Grid(-2, 2, per_octave=2).rates.tolist()
    [0.5, 0.7071067811865476, 1.0, 1.4142135623730951, 2.0]
    """

    low: int
    high: int
    per_octave: int = 8

    def __post_init__(self) -> None:
        if not (self.high > self.low and self.per_octave > 0):
            raise ValueError(f"A grid from {self.low} to {self.high} with {self.per_octave} points an octave holds no range.")

    @classmethod
    def spanning(cls, least: float, most: float, per_octave: int = 8) -> "Grid":
        """Return the grid whose points hold everything between two step sizes.

        >>> Grid.spanning(0.5, 2.1, per_octave=2)
        Grid(low=-2, high=3, per_octave=2)
        """
        low, high = (per_octave * np.log2(rate) for rate in (least, most))
        return cls(int(np.floor(low)), int(np.ceil(high)), per_octave)

    @property
    def rates(self) -> Floats:
        """Return eta, (points,), rising."""
        return np.asarray(2.0 ** (np.arange(self.low, self.high + 1) / self.per_octave))


@dataclass(frozen=True)
class SweepRuns:
    """What a sweep recorded. A place is that of a step size on the grid; -1 stands for none.

    Attributes
    ----------
    times : (records,) numbers of steps
    error : (seeds, points, records), ||Delta||
    initial : (seeds,), ||Delta|| at the start
    landed : (seeds, points), 1 where the first step all but meets a target (`LANDED`), else 0
    """

    seeds: tuple[int, ...]
    grid: Grid
    times: Floats
    error: Floats
    initial: Floats
    landed: Floats

    @property
    def stable(self) -> Flags:
        """Return where the error ends finite and below half its start, (seeds, points)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.isfinite(self.error).all(axis=2) & (self.error[:, :, -1] < 0.5 * self.initial[:, None]))

    def settled(self, exponent: float) -> Flags:
        """Return where descent is stable and falls with about the exponent at the end, not having landed, (seeds, points).

        A first step that happens to meet a target leaves an error that is tiny and stands still for long: it would win
        comparisons at a fixed time, and means nothing. A training that has not begun to fall means nothing either.
        """
        with np.errstate(all="ignore"):
            fallen = np.log(self.error[:, :, -1] / self.error[:, :, -1 - RECORDS])
            local = fallen / np.log(self.times[-1] / self.times[-1 - RECORDS])
            return np.asarray(self.stable & (self.landed == 0) & (np.abs(local / exponent - 1) <= ABOUT))

    def edge(self) -> Places:
        """Return the place of each seed's largest stable step size, (seeds,); -1 where the grid holds no such edge.

        It is the one below the first unstable step size that follows a stable one.
        """
        stable = np.asarray(self.stable)
        steps_off = stable[:, :-1] & ~stable[:, 1:]
        return np.where(steps_off.any(axis=1), steps_off.argmax(axis=1), -1)

    def best(self, exponent: float, seeds: Sequence[int]) -> int:
        """Return the place of the step size with the lowest mean log error at the end, over some seeds, by their place.

        Only those are considered at which `MOST` of these seeds have settled, and up to a quarter of an octave above which all of
        them are stable, so that others are, too. It is -1 where there is none, or where the best is the grid's first or last:
        then the grid does not hold the optimum.
        """
        rows, ahead = list(seeds), self.grid.per_octave // 4
        stable = np.all(self.stable[rows], axis=0)
        with_room = np.all([np.append(stable[k:], [False] * k) for k in range(ahead + 1)], axis=0)
        fit = with_room & (np.mean(self.settled(exponent)[rows], axis=0) >= MOST)
        with np.errstate(all="ignore"):
            logs = np.where(fit, np.log(self.error[rows, :, -1]).mean(axis=0), np.inf)
        place = int(np.argmin(logs))
        return place if fit[place] and 0 < place < len(logs) - 1 else -1


@dataclass(frozen=True)
class Sweep:
    """One arm at every step size of a grid: a problem, a network, where it starts, and for how many steps.

    The error is recorded over the last three decades of time, eight times a decade.
    """

    problem: Problem
    network: LinearNetwork
    start: Start
    grid: Grid
    steps: int

    packages: ClassVar[tuple[str, ...]] = ("numpy", "numba")

    def __post_init__(self) -> None:
        if self.steps <= 10**DECADES:
            raise ValueError(
                f"A sweep of {self.steps} steps has no {DECADES} decades to record: it needs more than {10**DECADES}."
            )

    @property
    def code(self) -> tuple[str, ...]:
        """Return the files that compute this sweep: the kernels', and those of what describes it."""
        return tuple(dict.fromkeys(STEPPING + sources(self)))

    @property
    def arm(self) -> str:
        """Return the name of this side of a comparison."""
        return self.network.name

    @property
    def times(self) -> NDArray[np.int64]:
        """Return the recorded times, in steps."""
        decades = np.linspace(-DECADES, 0, DECADES * RECORDS + 1)
        return np.asarray(np.round(self.steps * 10.0**decades), dtype=np.int64)

    def block(self, device: str) -> int:
        """Return how many seeds are trained and stored together."""
        return BLOCKS[device]

    def train(self, seeds: Sequence[int], machine: Machine, progress: Progress = silent) -> Arrays:
        """Run descent at every seed and step size and return the arrays of `SweepRuns`, in float64."""
        error, initial, landed = self._swept(seeds, machine.device, progress)
        progress(1.0)
        return {"times": self.times.astype(np.float64), "error": error, "initial": initial, "landed": landed}

    def gather(self, seeds: Sequence[int], arrays: Arrays) -> SweepRuns:
        """Return the arrays of all seeds as runs."""
        return SweepRuns(tuple(seeds), self.grid, **arrays)

    def _swept(self, seeds: Sequence[int], device: str, progress: Progress) -> tuple[Floats, Floats, Floats]:
        """Return the errors (seeds, points, records), those at the start (seeds,), and the flags of landing (seeds, points)."""
        factors, rates = self.start.factors(self.problem, self.network, seeds), self.grid.rates
        targets = self.problem.targets(seeds).reshape(len(seeds), self.network.outputs, self.network.inputs)
        residual = (end_to_end_matrix(factors) - targets).reshape(len(seeds), -1)
        each = [np.repeat(factor, len(rates), axis=0) for factor in factors]
        lanes = np.repeat(residual, len(rates), axis=0), np.tile(rates, len(seeds))
        times = np.append(1, self.times)
        found = descend(self.network, self.problem.p, each, *lanes, times, device=device, progress=progress).residual
        landed = (np.abs(found[0]) < LANDED * np.abs(lanes[0].T)).any(axis=0)
        with np.errstate(over="ignore", invalid="ignore"):
            error = np.linalg.norm(found[1:], axis=1).reshape(len(self.times), len(seeds), len(rates))
        return np.ascontiguousarray(np.moveaxis(error, 0, 2)), np.linalg.norm(residual, axis=1), _grid_of(landed, seeds)


def _grid_of(flags: Flags, seeds: Sequence[int]) -> Floats:
    return flags.reshape(len(seeds), -1).astype(np.float64)


# ---- rules: how two arms choose their step sizes -----------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """Step sizes chosen one by one: pairs of a seed and its eta.

    >>> from models.lp import LpRegression
    >>> Chosen(((7, 0.5), (8, 0.25))).rates(LpRegression(p=4), np.ones((1, 2)), [8]).tolist()
    [0.25]
    """

    by_seed: tuple[tuple[int, float], ...]

    def rates(self, problem: Problem, residual: Floats, seeds: Sequence[int]) -> Floats:
        """Return eta, (seeds,). Raises ``ValueError`` for a seed that has none."""
        chosen = dict(self.by_seed)
        if missing := [seed for seed in seeds if seed not in chosen]:
            raise ValueError(f"No step size was chosen for seed {missing[0]}; there are some for {len(chosen)} seeds.")
        return np.array([chosen[seed] for seed in seeds])


def shared(first: SweepRuns, second: SweepRuns) -> tuple[Floats, Floats]:
    """Return eta for both arms, (seeds,): half the smaller of their largest stable step sizes, seed by seed; nan for none."""
    smaller = np.minimum(_largest(first), _largest(second)) / 2
    return smaller, smaller


def share_of_largest(first: SweepRuns, second: SweepRuns) -> tuple[Floats, Floats]:
    """Return eta for each arm, (seeds,): half its own largest stable step size, seed by seed; nan for none."""
    return _largest(first) / 2, _largest(second) / 2


def tuned(first: SweepRuns, second: SweepRuns, *, exponent: float, tuning: Sequence[int]) -> tuple[Floats, Floats]:
    """Return eta for each arm, (seeds,): the one that is best over the tuning seeds, by their place; nan where the grid lacks it.

    See `SweepRuns.best` for what is asked of it.
    """
    a, b = (_rate(runs, np.full(len(runs.seeds), runs.best(exponent, tuning))) for runs in (first, second))
    return a, b


def _largest(runs: SweepRuns) -> Floats:
    return _rate(runs, runs.edge())


def _rate(runs: SweepRuns, places: Places) -> Floats:
    return np.where(places < 0, np.nan, runs.grid.rates[places])
