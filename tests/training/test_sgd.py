"""The ensemble trainer beside the loop that a reader of the tutorial would write, one seed and one model at a time."""

from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from models.arms import LENET5, NORMAL, OVERPARAMETERIZED, Arm
from models.networks import Ensemble, build, cross_entropies
from models.streams import stream
from tests.models.penalties import sum_of_powers
from tests.training.digits import EMBEDDED
from training.recipe import PENALTY, Recipe
from training.sgd import _batches, _slope, _Update, train_members

DIGITS = EMBEDDED.head(192)
HELD_OUT = EMBEDDED.head(292).split(192)[0]
SEEDS = [5, 6, 7]
RECIPE = Recipe(epochs=2, records=4, evaluated=128)
TOLERANCE = 1e-4
"""Relative; the ensemble sums in another order, in float32, over six steps with momentum."""


@dataclass
class Case:
    """An arm, and what is changed in the recipe."""

    arm: Arm
    changes: dict = field(default_factory=dict)

    @property
    def recipe(self):
        return replace(RECIPE, **self.changes)


THREE = Arm(name="three", factors=3, start="balanced")
EVERYWHERE = Arm(name="everywhere", factors=2, layers="all")
SAME_STEP = Arm(name="same step", step="effective", like=OVERPARAMETERIZED)
CASES = {
    "normal": Case(NORMAL),
    "overparameterized": Case(OVERPARAMETERIZED),
    "matched": Case(replace(OVERPARAMETERIZED, start="matched")),
    "balanced": Case(replace(OVERPARAMETERIZED, start="balanced")),
    "orthogonal": Case(replace(OVERPARAMETERIZED, start="orthogonal")),
    "wide": Case(replace(OVERPARAMETERIZED, inner=1.5)),
    "narrow": Case(replace(OVERPARAMETERIZED, inner=0.5)),
    "rescaled": Case(replace(OVERPARAMETERIZED, rescale=1.5)),
    "three factors": Case(THREE),
    "all layers": Case(EVERYWHERE),
    "all layers, three balanced factors": Case(replace(THREE, layers="all")),
    "start of a product": Case(Arm(name="same start", start="product", like=OVERPARAMETERIZED)),
    "step of a product": Case(SAME_STEP),
    "start and step of three factors everywhere": Case(
        replace(SAME_STEP, start="product", like=replace(THREE, layers="all", start="published"))
    ),
    "penalty on factors": Case(OVERPARAMETERIZED, {"penalized": "factors"}),
    "penalty on three factors everywhere": Case(replace(THREE, layers="all"), {"penalized": "factors", "power": 3}),
    "penalty on plain factors": Case(NORMAL, {"penalized": "factors"}),
    "l1": Case(OVERPARAMETERIZED, {"power": 1, "penalty": 1e-4}),
    "l3": Case(OVERPARAMETERIZED, {"power": 3, "penalty": 1e-2}),
    "l4": Case(OVERPARAMETERIZED, {"power": 4, "penalty": 1e-1}),
    "without penalty": Case(OVERPARAMETERIZED, {"penalty": 0.0}),
    "without momentum": Case(OVERPARAMETERIZED, {"momentum": 0.0, "learning_rate": 0.05}),
    "without momentum, step of a product": Case(SAME_STEP, {"momentum": 0.0}),
    "fewer digits, smaller batches": Case(OVERPARAMETERIZED, {"digits": 150, "batch": 48}),
}


class Plain(nn.Module):
    """LeNet-5 for one seed; a layer is a list of matrices, applied as their product, and a convolution's is reshaped."""

    def __init__(self, seed, arm):
        super().__init__()
        drawn = {name: p.detach().clone() for name, p in build(LENET5, arm, [seed]).named_parameters()}
        self.factors = nn.ParameterDict({name.replace(".", "_"): factors(drawn, name) for name in LENET5.matrices})
        self.bias = nn.ParameterDict({name.replace(".", "_"): drawn[f"{name}.bias"].flatten() for name in LENET5.matrices})

    def weight(self, name):
        return reduce(lambda whole, factor: factor @ whole, self.factors[name])

    def convolved(self, name, maps, padding):
        kernel = self.weight(name).reshape(len(self.bias[name]), maps.shape[1], 5, 5)
        return functional.max_pool2d(functional.relu(functional.conv2d(maps, kernel, self.bias[name], padding=padding)), 2)

    def forward(self, images, keep=None):
        h = self.convolved("conv_1", self.convolved("conv_0", images, 2), 0).flatten(1)
        h = functional.relu(functional.linear(h, self.weight("dense_0"), self.bias["dense_0"]))
        h = functional.relu(functional.linear(h, self.weight("dense_1"), self.bias["dense_1"]))
        return functional.linear(h if keep is None else h * keep, self.weight("dense_2"), self.bias["dense_2"])

    def size(self, power, penalized="product"):
        dense = [f"dense_{i}" for i in range(3)]
        held = [self.weight(n) for n in dense] if penalized == "product" else [f for n in dense for f in self.factors[n]]
        return sum((p.abs() ** power).sum() for p in [*held, *(self.bias[n] for n in dense)])


def factors(drawn, name):
    found = [value for each, value in drawn.items() if each.startswith(name) and not each.endswith("bias")]
    return nn.ParameterList(value if value.dim() == 2 else value.flatten(1) if value.dim() == 4 else value[0] for value in found)


def multiplier(arm, name, seed):
    """Return the mean eigenvalue of the kernel of the arm's twin, for two or three factors, as the formula is printed."""
    if arm.step == "shared" or not arm.like.splits(name.replace("_", ".")):
        return 1.0
    w = [factor.detach().double().numpy() for factor in Plain(seed, arm.like).factors[name]]
    out, before = len(w[-1]), w[0].shape[1]
    if len(w) == 2:
        return (w[1] ** 2).sum() / out + (w[0] ** 2).sum() / before
    middle = (w[2] ** 2).sum() * (w[0] ** 2).sum() / (out * before)
    return ((w[2] @ w[1]) ** 2).sum() / out + middle + ((w[1] @ w[0]) ** 2).sum() / before


def groups(network, arm, seed):
    matrices = {name: network.factors[name] for name in network.factors}
    own = [{"params": list(held), "times": multiplier(arm, name, seed)} for name, held in matrices.items()]
    return [*own, {"params": list(network.bias.values()), "times": 1.0}]


def plain_loop(seed, case):
    network, recipe, digits = Plain(seed, case.arm), case.recipe, DIGITS.head(case.recipe.digits or len(DIGITS))
    optimiser = torch.optim.SGD(groups(network, case.arm, seed), lr=0.1, momentum=recipe.momentum)
    images, labels = torch.from_numpy(digits.pixels())[:, None], torch.from_numpy(digits.labels.astype(np.int64))
    order, dropout = stream(seed, "order"), stream(seed, "dropout")
    for epoch in range(recipe.epochs):
        for group in optimiser.param_groups:
            group["lr"] = group["times"] * recipe.learning_rate * 0.95**epoch
        shuffled = order.permutation(len(digits))
        for start in range(0, len(digits) - recipe.batch + 1, recipe.batch):
            rows = shuffled[start : start + recipe.batch]
            keep = torch.from_numpy((dropout.random((recipe.batch, 84)) >= 0.5) * 2.0).float()
            loss = functional.cross_entropy(network(images[rows], keep), labels[rows])
            if recipe.penalty:
                loss = loss + recipe.penalty / recipe.power * network.size(recipe.power, recipe.penalized)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        final = functional.cross_entropy(network(images[:128]), labels[:128])
        return float(final), [float(network.size(power)) for power in (1, 2, 3, 4)]


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES.keys())
def case(request):
    torch.set_num_threads(1)
    return request.param


@pytest.fixture(scope="module")
def ensemble(case):
    return trained(case)


def trained(case, seeds=SEEDS):
    return train_members(LENET5, case.arm, case.recipe, seeds, DIGITS, HELD_OUT)


# ---- each member is one training --------------------------------------------------------------------------------


def test_the_ensemble_gives_the_numbers_of_the_plain_loop(case, ensemble):
    for member, seed in enumerate(SEEDS):
        cross_entropy, powers = plain_loop(seed, case)
        assert ensemble["cross_entropy"][member, -1] == pytest.approx(cross_entropy, rel=TOLERANCE)
        assert ensemble["powers"][member, -1] == pytest.approx(powers, rel=TOLERANCE)
        assert ensemble["penalty"][member, -1] == pytest.approx(PENALTY / 2 * powers[1], rel=TOLERANCE)


def test_the_same_seeds_give_the_same_bits(case, ensemble):
    again = trained(case)
    assert all(np.array_equal(again[name], ensemble[name]) for name in ensemble)


@pytest.mark.parametrize("seeds", [[6], [8, 9, 5, 7, 6]], ids=["alone", "last of five"])
def test_a_member_has_the_same_bits_wherever_it_is_and_among_how_many(case, ensemble, seeds):
    other = trained(case, seeds)
    for name in ensemble.keys() - {"steps"}:
        found, expected = other[name][seeds.index(6)], ensemble[name][SEEDS.index(6)]
        if case.arm.layers == "all":
            # A kernel's factors are so small that they lie across the processor's vectors otherwise in another place of the
            # stack: where there is no AVX-512, libraries round their products accordingly.
            assert found == pytest.approx(expected, rel=1e-6)
        elif name in ("powers", "squares", "penalty"):
            assert found == pytest.approx(expected, rel=1e-15)  # sums of the same float32 numbers, in another order
        else:
            assert np.array_equal(found, expected), name


def test_records_run_from_the_start_to_the_last_step(case, ensemble):
    steps = ensemble["steps"]
    assert steps.tolist() == case.recipe.record_steps(case.recipe.digits or 192).tolist() and steps[0] == 0
    shapes = {name: values.shape for name, values in ensemble.items() if name != "steps"}
    rows = {name: (3, 4) for name in ("cross_entropy", "penalty", "accuracy", "held_out")}
    assert shapes == rows | {"powers": (3, 4, 4), "squares": (3, 4, 3)}
    assert {values.dtype for values in ensemble.values()} == {np.dtype(np.float64)}
    assert all(np.isfinite(values).all() for values in ensemble.values())


# ---- what is recorded -------------------------------------------------------------------------------------------


def test_sums_of_squares_without_biases_are_those_of_each_matrix():
    runs = train_members(LENET5, OVERPARAMETERIZED, RECIPE, [5, 6], DIGITS)
    network = build(LENET5, OVERPARAMETERIZED, [5, 6])
    matrices = [matrix.detach().double() for matrix in network.end_to_end()]
    squares = np.stack([matrix.square().sum(dim=(1, 2)).numpy() for matrix in matrices], axis=1)
    assert runs["squares"][:, 0] == pytest.approx(squares, rel=1e-13)
    biases = 0.01 * (120 + 84 + 10)
    assert runs["powers"][:, 0, 1] == pytest.approx(squares.sum(axis=1) + biases, rel=1e-7)


def test_accuracies_are_shares_of_their_own_digits():
    runs = train_members(LENET5, NORMAL, RECIPE, [5], DIGITS, HELD_OUT)
    network = build(LENET5, NORMAL, [5])
    for name, digits in (("accuracy", DIGITS.head(128)), ("held_out", HELD_OUT)):
        with torch.no_grad():
            guessed = network(torch.from_numpy(digits.pixels())[:, None], network.end_to_end())[0].argmax(dim=1)
        assert runs[name][0, 0] == pytest.approx((guessed.numpy() == digits.labels).mean())


def test_held_out_digits_are_looked_at_six_times_at_most():
    runs = train_members(LENET5, NORMAL, replace(RECIPE, epochs=4, records=12, evaluated=64), [5, 6], DIGITS, HELD_OUT)
    assert len(runs["steps"]) > 6 and runs["held_out"].shape == (2, 6)
    without = train_members(LENET5, NORMAL, replace(RECIPE, epochs=4, records=12, evaluated=64), [5, 6], DIGITS)
    assert "held_out" not in without and np.array_equal(without["cross_entropy"], runs["cross_entropy"])


def test_fewer_digits_are_the_first_ones():
    some = train_members(LENET5, NORMAL, replace(RECIPE, digits=128), [5], DIGITS)
    alone = train_members(LENET5, NORMAL, RECIPE, [5], DIGITS.head(128))
    assert all(np.array_equal(some[name], alone[name]) for name in alone)


# ---- pairing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["overparameterized", "all layers", "three factors", "step of a product", "penalty on factors"])
def test_arms_see_the_same_batches_and_dropout_masks(monkeypatch, name):
    seen = []
    forward = Ensemble.forward

    def spied(self, images, matrices, keep=None):
        if keep is not None:
            seen.append((images.clone(), keep.clone()))
        return forward(self, images, matrices, keep)

    monkeypatch.setattr(Ensemble, "forward", spied)
    for case in (CASES["normal"], CASES[name]):
        trained(case)
    assert len(seen) == 12
    for ours, theirs in zip(seen[:6], seen[6:], strict=True):
        assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


def test_a_members_batches_and_masks_are_its_seeds_own():
    together, alone = (list(_batches(RECIPE, 84, seeds, DIGITS, "cpu")) for seeds in (SEEDS, [6]))
    for (images, labels, keep), (image, label, kept) in zip(together, alone, strict=True):
        assert torch.equal(images[:, 1], image[:, 0]) and torch.equal(labels[1], label[0]) and torch.equal(keep[1], kept[0])
    assert not torch.equal(together[0][1][0], together[0][1][1])


# ---- descent ----------------------------------------------------------------------------------------------------


def objective(network, recipe, batch):
    """Return cross-entropy and penalty as one would write them down, (members,)."""
    images, labels, keep = batch
    matrices = network.end_to_end()
    penalized = matrices if recipe.penalized == "product" else network.factors()
    penalty = recipe.penalty / recipe.power * sum_of_powers(network, penalized, recipe.power)
    return cross_entropies(network(images, matrices, keep), labels) + penalty


@pytest.mark.parametrize(
    ("arm", "changes"),
    [
        (NORMAL, {"power": 1.5}),
        (NORMAL, {"power": 3}),
        (OVERPARAMETERIZED, {"power": 4}),
        (replace(THREE, layers="all"), {"power": 2, "penalized": "factors"}),
        (replace(EVERYWHERE, inner=1.5), {"power": 3, "penalized": "factors"}),
    ],
    ids=["plain, l1.5", "plain, l3", "two factors, l4", "three factors everywhere", "wide factors, l3 on each"],
)
def test_gradients_are_those_of_finite_differences(arm, changes):
    network = build(replace(LENET5, dense=(400, 12, 10)), arm, [5]).double()
    recipe = replace(RECIPE, penalty=0.1, **changes)
    update = _Update(network, recipe, {})
    images, labels, keep = next(_batches(replace(RECIPE, batch=8), 12, [5], DIGITS, "cpu"))
    batch = (images.double(), labels, keep.double())
    update.losses(*batch).sum().backward()
    for name, parameter in network.named_parameters():
        flat, slope = parameter.detach().flatten(), parameter.grad.flatten()
        place = int(slope.abs().argmax())
        beside = []
        for shift in (1e-6, -1e-6):
            with torch.no_grad():
                kept = parameter.data
                parameter.data = (flat + shift * torch.eye(1, len(flat), dtype=torch.float64).roll(place)[0]).reshape(kept.shape)
                beside.append(objective(network, recipe, batch).item())
                parameter.data = kept
        assert slope[place].item() == pytest.approx((beside[0] - beside[1]) / 2e-6, rel=1e-6, abs=1e-8), name


@pytest.mark.parametrize("power", [1, 1.5, 2, 3, 4])
def test_the_penalty_pulls_no_weight_that_is_zero(power):
    assert (_slope(torch.zeros(3, 4), power) == 0).all()


def test_matched_and_orthogonal_starts_take_the_same_way_and_a_balanced_one_another():
    longer = {"epochs": 6, "learning_rate": 0.05}
    runs = {start: trained(Case(CASES[start].arm, longer)) for start in ("matched", "orthogonal", "balanced")}
    for name in ("cross_entropy", "powers", "squares"):
        apart = {start: np.abs(runs[start][name] / runs["matched"][name] - 1).max() for start in ("orthogonal", "balanced")}
        assert apart["orthogonal"] < 1e-6 < 1e-3 < apart["balanced"], name  # float32 rounds at 6e-8


def test_penalties_of_one_weight_pull_the_sum_they_are_of():
    free = trained(CASES["without penalty"])["powers"][:, -1]
    for power in (1, 2, 3, 4):
        pulled = trained(Case(OVERPARAMETERIZED, {"power": power, "penalty": 1e-3}))["powers"][:, -1]
        assert (pulled[:, power - 1] < free[:, power - 1]).all()


@pytest.mark.parametrize("recorded_from", [0.0, 1.0])
def test_progress_is_told_as_a_share_whatever_is_recorded(recorded_from):
    told = []
    train_members(LENET5, NORMAL, replace(RECIPE, recorded_from=recorded_from), [5], DIGITS, progress=told.append)
    assert told == pytest.approx(np.arange(1, 7) / 6)


def test_progress_of_many_steps_is_told_forty_times(monkeypatch):
    told = []
    monkeypatch.setattr(_Update, "__call__", lambda *step: None)
    train_members(LENET5, NORMAL, replace(RECIPE, epochs=100, records=3), [5], DIGITS, progress=told.append)
    assert len(told) == 40 and told[-1] == 1 and np.diff(told) == pytest.approx(1 / 40, abs=1 / 300)
