"""The predicted errors of plain descent agree with descents taken step by step, each to its order."""

import numpy as np
import pytest

from models.lp import phi
from models.lp.rates import flow_error, late_error, log_coefficient, next_order_error

POWERS = [2.5, 3, 4, 6, 8]
ETA, STARTS = 0.1, np.array([-1.0, 0.5, 1.2])


def descended(p, steps, eta=ETA):
    now = STARTS
    for _ in range(steps):
        now = now - eta * phi(now, p)
    return np.abs(now)


@pytest.mark.parametrize("p", POWERS)
def test_the_late_error_is_that_of_any_start_in_the_end(p):
    np.testing.assert_allclose(flow_error(STARTS, p, ETA, 1e15), late_error(p, ETA, 1e15), rtol=1e-9)


@pytest.mark.parametrize("p", POWERS)
def test_the_flow_solves_its_equation(p):
    h = 1e-4
    speed = (flow_error(STARTS, p, ETA, 50 + h) - flow_error(STARTS, p, ETA, 50 - h)) / (2 * h)
    np.testing.assert_allclose(speed, -ETA * phi(flow_error(STARTS, p, ETA, 50), p), rtol=1e-7)


@pytest.mark.parametrize("p", POWERS)
def test_the_flow_begins_at_the_start(p):
    np.testing.assert_allclose(flow_error(STARTS, p, ETA, 0), np.abs(STARTS))
    np.testing.assert_allclose(next_order_error(STARTS, p, ETA, 0), np.abs(STARTS))


@pytest.mark.parametrize("p", POWERS)
def test_the_logarithm_brings_the_prediction_to_descent_by_an_order(p):
    small, exact = 0.001, descended(p, 2000, eta=0.001)
    flow = np.abs(flow_error(STARTS, p, small, 2000) / exact - 1).max()
    further = np.abs(next_order_error(STARTS, p, small, 2000) / exact - 1).max()
    assert further < 0.02 * flow


@pytest.mark.parametrize("p", POWERS)
def test_descent_shows_the_coefficient_of_the_logarithm(p):
    errors = descended(p, 1000), descended(p, 20_000)
    np.testing.assert_allclose(log_coefficient(STARTS, *errors, p, ETA, (1000, 20_000)), (p - 1) / 2, rtol=0.01)


def test_the_flow_alone_has_no_logarithm():
    errors = (flow_error(STARTS, 4, ETA, t) for t in (1000, 20_000))
    np.testing.assert_allclose(log_coefficient(STARTS, *errors, 4, ETA, (1000, 20_000)), 0, atol=1e-8)


@pytest.mark.parametrize("p", [2, 1, -1, float("nan")])
def test_a_power_without_a_power_law_is_refused(p):
    with pytest.raises(ValueError, match=f"p = {p} gives no power law"):
        late_error(p, ETA, 10)
