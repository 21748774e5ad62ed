"""Lemma 2.1: the rate of plain gradient descent."""

import pytest

from evidence import Curves, LateExponent, Margin, claim, late_window
from models.lp import PLAIN, BesideTarget, LpRegression, StepSize, rate_exponent
from training import Descent


@claim("gd-rate", "Lemma 2.1 (section 2, appendix A)", position=210, family="theory")
@pytest.mark.parametrize("p", [3, 4, 6, 8], ids="p{}".format)
def test_gd_rate(p, train, judge, budget):
    """Gradient descent with learning rate η on l_p loss converges to error ε at the rate ε = Θ((ηt)^(-1/(p-2))).

    Scope: plain descent on the toy problem; p = 3, 4, 6 and 8; the gradient of |Δ|^p, so that odd p makes sense; the exponent in t
    alone, neither the constant nor how it depends on η; step sizes with η |Δ₀|^(p-2) between 0.1 and 0.5; starts on either side
    of the target.

    Each seed draws two targets of size 1 to 2, a start at distance 1 to 2 from each, and a step size. The estimand is the
    exponent of the parameter error ‖Δ‖ against the number of steps t as the error goes to zero: the local exponents of
    the last decades, extrapolated to zero error. The loss itself falls with p times this exponent.
    """
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    steps = budget(smoke=10**6, standard=10**7, paper=10**8)
    runs = train(Descent(LpRegression(p=p), PLAIN, BesideTarget(), StepSize(), steps), seeds=seeds)
    judge.equivalent(
        f"p = {p}",
        LateExponent(),
        Curves(runs.times, runs.error),
        seeds=seeds,
        estimand="exponent of the error against time, extrapolated to zero error",
        to=rate_exponent(p),
        margin=Margin(0.02 / (p - 2), "2 % of the exponent"),
    )
    judge.curve("errors", f"p = {p}", "error", runs.times, runs.error, window=late_window(runs.times))
