"""The networks start as the published ones do, and over-parameterising them changes nothing but their factors."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from models.arms import LENET5, NORMAL, OVERPARAMETERIZED, TUTORIAL
from models.networks import Ensemble, build, cross_entropies, overparameterize
from models.streams import stream, truncated_normal
from training.recipe import PENALTY

ARMS = [NORMAL, OVERPARAMETERIZED]
by_name = {"ids": lambda value: value.name}
SMALL = replace(LENET5, dense=(400, 12, 10))


def images(members, batch=3):
    return torch.from_numpy(np.random.default_rng(0).uniform(-0.5, 0.5, (batch, members, 28, 28)).astype(np.float32))


@pytest.fixture(scope="module")
def tutorial():
    return {arm.name: build(TUTORIAL, arm, seeds=[1000]) for arm in ARMS}


def parameters(network):
    return dict(network.named_parameters())


def matrices_in(network):
    return {name: value for name, value in parameters(network).items() if "bias" not in name}


# ---- draws ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", ARMS, **by_name)
def test_every_matrix_and_factor_has_the_true_deviation_of_a_truncated_normal(tutorial, arm):
    for name, value in matrices_in(tutorial[arm.name]).items():
        assert value.std().item() == pytest.approx(0.088, rel=0.06 if value.numel() < 2000 else 0.03), name
        assert value.abs().max().item() <= 0.2 + 1e-7


@pytest.mark.parametrize("arm", ARMS, **by_name)
def test_biases_start_as_in_the_tutorial(tutorial, arm):
    biases = {name: value.unique().tolist() for name, value in parameters(tutorial[arm.name]).items() if "bias" in name}
    tenth = [pytest.approx(0.1)]
    assert biases == {"conv.0.bias": [0.0], "conv.1.bias": tenth, "dense.0.bias": tenth, "dense.1.bias": tenth}


def test_arms_share_convolutions_and_biases_at_the_same_seed():
    normal, product = (parameters(build(LENET5, arm, seeds=[5, 6])) for arm in ARMS)
    shared = normal.keys() & product.keys()
    assert shared == {f"conv.{i}.{part}" for i in (0, 1) for part in ("weight", "bias")} | {f"dense.{i}.bias" for i in range(3)}
    assert all(torch.equal(normal[name], product[name]) for name in shared)


@pytest.mark.parametrize("arm", ARMS, **by_name)
def test_different_seeds_draw_different_matrices(arm):
    one, other = (matrices_in(build(LENET5, arm, seeds=[seed])) for seed in (5, 6))
    assert not any(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("arm", ARMS, **by_name)
def test_no_two_parameters_of_a_network_are_drawn_alike(arm):
    firsts = [value.flatten()[:4].tolist() for value in matrices_in(build(LENET5, arm, seeds=[5])).values()]
    assert len({tuple(first) for first in firsts}) == len(firsts)


@pytest.mark.parametrize("arm", ARMS, **by_name)
def test_a_member_starts_as_it_would_alone(arm):
    network = build(LENET5, arm, seeds=[5, 6, 7])
    for name, value in parameters(build(LENET5, arm, seeds=[6])).items():
        together = parameters(network)[name]
        assert torch.equal(together.reshape(3, -1)[1], value.flatten()), name


def test_truncated_draws_lie_within_two_deviations_and_lose_an_eighth():
    draws = truncated_normal(stream(0, "check"), (200_000,), std=0.1)
    assert np.abs(draws).max() <= 0.2
    assert draws.std() == pytest.approx(0.08796, rel=0.01)
    assert abs(draws.mean()) < 0.001


# ---- the published numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arm", "published"), [("normal", 3.11), ("overparameterized", 12.29)])
def test_the_penalty_at_the_start_is_that_of_the_tutorial_network(tutorial, arm, published):
    with torch.no_grad():
        squares = tutorial[arm].sum_of_squares(tutorial[arm].end_to_end())
    assert (PENALTY / 2 * squares).item() == pytest.approx(published, rel=0.01)


def test_over_parameterising_the_tutorial_network_adds_15_8_per_cent_of_all_parameters(tutorial):
    normal, product = (sum(p.numel() for p in tutorial[arm.name].parameters()) for arm in ARMS)
    assert product - normal == 512**2 + 10**2
    assert 100 * (product / normal - 1) == pytest.approx(15.8, abs=0.05)


# ---- over-parameterisation --------------------------------------------------------------------------------------


def test_over_parameterising_keeps_the_function():
    network = build(LENET5, NORMAL, seeds=[1, 2])
    with torch.no_grad():
        before = network(images(2), network.end_to_end())
        overparameterize(network)
        assert torch.equal(network(images(2), network.end_to_end()), before)


def test_the_layer_weight_is_the_product_of_its_factors():
    network = build(SMALL, OVERPARAMETERIZED, seeds=[1, 2])
    factors = network.dense[0].parametrizations.weight
    assert factors.original0.shape == (2, 12, 400)
    assert factors.original1.shape == (2, 12, 12)
    assert torch.equal(network.dense[0].weight, torch.bmm(factors.original1, factors.original0))


def test_the_penalty_is_that_of_the_product_and_of_the_biases():
    network = build(SMALL, OVERPARAMETERIZED, seeds=[1, 2])
    with torch.no_grad():
        found = network.sum_of_squares(network.end_to_end())
        expected = sum((layer.weight**2).sum(dim=(1, 2)) + (layer.bias**2).sum(dim=(1, 2)) for layer in network.dense)
    torch.testing.assert_close(found, expected)


def test_convolutions_pay_no_penalty():
    network = build(SMALL, NORMAL, seeds=[1])
    with torch.no_grad():
        before = network.sum_of_squares(network.end_to_end())
        network.conv[0].weight.mul_(10)
        assert torch.equal(network.sum_of_squares(network.end_to_end()), before)


# ---- the function -----------------------------------------------------------------------------------------------


def one_by_one(network, member, pictures, pool_first):
    """Compute one member's outputs with plain torch functions, with ReLU and pooling in either order."""
    maps, n = pictures[:, member : member + 1], network.members
    for layer in network.conv:
        weight, bias = (value.reshape(n, -1, *value.shape[1:])[member] for value in (layer.weight, layer.bias))
        maps = functional.conv2d(maps, weight, bias, padding=layer.padding)
        maps = functional.max_pool2d(maps, 2).relu() if pool_first else functional.max_pool2d(maps.relu(), 2)
    features = maps.flatten(1)
    for i, layer in enumerate(network.dense):
        features = functional.linear(features.relu() if i else features, layer.weight[member], layer.bias[member, 0])
    return features


@pytest.mark.parametrize("arm", ARMS, **by_name)
@pytest.mark.parametrize("pool_first", [True, False], ids=["pooling first", "ReLU first"])
def test_an_ensemble_computes_what_each_member_does_with_pooling_before_or_after_relu(arm, pool_first):
    network = build(LENET5, arm, seeds=[1, 2, 3])
    with torch.no_grad():
        together = network(images(3), network.end_to_end())
        apart = [one_by_one(network, member, images(3), pool_first) for member in range(3)]
    torch.testing.assert_close(together, torch.stack(apart), rtol=1e-5, atol=1e-6)


def test_pooling_before_relu_gives_the_same_bits_as_after():
    maps = torch.randn(2, 6, 28, 28, generator=torch.Generator().manual_seed(0))
    assert torch.equal(functional.max_pool2d(maps, 2).relu(), functional.max_pool2d(maps.relu(), 2))


@pytest.mark.parametrize("architecture", [LENET5, TUTORIAL], **by_name)
def test_every_architecture_fits_together(architecture):
    network = Ensemble(architecture, 2)
    matrices = network.end_to_end()
    assert network(images(2), matrices).shape == (2, 3, 10)
    widths = zip(architecture.dense[1:], architecture.dense, strict=False)
    assert [tuple(matrix.shape) for matrix in matrices] == [(2, *size) for size in widths]


def test_the_mask_scales_the_last_hidden_features():
    network = build(LENET5, NORMAL, seeds=[1])
    with torch.no_grad():
        matrices = network.end_to_end()
        silent = network(images(1), matrices, torch.zeros(1, 3, 84))
        whole = network(images(1), matrices, torch.ones(1, 3, 84))
        assert torch.equal(silent, network.dense[-1].bias.expand(1, 3, 10))
        assert torch.equal(whole, network(images(1), matrices))


def test_cross_entropy_is_the_mean_of_each_member():
    logits = torch.randn(3, 5, 10, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(15).reshape(3, 5) % 10
    expected = [functional.cross_entropy(*pair) for pair in zip(logits, labels, strict=True)]
    torch.testing.assert_close(cross_entropies(logits, labels), torch.stack(expected))
