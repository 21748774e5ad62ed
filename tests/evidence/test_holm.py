"""Holm's adjustment over the whole catalogue."""

import gc
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from evidence.holm import claim_p, holm


@pytest.fixture(autouse=True, scope="module")
def nothing_to_collect():
    """Statsmodels' multipletests collects garbage at every call, 14 ms each among all that pytest holds."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


several = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@settings(max_examples=10, deadline=None)
@given(several)
def test_whole_family_agrees_with_statsmodels(p_values):
    adjusted = holm({str(i): p for i, p in enumerate(p_values)}, len(p_values))
    assert list(adjusted.values()) == multipletests(p_values, method="holm")[1].tolist()  # the same bits


@settings(max_examples=10, deadline=None)
@given(several, st.integers(1, 40))
def test_claims_that_did_not_run_count_as_ones(p_values, more):
    adjusted = holm({str(i): p for i, p in enumerate(p_values)}, len(p_values) + more)
    assert list(adjusted.values()) == multipletests([*p_values, *[1.0] * more], method="holm")[1].tolist()[: len(p_values)]


@settings(max_examples=10, deadline=None)
@given(several)
def test_selecting_one_claim_never_makes_it_look_better(p_values):
    whole = holm({str(i): p for i, p in enumerate(p_values)}, len(p_values))
    for i, p in enumerate(p_values):
        assert holm({str(i): p}, len(p_values))[str(i)] >= whole[str(i)] - 1e-12


def test_claim_without_p_value_stays_without_and_counts_in_the_family():
    adjusted = holm({"a": 0.01, "b": math.nan}, family=2)
    assert adjusted["a"] == pytest.approx(0.02) and math.isnan(adjusted["b"])
    assert list(adjusted) == ["a", "b"]


def test_nothing_judged_gives_nothing():
    assert holm({}, family=0) == {} == holm({}, family=3)


def test_claim_is_as_uncertain_as_its_weakest_part():
    assert claim_p([0.01, 0.04, 0.02]) == 0.04
    assert math.isnan(claim_p([])) and math.isnan(claim_p([0.01, math.nan]))
