"""Paired comparisons of two training curves."""

import numpy as np
import pytest

from evidence.ratios import EARLY, LATE, MIDDLE, level_ratio, time_ratio

STEPS = np.linspace(0, 1000, 101)
CURVES = np.exp(-np.array([[1.0], [2.0]]) * STEPS / 200)


@pytest.mark.parametrize("part", [EARLY, MIDDLE, LATE])
def test_level_ratio_is_the_factor_between_the_arms(part):
    assert level_ratio(STEPS, CURVES * 10**0.3, CURVES, part) == pytest.approx([0.3, 0.3])


def test_swapped_arms_change_the_sign_of_a_level_ratio():
    assert level_ratio(STEPS, CURVES, CURVES**2, LATE) == pytest.approx(-level_ratio(STEPS, CURVES**2, CURVES, LATE))


def test_level_ratio_reads_only_its_part():
    changed = CURVES.copy()
    changed[:, :40] *= 100
    assert level_ratio(STEPS, changed, CURVES, MIDDLE) == pytest.approx([0, 0])


def test_part_without_records_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match="No record lies between the shares 0.05 and 0.15 of 100 steps"):
        level_ratio(np.array([0.0, 50.0, 100.0]), np.ones((1, 3)), np.ones((1, 3)), EARLY)


def test_arm_that_learns_twice_as_fast_takes_half_the_time():
    assert time_ratio(STEPS, CURVES**2, CURVES, 0.5) == pytest.approx(np.log10([0.5, 0.5]))


def test_stretched_times_arrive_in_the_ratio():
    assert time_ratio(STEPS, CURVES, CURVES, 0.25, stretch=10**0.2) == pytest.approx([0.2, 0.2])


def test_arm_that_never_arrives_counts_as_arriving_at_the_last_step():
    assert time_ratio(STEPS, np.ones_like(CURVES), CURVES, 0.5) == pytest.approx(np.log10([2, 2]))
