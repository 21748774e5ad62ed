"""Gradient descent on l_p regression with inputs of any kind, without depth and with the report's scalar, w = s m.

The residual Delta = w - w* is part of the state, so that errors far below the rounding of w are right. The first steps are taken
one by one; later times are reached by the flow d Delta / d tau = -K X' phi(X Delta) / n, tau = eta t, integrated in the
logarithm of time. By then one step changes little: what the flow leaves out is of the order of 1 / t.

>>> from models.lp import PLAIN, Balanced
>>> problem = CorrelatedRegression(p=4, condition=10)
>>> arm = RegressionDescent(problem, PLAIN, Balanced(scale=1.0), LargestStable(), 10**6)
>>> arm.gather([0, 1], arm.train([0, 1], Machine())).error.shape
(2, 209)
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from models.lp import PLAIN, SCALAR_DEPTH, LinearNetwork, Start, end_to_end
from models.lp.correlated import CorrelatedRegression
from training.machine import Machine, Progress, silent
from training.sources import sources

__all__ = ["LargestStable", "RegressionDescent", "RegressionRuns"]

Floats: TypeAlias = NDArray[np.float64]
Arrays: TypeAlias = dict[str, Floats]
LOOPS = (
    *(f"models/lp/{name}.py" for name in ("network", "problem", "starts")),
    "models/streams.py",
    "training/regression_kernels.py",
)
"""Files that every such descent depends on."""
PER_DECADE = 40
PROBE_STEPS = 200
SURELY_STABLE = 0.1
PER_OCTAVE = 4
"""Step sizes tried in each octave when the largest stable one is looked for."""


@dataclass(frozen=True)
class RegressionRuns:
    """What descent recorded: one trajectory for each seed.

    Attributes
    ----------
    times : (records,) numbers of steps
    error : (seeds, records), ||w - w*||
    rates : (seeds,), eta
    """

    seeds: tuple[int, ...]
    times: Floats
    error: Floats
    rates: Floats


@dataclass(frozen=True)
class LargestStable:
    """eta = `fraction` of an arm's largest stable step size; if `shared`, of the smaller one of both arms', for both to use.

    It is found by trying rising step sizes for a few hundred steps each, from where the arm starts: first an octave apart, then,
    from two octaves below the last one that holds, a quarter of an octave, up to the first that does not hold.
    """

    shared: bool = False
    fraction: float = 0.5

    def __post_init__(self) -> None:
        if not self.fraction > 0:
            raise ValueError(f"A fraction of {self.fraction} gives no step size: it must be above zero.")

    def networks(self, network: LinearNetwork) -> tuple[LinearNetwork, ...]:
        """Return the networks that must be stable when this one is trained."""
        return (PLAIN, SCALAR_DEPTH) if self.shared else (network,)


@dataclass(frozen=True)
class RegressionDescent:
    """One arm: a problem, a network (plain or scalar depth), where scalar depth starts, its step size rule, and how long.

    The plain network starts from the same function, w = s m.
    """

    problem: CorrelatedRegression
    network: LinearNetwork
    start: Start
    step_size: LargestStable
    steps: int
    stepped: int = 1000

    packages: ClassVar[tuple[str, ...]] = ("numpy", "numba")

    def __post_init__(self) -> None:
        if self.network not in (PLAIN, SCALAR_DEPTH):
            raise ValueError(f"{self.network.name} is not trained here: only plain and scalar-depth are.")
        if self.problem.p == 2 and self.steps > self.stepped:
            raise ValueError(
                f"p = 2 is geometric; no flow in log time follows it: all {self.steps} steps must be taken, not {self.stepped}."
            )

    @property
    def code(self) -> tuple[str, ...]:
        """Return the files that compute this arm: the loops', and those of what describes it."""
        return tuple(dict.fromkeys(LOOPS + sources(self)))

    @property
    def arm(self) -> str:
        """Return the name of this side of a comparison."""
        return self.network.name

    @property
    def times(self) -> NDArray[np.int64]:
        """Return the recorded times, in steps, forty a decade, from the start to the last."""
        decades = np.log10(self.steps)
        later = np.round(np.logspace(0, decades, round(PER_DECADE * decades) + 1)).astype(np.int64)
        return np.unique(np.append(0, later))

    def block(self, device: str) -> int:
        """Return how many seeds are trained and stored together."""
        return 64

    def train(self, seeds: Sequence[int], machine: Machine, progress: Progress = silent) -> Arrays:
        """Run descent at every seed and return the arrays of `RegressionRuns`, in float64."""
        from training.regression_kernels import descend  # compiling is for those who train

        inputs, times = self.problem.inputs(seeds), self.times.astype(np.float64)
        must_be_stable, start = self.step_size.networks(self.network), cast(Hashable, self.start)
        states = _states(self.problem, self.network, self.start, seeds)
        error, rates = np.empty((len(seeds), len(times))), np.empty(len(seeds))
        for place, x in enumerate(inputs):
            limits = [_largest_stable(self.problem, network, start, seeds[place]) for network in must_be_stable]
            rates[place] = self.step_size.fraction * min(limits)
            state = states[place].copy()
            deep = self.network == SCALAR_DEPTH
            descend(x, float(self.problem.p), state, rates[place], deep, times, float(self.stepped), error[place])
            progress((place + 1) / len(seeds))
        return {"times": times, "error": error, "rates": rates}

    def gather(self, seeds: Sequence[int], arrays: Arrays) -> RegressionRuns:
        """Return the arrays of all seeds as runs."""
        return RegressionRuns(tuple(seeds), **arrays)


def _states(problem: CorrelatedRegression, network: LinearNetwork, start: Start, seeds: Sequence[int]) -> Floats:
    """Return the states at the start: Delta, m and s, (seeds, 2 · dimension + 1); m and s rest without depth."""
    deep = LinearNetwork(layers=2, inputs=problem.dimension)
    # A start draws by seed; of the problem it asks for targets at most, which have the same shape here.
    factors = start.factors(problem, deep, seeds)
    delta = end_to_end(factors) - problem.targets(seeds)
    weights = np.concatenate([factor.reshape(len(seeds), -1) for factor in factors], axis=1)
    return np.concatenate([delta, weights if network == SCALAR_DEPTH else np.zeros_like(weights)], axis=1)


@cache
def _largest_stable(problem: CorrelatedRegression, network: LinearNetwork, start: Hashable, seed: int) -> float:
    """Return the largest stable step size, to a quarter of an octave; both arms and all rules ask for it."""
    from training.regression_kernels import largest

    x, state, d, p = (
        problem.inputs([seed])[0],
        _states(problem, network, cast(Start, start), [seed])[0],
        problem.dimension,
        problem.p,
    )
    # Below the inverse curvature of the loss at the start, for all examples as large as the largest.
    curvature = np.linalg.norm(x, axis=1).max() ** 2 * max(1.0, np.abs(x @ state[:d]).max()) ** (p - 2)
    eta = SURELY_STABLE / (curvature * max(1.0, float(state[d:] @ state[d:])))
    return float(largest(x, float(p), state, eta, 2 ** (1 / PER_OCTAVE), network == SCALAR_DEPTH, PROBE_STEPS))
