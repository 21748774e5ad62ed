"""Appendix A: adding a scalar keeps the rate."""

import numpy as np
import pytest

from evidence import Curves, Difference, LateExponent, Margin, claim, late_window
from models.lp import PLAIN, SCALAR_DEPTH, LpRegression, NearZero, ProductOf, StepSize
from training import Descent


@claim(
    "scalar-depth-same-rate",
    "Appendix A and its figure",
    position=310,
    family="theory",
    finding="It holds in the limit for p > 3. At any finite time the slope with depth is steeper by a few per cent at p = 6 and 8, "
    "because s still moves, as slowly as the error falls; the estimate extrapolates that away. At p = 3 (one more than the "
    "number of layers) the residual leaves the fast direction and no such limit is reached within these steps.",
)
@pytest.mark.parametrize("p", [4, 6, 8], ids="p{}".format)
def test_scalar_depth_same_rate(p, train, judge, budget):
    """With a scalar added, the dependence on t is still the same; only the constant in the convergence rate changes.

    Scope: the exponent alone, not how the constant changes; w = s·m with two targets other than zero; p = 4, 6 and 8, all above N + 1 = 3; starts near zero, as in the report's
    figure; both arms with the same step size.

    Each seed draws two targets of size 1 to 2 and normal weights of standard deviation 0.1. The plain arm starts from the same
    function, w = s·m. The estimand is the difference of the two arms' exponents of ‖Δ‖ against t, each extrapolated to zero
    error, paired by seed.
    """
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    steps = budget(smoke=10**7, standard=10**8, paper=10**9)
    problem, start, step_size = LpRegression(p=p), NearZero(scale=0.1), StepSize(layers=2)
    scalar, plain = train(
        Descent(problem, SCALAR_DEPTH, start, step_size, steps),
        Descent(problem, PLAIN, ProductOf(network=SCALAR_DEPTH, start=start), step_size, steps),
        seeds=seeds,
    )
    judge.equivalent(
        f"p = {p}",
        Difference(LateExponent()),
        Curves(scalar.times, scalar.error),
        Curves(plain.times, plain.error),
        seeds=seeds,
        estimand="exponent with scalar depth minus exponent without, both extrapolated to zero error",
        to=0,
        margin=Margin(0.05 / (p - 2), "5 % of the exponent"),
    )
    if p == 4:
        times = plain.times
        judge.curve("figure-1", "plain", "error", times, plain.error, window=late_window(times))
        judge.curve("figure-1", "scalar-depth", "error", times, scalar.error, window=late_window(times))
        judge.curve("figure-appendix", "plain", "error", times, plain.error)
        judge.curve("figure-appendix", "scalar-depth", "error", times, scalar.error)
        judge.curve("figure-appendix", "scalar-depth", "s", times, np.abs(scalar.outer))
