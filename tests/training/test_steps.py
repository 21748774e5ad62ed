"""The step is the report's, written once: compared with NumPy on matrices, with autograd, and with itself."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lp import PLAIN, SCALAR_DEPTH, LinearNetwork, phi
from tests.training.reference import numpy_step
from training.kernels import pack, unpack
from training.steps import NUMPY, changes, moved, phi_of, state_size

POWERS = [2, 2.5, 3, 4, 5, 6, 7.3, 8]
NETWORKS = [
    SCALAR_DEPTH,
    LinearNetwork(layers=2, width=5),
    LinearNetwork(layers=3, width=1),
    LinearNetwork(layers=3, width=4),
    LinearNetwork(layers=4, width=3),
    LinearNetwork(layers=2, width=3, inputs=3, outputs=3),
    LinearNetwork(layers=3, width=4, inputs=2, outputs=3),
    LinearNetwork(layers=5, width=2, inputs=4, outputs=2),
]
N = 4


def named(network):
    return f"{network.name}-{'x'.join(map(str, network.sizes))}"


def random_start(network, seed=0):
    rng = np.random.default_rng(seed)
    factors = [rng.normal(0, 0.6, (N, rows, columns)) for columns, rows in zip(network.sizes, network.sizes[1:], strict=False)]
    return factors, rng.normal(0, 0.8, (N, network.outputs, network.inputs)), rng.uniform(0.01, 0.05, N)


def stepped(network, p, factors, residual, rates):
    state = list(pack(network, factors, residual.reshape(N, -1))[:, :N])
    after = np.array(moved(state, changes(network, p, state, rates, NUMPY), NUMPY.fma))
    return unpack(network, after), after[: network.outputs * network.inputs].T.reshape(residual.shape)


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("network", NETWORKS, ids=named)
def test_a_step_is_that_of_numpy_on_matrices(network, p):
    factors, residual, rates = random_start(network)
    ours, moved_to = stepped(network, p, factors, residual, rates)
    theirs, expected = numpy_step(factors, residual, rates, p)
    np.testing.assert_allclose(moved_to, expected, rtol=1e-13, atol=1e-14)
    for factor, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(factor, other, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("network", NETWORKS, ids=named)
def test_a_step_follows_the_gradient_that_autograd_finds(network):
    torch = pytest.importorskip("torch")
    factors, residual, rates = random_start(network)
    weights = [torch.tensor(factor, requires_grad=True) for factor in factors]
    target = end_to_end_of(weights).detach() - torch.tensor(residual)
    loss = ((end_to_end_of(weights) - target).abs() ** 3).sum() / 3
    slopes = torch.autograd.grad(loss, weights)
    ours, _ = stepped(network, 3, factors, residual, rates)
    for factor, weight, slope in zip(ours, weights, slopes, strict=True):
        expected = (weight - torch.tensor(rates)[:, None, None] * slope).detach().numpy()
        np.testing.assert_allclose(factor, expected, rtol=1e-12, atol=1e-13)


def end_to_end_of(weights):
    found = weights[0]
    for weight in weights[1:]:
        found = weight @ found
    return found


@pytest.mark.parametrize("network", NETWORKS, ids=named)
def test_the_residual_moves_as_the_product_does(network):
    factors, residual, rates = random_start(network)
    after, moved_to = stepped(network, 4, factors, residual, rates)
    change = end_to_end_of(after) - end_to_end_of(factors)
    np.testing.assert_allclose(moved_to - residual, change, rtol=0, atol=1e-13)


def test_scalar_depth_follows_the_three_update_formulas():
    """Appendix A: m and s move by the old values of each other."""
    (m, s), residual, rates = random_start(SCALAR_DEPTH)
    (new_m, new_s), _ = stepped(SCALAR_DEPTH, 4, [m, s], residual, rates)
    cubes = residual[:, 0] ** 3
    np.testing.assert_allclose(new_m[:, 0], m[:, 0] - rates[:, None] * s[:, 0] * cubes, rtol=1e-14)
    np.testing.assert_allclose(new_s[:, 0, 0], s[:, 0, 0] - rates * (cubes * m[:, 0]).sum(axis=1), rtol=1e-14)


def test_plain_descent_keeps_the_residual_alone():
    assert [state_size(network) for network in (PLAIN, SCALAR_DEPTH, LinearNetwork(layers=3, width=8))] == [2, 5, 90]


@pytest.mark.parametrize("p", POWERS)
@given(r=st.floats(-3, 3))
def test_phi_is_sign_and_power(p, r):
    assert phi_of(np.float64(r), p, NUMPY) == pytest.approx(float(phi(np.array(r), p)), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("p", [2.5, 4.5, 3, 8])
def test_whole_and_half_powers_need_no_power_function(p):
    arithmetic = dataclasses.replace(NUMPY, power=None)
    assert np.isfinite(phi_of(np.float64(0.3), p, arithmetic))


@given(r=st.floats(1e-3, 1e3), p=st.sampled_from(POWERS))
def test_phi_is_odd(r, p):
    assert phi_of(np.float64(-r), p, NUMPY) == -phi_of(np.float64(r), p, NUMPY)
