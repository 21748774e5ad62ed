"""Curves, measurements and comparisons of arms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.estimators import Curves, Difference, Measured, MeasurementError, Unpaired
from evidence.inference import examine
from evidence.ratios import END, MIDDLE, ChangeRatio, LevelRatio, TimeRatio
from evidence.region import Region
from tests.evidence.numbers import PAIRED, Last, arm


def test_values_that_do_not_fit_the_times_are_refused():
    with pytest.raises(MeasurementError, match="values of shape 2 x 3 do not fit 4 recorded times"):
        Curves(np.ones(4), np.ones((2, 3)))
    with pytest.raises(MeasurementError, match=r"values of shape 4 do not fit 4 recorded times: they must be \(seeds"):
        Curves(np.ones(4), np.ones(4))


def test_curves_take_lists():
    assert Curves([1, 2], [[3, 4]]).rows([0]).values.tolist() == [[3.0, 4.0]]


def test_curves_are_chosen_scaled_and_slowed_down():
    curves = Curves(np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert len(curves) == 2
    assert curves.rows([1, 0]).values.tolist() == [[3.0, 4.0], [1.0, 2.0]]
    assert curves.scaled(np.array([1.0, 10.0])).values.tolist() == [[1.0, 20.0], [3.0, 40.0]]
    assert curves.stretched(3.0).times.tolist() == [3.0, 6.0] and curves.times.tolist() == [1.0, 2.0]


def test_bias_is_the_corrections_mean_size_with_a_factor_of_safety():
    assert Measured(np.zeros(2)).bias == 0
    assert Measured(np.zeros(2), correction=np.array([0.2, 0.2])).bias == pytest.approx(0.25)
    assert Measured(np.zeros(2), correction=np.array([-0.2, -0.2]), systematic=1.0).bias == pytest.approx(1.25)


def test_corrections_of_opposite_sign_get_no_credit_for_cancelling():
    assert Measured(np.zeros(2), correction=np.array([0.2, -0.2])).bias == pytest.approx(0.25)


def test_difference_is_paired_and_joins_what_is_known_of_both():
    first = Measured(np.array([1.0, np.nan]), np.array([0.2, 0.2]), systematic=0.01, broken={1: "it diverged"})
    second = Measured(np.array([0.5, 0.5]), np.array([0.1, 0.2]), systematic=0.02, broken={0: "it stalled", 1: "it stalled"})
    found = first - second
    assert found.values[0] == 0.5 and found.correction == pytest.approx([0.1, 0.0])
    assert found.doubt == pytest.approx([0.3, 0.4])  # what cancels in the difference is still not well known
    assert found.bias == pytest.approx(0.03 + 0.05 + 0.25 * 0.35)
    assert found.systematic == pytest.approx(0.03)
    assert found.broken == {0: "it stalled", 1: "it diverged"}


@pytest.mark.parametrize("one_sided", [True, False])
def test_difference_keeps_a_correction_that_only_one_arm_has(one_sided):
    known, unknown = Measured(np.zeros(1), np.array([0.2])), Measured(np.zeros(1))
    found = known - unknown if one_sided else unknown - known
    assert found.correction == pytest.approx([0.2 if one_sided else -0.2])
    assert (unknown - unknown).correction is None


def test_paired_arms_of_different_length_are_refused_in_a_sentence():
    with pytest.raises(MeasurementError, match="the arms have 3 and 2 seeds: paired arms need the same seeds, in the same order"):
        PAIRED.measure(arm([1, 2, 3]), arm([1, 2]))


@pytest.mark.parametrize("compare", [Difference, Unpaired])
def test_comparison_takes_two_arms(compare):
    with pytest.raises(MeasurementError, match="a comparison takes two arms, not 3"):
        compare(Last()).measure(*[arm([1, 2, 3])] * 3)


@pytest.mark.parametrize("compare", [Difference, Unpaired])
def test_effect_is_planted_in_the_first_arm(compare):
    first, second = compare(Last()).plant(0.5, arm([1, 2]), arm([3, 4]))
    assert first.values[:, 0].tolist() == [1.5, 2.5] and second.values[:, 0].tolist() == [3.0, 4.0]


def test_unpaired_arms_may_differ_in_length_and_are_told_apart_when_broken():
    found = Unpaired(Last(systematic=0.1)).measure(arm([1, 2, 3]), arm([1, 2]))
    assert found.reference.tolist() == [1.0, 2.0] and found.bias == pytest.approx(0.2)
    gap = Unpaired(Last()).measure(arm([1, 2, 3]), arm([1, np.nan, 2]))
    assert examine(gap, [1, 2, 3, 4, 5, 6], Region(-1, 1)).reason == "seed 5: it gave no finite number"


def test_only_a_difference_needs_its_arms_paired():
    assert (Difference(Last()).paired, Unpaired(Last()).paired) == (True, False)


POSITIVE = st.lists(st.floats(0.05, 20), min_size=40, max_size=40).map(lambda x: np.array(x).reshape(2, 20))
STEPS = np.linspace(0, 95, 20)


def steps_for(estimator):
    """A level held from step 0 on has no ratio of times; a record at step 1 has."""
    return STEPS + isinstance(estimator, TimeRatio)


COMPARISONS = [LevelRatio(MIDDLE), LevelRatio(END), ChangeRatio(), TimeRatio(0.5)]


@settings(max_examples=40, deadline=None)
@given(POSITIVE, POSITIVE, st.floats(-5, 5), st.sampled_from(COMPARISONS))
def test_scaling_both_arms_changes_nothing(first, second, power, estimator):
    steps = steps_for(estimator)
    plain = estimator.measure(Curves(steps, first), Curves(steps, second)).values
    scaled = estimator.measure(*(Curves(steps, values * 2.0 ** round(power)) for values in (first, second))).values
    assert scaled == pytest.approx(plain, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(POSITIVE, POSITIVE, st.sampled_from(COMPARISONS[:3]))
def test_swapping_the_arms_changes_the_sign(first, second, estimator):
    arms = Curves(STEPS, first), Curves(STEPS, second)
    assert estimator.measure(*arms).values == pytest.approx(-estimator.measure(*arms[::-1]).values, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(POSITIVE, st.sampled_from(COMPARISONS))
def test_identical_arms_give_zero(values, estimator):
    arm = Curves(steps_for(estimator), values)
    assert estimator.measure(arm, arm).values == pytest.approx([0, 0], abs=1e-9)
