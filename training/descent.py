"""Gradient descent on l_p regression, many seeds at once, recorded at chosen times.

A `Descent` is a description (importing this module compiles nothing); `train` runs it.

>>> from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
>>> arm = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), steps=10**12, stepped=1000)
>>> arm.train([0, 1], Machine())["residual"].shape
(2, 2, 448)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import Factors, LinearNetwork, Problem, Start, StepSizeRule, end_to_end_matrix
from training.faults import Course, fault_codes, sentences
from training.kernels import Descended, descend, unpack
from training.machine import Machine, Progress, part_of, silent
from training.sources import STEPPING, sources

__all__ = ["Descent", "DescentRuns"]

Floats: TypeAlias = NDArray[np.float64]
Arrays: TypeAlias = dict[str, Floats]
Times: TypeAlias = NDArray[np.int64]
BLOCK = 128
MOST_STEPS = 10**18
STEPPED_SHARE = 0.1
"""What exact steps take of the time where later times follow, roughly."""
ENGINE = (*STEPPING, *(f"training/{name}.py" for name in ("faults", "flow", "jump", "longtime")))
"""Files that every descent depends on, long times included."""


@dataclass(frozen=True)
class DescentRuns:
    """What descent recorded: one trajectory for each seed.

    Attributes
    ----------
    times : (records,) numbers of steps
    residual : (seeds, entries, records), Delta = W - Y, row by row
    outer : (seeds, records), the scalar s; nan for other networks
    rates : (seeds,), eta
    final : (seeds, size), the state at the last time: residual, then the factors, each row by row
    codes, numbers : (seeds,), faults, in words in `faults`
    """

    seeds: tuple[int, ...]
    network: LinearNetwork
    times: Floats
    residual: Floats
    outer: Floats
    rates: Floats
    final: Floats
    codes: Floats
    numbers: Floats

    @property
    def error(self) -> Floats:
        """Return the parameter error ||Delta||, (seeds, records)."""
        return norm(self.residual)

    @property
    def factors(self) -> Factors:
        """Return the last factors, each (seeds, rows, columns); none for one layer."""
        return unpack(self.network, self.final.T)

    @property
    def faults(self) -> dict[int, str]:
        """Return, by place, what went wrong with a trajectory: divergence, overflow, stall, refused continuation."""
        return sentences(self.codes.astype(np.int64), self.numbers)


@dataclass(frozen=True)
class Descent:
    """One arm: a problem, a network, where it starts, its step size rule, and how long.

    `records` is "log" (40 records a decade) or a number of steps between records. After `stepped` exact steps, if given, later
    times are reached without taking the steps: exactly for plain descent, by the modified equation with depth. A trajectory that
    is too near the edge of stability for that has nan for its later records.
    """

    problem: Problem
    network: LinearNetwork
    start: Start
    step_size: StepSizeRule
    steps: int
    records: Literal["log"] | int = "log"
    stepped: int | None = field(default=None, kw_only=True)

    packages: ClassVar[tuple[str, ...]] = ("numpy", "numba", "scipy")

    def __post_init__(self) -> None:
        counts = {"steps": self.steps, "records": self.records, "stepped": self.stepped}
        for name, count in counts.items():
            if count not in ("log", None) and not (isinstance(count, int | np.integer) and 1 <= count <= MOST_STEPS):
                raise ValueError(f"{name} = {count!r}: it must be a whole number from 1 to {MOST_STEPS:g}.")
        if self.stepped is not None and self.stepped < self.steps and self.problem.p <= 2:
            raise ValueError(
                f"p = {self.problem.p} has no power law to go on by after stepped = {self.stepped} steps: leave out stepped."
            )

    @property
    def code(self) -> tuple[str, ...]:
        """Return the files that compute this arm: the engine's, and those of what describes it."""
        return tuple(dict.fromkeys(ENGINE + sources(self)))

    @property
    def arm(self) -> str:
        """Return the name of this side of a comparison."""
        return self.network.name

    @property
    def times(self) -> Times:
        """Return the recorded times, in steps, from the first step to the last."""
        if self.records != "log":
            return np.arange(0, self.steps + 1, self.records, dtype=np.int64)
        decades = np.log10(self.steps)
        times = np.round(np.logspace(0, decades, round(40 * decades) + 1)).astype(np.int64)
        times[-1] = self.steps  # beyond 1e15 a float64 may miss it
        return np.unique(times)

    def block(self, device: str) -> int:
        """Return how many seeds are trained and stored together."""
        return BLOCK

    def train(self, seeds: Sequence[int], machine: Machine, progress: Progress = silent) -> Arrays:
        """Run descent at every seed and return the arrays of `DescentRuns`, in float64."""
        factors = self.start.factors(self.problem, self.network, seeds)
        residual = (end_to_end_matrix(factors) - self._targets(seeds)).reshape(len(seeds), -1)
        rates = self.step_size.rates(self.problem, residual, seeds)
        share = 1.0 if self.stepped is None or self.stepped >= self.times[-1] else STEPPED_SHARE
        stepped, times = self._stepped(factors, residual, rates, machine.device, part_of(progress, 0.0, share))
        found = self._continued(stepped, rates, times, part_of(progress, share, 1.0))
        progress(1.0)
        records = self._by_seed(found)
        course = Course(
            self.times.astype(np.float64), norm(records["residual"]), norm(residual), norm(stepped.state[: residual.shape[1]].T),
            float(times[-1]),
        )  # fmt: skip
        codes, numbers = fault_codes(course)
        return {"times": course.times, "rates": rates, "codes": codes.astype(np.float64), "numbers": numbers} | records

    def gather(self, seeds: Sequence[int], arrays: Arrays) -> DescentRuns:
        """Return the arrays of all seeds as runs."""
        return DescentRuns(tuple(seeds), self.network, **arrays)

    def _targets(self, seeds: Sequence[int]) -> Floats:
        return self.problem.targets(seeds).reshape(len(seeds), self.network.outputs, self.network.inputs)

    def _stepped(
        self, factors: Factors, residual: Floats, rates: Floats, device: str, progress: Progress
    ) -> tuple[Descended, Times]:
        """Return what exact steps recorded, and when; the last record is that of the last exact step."""
        last = self.times[-1] if self.stepped is None else min(self.stepped, self.times[-1])
        times = np.unique(np.append(self.times[self.times <= last], last))
        found = descend(self.network, self.problem.p, factors, residual, rates, times, device=device, progress=progress)
        return found, times

    def _continued(self, stepped: Descended, rates: Floats, times: Times, progress: Progress) -> Descended:
        from training.longtime import continued  # SciPy's integrator is for those who train

        return continued(self.network, self.problem.p, stepped, rates, times, self.times, progress)

    def _by_seed(self, found: Descended) -> Arrays:
        """Return the records with the seed as first axis."""
        residual = np.ascontiguousarray(np.moveaxis(found.residual, 2, 0).transpose(0, 2, 1))
        outer = found.outer.T if found.outer.size else np.full((residual.shape[0], residual.shape[2]), np.nan)
        return {"residual": residual, "outer": np.ascontiguousarray(outer), "final": np.ascontiguousarray(found.state.T)}


def norm(residual: Floats) -> Floats:
    """Return ||Delta|| over axis 1, without the under- and overflow of squares.

    >>> norm(np.array([[3e-200, 4e-200]])).tolist()
    [5e-200]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.hypot.reduce(residual, axis=1))
