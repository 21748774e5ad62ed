"""Specifications: what the judge notes of each way of running an experiment, and what it refuses to note."""

import math

import numpy as np
import pytest

from evidence.estimators import MeasurementError
from evidence.judge import Judge
from evidence.record import plain
from evidence.region import Margin
from evidence.verdict import INVALID, SUPPORTED
from tests.evidence.numbers import PAIRED, Last, arm

SEEDS = range(1000, 1008)
NOISE = np.array([-0.03, 0.02, 0.01, -0.01, 0.03, -0.02, 0.015, -0.015])
BASE = {"start": "published", "factors": "2"}


def note(values=NOISE, judge=None, figure="multiverse", outcome="loss", choices=BASE, arms=None, estimator=None, **more):
    judge = judge or Judge()
    asked = {"seeds": SEEDS, "estimand": "a number", "unit": "", "region": (None, -0.1)} | more
    judge.specification(figure, estimator or Last(), *(arms or [arm(values)]), outcome=outcome, choices=choices, **asked)
    return judge


def refused(judge=None, **more):
    judge = judge or Judge()
    before = list(judge.specifications)
    with pytest.raises(MeasurementError) as error:
        note(judge=judge, **more)
    assert judge.specifications == before, "nothing is noted of what was refused"
    return str(error.value)


def test_specification_is_measured_like_an_exploration():
    judge = note(NOISE - 0.2)
    judge.explore("the same", Last(), arm(NOISE - 0.2), seeds=SEEDS, estimand="a number", unit="")
    (found,), (explored,) = judge.specifications, judge.explorations
    shared = ("estimand", "unit", "n", "estimate", "interval", "note")
    assert [found[name] for name in shared] == [explored[name] for name in shared]
    assert found["estimate"] == pytest.approx(np.mean(NOISE) - 0.2) and found["n"] == 8 and found["note"] == ""


def test_intervals_are_those_by_which_a_part_is_judged():
    judge = note(NOISE)
    judge.equivalent("part", Last(), arm(NOISE), seeds=SEEDS, estimand="a number", to=0.0, margin=Margin(0.1, "m"))
    assert judge.verdict is SUPPORTED
    assert judge.specifications[0]["interval"] == judge.parts[0]["interval"]


def test_specification_is_no_part_and_has_no_verdict():
    judge = note()
    assert judge.parts == judge.explorations == judge.maps == judge.controls == [] and judge.verdict is INVALID
    assert not {"verdict", "p_raw", "margin", "reason"} & judge.specifications[0].keys()


def test_record_holds_what_was_asked():
    (found,) = plain(note(base=True).specifications)
    assert list(found) == [
        "figure", "outcome", "estimand", "unit", "region", "choices", "base", "n", "estimate", "interval", "note",
    ]  # fmt: skip
    assert (found["figure"], found["outcome"], found["choices"], found["base"]) == ("multiverse", "loss", BASE, True)


@pytest.mark.parametrize(
    "region, held",
    [
        ((None, -0.1), [None, -0.1]),
        ((-0.1, None), [-0.1, None]),
        ((-math.inf, 1), [None, 1.0]),
        ((-0.1, np.float64(0.1)), [-0.1, 0.1]),
    ],
)
def test_open_end_of_a_region_is_null(region, held):
    assert plain(note(region=region).specifications)[0]["region"] == held


def test_unit_is_a_log_ratio_and_the_protocol_not_the_published_one_unless_said():
    judge = Judge()
    asked = {"choices": BASE, "seeds": SEEDS, "estimand": "a ratio", "region": (0, 1)}
    judge.specification("m", PAIRED, arm(NOISE), arm(NOISE[::-1]), outcome="o", **asked)
    assert (judge.specifications[0]["unit"], judge.specifications[0]["base"]) == ("log10 ratio", False)


def test_choices_become_text_in_the_order_of_the_first():
    judge = note(choices={"start": "matched", "factors": 3, "step": 0.01})
    note(judge=judge, choices={"step": 0.1, "factors": None, "start": True})
    assert [list(found["choices"].items()) for found in judge.specifications] == [
        [("start", "matched"), ("factors", "3"), ("step", "0.01")],
        [("start", "True"), ("factors", "None"), ("step", "0.1")],
    ]


@pytest.mark.parametrize(
    "arms, estimator, words",
    [
        ([arm(NOISE), arm(NOISE[:3])], PAIRED, "the arms have 8 and 3 seeds"),
        ([arm([math.nan, *NOISE[1:]])], None, "seed 1000: it gave no finite number"),
        ([arm(np.ones(8))], None, "all seeds gave the same number"),
    ],
)
def test_what_cannot_be_measured_is_noted_with_its_reason(arms, estimator, words):
    (found,) = plain(note(arms=arms, estimator=estimator).specifications)
    assert found["note"].startswith(words)
    assert found["estimate"] is None and found["interval"] == {"90": [None, None], "95": [None, None]}


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_seeds_give_no_number(n):
    (found,) = plain(note(NOISE[:n], seeds=SEEDS[:n]).specifications)
    assert found["estimate"] is None and found["n"] == n and "too few" in found["note"]


def test_figures_and_outcomes_stand_for_themselves():
    judge = note(base=True)
    note(judge=judge, outcome="time", region=(-0.1, None), base=True)
    note(judge=judge, figure="own", choices={"width": 4}, estimand="another", unit="steps", base=True)
    assert [len(found["choices"]) for found in judge.specifications] == [2, 2, 1]


# ---- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "choices, named",
    [
        ({"start": "matched"}, "start"),
        ({"start": "a", "width": "2"}, "start, width"),
        (BASE | {"step": "b"}, "start, factors, step"),
    ],
)
@pytest.mark.parametrize("outcome", ["loss", "time"])
def test_other_dimensions_than_the_first_of_the_figure(choices, named, outcome):
    assert refused(note(), choices=choices, outcome=outcome) == (
        f"a specification of the figure 'multiverse' chooses {named}, its first one start, factors: "
        "all must choose in the same dimensions"
    )


def test_no_choice_at_all():
    assert refused(choices={}) == "a specification of the figure 'multiverse' makes no choice: name a value for each dimension"


@pytest.mark.parametrize(
    "region, ends",
    [
        ((0.1, -0.1), "from 0.1 to -0.1"),
        ((0.1, 0.1), "from 0.1 to 0.1"),
        ((math.inf, None), "from inf to inf"),
        ((math.nan, 1), "from nan to 1"),
    ],
)
def test_region_that_is_none(region, ends):
    assert refused(region=region) == (
        f"the region of 'loss' in the figure 'multiverse' runs {ends}: its low end must be below its high end"
    )


def test_region_without_an_end():
    assert refused(region=(None, None)).endswith("has no end: every number would lie in it")


@pytest.mark.parametrize("again", [BASE, dict(reversed(BASE.items())), {"start": "published", "factors": 2}])
def test_same_choices_twice(again):
    assert refused(note(), choices=again) == (
        "the specification (start = published, factors = 2) of 'loss' in the figure 'multiverse' is noted twice: "
        "each needs choices of its own"
    )


@pytest.mark.parametrize(
    "other, words",
    [
        ({"estimand": "another"}, "has the estimand 'another', one before it 'a number'"),
        ({"unit": "steps"}, "has the unit 'steps', one before it ''"),
        ({"region": (0, 1)}, "has the region [0.0, 1.0], one before it [-inf, -0.1]"),
    ],
)
def test_one_curve_has_one_axis(other, words):
    assert f"{words}: they share one axis" in refused(note(), choices=BASE | {"factors": "3"}, **other)


def test_one_published_protocol():
    message = refused(note(base=True), choices=BASE | {"factors": "3"}, base=True)
    assert message.endswith("is said to be the published protocol, and so is (start = published, factors = 2)")


def test_what_was_put_in_the_wrong_place_is_told_and_not_noted():
    judge = Judge()
    with pytest.raises(TypeError, match="Last is a class"):
        judge.specification("m", Last, arm(NOISE), outcome="o", choices=BASE, seeds=SEEDS, estimand="e", region=(0, 1))
    assert judge.specifications == []
