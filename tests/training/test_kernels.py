"""The compiled kernels take the report's steps: compared with NumPy, with exact arithmetic, with themselves."""

import tracemalloc
from concurrent.futures import CancelledError

import numpy as np
import pytest

from models.lp import (
    PLAIN,
    SCALAR_DEPTH,
    AlongDescent,
    Balanced,
    BesideTarget,
    LinearNetwork,
    LpRegression,
    MatrixRegression,
    NearZero,
    StepSize,
    end_to_end_matrix,
)
from tests.training.reference import exact_fma, numpy_descent
from training import lanes
from training.kernels import descend, pack, unpack
from training.steps import NUMPY, Arithmetic, changes, moved

DEEP = [LinearNetwork(layers=n, width=w) for n, w in [(2, 3), (3, 1), (3, 4), (4, 2)]]
MATRIX = LinearNetwork(layers=3, width=3, inputs=2, outputs=2)
ALL = [PLAIN, SCALAR_DEPTH, *DEEP, MATRIX]
TIMES = np.array([1, 2, 10, 100, 300])
SAME = {"rtol": 1e-12, "atol": 1e-13}
"""Rounding: a few hundred steps of a few operations on numbers of size one."""


def named(network):
    return f"{network.name}-{'x'.join(map(str, network.sizes))}"


def begin(network, p, seeds=range(5)):
    """Return the factors, residual (n, entries) and rates with which a descent starts."""
    problem = MatrixRegression(p=p, singular=(1.5, 1.0)) if network == MATRIX else LpRegression(p=p)
    start = BesideTarget() if network == PLAIN else Balanced(scale=0.7) if network == MATRIX else NearZero(scale=0.5)
    factors = start.factors(problem, network, seeds)
    residual = end_to_end_matrix(factors).reshape(len(seeds), -1) - problem.targets(seeds).reshape(len(seeds), -1)
    return factors, residual, StepSize(layers=network.layers).rates(problem, residual, seeds)


# ---- the same numbers -------------------------------------------------------------------------------------------


CASES = [
    *((PLAIN, p) for p in (2, 2.5, 7.3)),
    *((SCALAR_DEPTH, p) for p in (2.5, 3, 4)),
    *((deep, 4) for deep in DEEP),
    (MATRIX, 8),
]


@pytest.mark.parametrize(("network", "p"), CASES, ids=[f"{named(network)}-p{p}" for network, p in CASES])
def test_the_kernel_takes_the_steps_of_numpy(network, p):
    factors, residual, rates = begin(network, p)
    found = descend(network, p, factors, residual, rates, TIMES).residual
    expected = numpy_descent(factors, residual.reshape(5, network.outputs, network.inputs), rates, p, TIMES)
    assert np.abs(found[-1]).max() < np.abs(found[0]).max()
    np.testing.assert_allclose(found, expected, **SAME)


EXACT = [(PLAIN, 4), (PLAIN, 2.5), (SCALAR_DEPTH, 3), (SCALAR_DEPTH, 4), (LinearNetwork(layers=3, width=4), 4)]


@pytest.mark.parametrize(("network", "p"), EXACT, ids=[f"{named(network)}-p{p}" for network, p in EXACT])
def test_every_bit_is_that_of_exact_arithmetic_rounded_where_the_step_says(network, p):
    """The same step on NumPy arrays, with a b + c computed by rational arithmetic and rounded once."""
    exact = Arithmetic(exact_fma, NUMPY.absolute, NUMPY.sqrt, NUMPY.power)
    factors, residual, rates = begin(network, p)
    state = list(pack(network, factors, residual)[:, :5])
    for _ in range(25):
        state = moved(state, changes(network, p, state, rates, exact), exact.fma)
    assert np.array_equal(descend(network, p, factors, residual, rates, np.array([25])).state, np.array(state))


@pytest.mark.parametrize("p", [3, 4])
def test_integer_and_float_p_are_the_same_kernel(p):
    start = begin(PLAIN, p)
    whole, floating = (descend(PLAIN, q, *start, TIMES).residual for q in (p, float(p)))
    assert np.array_equal(whole, floating)


def test_a_width_of_one_is_scalar_depth_whatever_else_is_recorded():
    start = begin(SCALAR_DEPTH, 4)
    found = descend(SCALAR_DEPTH, 4, *start, TIMES)
    assert np.array_equal(found.outer[-1], found.state[-1])
    assert np.array_equal(found.residual[-1], found.state[:2])


# ---- lanes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("network", "p"), EXACT, ids=[f"{named(network)}-p{p}" for network, p in EXACT])
def test_a_trajectory_gives_the_same_bits_alone_and_among_others(network, p):
    seeds = range(147)  # more than one block, and no whole number of vectors
    factors, residual, rates = begin(network, p, seeds)
    together = descend(network, p, factors, residual, rates, TIMES)
    for lane in (0, 7, 64, 146):
        one = slice(lane, lane + 1)
        alone = descend(network, p, [factor[one] for factor in factors], residual[one], rates[one], TIMES)
        assert np.array_equal(alone.residual[:, :, 0], together.residual[:, :, lane])
        assert np.array_equal(alone.state[:, 0], together.state[:, lane])


@pytest.mark.parametrize("network", [PLAIN, LinearNetwork(layers=4, width=8)], ids=named)
def test_a_trajectory_that_overflows_leaves_the_others_alone(network):
    factors, residual, rates = begin(network, 4)
    calm = descend(network, 4, factors, residual, rates, TIMES).residual
    rates = np.where(np.arange(5) == 2, 1e3, rates)
    found = descend(network, 4, factors, residual, rates, TIMES).residual
    assert not np.isfinite(found[-1, :, 2]).all()
    assert np.array_equal(np.delete(found, 2, axis=2), np.delete(calm, 2, axis=2))


def test_records_depend_neither_on_each_other_nor_on_their_number():
    start = begin(SCALAR_DEPTH, 4)
    every = descend(SCALAR_DEPTH, 4, *start, np.arange(1, 101)).residual
    few = descend(SCALAR_DEPTH, 4, *start, np.array([10, 100])).residual
    assert np.array_equal(every[[9, 99]], few)


TOLD = {
    "many": (np.unique(np.logspace(0, 4, 161).astype(int)), 20),
    "even": (np.arange(0, 1001, 10), 20),
    "few": (np.array([3, 10]), 2),
    "one": (np.array([7]), 1),
    "the start": (np.array([0]), 1),
    "the start, and late": (np.array([0, 1000]), 2),
    "none": (np.array([], dtype=int), 0),
    "twice": (np.array([5, 5]), 1),
}


@pytest.mark.parametrize(("times", "most"), TOLD.values(), ids=TOLD)
def test_progress_is_told_at_records_a_bounded_number_of_times(times, most):
    told = []
    descend(PLAIN, 4, *begin(PLAIN, 4), times, progress=told.append)
    assert (np.diff([0.0, *told]) >= 0).all() and told.count(1.0) == bool(len(times)) == len(told[-1:])
    assert len(told) <= most and (len(told) > most / 2 or not most)


def test_progress_can_stop_descent():
    told = []

    def stop(share):
        told.append(share)
        raise CancelledError

    with pytest.raises(CancelledError):
        descend(PLAIN, 4, *begin(PLAIN, 4), np.arange(1, 1001), progress=stop)
    assert told == [0.05]


def test_the_start_is_left_alone_and_may_be_recorded():
    factors, residual, rates = begin(SCALAR_DEPTH, 4)
    before = [factor.copy() for factor in factors], residual.copy()
    found = descend(SCALAR_DEPTH, 4, factors, residual, rates, np.array([0, 5]))
    assert np.array_equal(found.residual[0].T, residual)
    assert all(map(np.array_equal, [*factors, residual], [*before[0], before[1]]))


@pytest.mark.parametrize("size", [1, 2, 5, 8, 9, 30, 90, 2000])
def test_blocks_are_whole_vectors_wide_for_short_programs_alone(size):
    assert lanes.block_of(size) % lanes.LANES == 0
    assert (lanes.block_of(size) > lanes.LANES) == (size <= 8)


def test_memory_is_that_of_the_records_whatever_the_number_of_steps():
    def peak(steps):
        start = begin(SCALAR_DEPTH, 4, range(200))
        tracemalloc.start()
        descend(SCALAR_DEPTH, 4, *start, np.array([1, steps]))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)  # compiles
    assert peak(20_000) == pytest.approx(peak(200), rel=0.1)


# ---- what does not fit --------------------------------------------------------------------------------------------


def test_factors_of_another_network_are_refused_before_the_kernel_reads_beyond_them():
    factors, residual, rates = begin(SCALAR_DEPTH, 4)
    wide = begin(LinearNetwork(layers=3, width=4), 4)[0]
    for wrong in (factors[:1], wide, [factors[0][:3], factors[1]]):
        with pytest.raises(ValueError, match=r"are not those of 5 networks of widths \(2, 1, 1\)"):
            descend(SCALAR_DEPTH, 4, wrong, residual, rates, TIMES)
    with pytest.raises(ValueError, match=r"\(5, 1\), .* are not those of"):
        descend(SCALAR_DEPTH, 4, factors, residual[:, :1], rates, TIMES)


def test_rates_and_times_that_do_not_fit_are_refused():
    factors, residual, rates = begin(SCALAR_DEPTH, 4)
    with pytest.raises(ValueError, match=r"\(4,\) learning rates do not fit 5 trajectories"):
        descend(SCALAR_DEPTH, 4, factors, residual, rates[:4], TIMES)
    for times in ([10, 5], [-1, 5]):
        with pytest.raises(ValueError, match="do not rise from 0 on"):
            descend(SCALAR_DEPTH, 4, factors, residual, rates, np.array(times))


# ---- packing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", ALL[1:], ids=named)
def test_unpacking_undoes_packing(network):
    factors, residual, _ = begin(network, 4)
    state = pack(network, factors, residual)
    assert state.shape[1] % lanes.block_of(len(state)) == 0
    assert np.array_equal(state[: residual.shape[1], :5].T, residual)
    assert all(map(np.array_equal, unpack(network, state[:, :5]), factors))


@pytest.mark.parametrize("network", ALL[1:], ids=named)
def test_the_residual_is_that_of_the_product_of_the_factors(network):
    factors, residual, rates = begin(network, 4)
    found = descend(network, 4, factors, residual, rates, TIMES)
    change = end_to_end_matrix(unpack(network, found.state)) - end_to_end_matrix(factors)
    np.testing.assert_allclose(found.residual[-1].T - residual, change.reshape(5, -1), rtol=0, atol=1e-13)


# ---- the residual as state ----------------------------------------------------------------------------------------


def float32_error(target, start, rate, steps):
    """Return the error of plain descent for p = 3 that keeps the parameter alone, in float32."""
    target, w, rate = np.float32(target), np.float32(start), np.float32(rate)
    for _ in range(steps):
        delta = w - target
        w -= rate * delta * abs(delta)
    return float(abs(w - target))


def test_a_residual_as_state_does_not_stall_where_a_float32_parameter_does():
    steps, rate = 40_000, 0.5
    closed_form = 1 / (rate * steps)
    stuck = [float32_error(1.3, 1.9, rate, n) for n in (steps // 2, steps)]
    found = descend(PLAIN, 3, [], np.array([[0.6, 0.6]]), np.array([rate]), np.array([steps])).residual
    assert stuck[0] == stuck[1] > 3 * closed_form
    assert found[0, 0, 0] == pytest.approx(closed_form, rel=0.01)


def test_balanced_factors_stay_balanced_as_the_flow_keeps_them():
    network, problem = LinearNetwork(layers=3, width=4), LpRegression(p=4)
    factors = AlongDescent(scale=0.5).factors(problem, network, range(3))
    residual = end_to_end_matrix(factors)[:, 0] - problem.targets(range(3))
    rates = np.full(3, 1e-4)
    first, second, _ = unpack(network, descend(network, 4, factors, residual, rates, np.array([20_000])).state)
    np.testing.assert_allclose(second.mT @ second, first @ first.mT, atol=1e-3)
