"""The critical set through zero and the saddles of deeper networks, beside the loss itself and finite differences."""

import numpy as np
import pytest

from models.lp import LpRegression, phi
from models.lp.saddle import _on_set, leading_change, set_eigenvalues, set_eigenvalues_predicted

POWERS = [2.5, 3, 4, 6]
SEEDS = [0, 1, 2]


def loss(p, target, scalars, m):
    return (np.abs(np.prod(scalars) * np.asarray(m) - target) ** p).sum() / p


@pytest.mark.parametrize("p", POWERS)
def test_eigenvalues_on_the_set_are_those_of_the_closed_form(p):
    problem = LpRegression(p=p)
    np.testing.assert_allclose(set_eigenvalues(problem, SEEDS), set_eigenvalues_predicted(problem, SEEDS), rtol=0, atol=1e-12)


@pytest.mark.parametrize("p", POWERS)
def test_away_from_the_set_the_closed_form_fails(p):
    problem = LpRegression(p=p)
    off = np.abs(set_eigenvalues(problem, SEEDS, tilt=0.3) - set_eigenvalues_predicted(problem, SEEDS)).max(axis=1)
    assert off.min() > 1e-4


@pytest.mark.parametrize("p", POWERS)
def test_points_of_the_set_are_critical(p):
    problem = LpRegression(p=p)
    for seed, target in zip(SEEDS, problem.targets(SEEDS), strict=True):
        m, h = _on_set(problem, target, seed, 0.0), 1e-6
        slope = (loss(p, target, [h], m) - loss(p, target, [-h], m)) / (2 * h)
        assert abs(slope) < 1e-6 * np.linalg.norm(phi(target, p))


@pytest.mark.parametrize("falling", [True, False])
@pytest.mark.parametrize("layers", [2, 3, 4])
@pytest.mark.parametrize("p", POWERS)
def test_the_change_is_that_of_the_loss(p, layers, falling):
    problem, h = LpRegression(p=p), 0.2
    found = leading_change(problem, layers, SEEDS, distance=h, falling=falling)
    for target, ours in zip(problem.targets(SEEDS), found, strict=True):
        v = phi(target, p)
        scalars = [h] * (layers - 1)
        scalars[0] *= 1 if falling else -1
        theirs = loss(p, target, scalars, h * v / np.linalg.norm(v)) - loss(p, target, [0.0], v)
        assert ours == pytest.approx(theirs / (np.linalg.norm(v) * h**layers), rel=1e-9)


@pytest.mark.parametrize("layers", [3, 4])
def test_the_loss_falls_one_way_and_rises_another(layers):
    problem = LpRegression(p=4)
    fall, rise = (leading_change(problem, layers, SEEDS, distance=1e-3, falling=falling) for falling in (True, False))
    np.testing.assert_allclose(fall, -1, atol=1e-8)
    np.testing.assert_allclose(rise, 1, atol=1e-8)
