"""The derivatives of the toy problem agree with finite differences, and with what the formulas say of other points."""

import numpy as np
import pytest

from models.lp import LpRegression
from models.lp.coupling import coupling, data_gap, mixed_curvature, predicted_coupling, step_coupling
from models.streams import stream

POWERS = [2.5, 3, 4, 8]
SEEDS = [0, 1, 2]


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("angle", [0.0, 0.3])
def test_the_mixed_derivative_agrees_with_differences_of_the_loss(p, angle):
    problem, h = LpRegression(p=p), 1e-3
    rows = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    found = mixed_curvature(problem, SEEDS, angle)
    for seed, target, ours in zip(SEEDS, problem.targets(SEEDS), found, strict=True):
        at = stream(seed, "point").normal(size=2)

        def loss(first, second, at=at, target=target):
            return (np.abs(rows @ (at + [first, second]) - target) ** p).sum()

        mixed = (loss(h, h) - loss(h, -h) - loss(-h, h) + loss(-h, -h)) / (4 * h**2)
        own = [(loss(*there) - 2 * loss(0, 0) + loss(*[-step for step in there])) / h**2 for there in ((h, 0), (0, h))]
        assert ours == pytest.approx(abs(mixed) / max(abs(mixed), *own), abs=1e-4)


def test_turned_inputs_couple_the_coordinates_and_unit_vectors_do_not():
    assert mixed_curvature(LpRegression(p=4), SEEDS).tolist() == [0.0] * 3
    assert mixed_curvature(LpRegression(p=4), SEEDS, angle=0.3).min() > 1e-3


def test_the_objective_is_the_loss_of_the_data_points_in_one_order_only():
    assert data_gap(LpRegression(p=4), SEEDS, swapped=False).max() == 0
    assert data_gap(LpRegression(p=4), SEEDS, swapped=True).min() > 1e-3


def test_the_coupling_off_the_solution_grows_with_the_square_of_m():
    problem = LpRegression(p=4)
    np.testing.assert_allclose(coupling(problem, SEEDS), predicted_coupling(problem, SEEDS), rtol=1e-12)
    np.testing.assert_allclose(coupling(problem, SEEDS, off=2.0), 4 * predicted_coupling(problem, SEEDS), rtol=1e-12)


@pytest.mark.parametrize("p", POWERS)
def test_a_step_shows_the_coupling_more_closely_the_nearer_the_solution(p):
    problem = LpRegression(p=p)
    far, near = (
        np.abs(step_coupling(problem, SEEDS, depth=True, apart=apart) / predicted_coupling(problem, SEEDS) - 1)
        for apart in (1e-3, 1e-4)
    )
    np.testing.assert_allclose(far / near, 10, rtol=0.01)


def test_a_step_without_depth_leaves_the_other_coordinate_alone():
    assert step_coupling(LpRegression(p=4), SEEDS, depth=False).tolist() == [0.0] * 3
