"""Gradient descent on l_p regression, many seeds at once, recorded at chosen times.

A `Descent` is a description (importing this module compiles nothing); `train` runs it.

>>> from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
>>> arm = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), steps=10**12, stepped=1000)
>>> arm.train([0, 1], Machine())["residual"].shape
(2, 2, 481)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import Factors, LinearNetwork, Problem, Start, StepSizeRule, end_to_end_matrix
from training.faults import fault_codes, sentences
from training.kernels import Descended, descend, unpack
from training.machine import Machine, Progress, silent
from training.sources import STEPPING, sources

__all__ = ["Descent", "DescentRuns"]

Floats: TypeAlias = NDArray[np.float64]
Arrays: TypeAlias = dict[str, Floats]
BLOCK = 128
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
    final : (seeds, size), the last state: residual, then the factors, each row by row
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
        return np.linalg.norm(self.residual, axis=1)

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

    @property
    def code(self) -> tuple[str, ...]:
        """Return the files that compute this arm: the engine's, and those of what describes it."""
        return tuple(dict.fromkeys(ENGINE + sources(self)))

    @property
    def arm(self) -> str:
        """Return the name of this side of a comparison."""
        return self.network.name

    @property
    def times(self) -> NDArray[np.int64]:
        """Return the recorded times, in steps, from the first step to the last."""
        if self.records != "log":
            return np.arange(0, self.steps + 1, self.records, dtype=np.int64)
        decades = np.log10(self.steps)
        return np.unique(np.round(np.logspace(0, decades, round(40 * decades) + 1)).astype(np.int64))

    def block(self, device: str) -> int:
        """Return how many seeds are trained and stored together."""
        return BLOCK

    def train(self, seeds: Sequence[int], machine: Machine, progress: Progress = silent) -> Arrays:
        """Run descent at every seed and return the arrays of `DescentRuns`, in float64."""
        factors = self.start.factors(self.problem, self.network, seeds)
        residual = (end_to_end_matrix(factors) - self._targets(seeds)).reshape(len(seeds), -1)
        rates = self.step_size.rates(self.problem, residual, seeds)
        found = self._descended(factors, residual, rates, machine.device)
        progress(1.0)
        arrays = {"times": self.times.astype(np.float64), "rates": rates} | self._by_seed(found)
        return arrays | self._faults(arrays)

    def gather(self, seeds: Sequence[int], arrays: Arrays) -> DescentRuns:
        """Return the arrays of all seeds as runs."""
        return DescentRuns(tuple(seeds), self.network, **arrays)

    def _targets(self, seeds: Sequence[int]) -> Floats:
        return self.problem.targets(seeds).reshape(len(seeds), self.network.outputs, self.network.inputs)

    def _descended(self, factors: Factors, residual: Floats, rates: Floats, device: str) -> Descended:
        from training.longtime import continued  # SciPy's integrator is for those who train

        last = self.steps if self.stepped is None else min(self.stepped, self.steps)
        near = self.times[self.times <= last]
        times = near if len(near) and near[-1] == last else np.append(near, last)
        found = descend(self.network, self.problem.p, factors, residual, rates, times, device=device)
        return continued(self.network, self.problem.p, found, rates, times, self.times)

    def _by_seed(self, found: Descended) -> Arrays:
        """Return the records with the seed as first axis."""
        residual = np.ascontiguousarray(np.moveaxis(found.residual, 2, 0).transpose(0, 2, 1))
        outer = found.outer.T if found.outer.size else np.full((residual.shape[0], residual.shape[2]), np.nan)
        return {"residual": residual, "outer": np.ascontiguousarray(outer), "final": np.ascontiguousarray(found.state.T)}

    def _faults(self, arrays: Arrays) -> Arrays:
        with np.errstate(over="ignore"):
            error = np.linalg.norm(arrays["residual"], axis=1)
        stepped = self.steps if self.stepped is None else self.stepped
        codes, numbers = fault_codes(arrays["times"], error, float(stepped))
        return {"codes": codes.astype(np.float64), "numbers": numbers}
