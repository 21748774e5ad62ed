"""What a verdict costs once the trajectories are there: one part with its controls, at the standard number of seeds."""

import numpy as np
import pytest

from evidence import EARLY, Curves, Difference, LateExponent, LevelRatio, Margin, TimeRatio
from evidence.judge import Judge

TIMES = np.geomspace(1, 1e7, 281)
STEPS = np.unique(np.round(1710 * np.linspace(0, 1, 31) ** 2))


def power_laws(seed, n=32):
    rng = np.random.default_rng(seed)
    return Curves(TIMES, rng.uniform(1, 2, (n, 1)) * TIMES**-0.25 * (1 + rng.uniform(0, 0.5, (n, 1)) * TIMES**-0.25))


def losses(seed, n=24):
    rng = np.random.default_rng(seed)
    return Curves(STEPS, np.exp(-STEPS / 400 + 0.1 * rng.normal(size=(n, len(STEPS)))))


PARTS = {
    "an exponent against theory": ("equivalent", LateExponent(), (power_laws,), {"to": -0.25}),
    "two exponents, paired": ("equivalent", Difference(LateExponent()), (power_laws, power_laws), {"to": 0.0}),
    "two levels, paired": ("not_lower", LevelRatio(EARLY), (losses, losses), {}),
    "two times, paired": ("lower", TimeRatio(0.5), (losses, losses), {}),
}


@pytest.mark.parametrize("name", PARTS)
def test_one_part_with_controls(benchmark, name):
    method, estimator, makers, more = PARTS[name]
    arms = [make(seed) for seed, make in enumerate(makers)]

    def judged():
        judge = Judge()
        seeds = range(len(arms[0]))
        getattr(judge, method)("part", estimator, *arms, seeds=seeds, estimand="e", margin=Margin(0.1, "m"), **more)
        return judge

    assert benchmark(judged).controls


def test_six_parts_of_the_largest_claim(benchmark):
    arms = [power_laws(0), power_laws(1)]

    def judged():
        judge = Judge()
        for name in "abcdef":
            judge.equivalent(
                name, Difference(LateExponent()), *arms, seeds=range(32), estimand="e", to=0.0, margin=Margin(0.1, "m")
            )
        return judge

    assert len(benchmark(judged).parts) == 6
