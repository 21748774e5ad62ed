"""Burn-in times and their exponents are read as they are, broken curves are named, and plants arrive."""

import numpy as np
import pytest

from evidence import Curves, MeasurementError
from evidence.burn_in import BurnInExponent, burn_in_times

TIMES = np.geomspace(1, 1e8, 321)


def late(onset, exponent):
    """Return curves (onset + t)^exponent, whose local exponent is exponent · t / (onset + t): 90 % of it at t = 9 onset."""
    return Curves(TIMES, (np.atleast_1d(onset)[:, None] + TIMES) ** exponent)


def arms(power, spread=(1.0, 1.1, 0.9)):
    """Return what three arms differ in, and their curves with onsets 100 x^power, scattered over seeds."""
    x = np.array([1.0, 2.0, 4.0])
    rows = np.outer(spread, x)
    return Curves(np.arange(3.0), rows), *(late(100 * rows[:, j] ** power, -0.5) for j in range(3))


@pytest.mark.parametrize("exponent", [-0.2, -0.5, -1.0])
def test_the_burn_in_ends_where_the_local_exponent_is_ninety_per_cent(exponent):
    found = burn_in_times(late([1e2, 1e4], exponent), exponent)
    np.testing.assert_allclose(found, [9e2, 9e4], rtol=1e-3)


def test_a_curve_that_is_a_power_law_from_the_start_has_its_first_interval():
    assert burn_in_times(Curves(TIMES, TIMES[None] ** -0.5), -0.5)[0] == pytest.approx(np.sqrt(TIMES[0] * TIMES[1]))


def test_a_record_at_time_zero_is_left_out():
    with_zero = Curves(np.append(0.0, TIMES), np.append(0.1, (100 + TIMES) ** -0.5)[None])
    assert burn_in_times(with_zero, -0.5)[0] == burn_in_times(late(100.0, -0.5), -0.5)[0]


def test_a_burn_in_that_does_not_end_is_infinite_and_a_broken_curve_is_no_number():
    values = np.stack([(1e9 + TIMES) ** -0.5, np.where(TIMES < 10, 1.0, np.nan)])
    assert np.isposinf(burn_in_times(Curves(TIMES, values), -0.5)[0])
    assert np.isnan(burn_in_times(Curves(TIMES, values), -0.5)[1])


@pytest.mark.parametrize("power", [-2.0, 0.0, 1.0])
def test_the_exponent_over_arms_is_that_of_the_onsets(power):
    np.testing.assert_allclose(BurnInExponent(late=-0.5).measure(*arms(power)).values, power, atol=2e-3)


@pytest.mark.parametrize("shift", [-3.0, 0.02, 1.0])
def test_a_planted_shift_arrives(shift):
    estimator, curves = BurnInExponent(late=-0.5), arms(-2.0)
    before, after = (estimator.measure(*each).values.mean() for each in (curves, estimator.plant(shift, *curves)))
    assert after - before == pytest.approx(shift, abs=1e-9)


def test_seeds_that_cannot_be_read_are_named():
    x, first, second, third = arms(-2.0)
    endless = Curves(TIMES, np.concatenate([second.values[:2], [(1e9 + TIMES) ** -0.5]]))
    negative = Curves(TIMES, third.values * np.array([[1.0], [-1.0], [1.0]]))
    found = BurnInExponent(late=-0.5, systematic=0.1).measure(x, first, endless, negative)
    assert found.broken == {1: "its error is zero or negative from t = 1 on", 2: "its burn-in did not end"}
    assert np.isnan(found.values).tolist() == [False, True, True]
    assert found.bias == 0.1


def test_arms_that_do_not_fit_are_refused():
    x, first, second, third = arms(-2.0)
    with pytest.raises(MeasurementError, match="an exponent over 2 arms leaves no error: at least 3"):
        BurnInExponent(late=-0.5).measure(x, first, second)
    with pytest.raises(MeasurementError, match="values of shape 3 x 3 do not fit 4 arms"):
        BurnInExponent(late=-0.5).measure(x, first, second, third, third)
    with pytest.raises(MeasurementError, match="positive and finite"):
        BurnInExponent(late=-0.5).measure(Curves(x.times, -x.values), first, second, third)
