"""Appendix A: what is left of depth once s has settled."""

import numpy as np

from evidence import END, REFUTED, Curves, Difference, LateExponent, LevelRatio, Margin, claim
from models.lp import PLAIN, SCALAR_DEPTH, LpRegression, NearZero, ProductOf, StepSize, phi
from models.lp.preconditioner import scalar_preconditioner
from training import Descent

START, STEP_SIZE = NearZero(scale=0.1), StepSize(layers=2)
SIMILAR = {"low": 1.5, "high": 1.8}
INTERVAL = 100
"""Steps between the records that a late speed is taken from."""


@claim(
    "rate-once-s-stable",
    "Appendix A and its figure",
    position=345,
    family="theory",
    expect=REFUTED,
    refuted_in=("one step, p = 4",),
    because="with s settled the residual still moves twice as fast as plain descent with the learning rate s² η: the small "
    "changes of s move w = s·m as much as those of m do",
    finding="The exponent is the same. The step is not that of a larger learning rate: Δ changes by -η (s² I + m m') φ(Δ), and "
    "the second term, from the change of s, is of the same order however small the residuals are, since ds is as small as "
    "s dm. From a start near zero ‖m‖ comes to s, so that along m the speed is 2 s² and not s². A sentence that keeps to "
    "this: once s has settled, the exponent is that of plain descent, and a step is preconditioned by the constant matrix "
    "s² I + m m'.",
)
def test_rate_once_s_stable(train, judge, budget):
    """Once s stabilizes, the convergence rate is exactly the same as regular gradient descent. [...] s doesn't change much, and this just corresponds to a increased learning rate in the equations for m_1, m_2.

    Scope: w = s·m with two targets of similar size, 1.5 to 1.8, from a start near zero; the exponent at p = 4, 6 and 8, the
    learning rate at p = 4; both arms with the same step size.

    Each seed draws targets, normal weights of standard deviation 0.1 and a step size. The exponent: to t = 10¹², a million
    steps one by one and the rest by the modified equation and, without depth, by the exact jump; the estimand is the difference
    of the arms' exponents of ‖Δ‖, each extrapolated to zero error. The learning rate: every hundredth of 100,000 steps is
    recorded, and the last change of Δ is compared with η s² φ(Δ), the change that a learning rate of s² η makes, at the middle
    of the hundred steps. By then s has long settled: over the last nine tenths of the steps it changes by less than one per
    cent. Explored beside it: the same with (s² I + m m') φ(Δ).
    """
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    for p in (4, 6, 8):
        _rate(judge, train, seeds, p, stepped=budget(smoke=10**5, standard=10**6, paper=10**6))
    _learning_rate(judge, train, seeds)


def _rate(judge, train, seeds, p, stepped):
    problem = LpRegression(p=p, **SIMILAR)
    scalar, plain = train(
        Descent(problem, SCALAR_DEPTH, START, STEP_SIZE, 10**12, stepped=stepped),
        Descent(problem, PLAIN, ProductOf(network=SCALAR_DEPTH, start=START), STEP_SIZE, 10**12, stepped=stepped),
        seeds=seeds,
    )
    judge.equivalent(
        f"exponent, p = {p}",
        Difference(LateExponent()),
        Curves(scalar.times, scalar.error),
        Curves(plain.times, plain.error),
        seeds=seeds,
        estimand="exponent with scalar depth minus exponent without, both extrapolated to zero error",
        to=0,
        margin=Margin(0.05 / (p - 2), "5 % of the exponent"),
    )


def _learning_rate(judge, train, seeds):
    problem = LpRegression(p=4, **SIMILAR)
    runs = train(Descent(problem, SCALAR_DEPTH, START, STEP_SIZE, 10**5, records=INTERVAL), seeds=seeds)
    residual, s = (values[..., 1:] + values[..., :-1] for values in (runs.residual / 2, runs.outer / 2))
    times, slope = (runs.times[1:] + runs.times[:-1]) / 2, phi(residual, problem.p)
    speed = np.linalg.norm(np.diff(runs.residual, axis=2), axis=1) / (INTERVAL * runs.rates[:, None])
    by_learning_rate = s**2 * np.linalg.norm(slope, axis=1)
    judge.equivalent(
        "one step, p = 4",
        LevelRatio(END),
        Curves(times, speed),
        Curves(times, by_learning_rate),
        seeds=seeds,
        estimand="change of Δ relative to that of a learning rate s² η",
        unit="log10 ratio",
        to=0,
        margin=Margin(np.log10(1.1), "10 % of a step"),
    )
    judge.explore(
        "one step, p = 4, with m m'",
        LevelRatio(END),
        Curves(times, speed),
        Curves(times, np.linalg.norm(_preconditioned(problem, residual, s, slope, seeds), axis=1)),
        seeds=seeds,
        estimand="change of Δ relative to that of the preconditioner s² I + m m'",
    )
    judge.curve("step", "scalar-depth", "change over that of s² η", times, speed / by_learning_rate)
    judge.curve("step", "scalar-depth", "s", times, np.abs(s))


def _preconditioned(problem, residual, s, slope, seeds):
    """Return (s² I + m m') φ(Δ), (seeds, inputs, records)."""
    w = residual + problem.targets(seeds)[:, :, None]
    c = s**2 - (w**2).sum(axis=1) / s**2
    kernels = [scalar_preconditioner(w[:, :, k], c[:, k]) for k in range(w.shape[2])]
    return np.einsum("tsij,sjt->sit", np.array(kernels), slope)
