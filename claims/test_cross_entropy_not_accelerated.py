"""Section 3: the loss without the regulariser."""

import numpy as np
import pytest

from evidence import EARLY, LATE, MIDDLE, Curves, LevelRatio, Margin, TimeRatio, claim
from models.arms import NORMAL, OVERPARAMETERIZED
from training import PUBLISHED

SHARES = {"10 %": 0.10, "25 %": 0.25, "50 %": 0.50, "75 %": 0.75}


@claim(
    "cross-entropy-not-accelerated",
    "Section 3 and Figure 2",
    position=420,
    family="network",
    finding="It holds within the margin, not as equality: late in training the over-parameterised network's cross-entropy "
    "is 8 % lower (90 % interval 3 to 12 %, n = 32; 13 % with 32 other seeds) and still gains: that it is lower at all on these "
    "11,000 digits is likely (two-sided p = 0.008, not declared beforehand, one of seven parts), and on 4,480 it is 12 % higher "
    "(claim init-multiverse); that it is lower by a fifth is excluded. In the middle the two agree, and early it is 2.5 times as high. It is a finding about factors drawn like the "
    "original matrices: with factors whose product is the plain network's own matrix it fails at the same step size "
    "(claim init-multiverse). All of these seeds share the digits. With the tutorial's network on all digits (paper budget, n = 3, "
    "controls not run) it is 57 % higher late (90 % interval 40 to 77 %) and 36 % higher in the middle; early the three seeds leave it open.",
    rewording="With factors drawn like the original matrices, the over-parameterised network's cross-entropy is lower by less "
    "than a fifth late in training, and far higher early.",
)
@pytest.mark.parametrize("part", ["loss", "time"])
def test_cross_entropy_not_accelerated(part, train, judge, budget):
    """If we subtract the regularizer loss out, we find that the cross entropy loss of the overparameterized network does not outperform the cross entropy loss of the normal network.

    Scope: networks trained with the regulariser; early, middle and late in training, with one step size for both arms.

    Protocol: LeNet-5 with the rules of the TensorFlow tutorial whose network [ACH18] over-parameterised, our reading of the report's protocol (batch 64, momentum 0.9, step 0.01 ·
    0.95^epoch, dropout 0.5 before the last layer, weights truncated normal of standard deviation 0.1) on the digits that this
    repository carries; at paper budget the tutorial's own network on all of MNIST. Over-parameterised: every dense matrix is a
    product of two, each drawn like the original. The penalty is 5e-4 times half the sum of squares of dense matrices, end to
    end, and biases. Arms share convolution weights, batches and dropout masks at each seed. Losses are read without dropout on
    fixed 2,000 training digits.

    Each seed gives the logarithm of the ratio of the arms' cross-entropies, averaged over the records of a part of training
    (early: 5 to 15 % of the steps; middle: 45 to 55 %; late: the last 20 %), and of the times to reach the cross-entropy that
    the normal network has at 10, 25, 50 and 75 % of its steps. Below zero, the over-parameterised network is lower, or sooner.
    "Does not outperform" is judged as non-superiority: not lower by a tenth of a decade or more, not sooner by 25 % or more.
    """
    seeds = budget.seeds(smoke=3, standard=32, paper=20)
    protocol = budget(**PUBLISHED)
    normal, deep = train(protocol.arm(NORMAL), protocol.arm(OVERPARAMETERIZED), seeds=seeds)
    judged = _levels if part == "loss" else _times
    judged(judge, *(Curves(runs.steps, runs.cross_entropy) for runs in (deep, normal)), seeds=seeds)


def _levels(judge, deep, normal, *, seeds):
    for name, window in {"early": EARLY, "middle": MIDDLE, "late": LATE}.items():
        judge.not_lower(
            f"cross-entropy, {name}",
            LevelRatio(window),
            deep,
            normal,
            seeds=seeds,
            estimand="cross-entropy on training digits, over-parameterised relative to normal",
            margin=Margin(0.1, "a tenth of a decade (21 % lower)"),
        )


def _times(judge, deep, normal, *, seeds):
    for name, share in SHARES.items():
        judge.not_lower(
            f"time to the cross-entropy at {name} of the steps",
            TimeRatio(share),
            deep,
            normal,
            seeds=seeds,
            estimand=f"steps to the cross-entropy that the normal network has at {name} of its steps, over-parameterised "
            "relative to normal",
            margin=Margin(np.log10(1.25), "25 % in time"),
        )
