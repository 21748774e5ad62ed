"""The exponent over the last decades is the curve's own, and a planted one arrives."""

import numpy as np
import pytest

from evidence import Curves, MeasurementError
from evidence.windows import WindowExponent, decade_exponents

TIMES = np.geomspace(1, 1e6, 241)


def test_only_the_last_decades_count():
    bent = np.where(TIMES < 1e5, TIMES**-1.0, 1e-5 * (TIMES / 1e5) ** -0.5)
    curves = Curves(TIMES, bent[None])
    assert WindowExponent().measure(curves).values[0] == pytest.approx(-0.5, abs=1e-12)
    assert -1 < WindowExponent(decades=2).measure(curves).values[0] < -0.6


def test_nothing_is_extrapolated():
    slow = (TIMES**-0.5 * (1 + TIMES**-0.1))[None]
    assert WindowExponent().measure(Curves(TIMES, slow)).values[0] < -0.51


@pytest.mark.parametrize("shift", [-0.3, 0.01])
def test_a_planted_exponent_arrives(shift):
    curves = Curves(TIMES, np.stack([TIMES**-0.5, 3 * TIMES**-0.7]))
    estimator = WindowExponent()
    moved = estimator.measure(*estimator.plant(shift, curves)).values - estimator.measure(curves).values
    np.testing.assert_allclose(moved, shift, atol=1e-12)


def test_a_broken_seed_is_named_and_the_others_are_read():
    values = np.stack([TIMES**-0.5, np.where(TIMES > 1e3, np.nan, 1.0), TIMES**-1.0])
    measured = WindowExponent().measure(Curves(TIMES, values))
    assert measured.broken == {1: "its error is not finite from t = 1.06e+03 on"}
    np.testing.assert_allclose(measured.values, [-0.5, np.nan, -1.0], atol=1e-12)


def test_all_seeds_may_be_broken():
    assert np.isnan(WindowExponent().measure(Curves(TIMES, np.zeros((2, 241)))).values).all()


def test_a_window_needs_three_records():
    with pytest.raises(MeasurementError, match="only 2 recorded times are at least 100"):
        WindowExponent().measure(Curves(np.array([1.0, 100.0, 1000.0]), np.ones((1, 3))))


def test_decades_are_read_one_by_one():
    bent = np.where(TIMES < 1e5, TIMES**-1.0, 1e-5 * (TIMES / 1e5) ** -0.5)
    found = decade_exponents(TIMES, np.stack([[bent]]), start=1e3, stop=1e6)
    np.testing.assert_allclose(found, [[[-1, -1, -0.5]]], atol=1e-9)
