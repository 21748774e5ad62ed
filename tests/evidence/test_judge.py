"""The judge of one claim: parts, controls planted in them, and curves."""

import math

import numpy as np
import pytest

from evidence.judge import Judge
from evidence.region import Margin
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED

SEEDS = range(1000, 1008)
MARGIN = Margin(0.1, "a tenth")
NOISE = np.array([-0.03, 0.02, 0.01, -0.01, 0.03, -0.02, 0.015, -0.015])
LOUD = 20 * NOISE


def ask(method, values, judge=None, seeds=SEEDS, planted=None, name="part", **more):
    values = np.asarray(values)
    more |= {"to": 0.0} if method == "equivalent" and "to" not in more else {}
    planted = planted or (lambda shift: values + shift)
    judge = judge or Judge()
    return judge, getattr(judge, method)(name, values, seeds, estimand="a number", margin=MARGIN, planted=planted, **more)


@pytest.mark.parametrize(
    "method, mean, verdict",
    [
        ("equivalent", 0.0, SUPPORTED),
        ("equivalent", 0.3, REFUTED),
        ("equivalent", -0.3, REFUTED),
        ("equivalent", 0.1, INCONCLUSIVE),
        ("not_lower", 0.0, SUPPORTED),
        ("not_lower", 5.0, SUPPORTED),
        ("not_lower", -0.3, REFUTED),
        ("not_lower", -0.1, INCONCLUSIVE),
        ("lower", -0.3, SUPPORTED),
        ("lower", 0.3, REFUTED),
        ("lower", 0.0, INCONCLUSIVE),
    ],
)
def test_question_is_answered_by_where_the_mean_lies(method, mean, verdict):
    judge, answer = ask(method, NOISE + mean)
    assert answer is verdict is judge.verdict


def test_equivalence_is_judged_around_its_target():
    assert ask("equivalent", NOISE - 0.5, to=-0.5)[1] is SUPPORTED
    assert ask("equivalent", NOISE - 0.5, to=0.5)[1] is REFUTED


def test_reduction_by_an_amount_needs_that_amount():
    assert ask("lower", NOISE - 0.3, by=0.2)[1] is SUPPORTED
    assert ask("lower", NOISE - 0.3, by=0.4)[1] is REFUTED


@pytest.mark.parametrize("method", ["lower", "not_lower"])
def test_swapped_arms_turn_the_verdict(method):
    answers = {ask(method, sign * (NOISE + 0.3))[1] for sign in (1, -1)}
    assert answers == {SUPPORTED, REFUTED}


def test_swapped_arms_leave_an_equivalence_as_it_is():
    assert ask("equivalent", NOISE)[1] is ask("equivalent", -NOISE)[1] is SUPPORTED


@pytest.mark.parametrize(
    "method, names",
    [
        ("equivalent", ["planted violation upwards", "planted violation downwards", "planted agreement"]),
        ("not_lower", ["planted violation", "planted agreement"]),
        ("lower", ["planted violation", "planted agreement"]),
    ],
)
def test_planted_controls_are_recorded(method, names):
    judge, _ = ask(method, NOISE)
    assert [control["name"] for control in judge.controls] == names
    assert [control["must_be"] for control in judge.controls] == ["refuted"] * (len(names) - 1) + ["supported"]
    assert all(control["passed"] and control["part"] == "part" for control in judge.controls)


@pytest.mark.parametrize("method, goal", [("equivalent", 0.15), ("not_lower", -0.15), ("lower", 0.15)])
def test_violation_is_planted_one_and_a_half_margins_from_the_target(method, goal):
    assert ask(method, NOISE + 0.02)[0].controls[0]["estimate"] == pytest.approx(goal)


@pytest.mark.parametrize("planted", [lambda shift: NOISE, lambda shift: NOISE - shift, lambda shift: NOISE * np.nan])
def test_plant_that_does_not_arrive_makes_the_part_invalid(planted):
    judge, answer = ask("equivalent", NOISE, planted=planted)
    assert answer is INVALID
    assert "a control failed: planted violation upwards" in judge.reason
    assert judge.controls[0]["verdict"] == "invalid" and not judge.controls[0]["passed"]


def test_judge_too_weak_to_see_a_violation_cannot_support():
    judge, answer = ask("equivalent", NOISE, planted=lambda shift: LOUD + shift)
    assert answer is INCONCLUSIVE
    assert judge.reason == "planted violation upwards was not recognised: too few seeds to have refuted the claim"
    assert judge.controls[0]["verdict"] == "inconclusive" and not judge.controls[0]["passed"]


def test_weak_judge_may_still_refute():
    assert ask("equivalent", NOISE + 0.5, planted=lambda shift: LOUD + 0.5 + shift)[1] is REFUTED


def test_broken_sample_is_invalid_and_plants_nothing():
    judge, answer = ask("equivalent", [math.nan, 0.1, 0.2], seeds=[1, 2, 3])
    assert answer is INVALID and judge.controls == []
    assert "seed 1 gave no finite number" in judge.reason


def test_bias_is_recorded_and_widens_the_interval():
    plain, wide = (ask("equivalent", NOISE, bias=bias)[0].parts[0] for bias in (0.0, 0.02))
    assert wide["bias"] == 0.02
    assert wide["interval"]["90"] == pytest.approx([plain["interval"]["90"][0] - 0.02, plain["interval"]["90"][1] + 0.02])


def exactly(deviations, planted=(5.0, 4.0, 6.0), judge=None):
    judge = judge or Judge()
    deviations = np.array(deviations)
    verdict = judge.exact("part", deviations, [1, 2, 3], estimand="a number", tolerance=1.0, planted=np.array(planted))
    return judge, verdict


@pytest.mark.parametrize(
    "deviations, verdict, words",
    [
        ([0.1, -0.2, 0.3], SUPPORTED, "is within 1"),
        ([0.1, -1.0, 0.3], SUPPORTED, "is within 1"),
        ([0.1, -1.2, 0.3], REFUTED, "exceeds 1"),
        ([0.1, math.nan, 0.3], INVALID, "a deviation is not finite"),
        ([0.1, -math.inf, 0.3], INVALID, "a deviation is not finite"),
    ],
)
def test_exact_part_is_judged_by_its_largest_deviation(deviations, verdict, words):
    judge, answer = exactly(deviations)
    assert answer is verdict and words in judge.reason


def test_exact_part_carries_a_tolerance_in_place_of_an_interval():
    part = exactly([0.1, 0.2, 0.3])[0].parts[0]
    assert part["tolerance"] == 1.0 and "interval" not in part and part["kind"] == "exact"


@pytest.mark.parametrize("planted", [(5.0, 0.5, 6.0), (5.0, math.nan, 6.0)])
def test_exact_part_is_invalid_where_its_violation_hides_within_the_tolerance(planted):
    judge, answer = exactly([0.1, 0.2, 0.3], planted)
    assert answer is INVALID and not judge.controls[0]["passed"]


def test_judge_that_was_asked_nothing_is_invalid():
    assert Judge().verdict is INVALID
    assert Judge().reason == "the claim judged nothing"


@pytest.mark.parametrize("order", [(0.0, 0.3), (0.3, 0.0)])
def test_worst_part_decides_and_is_named(order):
    judge = Judge()
    for mean in order:
        ask("equivalent", NOISE + mean, judge, name=f"mean {mean}")
    assert judge.verdict is REFUTED
    assert judge.reason.startswith("mean 0.3: the 95 % interval over 8 seeds lies wholly outside")


def test_curve_is_the_median_and_the_10th_and_90th_percentiles():
    judge = Judge()
    judge.curve("figure-1", "plain", "error", np.array([0.0, 1.0]), np.arange(22.0).reshape(11, 2), window=(0.0, 1.0))
    (curve,) = judge.curves
    assert (curve["low"], curve["median"], curve["high"]) == ([2.0, 3.0], [10.0, 11.0], [18.0, 19.0])
    assert curve["n"] == 11 and curve["window"] == [0.0, 1.0]


def test_curve_without_a_window_names_none():
    judge = Judge()
    judge.curve("figure-1", "plain", "error", np.array([0.0]), np.ones((3, 1)))
    assert "window" not in judge.curves[0]
