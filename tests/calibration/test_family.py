"""Over the whole catalogue, at least one false support after Holm's adjustment comes in at most one session in twenty."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from evidence.holm import holm
from evidence.inference import p_support
from evidence.region import Region
from evidence.samples import OneSample
from tests.calibration.simulate import SOME, at_most, noise
from tests.calibration.test_detection import PARTS, REFERENCE

CLAIMS = [claim["id"] for claim in REFERENCE["claims"]] + [claim["id"] for claim in REFERENCE["not_run"]]
COUNTS = {claim: [part["n"] for name, part in PARTS if name == claim] or [12] for claim in CLAIMS}
REGION = Region(-1.0, 1.0)


@pytest.fixture(autouse=True)
def nothing_to_collect():
    """Statsmodels' multipletests collects garbage at every call, 14 ms each among all that pytest holds."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def claim_p_values(truths, counts, spread, seed):
    """The largest p-value of a claim's parts, for every simulated session."""
    parts = [
        p_support(OneSample(truth + spread * noise("normal", (SOME, n), seed + i)), REGION)
        for i, (truth, n) in enumerate(zip(truths, counts, strict=True))
    ]
    return np.max(parts, axis=0)


def false_supports(truths_of, false):
    by_claim = {
        claim: claim_p_values(truths_of(claim, counts), counts, 0.3, 100 * place)
        for place, (claim, counts) in enumerate(COUNTS.items(), start=1)
    }
    sessions = [dict(zip(by_claim, row, strict=True)) for row in np.transpose(list(by_claim.values()))]
    adjusted = [holm(session, family=len(CLAIMS)) for session in sessions]
    return sum(any(session[claim] < 0.05 for claim in false) for session in adjusted)


CASES = {
    "all claims false, each by one of its parts": (lambda claim, counts: [1.0] + [0.0] * (len(counts) - 1), CLAIMS),
    "all claims false, each by all of its parts": (lambda claim, counts: [1.0] * len(counts), CLAIMS),
    "every other claim false, by one of its parts": (
        lambda claim, counts: [1.0 if claim in CLAIMS[::2] else 0.0] + [0.0] * (len(counts) - 1),
        CLAIMS[::2],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_family_wise_error_is_at_most_five_percent(case, found):
    hits = false_supports(*CASES[case])
    found["family"].append({"case": case, "rate": hits / SOME, "claims": len(CLAIMS), "experiments": SOME})
    assert at_most(hits, SOME, 0.05)
