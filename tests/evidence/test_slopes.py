"""Late exponents and constants."""

import numpy as np
import pytest

from evidence.estimators import Curves, Difference, MeasurementError
from evidence.judge import Judge
from evidence.region import Margin
from evidence.slopes import LateConstant, LateExponent, late_window

TIMES = np.geomspace(1, 1e7, 281)


def power_law(exponent, *corrections, amplitude=1.0):
    error = TIMES**exponent
    return Curves(TIMES, amplitude * (error * (1 + sum(c * error ** (k + 1) for k, c in enumerate(corrections))))[None])


def joined(*arms):
    return Curves(TIMES, np.concatenate([each.values for each in arms]))


def read(curves, **more):
    return LateExponent(**more).measure(curves)


@pytest.mark.parametrize("exponent", [-1.0, -0.5, -0.25, -1 / 6])
@pytest.mark.parametrize("amplitude", [1e-3, 1.0, 50.0])
def test_exact_power_law_is_recovered(exponent, amplitude):
    found = read(power_law(exponent, amplitude=amplitude))
    assert found.values == pytest.approx(exponent, abs=1e-9)
    assert found.bias == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("exponent", [-0.5, -0.25, -1 / 6])
@pytest.mark.parametrize("corrections", [(0.5,), (-0.5,), (1.0, 0.5), (0.5, -1.0)])
def test_true_error_is_within_the_estimated_bias(exponent, corrections):
    found = read(power_law(exponent, *corrections))
    assert abs(found.values[0] - exponent) <= found.bias


@pytest.mark.parametrize("exponent", [-0.25, -1 / 6])
def test_extrapolation_is_nearer_than_a_plain_fit_of_the_last_decade(exponent):
    curves = power_law(exponent, 1.0, 0.5)
    late = TIMES >= 1e6
    plain = np.polyfit(np.log(TIMES[late]), np.log(curves.values[0, late]), 1)[0]
    assert abs(read(curves).values[0] - exponent) < 0.2 * abs(plain - exponent)


@pytest.mark.parametrize("shift", [-0.1, 0.02, 0.1])
def test_planted_power_of_time_moves_an_exponent_by_as_much(shift):
    curves = power_law(-0.25, 0.2)
    (planted,) = LateExponent().plant(shift, curves)
    assert read(planted).values - read(curves).values == pytest.approx(shift, abs=0.004)


def test_difference_of_exponents_is_paired_by_seed():
    found = Difference(LateExponent()).measure(power_law(-0.5), power_law(-0.25))
    assert found.values == pytest.approx(-0.25) and found.bias == pytest.approx(0, abs=1e-9)


def test_late_window_is_the_last_three_decades():
    assert late_window(TIMES) == pytest.approx((1e4, 1e7))


def test_too_few_records_are_refused_with_a_sentence():
    with pytest.raises(MeasurementError, match=r"only \d recorded times lie in .*: an exponent needs at least 3"):
        read(Curves(np.array([1.0, 1e3, 1e6]), np.ones((1, 3))))


# ---- constants -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", [-1.0, -0.5, -1 / 6])
@pytest.mark.parametrize("constant", [0.01, 1.0, 30.0])
def test_constant_of_a_power_law_is_recovered(exponent, constant):
    found = LateConstant(exponent).measure(power_law(exponent, amplitude=constant))
    assert found.values == pytest.approx(np.log10(constant), abs=1e-9)


@pytest.mark.parametrize("correction", [0.5, -0.5, 1.0])
def test_constant_of_a_corrected_power_law_is_within_its_bias(correction):
    found = LateConstant(-1 / 6).measure(power_law(-1 / 6, correction, amplitude=3.0))
    assert abs(found.values[0] - np.log10(3.0)) <= found.bias + 1e-12


def test_ratio_of_constants_is_a_difference_of_logarithms():
    found = Difference(LateConstant(-0.25)).measure(power_law(-0.25, amplitude=6.0), power_law(-0.25, amplitude=2.0))
    assert found.values == pytest.approx(np.log10(3.0))


def test_planted_factor_moves_a_constant_by_its_logarithm():
    (planted,) = LateConstant(-0.25).plant(0.3, power_law(-0.25))
    assert LateConstant(-0.25).measure(planted).values == pytest.approx(0.3)


# ---- curves that must not be fitted ------------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "bad, words",
    [
        (0.0, "its error is zero or negative from t = "),
        (-1.0, "its error is zero or negative from t = "),
        (np.nan, "its error is not finite from t = "),
        (np.inf, "its error is not finite from t = "),
    ],
)
@pytest.mark.parametrize("estimator", [LateExponent(), LateConstant(-0.5)])
def test_bad_trajectory_has_no_number_and_a_reason_and_others_stand(bad, words, estimator):
    curves = joined(power_law(-0.5), power_law(-0.5))
    curves.values[0, -3] = bad
    found = estimator.measure(curves)
    assert np.isnan(found.values[0]) and np.isfinite(found.values[1])
    assert found.broken[0].startswith(words) and list(found.broken) == [0]


def test_error_that_repeats_itself_bit_for_bit_is_a_stall():
    curves = joined(power_law(-0.5), power_law(-0.5))
    curves.values[0, 200:] = curves.values[0, 200]
    found = read(curves)
    assert np.isnan(found.values[0]) and found.values[1] == pytest.approx(-0.5)
    assert found.broken == {0: f"its error stalls at rounding from t = {TIMES[200]:.3g}"}


@pytest.mark.parametrize("place", [3, -3])
def test_trajectory_that_breaks_early_is_no_evidence_late(place):
    curves = joined(power_law(-0.5), power_law(-0.5))
    curves.values[0, place] = np.nan
    assert list(read(curves).broken) == [0]


def test_error_that_flickers_at_a_floor_is_not_fitted():
    curves = joined(power_law(-0.5), power_law(-0.5))
    curves.values[0, 250:] = 1e-4 * (1 + 1e-12 * (np.arange(31) % 2))
    assert read(curves).broken[0].startswith("its error rises at t = ")


@pytest.mark.parametrize("order", [0.5, 0.7, 1.5, 2.0])
@pytest.mark.parametrize("exponent", [-0.5, -0.25, -1 / 6])
def test_correction_that_does_not_decay_like_the_error_is_within_the_bias(order, exponent):
    sizes = np.linspace(0.2, 1.0, 9)[:, None]
    found = read(Curves(TIMES, TIMES**exponent * (1 + sizes * TIMES ** (exponent * order))))
    assert abs(float(np.mean(found.values)) - exponent) <= found.bias


@pytest.mark.parametrize("first", [1.0, -0.5])
@pytest.mark.parametrize("second", [0.5, -0.3])
@pytest.mark.parametrize("exponent", [-0.25, -1 / 6])
def test_bias_of_a_difference_holds_for_corrections_of_either_sign(first, second, exponent):
    found = Difference(LateExponent()).measure(power_law(exponent, first), power_law(exponent, second))
    assert abs(found.values[0]) <= found.bias


@pytest.mark.parametrize("slow", [0.15, 0.2, 0.3])
def test_bias_holds_for_arms_whose_errors_are_estimated_in_different_ways(slow):
    """One arm's estimate is the change from a decade earlier, the other's the distance to the observed limit."""
    sizes = np.linspace(0.2, 1.0, 16)[:, None]
    fast = Curves(TIMES, TIMES**-0.25 * (1 + sizes * TIMES**-0.35))
    found = Difference(LateExponent()).measure(fast, Curves(TIMES, TIMES**-0.25 * (1 + 0.3 * sizes * TIMES**-slow)))
    assert abs(float(np.mean(found.values))) <= found.bias


@pytest.mark.filterwarnings("error")
def test_record_at_time_zero_spoils_no_plant():
    times = np.concatenate([[0.0], TIMES])
    curves = Curves(times, np.concatenate([[[2.0]] * 8, TIMES**-0.5 * np.linspace(0.9, 1.1, 8)[:, None] ** 2], axis=1))
    curves = curves.scaled(1 + 0.001 * np.sin(np.arange(len(times))))
    judge = Judge()
    falling = Curves(times, np.minimum.accumulate(curves.values, axis=1))
    judge.equivalent("part", LateExponent(), falling, seeds=range(8), estimand="e", to=-0.5, margin=Margin(0.2, "m"))
    assert not any("nan" in control["outcome"] for control in judge.controls)


@pytest.mark.parametrize("far", [-0.3, 0.2])
def test_exponent_far_from_the_target_is_refuted_and_its_controls_stand(far):
    strengths = np.linspace(0.2, 1.0, 12)[:, None]
    judge = Judge()
    curves = Curves(TIMES, TIMES ** (-0.5 + far) * (1 + strengths * TIMES**-0.5))
    answer = judge.equivalent(
        "part", LateExponent(), curves, seeds=range(12), estimand="an exponent", to=-0.5, margin=Margin(0.01, "m")
    )
    assert answer == "refuted", judge.reason


def parameters_kept(p, times, dtype):
    """Descent on one target with the parameter stored, as one would write it: its update vanishes in rounding."""
    y, m, rate, errors, t = dtype(1.5), dtype(0.5), dtype(0.3), [], 0
    for until in times:
        while t < until:
            m, t = m + rate * abs(y - m) ** dtype(p - 1), t + 1
        errors.append(float(y - m))
    return Curves(np.array(times, float), np.array([errors]))


def test_parameters_stored_as_float32_stall_and_are_reported():
    times = np.unique(np.round(np.geomspace(1, 1e5, 101)))
    found = read(parameters_kept(4, times, np.float32), resolution=float(np.spacing(np.float32(1.5))))
    assert np.isnan(found.values[0]) and "stalls at rounding" in found.broken[0]


def test_steps_that_rounding_distorts_are_reported_before_they_vanish():
    times = np.unique(np.round(np.geomspace(1, 3e4, 101)))
    curves = parameters_kept(4, times, np.float32)
    assert (np.diff(curves.values[0]) < 0).all()  # it still moves
    found = read(curves, resolution=float(np.spacing(np.float32(1.5))))
    assert "stalls at rounding" in found.broken[0]


def test_parameters_stored_as_float64_are_fitted_while_they_move():
    times = np.unique(np.round(np.geomspace(1, 1e4, 101)))
    found = read(parameters_kept(4, times, np.float64), resolution=float(np.spacing(1.5)))
    assert not found.broken and found.values == pytest.approx(-0.5, abs=0.01)
