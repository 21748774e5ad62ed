"""Steps of training beside the loop one would write: same network, seeds and number of steps. Times are reported, not judged.

LeNet-5 takes a hundred steps, 25 of each of four seeds: the milliseconds shown are hundredths for each member and step. The
tutorial's network takes twenty, 5 of each of four seeds; its tables show what over-parameterising costs, in the obvious loop,
which forms each product twice a step, for the forward pass and for the penalty, and in this project's trainer. The loop beside
LeNet-5 forms it once. Drawing the start and recording are not timed; drawing batches and masks is.
"""

from functools import cache

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from models.arms import LENET5, NORMAL, OVERPARAMETERIZED, TUTORIAL
from models.mnist import embedded_digits
from models.networks import build
from models.streams import stream
from training.recipe import PENALTY, Recipe
from training.sgd import _batches, _Update, train_members

SEEDS = [0, 1, 2, 3]
ARMS = {"params": [NORMAL, OVERPARAMETERIZED], "ids": lambda arm: arm.name}
STEPS = {LENET5: 25, TUTORIAL: 5}
RECIPE = Recipe(epochs=1, records=2, evaluated=64)


@cache
def digits_for(architecture):
    return embedded_digits().head(RECIPE.batch * STEPS[architecture])


# ---- the loop one would write -----------------------------------------------------------------------------------


class Plain(nn.Module):
    """One network, with dense matrices as they are or as products of two."""

    def __init__(self, architecture, overparameterized):
        super().__init__()
        sizes = zip((1, *architecture.channels), architecture.channels, architecture.paddings, strict=False)
        self.conv = nn.ModuleList(nn.Conv2d(before, after, 5, padding=padding) for before, after, padding in sizes)
        self.dense = nn.ModuleList(
            Factored(*widths) if overparameterized else nn.Linear(*widths)
            for widths in zip(architecture.dense, architecture.dense[1:], strict=False)
        )

    def matrices(self):
        return [layer.weight for layer in self.dense]

    def forward(self, images, matrices, drop):
        features = images
        for layer in self.conv:
            features = functional.max_pool2d(functional.relu(layer(features)), 2)
        features = features.flatten(1)
        *hidden, last = zip(matrices, (layer.bias for layer in self.dense), strict=True)
        for matrix, bias in hidden:
            features = functional.relu(functional.linear(features, matrix, bias))
        return functional.linear(drop(features), *last)


class Factored(nn.Module):
    """A dense layer whose matrix is a product of two, formed whenever it is read."""

    def __init__(self, before, after):
        super().__init__()
        self.first = nn.Parameter(torch.randn(after, before) / 10)
        self.second = nn.Parameter(torch.randn(after, after) / 10)
        self.bias = nn.Parameter(torch.full((after,), 0.1))

    @property
    def weight(self):
        return self.second @ self.first


def train_plain(network, batches, *, products):
    """Train on batches of images, labels and what drops features, forming each product once or twice a step."""
    optimiser = torch.optim.SGD(network.parameters(), lr=RECIPE.learning_rate, momentum=RECIPE.momentum)
    for images, labels, drop in batches:
        matrices = network.matrices()
        loss = functional.cross_entropy(network(images, matrices, drop), labels)
        penalized = matrices if products == 1 else network.matrices()
        squares = sum(each.square().sum() for each in (*penalized, *(layer.bias for layer in network.dense)))
        optimiser.zero_grad()
        (loss + PENALTY / 2 * squares).backward()
        optimiser.step()


def shuffled(digits):
    """Yield batches as one would draw them, with torch's dropout."""
    images, labels = tensors(digits)
    for rows in torch.randperm(len(digits)).split(RECIPE.batch):
        yield images[rows], labels[rows], functional.dropout


def as_in_the_ensemble(digits, seed, width):
    """Yield the batches and masks of a member of the ensemble."""
    images, labels = tensors(digits)
    order, masks = stream(seed, "order"), stream(seed, "dropout")
    for rows in torch.from_numpy(order.permutation(len(digits))).split(RECIPE.batch):
        keep = torch.from_numpy(masks.random((RECIPE.batch, width)) >= RECIPE.dropout)
        yield images[rows], labels[rows], lambda features, keep=keep: features * keep / (1 - RECIPE.dropout)


def tensors(digits):
    return torch.from_numpy(digits.pixels())[:, None], torch.from_numpy(digits.labels.astype(np.int64))


def plain_of_seed(architecture, arm, seed):
    """Return the plain network that starts as a member of the ensemble does."""
    network = Plain(architecture, arm.factors > 1)
    names = {"parametrizations.weight.original0": "first", "parametrizations.weight.original1": "second"}
    state = {}
    for name, value in build(architecture, arm, [seed]).state_dict().items():
        kind, place, rest = name.split(".", 2)
        name = f"{kind}.{place}.{names.get(rest, rest)}"
        state[name] = value.reshape(network.get_parameter(name).shape)
    network.load_state_dict(state)
    return network


# ---- timings ----------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def one_core():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(**ARMS)
def arm(request):
    return request.param


def plain_loop(architecture, arm, products):
    """Return a function that trains one network after another, for some steps more at each call."""
    digits, networks = digits_for(architecture), [Plain(architecture, arm.factors > 1) for _ in SEEDS]

    def train():
        for network in networks:
            train_plain(network, shuffled(digits), products=products)

    return train


def ensemble(architecture, arm):
    """Return a function that trains all networks at once, for some steps more at each call."""
    update, digits = _Update(build(architecture, arm, SEEDS), RECIPE, {}), digits_for(architecture)

    def train():
        for batch in _batches(RECIPE, architecture.dense[-2], SEEDS, digits, "cpu"):
            update(batch, epoch=0)

    return train


def test_plain_loop(benchmark, arm):
    benchmark.group = f"LeNet-5, {arm.name}: 25 steps of 4 seeds at batch 64 on one core"
    benchmark.pedantic(plain_loop(LENET5, arm, products=1), rounds=7, warmup_rounds=1)


def test_ensemble(benchmark, arm):
    benchmark.group = f"LeNet-5, {arm.name}: 25 steps of 4 seeds at batch 64 on one core"
    benchmark.pedantic(ensemble(LENET5, arm), rounds=7, warmup_rounds=1)


def test_obvious_loop_on_the_tutorials_network(benchmark, arm):
    benchmark.group = "The tutorial's network, obvious loop: 5 steps of 4 seeds at batch 64 on one core"
    benchmark.pedantic(plain_loop(TUTORIAL, arm, products=2), rounds=5, warmup_rounds=1)


def test_ensemble_of_the_tutorials_network(benchmark, arm):
    benchmark.group = "The tutorial's network, this trainer: 5 steps of 4 seeds at batch 64 on one core"
    benchmark.pedantic(ensemble(TUTORIAL, arm), rounds=5, warmup_rounds=1)


# ---- what is timed is the same training -------------------------------------------------------------------------


@pytest.mark.parametrize("products", [1, 2])
def test_on_the_same_batches_and_masks_both_reach_the_same_losses(arm, products):
    digits = digits_for(LENET5)
    images, labels = tensors(digits.head(RECIPE.evaluated))
    alone = []
    for seed in SEEDS:
        network = plain_of_seed(LENET5, arm, seed)
        train_plain(network, as_in_the_ensemble(digits, seed, LENET5.dense[-2]), products=products)
        with torch.no_grad():
            logits = network(images, network.matrices(), lambda features: features)
            alone.append(functional.cross_entropy(logits, labels).item())
    together = train_members(LENET5, arm, RECIPE, SEEDS, digits)["cross_entropy"]
    assert alone == pytest.approx(together[:, -1], rel=1e-3)
