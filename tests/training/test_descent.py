"""A descent records what it says, when it says, in the shapes it says."""

import dataclasses
from concurrent.futures import CancelledError
from dataclasses import replace

import numpy as np
import pytest

from models.lp import (
    PLAIN,
    SCALAR_DEPTH,
    AtZero,
    BesideTarget,
    LinearNetwork,
    LpRegression,
    NearZero,
    ProductOf,
    StepSize,
    end_to_end,
)
from training import Descent, DescentRuns
from training.machine import Machine
from training.steps import state_size

PROBLEM = LpRegression(p=4)
DEEP = LinearNetwork(layers=3, width=4)
NETWORKS = [PLAIN, SCALAR_DEPTH, DEEP, LinearNetwork(layers=2, width=3)]


def arm(network=PLAIN, *, steps=100, records="log"):
    start = BesideTarget() if network == PLAIN else NearZero(scale=0.3)
    return Descent(PROBLEM, network, start, StepSize(layers=network.layers), steps, records)


# ---- times ------------------------------------------------------------------------------------------------------


def test_logarithmic_records_run_from_the_first_step_to_the_last():
    times = arm(steps=10**6).times
    assert (times[0], times[-1]) == (1, 10**6)
    assert (np.diff(times) > 0).all()
    assert times.dtype == np.int64


def test_logarithmic_records_are_forty_a_decade_where_whole_steps_allow():
    times = arm(steps=10**6).times
    assert [((10**k <= times) & (times < 10 ** (k + 1))).sum() for k in (3, 4, 5)] == [40, 40, 40]


@pytest.mark.parametrize("steps", [1, 2, 7, 1234, 999_983])
def test_the_last_step_is_recorded_for_any_number_of_steps(steps):
    assert arm(steps=steps).times[-1] == steps


def test_even_records_begin_before_the_first_step():
    assert arm(steps=10, records=5).times.tolist() == [0, 5, 10]


def test_the_first_even_record_is_the_start():
    start = arm(DEEP, records=10)
    expected = end_to_end(start.start.factors(PROBLEM, DEEP, [3])) - PROBLEM.targets([3])
    assert np.array_equal(start.train([3], Machine())["residual"][:, :, 0], expected)


def test_a_record_does_not_depend_on_what_else_is_recorded():
    every, fifth = (arm(DEEP, records=n).train([0, 1], Machine())["residual"] for n in (1, 5))
    assert np.array_equal(every[:, :, ::5], fifth)


# ---- arrays -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_arrays_have_the_seed_first_and_are_float64(network):
    arrays = arm(network).train([4, 5, 6], Machine())
    records = arm(network).times.size
    shapes = {"times": (records,), "rates": (3,), "residual": (3, 2, records), "outer": (3, records)}
    shapes |= {"final": (3, state_size(network)), "codes": (3,), "numbers": (3,)}
    assert {name: array.shape for name, array in arrays.items()} == shapes
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float64)}
    assert all(array.flags.c_contiguous for array in arrays.values())


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_s_is_recorded_for_scalar_depth_and_nothing_else(network):
    outer = arm(network).train([0, 1], Machine())["outer"]
    assert np.isfinite(outer).all() if network == SCALAR_DEPTH else np.isnan(outer).all()


def test_runs_carry_seeds_arrays_and_the_error():
    arrays = arm().train([4, 5], Machine())
    runs = arm().gather([4, 5], arrays)
    assert isinstance(runs, DescentRuns)
    assert runs.seeds == (4, 5)
    assert runs.residual is arrays["residual"]
    assert np.allclose(runs.error, np.hypot(runs.residual[:, 0], runs.residual[:, 1]), rtol=1e-15)


def test_the_last_factors_make_the_last_residual():
    runs = arm(DEEP).gather([4, 5], arm(DEEP).train([4, 5], Machine()))
    assert [factor.shape for factor in runs.factors] == [(2, 4, 2), (2, 4, 4), (2, 1, 4)]
    np.testing.assert_allclose(end_to_end(runs.factors) - PROBLEM.targets([4, 5]), runs.residual[:, :, -1], atol=1e-13)


@pytest.mark.parametrize("stepped", [None, 10**5, 10**8], ids=["stepped", "followed", "no longer than stepped"])
def test_descending_tells_how_far_it_is_to_the_end(stepped):
    told = []
    replace(arm(SCALAR_DEPTH, steps=10**6), stepped=stepped).train([0], Machine(), told.append)
    assert told[-1] == 1.0 and (np.diff(told) >= 0).all() and 0.02 < np.diff([0.0, *told]).max() < 0.2


@pytest.mark.parametrize("at", [0.05, 0.3])
def test_descent_stops_where_it_tells(at):
    told = []

    def stop(share):
        told.append(share)
        if share >= at:
            raise CancelledError

    with pytest.raises(CancelledError):
        replace(arm(SCALAR_DEPTH, steps=10**9), stepped=10**5).train([0], Machine(), stop)
    assert at <= told[-1] < at + 0.1


def test_the_arm_is_named_after_the_network():
    assert [arm(network).arm for network in NETWORKS] == ["plain", "scalar-depth", "deep-3", "deep-2"]


def test_a_descent_is_a_value():
    assert arm() == arm()
    with pytest.raises(dataclasses.FrozenInstanceError):
        arm().steps = 3


# ---- starts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS[1:], ids=lambda network: network.name)
def test_plain_descent_starts_at_the_end_to_end_function_of_another_network(network):
    deep = arm(network, records=50)
    plain = Descent(PROBLEM, PLAIN, ProductOf(network=network, start=deep.start), deep.step_size, 100, 50)
    ours, theirs = (each.train([0, 1, 2], Machine()) for each in (plain, deep))
    assert np.array_equal(ours["residual"][:, :, 0], theirs["residual"][:, :, 0])
    assert np.array_equal(ours["rates"], theirs["rates"])
    assert not np.array_equal(ours["residual"][:, :, -1], theirs["residual"][:, :, -1])


# ---- long times -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_later_times_are_those_of_exact_steps(network):
    exact = arm(network, steps=10**6)
    jumped = dataclasses.replace(exact, stepped=10**5)
    ours, theirs = (each.train([0, 1, 2], Machine()) for each in (jumped, exact))
    early = exact.times <= 10**5
    assert np.array_equal(ours["residual"][:, :, early], theirs["residual"][:, :, early])
    np.testing.assert_allclose(ours["residual"], theirs["residual"], rtol=1e-8)
    np.testing.assert_allclose(ours["outer"], theirs["outer"], rtol=1e-8)
    np.testing.assert_allclose(ours["final"], theirs["final"], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_trillion_steps_are_reached(network):
    runs = dataclasses.replace(arm(network, steps=10**12), stepped=10**5).train([0, 1], Machine())
    assert runs["times"][-1] == 1e12
    late = np.linalg.norm(runs["residual"], axis=1)[:, -1]
    assert ((late > 0) & (late < 1e-5)).all()
    assert (runs["codes"] == 0).all()


@pytest.mark.parametrize("stepped", [1234, 10**4])
def test_exact_steps_may_end_between_records(stepped):
    jumped = dataclasses.replace(arm(steps=10**5), stepped=stepped)
    np.testing.assert_allclose(
        jumped.train([0], Machine())["residual"], arm(steps=10**5).train([0], Machine())["residual"], rtol=1e-9
    )


def test_more_exact_steps_than_steps_are_just_the_steps():
    short = dataclasses.replace(arm(SCALAR_DEPTH), stepped=10**6)
    assert np.array_equal(short.train([0], Machine())["residual"], arm(SCALAR_DEPTH).train([0], Machine())["residual"])


# ---- faults -----------------------------------------------------------------------------------------------------


def faults_at(factor, **more):
    shaky = dataclasses.replace(arm(steps=10**4), step_size=StepSize(low=1.0, high=1.0, factor=factor), **more)
    return shaky.gather([0, 1], shaky.train([0, 1], Machine())).faults


def test_a_step_size_beyond_the_edge_overflows_and_says_when():
    assert all("overflowed from t = " in sentence for sentence in faults_at(2.5).values())
    assert set(faults_at(2.5)) == {0, 1}


def test_a_step_size_within_the_edge_has_no_fault():
    assert faults_at(1.9) == {}


def test_going_on_too_early_is_refused_by_name():
    assert all("could not be followed without exact steps" in sentence for sentence in faults_at(1.9, stepped=3).values())
    assert set(faults_at(1.9, stepped=3)) == {0, 1}


def test_divergence_before_the_last_exact_step_is_told_as_such():
    assert all("it diverged" in sentence or "overflowed" in sentence for sentence in faults_at(2.05, stepped=100).values())
    assert all("overflowed from t = 24 on" in sentence for sentence in faults_at(2.5, records=50, stepped=24).values())


def test_resting_at_the_saddle_is_told_as_standing_still():
    for stepped in (None, 10**4):
        resting = Descent(PROBLEM, SCALAR_DEPTH, AtZero(), StepSize(layers=2), 10**6, stepped=stepped)
        runs = resting.gather([0], resting.train([0], Machine()))
        assert "stands still from t = 1 on" in runs.faults[0]
        assert np.isfinite(runs.residual).all()


def test_errors_below_the_root_of_the_smallest_number_are_errors_still():
    tiny = Descent(LpRegression(p=2), PLAIN, BesideTarget(), StepSize(), 2_000)
    runs = tiny.gather([0, 1], tiny.train([0, 1], Machine()))
    assert ((runs.error > 0) == (runs.residual != 0).any(axis=1)).all()


# ---- what cannot be asked for -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more", [{"steps": 0}, {"steps": -5}, {"steps": 2.5}, {"steps": 10**19}, {"records": 0}, {"stepped": 0}, {"stepped": 1.5}]
)
def test_counts_that_are_none_are_refused(more):
    ((name, value),) = more.items()
    with pytest.raises(ValueError, match=f"{name} = {value}: it must be a whole number from 1"):
        dataclasses.replace(arm(), **more)


def test_the_square_loss_has_no_power_law_to_go_on_by():
    square = {"problem": LpRegression(p=2), "steps": 10**6}
    with pytest.raises(ValueError, match="p = 2 has no power law to go on by after stepped = 100 steps: leave out stepped"):
        dataclasses.replace(arm(), **square, stepped=100)
    assert dataclasses.replace(arm(), **square, stepped=10**6).stepped == 10**6


def test_a_product_is_no_start_for_depth():
    twice = Descent(PROBLEM, SCALAR_DEPTH, ProductOf(network=SCALAR_DEPTH, start=NearZero(scale=0.3)), StepSize(layers=2), 50)
    with pytest.raises(ValueError, match="The product of scalar-depth is a start for one layer, not for 2"):
        twice.train([0], Machine())


def test_a_start_at_the_target_has_no_step_size_of_its_own():
    with pytest.raises(ValueError, match="Seed 3 starts at its target"):
        StepSize().rates(PROBLEM, np.array([[1.0, 0.0], [0.0, 0.0]]), [2, 3])


@pytest.mark.parametrize("steps", [10**15 + 1, 10**17 + 7])
def test_the_last_record_is_the_last_step_however_far(steps):
    assert arm(steps=steps).times[-1] == steps


def test_the_last_state_is_that_of_the_last_record():
    uneven = arm(SCALAR_DEPTH, steps=100, records=7).train([0, 1], Machine())
    assert np.array_equal(uneven["final"][:, :2], uneven["residual"][:, :, -1])
