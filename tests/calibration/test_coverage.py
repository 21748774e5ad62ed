"""The intervals hold the truth as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from evidence.samples import OneSample, TwoSamples
from tests.calibration.simulate import MANY, at_least, at_most, noise

COUNTS = (3, 5, 10, 30)
BAND = (0.93, 0.97)
SKEWED = (
    "Student's t is known to under-cover on strongly skewed numbers. Ratios are judged on the scale of logarithms, where such "
    "noise is normal; exponents are not, and the page flags seeds that are skewed"
)


def covered(sample, truth=0.0):
    low, high = sample.interval(0.05)
    return int(((low <= truth) & (truth <= high)).sum())


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("name", ["normal", "log-normal, spread 25 %", "t_3"])
def test_95_percent_interval_covers_between_93_and_97_percent(name, n, found):
    hits = covered(OneSample(noise(name, (MANY, n), 1)))
    found["coverage"].append({"noise": name, "n": n, "rate": hits / MANY, "experiments": MANY, "known": ""})
    assert at_least(hits, MANY, BAND[0]) and at_most(hits, MANY, BAND[1])


@pytest.mark.parametrize("n", COUNTS)
def test_strong_skew_is_known_to_under_cover(n, found):
    name = "log-normal, spread 130 %"
    hits = covered(OneSample(noise(name, (MANY, n), 1)))
    found["coverage"].append({"noise": name, "n": n, "rate": hits / MANY, "experiments": MANY, "known": SKEWED})
    assert 0.80 < hits / MANY < BAND[0]


@pytest.mark.parametrize("n", COUNTS)
def test_on_the_scale_of_logarithms_log_normal_noise_is_covered(n, found):
    numbers = np.random.default_rng([2, n]).lognormal(sigma=1.0, size=(MANY, n))
    hits = covered(OneSample(np.log10(numbers)))
    name = "log-normal, spread 130 %, on the log scale"
    found["coverage"].append({"noise": name, "n": n, "rate": hits / MANY, "experiments": MANY, "known": ""})
    assert at_least(hits, MANY, BAND[0]) and at_most(hits, MANY, BAND[1])


@pytest.mark.parametrize("first, second", [(5, 5), (5, 10), (10, 30)])
@pytest.mark.parametrize("louder", [1.0, 4.0])
def test_welch_covers_with_arms_of_different_size_and_spread(first, second, louder, found):
    sample = TwoSamples(noise("normal", (MANY, first), 3), louder * noise("normal", (MANY, second), 4))
    hits = covered(sample)
    name = f"normal, two arms ({first} and {second} seeds, spread 1 to {louder:g})"
    found["coverage"].append({"noise": name, "n": first + second, "rate": hits / MANY, "experiments": MANY, "known": ""})
    assert at_least(hits, MANY, BAND[0]) and at_most(hits, MANY, BAND[1])
