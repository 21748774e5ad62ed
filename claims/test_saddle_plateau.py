"""Appendix A, figure: the initial slowdown."""

import numpy as np
import pytest

from evidence import Curves, Difference, HalfTime, HalfTimeSlope, Margin, claim
from models.lp import (
    PLAIN,
    SCALAR_DEPTH,
    AlongDescent,
    Intervention,
    LinearNetwork,
    LpRegression,
    NearZero,
    ProductOf,
    StepSize,
    plateau,
)
from training import Descent

PROBLEM = LpRegression(p=4)
# Steps small enough for the flow's prediction: growth of (1 + eta v) a step instead of exp(eta v) makes 1/4 % at most.
SMALL_STEPS = StepSize(layers=2, low=0.002, high=0.01)
# With four layers growth near zero is slow whatever eta is: larger steps are as good there, and the plateau takes fewer of them.
FOUR_LAYERS_STEPS = StepSize(layers=4, low=0.02, high=0.1)
DISCRETISATION = 0.0025
"""Largest relative difference that eta makes between descent and the flow at these step sizes."""
CASES = {
    "scalar-depth": (SCALAR_DEPTH, NearZero, (1e-2, 1e-4, 1e-6, 1e-8), 0.01),
    "two-layers": (LinearNetwork(layers=2, width=4), AlongDescent, (1e-2, 1e-4, 1e-6, 1e-8), 0.01),
    "three-layers": (LinearNetwork(layers=3, width=4), AlongDescent, (0.04, 0.02, 0.01, 0.005), 0.02),
    "four-layers": (LinearNetwork(layers=4, width=4), AlongDescent, (0.16, 0.08, 0.04, 0.02), 0.02),
    "no-saddle": (SCALAR_DEPTH, Intervention, (), 0.25),
}


@claim(
    "saddle-plateau",
    "Appendix A, figure",
    position=330,
    family="theory",
    finding="The plateau's length is ln(1/α) / (η‖v‖) for starts of size α with two layers, 1/(α η‖v‖) with three and 1/(2α² "
    "η‖v‖) with four, where v = φ(y): with more layers it grows much faster as the start shrinks. Started at the same "
    "function but off the saddle (s = 1, m = 0), scalar depth halves its error sooner than plain descent does.",
)
@pytest.mark.parametrize("case", CASES)
def test_saddle_plateau(case, train, judge, budget):
    """The initial slowdown is because of a saddle point at 0.

    Scope: scalar depth, two, three and four layers at p = 4, starts of four sizes α near zero, and, as an intervention, scalar
    depth started at the same function away from the saddle. Small steps, so that the flow's closed form applies.

    If the saddle makes the slowdown, its length follows from the slope there: the time to halve the error must grow with
    ln(1/α) / (η‖v‖) for two layers and with α^-(N-2) / ((N-2) η‖v‖) for N > 2, with a factor of one. Each seed draws two
    targets of size 1 to 2, a start and a step size; the half-times at the four sizes are regressed on the prediction, and the
    slope is the seed's number. For the intervention it is the ratio of half-times, without the scalar against with it.
    """
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    network, start, scales, share = CASES[case]
    if case == "no-saddle":
        _judge_intervention(judge, train, seeds)
        return
    arms = [Descent(PROBLEM, network, start(scale=scale), **_length(network)) for scale in scales]
    runs = train(*arms, seeds=seeds)
    predicted = np.stack([plateau(PROBLEM, network.layers, scale, runs[0].rates, seeds) for scale in scales], axis=1)
    judge.equivalent(
        case.replace("-", " "),
        HalfTimeSlope(systematic=DISCRETISATION),
        Curves(np.array(scales), predicted),
        *(Curves(run.times, run.error) for run in runs),
        seeds=seeds,
        estimand="slope of the time to halve the error against the predicted length of the plateau",
        to=1,
        margin=Margin(share, f"{share:.0%} of the predicted length".replace("%", " %")),
    )


def _length(network):
    """Return step sizes, steps and records that hold the longest plateau: scales enter by their logarithm, or by a power."""
    return {
        2: {"step_size": SMALL_STEPS, "steps": 50_000, "records": 5},
        3: {"step_size": SMALL_STEPS, "steps": 400_000, "records": 25},
        4: {"step_size": FOUR_LAYERS_STEPS, "steps": 500_000, "records": 50},
    }[network.layers]


def _judge_intervention(judge, train, seeds):
    arms = [
        Descent(PROBLEM, SCALAR_DEPTH, Intervention(), SMALL_STEPS, steps=20_000, records=5),
        Descent(PROBLEM, PLAIN, ProductOf(network=SCALAR_DEPTH, start=Intervention()), SMALL_STEPS, steps=20_000, records=5),
    ]
    off_saddle, plain = train(*arms, seeds=seeds)
    judge.not_lower(
        "off the saddle",
        Difference(HalfTime()),
        Curves(plain.times, plain.error),
        Curves(off_saddle.times, off_saddle.error),
        seeds=seeds,
        estimand="time to halve the error without depth, relative to scalar depth from s = 1, m = 0",
        margin=Margin(np.log10(1.25), "25 % in time"),
    )
