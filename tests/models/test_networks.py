"""The networks start as the published ones do, and over-parameterising them changes nothing but their factors."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from models.arms import LENET5, NORMAL, OVERPARAMETERIZED, TUTORIAL, Arm
from models.factors import mean_eigenvalue
from models.networks import Ensemble, build, cross_entropies, power_sums, step_multipliers
from models.overparameterization import factors_of
from models.streams import stream, truncated_normal
from tests.models.penalties import sum_of_powers
from training.recipe import PENALTY

ARMS = [NORMAL, OVERPARAMETERIZED]
by_name = {"ids": lambda value: value.name}
SMALL = replace(LENET5, dense=(400, 12, 10))
EVERYWHERE = Arm(name="everywhere", factors=2, layers="all")
SPLIT = {
    f"{start}, {factors} factors, {layers}": Arm(name="split", factors=factors, start=start, layers=layers)
    for start in ("matched", "balanced", "orthogonal")
    for factors in (2, 3)
    for layers in ("dense", "all")
}


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


@pytest.mark.parametrize(
    ("arm", "penalized", "published"),
    [
        ("normal", Ensemble.end_to_end, 3.11),
        ("normal", Ensemble.factors, 3.11),
        ("overparameterized", Ensemble.end_to_end, 12.29),
        ("overparameterized", Ensemble.factors, 3.62),
    ],
    ids=["normal", "normal, its factors", "product", "factors"],
)
def test_the_penalty_at_the_start_is_that_of_the_tutorial_network(tutorial, arm, penalized, published):
    with torch.no_grad():
        squares = sum_of_powers(tutorial[arm], penalized(tutorial[arm]))
    assert (PENALTY / 2 * squares).item() == pytest.approx(published, rel=0.01)


# A few of the numbers that trainings on record started from, seed 5.
ON_RECORD = {
    ("normal", "conv.1.weight"): [0.1435542106628418, -0.05815959721803665, 0.03804859146475792],
    ("normal", "dense.0.weight"): [0.009633035399019718, -0.08720436692237854, -0.005919536575675011],
    ("overparameterized", "conv.1.weight"): [0.1435542106628418, -0.05815959721803665, 0.03804859146475792],
    ("overparameterized", "dense.0.parametrizations.weight.original0"): [
        0.03939664736390114,
        -0.024100512266159058,
        -0.03905278444290161,
    ],
    ("overparameterized", "dense.2.parametrizations.weight.original1"): [
        0.12667393684387207,
        -0.10401450097560883,
        0.03583378344774246,
    ],
}


@pytest.mark.parametrize("arm", ARMS, **by_name)
def test_the_published_arms_start_at_the_numbers_on_record(arm):
    found = parameters(build(LENET5, arm, seeds=[4, 5]))
    for (name, parameter), numbers in ON_RECORD.items():
        if name == arm.name:
            assert found[parameter].reshape(2, -1)[1, [0, 1, -1]].tolist() == numbers


def test_over_parameterising_the_tutorial_network_adds_15_8_per_cent_of_all_parameters(tutorial):
    normal, product = (sum(p.numel() for p in tutorial[arm.name].parameters()) for arm in ARMS)
    assert product - normal == 512**2 + 10**2
    assert 100 * (product / normal - 1) == pytest.approx(15.8, abs=0.05)


# ---- over-parameterisation --------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", SPLIT.values(), ids=SPLIT.keys())
def test_other_starts_begin_with_the_plain_networks_matrices_as_products(arm):
    plain, network = (build(LENET5, each, seeds=[1, 2]) for each in (NORMAL, arm))
    for name, layer in network.layers.items():
        assert len(factors_of(layer)) == (arm.factors if arm.splits(name) else 1)
        torch.testing.assert_close(layer.weight, plain.layers[name].weight, rtol=0, atol=3e-7)
        assert torch.equal(layer.bias, plain.layers[name].bias)
        if arm.start == "matched":
            assert torch.equal(layer.weight, plain.layers[name].weight)
    with torch.no_grad():
        outputs = [each(images(2), each.end_to_end()) for each in (network, plain)]
    torch.testing.assert_close(*outputs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("arm", SPLIT.values(), ids=SPLIT.keys())
def test_factors_of_a_member_are_those_it_would_have_alone(arm):
    together, alone = (parameters(build(SMALL, arm, seeds=seeds)) for seeds in ([5, 6, 7], [6]))
    for name, value in alone.items():
        assert torch.equal(together[name].reshape(3, -1)[1], value.flatten()), name


def test_convolutions_are_products_of_matrices_where_all_layers_are():
    network = build(LENET5, replace(EVERYWHERE, factors=3, inner=1.5), seeds=[1, 2])
    shapes = [[tuple(factor.shape) for factor in factors_of(network.layers[name])] for name in ("conv.1", "dense.2")]
    assert shapes == [[(2, 24, 150), (2, 24, 24), (2, 16, 24)], [(2, 15, 84), (2, 15, 15), (2, 10, 15)]]
    first, second, third = factors_of(network.layers["conv.1"])
    torch.testing.assert_close(network.conv[1].weight, (third @ second @ first).reshape(32, 6, 5, 5))


def test_rescaling_keeps_the_products_and_changes_the_factors():
    arms = [EVERYWHERE, replace(EVERYWHERE, rescale=4.0)]
    before, after = (build(SMALL, arm, seeds=[1, 2]).layers for arm in arms)
    for name in before:
        assert torch.equal(before[name].weight, after[name].weight)
        for factor, other, times in zip(factors_of(before[name]), factors_of(after[name]), (1 / 4, 4), strict=True):
            assert torch.equal(factor * times, other)


# ---- plain matrices that imitate a product ----------------------------------------------------------------------


@pytest.mark.parametrize("like", [OVERPARAMETERIZED, replace(EVERYWHERE, factors=3)], **by_name)
def test_a_plain_arm_may_start_at_the_product_of_another(like):
    twin = build(LENET5, like, seeds=[1, 2])
    network = build(LENET5, Arm(name="same start", start="product", like=like), seeds=[1, 2])
    for name, layer in network.layers.items():
        assert len(factors_of(layer)) == 1
        assert torch.equal(layer.weight, twin.layers[name].weight) and torch.equal(layer.bias, twin.layers[name].bias)


@pytest.mark.parametrize("like", [OVERPARAMETERIZED, replace(EVERYWHERE, factors=3)], **by_name)
def test_an_effective_step_multiplies_each_matrix_by_the_mean_eigenvalue_of_its_twin(like):
    multipliers = step_multipliers(LENET5, Arm(name="same step", step="effective", like=like), seeds=[1, 2])
    twin, plain = (build(LENET5, arm, seeds=[1, 2]) for arm in (like, NORMAL))
    assert multipliers.keys() == {f"{name}.weight" for name in LENET5.matrices if like.splits(name)}
    for name, each in multipliers.items():
        expected = mean_eigenvalue(factors_of(twin.layers[name.removesuffix(".weight")]))
        spread = each.expand_as(parameters(plain)[name]).reshape(2, -1)
        torch.testing.assert_close(spread, expected.float()[:, None].expand_as(spread))


@pytest.mark.parametrize("arm", [*ARMS, EVERYWHERE], **by_name)
def test_with_a_shared_step_nothing_is_multiplied(arm):
    assert step_multipliers(LENET5, arm, seeds=[1]) == {}


# ---- sums of powers ---------------------------------------------------------------------------------------------


def test_the_layer_weight_is_the_product_of_its_factors():
    network = build(SMALL, OVERPARAMETERIZED, seeds=[1, 2])
    factors = network.dense[0].parametrizations.weight
    assert factors.original0.shape == (2, 12, 400)
    assert factors.original1.shape == (2, 12, 12)
    assert torch.equal(network.dense[0].weight, torch.bmm(factors.original1, factors.original0))


@pytest.mark.parametrize("power", [1, 1.5, 2, 3, 4])
@pytest.mark.parametrize("penalized", ["product", "factors"])
def test_the_penalty_is_that_of_the_product_or_the_factors_and_of_the_biases(power, penalized):
    network = build(SMALL, replace(EVERYWHERE, factors=3), seeds=[1, 2])
    with torch.no_grad():
        found = sum_of_powers(network, network.end_to_end() if penalized == "product" else network.factors(), power)
    expected = np.zeros(2)
    for layer in network.dense:
        for stack in [layer.bias] + ([layer.weight] if penalized == "product" else factors_of(layer)):
            expected += (np.abs(stack.detach().double().numpy()) ** power).sum(axis=(1, 2))
    assert found.tolist() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("power", [1, 1.5, 2, 3, 4])
def test_a_weight_of_zero_has_a_slope_of_zero(power):
    network = build(SMALL, NORMAL, seeds=[1])
    with torch.no_grad():
        network.dense[0].weight.zero_()
    sum_of_powers(network, network.end_to_end(), power).sum().backward()
    assert (network.dense[0].weight.grad == 0).all()


def test_power_sums_are_in_float64_whatever_they_sum():
    stack = torch.randn(3, 7, 11, generator=torch.Generator().manual_seed(0))
    expected = [[(np.abs(each.double().numpy()) ** power).sum() for power in (1, 2, 3, 4)] for each in stack]
    found = power_sums(stack)
    assert found.dtype == torch.float64 and found.numpy() == pytest.approx(np.array(expected), rel=1e-14)


def test_convolutions_pay_no_penalty():
    network = build(SMALL, NORMAL, seeds=[1])
    with torch.no_grad():
        before = sum_of_powers(network, network.end_to_end())
        network.conv[0].weight.mul_(10)
        assert torch.equal(sum_of_powers(network, network.end_to_end()), before)


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


@pytest.mark.parametrize("arm", [*ARMS, EVERYWHERE], **by_name)
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
