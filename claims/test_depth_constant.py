"""Abstract and appendix A: what depth does to the constant."""

import numpy as np
import pytest

from evidence import Curves, LateConstant, Margin, claim
from models.lp import (
    SCALAR_DEPTH,
    AlongDescent,
    Intervention,
    LinearNetwork,
    LpRegression,
    NearZero,
    Start,
    StepSize,
    rate_exponent,
)
from models.lp.preconditioner import balanced_preconditioner, imbalance, preconditioner, scalar_preconditioner
from models.lp.ray import late_ray, late_residual
from training import Descent

CASES: dict[str, tuple[int, LinearNetwork, Start]] = {
    "scalar-depth-p4": (4, SCALAR_DEPTH, NearZero(scale=0.1)),
    "scalar-depth-off-the-saddle-p4": (4, SCALAR_DEPTH, Intervention()),
    "3-layers-p6": (6, LinearNetwork(layers=3, width=4), AlongDescent(scale=0.3)),
    "3-layers-p8": (8, LinearNetwork(layers=3, width=4), AlongDescent(scale=0.3)),
}
"""p, network and start."""


@claim(
    "depth-constant",
    "Abstract; appendix A",
    position=312,
    family="theory",
    finding="The constant can be computed: with K the preconditioner at the solution, |Δ_i| ((p-2) η t)^(1/(p-2)) comes to "
    "|a_i|, where a = K φ(a) is the ray that late residuals take; without depth K = I and every a_i is 1. For "
    "scalar depth the start alone gives K = s² I + y y'/s² with s² = (c + √(c² + 4‖y‖²))/2 and c = s₀² - ‖m₀‖²; for "
    "balanced networks K = ‖y‖^(2-2/N) (I + (N-1) y y'/‖y‖²). Depth lowers the constant where K is large along y, "
    "so for large targets, and raises it for small ones: with two layers, of norm below 0.5 (equal targets) to 0.75 "
    "(one much larger). Where targets differ by up to a factor of two, p = 4 is near the edge at which this ray is "
    "left, and single trial seeds were still 3 % off at t = 10¹².",
    rewording="The constant changes as theory says: it is lower where the preconditioner at the solution is large along y, so "
    "for large targets; for small ones theory has it higher (not judged here; the maps of claim ill-conditioned show it).",
)
@pytest.mark.parametrize("case", CASES)
def test_depth_constant(case, train, judge, budget):
    """However, the constant term in the convergence rate changes, and although we cannot theoretically show this, our experiments show this below.

    Scope: that the constant is lower, and that theory gives it after all; two targets of similar size, 1.5 to 1.8; scalar depth
    with p = 4; three layers of width 4 with p = 6 and 8; small steps, for which c is nearly conserved.

    Scalar depth starts from normal weights of standard deviation 0.1, where c is near zero, and from s = 1, m = 0, where it is
    1; three layers balanced along steepest descent. Up to t = 10⁶ steps are taken one by one, later by the modified equation,
    to t = 10¹². The report gives no value for the constant; the prediction is the solution of a = K φ(a) with K from the start
    alone (closed forms), and a second time with K from the factors at the end (products of factors, no balance assumed). The
    estimand is the logarithm of |Δ_i| over predicted |Δ_i| for either coordinate as the error goes to zero. "Changes" is judged
    as a constant of ‖Δ‖ that is lower than without depth by 10 % or more; there it is √2, whatever the start.
    """
    p, network, start = CASES[case]
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    problem, step_size = LpRegression(p=p, low=1.5, high=1.8), StepSize(layers=network.layers, low=0.02, high=0.1)
    runs = train(
        Descent(problem, network, start, step_size, 10**12, stepped=budget(smoke=10**5, standard=10**6, paper=10**6)), seeds=seeds
    )
    targets = problem.targets(seeds)
    rays = {
        "the start": late_ray(_from_start(problem, network, start, seeds), p, -targets),
        "the end": late_ray(preconditioner(runs.factors), p, runs.residual[:, :, -1]),
    }
    for source, ray in rays.items():
        _judge(judge, f"{case.replace('-', ' ')}, from {source}", runs, late_residual(ray, p, runs.rates, np.ones(1)), p, seeds)
    _judge_change(judge, case, runs, p, seeds)
    judge.curve(f"constant, {case}", network.name, "error", runs.times, runs.error)
    predicted = np.linalg.norm(late_residual(rays["the start"], p, runs.rates, runs.times), axis=1)
    judge.theory(f"constant, {case}", network.name, "error", runs.times[200:], np.median(predicted, axis=0)[200:])


def _from_start(problem, network, start, seeds):
    targets = problem.targets(seeds)
    if network == SCALAR_DEPTH:
        return scalar_preconditioner(targets, imbalance(start.factors(problem, network, seeds)))
    return balanced_preconditioner(targets, network.layers)


def _judge(judge, name, runs, predicted, p, seeds):
    for coordinate in range(2):
        judge.equivalent(
            f"{name}, coordinate {coordinate + 1}",
            LateConstant(rate_exponent(p)),
            Curves(runs.times, np.abs(runs.residual[:, coordinate] / predicted[:, coordinate])),
            seeds=seeds,
            estimand="limit of |Δ_i| over the limit that theory predicts",
            unit="log10 ratio",
            to=0,
            margin=Margin(np.log10(1.01), "1 % of the constant"),
        )


def _judge_change(judge, case, runs, p, seeds):
    scale = ((p - 2) * runs.rates[:, None]) ** (1 / (p - 2))
    judge.lower(
        f"{case.replace('-', ' ')}: the constant",
        LateConstant(rate_exponent(p)),
        Curves(runs.times, runs.error * scale / np.sqrt(2)),
        seeds=seeds,
        estimand="limit of ‖Δ‖ ((p-2) η t)^(1/(p-2)) over its value without depth, √2",
        by=np.log10(1.1),
        margin=Margin(np.log10(1.1), "10 % of the constant"),
    )
