"""What a sample of a size can see."""

import math

import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

from evidence.power import MOST_SEEDS, detectable, seeds_for, spread_limit


@pytest.mark.parametrize("n", [3, 5, 12, 32, 1000])
@pytest.mark.parametrize("power", [0.8, 0.9])
def test_detectable_effect_is_that_of_the_one_sided_t_test(n, power):
    effect = TTestPower().solve_power(nobs=n, alpha=0.025, power=power, alternative="larger")
    assert detectable(1 / math.sqrt(n), n - 1, power=power) == pytest.approx(effect, rel=1e-3)


@pytest.mark.parametrize("effect", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("level", [0.05, 0.025])
def test_seeds_are_those_of_the_one_sided_t_test(effect, level):
    exact = TTestPower().solve_power(effect_size=effect, alpha=level, power=0.8, alternative="larger")
    assert seeds_for(effect, 1.0, level=level) in (math.ceil(exact), math.ceil(exact) + 1)


def test_only_the_ratio_of_room_and_spread_counts():
    assert seeds_for(1.0, 2.0, level=0.05) == seeds_for(10.0, 20.0, level=0.05)


@pytest.mark.parametrize("room, spread", [(0.0, 1.0), (-1.0, 1.0), (1.0, math.nan), (math.nan, 1.0), (1.0, 1e4), (1.0, math.inf)])
def test_no_number_of_seeds_is_named_where_none_is_enough(room, spread):
    assert seeds_for(room, spread, level=0.05) is None


def test_a_room_of_many_spreads_needs_the_fewest_seeds():
    assert seeds_for(1.0, 0.0, level=0.05) == seeds_for(1.0, 1e-300, level=0.05) == 3
    assert seeds_for(100.0, 1.0, level=0.05) == 3
    assert seeds_for(100.0, 1.0, level=0.05, at_least=7) == 7


def test_more_power_needs_more_seeds_up_to_the_most():
    counts = [seeds_for(0.5, 1.0, level=0.05, power=power) for power in (0.5, 0.8, 0.9, 0.99)]
    assert counts == sorted(counts) and len(set(counts)) == 4
    assert seeds_for(0.0081, 1.0, level=0.05) <= MOST_SEEDS


@pytest.mark.parametrize("n", [4, 8, 20])
def test_upper_limit_of_the_spread_is_above_the_truth_four_times_in_five(n):
    spreads = np.random.default_rng(4).normal(size=(2000, n)).std(axis=1, ddof=1)
    limits = np.array([spread_limit(spread, n) for spread in spreads])
    assert (limits > 1).mean() == pytest.approx(0.8, abs=0.04)
