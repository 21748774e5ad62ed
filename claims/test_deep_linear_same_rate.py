"""Abstract: the rate of deep linear networks."""

import pytest

from evidence import Curves, Difference, LateExponent, Margin, claim
from models.lp import (
    AlongDescent,
    Balanced,
    LinearNetwork,
    LpRegression,
    MatrixRegression,
    NearZero,
    Problem,
    ProductOf,
    Start,
    StepSize,
)
from training import Descent

SIMILAR = {"low": 1.5, "high": 1.8}
CASES: dict[str, tuple[Problem, LinearNetwork, Start]] = {
    "2-layers-p4": (LpRegression(p=4, **SIMILAR), LinearNetwork(layers=2, width=16), NearZero(scale=0.1)),
    "2-layers-p6": (LpRegression(p=6, **SIMILAR), LinearNetwork(layers=2, width=1), AlongDescent(scale=0.1)),
    "2-layers-p8": (LpRegression(p=8, **SIMILAR), LinearNetwork(layers=2, width=4), NearZero(scale=0.1)),
    "3-layers-p6": (LpRegression(p=6, **SIMILAR), LinearNetwork(layers=3, width=4), AlongDescent(scale=0.3)),
    "3-layers-p8": (LpRegression(p=8, **SIMILAR), LinearNetwork(layers=3, width=4), AlongDescent(scale=0.3)),
    "4-layers-p8": (LpRegression(p=8, **SIMILAR), LinearNetwork(layers=4, width=4), AlongDescent(scale=0.5)),
    "matrix-p4": (
        MatrixRegression(p=4, singular=(2.0, 1.0)),
        LinearNetwork(layers=2, width=2, inputs=2, outputs=2),
        Balanced(scale=0.7),
    ),
}
"""Problem, network and start; deeper networks need larger factors to leave zero within the same number of steps."""


@claim(
    "deep-linear-same-rate",
    "Abstract",
    position=110,
    family="theory",
    origin="reading",
    finding="It holds where p is well above N + 1 for N layers, the target's entries differ by a fifth at most, none is "
    "zero, and 10¹² steps have passed. Where they differ by up to a factor of two the edge lies farther up: by the "
    "balanced flow, on trial seeds, 8 of 32 starts with four layers at p = 8 and 7 of 32 with three at p = 6 had an "
    "exponent more than 5 % off (up to a half) in the last decade before ηt = 10¹². Hidden width is immaterial to "
    "starts of rank one. Nearer that edge the limit is the same and far off: with four layers at p = 6, on trial "
    "seeds, 17 of 64 still had a local exponent more than 5 % from the lemma's in the last decade before t = 10¹², "
    "and single ones by more than a half (claim small-p-bifurcation). Normal starts may reach the edge from farther "
    "away: on trial seeds, with three layers, p = 8 one of 16, and with four, p = 8 three of 64 were still turning. "
    "With matrix output at p = 6 to 8 single trial seeds were off by 3 to 20 %. Null directions have another "
    "exponent altogether (claim deep-linear-null-target). Extrapolated, the exponents of most seeds agree to 0.1 % "
    "of themselves.",
    rewording="The exponent is also the same, as extrapolated from 10¹² steps, with two layers at p = 4, 6 and 8, three at p = 6 and 8 and "
    "four at p = 8, for targets that differ by a fifth at most and none of which is zero.",
)
@pytest.mark.parametrize("case", CASES)
def test_deep_linear_same_rate(case, train, judge, budget):
    """The asymptotic convergence rate for gradient descent on a deep linear neural net is also the same [, Θ(t^(-1/(p-2))), well above p = N + 1 for N layers].

    Scope: the exponent alone, up to t = 10¹²; one output with two targets of similar size, none zero: two layers with p = 4, 6
    and 8, three with p = 6 and 8, four with p = 8, so that p exceeds N + 1 by at least one; matrix output of full rank, two
    layers, p = 4; both arms with the same step size.

    One output: each seed draws two targets of size 1.5 to 1.8. Factors start near zero: with two layers of width 16 (p = 4) and
    4 (p = 8) every weight normal with standard deviation 0.1; else balanced, of rank one and equal norm, with a product along
    steepest descent, where a tiny start of any kind turns to (width 1 with two layers, 4 with more). Matrix output: two
    outputs, singular values 2 and 1, random singular vectors, and a balanced start. The plain arm starts from the same
    function. A million steps are taken one by one; later times are reached by the exact jump without depth and by the modified
    equation with it. The estimand is the difference of the two arms' exponents of ‖Δ‖ against t, each extrapolated to zero
    error, paired by seed.
    """
    problem, network, start = CASES[case]
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    plain = LinearNetwork(layers=1, inputs=network.inputs, outputs=network.outputs)
    step_size = StepSize(layers=network.layers, low=0.2, high=0.5)
    length = {"steps": 10**12, "stepped": budget(smoke=10**5, standard=10**6, paper=10**6)}
    deep, shallow = train(
        Descent(problem, network, start, step_size, **length),
        Descent(problem, plain, ProductOf(network=network, start=start), step_size, **length),
        seeds=seeds,
    )
    judge.equivalent(
        case.replace("-p", ", p = ").replace("-", " "),
        Difference(LateExponent()),
        Curves(deep.times, deep.error),
        Curves(shallow.times, shallow.error),
        seeds=seeds,
        estimand="exponent with depth minus exponent without, both extrapolated to zero error",
        to=0,
        margin=Margin(0.05 / (problem.p - 2), "5 % of the exponent"),
    )
