"""The derivatives at and near the saddle agree with finite differences of the loss written out in NumPy."""

import numpy as np
import pytest

from models.lp import LpRegression, phi
from models.lp.landscape import critical_gradient, hessian_eigenvalues, hessian_norm, predicted_eigenvalues
from models.streams import stream

POWERS = [2.5, 3, 4, 6]
SEEDS = [0, 1, 2]


def loss(problem, target, layers):
    """Return the loss as a function of the parameters: scalars first, then the two inputs' weights."""
    return lambda at: (np.abs(np.prod(at[: layers - 1]) * at[layers - 1 :] - target) ** problem.p).sum() / problem.p


def slope(function, at, step=1e-5):
    """Return the gradient by central differences."""
    units = step * np.eye(len(at))
    return np.array([(function(at + unit) - function(at - unit)) / (2 * step) for unit in units])


def curvature(function, at, step=1e-3):
    """Return the Hessian by central differences of central differences, symmetrical."""
    hessian = slope(lambda there: slope(function, there, step), at, step)
    return (hessian + hessian.T) / 2


def down(problem, target):
    """Return v = phi(y) and its length."""
    v = phi(target, problem.p)
    return v, np.linalg.norm(v)


def unit(vector):
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("distance", [0.0, 0.3])
def test_eigenvalues_agree_with_finite_differences(p, distance):
    problem = LpRegression(p=p)
    found = hessian_eigenvalues(problem, SEEDS, distance)
    for seed, target, ours in zip(SEEDS, problem.targets(SEEDS), found, strict=True):
        at = distance * unit(stream(seed, "direction").normal(size=3))
        theirs = np.linalg.eigvalsh(curvature(loss(problem, target, 2), at)) / down(problem, target)[1]
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-4)


@pytest.mark.parametrize("p", POWERS)
def test_eigenvalues_at_zero_are_those_of_the_theory(p):
    problem = LpRegression(p=p)
    np.testing.assert_allclose(hessian_eigenvalues(problem, SEEDS, 0.0), predicted_eigenvalues(problem, SEEDS), atol=1e-12)


def test_eigenvalues_rise_and_have_a_row_for_each_seed():
    eigenvalues = hessian_eigenvalues(LpRegression(p=4), SEEDS, 0.5)
    assert eigenvalues.shape == predicted_eigenvalues(LpRegression(p=4), SEEDS).shape == (3, 3)
    assert (np.diff(eigenvalues, axis=1) > 0).all()


def test_eigenvalues_come_to_the_predicted_ones_in_proportion_to_the_distance():
    problem = LpRegression(p=4)
    errors = [
        np.abs(hessian_eigenvalues(problem, SEEDS, distance) - predicted_eigenvalues(problem, SEEDS)).max()
        for distance in (1e-2, 1e-3, 1e-4)
    ]
    assert errors[0] > 5 * errors[1] > 25 * errors[2]


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("layers", [2, 3, 4])
def test_the_hessian_norm_at_zero_agrees_with_finite_differences(p, layers):
    problem = LpRegression(p=p)
    found = hessian_norm(problem, layers, SEEDS)
    for target, ours in zip(problem.targets(SEEDS), found, strict=True):
        theirs = np.abs(curvature(loss(problem, target, layers), np.zeros(layers + 1))).max() / down(problem, target)[1]
        assert ours == pytest.approx(theirs, abs=2e-3)  # the step of 1e-3 times a third derivative of size 1


def test_the_hessian_at_zero_vanishes_from_three_layers_on():
    assert [hessian_norm(LpRegression(p=4), layers, SEEDS).max() for layers in (3, 4)] == [0.0, 0.0]
    assert hessian_norm(LpRegression(p=4), 2, SEEDS).min() > 0.5


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("tilt", [0.0, 0.1, -0.4])
def test_the_gradient_agrees_with_finite_differences(p, tilt):
    problem = LpRegression(p=p)
    found = critical_gradient(problem, SEEDS, tilt)
    for target, ours in zip(problem.targets(SEEDS), found, strict=True):
        (v0, v1), size = down(problem, target)
        m = (np.cos(tilt) * np.array([-v1, v0]) + np.sin(tilt) * np.array([v0, v1])) / size
        theirs = np.abs(slope(loss(problem, target, 2), np.array([0.0, *m]))).max() / size
        assert ours == pytest.approx(theirs, abs=1e-7)


@pytest.mark.parametrize("tilt", [0.0, 0.01, 0.5])
def test_the_gradient_across_the_slope_is_the_sine_of_the_tilt(tilt):
    np.testing.assert_allclose(critical_gradient(LpRegression(p=4), SEEDS, tilt), np.sin(tilt), atol=1e-14)


@pytest.mark.parametrize("p", POWERS)
def test_without_depth_the_hessian_at_zero_is_that_of_separate_coordinates(p):
    problem = LpRegression(p=p)
    targets = problem.targets(SEEDS)
    slopes = np.array([down(problem, target)[1] for target in targets])
    expected = np.sort((p - 1) * np.abs(targets) ** (p - 2), axis=1) / slopes[:, None]
    np.testing.assert_allclose(hessian_eigenvalues(problem, SEEDS, 0.0, layers=1), expected, rtol=1e-12)
