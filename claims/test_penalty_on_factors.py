"""Section 3, read otherwise: the penalty on each factor."""

import numpy as np

from evidence import END, LATE, REFUTED, ChangeRatio, Curves, LevelRatio, Margin, claim
from models.arms import NORMAL, OVERPARAMETERIZED
from training import VARIED

JUDGED = "penalty since the start"


@claim(
    "penalty-on-factors",
    "Section 3; a reading of our own",
    position=480,
    family="network",
    origin="reading",
    expect=REFUTED,
    refuted_in=("penalty since the start",),
    because="with the penalty on each factor, the product's penalty rises in training by more than the plain network's does",
    finding="The effect is that of a penalty on the product. With the penalty on each factor the regulariser of the product "
    "rises by 13 % in training, the normal network's by 2 % (medians of 8 seeds; their ratio rises by 11 %), and ends 4 % lower "
    "only because the product started so; with the penalty on the product it falls by 4 %. The late total loss is 2 % higher "
    "(1 % lower to 5 % higher), against 7 % lower with the penalty on the product.",
    holds="The penalty on the product (claim regularizer-reduced).",
    rewording="Depth decreases the regulariser where the product is penalised.",
)
def test_penalty_on_factors(train, judge, budget):
    """Depth substantially decreases the value of the (L2) regularizer [where each factor is penalised instead of their product].

    Scope: the over-parameterised network trained with the L2 penalty on every factor, the normal one with it on its matrices; what is
    reported is the penalty of the product for either; one step size for both arms.

    The caption of Figure 2 says that "when we calculate the regularizer term in the overparameterized setting, we take the product
    of two matrices", which leaves open whether training did; a penalty on the parameters, as software adds it, is one on the
    factors. The protocol is the published one (claim total-loss-accelerated), at standard budget on 4,480 digits. Each seed
    gives the logarithm of the ratio of the changes of the arms' penalties since the start; "decreases" is judged as lower by 5 % or
    more: claim regularizer-reduced asks for 10 %, of trainings two and a half times as long. Explored beside: the penalties at the end, since products start with other penalties than plain matrices; the total losses
    over the last 20 % of the steps; and all of it with the penalty on the product.
    """
    seeds = budget.seeds(smoke=3, standard=8, paper=20)
    protocol = budget(**VARIED)
    on_factors = protocol.with_(penalized="factors").arm(OVERPARAMETERIZED)
    trained = train(protocol.arm(NORMAL), on_factors, protocol.arm(OVERPARAMETERIZED), seeds=seeds)
    margin = Margin(np.log10(1.05), "5 %")
    for name, estimator, quantity in (
        (JUDGED, ChangeRatio(), "penalty"),
        ("penalty at the end", LevelRatio(END), "penalty"),
        ("total loss, late", LevelRatio(LATE), "total"),
    ):
        normal, factors, product = (Curves(runs.steps, getattr(runs, quantity)) for runs in trained)
        asked = {"seeds": seeds, "estimand": f"{name}, over-parameterised relative to normal"}
        if name == JUDGED:
            judge.lower(name, estimator, factors, normal, **asked, by=margin.value, margin=margin)
        else:
            judge.explore(name, estimator, factors, normal, **asked)
        judge.explore(f"{name}, penalty on the product", estimator, product, normal, **asked)
        judge.explore(
            f"{name}, factors relative to product",
            estimator,
            factors,
            product,
            seeds=seeds,
            estimand=f"{name}, penalty on the factors relative to penalty on the product",
        )
