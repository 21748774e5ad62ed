"""Intervals, p-values and verdicts of one number per seed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evidence.inference import examine
from evidence.region import Region
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED

MIRRORED = {Region(-1.0, 1.0): Region(-1.0, 1.0), Region(-1.0, math.inf): Region(-math.inf, 1.0)}
samples = (
    st.lists(st.integers(-400, 400), min_size=3, max_size=9).filter(lambda x: len(set(x)) > 1).map(lambda x: np.array(x) / 100)
)
few = settings(max_examples=25, deadline=None)


def look(values, region, bias=0.0):
    return examine(np.asarray(values, float), range(len(values)), region, bias=bias)


def test_interval_is_students_t_computed_by_hand():
    found = look([1, 2, 3, 4, 5], Region(0, 10))
    # mean 3, standard error sqrt(2.5 / 5) = 0.70711; t(0.95; 4) = 2.131847, t(0.975; 4) = 2.776445 (any printed table)
    assert found.estimate == 3
    assert found.interval90 == pytest.approx((3 - 2.131847 * 0.707107, 3 + 2.131847 * 0.707107), abs=1e-5)
    assert found.interval95 == pytest.approx((3 - 2.776445 * 0.707107, 3 + 2.776445 * 0.707107), abs=1e-5)


def test_p_value_is_the_larger_of_the_two_one_sided_tests():
    # t = (3 - 1) / 0.70711 = 2.8284 and (3 - 4.5) / 0.70711 = -2.1213, each with 4 degrees of freedom
    found = look([1, 2, 3, 4, 5], Region(1, 4.5))
    assert found.p_raw == pytest.approx(stats.t.sf(1.5 / math.sqrt(0.5), 4))


def test_one_sided_region_needs_one_test():
    found = look([1, 2, 3, 4, 5], Region(1, math.inf))
    assert found.p_raw == pytest.approx(stats.ttest_1samp([1, 2, 3, 4, 5], 1, alternative="greater").pvalue)


def test_permutation_of_few_seeds_tries_all_signs():
    assert look([1.0, 1.1, 1.2, 1.3], Region(0, math.inf)).p_permutation == pytest.approx(1 / 16)


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


@pytest.mark.parametrize(
    "values, seeds, words",
    [
        ([], [], "0 seeds are too few"),
        ([0.1], [1], "1 seeds are too few"),
        ([0.1, 0.2], [1, 2], "2 seeds are too few"),
        ([0.1, 0.2, 0.3], [1, 2, 2], "some seeds occur twice"),
        ([0.1, math.nan, 0.3], [1, 2, 3], "seed 2 gave no finite number"),
        ([0.1, 0.2, math.inf], [1, 2, 3], "seed 3 gave no finite number"),
        ([-math.inf, math.inf, math.nan], [1, 2, 3], "3 of 3 seeds"),
        ([0.1, 0.1, 0.1], [1, 2, 3], "all seeds gave the same number"),
        ([0.1, 0.2, 0.3], [1, 2], "3 values came for 2 seeds"),
        ([0.1, 0.2, 0.3], [1, 2, 3, 4], "3 values came for 4 seeds"),
    ],
)
def test_degenerate_sample_is_invalid_with_a_sentence(values, seeds, words):
    found = examine(np.array(values), seeds, Region(-1, 1))
    assert found.verdict is INVALID
    assert words in found.reason
    assert math.isnan(found.estimate) and math.isnan(found.p_raw)


@pytest.mark.parametrize("bias", [math.nan, math.inf])
def test_bias_that_is_not_finite_is_invalid(bias):
    assert look([0.1, 0.2, 0.3], Region(-1, 1), bias).verdict is INVALID


def test_bias_widens_both_ends():
    plain, widened = look([0.1, 0.2, 0.4], Region(-1, 1)), look([0.1, 0.2, 0.4], Region(-1, 1), 0.05)
    for name in ("interval90", "interval95"):
        (low, high), (lower, higher) = getattr(plain, name), getattr(widened, name)
        assert (low - lower, higher - high) == pytest.approx((0.05, 0.05))
    assert widened.p_raw > plain.p_raw
    assert widened.detectable == pytest.approx(plain.detectable + 0.05)


def test_bias_beyond_the_edge_asks_for_longer_trainings():
    found = look([0.1, 0.2, 0.3, 0.2], Region(-1, 1), 0.9)
    assert found.verdict is INCONCLUSIVE and found.seeds_to_settle is None
    assert "longer trainings, not more seeds" in found.reason


def test_bias_beyond_a_wide_region_raises_no_error():
    assert look([0.1, 0.2, 0.3, 0.2], Region(-1, 1), 5.0).verdict is INCONCLUSIVE


@pytest.mark.parametrize("mean", [0.5, 0.9, 1.2, -1.3])
def test_seeds_to_settle_settle_a_sample_of_the_same_mean_and_spread(mean):
    few = standardized(4) * 1.5 + mean
    found = look(few, Region(-1, 1))
    assert found.verdict is INCONCLUSIVE
    more = standardized(found.seeds_to_settle) * 1.5 + mean
    assert look(more, Region(-1, 1)).verdict is (SUPPORTED if abs(mean) < 1 else REFUTED)


def test_one_seed_fewer_does_not_settle():
    count = look(standardized(4) * 1.5 + 0.5, Region(-1, 1)).seeds_to_settle
    assert look(standardized(count - 1) * 1.5 + 0.5, Region(-1, 1)).verdict is INCONCLUSIVE


def test_settled_verdict_names_no_further_seeds():
    assert look([0.1, -0.1, 0.2], Region(-1, 1)).seeds_to_settle is None


def standardized(count):
    values = np.linspace(-1, 1, count)
    return (values - values.mean()) / values.std(ddof=1)


@few
@given(samples)
def test_supported_exactly_where_p_is_below_a_twentieth(values):
    for region in MIRRORED:
        found = look(values, region)
        assert (found.verdict is SUPPORTED) == (found.p_raw < 0.05)


@few
@given(samples, st.randoms(use_true_random=False))
def test_order_of_seeds_does_not_matter(values, random):
    shuffled = values.copy()
    random.shuffle(shuffled)
    first, second = look(values, Region(-1, 1)), look(shuffled, Region(-1, 1))
    assert first.verdict is second.verdict
    assert first.interval90 == pytest.approx(second.interval90)
    assert first.p_raw == pytest.approx(second.p_raw)


@few
@given(samples, st.integers(-6, 6))
def test_unit_of_measurement_does_not_matter(values, power):
    first, second = look(values, Region(-1, 1)), look(values * 2.0**power, Region(-(2.0**power), 2.0**power))
    assert first.verdict is second.verdict
    assert first.p_raw == pytest.approx(second.p_raw, rel=1e-6, abs=1e-12)
    assert first.seeds_to_settle == second.seeds_to_settle


@few
@given(samples)
def test_mirrored_values_and_region_give_the_same_verdict(values):
    for region, mirrored in MIRRORED.items():
        first, second = look(values, region), look(-values, mirrored)
        assert first.verdict is second.verdict
        assert first.p_raw == pytest.approx(second.p_raw, rel=1e-6, abs=1e-12)
        assert first.interval95 == pytest.approx(tuple(-end for end in reversed(second.interval95)))


@few
@given(samples, st.floats(0.1, 2), st.floats(0, 2))
def test_wider_margin_is_never_harder_to_support(values, margin, more):
    narrow, wide = (look(values, Region(-m, m)) for m in (margin, margin + more))
    assert wide.p_raw <= narrow.p_raw + 1e-12
    assert narrow.verdict is not SUPPORTED or wide.verdict is SUPPORTED


def intervals(count, level, trials=4000):
    values = np.random.default_rng(11).normal(size=(trials, count))
    half = stats.t.ppf((1 + level) / 2, count - 1) * values.std(axis=1, ddof=1) / math.sqrt(count)
    return values, values.mean(axis=1) - half, values.mean(axis=1) + half


def test_the_formula_of_the_calibration_is_the_examined_one():
    values, low, high = intervals(8, 0.95, trials=20)
    for row, *ends in zip(values, low, high, strict=True):
        assert look(row, Region(-1, 1)).interval95 == pytest.approx(tuple(ends))


@pytest.mark.parametrize("count", [3, 8, 30])
def test_nominal_95_percent_interval_covers_the_truth_as_often(count):
    _, low, high = intervals(count, 0.95)
    covered = int(((low < 0) & (high > 0)).sum())
    assert stats.binomtest(covered, 4000, 0.95).pvalue > 1e-4, f"P(covered) ~ {covered} / 4000"


@pytest.mark.parametrize("margin", [0.5, 2.0])
@pytest.mark.parametrize("count", [3, 8, 30])
def test_truth_on_the_margin_is_called_supported_at_most_one_time_in_twenty(count, margin):
    _, low, high = intervals(count, 0.90)  # the truth is 0: the region's upper edge
    wrong = int(((low > -2 * margin) & (high < 0)).sum())
    assert stats.binomtest(wrong, 4000, 0.05, alternative="greater").pvalue > 1e-4, f"P(false) ~ {wrong} / 4000"
