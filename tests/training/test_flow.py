"""The modified equation goes where the steps go, over times that steps can reach, and refuses where it would not."""

import numpy as np
import pytest

from models.lp import (
    PLAIN,
    SCALAR_DEPTH,
    AlongDescent,
    Balanced,
    LinearNetwork,
    LpRegression,
    MatrixRegression,
    NearZero,
    StepSize,
    end_to_end_matrix,
)
from training import Descent
from training.flow import TRUSTED, WEIGHTS, _field, _halved, drift
from training.jump import jump
from training.kernels import descend
from training.machine import Machine

SEEDS = range(6)
WIDE, NARROW = LinearNetwork(layers=3, width=3), LinearNetwork(layers=3)
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


CASES = [(PLAIN, 2.5), (PLAIN, 8), (SCALAR_DEPTH, 2.5), (SCALAR_DEPTH, 3), (SCALAR_DEPTH, 4), (WIDE, 4), (WIDE, 8), (MATRIX, 3)]


@pytest.mark.parametrize(("network", "p"), CASES, ids=[f"{network.name}-p{p}" for network, p in CASES])
def test_the_flow_arrives_where_exact_steps_do(network, p):
    (start, end), rates = at(network, p, [10**5, 10**6])
    found = drift(network, p, start, rates, 1e5, np.array([1e6]))
    entries = network.inputs * network.outputs
    errors = [np.linalg.norm(state[:entries], axis=0) for state in (found.last, end)]
    np.testing.assert_allclose(*errors, rtol=1e-9)
    assert (found.doubt <= 1e-10).all()


def test_the_share_of_log_time_is_told_at_every_step_of_the_integrator():
    (start,), rates = at(SCALAR_DEPTH, 4, [10**4])
    told = []
    drift(SCALAR_DEPTH, 4, start, rates, 1e4, np.array([1e5, 1e8]), progress=told.append)
    assert len(told) > 10 and (np.diff(told) > 0).all() and told[-1] == 1.0


def test_halves_of_a_batch_tell_a_half_each():
    (start,), rates = at(SCALAR_DEPTH, 4, [10**4])
    told = []
    _halved(_field(SCALAR_DEPTH, 4), 2, start, rates, 1e4, np.array([1e6]), np.arange(2), told.append)
    assert (np.diff(told) > 0).all() and 0.5 in told and told[-1] == 1.0


@pytest.mark.parametrize("network", [SCALAR_DEPTH, WIDE], ids=lambda network: network.name)
def test_weights_arrive_too(network):
    (start, end), rates = at(network, 4, [10**5, 10**6])
    found = drift(network, 4, start, rates, 1e5, np.array([1e6]))
    np.testing.assert_allclose(found.last, end, rtol=1e-9, atol=1e-9)
    assert np.array_equal(found.records[-1], found.last)


@pytest.mark.parametrize("p", [2.5, 4, 8])
def test_for_plain_descent_the_flow_and_the_jump_agree_at_1e12(p):
    (start,), rates = at(PLAIN, p, [10**5])
    found = drift(PLAIN, p, start, rates, 1e5, np.array([1e8, 1e12]))
    expected = np.stack([jump(start, rates, t - 1e5, p) for t in (1e8, 1e12)])
    np.testing.assert_allclose(found.records, expected, rtol=1e-9)


def test_the_later_the_flow_takes_over_the_less_is_in_doubt():
    states, rates = at(SCALAR_DEPTH, 4, [10**3, 10**4, 10**5])
    each = [
        drift(SCALAR_DEPTH, 4, state, rates, t, np.array([2.0 * t])) for state, t in zip(states, (1e3, 1e4, 1e5), strict=True)
    ]
    doubts = [found.doubt.max() for found in each]
    assert doubts[0] > 100 * doubts[1] > 1e4 * doubts[2]


def test_the_weights_are_those_of_newtons_series():
    """D - D2/2 + D3/3 - D4/4 with forward differences D2 = D(1) - D(0), ..., collected by iterate; then the last term alone."""
    differences = [np.diff(np.eye(4)[: k + 1], k, axis=0)[0] for k in range(4)]
    series = sum((-1) ** k / (k + 1) * differences[k] for k in range(4))
    np.testing.assert_allclose(WEIGHTS, [series, -differences[3] / 4], rtol=1e-15)


def test_the_doubt_is_the_last_difference_over_the_change():
    """For x' = x - x^2 by steps of plain descent, p = 3 and eta = 1, all by hand."""
    iterates = [0.05]
    for _ in range(4):
        iterates.append(iterates[-1] - iterates[-1] ** 2)
    steps = np.diff(iterates)
    expected = abs(np.diff(steps, 3)[0] / 4 / (WEIGHTS[0] @ steps))
    found = drift(PLAIN, 3, np.full((2, 1), 0.05), np.array([1.0]), 20.0, np.array([21.0]))
    assert found.doubt[0] == pytest.approx(expected, rel=1e-6)


# ---- what cannot be followed --------------------------------------------------------------------------------------


def test_a_step_size_near_the_edge_of_stability_is_refused():
    """After two hundred steps the residual still jumps across the target, which no flow does."""
    residual, rates = np.array([[1.0], [1.0]]), np.array([1.99])
    state = descend(PLAIN, 4, [], residual.T, rates, np.array([200])).state
    found = drift(PLAIN, 4, state, rates, 200.0, np.array([1e6]))
    assert np.isnan(found.records).all()
    assert np.isnan(found.last).all()
    assert found.doubt[0] > TRUSTED


def plateau_left_late(factor, seeds=SEEDS):
    """Return a state on the plateau at zero, calm after 10,000 steps and wild once it leaves, and the learning rates."""
    problem = LpRegression(p=4)
    factors = AlongDescent(scale=1e-5).factors(problem, NARROW, seeds)
    residual = end_to_end_matrix(factors)[:, 0] - problem.targets(seeds)
    rates = StepSize(layers=3, low=0.5, high=0.5, factor=factor).rates(problem, residual, seeds)
    return descend(NARROW, 4, factors, residual, rates, np.array([10**4])).state, rates


@pytest.mark.parametrize("factor", [6, 12])
def test_a_plateau_that_is_left_too_fast_is_found_out_on_the_way(factor):
    state, rates = plateau_left_late(factor)
    assert (drift(NARROW, 4, state, rates, 1e4, np.array([1.01e4])).doubt < TRUSTED).all()
    found = drift(NARROW, 4, state, rates, 1e4, np.geomspace(1.1e4, 1e6, 40))
    assert (found.doubt > TRUSTED).all()
    assert np.isnan(found.last).all()
    assert np.isfinite(found.records[0]).all(), "what came before is kept"


def test_one_trajectory_that_cannot_be_followed_leaves_the_others_alone():
    (start,), rates = at(NARROW, 4, [10**4])
    wild, fast = plateau_left_late(20, [0])
    mixed, etas = np.concatenate([start, wild], axis=1), np.append(rates, fast)
    times = np.geomspace(2e4, 1e8, 30)
    calm, found = drift(NARROW, 4, start, rates, 1e4, times), drift(NARROW, 4, mixed, etas, 1e4, times)
    assert np.isnan(found.last[:, -1]).all()
    np.testing.assert_allclose(found.records[:, :, :-1], calm.records, rtol=1e-9)


def test_one_broken_trajectory_leaves_the_others_alone():
    (start,), rates = at(SCALAR_DEPTH, 4, [10**5])
    broken = start.copy()
    broken[:, 2] = np.nan
    calm, found = (drift(SCALAR_DEPTH, 4, state, rates, 1e5, np.array([1e7])).records for state in (start, broken))
    assert np.isnan(found[:, :, 2]).all()
    np.testing.assert_allclose(np.delete(found, 2, axis=2), np.delete(calm, 2, axis=2), rtol=1e-10)


def test_a_trajectory_at_rest_stays():
    state = np.zeros((5, 2))
    state[0], state[4] = [0.0, -1.0], [1.0, 0.0]  # at its target; at the saddle
    found = drift(SCALAR_DEPTH, 4, state, np.full(2, 0.1), 1e5, np.array([1e6, 1e9]))
    assert np.array_equal(found.records, np.stack([state] * 2))
    assert (found.doubt == 0).all()


def test_a_residual_that_falls_far_after_a_plateau_keeps_its_digits():
    """p = 2.5 falls like t^-2: from 1e-1 on the plateau to far below within one decade of time."""
    problem, step_size = LpRegression(p=2.5), StepSize(layers=3, factor=1e-3)
    args = (problem, NARROW, AlongDescent(scale=1e-3), step_size, 10**7)
    late, soon = (Descent(*args, stepped=stepped) for stepped in (10**7, 10**5))
    exact, reached = (arm.gather(SEEDS, arm.train(SEEDS, Machine())) for arm in (late, soon))
    assert not reached.faults
    np.testing.assert_allclose(reached.error, exact.error, rtol=1e-8)


def test_records_do_not_move_each_other():
    (start,), rates = at(SCALAR_DEPTH, 4, [10**5])
    few = drift(SCALAR_DEPTH, 4, start, rates, 1e5, np.array([1e8])).last
    many = drift(SCALAR_DEPTH, 4, start, rates, 1e5, np.geomspace(2e5, 1e8, 50)).last
    np.testing.assert_allclose(many, few, rtol=1e-10)


def test_only_the_numbers_asked_for_are_recorded():
    (start,), rates = at(SCALAR_DEPTH, 4, [10**5])
    every, some = (drift(SCALAR_DEPTH, 4, start, rates, 1e5, np.array([1e6, 1e7]), rows) for rows in (None, np.array([0, 4])))
    assert np.array_equal(some.records, every.records[:, [0, 4]])
    assert np.array_equal(some.last, every.last)
