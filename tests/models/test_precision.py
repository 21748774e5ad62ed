"""Descents in single precision stop where a step is half a spacing of the stored number, and not before."""

import numpy as np
import pytest

from models.lp import BesideTarget, LpRegression
from models.lp.precision import _phi, single_descent, stall_level

SEEDS = list(range(8))
START = BesideTarget(low=0.1, high=0.2)


def descended(p, stored, steps=10_000, start=START):
    return single_descent(LpRegression(p=p, low=1.1, high=1.9), start, SEEDS, steps, stored=stored)


def test_stored_parameters_stop_at_the_level_and_a_stored_residual_goes_on():
    parameters, residual = descended(3, "parameters"), descended(3, "residual")
    level = stall_level(np.spacing(parameters.parameters).astype(np.float64).clip(2.0**-23), parameters.rates[:, None], 3)
    assert parameters.moved.max() == 0
    np.testing.assert_allclose(parameters.error, level, rtol=0.01)
    assert (parameters.error <= level).all()
    assert residual.moved.min() > 1
    assert (residual.error < 0.9 * parameters.error).all()


def test_before_the_stall_both_agree():
    np.testing.assert_allclose(descended(4, "parameters", 50).error, descended(4, "residual", 50).error, rtol=1e-4)


def test_more_steps_change_nothing_once_stalled():
    np.testing.assert_array_equal(descended(3, "parameters").parameters, descended(3, "parameters", 12_000).parameters)


@pytest.mark.parametrize("p", [2.5, 3, 4, 8])
def test_the_step_is_that_of_the_same_loss_in_double_precision(p):
    residual = np.linspace(-2, 2, 41, dtype=np.float32)
    double = np.sign(residual.astype(np.float64)) * np.abs(residual.astype(np.float64)) ** (p - 1)
    assert _phi(residual, p).dtype == np.float32
    np.testing.assert_allclose(_phi(residual, p), double, rtol=2e-6)


def test_everything_is_kept_in_single_precision():
    found = descended(2.5, "parameters", 3)
    assert found.parameters.dtype == np.float32
    assert found.error.shape == found.moved.shape == (len(SEEDS), 2)


@pytest.mark.parametrize("p", [3, 4, 6])
def test_a_stored_residual_stalls_by_the_same_rule_with_its_own_spacing(p):
    residual = np.float32(1.5 * 2.0**-10)
    spacing = np.spacing(residual).astype(np.float64)
    rate = spacing / (2 * float(residual) ** (p - 1))  # puts the level at this residual
    assert stall_level(spacing, rate, p) == pytest.approx(float(residual))
    above, below = residual * np.float32(1.01), residual * np.float32(0.99)
    assert above - np.float32(rate) * _phi(above, p) != above
    assert below - np.float32(rate) * _phi(below, p) == below
