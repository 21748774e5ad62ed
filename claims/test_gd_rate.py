"""Lemma 2.1: the rate of plain gradient descent."""

import numpy as np
import pytest

from evidence import Curves, LateExponent, Margin, claim, exponent_between, late_window
from models.lp import PLAIN, BesideTarget, LpRegression, StepSize, rate_exponent
from training import Descent

FACTORS, NEAREST = (1, 0.1, 0.01), (1, 0.1)
"""The grid: what step sizes are multiplied by, and the smallest distance between start and target; the largest is 2."""
STEPS = {3: 10**8}
"""By 10^12 steps nothing but rounding varies between seeds at p = 3, where extrapolation to zero error removes all of 1/t."""


@claim(
    "gd-rate",
    "Lemma 2.1 (section 2, appendix A)",
    position=210,
    family="theory",
    finding="It holds with the gradient of |Δ|^p, for p above 2. At p = 2 there is no exponent: the error is geometric, so "
    "that its slope in a log-log plot grows tenfold with every decade. Errata: the exponent is printed as 1/p-2, "
    "which is to be read 1/(p-2); the update has (t+1) on its right-hand side for (t); between loss and update the "
    "factor p is dropped, so that η is p times the step on the loss as printed.",
    rewording="Gradient descent with learning rate η on the loss (1/p) Σ |Δᵢ|^p, p > 2, reaches the parameter error ‖Δ‖ = "
    "Θ((ηt)^(-1/(p-2))).",
)
@pytest.mark.parametrize("p", [2, 2.5, 3, 4, 6, 8], ids="p{}".format)
def test_gd_rate(p, train, judge, budget):
    """Gradient descent with learning rate η on l_p loss converges to error ε at the rate ε = Θ((ηt)^(-1/(p-2))).

    Scope: plain descent on the toy problem; p = 2.5, 3, 4, 6 and 8, and p = 2 as a control; the gradient of |Δ|^p, so that odd
    p makes sense; the exponent in t alone, neither the constant nor how it depends on η; step sizes with η |Δ₀|^(p-2) between
    0.001 and 0.5; starts on either side of the target, at distances of 0.1 to 2.

    Each seed draws two targets of size 1 to 2, a start at distance 1 to 2 from each, and a step size with η |Δ₀|^(p-2) between
    0.1 and 0.5. The estimand is the exponent of the parameter error ‖Δ‖ against the number of steps t as the error goes to
    zero: the local exponents of the last decades before t = 10¹² (10⁸ at p = 3), extrapolated to zero error. It is judged there
    and in the far corner of a grid of step sizes and starts: η a hundredth, distances 0.1 to 2; the map shows all of the grid.
    The loss itself falls with p times this exponent. At p = 2 no exponent may show: the one between t = 10 and 100 must be ten
    times the one between 1 and 10, as no power law has it; for comparison, p = 2.5 is planted.
    """
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    if p == 2:
        _judge_control(judge, train, seeds)
        return
    cells = [(factor, nearest) for factor in FACTORS for nearest in NEAREST]
    runs = dict(zip(cells, train(*(_arm(p, *cell) for cell in cells), seeds=seeds), strict=True))
    for name, cell in ((f"p = {p}", (1, 1)), (f"p = {p}, small steps, near and far starts", (0.01, 0.1))):
        judge.equivalent(
            name,
            LateExponent(),
            Curves(runs[cell].times, runs[cell].error),
            seeds=seeds,
            estimand="exponent of the error against time, extrapolated to zero error",
            to=rate_exponent(p),
            margin=Margin(0.02 / (p - 2), "2 % of the exponent"),
        )
    exponents = [LateExponent().measure(Curves(run.times, run.error)).values for run in runs.values()]
    judge.map(
        "exponents",
        f"p = {p}",
        rows=("η relative to the judged step sizes", FACTORS),
        columns=("smallest distance of the start", NEAREST),
        quantity="exponent relative to -1/(p-2), less one",
        values=-np.reshape(exponents, (len(FACTORS), len(NEAREST), -1)) * (p - 2) - 1,
    )
    first = runs[1, 1]
    judge.curve("errors", f"p = {p}", "error", first.times, first.error, window=late_window(first.times))


def _arm(p, factor, nearest):
    steps = STEPS.get(p, 10**12)
    return Descent(LpRegression(p=p), PLAIN, BesideTarget(low=nearest), StepSize(factor=factor), steps, stepped=10**5)


def _judge_control(judge, train, seeds):
    def growth(p, seeds):
        runs = train(Descent(LpRegression(p=p), PLAIN, BesideTarget(), StepSize(), steps=100), seeds=seeds)
        curves = Curves(runs.times, runs.error)
        return exponent_between(curves, 10, 100) / exponent_between(curves, 1, 10)

    judge.exact(
        "p = 2, no power law",
        growth(2, seeds) - 10,
        seeds,
        again=growth(2, seeds[::-1])[::-1] - 10,
        estimand="exponent between t = 10 and 100 over that between 1 and 10, minus 10",
        tolerance=1e-6,
        planted=growth(2.5, seeds) - 10,
    )
