"""The edge found by bisection is where single descents turn from falling to growing."""

import numpy as np
import pytest

from models.lp import BesideTarget, LpRegression, phi
from models.lp.edge import _bisected, edge_of_stability

SEEDS = [0, 1, 2]


def final(residual, rate, p, steps=2000):
    for _ in range(steps):
        residual = residual - rate * phi(residual, p)
    return np.abs(residual)


@pytest.mark.parametrize("p", [2.5, 3, 4, 6, 8])
def test_the_edge_is_two_and_descents_on_its_sides_part(p):
    edges = edge_of_stability(LpRegression(p=p), BesideTarget(), SEEDS)
    np.testing.assert_allclose(edges, 2, rtol=1e-8)
    start = np.array([1.3])
    with np.errstate(over="ignore", invalid="ignore"):
        assert final(start, 0.999 * edges[0] / 1.3 ** (p - 2), p) < 0.5 * start
        assert not final(start, 1.001 * edges[0] / 1.3 ** (p - 2), p) < np.inf


def test_a_loss_p_times_as_steep_has_an_edge_p_times_as_low():
    edges = edge_of_stability(LpRegression(p=4), BesideTarget(), SEEDS, weight=4.0)
    np.testing.assert_allclose(edges, 0.5, rtol=1e-8)


def test_the_edge_is_set_by_the_largest_coordinate_wherever_it_starts():
    np.testing.assert_allclose(edge_of_stability(LpRegression(p=4), BesideTarget(low=0.1, high=3.0), SEEDS), 2, rtol=1e-8)


def test_bisection_finds_any_switch():
    switches = np.array([1e-3, 0.7, 50.0])
    np.testing.assert_allclose(_bisected(lambda x: x < switches, 3), switches, rtol=1e-8)
