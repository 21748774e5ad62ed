"""Published equivalence tests, reproduced from their data."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evidence.inference import p_support
from evidence.region import Region
from evidence.samples import OneSample, TwoSamples

pytestmark = pytest.mark.fast

WELLEK = (
    "S. Wellek, Testing Statistical Hypotheses of Equivalence (2003), p. 212, a part of the data, as analysed in the SAS/STAT "
    "User's Guide, PROC TTEST, example Equivalence Testing with Lognormal Data"
)
TEST = np.array([103.4, 59.92, 68.17, 94.54, 69.48, 72.17, 74.37, 84.44, 96.74, 94.26, 48.52, 95.68])
REFERENCE = np.array([90.11, 77.71, 77.71, 97.51, 58.21, 101.3, 79.84, 96.06, 89.30, 97.22, 61.62, 85.80])

NCSS = (
    "NCSS Statistical Software documentation, Two-Sample T-Tests for Equivalence, example with yields A and B (Welch), as "
    "reproduced in the tests of the R package TOSTER"
)
YIELD_A = np.array([452, 874, 554, 447, 356, 754, 558, 574, 664, 682, 547, 435, 245.0])
YIELD_B = np.array([546, 547, 774, 465, 459, 665, 467, 365, 589, 534, 456, 651, 654, 665, 546, 537.0])


def test_paired_equivalence_of_a_ratio(found):
    sample = OneSample(np.log(TEST / REFERENCE))
    low, high = np.exp(sample.interval(0.10))
    text = f"ratio {math.exp(sample.estimate):.4f}, 90 % interval {low:.4f} to {high:.4f}"
    published = "ratio 0.9412, 90 % interval 0.8634 to 1.0260"
    found["tost"].append({"example": "paired, log-normal", "source": WELLEK, "published": published, "found": text})
    assert text == published
    assert float(p_support(sample, Region(math.log(0.8), math.log(1.25)))) < 0.05


def test_unpaired_equivalence_by_welch(found):
    sample = TwoSamples(YIELD_A, YIELD_B)
    low, high = sample.interval(0.05)
    p_values = [float(sample.p_value(-110.0, "larger")), float(sample.p_value(110.0, "smaller"))]
    freedom = float(sample.freedom)
    text = (
        f"difference {sample.estimate:.4f}, 95 % interval {low:.4f} to {high:.4f}, {freedom:.3f} degrees of freedom, "
        f"p {p_values[0]:.5f} and {p_values[1]:.5f}"
    )
    published = "difference -8.1154, 95 % interval -120.2734 to 104.0426, 19.169 degrees of freedom, p 0.03628 and 0.02002"
    found["tost"].append({"example": "two arms, Welch", "source": NCSS, "published": published, "found": text})
    assert text == published
    assert float(p_support(sample, Region(-110.0, 110.0))) == pytest.approx(0.03628, abs=5e-6)
