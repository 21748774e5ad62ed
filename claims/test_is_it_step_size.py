"""Beyond the report: whether depth does more to the regulariser than a larger step."""

import numpy as np

from evidence import END, LATE, ChangeRatio, Curves, LevelRatio, Margin, claim
from models.arms import EFFECTIVE_STEP, NORMAL, OVERPARAMETERIZED, SAME_START
from training import VARIED

MARGIN = Margin(np.log10(1.05), "the sign is asked for; planted effects are a factor of 1.08")

BESIDE_NORMAL = {
    "control": "control",
    "start alone": "plain network with the product's start and the shared step,",
    "depth": "over-parameterised",
}
"""Arms that are explored beside the normal network, in words."""


@claim(
    "is-it-step-size",
    "Section 3 and conclusion; not a sentence of the report",
    position=490,
    family="network",
    origin="ours",
    finding="The mean steps of the product, 1.9, 1.3 and 0.16 times the plain ones layer by layer, explain next to nothing "
    "of it: with them the penalty rises since the start as in the normal network (0.4 % less), with the product it "
    "falls: 5 % less than in the normal one. Plain matrices with the product's start alone end with a cross-entropy that is 24 % "
    "higher and a penalty that is 12 % lower than the normal network's; it starts 14 % lower, so that training takes some of that away. With start and mean step the cross-entropy is 68 % and the loss 15 % "
    "higher than the normal network's. So what lowers the regulariser is that the product prefers some directions, "
    "or that its steps change as it trains, not that it is faster on average at the start.",
)
def test_is_it_step_size(train, judge, budget):
    """That depth lowers the regulariser and the training loss is more than another step size: a plain network that starts as the same function and takes the step that its over-parameterised twin takes on average ends with a higher penalty and a higher loss.

    Scope: the published protocol with the penalty on the product; the effective step of each matrix taken at the start and kept.

    A product of two matrices moves by -η (W₂W₂' G + G W₁'W₁), where a plain one moves by -η G: as an operator on the gradient G, the
    kernel has the mean eigenvalue ‖W₂‖²/out + ‖W₁‖²/in. The control is a plain network whose matrices start as the products of its twin,
    and whose learning rates are multiplied by this number, matrix by matrix and seed by seed. It has the mean speed of the product
    and none of its preference for directions. Each seed gives the logarithm of the ratio, over-parameterised relative to control, of
    the penalties at the last step, of total losses and of cross-entropies over the last 20 % of the steps. Explored beside it:
    both against the normal network, at the end and since the start, and a plain network with the product's start and the shared step. At standard budget on 4,480
    digits.
    """
    seeds = budget.seeds(smoke=3, standard=8, paper=20)
    protocol = budget(**VARIED)
    networks = NORMAL, EFFECTIVE_STEP, SAME_START, OVERPARAMETERIZED
    normal, control, start, deep = train(*(protocol.arm(network) for network in networks), seeds=seeds)
    for name, estimator, quantity in (
        ("penalty at the end", LevelRatio(END), "penalty"),
        ("total loss, late", LevelRatio(LATE), "total"),
        ("cross-entropy, late", LevelRatio(LATE), "cross_entropy"),
    ):
        plain, same, begun, product = (Curves(runs.steps, getattr(runs, quantity)) for runs in (normal, control, start, deep))
        asked = {"seeds": seeds, "estimand": f"{name}, over-parameterised relative to the control"}
        if quantity == "cross_entropy":
            judge.explore(name, estimator, product, same, **asked)
        else:
            judge.lower(name, estimator, product, same, **asked, margin=MARGIN)
        for (arm, words), curves in zip(BESIDE_NORMAL.items(), (same, begun, product), strict=True):
            judge.explore(f"{name}: {arm}", estimator, curves, plain, seeds=seeds, estimand=f"{name}, {words} relative to normal")
    for name, beside in zip(BESIDE_NORMAL, (control, start, deep), strict=True):
        judge.explore(
            f"penalty since the start: {name}",
            ChangeRatio(),
            *(Curves(runs.steps, runs.penalty) for runs in (beside, normal)),
            seeds=seeds,
            estimand=f"change of the penalty since the start, {name} relative to normal",
        )
    for runs, arm in ((normal, "normal"), (control, "effective step"), (deep, "overparameterized")):
        judge.curve("a larger step", arm, "penalty", normal.steps, runs.penalty)
        judge.curve("a larger step, total", arm, "total loss", normal.steps, runs.total)
