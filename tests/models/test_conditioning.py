"""The closed form of what scalar depth does to the constant, beside descent over very long times."""

import numpy as np
import pytest

from models.lp import PLAIN, SCALAR_DEPTH, AlongDescent, ConditionedRegression, NearZero, ProductOf, StepSize
from models.lp.conditioning import constant_gain
from models.lp.preconditioner import scalar_preconditioner
from models.lp.problem import phi
from models.lp.ray import late_ray
from training import Descent
from training.machine import Machine

SEEDS = range(6)


def measured(p, scale, condition, start):
    """Return the gain in log10 ||Delta|| at t = 1e12, and the last residual with depth."""
    problem, size = ConditionedRegression(p=p, scale=scale, condition=condition), StepSize(layers=2, low=0.02, high=0.05)
    arms = (
        Descent(problem, PLAIN, ProductOf(network=SCALAR_DEPTH, start=start), size, 10**12, stepped=10**4),
        Descent(problem, SCALAR_DEPTH, start, size, 10**12, stepped=10**4),
    )
    plain, deep = (arm.train(SEEDS, Machine())["residual"][:, :, -1] for arm in arms)
    return np.log10(np.linalg.norm(plain, axis=1) / np.linalg.norm(deep, axis=1)), deep


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("condition", [1, 100])
def test_the_gain_is_that_of_descent(scale, condition):
    start = NearZero(scale=0.1)
    gain, _ = measured(4, scale, condition, start)
    predicted = constant_gain(ConditionedRegression(p=4, scale=scale, condition=condition), start, SEEDS)
    np.testing.assert_allclose(predicted, gain, atol=5e-3)


@pytest.mark.parametrize("p", [4, 6])
def test_given_where_the_residual_ends_the_ray_is_that_of_descent(p):
    problem, start = ConditionedRegression(p=p, scale=1.0, condition=10), NearZero(scale=0.1)
    _, deep = measured(p, 1.0, 10, start)
    inner, outer = start.factors(problem, SCALAR_DEPTH, SEEDS)
    imbalance = outer[:, 0, 0] ** 2 - (inner[:, 0] ** 2).sum(axis=1)
    ray = late_ray(scalar_preconditioner(problem.targets(SEEDS), imbalance), p, deep)
    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (ray, deep)]
    np.testing.assert_allclose(*unit, atol=0.02)


@pytest.mark.parametrize("p", [4, 6])
def test_a_ray_solves_its_equation(p):
    targets = np.array([[1.0, 0.5], [2.0, -0.3]])
    preconditioner = scalar_preconditioner(targets, np.array([0.3, -0.7]))
    a = late_ray(preconditioner, p, -targets)
    np.testing.assert_allclose(np.einsum("nij,nj->ni", preconditioner, phi(a, p)), a, rtol=1e-6)


def test_the_scale_adds_its_own_logarithm_and_nothing_else():
    start = AlongDescent(scale=1e-3)
    small, large = (constant_gain(ConditionedRegression(p=4, scale=k, condition=10), start, SEEDS) for k in (1.0, 10.0))
    np.testing.assert_allclose(large - small, 0.5, atol=1e-5)


def test_the_gain_shrinks_with_conditioning():
    start = AlongDescent(scale=1e-3)
    gains = [constant_gain(ConditionedRegression(p=4, scale=1.0, condition=k), start, SEEDS).mean() for k in (1, 10, 100, 1e6)]
    assert (np.diff(gains) < 0).all()
    assert gains[0] == pytest.approx(np.log10(2**0.5)) and gains[-1] == pytest.approx(np.log10((2 / 1.5) ** 0.5), abs=1e-3)


def test_at_the_solution_s_and_m_make_the_target_and_keep_their_imbalance():
    targets, imbalance = np.array([[1.0, 2.0], [0.5, -0.1]]), np.array([0.4, -1.3])
    for preconditioner, target, c in zip(scalar_preconditioner(targets, imbalance), targets, imbalance, strict=True):
        slow, fast = np.linalg.eigvalsh(preconditioner)  # s^2, and s^2 + ||m||^2
        assert slow - (fast - slow) == pytest.approx(c)
        assert slow * (fast - slow) == pytest.approx(target @ target)
