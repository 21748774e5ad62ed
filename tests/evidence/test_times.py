"""Times read off curves."""

import numpy as np
import pytest

from evidence.estimators import Curves, Difference, MeasurementError
from evidence.times import HalfTime, HalfTimeSlope, crossing_time

TIMES = np.linspace(0, 100, 1001)


def prediction(*rows):
    """Predicted half-times, one row a seed."""
    return Curves(np.arange(len(rows[0]), dtype=float), np.array(rows, dtype=float))


def decaying(*rates):
    return Curves(TIMES, np.exp(-np.array(rates)[:, None] * TIMES))


def test_crossing_time_is_interpolated_in_the_logarithm():
    curves = Curves(np.array([0.0, 10.0, 20.0]), np.array([[1.0, 0.1, 0.001], [1.0, 0.01, 0.001]]))
    assert crossing_time(curves, 0.01) == pytest.approx([15.0, 10.0])
    assert crossing_time(curves, np.array([0.01, 0.1])) == pytest.approx([15.0, 5.0])


@pytest.mark.filterwarnings("error")
def test_level_never_reached_is_crossed_at_infinity():
    assert crossing_time(Curves(np.array([0.0, 1.0]), np.array([[1.0, 0.5]])), 0.1).tolist() == [np.inf]


@pytest.mark.filterwarnings("error")
def test_level_held_at_the_start_is_crossed_there():
    assert crossing_time(Curves(np.array([3.0, 4.0]), np.array([[1.0, 0.5]])), 1.0).tolist() == [3.0]


def test_first_crossing_counts_where_a_curve_rises_again():
    curves = Curves(np.array([0.0, 1.0, 2.0, 3.0]), np.array([[1.0, 0.01, 1.0, 0.001]]))
    assert crossing_time(curves, 0.1) == pytest.approx([0.5])


def test_half_time_of_an_exponential_is_its_own():
    assert HalfTime().measure(decaying(0.1, 1.0)).values == pytest.approx(np.log10(np.log(2) / np.array([0.1, 1.0])))


def test_difference_of_half_times_is_the_ratio_of_rates():
    assert Difference(HalfTime()).measure(decaying(0.1), decaying(0.3)).values == pytest.approx([np.log10(3)])


def test_error_that_never_halves_has_no_half_time_and_a_reason():
    found = HalfTime().measure(decaying(0.001, 1.0))
    assert np.isnan(found.values[0]) and found.broken == {0: "its error never halved"}
    found = HalfTimeSlope().measure(
        prediction(*[[1.0, 2.0, 3.0]] * 2), decaying(0.001, 1.0), decaying(1.0, 2.0), decaying(2.0, 3.0)
    )
    assert np.isnan(found.values[0]) and found.broken == {0: "its error never halved"}


def test_slope_needs_three_arms():
    with pytest.raises(MeasurementError, match="a slope over 2 arms leaves no error"):
        HalfTimeSlope().measure(prediction([1.0, 2.0]), decaying(1.0), decaying(2.0))
    with pytest.raises(MeasurementError, match="a slope over 0 arms leaves no error"):
        HalfTimeSlope().measure()


@pytest.mark.parametrize("truth", [1.0, 1.3])
def test_slope_of_half_times_is_one_where_the_prediction_is_right_and_a_constant_is_left_out(truth):
    arms = [decaying(rate, 2 * rate) for rate in (0.1, 0.2, 0.4)]
    predicted = np.stack([np.log(2) / np.array([rate, 2 * rate]) for rate in (0.1, 0.2, 0.4)], axis=1) / truth + 7
    found = HalfTimeSlope(systematic=0.01).measure(prediction(*predicted), *arms)
    assert found.values == pytest.approx([truth, truth]) and found.bias == 0.01


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, -1.0])
@pytest.mark.parametrize("place", [0, 5, -1])
@pytest.mark.filterwarnings("error")
def test_curve_that_breaks_anywhere_has_no_half_time(bad, place):
    curves = decaying(0.1, 1.0)
    curves.values[1, place] = bad
    found = HalfTime().measure(curves)
    assert np.isfinite(found.values[0]) and np.isnan(found.values[1]) and "its error is" in found.broken[1]


@pytest.mark.parametrize(
    "predicted, words",
    [
        (np.ones((2, 3)), "predictions of shape 2 x 3 do not fit 3 arms"),
        (np.array([[1.0, np.nan, 2.0]]), "a predicted time is not finite"),
        (np.array([[2.0, 2.0, 2.0]]), "the predicted times of a seed are all the same"),
    ],
)
def test_predictions_that_do_not_fit_are_refused_in_a_sentence(predicted, words):
    with pytest.raises(MeasurementError, match=words):
        HalfTimeSlope().measure(prediction(*predicted), *[decaying(rate) for rate in (0.1, 0.2, 0.4)])


def test_arms_of_different_length_have_no_slope():
    with pytest.raises(MeasurementError, match=r"do not fit 3 arms of \[1, 2\] seeds"):
        HalfTimeSlope().measure(prediction([1.0, 1.0, 1.0]), decaying(1.0), decaying(2.0), decaying(1.0, 2.0))


@pytest.mark.parametrize("truth", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("shift", [0.03, -0.3])
def test_planted_slowness_arrives_wherever_the_slope_is(shift, truth):
    predicted = prediction(np.log(2) / np.array([0.1, 0.2, 0.4]) / truth)
    arms, slope = [predicted, *(decaying(rate) for rate in (0.1, 0.2, 0.4))], HalfTimeSlope()
    assert slope.measure(*slope.plant(shift, *arms)).values == pytest.approx([truth + shift], abs=1e-3)


def test_slope_cannot_be_slowed_down_to_nothing():
    with pytest.raises(MeasurementError, match="a shift of -2 cannot be planted in a slope of 1"):
        predicted = prediction(np.log(2) / np.array([0.1, 0.2, 0.4]))
        HalfTimeSlope().plant(-2.0, predicted, *[decaying(rate) for rate in (0.1, 0.2, 0.4)])


@pytest.mark.parametrize("shift", [0.03, -0.03])
def test_planted_slowness_arrives_in_a_half_time(shift):
    arms = [decaying(0.1)]
    planted = HalfTime().plant(shift, arms[0])
    assert HalfTime().measure(*planted).values - HalfTime().measure(arms[0]).values == pytest.approx([shift])


@pytest.mark.parametrize("power", range(-5, 6))
def test_level_of_a_flat_stretch_is_reached_where_the_stretch_begins_whatever_the_unit(power):
    curves = Curves(np.arange(1.0, 6.0), 2.0**power * np.array([[1.0, 0.05, 0.05, 0.05, 0.01]]))
    levels = np.exp(np.log(2.0**power * 0.05) * np.ones(1))
    assert crossing_time(curves, levels) == pytest.approx([2.0])
