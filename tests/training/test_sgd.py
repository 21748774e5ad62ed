"""The ensemble trainer beside the loop that a reader of the tutorial would write, one seed and one model at a time."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from models.arms import LENET5, NORMAL, OVERPARAMETERIZED
from models.mnist import embedded_digits
from models.networks import build
from models.streams import stream
from training.recipe import PENALTY, Recipe
from training.sgd import train_members

DIGITS = embedded_digits().head(192)
RECIPE = Recipe(epochs=2, records=4, evaluated=128)
TOLERANCE = 1e-4
"""Relative; the ensemble sums in another order, in float32, over six steps with momentum."""


class Plain(nn.Module):
    """LeNet-5 for one seed; a dense layer is a list of one or two matrices, applied as their product."""

    def __init__(self, seed, arm):
        super().__init__()
        drawn = {name: p.detach().clone() for name, p in build(LENET5, arm, [seed]).named_parameters()}
        self.conv = nn.ModuleList([nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)])
        for i, layer in enumerate(self.conv):
            layer.weight.data, layer.bias.data = drawn[f"conv.{i}.weight"], drawn[f"conv.{i}.bias"]
        self.bias = nn.ParameterList(drawn[f"dense.{i}.bias"][0, 0] for i in range(3))
        self.factors = nn.ModuleList(nn.ParameterList(factors(drawn, i, arm)) for i in range(3))

    def matrices(self):
        return [f[0] if len(f) == 1 else f[1] @ f[0] for f in self.factors]

    def forward(self, images, keep=None):
        h = images
        for layer in self.conv:
            h = functional.max_pool2d(functional.relu(layer(h)), 2)
        h = h.flatten(1)
        first, second, last = self.matrices()
        h = functional.relu(functional.linear(h, first, self.bias[0]))
        h = functional.relu(functional.linear(h, second, self.bias[1]))
        return functional.linear(h if keep is None else h * keep, last, self.bias[2])

    def penalty(self):
        return PENALTY / 2 * sum(p.square().sum() for p in [*self.matrices(), *self.bias])


def factors(drawn, i, arm):
    if not arm.overparameterized:
        return [drawn[f"dense.{i}.weight"][0]]
    return [drawn[f"dense.{i}.parametrizations.weight.original{k}"][0] for k in (0, 1)]


def plain_loop(seed, arm, penalized=True):
    network = Plain(seed, arm)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    images, labels = torch.from_numpy(DIGITS.pixels())[:, None], torch.from_numpy(DIGITS.labels.astype(np.int64))
    order, dropout = stream(seed, "order"), stream(seed, "dropout")
    for epoch in range(RECIPE.epochs):
        optimiser.param_groups[0]["lr"] = 0.01 * 0.95**epoch
        shuffled = order.permutation(len(DIGITS))
        for start in range(0, len(DIGITS), 64):
            rows = shuffled[start : start + 64]
            keep = torch.from_numpy((dropout.random((64, 84)) >= 0.5) * 2.0).float()
            loss = functional.cross_entropy(network(images[rows], keep), labels[rows])
            loss = loss + network.penalty() if penalized else loss
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        final = functional.cross_entropy(network(images[:128]), labels[:128])
        return float(final), float(network.penalty())


@pytest.fixture(scope="module", params=[NORMAL, OVERPARAMETERIZED], ids=lambda arm: arm.name)
def arm(request):
    torch.set_num_threads(1)
    return request.param


@pytest.fixture(scope="module")
def ensemble(arm):
    return train_members(LENET5, arm, RECIPE, [5, 6, 7], DIGITS)


def test_the_ensemble_gives_the_numbers_of_the_plain_loop(arm, ensemble):
    for member, seed in enumerate((5, 6, 7)):
        cross_entropy, penalty = plain_loop(seed, arm)
        assert ensemble["cross_entropy"][member, -1] == pytest.approx(cross_entropy, rel=TOLERANCE)
        assert ensemble["penalty"][member, -1] == pytest.approx(penalty, rel=TOLERANCE)


def test_an_ensemble_of_three_is_three_ensembles_of_one(arm, ensemble):
    alone = train_members(LENET5, arm, RECIPE, [6], DIGITS)
    assert alone["cross_entropy"][0] == pytest.approx(ensemble["cross_entropy"][1], rel=TOLERANCE)


def test_the_same_seeds_give_the_same_bits(arm, ensemble):
    again = train_members(LENET5, arm, RECIPE, [5, 6, 7], DIGITS)
    assert all(np.array_equal(again[name], ensemble[name]) for name in ensemble)


def test_without_weight_the_penalty_is_recorded_and_not_trained_on(arm):
    free = train_members(LENET5, arm, Recipe(epochs=2, records=4, evaluated=128, penalty=0.0), [5], DIGITS)
    cross_entropy, penalty = plain_loop(5, arm, penalized=False)
    assert free["cross_entropy"][0, -1] == pytest.approx(cross_entropy, rel=TOLERANCE)
    assert free["penalty"][0, -1] == pytest.approx(penalty, rel=TOLERANCE)


def test_records_run_from_the_start_to_the_last_step(ensemble):
    assert ensemble["steps"].tolist() == RECIPE.record_steps(len(DIGITS)).tolist() == [0, 1, 3, 6]
    assert ensemble["cross_entropy"].shape == (3, 4) and ensemble["cross_entropy"].dtype == np.float64
    assert ((ensemble["accuracy"] >= 0) & (ensemble["accuracy"] <= 1)).all()
