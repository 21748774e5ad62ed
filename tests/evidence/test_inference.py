"""Intervals, p-values and verdicts of one number per seed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW, ttost_ind

from evidence.estimators import Measured
from evidence.inference import LEAST_P, examine, intervals, p_support
from evidence.region import Region
from evidence.samples import OneSample, TwoSamples
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED
from tests.evidence.numbers import measured

MIRRORED = {Region(-1.0, 1.0): Region(-1.0, 1.0), Region(-1.0, math.inf): Region(-math.inf, 1.0)}
samples = (
    st.lists(st.integers(-400, 400), min_size=3, max_size=9).filter(lambda x: len(set(x)) > 1).map(lambda x: np.array(x) / 100)
)
few = settings(max_examples=40, deadline=None)


def look(values, region, bias=0.0, margin=math.inf):
    return examine(measured(values, bias), range(len(values)), region, margin=margin)


def quick(values, region):
    return examine(measured(values), range(len(values)), region, permute=False)


def test_interval_is_students_t_computed_by_hand():
    found = look([1, 2, 3, 4, 5], Region(0, 10))
    # mean 3, standard error sqrt(2.5 / 5) = 0.70711; t(0.95; 4) = 2.131847, t(0.975; 4) = 2.776445 (any printed table)
    assert found.estimate == 3
    assert found.interval90 == pytest.approx((3 - 2.131847 * 0.707107, 3 + 2.131847 * 0.707107), abs=1e-5)
    assert found.interval95 == pytest.approx((3 - 2.776445 * 0.707107, 3 + 2.776445 * 0.707107), abs=1e-5)


def test_p_to_support_is_the_larger_of_the_two_one_sided_tests():
    # t = (3 - 1) / 0.70711 = 2.8284 and (3 - 4.5) / 0.70711 = -2.1213, each with 4 degrees of freedom
    found = look([1, 2, 3, 4, 5], Region(1, 4.5))
    assert found.p_support == pytest.approx(stats.t.sf(1.5 / math.sqrt(0.5), 4))


def test_p_to_refute_is_the_smaller_of_the_tests_beyond_the_edges():
    found = look([1, 2, 3, 4, 5], Region(4, 9))
    assert found.p_refute == pytest.approx(stats.ttest_1samp([1, 2, 3, 4, 5], 4, alternative="less").pvalue)


def test_equivalence_is_statsmodels_tost():
    values = np.array([0.1, -0.3, 0.2, 0.4, -0.1])
    assert look(values, Region(-1, 1)).p_support == pytest.approx(DescrStatsW(values).ttost_mean(-1, 1)[0])


def test_unpaired_equivalence_is_statsmodels_tost_with_unequal_variances():
    first, second = np.array([0.1, -0.3, 0.2, 0.4]), np.array([0.0, 0.9, -0.7, 0.3, 0.2, -0.1])
    p = float(p_support(TwoSamples(first, second), Region(-1, 1)))
    assert p == pytest.approx(ttost_ind(first, second, -1, 1, usevar="unequal")[0])
    found = examine(Measured(first, reference=second), range(10), Region(-1, 1))
    assert found.p_support == pytest.approx(p) and found.estimate == pytest.approx(first.mean() - second.mean())


def test_one_sided_region_needs_one_test():
    found = look([1, 2, 3, 4, 5], Region(1, math.inf))
    assert found.p_support == pytest.approx(stats.ttest_1samp([1, 2, 3, 4, 5], 1, alternative="greater").pvalue)


def test_permutation_of_few_seeds_tries_all_signs():
    assert look([1.0, 1.1, 1.2, 1.3], Region(0, math.inf)).p_permutation == pytest.approx(1 / 16)


def test_permutation_of_two_arms_exchanges_their_seeds():
    found = examine(Measured(np.array([5.0, 5.1, 5.2]), reference=np.array([1.0, 1.1, 1.2])), range(6), Region(0, math.inf))
    assert found.p_permutation == pytest.approx(1 / 20)  # one of the 20 ways to choose three of six


@pytest.mark.parametrize(
    "values, region, verdict",
    [
        ([0.1, -0.1, 0.2, 0.0], Region(-1, 1), SUPPORTED),
        ([2.1, 1.9, 2.2, 2.0], Region(-1, 1), REFUTED),
        ([-2.1, -1.9, -2.2, -2.0], Region(-1, 1), REFUTED),
        ([0.1, 2.0, -0.5, 1.8], Region(-1, 1), INCONCLUSIVE),
        ([5.0, 5.1, 5.2], Region(-1, math.inf), SUPPORTED),
        ([-0.5, -0.6, -0.4], Region(-math.inf, 0), SUPPORTED),
        ([0.5, 0.6, 0.4], Region(-math.inf, 0), REFUTED),
    ],
)
def test_verdict_follows_the_intervals(values, region, verdict):
    assert look(values, region).verdict is verdict


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "values, seeds, words",
    [
        ([], [], "0 seeds are too few"),
        ([0.1], [1], "1 seed is too few: a verdict needs at least 3"),
        ([math.nan], [1], "1 seed is too few"),
        ([0.1, 0.2], [1, 2], "2 seeds are too few"),
        ([0.1, 0.2, 0.3], [1, 2, 2], "some seeds occur twice"),
        ([0.1, math.nan, 0.3], [1, 2, 3], "seed 2: it gave no finite number"),
        ([0.1, 0.2, math.inf], [1, 2, 3], "seed 3: it gave no finite number"),
        ([-math.inf, math.inf, math.nan], [1, 2, 3], "3 of 3 seeds could not be read"),
        ([0.1, 0.1, 0.1], [1, 2, 3], "all seeds gave the same number"),
        ([0.0, 0.0, 0.0], [1, 2, 3], "all seeds gave the same number"),
        ([1.0, 1.0 + 2e-16, 1.0], [1, 2, 3], "all seeds gave the same number"),
        ([1e300, 1e300, 1e300], [1, 2, 3], "all seeds gave the same number"),
        ([0.1, 0.2, 0.3], [1, 2], "3 values came for 2 seeds"),
        ([0.1, 0.2, 0.3], [1, 2, 3, 4], "3 values came for 4 seeds"),
    ],
)
def test_degenerate_sample_is_invalid_with_a_sentence(values, seeds, words):
    found = examine(measured(values), seeds, Region(-1, 1))
    assert found.verdict is INVALID
    assert words in found.reason
    assert math.isnan(found.estimate) and math.isnan(found.p_support) and math.isnan(found.p_refute)


def test_what_a_seed_broke_on_is_told():
    broken = Measured(np.array([0.1, math.nan, 0.3]), broken={1: "its error stalls at rounding from t = 5 on"})
    assert examine(broken, [7, 8, 9], Region(-1, 1)).reason == "seed 8: its error stalls at rounding from t = 5 on"


@pytest.mark.parametrize("first, second", [([1.0, 2.0], [1.0, 2.0, 3.0]), ([1.0, 2.0, 3.0], [1.0])])
def test_each_of_two_arms_needs_three_seeds(first, second):
    found = examine(Measured(np.array(first), reference=np.array(second)), range(len(first) + len(second)), Region(-1, 1))
    assert found.verdict is INVALID and "too few" in found.reason


def test_one_arm_without_spread_is_no_trouble_beside_one_with():
    found = examine(Measured(np.array([0.5, 0.5, 0.5]), reference=np.array([0.4, 0.5, 0.6])), range(6), Region(-1, 1))
    assert found.verdict is SUPPORTED and 0 < found.p_support < 0.05


@pytest.mark.parametrize("bias", [math.nan, math.inf])
def test_bias_that_is_not_finite_is_invalid(bias):
    assert look([0.1, 0.2, 0.3], Region(-1, 1), bias).verdict is INVALID


@pytest.mark.parametrize("bias", [1.0, 1.5])
def test_bias_that_is_not_smaller_than_the_margin_is_invalid(bias):
    found = look([0.1, 0.2, 0.3], Region(-1, 1), bias, margin=1.0)
    assert found.verdict is INVALID
    assert found.reason.startswith(f"the estimated bias ({bias:.2g}) is not smaller than the margin (1)")


def test_bias_widens_both_ends():
    plain, widened = look([0.1, 0.2, 0.4], Region(-1, 1)), look([0.1, 0.2, 0.4], Region(-1, 1), 0.05)
    for name in ("interval90", "interval95"):
        (low, high), (lower, higher) = getattr(plain, name), getattr(widened, name)
        assert (low - lower, higher - high) == pytest.approx((0.05, 0.05))
    assert widened.p_support > plain.p_support
    assert widened.detectable == pytest.approx(plain.detectable + 0.05)


def test_bias_beyond_the_edge_asks_for_longer_trainings():
    found = look([0.1, 0.2, 0.3, 0.2], Region(-1, 1), 0.9)
    assert found.verdict is INCONCLUSIVE and found.seeds_to_settle is None
    assert "longer trainings, not more seeds" in found.reason


def test_p_is_never_zero_however_small_the_spread():
    found = look(np.array([0.1, 0.2, 0.3]) * 1e-9, Region(-1e6, 1e6))
    assert found.p_support == LEAST_P and found.verdict is SUPPORTED


def test_ten_thousand_seeds_are_judged():
    values = np.random.default_rng(0).normal(size=10_000)
    found = examine(measured(values), range(10_000), Region(-0.1, 0.1))
    assert found.verdict is SUPPORTED and found.p_permutation < 0.05


@pytest.mark.parametrize("mean", [0.5, 0.9, 1.2, -1.3])
def test_seeds_to_settle_settle_a_sample_of_the_same_mean_and_spread(mean):
    found = look(standardized(4) * 1.5 + mean, Region(-1, 1))
    assert found.verdict is INCONCLUSIVE and f"about {found.seeds_to_settle} seeds would settle it" in found.reason
    more = standardized(found.seeds_to_settle) * 1.5 + mean
    assert quick(more, Region(-1, 1)).verdict is (SUPPORTED if abs(mean) < 1 else REFUTED)


def test_settled_verdict_names_no_further_seeds():
    assert look([0.1, -0.1, 0.2], Region(-1, 1)).seeds_to_settle is None


def test_intervals_alone_carry_no_p_and_say_what_is_wrong():
    found, note = intervals(measured([1, 2, 3, 4, 5]), range(5))
    assert found.interval90 == look([1, 2, 3, 4, 5], Region(0, 1)).interval90 and math.isnan(found.p_support) and note == ""
    assert intervals(measured([1.0, 1.0, 1.0]), range(3))[1].startswith("all seeds gave the same number")


def standardized(count):
    values = np.linspace(-1, 1, count)
    return (values - values.mean()) / values.std(ddof=1)


# ---- properties ------------------------------------------------------------------------------------------------


@few
@given(samples)
def test_supported_exactly_where_p_is_below_a_twentieth_and_refuted_where_below_a_fortieth(values):
    for region in MIRRORED:
        found = quick(values, region)
        assert (found.verdict is SUPPORTED) == (found.p_support < 0.05)
        assert (found.verdict is REFUTED) == (found.p_refute < 0.025)


@few
@given(samples, st.randoms(use_true_random=False))
def test_order_of_seeds_does_not_matter(values, random):
    shuffled = values.copy()
    random.shuffle(shuffled)
    first, second = quick(values, Region(-1, 1)), quick(shuffled, Region(-1, 1))
    assert first.verdict is second.verdict
    assert first.interval90 == pytest.approx(second.interval90)
    assert first.p_support == pytest.approx(second.p_support)


@few
@given(samples, st.integers(-6, 6))
def test_unit_of_measurement_does_not_matter(values, power):
    first, second = quick(values, Region(-1, 1)), quick(values * 2.0**power, Region(-(2.0**power), 2.0**power))
    assert first.verdict is second.verdict
    assert first.p_support == pytest.approx(second.p_support, rel=1e-6, abs=1e-12)
    assert first.seeds_to_settle == second.seeds_to_settle


@few
@given(samples)
def test_swapped_arms_mirror_the_verdict(values):
    for region, mirrored in MIRRORED.items():
        first, second = quick(values, region), quick(-values, mirrored)
        assert first.verdict is second.verdict
        assert first.p_support == pytest.approx(second.p_support, rel=1e-6, abs=1e-12)
        assert first.p_refute == pytest.approx(second.p_refute, rel=1e-6, abs=1e-12)
        assert first.interval95 == pytest.approx(tuple(-end for end in reversed(second.interval95)))


@few
@given(samples, samples)
def test_swapped_unpaired_arms_mirror_the_verdict(first, second):
    seeds = range(len(first) + len(second))
    one, other = (
        examine(Measured(a, reference=b), seeds, Region(-1, 1), permute=False) for a, b in [(first, second), (second, first)]
    )
    assert one.verdict is other.verdict
    assert one.interval95 == pytest.approx(tuple(-end for end in reversed(other.interval95)))


@few
@given(samples, st.floats(0.1, 2), st.floats(0, 2))
def test_wider_margin_is_never_harder_to_support(values, margin, more):
    narrow, wide = (quick(values, Region(-m, m)) for m in (margin, margin + more))
    assert wide.p_support <= narrow.p_support + 1e-12
    assert narrow.verdict is not SUPPORTED or wide.verdict is SUPPORTED
    assert wide.verdict is not REFUTED or narrow.verdict is REFUTED


anything = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=64), min_size=0, max_size=6)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@few
@given(anything, st.floats(allow_nan=True, allow_infinity=True), st.integers(0, 2))
def test_no_numbers_at_all_raise_an_error(values, bias, missing):
    seeds = range(max(0, len(values) - missing))
    found = examine(measured(values, bias), seeds, Region(-1.0, 1.0), permute=False)
    assert found.verdict in (SUPPORTED, REFUTED, INCONCLUSIVE, INVALID) and found.reason
    assert found.verdict is INVALID or found.p_support >= LEAST_P


def test_many_experiments_are_examined_as_one_by_one():
    values = np.random.default_rng(3).normal(size=(4, 5, 7))
    low, high = OneSample(values).interval(0.10)
    assert low.shape == (4, 5)
    assert (low[2, 3], high[2, 3]) == pytest.approx(tuple(map(float, OneSample(values[2, 3]).interval(0.10))))
    assert OneSample(values).p_value(0.3, "larger")[1, 4] == pytest.approx(float(OneSample(values[1, 4]).p_value(0.3, "larger")))
