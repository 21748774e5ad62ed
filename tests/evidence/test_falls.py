"""When errors fall to a share of their start, and what is left by then."""

import numpy as np
import pytest

from evidence.estimators import Curves, Difference, MeasurementError
from evidence.falls import FallTime, LeftWhen

TIMES = np.linspace(0, 100, 1001)


def decaying(*rates):
    return Curves(TIMES, 3 * np.exp(-np.array(rates)[:, None] * TIMES))


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
def test_the_time_is_that_of_an_exponential(share):
    rates = np.array([0.1, 1.0])
    np.testing.assert_allclose(FallTime(share).measure(decaying(*rates)).values, np.log10(np.log(1 / share) / rates))


def test_the_difference_of_two_arms_is_the_ratio_of_their_rates():
    assert Difference(FallTime(0.1)).measure(decaying(0.1), decaying(0.3)).values == pytest.approx([np.log10(3)])


def test_a_planted_slowdown_arrives():
    (slower,) = FallTime(0.1).plant(0.3, decaying(0.5, 1.0))
    np.testing.assert_allclose(FallTime(0.1).measure(slower).values, FallTime(0.1).measure(decaying(0.5, 1.0)).values + 0.3)


@pytest.mark.filterwarnings("error")
def test_an_error_that_does_not_get_there_has_no_time_and_a_reason():
    found = FallTime(0.1).measure(decaying(0.001, 1.0))
    assert np.isnan(found.values[0]) and found.broken == {0: "its error does not fall to 0.1 of its start"}


def test_what_is_left_is_read_when_the_clock_says():
    left = LeftWhen(0.1).measure(decaying(0.2, 0.05), decaying(0.4, 0.1))
    np.testing.assert_allclose(left.values, 3 * 0.1**0.5, rtol=1e-3)


def test_what_is_left_may_be_negative():
    gap = Curves(TIMES, np.tile(-1.0 + TIMES / 100, (1, 1)))
    assert LeftWhen(0.1).measure(gap, decaying(np.log(10) / 50)).values == pytest.approx([-0.5])


def test_a_planted_share_arrives():
    arms = decaying(0.2, 0.05), decaying(0.4, 0.1)
    changed = LeftWhen(0.1).measure(*LeftWhen(0.1).plant(0.2, *arms)).values - LeftWhen(0.1).measure(*arms).values
    np.testing.assert_allclose(changed, 0.2)


@pytest.mark.filterwarnings("error")
def test_a_clock_that_does_not_run_down_and_a_broken_curve_are_told():
    spoiled = decaying(0.2, 0.2)
    spoiled.values[1, 5] = np.nan
    found = LeftWhen(0.1).measure(spoiled, decaying(0.001, 1.0))
    assert found.broken == {0: "its clock does not fall to 0.1 of its start", 1: "a quantity is not finite"}
    assert np.isnan(found.values).all()


def test_a_curve_and_its_clock_share_their_times():
    with pytest.raises(MeasurementError, match="recorded at different times"):
        LeftWhen(0.1).measure(decaying(0.2), decaying(0.2).stretched(2.0))
