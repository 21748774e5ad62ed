"""Anybody's layers as products: the same function, more parameters, and gradients that reach every factor."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from models import factors
from models.factors import mean_eigenvalue
from models.overparameterization import Product, factors_of, overparameterize

INPUT = torch.linspace(-1, 1, 2 * 3 * 8 * 8).reshape(2, 3, 8, 8)
exact = pytest.mark.parametrize("start", ["matched", "balanced", "orthogonal"])


@pytest.fixture
def network():
    return drawn(seed=0)


def drawn(seed):
    torch.manual_seed(seed)
    convolutions = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 6, 3, groups=2), nn.Flatten())
    return nn.Sequential(convolutions, nn.Linear(96, 5), nn.ReLU(), nn.Linear(5, 7))


def layers(network):
    return [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]


@exact
@pytest.mark.parametrize("factors", [2, 3])
@pytest.mark.parametrize("inner", [1.0, 1.5])
def test_the_network_computes_the_same_function_afterwards(network, start, factors, inner):
    before = network(INPUT)
    overparameterize(network, factors=factors, inner=inner, start=start, rescale=3.0)
    torch.testing.assert_close(network(INPUT), before, rtol=1e-5, atol=1e-6)


def test_every_linear_and_convolution_becomes_a_product_of_matrices(network):
    overparameterize(network, factors=3, inner=2.0)
    shapes = [[tuple(factor.shape) for factor in factors_of(layer)] for layer in layers(network)]
    assert shapes == [
        [(8, 27), (8, 8), (4, 8)],
        [(12, 18), (12, 12), (6, 12)],
        [(10, 96), (10, 10), (5, 10)],
        [(14, 5), (14, 14), (7, 14)],
    ]
    assert layers(network)[1].weight.shape == (6, 2, 3, 3)


def test_convolutions_stay_when_only_dense_layers_are_asked_for(network):
    overparameterize(network, layers="dense")
    assert [parametrize.is_parametrized(layer, "weight") for layer in layers(network)] == [False, False, True, True]


def test_published_factors_are_drawn_anew(network):
    overparameterize(network, start="published", seed=5)
    for layer in layers(network):
        assert all(0.07 < factor.std().item() < 0.12 for factor in factors_of(layer))


@pytest.mark.parametrize("start", ["published", "orthogonal"])
def test_random_factors_depend_on_seed_and_layer(start):
    def last(seed):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        overparameterize(network, start=start, seed=seed)
        return [factors_of(layer)[-1] for layer in network]

    one, other = last(1)
    assert not torch.equal(one, other) and not torch.equal(one, last(2)[0]) and torch.equal(one, last(1)[0])


def test_rescaling_changes_the_factors_and_not_the_product(network):
    overparameterize(network, start="balanced", rescale=4.0)
    first, last = factors_of(network[1])
    assert (last.norm() / first.norm()).item() == pytest.approx(16.0, rel=1e-5)


def test_an_assigned_weight_is_held_exactly(network):
    overparameterize(network, start="orthogonal")
    wanted = torch.randn(5, 96)
    network[1].weight = wanted
    assert torch.equal(network[1].weight, wanted)


def test_the_parametrisation_registers_by_torchs_own_function():
    layer = nn.Conv2d(2, 3, 5)
    wanted = layer.weight.detach().clone()
    parametrize.register_parametrization(layer, "weight", Product((3, 2, 5, 5), (3, 50), factors=4, inner=3))
    assert torch.equal(layer.weight, wanted) and len(factors_of(layer)) == 4
    parametrize.remove_parametrizations(layer, "weight")
    assert torch.equal(layer.weight, wanted) and len(factors_of(layer)) == 1


def test_training_moves_every_factor_and_the_product_as_its_kernel_says():
    torch.manual_seed(0)
    layer = nn.Sequential(nn.Linear(3, 1, bias=False))
    overparameterize(layer, start="balanced")
    before, held, rate = layer[0].weight.detach().clone(), factors_of(layer[0]), 1e-3
    mean = mean_eigenvalue([factor.detach() for factor in held]).item()
    layer(torch.ones(1, 3)).sum().backward()
    with torch.no_grad():
        for factor in held:
            assert factor.grad.abs().max() > 0
            factor -= rate * factor.grad
    # With one output the kernel is ||w|| (I + w w' / ||w||^2), of mean 4/3 ||w||.
    size = before.norm()
    gradient = torch.ones(1, 3)
    expected = size * (gradient + (gradient * before).sum() * before / size**2)
    torch.testing.assert_close((before - layer[0].weight) / rate, expected, rtol=2e-3, atol=2e-3)
    assert mean == pytest.approx(4 / 3 * size.item(), rel=1e-5)


def test_a_state_dict_keeps_the_factors(network):
    other = drawn(seed=1)
    overparameterize(network, start="balanced")
    overparameterize(other)
    assert not torch.equal(other(INPUT), network(INPUT))
    other.load_state_dict(network.state_dict())
    assert torch.equal(other(INPUT), network(INPUT))


# ---- refusals ---------------------------------------------------------------------------------------------------


def test_one_factor_is_no_product(network):
    with pytest.raises(ValueError, match="A product has 2 factors or more, not 1"):
        overparameterize(network, factors=1)
    with pytest.raises(ValueError, match="A product has 2 factors or more, not 0"):
        Product((4, 8), (4, 8), factors=0, inner=4)


def test_a_network_without_such_layers_is_refused():
    with pytest.raises(ValueError, match="ReLU has no nn.Linear with a weight of its own"):
        overparameterize(nn.ReLU(), layers="dense", start="published")


def test_a_second_time_there_is_nothing_left_to_split(network):
    overparameterize(network)
    with pytest.raises(ValueError, match="Sequential has no nn.Linear or nn.Conv2d with a weight of its own"):
        overparameterize(network)


def test_a_narrow_product_must_be_drawn_anew(network):
    with pytest.raises(ValueError, match="inner must be 1 or more, or start 'published'"):
        overparameterize(network, inner=0.5)
    overparameterize(network, inner=0.5, start="published")
    assert network[1].weight.shape == (5, 96)


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [
        (nn.Linear(2, 10), [(5, 2), (10, 5)]),
        (nn.Conv2d(3, 64, 3), [(32, 27), (64, 32)]),
        (nn.Linear(8, 8, dtype=torch.bfloat16), [(4, 8), (8, 4)]),
    ],
    ids=["narrow input", "kernel", "bfloat16"],
)
def test_an_inner_width_between_input_and_output_is_drawn(layer, shapes):
    overparameterize(nn.Sequential(layer), inner=0.5, layers="all", start="published")
    assert [tuple(factor.shape) for factor in factors_of(layer)] == shapes and layer.weight.isfinite().all()


def test_a_width_beyond_the_rank_of_the_weight_loses_nothing():
    weight = torch.randn(10, 2)
    found = factors.matched(weight, 3, 5)
    assert [tuple(each.shape) for each in found] == [(5, 2), (5, 5), (10, 5)]
    assert torch.allclose(factors.product(found), weight, atol=1e-6)


def test_shared_weights_are_refused():
    network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    network[1].weight = network[0].weight
    with pytest.raises(ValueError, match="'0' and '1' share a weight, which as two products they would not"):
        overparameterize(network)
    assert not any(parametrize.is_parametrized(layer) for layer in network)


def test_complex_weights_are_refused():
    with pytest.raises(ValueError, match=r"The weight of '0' is complex \(torch.complex64\); factors are of real weights"):
        overparameterize(nn.Sequential(nn.Linear(4, 4, dtype=torch.complex64)))


def test_parametrisations_of_other_kinds_are_no_products():
    for other in (nn.utils.parametrizations.spectral_norm, nn.utils.parametrizations.weight_norm):
        layer = other(nn.Linear(3, 2))
        assert [tuple(each.shape) for each in factors_of(layer)] == [(2, 3)]
