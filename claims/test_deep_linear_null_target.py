"""Abstract: the rate of deep linear networks, where the target has a null space."""

import numpy as np
import pytest

from evidence import REFUTED, Curves, Difference, LateExponent, Margin, WindowExponent, claim
from models.lp import (
    Balanced,
    ConstantStepSize,
    LinearNetwork,
    MatrixRegression,
    NearZero,
    StepSize,
    ZeroTarget,
    rate_exponent,
)
from models.lp.equal_entries import EqualEntries
from training import Descent

P = 4
MARGIN = Margin(0.05 / (P - 2), "5 % of the exponent")
LENGTH = {"steps": 10**12, "stepped": 10**5}


@claim(
    "deep-linear-null-target",
    "Abstract",
    position=112,
    family="theory",
    origin="reading",
    expect=REFUTED,
    refuted_in=("*",),
    because="from balanced starts, in null directions the last factors go to zero with the residual, and so does the preconditioner: the exponent is "
    "that of p - 2/N in place of p - 2",
    finding="In a direction where the target is zero, a balanced network of N layers has ‖W‖ = ‖Δ‖, so that dΔ/d(ηt) is of "
    "size ‖Δ‖^(p-1+2-2/N) and the error falls like t^(-1/(p-2/N)): slower than without depth, and slower with every "
    "layer. In a target of low rank these directions come last and set the exponent of the whole error. The "
    "exponent of the lemma comes back where the factors are not balanced: a generic start, such as normal weights, "
    "keeps it, and so, very late, do finite steps, which break the balance by order η (from a balanced start with "
    "other entries, two layers and η |Δ₀|² of 0.05 to 0.25, some trial seeds were back at the lemma's exponent by t "
    "= 10¹²).",
    holds="Targets of full rank in the cases of claim deep-linear-same-rate, and targets of zero from normal starts, whose "
    "factors are not balanced (explored).",
    rewording="The rate is also Θ(t^(-1/(p-2))) in the cases of claim deep-linear-same-rate and, as explored, for a target of zero from "
    "normal starts; from balanced starts, in directions where the target is zero, it is Θ(t^(-1/(p-2/N))).",
)
@pytest.mark.parametrize("case", ["zero-2-layers", "zero-3-layers", "rank-one"])
def test_deep_linear_null_target(case, train, judge, budget):
    """The asymptotic convergence rate for gradient descent on a deep linear neural net is also the same [where the target has a null space].

    Scope: targets with a null space at p = 4, balanced starts: a target of zero with two inputs, two and three layers; a 2 x 2
    target of rank one, three layers.

    Target zero: the product starts with entries of equal size and random signs, which descent with finite steps keeps balanced;
    norms of factors are 0.8 to 1.2. Rank one: singular values 1.5 and 0, random singular vectors, a balanced start of norm
    0.7³, η = 0.03; the error is ‖Δ‖, and that along the null direction u'Δv beside it. Up to t = 10⁵ steps are taken one by
    one, later by the modified equation, to t = 10¹². The estimand is the exponent against t, extrapolated to zero error for the
    target zero, and over the last decade for rank one, where single seeds still turn (of more seeds, since few of
    them are far off); it is compared with -1/(p-2) = -1/2. Explored, not judged: the distance of the same exponents to -1/(p-2/N), and to
    -1/(p-2) from normal starts.
    """
    if case == "rank-one":
        _rank_one(judge, train, budget.seeds(smoke=8, standard=128, paper=200))
    else:
        _zero(judge, train, budget.seeds(smoke=8, standard=32, paper=100), layers=int(case[5]))


def _zero(judge, train, seeds, layers):
    network, step_size = LinearNetwork(layers=layers), StepSize(layers=layers, low=0.2, high=0.5)
    balanced, normal = (
        Descent(ZeroTarget(p=P), network, start, step_size, **LENGTH) for start in (EqualEntries(), NearZero(scale=0.5))
    )
    runs, unbalanced = train(balanced, normal, seeds=seeds)
    _judge(judge, f"target zero, {layers} layers", LateExponent(), runs.times, runs.error, seeds, layers)
    judge.explore(
        f"target zero, {layers} layers, normal start",
        LateExponent(),
        Curves(unbalanced.times, unbalanced.error),
        seeds=seeds,
        estimand=f"exponent from weights of standard deviation 0.5; the lemma gives {rate_exponent(P):g}",
        unit="",
    )
    for arm, error in {"balanced": runs.error, "normal": unbalanced.error}.items():
        judge.curve(f"target zero, {layers} layers", arm, "error", runs.times, error)


def _rank_one(judge, train, seeds):
    problem = MatrixRegression(p=P, singular=(1.5, 0.0))
    network = LinearNetwork(layers=3, width=2, inputs=2, outputs=2)
    runs = train(Descent(problem, network, Balanced(scale=0.7), ConstantStepSize(eta=0.03), **LENGTH), seeds=seeds)
    _judge(judge, "rank one, 3 layers", WindowExponent(), runs.times, runs.error, seeds, network.layers)
    left, right = (problem.frames(seeds, side)[:, :, -1] for side in ("left", "right"))
    null = np.einsum("sa,sabt,sb->st", left, runs.residual.reshape(len(seeds), 2, 2, -1), right)
    judge.explore(
        "rank one, 3 layers, null direction",
        WindowExponent(),
        Curves(runs.times, np.abs(null)),
        seeds=seeds,
        estimand="exponent of the error along the null direction, over the last decade",
        unit="",
    )


def _judge(judge, name, estimator, times, error, seeds, layers):
    curves = Curves(times, error)
    judge.equivalent(
        name,
        estimator,
        curves,
        seeds=seeds,
        estimand="exponent of the error against time",
        to=rate_exponent(P),
        margin=MARGIN,
    )
    expected = -1 / (P - 2 / layers)
    judge.explore(
        f"{name}, against -1/(p-2/N)",
        Difference(estimator),
        curves,
        Curves(times, np.tile(times**expected, (len(seeds), 1))),
        seeds=seeds,
        estimand=f"exponent of the error, less {expected:.4g}",
        unit="",
    )
