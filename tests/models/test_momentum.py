"""Momentum and the memoryless rule predict curves that are theirs."""

import numpy as np

from models.lp import SCALAR_DEPTH, LpRegression, NearZero, StepSize
from models.lp.momentum import (
    GAINS,
    MEMORIES,
    fitted_heavy_ball,
    heavy_ball,
    heavy_ball_step,
    memoryless,
    memoryless_step,
    nearest_heavy_ball,
)
from models.lp.preconditioner import imbalance
from training import Descent
from training.machine import Machine

PROBLEM, START, SEEDS = LpRegression(p=4), NearZero(scale=0.1), range(6)
RATES = np.array([0.01, 0.02])


def ball_curve(alpha, mu, steps=300):
    """Return the residuals of heavy ball from rest, (1, steps + 1, 2), one step after the other."""
    at, before, found = np.array([1.5, -1.2]), np.array([1.5, -1.2]), []
    for _ in range(steps + 1):
        found.append(at)
        at, before = at + mu * (at - before) - alpha * at**3, at
    return np.array(found)[None]


def descended(factor):
    arm = Descent(PROBLEM, SCALAR_DEPTH, START, StepSize(layers=2, factor=factor), steps=round(200 / factor), records=1)
    return arm.gather(SEEDS, arm.train(SEEDS, Machine()))


def test_least_squares_find_the_numbers_of_a_heavy_ball():
    alpha, mu = fitted_heavy_ball(ball_curve(0.02, 0.8), 4)
    np.testing.assert_allclose([alpha[0], mu[0]], [0.02, 0.8], rtol=1e-9)


def test_the_right_numbers_predict_every_step():
    curve = ball_curve(0.02, 0.8)
    predicted = heavy_ball_step(curve, 4, np.array([0.02]), np.array([0.8]))
    np.testing.assert_allclose(predicted, np.diff(curve, axis=1)[:, 1:], rtol=1e-9)


def test_a_run_is_the_curve():
    times = np.array([0, 1, 7, 300])
    found = np.stack(list(heavy_ball(np.array([[1.5, -1.2]]), 4, np.array([[0.02]]), np.array([[0.8]]), times)))
    np.testing.assert_allclose(found[:, 0, 0], np.linalg.norm(ball_curve(0.02, 0.8)[0, times], axis=1), rtol=1e-12)


def test_the_nearest_heavy_ball_of_a_heavy_ball_is_near():
    mu, gain, times = MEMORIES[9], GAINS[11], np.arange(1, 200, 5)
    alpha = gain * (1 - mu) * 0.01
    error = np.linalg.norm(ball_curve(alpha, mu)[:, times], axis=2)
    found = nearest_heavy_ball(np.array([[1.5, -1.2]]), 4, np.array([0.01]), error, times)
    np.testing.assert_allclose([found[0][0], found[1][0]], [alpha, mu], rtol=1e-9)


def test_the_nearest_learning_rate_of_plain_descent_is_its_own_and_has_no_momentum():
    times = np.arange(1, 200, 5)
    error = np.linalg.norm(ball_curve(GAINS[11] * 0.01, 0.0)[:, times], axis=2)
    alpha, mu = nearest_heavy_ball(np.array([[1.5, -1.2]]), 4, np.array([0.01]), error, times, momentum=False)
    np.testing.assert_allclose([alpha[0], mu[0]], [GAINS[11] * 0.01, 0.0], rtol=1e-9)


def test_without_momentum_the_nearest_run_is_no_nearer_than_with_it():
    times, start = np.arange(1, 200, 5), np.array([[1.5, -1.2]])
    error = np.linalg.norm(ball_curve(0.002, 0.9)[:, times], axis=2)

    def off(momentum):
        alpha, mu = nearest_heavy_ball(start, 4, np.array([0.01]), error, times, momentum=momentum)
        found = np.concatenate(list(heavy_ball(start, 4, alpha[:, None], mu[:, None], times)), axis=1)
        return np.sqrt((np.log(found / error) ** 2).mean())

    assert off(True) < off(False)


def test_the_memoryless_rule_comes_as_near_to_a_step_of_descent_as_the_step_is_small():
    def largest(factor):
        runs = descended(factor)
        residual = np.moveaxis(runs.residual, 1, 2)
        c = imbalance(START.factors(PROBLEM, SCALAR_DEPTH, SEEDS))
        predicted = memoryless_step(residual, 4, PROBLEM.targets(SEEDS), c, runs.rates)[:, :-1]
        step = np.diff(residual, axis=1)
        return (np.linalg.norm(predicted - step, axis=2) / np.linalg.norm(step, axis=2)).max(axis=1)

    coarse, fine = largest(1.0), largest(0.1)
    assert (coarse < 0.3).all()
    np.testing.assert_allclose(np.median(coarse / fine), 10, rtol=0.3)  # c drifts by order eta, and with it the step's kernel


def test_a_run_of_the_memoryless_rule_is_near_descent_and_one_without_c_is_not():
    runs, times = descended(0.2), np.array([1, 10, 100, 1000])
    c, start = imbalance(START.factors(PROBLEM, SCALAR_DEPTH, SEEDS)), runs.residual[:, :, 0]
    found = memoryless(start, 4, PROBLEM.targets(SEEDS), c, runs.rates, times)
    np.testing.assert_allclose(found, runs.error[:, times], rtol=0.02)
    wrong = memoryless(start, 4, PROBLEM.targets(SEEDS), c + 2, runs.rates, times)
    assert np.abs(wrong / runs.error[:, times] - 1).max() > 0.1
