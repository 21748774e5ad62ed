"""The same estimate from the same runs, had they ended earlier."""

import numpy as np
import pytest

from evidence.drift import GapTrend
from evidence.estimators import Curves
from evidence.judge import Judge
from evidence.ratios import LATE, LevelRatio
from evidence.region import Margin
from evidence.sensitivity import SHARES, shorter
from evidence.slopes import LateExponent
from tests.evidence.numbers import Last, arm

STEPS = np.linspace(0, 100, 101)
NOISE = np.array([[-0.02], [0.01], [0.02], [-0.01]])


def bending(early, late):
    """Two arms whose log ratio is `early` in the first half of the steps and `late` after it."""
    gap = np.where(STEPS <= 50, early, late) + NOISE
    return Curves(STEPS, 10**gap), Curves(STEPS, np.ones_like(gap))


def test_cut_curves_are_read_as_if_the_runs_had_ended_there():
    half, tenth = shorter(LevelRatio(LATE), bending(0.3, -0.3), range(4))
    assert (half["share"], tenth["share"]) == SHARES
    assert half["estimate"] == pytest.approx(0.3) == tenth["estimate"]
    assert half["interval"]["90"][0] < 0.3 < half["interval"]["90"][1] < half["interval"]["95"][1]


def test_whole_runs_of_the_same_length_give_the_same_number():
    first, second = bending(0.3, -0.3)
    whole = LevelRatio(LATE).measure(Curves(STEPS[:51], first.values[:, :51]), Curves(STEPS[:51], second.values[:, :51]))
    assert shorter(LevelRatio(LATE), (first, second), range(4))[0]["estimate"] == pytest.approx(whole.values.mean(), abs=0)


def test_exponents_that_still_change_are_seen():
    times = np.geomspace(1, 1e8, 321)
    slow = Curves(times, times**-0.5 * (1 + 5 * times**-0.1 * (1 + NOISE)))
    half, decade = shorter(LateExponent(), [slow], range(4))
    whole = LateExponent().measure(slow).values.mean()
    assert abs(decade["estimate"] + 0.5) > abs(half["estimate"] + 0.5) > abs(whole + 0.5)


@pytest.mark.parametrize(
    ("estimator", "arms", "why"),
    [
        (GapTrend((60, 100)), bending(0.3, -0.3), "no record is left in a window of fixed times"),
        (Last(), [arm(NOISE.ravel())], "a single record cannot be cut"),
        (LevelRatio(LATE), (bending(0, 0)[0], Curves(2 * STEPS, bending(0, 0)[1].values)), "arms of different times"),
        (LevelRatio(LATE), [Curves(STEPS, np.ones((4, 101)))] * 2, "nothing varies over seeds"),
    ],
)
def test_what_cannot_be_cut_is_left_out(estimator, arms, why):
    assert shorter(estimator, arms, range(4)) == [], why


def test_judge_notes_it_with_every_part_and_decides_as_before():
    judge = Judge()
    asked = {"seeds": range(4), "estimand": "e", "margin": Margin(0.1, "m")}
    judge.lower("late", LevelRatio(LATE), *bending(0.3, -0.3), **asked)
    judge.exact("same", np.zeros(4), range(4), estimand="e", tolerance=0.1, planted=np.ones(4), again=np.zeros(4))
    late, same = judge.parts
    assert late["verdict"] == "supported" and [each["share"] for each in late["shorter"]] == [*SHARES]
    assert "shorter" not in same


def test_part_that_is_invalid_has_none():
    judge = Judge()
    judge.lower("broken", LevelRatio(LATE), *bending(0.3, np.nan), seeds=range(4), estimand="e", margin=Margin(0.1, "m"))
    assert judge.parts[0]["verdict"] == "invalid" and judge.parts[0]["shorter"] == []
