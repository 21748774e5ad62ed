"""The compiled kernels take the report's steps: compared with NumPy, with each other, and with their own parameters."""

from functools import reduce

import numpy as np
import pytest

from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, LinearNetwork, LpRegression, NearZero, StepSize, end_to_end, phi
from training import kernels
from training.descent import Descent, _packed
from training.machine import Machine

POWERS = [2.5, 3, 4, 6, 8]
DEEP = [LinearNetwork(layers=n, width=w) for n, w in [(2, 3), (2, 5), (3, 1), (3, 4), (4, 1), (4, 2)]]
SEEDS = range(5)
STEPS = 300
SAME = {"rtol": 1e-12, "atol": 1e-13}
"""Rounding: a few hundred steps of a few operations on numbers of size one."""


def start_of(network):
    return BesideTarget() if network == PLAIN else NearZero(scale=0.5)


def descent(p, network, *, steps=STEPS, records=20, layers=None):
    size = StepSize(layers=layers or network.layers)
    return Descent(LpRegression(p=p), network, start_of(network), size, steps, records)


def begin(arm, seeds=SEEDS):
    """Return the factors, residual and rates with which an arm starts."""
    factors = arm.start.factors(arm.problem, arm.network, seeds)
    residual = end_to_end(factors) - arm.problem.targets(seeds)
    return factors, residual, arm.step_size.rates(arm.problem, residual, seeds)


# ---- the reference: the same step in NumPy ----------------------------------------------------------------------


def product(matrices, size):
    """Return M_k ... M_1, the identity where there are none."""
    return reduce(lambda done, matrix: matrix @ done, matrices, np.eye(size))


def numpy_step(factors, residual, rates, p):
    """Take one step of every factor, and move the residual by the exact change of the product, summed over the factors."""
    pull = rates[:, None, None] * phi(residual, p)[:, None]
    moved, change = list(factors), 0
    for j in range(len(factors)):
        after = product(factors[j + 1 :], factors[j].shape[1])
        before = product(factors[:j], 2)
        step = -np.swapaxes(after, 1, 2) @ pull @ np.swapaxes(before, -1, -2) if j + 1 < len(factors) else -pull @ before.mT
        moved[j] = factors[j] + step
        change = change + product(factors[j + 1 :], factors[j].shape[1]) @ step @ product(moved[:j], 2)
    return moved, residual + change[:, 0]


def numpy_residuals(arm):
    factors, residual, rates = begin(arm)
    seen = [residual]
    for _ in range(arm.steps):
        factors, residual = numpy_step(factors, residual, rates, arm.problem.p)
        seen.append(residual)
    return np.stack(seen, axis=2)[:, :, :: arm.records]


# ---- the same numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("network", [PLAIN, SCALAR_DEPTH, *DEEP], ids=lambda network: f"{network.name}-width{network.width}")
def test_the_kernel_takes_the_steps_of_numpy(p, network):
    arm = descent(p, network)
    found = arm.train(SEEDS, Machine())["residual"]
    assert np.abs(found[:, :, -1]).max() < np.abs(found[:, :, 0]).max()
    np.testing.assert_allclose(found, numpy_residuals(arm), **SAME)


def report_step(m, s, residual, rate, p):
    """Update s and both m as the report writes it, all from the old values; move the residual exactly."""
    gradient = phi(residual, p)
    ds, dm = -rate * (gradient @ m), -rate * s * gradient
    return m + dm, s + ds, residual + ds * m + s * dm + ds * dm


@pytest.mark.parametrize("p", POWERS)
def test_scalar_depth_follows_the_three_update_formulas(p):
    arm = descent(p, SCALAR_DEPTH, records=1)
    found = arm.train(SEEDS, Machine())
    factors, residuals, rates = begin(arm)
    for lane in range(len(SEEDS)):
        m, s, residual = factors[0][lane, 0], factors[1][lane, 0, 0], residuals[lane]
        for t in range(STEPS + 1):
            np.testing.assert_allclose(found["residual"][lane, :, t], residual, **SAME)
            assert found["outer"][lane, t] == pytest.approx(s, rel=1e-12, abs=1e-13)
            m, s, residual = report_step(m, s, residual, rates[lane], p)


@pytest.mark.parametrize("p", POWERS)
def test_the_deep_kernel_with_one_hidden_unit_is_scalar_depth(p):
    arm = descent(p, SCALAR_DEPTH)
    factors, residual, rates = begin(arm)
    state, out = np.ascontiguousarray(residual.T), np.empty((arm.times.size, 2, len(SEEDS)))
    kernels.deep_descent(_packed(factors), state, rates, float(p), np.array([2, 1, 1]), arm.times, out)
    np.testing.assert_allclose(np.moveaxis(out, 2, 0).mT, arm.train(SEEDS, Machine())["residual"], **SAME)


@pytest.mark.parametrize("p", [3, 4])
def test_plain_descent_with_whole_powers_agrees_for_integer_and_float_p(p):
    whole, floating = (descent(q, PLAIN).train(SEEDS, Machine())["residual"] for q in (p, float(p)))
    assert np.array_equal(whole, floating)


# ---- lanes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [2.5, 3, 4])
@pytest.mark.parametrize("network", [PLAIN, SCALAR_DEPTH, LinearNetwork(layers=3, width=4)], ids=lambda network: network.name)
def test_a_seed_gives_the_same_bits_alone_and_among_others(p, network):
    arm = descent(p, network)
    together = arm.train(range(19), Machine())
    for seed in (0, 7, 16, 18):
        alone = arm.train([seed], Machine())
        assert np.array_equal(alone["residual"][0], together["residual"][seed])
        assert np.array_equal(alone["outer"][0], together["outer"][seed], equal_nan=True)


def test_training_twice_gives_the_same_bits():
    arm = descent(4, LinearNetwork(layers=3, width=2))
    first, second = (arm.train(SEEDS, Machine()) for _ in range(2))
    assert np.array_equal(first["residual"], second["residual"])


# ---- the residual as state --------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", DEEP, ids=lambda network: f"{network.name}-width{network.width}")
def test_the_residual_is_that_of_the_product_of_the_factors(network):
    arm = descent(4, network)
    factors, residual, rates = begin(arm)
    packed, state = _packed(factors), np.ascontiguousarray(residual.T)
    out = np.empty((arm.times.size, 2, len(SEEDS)))
    kernels.deep_descent(packed, state, rates, 4.0, np.array(network.sizes), arm.times, out)
    shapes = [factor.shape for factor in factors]
    after = [np.moveaxis(packed[j, :rows, :columns], -1, 0) for j, (_, rows, columns) in enumerate(shapes)]
    np.testing.assert_allclose(state.T, end_to_end(after) - arm.problem.targets(SEEDS), rtol=0, atol=1e-13)
    assert np.array_equal(out[-1], state)


def test_the_residual_of_scalar_depth_is_that_of_s_times_m():
    arm = descent(4, SCALAR_DEPTH)
    found = arm.train(SEEDS, Machine())["residual"][:, :, -1]
    (m, s), residual, rates = begin(arm)
    for _ in range(STEPS):
        (m, s), residual = numpy_step([m, s], residual, rates, 4)
    np.testing.assert_allclose(found, end_to_end([m, s]) - arm.problem.targets(SEEDS), rtol=0, atol=1e-13)


def test_kernels_update_their_state_in_place_as_they_say():
    arm = descent(4, SCALAR_DEPTH)
    factors, residual, rates = begin(arm)
    m, s, state = (np.ascontiguousarray(each.T) for each in (factors[0][:, 0], factors[1][:, 0, 0].copy(), residual))
    out = np.empty((arm.times.size, 3, len(SEEDS)))
    kernels.scalar_depth_kernel(4)(m, s, state, rates, arm.times, out)
    np.testing.assert_allclose(state.T, (s * m).T - arm.problem.targets(SEEDS), rtol=0, atol=1e-13)
    assert np.array_equal(out[-1], [*state, s])


def float32_error(target, start, rate, steps):
    """Return the error of plain descent for p = 3 that keeps the parameter alone, in float32."""
    target, w, rate = np.float32(target), np.float32(start), np.float32(rate)
    for _ in range(steps):
        delta = w - target
        w -= rate * delta * abs(delta)
    return float(abs(w - target))


def test_a_residual_as_state_does_not_stall_where_a_float32_parameter_does():
    steps, rate = 40_000, 0.5
    closed_form = 1 / (rate * steps)
    stuck = [float32_error(1.3, 1.9, rate, n) for n in (steps // 2, steps)]
    state, out = np.array([[0.6]]), np.empty((1, 1, 1))
    kernels.plain_kernel(3)(state, np.array([rate]), np.array([steps]), out)
    assert stuck[0] == stuck[1] > 3 * closed_form
    assert out[0, 0, 0] == pytest.approx(closed_form, rel=0.01)
