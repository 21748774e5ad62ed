"""A violation of one and a half margins is found: for every part of the catalogue, at its own n, spread and bias."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from evidence.controls import VIOLATION
from evidence.inference import decide
from evidence.power import detectable, seeds_for
from evidence.region import Region
from evidence.samples import OneSample
from tests.calibration.simulate import MANY, SOME, at_least, noise

REFERENCE = json.loads((Path(__file__).parents[2] / "reports/reference/evidence.json").read_text(encoding="utf-8"))
PARTS = [(claim["id"], part) for claim in REFERENCE["claims"] for part in claim["parts"] if part["kind"] != "exact"]


LOUD = "known: these seeds spread more than those from which the 16 seeds were planned; 24 would be needed"
OTHERWISE = "known: found in 97 of 100 by the numbers of another processor, from which 32 seeds were planned"
KNOWN = {(f"lower-norm-l{power}", "cross-entropy not compromised (normal / over-parameterised)"): LOUD for power in (1, 2, 3, 4)}
KNOWN |= {("early-then-parallel", "total loss, late"): OTHERWISE}
"""Parts whose planted violation is found in seven of ten experiments at least, and why in no more."""


def region_of(part):
    low, high = part["region"]
    return Region(-math.inf if low is None else low, math.inf if high is None else high)


def violations(part):
    signs = {"equivalence": (1, -1), "non-superiority": (-1,), "superiority": (1,)}[part["kind"]]
    return [part["target"] + sign * VIOLATION * part["margin"]["value"] for sign in signs]


@pytest.mark.parametrize("claim, part", PARTS, ids=[f"{claim}: {part['name']}" for claim, part in PARTS])
def test_planted_violation_is_refuted_in_nine_of_ten_experiments_at_least(claim, part, found):
    spread, n = float(np.std(part["per_seed"], ddof=1)), len(part["per_seed"])
    hits = min(
        int(decide(OneSample(truth + spread * noise("normal", (SOME, n), 11)), region_of(part), part["bias"])[1].sum())
        for truth in violations(part)
    )
    row = {"claim": claim, "part": part["name"], "n": n, "rate": hits / SOME, "experiments": SOME}
    known = KNOWN.get((claim, part["name"]))
    found["detection"].append(row | ({"known": known} if known else {}))
    assert at_least(hits, SOME, 0.7 if known else 0.9)


@pytest.mark.parametrize("n", [3, 5, 12, 32])
@pytest.mark.parametrize("bias", [0.0, 0.1])
def test_the_smallest_effect_that_could_be_seen_is_seen_four_times_in_five(n, bias):
    region = Region(-1.0, 1.0)
    beyond = bias + detectable(0.5 / math.sqrt(n), n - 1)
    _, refuted = decide(OneSample(1.0 + beyond + 0.5 * noise("normal", (MANY, n), 12)), region, bias)
    assert refuted.mean() == pytest.approx(0.8, abs=0.015)


@pytest.mark.parametrize("room, spread", [(1.0, 1.0), (1.0, 3.0), (0.5, 0.2)])
def test_the_seeds_said_to_settle_a_verdict_settle_it_four_times_in_five(room, spread):
    n = seeds_for(room, spread, level=0.05)
    supported = [
        decide(OneSample(spread * noise("normal", (MANY, count), 13)), Region(-room, math.inf))[0].mean() for count in (n, n - 1)
    ]
    assert supported[0] >= 0.79
    assert n == 3 or supported[1] < 0.81
