"""Plans of the number of seeds."""

import numpy as np
import pytest

from evidence.inference import examine
from evidence.pilot import plan
from evidence.region import Region
from tests.evidence.numbers import measured

RNG = np.random.default_rng(8)


def part(values, name="a", kind="equivalence", margin=1.0, bias=0.0):
    error = float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else np.nan
    return {
        "name": name, "kind": kind, "n": len(values), "standard_error": error, "margin": {"value": margin}, "bias": bias,
        "reason": "why",
    }  # fmt: skip


def standardized(count):
    values = np.linspace(-1, 1, count)
    return (values - values.mean()) / values.std(ddof=1)


def test_plan_does_not_depend_on_which_way_the_pilot_went():
    assert {plan([part(standardized(5) + shift)], own=100).seeds for shift in (-9, 0, 0.5, 9)} == {
        plan([part(standardized(5))], 100).seeds
    }


def test_loudest_part_decides():
    found = plan([part(standardized(8), "loud"), part(0.1 * standardized(8), "quiet")], own=100)
    assert found.reason == f"loud needs {found.seeds}"


@pytest.mark.parametrize("factor", [2.0, 4.0])
def test_margin_and_spread_count_by_their_ratio(factor):
    one, other = (plan([part(f * standardized(8), margin=f)], own=1000) for f in (1.0, factor))
    assert one.seeds == other.seeds


def test_bias_takes_room():
    plain, biased = (plan([part(standardized(8), bias=bias)], own=1000).seeds for bias in (0.0, 0.3))
    assert biased > plain
    found = plan([part(standardized(8), bias=0.6)], own=10)
    assert found.seeds == 10 and "no number of seeds is enough" in found.reason


def test_ceiling_is_four_times_the_budgets_own_number_and_is_told():
    found = plan([part(9 * standardized(5))], own=10)
    assert found.seeds == 40 and "the ceiling is 40, 4 times the budget’s own 10" in found.reason


def test_controls_need_six_seeds_however_small_the_spread():
    found = plan([part(1e-6 * standardized(5))], own=32)
    assert found.seeds == 6 and found.reason == "a: 3 would do; controls need 6"


@pytest.mark.parametrize("parts", [[], [part([0.0] * 5, kind="exact")], [part([])]])
def test_without_a_spread_the_budgets_own_number_stands(parts):
    assert plan(parts, own=12).seeds == 12


def test_pilot_that_broke_buys_no_more_than_the_budgets_own_number_and_says_why():
    found = plan([part([1.0, np.nan, 2.0])], own=10)
    assert found.seeds == 10 and "the pilot could not be judged (why)" in found.reason


def test_pilot_without_any_spread_needs_no_more_than_controls_do():
    assert plan([part([1.0, 1.0, 1.0])], own=10).seeds == 6


@pytest.mark.parametrize("kind", ["equivalence", "non-superiority", "superiority"])
def test_planned_seeds_find_planted_effects_nine_times_in_ten(kind):
    """Over many pilots: each plans, then its confirmatory run meets a violation and an agreement."""
    region, violation, agreement = {
        "equivalence": (Region(-1, 1), 1.5, 0.0),
        "non-superiority": (Region(-1, np.inf), -1.5, 0.0),
        "superiority": (Region(-np.inf, 0), 1.5, -1.5),
    }[kind]
    found = {"refuted": 0, "supported": 0}
    for _ in range(150):
        n = plan([part(0.8 * RNG.normal(size=8), kind=kind)], own=1000).seeds
        for truth, verdict in ((violation, "refuted"), (agreement, "supported")):
            values = truth + 0.8 * RNG.normal(size=n)
            found[verdict] += examine(measured(values), range(n), region, permute=False).verdict == verdict
    assert min(found.values()) >= 0.85 * 150
