"""Gaps between curves: drifts are those that were put in, wherever one looks, and unreadable curves say so."""

import numpy as np
import pytest

from evidence import Curves, Margin, MeasurementError
from evidence.drift import GapDrift, GapTrend, exponent_between, largest_gap
from evidence.judge import Judge
from evidence.verdict import INVALID, REFUTED, SUPPORTED

TIMES = np.concatenate([[0.0], np.geomspace(1, 1e6, 241)])
SEEDS = range(12)


def errors(exponent=-0.5, spread=0.0):
    after_start = np.maximum(TIMES, 1.0)
    scatter = np.random.default_rng(0).normal(0, spread, (len(SEEDS), 1))
    return Curves(TIMES, np.arange(1, len(SEEDS) + 1)[:, None] * after_start ** (exponent + scatter))


@pytest.mark.parametrize("drift", [-0.2, 0.0, 0.01])
def test_the_drift_is_the_difference_of_exponents(drift):
    np.testing.assert_allclose(GapDrift().measure(errors(-0.5 + drift), errors()).values, drift, atol=1e-12)


def test_a_constant_gap_does_not_drift_however_wide():
    np.testing.assert_allclose(GapDrift().measure(errors().scaled(1e-6), errors()).values, 0, atol=1e-12)


def test_a_window_sees_only_what_happens_in_it():
    early = np.where(TIMES < 1e3, np.maximum(TIMES, 1.0) ** -0.3, 1e3**-0.3)
    first = errors().scaled(early)
    np.testing.assert_allclose(GapDrift((10, 900)).measure(first, errors()).values, -0.3, atol=1e-12)
    np.testing.assert_allclose(GapDrift().measure(first, errors()).values, 0, atol=1e-12)


@pytest.mark.parametrize("window", [None, (10, 1e4)])
@pytest.mark.parametrize("shift", [-0.1, 0.003])
def test_a_planted_drift_arrives(window, shift):
    estimator, arms = GapDrift(window), (errors(-0.52), errors())
    moved = estimator.measure(*estimator.plant(shift, *arms)).values - estimator.measure(*arms).values
    np.testing.assert_allclose(moved, shift, atol=1e-12)


def test_planting_leaves_the_record_at_time_zero_alone():
    planted, _ = GapDrift().plant(0.5, errors(), errors())
    np.testing.assert_array_equal(planted.values[:, 0], errors().values[:, 0])


@pytest.mark.parametrize(("drift", "verdict"), [(0.0, SUPPORTED), (0.05, REFUTED)])
def test_the_judge_tells_parallel_curves_from_others(drift, verdict):
    judge = Judge()
    found = judge.equivalent(
        "late", GapDrift(), errors(-0.5 + drift, 1e-3), errors(), seeds=SEEDS, estimand="drift", to=0, margin=Margin(0.02, "some")
    )
    assert found is verdict
    assert all(control["passed"] for control in judge.controls)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_a_seed_that_breaks_is_named_and_the_others_are_read(value):
    first = errors(-0.6)
    first.values[3, -2] = value
    measured = GapDrift().measure(first, errors())
    assert np.flatnonzero(np.isnan(measured.values)).tolist() == [3]
    assert measured.broken[3].startswith("its error is")
    judged = Judge().equivalent(
        "late", GapDrift(), first, errors(), seeds=SEEDS, estimand="drift", to=0, margin=Margin(1.0, "one")
    )
    assert judged is INVALID


@pytest.mark.parametrize("window", [(2e6, 1e7), (10, 10.1)])
def test_a_window_without_records_is_refused(window):
    with pytest.raises(MeasurementError, match=r"recorded times lie in \["):
        GapDrift(window).measure(errors(), errors())


@pytest.mark.parametrize("read", [GapDrift().measure, largest_gap])
def test_arms_recorded_at_different_times_have_no_gap(read):
    with pytest.raises(MeasurementError, match="at different times"):
        read(errors(), errors().stretched(2))


@pytest.mark.parametrize("read", [GapDrift().measure, largest_gap])
def test_arms_of_different_length_are_not_paired(read):
    with pytest.raises(MeasurementError, match="12 and 2 seeds"):
        read(errors(), errors().rows([0, 1]))


def test_the_largest_gap_is_found_on_either_side():
    bump = np.where(np.arange(len(TIMES)) == 7, 1.02, 1.0) * np.where(np.arange(len(TIMES)) == 9, 0.97, 1.0)
    np.testing.assert_allclose(largest_gap(errors().scaled(bump), errors()), -np.log(0.97))


def test_a_broken_curve_has_no_largest_gap():
    first = errors()
    first.values[0, 5] = np.nan
    assert np.flatnonzero(np.isnan(largest_gap(first, errors()))).tolist() == [0]


def test_a_power_has_one_exponent_everywhere_and_a_geometric_curve_has_none():
    np.testing.assert_allclose(exponent_between(errors(-2), 10, 1000), -2)
    geometric = Curves(np.array([1.0, 10.0, 100.0]), 0.9 ** np.array([[1.0, 10.0, 100.0]]))
    np.testing.assert_allclose(exponent_between(geometric, 10, 100) / exponent_between(geometric, 1, 10), 10)


def test_a_time_without_a_record_is_refused():
    with pytest.raises(MeasurementError, match="no record was made at t = 55"):
        exponent_between(errors(), 55, 1000)


# ---- trends: gaps against time itself ------------------------------------------------------------------------


def linear(rate, spread=0.0):
    scatter = np.random.default_rng(1).normal(0, spread, (len(SEEDS), 1))
    times = np.linspace(0, 1000, 41)
    return Curves(times, np.arange(1, len(SEEDS) + 1)[:, None] * 10 ** ((rate + scatter) * times / 100))


@pytest.mark.parametrize("rate", [-0.2, 0.0, 0.01])
def test_the_trend_is_the_difference_of_rates(rate):
    found = GapTrend(unit=100).measure(linear(-0.1 + rate), linear(-0.1)).values
    np.testing.assert_allclose(found, rate, atol=1e-12)


def test_a_trend_sees_only_what_happens_in_its_window():
    times = linear(0).times
    first = linear(-0.1).scaled(10.0 ** np.minimum(0, (500 - times) / 100))
    np.testing.assert_allclose(GapTrend((0, 500), unit=100).measure(first, linear(-0.1)).values, 0, atol=1e-12)
    np.testing.assert_allclose(GapTrend((500, 1000), unit=100).measure(first, linear(-0.1)).values, -1, atol=1e-12)


@pytest.mark.parametrize("window", [None, (200, 700)])
@pytest.mark.parametrize("shift", [-0.1, 0.003])
def test_a_planted_trend_arrives(window, shift):
    estimator, arms = GapTrend(window, unit=100), (linear(-0.12), linear(-0.1))
    moved = estimator.measure(*estimator.plant(shift, *arms)).values - estimator.measure(*arms).values
    np.testing.assert_allclose(moved, shift, atol=1e-12)


@pytest.mark.parametrize(("rate", "verdict"), [(0.0, SUPPORTED), (0.05, REFUTED)])
def test_the_judge_tells_equal_trends_from_others(rate, verdict):
    judge, arms = Judge(), (linear(-0.1 + rate, 1e-3), linear(-0.1))
    found = judge.equivalent("late", GapTrend(unit=100), *arms, seeds=SEEDS, estimand="trend", to=0, margin=Margin(0.02, "some"))
    assert found is verdict
    assert all(control["passed"] for control in judge.controls)


def test_a_trend_needs_three_records():
    with pytest.raises(MeasurementError, match=r"only 2 recorded times lie in \[0, 30\]"):
        GapTrend((0, 30)).measure(linear(0), linear(0))
