"""Section 3 under every reading of its protocol: starts are judged, all else is on a specification curve."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from claims.network_numbers import READ_LATE, late_curves
from claims.step_sizes import tuned_arms, tuned_curves
from evidence import END, LATE, REFUTED, Curves, LevelRatio, Margin, claim
from models.arms import (
    BALANCED,
    EFFECTIVE_STEP,
    LENET5,
    MATCHED,
    MATCHED_STEP,
    NORMAL,
    OVERPARAMETERIZED,
    TUTORIAL,
    Architecture,
    Arm,
)
from training import VARIED

STARTS = {"matched": MATCHED, "balanced": BALANCED}
CONTROLS = {
    "matched step": "late cross-entropy, plain network with the mean step of matched factors relative to normal",
    "matched start beside it": "late cross-entropy, matched factors relative to the plain network with their mean step",
}
TUNED, HALF = "tuned for each", "half of them"
OUTCOMES = {
    "the total loss is lower": ("total", LevelRatio(LATE), (None, 0.0), "late total loss"),
    "the cross-entropy is not lower by a tenth of a decade": (
        "cross_entropy",
        LevelRatio(LATE),
        (-0.1, None),
        "late cross-entropy",
    ),
    "the regulariser is lower": ("penalty", LevelRatio(END), (None, 0.0), "penalty at the end"),
}
"""The report's findings: quantity, estimator, region in which the finding is true, and words for the quantity."""

AS_PUBLISHED = {
    "start": "published", "penalty": "on the product", "factors": "two", "inner width": "as the output", "layers": "dense",
    "momentum": "0.9", "step size": "shared", "batch": "64", "digits": "all of the protocol's",
}  # fmt: skip


@dataclass(frozen=True)
class Specification:
    """One way to run the experiment: the choices that differ from the published ones, the two arms, and changes of the protocol.

    Without an architecture it is the protocol's. More seeds are used where other claims train the same arms; elsewhere they are read late alone.
    """

    choices: dict[str, str]
    deep: Arm = OVERPARAMETERIZED
    plain: Arm = NORMAL
    recipe: Mapping[str, object] = field(default_factory=dict)
    architecture: Architecture | None = None
    elsewhere: bool = False

    @property
    def tuned(self) -> bool:
        """Tell whether each network has a step size of its own."""
        return self.choices.get("step size") == TUNED


THREE, MATCHED_THREE = replace(OVERPARAMETERIZED, factors=3), replace(MATCHED, factors=3)
WIDE, NARROW = replace(OVERPARAMETERIZED, inner=2.0), replace(OVERPARAMETERIZED, inner=0.5)
EVERYWHERE = replace(OVERPARAMETERIZED, layers="all")
ON_FACTORS, NO_MOMENTUM = {"penalized": "factors"}, {"momentum": 0.0, "learning_rate": 0.1}
SPECIFICATIONS = (
    Specification({}, elsewhere=True),
    Specification({"start": "matched"}, MATCHED, elsewhere=True),
    Specification({"start": "balanced"}, BALANCED, elsewhere=True),
    Specification({"penalty": "on each factor"}, recipe=ON_FACTORS, elsewhere=True),
    Specification({"penalty": "none"}, recipe={"penalty": 0.0}, elsewhere=True),
    Specification({"factors": "three"}, THREE),
    Specification({"inner width": "half"}, NARROW),
    Specification({"inner width": "twice"}, WIDE),
    Specification({"layers": "convolutions too"}, EVERYWHERE),
    Specification({"momentum": "none, ten times the step"}, recipe=NO_MOMENTUM),
    Specification({"step size": "effective, for the plain one"}, plain=EFFECTIVE_STEP, elsewhere=True),
    Specification({"step size": TUNED}, elsewhere=True),
    Specification({"batch": "128"}, recipe={"batch": 128}),
    Specification({"digits": HALF}),
    Specification({"start": "matched", "penalty": "on each factor"}, MATCHED, recipe=ON_FACTORS),
    Specification({"start": "matched", "factors": "three"}, MATCHED_THREE),
    Specification({"start": "matched", "step size": TUNED}, MATCHED, elsewhere=True),
)
OTHER_NETWORK = {
    "standard": (Specification({"network": TUTORIAL.name, "digits": HALF}, architecture=TUTORIAL),),
    "paper": (Specification({"network": LENET5.name}, architecture=LENET5),),
}
"""The network that the protocol of a budget does not have; without a GPU the tutorial's costs too much on all digits."""


@claim(
    "init-multiverse",
    "Section 3; a reading of our own",
    position=425,
    family="network",
    origin="reading",
    expect=REFUTED,
    refuted_in=("* start",),
    because="where both networks start as the same function, the over-parameterised one has a much lower cross-entropy at the same step size",
    finding="With LeNet-5 on 4,480 digits, where both networks start as the same function, the over-parameterised one's "
    "late cross-entropy is a third lower at the same learning rate. Most of that (26 of the 34 % with matched "
    "factors) is the step: a plain network with the steps that these factors take on average has it too, and beside "
    "that network the factors gain 11 %. With the best learning rate for each, chosen by the total loss on other "
    "seeds, it is 67 % higher (32 to 112 %, n = 8, explored) from a matched start too. Drawn as published, the "
    "product is another function, from which it needs most of the training to catch up, so that with fewer digits "
    "or larger batches its cross-entropy is far higher. The regulariser is higher with wide factors and "
    "from a matched start with the penalty on each factor, and not seen to be lower without a penalty. With the tutorial's "
    "network, whose product starts with four times the penalty, on half of these digits (350 steps, n = 3) regulariser and total loss are "
    "still higher; on all of MNIST, after 8,590 steps, both are far lower (claim regularizer-reduced). On Fashion-MNIST, a run of its own, "
    "the cross-entropy is 11 % lower from a matched start and 10 % from a balanced one (n = 16): clearly lower, but within the fifth that is allowed.",
    holds="Factors drawn like the original matrices, as published (claim cross-entropy-not-accelerated).",
    rewording="From the published start it is not lower by a fifth or more; from the plain network's own function it is at the same "
    "learning rate, mostly because its steps are larger, and with the best learning rate for each it is not.",
)
def test_init_multiverse(train, judge, budget):
    """The cross entropy loss of the overparameterized network does not outperform the cross entropy loss of the normal network [whatever the factors start from].

    Scope: products that start as the plain network's own matrices, so that both networks are the same function: matched (one factor
    is the plain matrix, the other the identity) or balanced (W₂'W₂ = W₁W₁'); all else as published, with one learning rate; late in
    training.

    The report does not say how factors are drawn. Its cited experiment, and our published protocol, draws each like the original
    matrix; the product is then another function, with other singular values. At standard budget networks are trained on 4,480
    digits. Each seed gives the logarithm of the ratio of the arms' cross-entropies over the last 20 %
    of the steps; "does not outperform" is judged as in claim cross-entropy-not-accelerated: not lower by a tenth of a decade or
    more. Explored beside: a plain network with the steps that matched factors take on average at the start. (A random orthogonal
    factor in place of the identity gives the same training but for rounding.) With 8 seeds, as first tried, planted violations were not found; there are 16.

    The specification curve shows three findings of section 3 under one change of the published protocol at a time, and some pairs:
    starts, the penalty on each factor or none, three factors, inner widths, convolutions over-parameterised too, no momentum (with
    ten times the learning rate, which is the same speed), step sizes (tuned for each on four other seeds, from the published and from the matched start; or the plain
    network at its twin's start with its effective step), batches, digits. Seeds are few there.
    """
    protocol, seeds = budget(**VARIED), budget.seeds(smoke=3, standard=8, paper=20)
    _judge_starts(judge, train, protocol, budget.seeds(smoke=3, standard=16, paper=20))
    half = budget(smoke=640, standard=2240, paper=27_500)
    few = budget.seeds(smoke=3, standard=4, paper=8)
    specifications = SPECIFICATIONS[: budget(smoke=6, standard=None, paper=None)]
    elsewhere, rest = ([each for each in specifications if each.elsewhere is is_so and not each.tuned] for is_so in (True, False))
    published = AS_PUBLISHED | {"network": protocol.architecture.name}
    known = _explore(judge, train, published, elsewhere, [_arms(protocol, each, half, {}) for each in elsewhere], seeds, {})
    _explore(judge, train, published, rest, [_arms(protocol, each, half, known) for each in rest], few, known)
    for other in budget(smoke=(), standard=OTHER_NETWORK["standard"], paper=OTHER_NETWORK["paper"]):
        _explore(
            judge, train, published, [other], [_arms(protocol, other, half, {})], budget.seeds(smoke=3, standard=3, paper=8), {}
        )
    tuned = [each for each in specifications if each.tuned]
    networks = list(dict.fromkeys(network for each in tuned for network in (each.plain, each.deep)))
    if tuned:
        arms = dict(zip(networks, tuned_arms(train, protocol, networks, seeds), strict=True))
        _explore(judge, train, published, tuned, [[arms[each.plain], arms[each.deep]] for each in tuned], seeds, {})


def _judge_starts(judge, train, protocol, seeds):
    networks = NORMAL, MATCHED_STEP, *STARTS.values()
    normal, step, *deep = train(*(protocol.arm(network) for network in networks), seeds=seeds)
    for start, runs in zip(STARTS, deep, strict=True):
        judge.not_lower(
            f"{start} start",
            LevelRatio(LATE),
            Curves(runs.steps, runs.cross_entropy),
            Curves(normal.steps, normal.cross_entropy),
            seeds=seeds,
            estimand="late cross-entropy on training digits, over-parameterised relative to normal",
            margin=Margin(0.1, "a tenth of a decade (21 % lower)"),
        )
        judge.curve("cross-entropy by start", start, "cross-entropy", runs.steps, runs.cross_entropy)
    for name, arms in {"matched step": (step, normal), "matched start beside it": (deep[0], step)}.items():
        judge.explore(
            name,
            LevelRatio(LATE),
            *(Curves(runs.steps, runs.cross_entropy) for runs in arms),
            seeds=seeds,
            estimand=CONTROLS[name],
        )
    judge.curve("cross-entropy by start", "normal", "cross-entropy", normal.steps, normal.cross_entropy)


def _explore(judge, train, published, specifications, pairs, seeds, known):
    """Note every specification, of a plain and an over-parameterised arm each, by its choices, and return the runs by arm.

    All arms are trained side by side, but for those whose runs are known, at these seeds or at more.
    """
    distinct = list(dict.fromkeys(arm for pair in pairs for arm in pair if arm not in known))
    runs = known | _by_arm(train, distinct, seeds)
    for specification, (plain, deep) in zip(specifications, pairs, strict=True):
        for outcome, (quantity, estimator, region, words) in OUTCOMES.items():
            judge.specification(
                "multiverse",
                estimator,
                *_curves(specification, (deep, plain), [late_curves(runs[arm], quantity, seeds) for arm in (deep, plain)]),
                outcome=outcome,
                choices=published | specification.choices,
                seeds=seeds,
                estimand=f"{words}, over-parameterised relative to normal",
                region=region,
                base=not specification.choices,
            )
    return runs


def _by_arm(train, arms, seeds):
    if not arms:
        return {}
    runs = train(*arms, seeds=seeds)
    return dict(zip(arms, [runs] if len(arms) == 1 else runs, strict=True))


def _curves(specification, arms, curves):
    return tuned_curves(arms, curves) if specification.tuned else curves


def _arms(protocol, specification, half, known):
    """Return the plain and the over-parameterised arm of a specification; where they are known in full, these."""
    protocol = replace(protocol, architecture=specification.architecture or protocol.architecture)
    changes = dict(specification.recipe) | ({"digits": half} if specification.choices.get("digits") == HALF else {})
    full, late = protocol.with_(**changes), protocol.with_(**changes, **READ_LATE)
    networks = specification.plain, specification.deep
    return [full.arm(each) if specification.elsewhere or full.arm(each) in known else late.arm(each) for each in networks]
