"""Wrong verdicts are rare: support in at most 5 % where the finding is false, refutation in 2.5 % where it is true."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evidence.estimators import Measured
from evidence.inference import LEAST_P, decide, examine, p_refute, p_support
from evidence.region import Region
from evidence.samples import OneSample, TwoSamples
from tests.calibration.simulate import MANY, at_most, noise

QUESTIONS = {
    "equivalence": Region(-1.0, 1.0),
    "non-superiority": Region(-1.0, math.inf),
    "superiority": Region(-math.inf, 0.0),
}
COUNTS = (3, 5, 10, 12, 28, 32)
SPREADS = (0.1, 0.5, 2.0)
"""In margins."""


def edges(region):
    return [edge for edge in (region.low, region.high) if math.isfinite(edge)]


def count(name, region, truth, n, outcome, spread, bias=0.0, seed=5):
    supported, refuted = decide(OneSample(truth + spread * noise(name, (MANY, n), seed)), region, bias)
    return int({"supported": supported, "refuted": refuted}[outcome].sum())


def worst(name, question, n, outcome):
    region = QUESTIONS[question]
    return max(count(name, region, edge, n, outcome, spread) for edge in edges(region) for spread in SPREADS)


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("outcome, limit", [("supported", 0.05), ("refuted", 0.025)])
def test_on_the_edge_neither_verdict_comes_more_often_than_its_level(question, n, outcome, limit, found):
    hits = worst("normal", question, n, outcome)
    row = {"question": question, "truth": "on the edge of the region, normal noise", "outcome": outcome, "n": n}
    found["errors"].append(row | {"rate": hits / MANY, "limit": limit, "experiments": MANY})
    assert at_most(hits, MANY, limit)


@pytest.mark.parametrize("n", [5, 12, 32])
@pytest.mark.parametrize("outcome, limit", [("supported", 0.05), ("refuted", 0.025)])
def test_heavy_tails_do_not_raise_the_error_rates(n, outcome, limit, found):
    hits = worst("t_3", "equivalence", n, outcome)
    row = {"question": "equivalence", "truth": "on the edge of the region, noise t_3", "outcome": outcome, "n": n}
    found["errors"].append(row | {"rate": hits / MANY, "limit": limit, "experiments": MANY})
    assert at_most(hits, MANY, limit)


SKEWED = "known: strong skew leaves Student's t too optimistic on one side; the page flags skewed seeds"


@pytest.mark.parametrize("n", [12, 28, 32])
@pytest.mark.parametrize("outcome, limit", [("supported", 0.05), ("refuted", 0.025)])
def test_strong_skew_is_known_to_raise_the_error_rates_on_one_side(n, outcome, limit, found):
    hits = worst("log-normal, spread 130 %", "equivalence", n, outcome)
    row = {"question": "equivalence", "truth": "on the edge, log-normal noise, spread 130 %", "outcome": outcome, "n": n}
    found["errors"].append(row | {"rate": hits / MANY, "limit": limit, "experiments": MANY, "known": SKEWED})
    assert limit < hits / MANY < 0.25


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("n", [3, 12, 32])
def test_well_inside_a_refutation_hardly_ever_comes(question, n):
    inside = {"equivalence": 0.0, "non-superiority": 0.0, "superiority": -1.0}[question]
    hits = count("normal", QUESTIONS[question], inside, n, "refuted", spread=0.5)
    assert at_most(hits, MANY, 0.005)


@pytest.mark.parametrize("true_bias", [0.3, -0.3])
@pytest.mark.parametrize("outcome, limit", [("supported", 0.05), ("refuted", 0.025)])
def test_a_bias_up_to_its_bound_does_not_raise_the_error_rates(true_bias, outcome, limit, found):
    region = QUESTIONS["equivalence"]
    hits = max(count("normal", region, edge + true_bias, 12, outcome, 0.3, bias=0.3) for edge in edges(region))
    row = {
        "question": "equivalence",
        "truth": f"on the edge, estimator off by {true_bias:+g} margins",
        "outcome": outcome,
        "n": 12,
    }
    found["errors"].append(row | {"rate": hits / MANY, "limit": limit, "experiments": MANY})
    assert at_most(hits, MANY, limit)


APPROXIMATE = "known: Welch's degrees of freedom are an approximation; up to a tenth above the level is let pass"


@pytest.mark.parametrize("first, second, louder", [(6, 6, 1.0), (6, 12, 4.0), (12, 32, 0.25)])
def test_two_unpaired_arms_keep_the_level(first, second, louder, found):
    sample = TwoSamples(1.0 + noise("normal", (MANY, first), 6), louder * noise("normal", (MANY, second), 7))
    supported, refuted = decide(sample, QUESTIONS["equivalence"])
    for outcome, hits, limit in [("supported", supported.sum(), 0.05), ("refuted", refuted.sum(), 0.025)]:
        truth = f"on the edge, two unpaired arms ({first} and {second} seeds, spread 1 to {louder:g})"
        row = {"question": "equivalence", "truth": truth, "outcome": outcome, "n": first + second, "known": APPROXIMATE}
        found["errors"].append(row | {"rate": float(hits / MANY), "limit": limit, "experiments": MANY})
        assert at_most(int(hits), MANY, 1.1 * limit)


@pytest.mark.parametrize("n, experiments", [(5, 2_000), (12, 300), (32, 300)])
def test_the_permutation_test_keeps_its_level_too(n, experiments, found):
    values = noise("normal", (experiments, n), 8)
    hits = sum(OneSample(row).p_permutation(0.0, "larger") <= 0.05 for row in values)
    row = {
        "question": "sign-flip permutation test",
        "truth": "on the edge of the region, normal noise",
        "outcome": "supported",
        "n": n,
    }
    found["errors"].append(row | {"rate": hits / experiments, "limit": 0.05, "experiments": experiments})
    assert at_most(hits, experiments, 0.05)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("bias", [0.0, 0.2])
def test_intervals_and_p_values_always_agree(question, bias):
    sample = OneSample(np.linspace(-2, 2, MANY)[:, None] + noise("normal", (MANY, 6), 9))
    supported, refuted = decide(sample, QUESTIONS[question], bias)
    assert np.array_equal(supported, p_support(sample, QUESTIONS[question], bias) < 0.05)
    assert np.array_equal(refuted, p_refute(sample, QUESTIONS[question], bias) < 0.025)


@pytest.mark.parametrize("question", QUESTIONS)
def test_one_experiment_gets_the_verdict_it_has_among_thousands(question):
    region, values = QUESTIONS[question], np.linspace(-2, 2, 300)[:, None] + 0.8 * noise("normal", (300, 7), 10)
    supported, refuted = decide(OneSample(values), region)
    for row, inside, outside in zip(values, supported, refuted, strict=True):
        found = examine(Measured(row), range(7), region, permute=False)
        assert found.verdict == ("supported" if inside else "refuted" if outside else "inconclusive")
        assert found.p_support >= LEAST_P and found.p_refute >= LEAST_P
