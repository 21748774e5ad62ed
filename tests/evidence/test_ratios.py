"""Paired comparisons of two training curves."""

import numpy as np
import pytest

from evidence.estimators import Curves, MeasurementError
from evidence.ratios import EARLY, END, LATE, MIDDLE, ChangeRatio, LevelRatio, TimeRatio

STEPS = np.linspace(0, 1000, 101)
CURVES = Curves(STEPS, np.exp(-np.array([[1.0], [2.0]]) * STEPS / 200))
FASTER = Curves(STEPS, CURVES.values**2)
ESTIMATORS = [LevelRatio(EARLY), LevelRatio(LATE), ChangeRatio(), TimeRatio(0.25)]


def values(estimator, first=CURVES, second=CURVES):
    return estimator.measure(first, second).values


@pytest.mark.parametrize("part", [EARLY, MIDDLE, LATE, END])
def test_level_ratio_is_the_factor_between_the_arms(part):
    assert values(LevelRatio(part), CURVES.scaled(10**0.3)) == pytest.approx([0.3, 0.3])


def test_swapped_arms_change_the_sign_of_a_level_ratio():
    assert values(LevelRatio(LATE), CURVES, FASTER) == pytest.approx(-values(LevelRatio(LATE), FASTER, CURVES))


def test_level_ratio_reads_only_its_part():
    changed = np.where(np.arange(101) < 40, 100.0, 1.0)
    assert values(LevelRatio(MIDDLE), CURVES.scaled(changed)) == pytest.approx([0, 0])


def test_change_since_the_start_forgets_a_lead_at_the_start():
    assert values(ChangeRatio(), CURVES.scaled(7.0)) == pytest.approx([0, 0])
    assert values(ChangeRatio(), FASTER) == pytest.approx(np.log10(CURVES.values[:, -1]))


def test_part_without_records_is_refused_with_a_sentence():
    sparse = Curves(np.array([0.0, 50.0, 100.0]), np.ones((1, 3)))
    with pytest.raises(MeasurementError, match="no record lies between the shares 0.05 and 0.15 of 100 steps"):
        LevelRatio(EARLY).measure(sparse, sparse)


def test_arm_that_learns_twice_as_fast_takes_half_the_time():
    assert values(TimeRatio(0.5), FASTER) == pytest.approx(np.log10([0.5, 0.5]))


def test_arm_that_never_arrives_counts_as_arriving_at_the_last_step():
    assert values(TimeRatio(0.5), Curves(STEPS, np.ones((2, 101)))) == pytest.approx(np.log10([2, 2]))


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
@pytest.mark.parametrize("shift", [-0.2, 0.2])
def test_planted_shift_arrives_and_identical_arms_give_zero(estimator, shift):
    assert estimator.paired
    assert values(estimator) == pytest.approx([0, 0])
    assert values(estimator, *estimator.plant(shift, CURVES, CURVES)) == pytest.approx([shift, shift], abs=1e-3)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
@pytest.mark.parametrize(
    "bad, words",
    [
        (np.nan, "a loss is not finite from t = 300 on"),
        (np.inf, "a loss is not finite from t = 300 on"),
        (0.0, "a loss is zero or negative from t = 300 on"),
        (-1.0, "a loss is zero or negative from t = 300 on"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_curve_that_breaks_anywhere_has_no_number_and_a_reason(estimator, bad, words):
    broken = Curves(STEPS, CURVES.values.copy())
    broken.values[1, 30] = bad
    found = estimator.measure(broken, CURVES)
    assert np.isfinite(found.values[0]) and np.isnan(found.values[1])
    assert found.broken == {1: words}


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
def test_arms_of_different_length_are_refused_in_a_sentence(estimator):
    with pytest.raises(MeasurementError, match="the arms have 2 and 1 seeds"):
        estimator.measure(CURVES, CURVES.rows([0]))


def test_levels_recorded_at_different_times_are_refused_in_a_sentence():
    with pytest.raises(MeasurementError, match="recorded at different times"):
        LevelRatio(LATE).measure(CURVES, CURVES.stretched(2.0))


def test_level_held_at_step_zero_has_no_ratio_of_times_and_a_reason():
    flat = Curves(STEPS, np.ones((1, 101)))
    assert TimeRatio(0.5).measure(flat, flat).broken[0] == "a level is held from step 0 on, so that times have no ratio"


def test_a_common_level_is_that_of_the_mean_of_the_second_arm():
    fast, slow = (np.exp(-STEPS / scale) for scale in (10, 30))
    second = Curves(STEPS, np.stack([fast, slow]))
    level = np.sqrt(fast[50] * slow[50])
    times = -np.log(level) * np.array([10, 30])
    assert values(TimeRatio(0.5, common=True), second.stretched(1), second) == pytest.approx([0, 0])
    assert values(TimeRatio(0.5, common=True), Curves(STEPS, np.stack([slow, slow])), second) == pytest.approx(
        np.log10([min(times[1], STEPS[-1]) / times[0], 1.0])
    )


def test_seeds_of_one_arm_take_the_same_time_to_a_common_level_on_average():
    """To the second seed's own level a slow seed may not arrive, which then counts as arriving at the last step."""
    speed = np.random.default_rng(3).lognormal(sigma=0.2, size=(400, 1))
    curves = Curves(STEPS, np.exp(-speed * STEPS / 20))
    there, back = curves, curves.rows(np.roll(np.arange(400), 1))
    own, common = (
        np.concatenate([values(TimeRatio(0.75, common=each), *arms) for arms in ((there, back), (back, there))])
        for each in (False, True)
    )
    assert own.mean() < -0.005 and abs(common.mean()) < 1e-12


def test_an_effect_planted_in_times_to_a_common_level_arrives():
    estimator = TimeRatio(0.5, common=True)
    planted = estimator.plant(0.1, FASTER, CURVES)
    assert values(estimator, *planted) == pytest.approx(values(estimator, FASTER) + 0.1)
