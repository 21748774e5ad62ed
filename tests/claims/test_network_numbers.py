"""Numbers that the claims on networks read off runs, and the choice of a learning rate."""

from types import SimpleNamespace

import numpy as np
import pytest

from claims.network_numbers import READ_LATE, at_equal_cross_entropy, late_curves, late_level, lowest_common, norms
from claims.numbers_of_seeds import as_curves
from claims.step_sizes import GRID, best_rate, tuned_arms, tuned_curves
from evidence import LATE, Curves, LevelRatio
from models.arms import NORMAL, OVERPARAMETERIZED
from training import VARIED
from training.machine import Machine
from training.network import NetworkRuns

STEPS = np.array([0.0, 10.0, 20.0])


def runs(cross_entropy, weights=((1.0, -2.0), (0.5, 3.0))):
    """Return runs of two seeds whose end-to-end matrices hold these weights at every record."""
    size = np.abs(np.array(weights))
    powers = np.stack([(size**q).sum(axis=1) for q in (1, 2, 3, 4)], axis=1)
    whole = np.repeat(powers[:, None], len(STEPS), axis=1)
    losses = np.array(cross_entropy, dtype=float)
    return NetworkRuns(
        seeds=(0, 1), steps=STEPS, cross_entropy=losses, penalty=np.ones_like(losses), accuracy=np.ones_like(losses),
        held_out=np.ones((2, 2)), powers=whole, squares=whole[:, :, :1],
    )  # fmt: skip


FALLING = [[3.0, 2.0, 1.0], [3.0, 1.0, 0.5]]


@pytest.mark.parametrize("power", [1, 2, 3, 4])
def test_a_norm_is_the_root_of_the_sum_of_powers(power):
    found = norms(runs(FALLING), power)
    np.testing.assert_allclose(found[:, -1], [np.linalg.norm([1, -2], power), np.linalg.norm([0.5, 3], power)])


def test_values_are_read_where_the_cross_entropy_first_is_at_the_level():
    values = np.array([[0.0, 10.0, 20.0], [0.0, 1.0, 2.0]])
    found = at_equal_cross_entropy(values, runs(FALLING), np.array([1.0, 1.0]))
    np.testing.assert_allclose(found, [20.0, 1.0])


def test_a_level_that_is_never_reached_gives_no_number():
    found = at_equal_cross_entropy(np.ones((2, 3)), runs(FALLING), np.array([0.1, 1.0]))
    assert np.isnan(found[0]) and found[1] == 1


def test_the_lowest_common_cross_entropy_is_reached_by_all_runs():
    one, other = runs(FALLING), runs([[3.0, 0.2, 0.8], [3.0, 2.0, 1.5]])
    level = lowest_common(one, other)
    np.testing.assert_array_equal(level, [1.0, 1.5])
    for each in (one, other):
        assert np.isfinite(at_equal_cross_entropy(np.ones((2, 3)), each, level)).all()


def test_numbers_become_curves_of_one_record():
    one, other = as_curves([1.0, 2.0], np.array([3, 4]))
    assert one.values.shape == other.values.shape == (2, 1) and other.values.dtype == np.float64


@pytest.mark.parametrize(
    ("losses", "chosen"), [((5, 2, 1, 3, 4), 0.04), ((1, 2, 3, 4, np.nan), 0.01), ((np.nan,) * 4 + (7,), 0.16)]
)
def test_the_best_learning_rate_has_the_lowest_late_loss_and_one_that_diverges_is_never_chosen(losses, chosen):
    runs = [SimpleNamespace(steps=STEPS, total=np.full((2, 3), loss, dtype=float)) for loss in losses]
    assert best_rate(runs) == chosen


def test_all_grids_are_trained_at_once_on_the_seeds_that_follow_the_judged_ones():
    asked = []

    def train(*arms, seeds):
        asked.append((len(arms), list(seeds)))
        best = {"normal": 0.02, "overparameterized": 0.08}
        far = [abs(np.log2(arm.recipe.learning_rate / best[arm.arm])) for arm in arms]
        return [SimpleNamespace(steps=STEPS, total=np.full((4, 3), 1.0 + each)) for each in far]

    arms = tuned_arms(train, VARIED["smoke"], (NORMAL, OVERPARAMETERIZED), range(10, 18))
    assert asked == [(2 * len(GRID), [18, 19, 20, 21])] and {arm.recipe.recorded_from for arm in arms} == {0.0}
    assert [(arm.arm, arm.recipe.learning_rate) for arm in arms] == [("normal", 0.02), ("overparameterized", 0.08)]


def test_early_losses_do_not_choose_a_learning_rate():
    runs = [SimpleNamespace(steps=STEPS, total=np.array([[9.0 - i, 9.0 - i, 1.0 + i]])) for i, _ in enumerate(GRID)]
    assert best_rate(runs) == GRID[0]


def test_late_curves_are_those_of_the_seeds_asked_for():
    steps = np.array([0.0, 79.0, 80.0, 100.0])
    found = late_curves(SimpleNamespace(seeds=(4, 5, 6), steps=steps, total=np.arange(12.0).reshape(3, 4)), "total", (6, 4))
    assert found.times.tolist() == [80, 100] and found.values.tolist() == [[10, 11], [2, 3]]


@pytest.mark.parametrize("network", [NORMAL, OVERPARAMETERIZED], ids=lambda network: network.name)
def test_a_training_that_is_read_late_alone_gives_the_bits_of_one_that_is_recorded_in_full(network):
    protocol = VARIED["smoke"].with_(digits=640, evaluated=64, epochs=4)
    full, late = (
        each.gather((7, 8), each.train((7, 8), Machine()))
        for each in (protocol.arm(network), protocol.with_(**READ_LATE).arm(network))
    )
    assert 1 < len(late.steps) < len(full.steps) / 4
    for quantity in ("total", "cross_entropy", "penalty", "accuracy"):
        one, other = (late_curves(runs, quantity, (8, 7)) for runs in (full, late))
        assert np.array_equal(one.times, other.times) and np.array_equal(one.values, other.values)


def test_late_levels_make_the_late_ratio():
    steps = np.linspace(0, 100, 31)
    first, second = (Curves(steps, np.exp(np.outer(slopes, steps / 50))) for slopes in ([-1.0, -2.0], [-0.5, -1.5]))
    ratio = LevelRatio(LATE).measure(first, second).values
    assert np.log10(late_level(first) / late_level(second)) == pytest.approx(ratio, rel=1e-12)
    assert late_level(Curves(steps, np.full((2, 31), 0.3))) == pytest.approx([0.3, 0.3])


@pytest.mark.parametrize("rates, readable", [((0.04, 0.02), True), ((0.04, GRID[0]), False), ((GRID[-1], 0.04), False)])
def test_tuned_curves_cannot_be_read_where_a_rate_is_at_an_end_of_the_grid(rates, readable):
    arms = [VARIED["smoke"].with_(learning_rate=rate).arm(NORMAL) for rate in rates]
    curves = tuned_curves(arms, [Curves(STEPS, np.full((2, 3), level)) for level in (1.0, 0.5)])
    assert all(np.isfinite(each.values).all() == readable for each in curves)
    assert all((each.times == STEPS).all() for each in curves)
