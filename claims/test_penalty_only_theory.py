"""Beyond the report: the regulariser's curve from the start alone."""

import numpy as np

from evidence import END, REFUTED, Curves, LevelRatio, Margin, claim
from models.arms import NORMAL, OVERPARAMETERIZED
from training import PUBLISHED
from training.penalty_alone import predicted_penalty

WITHIN = Margin(np.log10(1.05), "5 % of the penalty")


@claim(
    "penalty-only-theory",
    "Section 3; not a sentence of the report",
    position=485,
    family="network",
    origin="ours",
    expect=REFUTED,
    refuted_in=("*",),
    because="the data raise the norm while the penalty lowers it, and more so in the over-parameterised network",
    finding="At the end the normal network's penalty is 11 % above the prediction and the over-parameterised one's 45 %. "
    "Data and penalty act nearly independently: beside the prediction times what the data alone do to the "
    "norm, in networks trained on cross-entropy alone, the penalty is 0.8 % higher in the normal network and 5.0 % (95 % "
    "interval 4.9 to 5.2 %, n = 32) in the over-parameterised one, on the edge of the margin; this was explored, not judged.",
    holds="In neither network by itself.",
    rewording="The regulariser's curve is what the penalty alone makes of the start, times what the data alone do to the "
    "norm, but for about 1 % in the normal network and 5 % in the over-parameterised one.",
)
def test_penalty_only_theory(train, judge, budget):
    """The regulariser's curve is what the penalty alone makes of the network's start, without the data: it follows from A' = B' = -λ(AB + BA), A = W₁W₁' and B = W₂'W₂, for a product, and from W' = -λW for a plain matrix.

    Scope: the penalty of end-to-end dense matrices and biases in the published protocol, at the end of training.

    The prediction takes each seed's matrices as they start, the learning rates and the momentum, and no free number: flow time is the
    sum of the learning rates over 1 - momentum, less what the first steps lack. The runs are those of claim total-loss-accelerated.
    Each seed gives the logarithm of the ratio of the penalty at the last step and the predicted one, for either network; "follows" is
    judged as equivalence within 5 %. Explored beside it: what the data alone do to the same sum,
    in networks trained on cross-entropy alone; and the penalty relative to the product of both effects.
    """
    seeds = budget.seeds(smoke=3, standard=32, paper=20)
    protocol = budget(**PUBLISHED)
    arms = [protocol.arm(network) for network in (NORMAL, OVERPARAMETERIZED)]
    free = [protocol.arm(network, penalized=False) for network in (NORMAL, OVERPARAMETERIZED)]
    found = train(*arms, *free, seeds=seeds)
    for arm, runs, without in zip(arms, found[:2], found[2:], strict=True):
        predicted = predicted_penalty(arm, seeds, runs.steps)
        judge.equivalent(
            arm.arm,
            LevelRatio(END),
            Curves(runs.steps, runs.penalty),
            Curves(runs.steps, predicted),
            seeds=seeds,
            estimand="penalty at the last step relative to the one predicted from the start",
            unit="log10 ratio",
            to=0,
            margin=WITHIN,
        )
        grown = without.penalty / without.penalty[:, :1]
        judge.explore(
            f"{arm.arm}, data alone",
            LevelRatio(END),
            Curves(runs.steps, grown),
            Curves(runs.steps, np.ones_like(grown)),
            seeds=seeds,
            estimand="penalty at the last step relative to the start, trained on cross-entropy alone",
        )
        judge.explore(
            f"{arm.arm}, penalty and data",
            LevelRatio(END),
            Curves(runs.steps, runs.penalty),
            Curves(runs.steps, predicted * grown),
            seeds=seeds,
            estimand="penalty at the last step relative to the predicted one times what the data alone make of it",
        )
        judge.curve("the penalty alone", arm.arm, "penalty", runs.steps, runs.penalty)
        judge.theory("the penalty alone", arm.arm, "penalty", runs.steps, np.median(predicted, axis=0))
