"""Conjecture 3.1 (2): whether the penalty's landscape makes the acceleration."""

import numpy as np

from claims.network_numbers import READ_LATE, late_level
from evidence import LATE, REFUTED, Curves, GapTrend, LevelRatio, Margin, claim
from models.arms import NORMAL, OVERPARAMETERIZED, RESCALED
from training import VARIED
from training.recipe import PENALTY

DOSES = (0.0, 0.25, 1.0, 4.0, 16.0)
SPLIT = 4.0
"""Weights of the penalty, in units of the tutorial's; and the one at which matrices are split in two ways."""
READ_IN_FULL = (0.0, 1.0, SPLIT)
"""Weights at which arms are read from the start on: by other claims, or for what shorter trainings would have given."""

PLACES = np.arange(1.0, len(DOSES) + 1)


@claim(
    "penalty-dose",
    "Conjecture 3.1 (2), read of the end-to-end matrices",
    position=465,
    family="network",
    origin="reading",
    expect=REFUTED,
    refuted_in=("the same products, other factors",),
    because="factors of other sizes with the same products, for which the loss as a function of the end-to-end matrices is the same, "
    "change the acceleration",
    finding="The lead in the penalised loss grows with the weight, but it is the penalty's: on these 4,480 digits the cross-entropy alone is "
    "higher at every weight, by 12 % without a penalty and by 48 % at sixteen times the tutorial's (explored, n = 8; at "
    "a quarter of the weight the 95 % interval holds zero). Another split "
    "of the same products, whose mean step at the start is 2.1 times as large, lowers the late loss at four times the weight by 15 %, "
    "so that the landscape of the end-to-end matrices alone does not fix the acceleration; how much of this is the larger step was not tried. (It does not in the toy problem with an ℓ_p loss "
    "either, where the factors' sizes set the constant: claim depth-constant.) On Fashion-MNIST, a run of its own, that split lowers "
    "the loss at four times the weight by 9 % (n = 8): within the margin, which was set for MNIST, but half of the acceleration there (on "
    "MNIST 36 %).",
    holds="That the lead in the penalised loss grows with the penalty's weight, from none to sixteen times the "
    "tutorial's; not the reason given for it.",
    rewording="From about the tutorial's weight on, depth lowers the penalised loss by lowering the penalty, the more so the "
    "larger its weight.",
)
def test_penalty_dose(train, judge, budget):
    """Depth in non-linear networks accelerates training with regularization terms because the loss with regularization makes the landscape [of the end-to-end matrices, and nothing else,] more like ℓ_p loss.

    Scope: L2 penalties of 0, 1/4, 1, 4 and 16 times the tutorial's weight; the training loss with its own penalty, late in training;
    one step size for all arms.

    The protocol is the published one (claim total-loss-accelerated), at standard budget on 4,480 digits. Acceleration is the
    logarithm of the ratio of the arms' losses, over-parameterised relative to normal, averaged over the last 20 % of the steps. Two
    consequences of the sentence are judged. If the regularisation makes the acceleration, it grows with the weight: the
    slope of the logarithm over the five weights, in order, is below zero, seed by seed. If it does so through the landscape of the
    end-to-end matrices alone, it does
    not depend on how a matrix is split: the same products, with the first factor halved and the second doubled, start as the same
    function, have the same loss and the same penalty at every product, and so must have the same acceleration: at four times the tutorial's
    weight, within 0.05 decades (12 %). Explored beside: the acceleration at each weight, and that of the
    cross-entropy alone.
    """
    seeds = budget.seeds(smoke=3, standard=8, paper=20)
    protocol = budget(**VARIED)
    doses = [protocol.with_(penalty=dose * PENALTY, **({} if dose in READ_IN_FULL else READ_LATE)) for dose in DOSES]
    found = train(
        *(dose.arm(network) for dose in doses for network in (OVERPARAMETERIZED, NORMAL)),
        doses[DOSES.index(SPLIT)].arm(RESCALED),
        seeds=seeds,
    )
    deep, normal, rescaled = found[0:-1:2], found[1:-1:2], found[-1]
    losses = [
        [Curves(runs.steps, runs.total_of(2, dose.recipe.penalty)) for runs in pair]
        for dose, *pair in zip(doses, deep, normal, strict=True)
    ]
    _judge_growth(judge, losses, seeds)
    _judge_split(judge, rescaled, losses[DOSES.index(SPLIT)][0], seeds)
    _explore(judge, "", "late loss with its own penalty", losses, seeds)
    parted = [[Curves(runs.steps, runs.cross_entropy) for runs in pair] for pair in zip(deep, normal, strict=True)]
    _explore(judge, ", cross-entropy", "late cross-entropy", parted, seeds)


def _judge_growth(judge, losses, seeds):
    """Judge that the acceleration grows from one weight to the next, read off late losses, one for each weight."""
    deep, normal = (Curves(PLACES, np.stack([late_level(arm) for arm in arms], axis=1)) for arms in zip(*losses, strict=True))
    judge.lower(
        "grows with the weight",
        GapTrend(),
        deep,
        normal,
        seeds=seeds,
        estimand="change of the ratio of late losses from one weight to the next, over-parameterised relative to normal",
        unit="log10 ratio a step",
        margin=Margin(0.02, "the sign is asked for; planted effects are 0.03 a step"),
    )
    judge.curve(
        "dose and acceleration", "over-parameterised / normal", "ratio of late losses", PLACES, deep.values / normal.values,
        along="weights of the penalty in order: 1 is none, 2 a quarter of the tutorial’s, 3 the tutorial’s, 4 four times, 5 sixteen times",
    )  # fmt: skip


def _judge_split(judge, rescaled, as_drawn, seeds):
    """Judge that the late loss does not depend on how the same products are split."""
    judge.equivalent(
        "the same products, other factors",
        LevelRatio(LATE),
        Curves(rescaled.steps, rescaled.total_of(2, SPLIT * PENALTY)),
        as_drawn,
        seeds=seeds,
        estimand="late total loss, first factors halved and second doubled, relative to factors as drawn",
        unit="log10 ratio",
        to=0,
        margin=Margin(0.05, "0.05 decades (12 %), about a quarter of the acceleration on trial seeds of MNIST"),
    )


def _explore(judge, name, words, pairs, seeds):
    for dose, pair in zip(DOSES, pairs, strict=True):
        judge.explore(
            f"{dose:g} times the weight{name}",
            LevelRatio(LATE),
            *pair,
            seeds=seeds,
            estimand=f"{words}, over-parameterised relative to normal",
        )
