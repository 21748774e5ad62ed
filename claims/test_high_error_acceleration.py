"""Appendix A, figure: where the acceleration is."""

import numpy as np
import pytest

from evidence import END, REFUTED, Contrast, Curves, Difference, FallTime, LeftWhen, LevelRatio, Margin, claim
from models.lp import PLAIN, SCALAR_DEPTH, LpRegression, NearZero, ProductOf, StepSize
from training import Descent

START = NearZero(scale=0.1)
TENTH = 0.1
"""The high-error regime is above a tenth of the error at the start; s has done most of its change when a tenth of it is left."""
MOST = Margin(0.1, "most is more than half; planted effects are a tenth of the whole")


@claim(
    "high-error-acceleration",
    "Appendix A, figure",
    position=335,
    family="theory",
    expect=REFUTED,
    refuted_in=("*: speed-up",),
    because="read as a speed-up, the acceleration is smaller at high error than at low error, and does not end",
    finding="Both are true of the figure, in its vertical direction: three quarters of the final gap between the curves at p = "
    "4, and nine tenths at p = 6, are gained while the error is above a tenth of its start, and 95 % of the change of s "
    "comes then. In the horizontal direction the acceleration does not end: depth is slower to half of the error at p = 4, "
    "three times as fast to a tenth, four times to a hundredth, and stays so for every smaller error, since s² keeps its "
    "value. When s has done 90 % of its change only about half of the final gap is there at p = 4. A sentence that keeps "
    "to this: the curves part in the high error regime, while s changes; from then on depth stays ahead by the same factor "
    "in time.",
)
@pytest.mark.parametrize("p", [4, 6], ids="p{}".format)
def test_high_error_acceleration(p, train, judge, budget):
    """Note that the effect of acceleration is in the high error regime - this is also when the scalar s undergoes the most change.

    Scope: scalar depth against plain descent from the same function near zero, as in the report's figure, with a shared step
    size; p = 4 (the figure's) and p = 6; two targets of size 1 to 2. The regime of high error is that above a tenth of the
    error at the start.

    Two readings of "the effect of acceleration" are judged. In the figure it is the vertical gap between the two curves, the
    difference of their log errors at equal times: at the end (t = 10¹²) depth must be lower; most of this gap must have been
    gained when the error with depth has fallen to a tenth; most of the change of s must have come by then; and most of the gap
    must be there when s has done 90 % of its change. "Most" is more than half. As a speed-up it is the horizontal one, the
    ratio of the two arms' times to an error: it must be larger for a tenth of the error at the start than for a hundredth.
    """
    seeds = budget.seeds(smoke=8, standard=32, paper=100)
    problem, step_size = LpRegression(p=p), StepSize(layers=2)
    deep, plain = train(
        Descent(problem, SCALAR_DEPTH, START, step_size, 10**12, stepped=10**5),
        Descent(problem, PLAIN, ProductOf(network=SCALAR_DEPTH, start=START), step_size, 10**12, stepped=10**5),
        seeds=seeds,
    )
    times = np.append(0, deep.times)
    errors = [np.concatenate([_first(problem, seeds), runs.error], axis=1) for runs in (deep, plain)]
    gap = np.log10(errors[1] / errors[0])
    gap_left = Curves(times, 1 - gap / gap[:, -1:])
    s_left = Curves(times, _left_of_change(np.concatenate([_factors(problem, seeds)[1][:, 0], deep.outer], axis=1)))
    fast, slow = (Curves(times, error) for error in errors)
    judge.lower(
        f"p = {p}: acceleration",
        LevelRatio(END),
        fast,
        slow,
        seeds=seeds,
        estimand="error at the end with scalar depth, relative to that without",
        margin=Margin(0.1, "the sign is asked for; planted effects are a tenth of a decade (26 %)"),
    )
    _judge_gap(judge, p, gap_left, s_left, fast, seeds)
    _judge_times(judge, p, fast, slow, seeds)
    if p == 4:
        judge.curve("high-error", "scalar-depth", "error", times[1:], errors[0][:, 1:])
        judge.curve("high-error", "plain", "error", times[1:], errors[1][:, 1:])


def _factors(problem, seeds):
    return START.factors(problem, SCALAR_DEPTH, seeds)


def _first(problem, seeds):
    """Return the error at the start, (seeds, 1)."""
    inner, outer = _factors(problem, seeds)
    return np.linalg.norm(outer[:, 0] * inner[:, 0] - problem.targets(seeds), axis=1)[:, None]


def _left_of_change(s):
    """Return the share of its change that s has still before it, (seeds, records)."""
    return np.abs(s[:, -1:] - s) / np.abs(s[:, -1:] - s[:, :1])


def _judge_gap(judge, p, gap_left, s_left, error, seeds):
    """Judge, on shares that are left when the regime ends, that most came before."""
    for name, quantity, clock, estimand in (
        ("gap", gap_left, error, "share of the final gap between the arms' log errors that is gained below a tenth of the first error"),
        ("change of s", s_left, error, "share of the change of s that comes below a tenth of the first error"),
        ("gap while s changes", gap_left, Curves(s_left.times, np.maximum(s_left.values, 1e-12)),
         "share of the final gap that is gained after s has done 90 % of its change"),
    ):  # fmt: skip
        judge.lower(
            f"p = {p}: {name}", LeftWhen(TENTH), quantity, clock, seeds=seeds, estimand=estimand, by=-0.5, margin=MOST,
            unit="share of the whole",
        )  # fmt: skip


def _judge_times(judge, p, fast, slow, seeds):
    """Judge that the speed-up is larger at high error, as a ratio of the times to a tenth and to a hundredth of the first error."""
    # The square root of an error falls to a tenth when the error falls to a hundredth.
    rooted = [Curves(arm.times, np.sqrt(arm.values)) for arm in (fast, slow)]
    judge.lower(
        f"p = {p}: speed-up",
        Contrast(FallTime(TENTH), (1, -1, -1, 1)),
        fast,
        slow,
        *rooted,
        seeds=seeds,
        estimand="time to a tenth of the first error, scalar depth relative to none, less the same for a hundredth",
        margin=Margin(np.log10(1.25), "the sign is asked for; planted effects are 25 % in time"),
    )
    for share, words in ((0.5, "half"), (0.1, "a tenth"), (0.01, "a hundredth")):
        judge.explore(
            f"p = {p}: time to {words}", Difference(FallTime(share)), fast, slow, seeds=seeds,
            estimand=f"time to {words} of the first error, scalar depth relative to none",
        )  # fmt: skip
