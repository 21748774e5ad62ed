"""Preconditioners, late rays and the balanced flow are what descent shows."""

import numpy as np
import pytest

from models.lp import (
    SCALAR_DEPTH,
    AlongDescent,
    Balanced,
    LinearNetwork,
    LpRegression,
    MatrixRegression,
    NearZero,
    StepSize,
    ZeroTarget,
    end_to_end,
    end_to_end_matrix,
    phi,
)
from models.lp.balanced_flow import balanced_flow, start_along_descent
from models.lp.equal_entries import EqualEntries
from models.lp.preconditioner import (
    balanced_preconditioner,
    imbalance,
    preconditioner,
    scalar_preconditioner,
    scalar_square,
)
from models.lp.ray import late_ray, late_residual
from training import Descent
from training.machine import Machine

PROBLEM, SEEDS = LpRegression(p=4), range(20)


def trained(problem, network, start, **length):
    arm = Descent(problem, network, start, StepSize(layers=network.layers, low=0.02, high=0.1), **length)
    return arm.gather(SEEDS, arm.train(SEEDS, Machine()))


def moved(factors, slope, rate):
    """Return the factors after one gradient step, written down from the chain rule."""
    after = []
    for j, factor in enumerate(factors):
        above, below = factors[j + 1 :], factors[:j]
        gradient = slope
        for each in reversed(above):
            gradient = each.mT @ gradient
        for each in below:
            gradient = gradient @ each.mT
        after.append(factor - rate * gradient)
    return after


# ---- preconditioners -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "network",
    [
        LinearNetwork(layers=1),
        SCALAR_DEPTH,
        LinearNetwork(layers=3, width=4),
        LinearNetwork(layers=4, width=3, inputs=3, outputs=2),
    ],
    ids=lambda network: f"{network.layers}-layers",
)
def test_a_small_step_of_any_factors_moves_the_product_by_the_preconditioner(network):
    factors = NearZero(scale=1.0).factors(PROBLEM, network, SEEDS)
    slope, rate = np.random.default_rng(0).normal(size=(20, network.outputs, network.inputs)), 1e-6
    change = (end_to_end_matrix(moved(factors, slope, rate)) - end_to_end_matrix(factors)) / rate
    predicted = -(preconditioner(factors) @ slope.reshape(20, -1, 1))[:, :, 0]
    np.testing.assert_allclose(change.reshape(20, -1), predicted, rtol=1e-3, atol=1e-3 * np.abs(predicted).max())


@pytest.mark.parametrize("layers", [2, 3, 4])
def test_balanced_factors_have_the_preconditioner_of_their_product(layers):
    factors = Balanced(scale=0.8).factors(PROBLEM, LinearNetwork(layers=layers, width=5), SEEDS)
    np.testing.assert_allclose(preconditioner(factors), balanced_preconditioner(end_to_end(factors), layers), atol=1e-12)


def test_unbalanced_factors_do_not():
    factors = NearZero(scale=0.8).factors(PROBLEM, LinearNetwork(layers=3, width=5), SEEDS)
    wrong = balanced_preconditioner(end_to_end(factors), 3)
    assert (np.abs(preconditioner(factors) - wrong).max(axis=(1, 2)) > 0.1 * np.abs(wrong).max(axis=(1, 2))).all()


def test_product_and_imbalance_determine_the_preconditioner_of_scalar_depth():
    factors = NearZero(scale=1.0).factors(PROBLEM, SCALAR_DEPTH, SEEDS)
    found = scalar_preconditioner(end_to_end(factors), imbalance(factors))
    np.testing.assert_allclose(found, preconditioner(factors), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(scalar_square(end_to_end(factors), imbalance(factors)), factors[1][:, 0, 0] ** 2, rtol=1e-9)


def test_descent_conserves_the_imbalance_up_to_the_order_of_the_learning_rate():
    def drift(factor):
        arm = Descent(
            PROBLEM, SCALAR_DEPTH, NearZero(scale=0.1), StepSize(layers=2, low=0.1, high=0.1, factor=factor), round(2000 / factor)
        )
        runs = arm.gather(SEEDS, arm.train(SEEDS, Machine()))
        before = imbalance(NearZero(scale=0.1).factors(PROBLEM, SCALAR_DEPTH, SEEDS))
        return np.abs(imbalance(runs.factors) - before)

    np.testing.assert_allclose(np.median(drift(1.0) / drift(0.1)), 10, rtol=0.1)


# ---- late rays -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [4, 6, 8])
def test_a_late_ray_is_a_fixed_point_on_the_side_it_was_sought(p):
    targets = LpRegression(p=p, low=1.5, high=1.8).targets(SEEDS)
    kernel = balanced_preconditioner(targets, 2)
    found = late_ray(kernel, p, -targets)
    np.testing.assert_allclose((kernel @ phi(found, p)[:, :, None])[:, :, 0], found, rtol=1e-12)
    assert (np.sign(found) == -np.sign(targets)).all()


def test_a_late_residual_solves_the_flow():
    kernel, rates, times = balanced_preconditioner(PROBLEM.targets(SEEDS), 2), np.full(20, 0.3), np.array([1e6, 1e6 * (1 + 1e-5)])
    residual = late_residual(late_ray(kernel, 4, -PROBLEM.targets(SEEDS)), 4, rates, times)
    speed = np.diff(residual, axis=2)[:, :, 0] / np.diff(rates[:, None] * times, axis=1)
    expected = -(kernel @ phi(residual.mean(axis=2), 4)[:, :, None])[:, :, 0]
    np.testing.assert_allclose(speed, expected, rtol=1e-7)


@pytest.mark.parametrize(("layers", "p"), [(2, 2.5), (2, 4), (3, 3.5), (3, 5), (4, 4.5), (4, 6)])
def test_the_fast_ray_of_equal_targets_is_stable_exactly_above_the_number_of_layers_and_one(layers, p):
    equal = np.array([[1.0, 1.0]])
    found = late_ray(balanced_preconditioner(equal, layers), p, np.array([[1.0, 1.02]]))
    stays = bool(abs(found[0, 1] / found[0, 0] - 1) < 1e-6)
    assert stays == (p > layers + 1)


def test_descent_ends_on_the_ray_that_its_start_predicts():
    problem = LpRegression(p=4, low=1.5, high=1.8)
    runs = trained(problem, SCALAR_DEPTH, NearZero(scale=0.1), steps=10**10, stepped=10**5)
    start = NearZero(scale=0.1).factors(problem, SCALAR_DEPTH, SEEDS)
    targets = problem.targets(SEEDS)
    predicted = late_ray(scalar_preconditioner(targets, imbalance(start)), 4, -targets)
    last = late_residual(predicted, 4, runs.rates, runs.times[-1:])[:, :, 0]
    np.testing.assert_allclose(runs.residual[:, :, -1], last, rtol=5e-3)
    wrong = late_ray(scalar_square(targets, imbalance(start))[:, None, None] * np.eye(2), 4, -targets)
    assert (np.abs(late_residual(wrong, 4, runs.rates, runs.times[-1:])[:, :, 0] / last - 1) > 0.2).all()


# ---- the flow of balanced networks --------------------------------------------------------------------------------


@pytest.mark.parametrize(("layers", "p"), [(2, 3), (3, 4), (4, 5)])
def test_descent_with_small_steps_follows_the_balanced_flow(layers, p):
    problem, start = LpRegression(p=p, low=1.5, high=1.8), AlongDescent(scale=0.5)
    runs = trained(problem, LinearNetwork(layers=layers), start, steps=10**9, stepped=10**5)
    targets = problem.targets(SEEDS)
    tau, residual = balanced_flow(targets, start_along_descent(targets, p, 0.5**layers), layers, p, until=1e10)
    error = np.log(np.linalg.norm(residual, axis=1))
    found = [np.exp(np.interp(np.log(rate * 1e7), np.log(tau), row)) for rate, row in zip(runs.rates, error, strict=True)]
    at = np.abs(runs.times - 1e7).argmin()
    np.testing.assert_allclose(runs.error[:, at], found, rtol=0.02)


def test_many_depths_and_powers_are_the_same_as_one_by_one():
    targets = PROBLEM.targets(SEEDS)
    layers, p = np.array([2, 3])[:, None], np.array([2.5, 4.0])[:, None]
    start = start_along_descent(np.broadcast_to(targets, (2, *targets.shape)), p, 0.1)
    _, together = balanced_flow(targets, start, layers, p, until=1e3)
    for k in range(2):
        _, alone = balanced_flow(targets, start_along_descent(targets, p[k], 0.1), layers[k], p[k], until=1e3)
        np.testing.assert_allclose(together[k], alone, rtol=1e-12)


# ---- a balance that steps keep ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", [2, 3])
def test_equal_entries_stay_balanced_where_other_balanced_starts_do_not(layers):
    def unbalanced(start):
        runs = trained(ZeroTarget(p=4), LinearNetwork(layers=layers), start, steps=10**4)
        norms = np.stack([(factor**2).sum(axis=(1, 2)) for factor in runs.factors])
        return np.ptp(norms, axis=0) / norms.mean(axis=0)

    assert unbalanced(EqualEntries()).max() < 1e-12
    assert np.median(unbalanced(Balanced(scale=1.0))) > 1e-6


def test_equal_entries_want_one_output():
    with pytest.raises(ValueError, match="one output, not for 2"):
        EqualEntries().factors(MatrixRegression(p=4, singular=(1.0, 0.0)), LinearNetwork(layers=2, width=2, outputs=2), SEEDS)
