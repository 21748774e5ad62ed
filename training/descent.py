"""Gradient descent on l_p regression, many seeds at once, recorded at chosen times.

A `Descent` is a description (importing this module compiles nothing); `train` runs it.

>>> from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
>>> runs = Descent(LpRegression(p=4), PLAIN, BesideTarget(), StepSize(), steps=1000).train([0, 1], Machine())  # doctest: +SKIP
>>> runs["residual"].shape  # doctest: +SKIP
(2, 2, 121)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.lp import LinearNetwork, LpRegression, Start, StepSize, end_to_end
from training.machine import Machine, Progress, silent

__all__ = ["Descent", "DescentRuns"]

Floats: TypeAlias = NDArray[np.float64]
Arrays: TypeAlias = dict[str, Floats]


@dataclass(frozen=True)
class DescentRuns:
    """What descent recorded: one trajectory for each seed.

    Attributes
    ----------
    times : (records,) numbers of steps
    residual : (seeds, 2, records), Delta = w - y
    outer : (seeds, records), the scalar s; nan for other networks
    rates : (seeds,), eta
    """

    seeds: tuple[int, ...]
    times: Floats
    residual: Floats
    outer: Floats
    rates: Floats

    @property
    def error(self) -> Floats:
        """Return the parameter error ||Delta||, (seeds, records)."""
        return np.linalg.norm(self.residual, axis=1)


@dataclass(frozen=True)
class Descent:
    """One arm: a problem, a network, where it starts, its step size rule, and how long.

    `records` is "log" (40 records a decade) or a number of steps between records.
    """

    problem: LpRegression
    network: LinearNetwork
    start: Start
    step_size: StepSize
    steps: int
    records: Literal["log"] | int = "log"

    code: ClassVar[tuple[str, ...]] = ("models/lp.py", "models/streams.py", "training/descent.py", "training/kernels.py")
    packages: ClassVar[tuple[str, ...]] = ("numpy", "numba")

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
        """Return how many seeds are trained and stored together: two vectors of the widest registers."""
        return 16

    def train(self, seeds: Sequence[int], machine: Machine, progress: Progress = silent) -> Arrays:
        """Run descent at every seed and return the arrays of `DescentRuns`, in float64."""
        factors = self.start.factors(self.problem, self.network, seeds)
        residual = end_to_end(factors) - self.problem.targets(seeds)
        rates = self.step_size.rates(self.problem, residual, seeds)
        out = self._lanes(factors, residual, rates)
        progress(1.0)
        return {"times": self.times.astype(np.float64), "rates": rates} | _columns(out)

    def gather(self, seeds: Sequence[int], arrays: Arrays) -> DescentRuns:
        """Return the arrays of all seeds as runs."""
        return DescentRuns(tuple(seeds), **arrays)

    def _lanes(self, factors: list[Floats], residual: Floats, rates: Floats) -> Floats:
        from training import kernels  # compiling is for those who train

        p, lanes = self.problem.p, len(rates)
        state = np.ascontiguousarray(residual.T)
        out = np.empty((self.times.size, 3 if self.network.name == "scalar-depth" else 2, lanes))
        if self.network.layers == 1:
            kernels.plain_kernel(p)(state, rates, self.times, out)
        elif self.network.name == "scalar-depth":
            m, s = np.ascontiguousarray(factors[0][:, 0].T), factors[1][:, 0, 0].copy()
            kernels.scalar_depth_kernel(p)(m, s, state, rates, self.times, out)
        else:
            sizes = np.array(self.network.sizes)
            kernels.deep_descent(_packed(factors), state, rates, float(p), sizes, self.times, out)
        return out


def _packed(factors: list[Floats]) -> Floats:
    """Return factors (N, h, h, lanes), each in the upper left corner of its square."""
    widest = max(max(factor.shape[1:]) for factor in factors)
    packed = np.zeros((len(factors), widest, widest, len(factors[0])))
    for j, factor in enumerate(factors):
        packed[j, : factor.shape[1], : factor.shape[2]] = np.moveaxis(factor, 0, -1)
    return packed


def _columns(out: Floats) -> Arrays:
    """Split (records, rows, lanes) into residual and s, with the seed as first axis."""
    by_seed = np.moveaxis(out, 2, 0)
    outer = by_seed[:, :, 2] if by_seed.shape[2] == 3 else np.full(by_seed.shape[:2], np.nan)
    return {"residual": np.ascontiguousarray(by_seed[:, :, :2].transpose(0, 2, 1)), "outer": np.ascontiguousarray(outer)}
