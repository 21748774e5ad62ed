"""Sweeps over step sizes: the same trajectories as single descents, and the choices that rules make of them."""

import numpy as np
import pytest

from models.lp import (
    PLAIN,
    SCALAR_DEPTH,
    BesideTarget,
    ConditionedRegression,
    ConstantStepSize,
    LpRegression,
    NearZero,
    ProductOf,
)
from training import Descent
from training.machine import Machine
from training.sweep import Chosen, Grid, Sweep, SweepRuns, share_of_largest, shared, tuned

SEEDS = range(3)
PROBLEM = LpRegression(p=4)
COARSE = Grid(-6, 3, per_octave=2)


def swept(network=PLAIN, grid=COARSE, *, steps=2000, seeds=SEEDS, start=None):
    what = Sweep(PROBLEM, network, start or (BesideTarget() if network == PLAIN else NearZero(scale=0.5)), grid, steps)
    return what.gather(seeds, what.train(seeds, Machine()))


def made(error, *, landed=None, low=0, per_octave=1):
    """Return runs with the given late errors (seeds, points) of exponent -1/2 and errors of one at the start."""
    error = np.array(error, dtype=float)
    times = 1000 * 10.0 ** np.linspace(-3, 0, 25)
    curves = error[:, :, None] * (times / times[-1]) ** -0.5
    flags = np.zeros(error.shape) if landed is None else np.array(landed, dtype=float)
    grid = Grid(low, low + error.shape[1] - 1, per_octave)
    return SweepRuns(tuple(range(len(error))), grid, times, curves, np.ones(len(error)), flags)


# ---- trajectories ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", [PLAIN, SCALAR_DEPTH], ids=lambda network: network.name)
def test_every_step_size_gives_the_descent_at_that_step_size(network):
    runs = swept(network)
    for place in (0, 4, 7):
        single = Descent(PROBLEM, network, BesideTarget() if network == PLAIN else NearZero(scale=0.5),
            ConstantStepSize(eta=float(COARSE.rates[place])), 2000, records=2000)  # fmt: skip
        with np.errstate(all="ignore"):
            expected = np.linalg.norm(single.train(SEEDS, Machine())["residual"][:, :, -1], axis=1)
        assert np.array_equal(runs.error[:, place, -1], expected, equal_nan=True)


def test_seeds_beyond_one_batch_give_the_same_bits():
    many, few = swept(seeds=range(19)), swept(seeds=[17, 18])
    assert np.array_equal(many.error[17:], few.error, equal_nan=True)


def test_the_last_three_decades_are_recorded():
    times = swept().times
    assert len(times) == 25 and (times[0], times[-1]) == (2, 2000)
    with pytest.raises(ValueError, match="A sweep of 1000 steps has no 3 decades"):
        Sweep(PROBLEM, PLAIN, BesideTarget(), COARSE, 1000)


def test_the_edge_of_plain_descent_is_two_over_the_curvature():
    runs = swept(grid=Grid(-40, 24, per_octave=8))
    far = np.abs(BesideTarget().factors(PROBLEM, PLAIN, SEEDS)[0][:, 0] - PROBLEM.targets(SEEDS)).max(axis=1)
    edges = runs.grid.rates[runs.edge()] * far**2
    assert ((edges < 2) & (edges > 2 * 2 ** (-1 / 8))).all()


@pytest.mark.parametrize(("network", "octaves"), [(PLAIN, 4), (SCALAR_DEPTH, 6)], ids=["plain", "scalar-depth"])
def test_scale_cancels_where_step_sizes_are_free(network, octaves):
    """y -> 4 y and weights -> 2 weights scale every error by 4 at a step size 4^(p-2) times smaller, 4^(p-1) with depth."""
    errors = []
    for scale, low in ((1.0, -32), (4.0, -32 - 8 * octaves)):
        problem, near = ConditionedRegression(p=4, scale=scale, condition=10), NearZero(scale=0.125 * scale**0.5)
        start = ProductOf(network=SCALAR_DEPTH, start=near) if network == PLAIN else near
        what = Sweep(problem, network, start, Grid(low, low + 48), 2000)
        errors.append(what.train(SEEDS, Machine())["error"])
    both = np.isfinite(errors[0]) & np.isfinite(errors[1])
    assert both.mean() > 0.5
    np.testing.assert_allclose(errors[1][both], 4 * errors[0][both], rtol=1e-9)


def test_a_step_that_lands_on_the_target_is_told_and_not_settled():
    what = BesideTarget(low=1.0, high=1.0)  # eta |Delta|^2 = 1 at eta = 1: one step meets the target
    runs = swept(start=what, grid=Grid(-2, 1, per_octave=2))
    assert runs.landed[:, runs.grid.rates == 1.0].all() and not runs.landed[:, runs.grid.rates != 1.0].any()
    assert not runs.settled(-0.5)[:, runs.grid.rates == 1.0].any() and runs.stable.all()
    assert runs.grid.rates[runs.best(-0.5, [0, 1])] != 1.0 or runs.best(-0.5, [0, 1]) == -1


# ---- choices -----------------------------------------------------------------------------------------------------


def test_the_edge_is_below_the_first_failure_after_a_success():
    runs = made([[0.1, 0.1, np.nan, 0.1, np.nan], [0.1, 0.1, 0.1, 0.1, 0.1], [np.inf, 0.1, 0.1, 0.9, 0.1]])
    assert runs.edge().tolist() == [1, -1, 2]


def test_the_best_is_the_lowest_mean_log_error_among_those_where_all_settle():
    runs = made([[0.3, 0.2, 0.1, 0.01, 0.4], [0.3, 0.2, 0.1, np.nan, 0.4]])
    assert runs.best(-0.5, [0, 1]) == 2
    assert runs.best(-0.5, [0]) == 3


def test_a_best_on_the_edge_of_the_grid_is_none():
    assert made([[0.3, 0.2, 0.1]]).best(-0.5, [0]) == -1
    assert made([[0.1, 0.2, 0.3]]).best(-0.5, [0]) == -1
    assert made([[np.nan, np.nan, np.nan]]).best(-0.5, [0]) == -1


def test_an_error_of_another_exponent_has_not_settled():
    runs = made([[0.1, 0.1, 0.1]])
    assert runs.settled(-0.5).all() and not runs.settled(-0.25).any()


def test_a_shared_step_size_is_half_the_smaller_edge():
    first, second = made([[0.1, 0.1, 0.1, np.nan]], low=0), made([[0.1, 0.1, np.nan]], low=-2)
    assert [rates.tolist() for rates in shared(first, second)] == [[0.25], [0.25]]
    assert [rates.tolist() for rates in share_of_largest(first, second)] == [[2.0], [0.25]]


def test_no_edge_is_no_step_size():
    first, second = made([[0.1, 0.1]]), made([[0.1, np.nan]])
    assert np.isnan(shared(first, second)).all()
    assert np.isnan(share_of_largest(first, second)[0]).all() and share_of_largest(first, second)[1].tolist() == [0.5]


def test_tuning_uses_its_own_seeds_and_gives_one_step_size_to_all():
    runs = made([[0.3, 0.1, 0.2, 0.4], [0.3, 0.2, 0.1, 0.4], [0.3, 0.2, 0.1, 0.4]])
    first, second = tuned(runs, runs, exponent=-0.5, tuning=[0])
    assert first.tolist() == second.tolist() == [2.0, 2.0, 2.0]
    assert tuned(runs, runs, exponent=-0.5, tuning=[1, 2])[0].tolist() == [4.0, 4.0, 4.0]


def test_chosen_step_sizes_go_by_seed():
    rule = Chosen(((7, 0.5), (8, 0.25)))
    assert rule.rates(PROBLEM, np.ones((2, 2)), [8, 7]).tolist() == [0.25, 0.5]
    with pytest.raises(ValueError, match="No step size was chosen for seed 9"):
        rule.rates(PROBLEM, np.ones((1, 2)), [9])


def test_grids_of_one_fineness_share_their_points_and_span_what_they_are_asked_to():
    grid = Grid.spanning(0.3, 5.0)
    assert grid.rates[0] <= 0.3 < grid.rates[1] and grid.rates[-2] < 5.0 <= grid.rates[-1]
    assert set(Grid(-3, 3).rates) <= set(Grid(-9, 9).rates)
    with pytest.raises(ValueError, match="holds no range"):
        Grid(3, 3)
