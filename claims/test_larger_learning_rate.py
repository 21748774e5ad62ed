"""Appendix A: what a stable scalar does to a step."""

import numpy as np

from evidence import END, REFUTED, Curves, LevelRatio, Margin, claim
from models.lp import SCALAR_DEPTH, LpRegression, NearZero, StepSize, phi
from models.lp.preconditioner import scalar_preconditioner
from training import Descent

PROBLEM = LpRegression(p=4, low=1.5, high=1.8)
START, STEP_SIZE = NearZero(scale=0.1), StepSize(layers=2)
STEPS, INTERVAL = 10**5, 100
"""Steps, and those between the records that a late speed is taken from."""

A_TENTH = Margin(np.log10(1.1), "10 % of a step")
ESTIMANDS = {
    "the equations for m": "change of m relative to that of plain descent on m with a residual of s m - y and a learning rate s η",
    "the function s·m": "change of s·m relative to that of plain descent on it with the learning rate s² η",
}


@claim(
    "larger-learning-rate",
    "Appendix A",
    position=346,
    family="theory",
    origin="reading",
    expect=REFUTED,
    refuted_in=("the function s·m",),
    because="with s settled the residual s·m - y still moves twice as fast as plain descent with the learning rate s² η: the small "
    "changes of s move s·m as much as those of m do",
    finding="For m alone the sentence is right: with s constant its equations are those of plain descent with another "
    "learning rate. For w = s·m, which is what is compared with the target, it is not: Δ changes by -η (s² I + m "
    "m') φ(Δ), and the second term, from the change of s, is of the same order however small the residuals are, "
    "since ds is as small as s dm. From a start near zero ‖m‖ comes to s, so that along m the speed is 2 s² and not "
    "s². That w is meant is our reading, since the sentence is to explain the error's dependence on t; its "
    "conclusion stands (claim rate-once-s-stable).",
    holds="The equations of m alone, with s held constant.",
    rewording="Once s has settled, a step of s·m is preconditioned by the constant matrix s² I + m m'.",
)
def test_larger_learning_rate(train, judge, budget):
    """When (s m_1 - y_1)^(p-1) and (s m_2 - y_2)^(p-1) are small, s doesn't change much, and this just corresponds to a increased learning rate in the equations for m_1, m_2.

    Scope: scalar depth at p = 4 with two targets of similar size, 1.5 to 1.8, from a start near zero, after 100,000 steps.

    Each seed draws targets, normal weights of standard deviation 0.1 and a step size. Every hundredth step is recorded. By the
    end s has long settled: over the last nine tenths of the steps it changes by less than one per cent. Two readings are judged
    on the last hundred steps. Of m, as printed: its change against η s φ(Δ). Of the function s·m, whose error the paragraph is
    about: the change of Δ against η s² φ(Δ), that of plain descent with the learning rate s² η. Both s and Δ are taken at the
    middle of the hundred steps. Explored beside it: the change of Δ against η (s² I + m m') φ(Δ), and the change of s.
    """
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    runs = train(Descent(PROBLEM, SCALAR_DEPTH, START, STEP_SIZE, STEPS, records=INTERVAL), seeds=seeds)
    times, residual, s = (_middle(values) for values in (runs.times, runs.residual, runs.outer))
    slope, per_step = phi(residual, PROBLEM.p), INTERVAL * runs.rates[:, None]
    w = runs.residual + PROBLEM.targets(seeds)[:, :, None]
    moved = {
        "the equations for m": _length(np.diff(w / runs.outer[:, None], axis=2)) / per_step / (np.abs(s) * _length(slope)),
        "the function s·m": _length(np.diff(runs.residual, axis=2)) / per_step / (s**2 * _length(slope)),
    }
    for name, estimand in ESTIMANDS.items():
        judge.equivalent(
            name,
            LevelRatio(END),
            Curves(times, moved[name]),
            Curves(times, np.ones_like(moved[name])),
            seeds=seeds,
            estimand=estimand,
            unit="log10 ratio",
            to=0,
            margin=A_TENTH,
        )
    judge.explore(
        "with m m'",
        LevelRatio(END),
        Curves(times, _length(np.diff(runs.residual, axis=2)) / per_step),
        Curves(times, _length(_preconditioned(_middle(w), s, slope))),
        seeds=seeds,
        estimand="change of s·m relative to that of the preconditioner s² I + m m'",
    )
    late = times >= STEPS / 10
    judge.explore(
        "change of s",
        LevelRatio(END),
        Curves(times[-1:], np.abs(s[:, -1:])),
        Curves(times[-1:], np.abs(s[:, late][:, :1])),
        seeds=seeds,
        estimand="s at the end relative to s after a tenth of the steps",
    )
    judge.curve("step", "scalar-depth", "change over that of s² η", times, moved["the function s·m"])
    judge.curve("step", "scalar-depth", "s", times, np.abs(s))


def _middle(values):
    """Return the means of neighbouring records."""
    return (values[..., 1:] + values[..., :-1]) / 2


def _length(vectors):
    """Return the lengths of vectors (seeds, inputs, records), (seeds, records)."""
    return np.linalg.norm(vectors, axis=1)


def _preconditioned(w, s, slope):
    """Return (s² I + m m') φ(Δ), (seeds, inputs, records)."""
    c = s**2 - (w**2).sum(axis=1) / s**2
    kernels = [scalar_preconditioner(w[:, :, k], c[:, k]) for k in range(w.shape[2])]
    return np.einsum("tsij,sjt->sit", np.array(kernels), slope)
