"""The part that decided is the same for the terminal, the record and the failure message."""

import math

import pytest

from evidence.decisive import decisive, room
from evidence.judge import Judge
from evidence.region import Margin
from evidence.terminal import table
from tests.evidence.numbers import Last, arm

NOISE = [-0.03, 0.02, 0.01, -0.01, 0.03, -0.02, 0.015, -0.015]


def part(verdict, low, high, region=(-1.0, 1.0), margin=1.0, name=""):
    return {
        "name": name,
        "verdict": verdict,
        "region": list(region),
        "margin": {"value": margin},
        "interval": {"90": [low, high]},
    }


def exact(estimate, tolerance=1.0, verdict="supported"):
    return {"verdict": verdict, "estimate": estimate, "tolerance": tolerance}


@pytest.mark.parametrize(
    "each, left",
    [
        (part("supported", -0.1, 0.4), 0.6),
        (part("supported", -0.8, 0.4), 0.2),
        (part("refuted", 1.2, 1.4), -0.4),
        (part("supported", 0.5, 0.6, region=(None, 1.0), margin=0.1), 4.0),
        (part("supported", 0.5, 0.6, region=(0.0, math.inf), margin=0.1), 5.0),
        (part("invalid", None, None), -math.inf),
        (part("invalid", math.nan, math.nan), -math.inf),
        (exact(-0.25), 0.75),
        (exact(None), -math.inf),
    ],
)
def test_room_is_the_distance_to_the_nearest_edge_in_margins(each, left):
    assert room(each) == pytest.approx(left)


def test_worst_verdict_decides_before_any_room():
    parts = [part("supported", 0.9, 0.95), part("refuted", 5.0, 6.0), part("inconclusive", 0.5, 1.5)]
    assert decisive(parts) is parts[1]
    assert decisive([]) is None


def test_among_equals_the_least_room_decides_for_reason_and_table_alike():
    judge = Judge()
    for name, mean in (("far", 0.0), ("near", 0.06)):
        values = arm([mean + each for each in NOISE])
        judge.equivalent(name, Last(), values, seeds=range(8), estimand="e", to=0.0, margin=Margin(0.1, "m"))
    assert judge.reason.startswith("near: ")
    claim = {"id": "a", "expect": "supported", "verdict": "supported", "complete": True, "seconds": 1.0, "parts": judge.parts}
    assert "near: 0.06" in table({"claims": [claim], "not_run": []})[1]
