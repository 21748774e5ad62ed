"""The modified equation goes where the steps go, over times that steps can reach, and refuses where it would not."""

import numpy as np
import pytest

from models.lp import (
    PLAIN,
    SCALAR_DEPTH,
    Balanced,
    LinearNetwork,
    LpRegression,
    MatrixRegression,
    NearZero,
    StepSize,
    end_to_end_matrix,
)
from training.flow import TRUSTED, drift
from training.jump import jump
from training.kernels import descend

SEEDS = range(6)
WIDE = LinearNetwork(layers=3, width=3)
MATRIX = LinearNetwork(layers=2, width=2, inputs=2, outputs=2)


def at(network, p, steps, seeds=SEEDS, factor=1.0):
    """Return the states (size, n) after each of the steps, and the learning rates."""
    problem = MatrixRegression(p=p, singular=(1.5, 1.0)) if network == MATRIX else LpRegression(p=p)
    start = Balanced(scale=0.8) if network == MATRIX else NearZero(scale=0.5)
    factors = start.factors(problem, network, seeds)
    n = len(seeds)
    residual = end_to_end_matrix(factors).reshape(n, -1) - problem.targets(seeds).reshape(n, -1)
    rates = factor * StepSize(layers=network.layers).rates(problem, residual, seeds)
    return [descend(network, p, factors, residual, rates, np.array([t])).state for t in steps], rates


@pytest.mark.parametrize("p", [2.5, 3, 4, 6, 8])
@pytest.mark.parametrize("network", [PLAIN, SCALAR_DEPTH, WIDE, MATRIX], ids=lambda network: network.name)
def test_the_flow_arrives_where_exact_steps_do(network, p):
    (start, end), rates = at(network, p, [10**5, 10**6])
    found, doubt = drift(network, p, start, rates, 1e5, np.array([1e6]))
    entries = network.inputs * network.outputs
    errors = [np.linalg.norm(state[:entries], axis=0) for state in (found[0], end)]
    np.testing.assert_allclose(*errors, rtol=1e-9)
    assert (doubt <= TRUSTED).all()


@pytest.mark.parametrize("network", [SCALAR_DEPTH, WIDE], ids=lambda network: network.name)
def test_weights_arrive_too(network):
    (start, end), rates = at(network, 4, [10**5, 10**6])
    found, _ = drift(network, 4, start, rates, 1e5, np.array([1e6]))
    np.testing.assert_allclose(found[0], end, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("p", [2.5, 4, 8])
def test_for_plain_descent_the_flow_and_the_jump_agree_at_1e12(p):
    (start,), rates = at(PLAIN, p, [10**5])
    found, _ = drift(PLAIN, p, start, rates, 1e5, np.array([1e8, 1e12]))
    expected = np.stack([jump(start, rates, t - 1e5, p) for t in (1e8, 1e12)])
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_later_the_flow_takes_over_the_less_is_in_doubt():
    states, rates = at(SCALAR_DEPTH, 4, [10**3, 10**4, 10**5])
    doubts = [
        drift(SCALAR_DEPTH, 4, state, rates, t, np.array([2.0 * t]))[1].max()
        for state, t in zip(states, (1e3, 1e4, 1e5), strict=True)
    ]
    assert doubts[0] > 100 * doubts[1] > 1e4 * doubts[2]


def test_a_step_size_near_the_edge_of_stability_is_refused():
    """After two hundred steps the residual still jumps across the target, which no flow does."""
    residual, rates = np.array([[1.0], [1.0]]), np.array([1.99])
    state = descend(PLAIN, 4, [], residual.T, rates, np.array([200])).state
    found, doubt = drift(PLAIN, 4, state, rates, 200.0, np.array([1e6]))
    assert np.isnan(found).all()
    assert doubt[0] > TRUSTED


def test_one_broken_trajectory_leaves_the_others_alone():
    (start,), rates = at(SCALAR_DEPTH, 4, [10**5])
    broken = start.copy()
    broken[:, 2] = np.nan
    calm, found = (drift(SCALAR_DEPTH, 4, state, rates, 1e5, np.array([1e7]))[0] for state in (start, broken))
    assert np.isnan(found[:, :, 2]).all()
    np.testing.assert_allclose(np.delete(found, 2, axis=2), np.delete(calm, 2, axis=2), rtol=1e-10)


def test_records_do_not_move_each_other():
    (start,), rates = at(SCALAR_DEPTH, 4, [10**5])
    few = drift(SCALAR_DEPTH, 4, start, rates, 1e5, np.array([1e8]))[0]
    many = drift(SCALAR_DEPTH, 4, start, rates, 1e5, np.geomspace(2e5, 1e8, 50))[0]
    np.testing.assert_allclose(many[-1], few[-1], rtol=1e-10)
