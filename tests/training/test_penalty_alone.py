"""The predicted penalty: beside a real training whose data cannot speak, and refused where it is not known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.arms import LENET5, NORMAL, OVERPARAMETERIZED
from models.networks import build
from tests.models.penalties import sum_of_powers
from tests.training.digits import EMBEDDED
from training.network import PUBLISHED
from training.penalty_alone import predicted_penalty
from training.recipe import PENALTY, Recipe
from training.sgd import train_members

SEEDS = [3, 4]
EPOCH = 100


@pytest.mark.parametrize("network", [NORMAL, OVERPARAMETERIZED], ids=lambda arm: arm.name)
def test_it_starts_where_training_starts_and_falls(network):
    arm = PUBLISHED["standard"].arm(network)
    digits = EMBEDDED.head(192)
    recipe = Recipe(epochs=1, records=2, evaluated=64)
    runs = train_members(LENET5, network, recipe, SEEDS, digits, digits.head(64))
    predicted = predicted_penalty(arm, SEEDS, np.array([0.0, 500.0, 1710.0]))
    np.testing.assert_allclose(predicted[:, 0], runs["penalty"][:, 0], rtol=1e-5)
    assert (np.diff(predicted, axis=1) < 0).all()


@pytest.mark.parametrize("network", [NORMAL, OVERPARAMETERIZED], ids=lambda arm: arm.name)
def test_momentum_descent_on_the_penalty_alone_follows_it(network):
    recipe = replace(PUBLISHED["standard"].recipe, epochs=4)
    arm, ensemble = replace(PUBLISHED["standard"].arm(network), recipe=recipe), build(LENET5, network, SEEDS)
    optimiser = torch.optim.SGD(ensemble.parameters(), lr=recipe.learning_rate, momentum=recipe.momentum)
    for step in range(EPOCH * recipe.epochs):
        optimiser.param_groups[0]["lr"] = recipe.learning_rate * recipe.decay ** (step // EPOCH)
        optimiser.zero_grad()
        (PENALTY / 2 * sum_of_powers(ensemble, ensemble.end_to_end())).sum().backward()
        optimiser.step()
    left = (PENALTY / 2 * sum_of_powers(ensemble, ensemble.end_to_end())).detach().numpy()
    predicted = predicted_penalty(arm, SEEDS, np.array([0.0, EPOCH * recipe.epochs]))
    np.testing.assert_allclose(left, predicted[:, 1], rtol=1e-3)
    assert (left < 0.9 * predicted[:, 0]).all() or network is NORMAL


@pytest.mark.parametrize("change", [{"power": 1}, {"penalized": "factors"}, {"penalty": 1e-3}], ids=str)
def test_other_penalties_are_refused_in_words(change):
    with pytest.raises(ValueError, match=r"known for half the squares of the product with the weight 0\.0005"):
        predicted_penalty(PUBLISHED["standard"].with_(**change).arm(NORMAL), SEEDS, np.array([0.0, 10.0]))


def test_products_of_three_are_refused_in_words():
    three = replace(OVERPARAMETERIZED, name="three", factors=3)
    with pytest.raises(ValueError, match="not for 3"):
        predicted_penalty(PUBLISHED["standard"].arm(three), SEEDS, np.array([0.0, 10.0]))
