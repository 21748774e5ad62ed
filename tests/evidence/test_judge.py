"""The judge of one claim: parts, controls, explorations, curves, lines and maps."""

import json
import math

import numpy as np
import pytest

from evidence.estimators import Curves, Difference, MeasurementError, Unpaired
from evidence.judge import Judge
from evidence.record import plain
from evidence.region import Margin
from evidence.slopes import LateExponent
from evidence.verdict import INCONCLUSIVE, INVALID, REFUTED, SUPPORTED
from tests.evidence.numbers import PAIRED, Last, arm

SEEDS = range(1000, 1008)
MARGIN = Margin(0.1, "a tenth")
NOISE = np.array([-0.03, 0.02, 0.01, -0.01, 0.03, -0.02, 0.015, -0.015])
LOUD = 20 * NOISE


def ask(method, values, judge=None, seeds=SEEDS, estimator=None, name="part", **more):
    more |= {"to": 0.0} if method == "equivalent" and "to" not in more else {}
    judge = judge or Judge()
    asked = {"seeds": seeds, "estimand": "a number", "margin": MARGIN} | more
    return judge, getattr(judge, method)(name, estimator or Last(), arm(values), **asked)


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
@pytest.mark.parametrize("with_controls", [True, False])
def test_question_is_answered_by_where_the_mean_lies(method, mean, verdict, with_controls):
    judge, answer = ask(method, NOISE + mean, Judge(with_controls))
    assert answer is verdict is judge.verdict
    assert bool(judge.controls) is with_controls


def test_equivalence_is_judged_around_its_target():
    assert ask("equivalent", NOISE - 0.5, to=-0.5)[1] is SUPPORTED
    assert ask("equivalent", NOISE - 0.5, to=0.5)[1] is REFUTED


def test_reduction_by_an_amount_needs_that_amount():
    assert ask("lower", NOISE - 0.3, by=0.2)[1] is SUPPORTED
    assert ask("lower", NOISE - 0.3, by=0.4)[1] is REFUTED


@pytest.mark.parametrize("method", ["lower", "not_lower"])
def test_swapped_arms_turn_the_verdict(method):
    arms = arm(NOISE + 0.3), arm(-NOISE)
    asked = {"seeds": SEEDS, "estimand": "a number", "margin": MARGIN}
    answers = {getattr(Judge(), method)("part", PAIRED, *pair, **asked) for pair in (arms, arms[::-1])}
    assert answers == {SUPPORTED, REFUTED}


def test_unpaired_arms_of_different_length_are_judged_by_welch():
    judge = Judge()
    first, second = arm(NOISE), arm(np.concatenate([NOISE, NOISE + 0.001]))
    answer = judge.equivalent(
        "part", Unpaired(Last()), first, second, seeds=range(24), estimand="a difference", to=0.0, margin=MARGIN
    )
    assert answer is SUPPORTED
    (part,) = judge.parts
    assert part["n"] == 24 and len(part["per_seed"]) == len(part["seeds"]) == 8


# ---- what cannot be judged -------------------------------------------------------------------------------------


def test_broken_sample_is_invalid_and_plants_nothing():
    judge, answer = ask("equivalent", [math.nan, 0.1, 0.2], seeds=[1, 2, 3])
    assert answer is INVALID and judge.controls == []
    assert "seed 1: it gave no finite number" in judge.reason


def test_arms_of_different_length_are_invalid_in_a_sentence_and_no_error():
    judge = Judge()
    answer = judge.lower("part", PAIRED, arm(NOISE), arm(NOISE[:3]), seeds=SEEDS, estimand="a number", margin=MARGIN)
    assert answer is INVALID and judge.controls == []
    assert judge.reason == "the arms have 8 and 3 seeds: paired arms need the same seeds, in the same order"
    assert judge.parts[0]["per_seed"] == []


@pytest.mark.parametrize("systematic, answer", [(0.02, SUPPORTED), (0.1, INVALID), (math.nan, INVALID)])
def test_margin_must_be_larger_than_the_bias(systematic, answer):
    judge, found = ask("equivalent", NOISE, estimator=Last(systematic=systematic))
    assert found is answer
    assert answer is SUPPORTED or "bias" in judge.reason


def test_bias_is_recorded_and_widens_the_interval():
    plain, wide = (ask("equivalent", NOISE, estimator=Last(systematic=bias))[0].parts[0] for bias in (0.0, 0.02))
    assert wide["bias"] == 0.02
    assert wide["interval"]["90"] == pytest.approx([plain["interval"]["90"][0] - 0.02, plain["interval"]["90"][1] + 0.02])


class Bare:
    """An estimator that lacks most of what one needs."""

    def measure(self, *arms):
        return arms[0].values[:, -1]


class Half(Bare):
    """It measures an array, and plants no tuple."""

    paired = False

    def plant(self, shift, *arms):
        return arms[0]


class Whole(Half):
    """It measures as it should, and plants no tuple."""

    def measure(self, *arms):
        return Last().measure(*arms)


@pytest.mark.parametrize(
    "estimator, arms, seeds, words",
    [
        (Last, (arm(NOISE),), SEEDS, "Last is a class: give the judge an estimator made with it, such as Last()."),
        (Bare(), (arm(NOISE),), SEEDS, "Bare is no estimator: it lacks plant, paired; one has measure, plant and paired."),
        (Half(), (arm(NOISE),), SEEDS, "Half.measure gave ndarray; it must give Measured(values)."),
        (Whole(), (arm(NOISE),), SEEDS, "Whole.plant gave Curves; it must give a tuple of as many Curves as there are arms."),
        (Last(), (NOISE,), SEEDS, "An arm is Curves(times, values), not ndarray."),
        (Last(), (arm(NOISE),), 8, "The seeds are 8; they must be a sequence, such as range(1000, 1032)."),
    ],
)
def test_what_was_put_in_the_wrong_place_is_told(estimator, arms, seeds, words):
    with pytest.raises(TypeError) as error:
        Judge().equivalent("part", estimator, *arms, seeds=seeds, estimand="e", to=0.0, margin=MARGIN)
    assert str(error.value) == words


# ---- controls --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, mean, names",
    [
        ("equivalent", 0.0, ["planted violation upwards", "planted violation downwards", "planted agreement", "A/A"]),
        ("not_lower", 0.0, ["planted violation", "planted agreement", "A/A"]),
        ("lower", -0.3, ["planted violation", "planted agreement", "A/A"]),
    ],
)
def test_controls_are_run_and_recorded(method, mean, names):
    judge, _ = ask(method, NOISE + mean)
    assert [control["name"] for control in judge.controls] == names
    assert [control["must_be"] for control in judge.controls[:-1]] == ["refuted"] * (len(names) - 2) + ["supported"]
    assert all(control["passed"] and control["part"] == "part" for control in judge.controls)


@pytest.mark.parametrize("method, goal", [("equivalent", 0.15), ("not_lower", -0.15), ("lower", 0.15)])
def test_violation_is_planted_one_and_a_half_margins_from_the_target(method, goal):
    assert ask(method, NOISE + 0.02)[0].controls[0]["estimate"] == pytest.approx(goal)


@pytest.mark.parametrize("lands", [0.0, 0.5, -1.0, math.nan])
def test_plant_that_does_not_arrive_makes_the_part_invalid(lands):
    judge, answer = ask("equivalent", NOISE, estimator=Last(lands=lands))
    assert answer is INVALID
    assert "a control failed: planted violation upwards" in judge.reason
    assert judge.controls[0]["verdict"] == "invalid" and not judge.controls[0]["passed"]


def test_support_from_too_few_seeds_to_see_a_violation_is_invalid():
    judge, answer = ask("equivalent", 0.06 / 0.021 * NOISE)
    assert answer is INVALID
    assert "was to be refuted: inconclusive: the interval over 8 seeds crosses an edge of the region; about" in judge.reason


def test_violation_that_bias_hides_asks_for_longer_trainings():
    judge, answer = ask("equivalent", 0.1 * NOISE, estimator=Last(systematic=0.055))
    assert answer is INVALID and "longer trainings, not more seeds, would settle it" in judge.reason


def test_refutation_by_a_judge_that_fails_a_control_is_invalid():
    assert ask("equivalent", LOUD + 5.0, Judge(with_controls=False))[1] is REFUTED
    assert ask("equivalent", LOUD + 5.0)[1] is INVALID


def test_inconclusive_stays_so_where_controls_fail_for_the_same_lack_of_seeds():
    judge, answer = ask("equivalent", LOUD)
    assert answer is INCONCLUSIVE and judge.parts[0]["seeds_to_settle"] > 8
    assert not judge.controls[0]["passed"]


@pytest.mark.parametrize("n, passed", [(5, None), (6, True)])
def test_identical_arms_need_six_seeds(n, passed):
    judge, _ = ask("equivalent", NOISE[:n], seeds=range(n))
    control = judge.controls[-1]
    assert control["name"] == "A/A" and control["passed"] is passed
    assert passed or control["outcome"] == "not run: 5 seeds cannot be split into two arms of three"


@pytest.mark.parametrize(
    "method, mean, alarm", [("equivalent", 0, "refuted"), ("not_lower", 0, "refuted"), ("lower", -0.5, "supported")]
)
def test_identical_arms_are_pairs_of_the_references_seeds(method, mean, alarm):
    judge, rng = Judge(), np.random.default_rng(6)
    first, second = (arm(0.02 * rng.normal(size=12) + shift) for shift in (mean, 0.0))
    more = {"to": 0.0} if method == "equivalent" else {}
    getattr(judge, method)("part", PAIRED, first, second, seeds=range(12), estimand="a number", margin=MARGIN, **more)
    control = judge.controls[-1]
    assert control["passed"] and f"{alarm} in at most" in control["must_be"]
    assert abs(control["estimate"]) < 0.01 and "its own seeds in pairs" in control["planted"]


class Crooked(Difference):
    """A comparison that reads the first arm too low by half a margin."""

    def measure(self, *arms):
        found = super().measure(*arms)
        found.values[:] -= 0.05
        return found


@pytest.mark.parametrize(
    "method, more, true",
    [("equivalent", {"to": 0.0}, 0.0), ("not_lower", {}, 0.2), ("lower", {}, -0.3), ("lower", {"by": 0.1}, -0.4)],
)
def test_identical_arms_catch_a_comparison_that_favours_the_first_arm(method, more, true):
    judge, rng = Judge(), np.random.default_rng(7)
    arms = arm(0.02 * rng.normal(size=12) + true), arm(0.02 * rng.normal(size=12))
    answer = getattr(judge, method)("part", Crooked(Last()), *arms, seeds=range(12), estimand="a number", margin=MARGIN, **more)
    assert answer is INVALID and "A/A" in judge.reason and "off zero by 0.05" in judge.reason


def test_margin_computed_by_numpy_hides_no_failed_control():
    judge, rng = Judge(), np.random.default_rng(7)
    arms = arm(0.02 * rng.normal(size=12) + 0.2), arm(0.02 * rng.normal(size=12))
    margin = Margin(np.log10(10**0.1), "a tenth")
    answer = judge.not_lower("part", Crooked(Last()), *arms, seeds=range(12), estimand="a number", margin=margin)
    assert answer is INVALID and judge.controls[-1]["passed"] is False
    assert json.loads(json.dumps(judge.controls)) == judge.controls


def test_pairs_that_cannot_be_read_are_no_missing_alarm():
    class Unmatched(Difference):
        def measure(self, *arms):
            found = super().measure(*arms)
            found.values[np.abs(found.values) > 0.01] = np.nan
            return found

    judge = Judge()
    reference = arm(np.linspace(0, 1, 12))
    first = arm(np.linspace(0, 1, 12) + np.linspace(-0.005, 0.005, 12))
    judge.equivalent(
        "part", Unmatched(Last()), first, reference, seeds=range(12), estimand="a number", to=0.0, margin=Margin(0.02, "m")
    )
    control = judge.controls[-1]
    assert control["passed"] is None and "pairs of different seeds cannot be compared" in control["outcome"]


def test_identical_arms_catch_an_estimator_that_mixes_seeds():
    class Mixing(Last):
        def measure(self, *arms):
            found = super().measure(*arms)
            found.values[0] += 1.0  # whichever seed comes first
            return found

    judge = Judge()
    answer = judge.equivalent("part", Mixing(), arm(NOISE), seeds=SEEDS, estimand="a number", to=0.1, margin=Margin(0.9, "m"))
    assert answer is INVALID and "off zero by 1" in judge.reason


@pytest.mark.parametrize("sizes, run", [((4, 16), True), ((30, 4), False)])
def test_halves_of_unpaired_arms_are_the_references(sizes, run):
    judge, rng = Judge(), np.random.default_rng(9)
    arms = [arm(0.02 * rng.normal(size=n)) for n in sizes]
    judge.equivalent("part", Unpaired(Last()), *arms, seeds=range(sum(sizes)), estimand="a number", to=0.0, margin=MARGIN)
    assert (judge.controls[-1]["passed"] is not None) is run


def test_control_that_cannot_be_measured_fails_in_a_sentence():
    class Fragile(Last):
        def plant(self, shift, *arms):
            raise MeasurementError("nothing can be planted here")

    judge, answer = ask("equivalent", NOISE, estimator=Fragile())
    assert answer is INVALID and "not measured: nothing can be planted here" in judge.reason


def test_far_plant_that_bends_is_repeated_in_proportion():
    class Bent(Last):
        def plant(self, shift, *arms):
            return (Curves(arms[0].times, arms[0].values + 0.95 * shift),)

    judge, answer = ask("equivalent", NOISE + 5.0, estimator=Bent())
    assert answer is REFUTED and all(control["passed"] for control in judge.controls)


@pytest.mark.parametrize("values", [[1e200, -1e200, 3e200, 2e200], [1e-170, -2e-170, 3e-170, 4e-170]])
def test_numbers_too_large_or_too_small_for_a_spread_are_invalid(values):
    judge, answer = ask("equivalent", values, seeds=range(4))
    assert answer is INVALID and ("too large or too small" in judge.reason or "all seeds gave the same" in judge.reason)


def test_arms_equal_up_to_rounding_support_nothing():
    reference = np.linspace(0.1, 1.0, 8)
    judge = Judge(with_controls=False)
    arms = arm(np.nextafter(reference, 0)), arm(reference)
    answer = judge.lower("part", PAIRED, *arms, seeds=SEEDS, estimand="a number", margin=MARGIN)
    assert answer is INVALID and "all seeds gave the same number" in judge.reason


# ---- exact parts -----------------------------------------------------------------------------------------------


def exactly(deviations, planted=(5.0, 4.0, 6.0), again=None, judge=None, seeds=(1, 2, 3)):
    judge, deviations = judge or Judge(), np.array(deviations, float)
    again = deviations if again is None else np.array(again, float)
    more = {"planted": np.array(planted), "again": again}
    return judge, judge.exact("part", deviations, seeds, estimand="a number", tolerance=1.0, **more)


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


@pytest.mark.parametrize("seeds, words", [((), "3 deviations came for 0 seeds"), ((1, 2, 2), "some seeds occur twice")])
def test_exact_part_has_one_deviation_a_seed(seeds, words):
    judge, answer = exactly([0.1, 0.2, 0.3], seeds=seeds)
    assert answer is INVALID and words in judge.reason


def test_exact_part_that_compared_nothing_is_invalid():
    assert "nothing was compared" in exactly([], seeds=())[0].reason


@pytest.mark.parametrize("planted", [(5.0, 0.5, 6.0), (5.0, math.nan, 6.0), ()])
def test_exact_part_is_invalid_where_its_violation_hides_within_the_tolerance(planted):
    judge, answer = exactly([0.1, 0.2, 0.3], planted)
    assert answer is INVALID and not judge.controls[0]["passed"]


@pytest.mark.parametrize("again", [(0.1, 0.2, 2.3), (0.1, 0.2, math.nan), (0.1, 0.2)])
def test_exact_part_is_invalid_where_a_second_computation_differs(again):
    judge, answer = exactly([0.1, 0.2, 0.3], again=again)
    assert answer is INVALID and not judge.controls[1]["passed"] and judge.controls[1]["name"] == "A/A"


def test_exact_part_without_controls_is_judged_alone():
    judge, answer = exactly([0.1, 0.2, 0.3], planted=(0.0,), judge=Judge(with_controls=False))
    assert answer is SUPPORTED and judge.controls == []


# ---- the claim ---------------------------------------------------------------------------------------------------


def test_exploration_has_intervals_and_no_verdict():
    judge = Judge()
    judge.explore("early", Last(), arm(NOISE), seeds=SEEDS, estimand="a number", unit="")
    (found,) = judge.explorations
    assert found["interval"]["90"] == ask("equivalent", NOISE)[0].parts[0]["interval"]["90"]
    assert not {"verdict", "p_raw", "margin", "reason"} & found.keys()
    assert judge.parts == [] and judge.verdict is INVALID


def test_exploration_that_cannot_be_measured_says_why():
    judge = Judge()
    judge.explore("early", PAIRED, arm(NOISE), arm(NOISE[:3]), seeds=SEEDS, estimand="a number")
    assert judge.explorations[0]["note"].startswith("the arms have 8 and 3 seeds")


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


def test_theory_line_is_noted_as_it_was_given():
    judge = Judge()
    judge.theory("figure-1", "plain", "error", np.array([1, 4]), [1, np.inf])
    assert judge.lines == [
        {"figure": "figure-1", "arm": "plain", "quantity": "error", "x": [1.0, 4.0], "values": [1.0, math.inf]}
    ]
    assert judge.curves == judge.parts == []


@pytest.mark.parametrize("x, values", [([1.0, 2.0], [1.0]), ([1.0], [[1.0]]), (1.0, 1.0)])
def test_theory_line_that_does_not_fit_its_places_is_told(x, values):
    with pytest.raises(MeasurementError, match="the theory line 'plain' of 'figure-1' has . values? for . places"):
        Judge().theory("figure-1", "plain", "error", x, values)


def mapped(values, rows=("scale", [1, 2]), columns=("condition", [1, 10, 100]), judge=None):
    judge = judge or Judge()
    judge.map("where", "shared step", rows=rows, columns=columns, quantity="gain", values=values)
    return judge.maps[0]


def test_cell_of_a_map_is_the_mean_and_the_90_percent_interval_of_its_seeds():
    values = NOISE + np.arange(6).reshape(2, 3, 1)
    found = mapped(values)
    alone = ask("equivalent", NOISE + 4)[0].parts[0]
    assert found["estimate"][1][1] == pytest.approx(alone["estimate"])
    assert [found["low"][1][1], found["high"][1][1]] == pytest.approx(alone["interval"]["90"])
    assert [[round(cell) for cell in row] for row in found["estimate"]] == [[0, 1, 2], [3, 4, 5]]
    assert found["rows"] == {"label": "scale", "values": [1.0, 2.0]} and found["columns"]["values"] == [1.0, 10.0, 100.0]
    assert (found["figure"], found["panel"], found["quantity"], found["n"]) == ("where", "shared step", "gain", 8)


def test_map_is_no_verdict_and_no_part():
    judge = Judge()
    mapped(np.ones((2, 3, 4)), judge=judge)
    assert judge.parts == judge.explorations == [] and judge.verdict is INVALID
    assert not {"verdict", "p_raw", "margin"} & judge.maps[0].keys()


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_cell_with_a_number_that_is_not_finite_is_null_and_its_neighbours_are_not(broken):
    values = NOISE + np.zeros((2, 3, 1))
    values[0, 1, 3] = broken
    found = plain(mapped(values))
    for table in (found["estimate"], found["low"], found["high"]):
        assert [[cell is None for cell in row] for row in table] == [[False, True, False], [False] * 3]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_map_of_too_few_seeds_has_no_intervals(n):
    found = plain(mapped(np.ones((2, 3, n))))
    assert found["low"] == found["high"] == [[None] * 3] * 2 and found["n"] == n
    assert found["estimate"] == [[1.0 if n else None] * 3] * 2


def test_cell_without_spread_has_an_interval_of_no_width():
    found = mapped(np.full((2, 3, 4), 0.5))
    assert found["low"] == found["high"] == [[0.5] * 3] * 2


@pytest.mark.parametrize(
    "shape, words", [((3, 2, 8), "3 x 2 x 8"), ((2, 3), "2 x 3"), ((2, 3, 8, 1), "2 x 3 x 8 x 1"), ((), "nothing")]
)
def test_shape_that_does_not_fit_a_map_is_told(shape, words):
    judge = Judge()
    with pytest.raises(MeasurementError) as error:
        mapped(np.ones(shape), judge=judge)
    assert str(error.value) == (
        f"values of shape {words} do not fit the map 'shared step' of 2 x 3 cells: they must be (rows, columns, seeds)"
    )
    assert judge.maps == []


def test_value_of_a_factor_that_is_not_finite_is_told():
    with pytest.raises(MeasurementError, match="a value of 'scale' in the map 'shared step' is not finite: .1.0, inf."):
        mapped(np.ones((2, 3, 4)), rows=("scale", [1, math.inf]))


def test_judging_does_not_change_the_arms():
    curves = Curves(np.geomspace(1, 1e6, 241), np.geomspace(1, 1e6, 241) ** -np.linspace(0.49, 0.51, 8)[:, None])
    before = curves.values.copy()
    Judge().equivalent("part", LateExponent(), curves, seeds=SEEDS, estimand="an exponent", to=-0.5, margin=MARGIN)
    assert np.array_equal(curves.values, before)
