"""Appendix A: the indices of the printed update."""

import numpy as np

from evidence import REFUTED, claim
from models.lp import PLAIN, BesideTarget, LpRegression, StepSize, phi
from training import Descent

POWERS = (3, 4, 6, 8)
ROUNDING = 1e-9


@claim(
    "proof-indices",
    "Appendix A, proof of Lemma 2.1",
    position=245,
    family="theory",
    expect=REFUTED,
    refuted_in=("as printed*",),
    because="the new value stands on both sides of the printed equation, which therefore asks that η(m - y)^(p-1) = 0: only m "
    "= y solves it, and no step of descent does",
    finding="Erratum: all indices on the right-hand sides are (t). Right is m^(t+1) = m^(t) - η(m^(t) - y)^(p-1), and so "
    "Δ^(t+1) = Δ^(t)(1 - η |Δ^(t)|^(p-2)), as the proof goes on to use.",
    holds="At the solution, m = y, alone.",
    rewording="m^(t+1) = m^(t) - η(m^(t) - y)^(p-1).",
)
def test_proof_indices(train, judge, budget):
    """First, we note that the gradient update rule for mᵢ is m^(t+1) = m^(t+1) - η(m^(t+1) - y)^(p-1).

    Scope: plain descent on the toy problem, p = 3, 4, 6 and 8, the power taken as that of |m - y| with its sign.

    Each seed draws targets, a start and a step size, and descends 50 steps. Every pair of successive residuals is put into the
    equation as printed and with (t) on the right-hand side; what is left, relative to the step that was taken, must be zero.
    This is an identity: the largest remainder over steps, coordinates and p is compared with a tolerance. Planted violations: a
    step twice as long in the printed equation, and, in the right one, the gradient taken at the new point.
    """
    seeds = budget.seeds(smoke=16, standard=96, paper=512)
    runs, again = _runs(train, seeds), _runs(train, seeds[::-1])
    judge.exact(
        "as printed, (t+1) on the right",
        _left(runs, base="new", slope="new"),
        seeds,
        again=_left(again, base="new", slope="new")[::-1],
        estimand="what the printed equation leaves of successive parameters, relative to the step",
        tolerance=ROUNDING,
        planted=_left(runs, base="new", slope="new", length=2.0),
    )
    judge.exact(
        "with (t) on the right",
        _left(runs, base="old", slope="old"),
        seeds,
        again=_left(again, base="old", slope="old")[::-1],
        estimand="what the equation with (t) leaves of successive parameters, relative to the step",
        tolerance=ROUNDING,
        planted=_left(runs, base="old", slope="new"),
    )


def _runs(train, seeds):
    arms = [Descent(LpRegression(p=p), PLAIN, BesideTarget(), StepSize(), steps=50, records=1) for p in POWERS]
    return dict(zip(POWERS, train(*arms, seeds=seeds), strict=True))


def _left(runs, base, slope, length=1.0):
    """Return the largest remainder of m^(t+1) = m^(base) - length · η φ(m^(slope) - y), (seeds,)."""
    found = []
    for p, run in runs.items():
        residual = {"old": run.residual[:, :, :-1], "new": run.residual[:, :, 1:]}
        rates = run.rates[:, None, None]
        step = rates * phi(residual["old"], p)
        left = residual["new"] - residual[base] + length * rates * phi(residual[slope], p)
        found.append(np.abs(left / step).max(axis=(1, 2)))
    return np.max(found, axis=0)
