"""Appendix A: how small "small enough η" is."""

import numpy as np

from evidence import claim
from models.lp import PLAIN, BesideTarget, LpRegression, StepSize
from models.lp.edge import edge_of_stability
from models.lp.printed import lemma_excess
from training import Descent

POWERS = (3, 4, 6, 8)
STEPS = 100_000


@claim(
    "step-size-edge",
    "Appendix A",
    position=240,
    family="theory",
    origin="reading",
    finding="Plain descent on (1/p) Σ |Δᵢ|^p converges from Δ₀ exactly when η |Δ₀|^(p-2) < 2 for every coordinate: how small "
    "is small enough depends on the start. Erratum: the report's objective has no 1/p but its update has no factor p; with "
    "the objective as printed the edge is 2/p. At η |Δ₀|^(p-2) = 1 a single step lands on the target.",
)
def test_step_size_edge(train, judge, budget):
    """For small enough η, the Δᵢ converges [...].

    Scope: plain descent on the toy problem with the gradient of |Δ|^p / p, p = 3, 4, 6 and 8, and 2.5 where the edge is
    searched; "small enough" made precise as η |Δ₀|^(p-2) < 2.

    Each seed draws targets and a start at distance 1 to 2 from each. With η max |Δ₀|^(p-2) = 1.99, descent of 100,000 steps
    must end at no more than the error that Lemma 2.1 predicts with its constant, ((p-2) η t)^(-1/(p-2)), within 1 %; with 2.01
    it must run away. (An error below the lemma's is that of a step which happened to land near the target.) Besides, the
    largest step size that converges is searched by bisection at each seed and put in these units. These statements are
    deterministic: the largest deviation over seeds and p is compared with a tolerance. Planted violations: the other step size
    of the two, and the objective without 1/p.
    """
    seeds = budget.seeds(smoke=16, standard=48, paper=512)
    below, above = _final(train, seeds, 1.99), _final(train, seeds, 2.01)
    judge.exact(
        "1.99 converges",
        _beyond_lemma(below),
        seeds,
        again=_beyond_lemma(_final(train, seeds[::-1], 1.99))[::-1],
        estimand="excess of the largest error after 100,000 steps over the lemma's, relative, at most 1",
        tolerance=0.01,
        planted=_beyond_lemma(above, np.min),
    )
    judge.exact(
        "2.01 diverges",
        _kept(above),
        seeds,
        again=_kept(_final(train, seeds[::-1], 2.01))[::-1],
        estimand="first error relative to the last, zero where descent overflows",
        tolerance=1e-6,
        planted=_kept(below, np.min),
    )
    judge.exact(
        "the edge",
        _edges(seeds),
        seeds,
        again=_edges(seeds[::-1])[::-1],
        estimand="deviation of the largest η max |Δ₀|^(p-2) that converges from 2",
        tolerance=1e-6,
        planted=_edges(seeds, np.min, without_1_over_p=True),
    )


def _final(train, seeds, fraction):
    """Return runs by p, at one η max |Δ₀|^(p-2)."""
    step_size = StepSize(low=fraction, high=fraction)
    arms = [Descent(LpRegression(p=p), PLAIN, BesideTarget(), step_size, STEPS) for p in POWERS]
    return dict(zip(POWERS, train(*arms, seeds=seeds), strict=True))


def _beyond_lemma(runs, choose=np.max):
    return choose([lemma_excess(_largest(run)[:, -1], p, run.rates, STEPS) for p, run in runs.items()], axis=0)


def _kept(runs, choose=np.max):
    errors = [np.nan_to_num(_largest(run), nan=np.inf) for run in runs.values()]
    return choose([error[:, 0] / error[:, -1] for error in errors], axis=0)


def _largest(run):
    return np.abs(run.residual).max(axis=1)


def _edges(seeds, choose=np.max, without_1_over_p=False):
    def edge(p):
        return edge_of_stability(LpRegression(p=p), BesideTarget(), seeds, weight=p if without_1_over_p else 1.0)

    return choose([np.abs(edge(p) - 2) for p in (2.5, *POWERS)], axis=0)
