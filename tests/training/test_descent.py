"""A descent records what it says, when it says, in the shapes it says."""

import dataclasses

import numpy as np
import pytest

from models.lp import PLAIN, SCALAR_DEPTH, BesideTarget, LinearNetwork, LpRegression, NearZero, ProductOf, StepSize, end_to_end
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


def test_descending_leaves_the_start_alone_and_tells_when_done():
    told = []
    arm(SCALAR_DEPTH).train([0], Machine(), told.append)
    assert told[-1] == 1.0


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
    assert all("too near the edge of stability" in sentence for sentence in faults_at(1.9, stepped=3).values())
    assert set(faults_at(1.9, stepped=3)) == {0, 1}
