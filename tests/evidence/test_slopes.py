"""Numbers read off trajectories."""

import numpy as np
import pytest

from evidence.slopes import crossing_time, late_exponent, late_window, slope

TIMES = np.geomspace(1, 1e7, 281)


def power_law(exponent, *corrections, amplitude=1.0):
    error = TIMES**exponent
    return amplitude * (error * (1 + sum(c * error ** (k + 1) for k, c in enumerate(corrections))))[None]


@pytest.mark.parametrize("exponent", [-1.0, -0.5, -0.25, -1 / 6])
@pytest.mark.parametrize("amplitude", [1e-3, 1.0, 50.0])
def test_exact_power_law_is_recovered(exponent, amplitude):
    found = late_exponent(TIMES, power_law(exponent, amplitude=amplitude))
    assert found.values == pytest.approx(exponent, abs=1e-9)
    assert found.second_order == pytest.approx(exponent, abs=1e-9)


@pytest.mark.parametrize("exponent", [-0.5, -0.25, -1 / 6])
@pytest.mark.parametrize("corrections", [(0.5,), (-0.5,), (1.0, 0.5), (0.5, -1.0)])
def test_bias_is_the_size_of_the_true_error(exponent, corrections):
    found = late_exponent(TIMES, power_law(exponent, *corrections))
    # It is the next order, not a strict bound: at p = 8 the orders after it add up to a quarter.
    assert abs(found.values[0] - exponent) <= 1.25 * found.bias


def test_the_true_error_is_at_most_a_quarter_above_the_estimated_bias():
    found = late_exponent(TIMES, power_law(-1 / 6, 0.5))
    assert abs(found.values[0] + 1 / 6) <= 1.25 * found.bias


@pytest.mark.parametrize("exponent", [-0.25, -1 / 6])
def test_second_order_is_nearer_for_first_and_second_order_corrections(exponent):
    found = late_exponent(TIMES, power_law(exponent, 1.0, 0.5))
    assert abs(found.second_order[0] - exponent) < abs(found.values[0] - exponent)


@pytest.mark.parametrize("shift", [-0.1, 0.02, 0.1])
def test_planted_power_of_time_moves_an_exact_exponent_by_as_much(shift):
    before, after = (late_exponent(TIMES, power_law(-0.25) * TIMES**s) for s in (0, shift))
    assert after.values - before.values == pytest.approx(shift, abs=1e-9)


def test_planted_power_of_time_arrives_in_a_corrected_exponent():
    before, after = (late_exponent(TIMES, power_law(-0.25, 0.5) * TIMES**s) for s in (0, 0.02))
    assert after.values - before.values == pytest.approx(0.02, abs=0.002)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "bad",
    [
        0.0,
        -1.0,
        np.nan,
    ],
)
def test_exponent_of_a_trajectory_that_is_not_positive_is_nan_and_others_stand(bad):
    curves = np.concatenate([power_law(-0.5), power_law(-0.25)])
    curves[0, -3] = bad
    found = late_exponent(TIMES, curves)
    assert np.isnan(found.values[0])
    assert found.values[1] == pytest.approx(-0.25)


def test_too_few_records_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match=r"Only \d recorded times lie in .*: an exponent needs at least 3"):
        late_exponent(np.array([1.0, 1e3, 1e6]), np.ones((1, 3)))


def test_difference_of_exponents_is_paired_by_seed():
    first, second = (late_exponent(TIMES, power_law(e)) for e in (-0.5, -0.25))
    assert (first - second).values == pytest.approx(-0.25)
    assert (first - second).bias == pytest.approx(0, abs=1e-9)


def test_late_window_is_the_last_three_decades():
    assert late_window(TIMES) == pytest.approx((1e4, 1e7))


def test_crossing_time_is_interpolated_in_the_logarithm():
    times, curves = np.array([0.0, 10.0, 20.0]), np.array([[1.0, 0.1, 0.001], [1.0, 0.01, 0.001]])
    assert crossing_time(times, curves, 0.01) == pytest.approx([15.0, 10.0])
    assert crossing_time(times, curves, np.array([0.01, 0.1])) == pytest.approx([15.0, 5.0])


def test_level_never_reached_is_crossed_at_infinity():
    assert crossing_time(np.array([0.0, 1.0]), np.array([[1.0, 0.5]]), 0.1).tolist() == [np.inf]


def test_level_held_at_the_start_is_crossed_there():
    assert crossing_time(np.array([3.0, 4.0]), np.array([[1.0, 0.5]]), 1.0).tolist() == [3.0]


def test_first_crossing_counts_where_a_curve_rises_again():
    times, curves = np.array([0.0, 1.0, 2.0, 3.0]), np.array([[1.0, 0.01, 1.0, 0.001]])
    assert crossing_time(times, curves, 0.1) == pytest.approx([0.5])


def test_slope_of_each_row_is_least_squares():
    x, y = np.array([[0.0, 1.0, 2.0, 5.0], [1.0, 2.0, 3.0, 4.0]]), np.array([[1.0, 0.0, 2.0, 3.0], [4.0, 2.0, 0.0, -2.0]])
    assert slope(x, y) == pytest.approx([np.polyfit(x[0], y[0], 1)[0], -2.0])
