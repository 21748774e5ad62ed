"""Section 3: training without the regulariser."""

from evidence import EARLY, LATE, MIDDLE, REFUTED, Curves, LevelRatio, Margin, claim
from models.arms import NORMAL, OVERPARAMETERIZED
from training import PUBLISHED


@claim(
    "cross-entropy-only-same",
    "Section 3",
    position=430,
    family="network",
    expect=REFUTED,
    refuted_in=("cross-entropy, early",),
    because="early in training the over-parameterised network is clearly behind, by far more than the margin",
    finding="In the two later windows, 45 to 55 % and the last 20 % of the steps, the mean ratio lies within a tenth of a "
    "decade. Early, between 5 and 15 %, the over-parameterised network's cross-entropy is more than twice that of "
    "the normal one. These runs share seeds, and so most of their noise, with those trained with the penalty.",
    holds="From the middle of training on: between 45 and 55 % of the steps, and over the last 20 %.",
    rewording="Trained on cross-entropy alone, the two networks' training losses are within a tenth of a decade of each "
    "other halfway and over the last fifth of training, where the over-parameterised one's is 11 % lower; early it is far higher.",
)
def test_cross_entropy_only_same(train, judge, budget):
    """We also trained the two networks on just cross entropy and also found negligible difference in training loss.

    Scope: networks trained without the regulariser; early, middle and late in training, with one step size for both arms.

    Protocol: LeNet-5 with the rules of the TensorFlow tutorial whose network [ACH18] over-parameterised, our reading of the report's protocol (batch 64, momentum 0.9, step 0.01 ·
    0.95^epoch, dropout 0.5 before the last layer, weights truncated normal of standard deviation 0.1) on the digits that this
    repository carries; at paper budget the tutorial's own network on all of MNIST. Over-parameterised: every dense matrix is a
    product of two, each drawn like the original. The penalty is 5e-4 times half the sum of squares of dense matrices, end to
    end, and biases. Arms share convolution weights, batches and dropout masks at each seed. Losses are read without dropout on
    fixed 2,000 training digits. Here the training leaves the penalty out.

    Each seed gives the logarithm of the ratio of the arms' cross-entropies, averaged over the records of a part of training
    (early: 5 to 15 % of the steps; middle: 45 to 55 %; late: the last 20 %). "Negligible" is judged as equivalence in all
    three.
    """
    seeds = budget.seeds(smoke=3, standard=32, paper=20)
    protocol = budget(**PUBLISHED)
    arms = [protocol.arm(network, penalized=False) for network in (NORMAL, OVERPARAMETERIZED)]
    normal, deep = train(*arms, seeds=seeds)
    for name, window in {"early": EARLY, "middle": MIDDLE, "late": LATE}.items():
        judge.equivalent(
            f"cross-entropy, {name}",
            LevelRatio(window),
            Curves(deep.steps, deep.cross_entropy),
            Curves(normal.steps, normal.cross_entropy),
            seeds=seeds,
            estimand="cross-entropy on training digits, over-parameterised relative to normal",
            unit="log10 ratio",
            to=0,
            margin=Margin(0.1, "a tenth of a decade (26 % up, 21 % down)"),
        )
    for runs, arm in ((normal, "normal"), (deep, "overparameterized")):
        judge.curve("cross-entropy-only", arm, "cross-entropy", normal.steps, runs.cross_entropy)
