"""Appendix A: adding a scalar keeps the rate."""

import numpy as np
import pytest

from evidence import Curves, Difference, GapDrift, LateExponent, Margin, claim
from models.lp import PLAIN, SCALAR_DEPTH, LpRegression, NearZero, ProductOf, StepSize
from models.lp.rates import late_error
from training import Descent

START, SHOWN = NearZero(scale=0.1), 10**6
EXPONENTS = Difference(LateExponent())
ESTIMAND = "exponent with scalar depth minus exponent without, both extrapolated to zero error"


@claim(
    "scalar-depth-same-rate",
    "Appendix A and its figure",
    position=310,
    family="theory",
    finding="It holds in the limit for p > 3. At any finite time the slope with depth is steeper, because s still moves "
    "like t^(-1/(p-2)), as slowly as the error falls: between 10⁶ and 10⁷ steps by 0.1 % of the exponent at p = 4, "
    "0.9 % at p = 6 and 2.0 % at p = 8, in the mean over 32 seeds; the estimate extrapolates that away. At p = 2.5 "
    "and 3, at and below one more than the number of layers, the residual leaves the fast direction late and gives "
    "back part of what was gained: there the slopes of single seeds differ by up to 8 and 25 % of the exponent "
    "between 10⁶ and 10⁷ steps. By 10¹² steps all 32 seeds agree within 0.01 % at p = 2.5; at p = 3, where the "
    "drift is slowest, single ones are still up to 5 % off.",
)
@pytest.mark.parametrize("p", [4, 6, 8], ids="p{}".format)
def test_scalar_depth_same_rate(p, train, judge, budget):
    """It makes sense that the dependence on t is still the same [with a scalar added].

    Scope: the exponent alone, not how the constant changes; w = s·m with two targets other than zero; p = 4, 6 and 8, all above
    N + 1 = 3; starts near zero, as in the report's figure; both arms with the same step size.

    Each seed draws two targets of size 1 to 2 and normal weights of standard deviation 0.1. The plain arm starts from the same
    function, w = s·m. The estimand is the difference of the two arms' exponents of ‖Δ‖ against t, each extrapolated to zero
    error from the decades before t = 10¹², paired by seed. Shown beside it without a verdict: the difference of slopes between
    10⁶ and 10⁷ steps, as a plot would show it, and both numbers for p = 2.5 and 3.
    """
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    scalar, plain = _runs(train, p, seeds)
    judge.equivalent(
        f"p = {p}",
        EXPONENTS,
        *_arms(scalar, plain),
        seeds=seeds,
        estimand=ESTIMAND,
        to=0,
        margin=Margin(0.05 / (p - 2), "5 % of the exponent"),
    )
    _explore_slope(judge, p, _arms(scalar, plain), seeds)
    if p == 4:
        _draw(judge, scalar, plain)
        for edge in (2.5, 3):
            arms = _arms(*_runs(train, edge, seeds))
            judge.explore(f"p = {edge}", EXPONENTS, *arms, seeds=seeds, estimand=ESTIMAND, unit="")
            _explore_slope(judge, edge, arms, seeds)


def _runs(train, p, seeds):
    problem, step_size = LpRegression(p=p), StepSize(layers=2)
    return train(
        Descent(problem, SCALAR_DEPTH, START, step_size, steps=10**12, stepped=10**6),
        Descent(problem, PLAIN, ProductOf(network=SCALAR_DEPTH, start=START), step_size, steps=10**12, stepped=10**6),
        seeds=seeds,
    )


def _arms(*runs):
    return [Curves(run.times, run.error) for run in runs]


def _explore_slope(judge, p, arms, seeds):
    judge.explore(
        f"p = {p}, at 10⁷ steps",
        GapDrift((10**6, 10**7)),
        *arms,
        seeds=seeds,
        estimand="slope with scalar depth minus slope without, from 10⁶ to 10⁷ steps",
        unit="",
    )


def _draw(judge, scalar, plain):
    """Give the appendix's figure its curves over the first steps, where s changes."""
    early = plain.times <= SHOWN
    times = plain.times[early]
    judge.curve("figure-appendix", "plain", "error", times, plain.error[:, early])
    judge.curve("figure-appendix", "scalar-depth", "error", times, scalar.error[:, early])
    judge.curve("figure-appendix", "scalar-depth", "s", times, np.abs(scalar.outer[:, early]))
    judge.theory("figure-appendix", "Lemma 2.1", "error", times, np.sqrt(2) * late_error(4, np.median(plain.rates), times))
