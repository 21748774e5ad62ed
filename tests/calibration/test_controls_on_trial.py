"""The controls themselves: they hardly ever condemn a sound judge, and catch an unsound one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from evidence import Curves, LevelRatio, Margin, Measured
from evidence.judge import Judge
from tests.calibration.simulate import at_most, noise

TIMES = np.array([1.0, 2.0, 3.0])
EXPERIMENTS = 200
WIDE = Margin(1.0, "one")


@dataclass(frozen=True)
class Level:
    """The last value of one arm."""

    paired: bool = field(default=False, init=False)

    def measure(self, *arms):
        return Measured(np.log10(arms[0].values[:, -1]))

    def plant(self, shift, *arms):
        return (arms[0].scaled(10.0**shift),)


@dataclass(frozen=True)
class Crooked:
    """A comparison that is off by half a margin in favour of its first arm."""

    paired: bool = field(default=True, init=False)

    def measure(self, *arms):
        return Measured(LevelRatio((1.0, 1.0)).measure(*arms).values - 0.5)

    def plant(self, shift, *arms):
        return LevelRatio((1.0, 1.0)).plant(shift, *arms)


@dataclass(frozen=True)
class Deaf(Level):
    """An estimator that gives half of any effect."""

    def measure(self, *arms):
        return Measured(0.5 * np.log10(arms[0].values[:, -1]))


def arm(numbers):
    return Curves(TIMES, 10.0 ** np.repeat(numbers[:, None], 3, axis=1))


def identical(judge):
    return next(control for control in judge.controls if control["name"] == "A/A")


@pytest.mark.parametrize("n", [6, 12, 32])
def test_identical_arms_hardly_ever_condemn_a_sound_superiority_claim(n, found):
    first, second = noise("normal", (EXPERIMENTS, n), 14), noise("normal", (EXPERIMENTS, n), 15)
    condemned = 0
    for deep, normal in zip(first, second, strict=True):
        judge = Judge()
        judge.lower("part", LevelRatio((1.0, 1.0)), arm(deep - 1.0), arm(normal), seeds=range(n), estimand="a level", margin=WIDE)
        condemned += identical(judge)["passed"] is False
    found["controls"].append(
        {"control": "A/A, paired arms, superiority", "n": n, "rate": condemned / EXPERIMENTS, "experiments": EXPERIMENTS}
    )
    assert at_most(condemned, EXPERIMENTS, 0.02)


@pytest.mark.parametrize("n", [6, 12, 32])
def test_halves_of_one_arm_hardly_ever_condemn_a_sound_equivalence_claim(n, found):
    condemned = 0
    for numbers in noise("normal", (EXPERIMENTS, n), 16):
        judge = Judge()
        judge.equivalent("part", Level(), arm(0.5 * numbers), seeds=range(n), estimand="a level", to=0.0, margin=WIDE)
        condemned += identical(judge)["passed"] is False
    found["controls"].append(
        {"control": "A/A, halves of one arm, equivalence", "n": n, "rate": condemned / EXPERIMENTS, "experiments": EXPERIMENTS}
    )
    assert at_most(condemned, EXPERIMENTS, 0.02)


@pytest.mark.parametrize("n", [12, 28])
def test_comparison_that_favours_one_arm_is_caught_by_identical_arms(n, found):
    caught = 0
    for numbers in 0.5 * noise("normal", (EXPERIMENTS, 2, n), 17):
        judge = Judge()
        judge.lower("part", Crooked(), *map(arm, numbers), seeds=range(n), estimand="a level", margin=WIDE)
        caught += identical(judge)["passed"] is False and judge.verdict == "invalid"
    row = {"control": "A/A, a comparison off by half a margin, superiority", "n": n, "good": "high"}
    found["controls"].append(row | {"rate": caught / EXPERIMENTS, "experiments": EXPERIMENTS})
    assert caught >= 0.9 * EXPERIMENTS


@pytest.mark.parametrize("n", [12, 28])
def test_estimator_that_halves_effects_is_caught_by_planted_ones(n, found):
    caught = 0
    for numbers in 0.3 * noise("normal", (EXPERIMENTS, n), 18):
        judge = Judge()
        judge.equivalent("part", Deaf(), arm(numbers), seeds=range(n), estimand="a level", to=0.0, margin=WIDE)
        caught += judge.verdict == "invalid"
    row = {"control": "planted violation, an estimator that halves effects", "n": n, "good": "high"}
    found["controls"].append(row | {"rate": caught / EXPERIMENTS, "experiments": EXPERIMENTS})
    assert caught >= 0.9 * EXPERIMENTS
