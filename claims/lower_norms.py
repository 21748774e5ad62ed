"""What the claims on lower norms share: Conjecture 3.1 (1), tried for one power of the penalty."""

import numpy as np

from claims.network_numbers import at_equal_cross_entropy, lowest_common, norms
from claims.numbers_of_seeds import as_curves
from evidence import END, LATE, ChangeRatio, Curves, LevelRatio, Margin
from models.arms import NORMAL, OVERPARAMETERIZED
from training import matched_weight

NORM = Margin(np.log10(1.05), "the sign is asked for; planted effects are a factor of 1.08 in the norm")


def judge_norms(judge, train, protocol, seeds, power):
    """Judge, under a penalty on |w|^power, that the norm is lower with depth and the cross-entropy not higher."""
    protocol = protocol.with_(power=power, penalty=matched_weight(power))
    normal, deep = train(protocol.arm(NORMAL), protocol.arm(OVERPARAMETERIZED), seeds=seeds)
    arms = [Curves(runs.steps, norms(runs, power)) for runs in (deep, normal)]
    what = f"norm (Σ|w|^{power})^(1/{power}) of the end-to-end dense matrices and biases"
    judge.lower(
        "norm at the end",
        LevelRatio(END),
        *arms,
        seeds=seeds,
        estimand=f"{what} at the last step, over-parameterised relative to normal",
        margin=NORM,
    )
    level = lowest_common(normal, deep)
    judge.lower(
        "norm at equal cross-entropy",
        LevelRatio(END),
        *as_curves(*(at_equal_cross_entropy(norms(runs, power), runs, level) for runs in (deep, normal))),
        seeds=seeds,
        estimand=f"{what} when the cross-entropy first is the lowest that both networks reach",
        margin=NORM,
    )
    judge.not_lower(
        "cross-entropy not compromised (normal / over-parameterised)",
        LevelRatio(LATE),
        *(Curves(runs.steps, runs.cross_entropy) for runs in (normal, deep)),
        seeds=seeds,
        estimand="late cross-entropy on training digits, normal relative to over-parameterised",
        margin=Margin(0.1, "a tenth of a decade (the over-parameterised one 26 % higher)"),
    )
    judge.explore(
        "norm since the start",
        ChangeRatio(),
        *arms,
        seeds=seeds,
        estimand="change of the norm since the start, over-parameterised relative to normal",
    )
    for runs, arm in ((normal, "normal"), (deep, "overparameterized")):
        judge.curve(f"norm under an l{power} penalty", arm, "norm", runs.steps, norms(runs, power))
